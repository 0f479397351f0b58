"""The pages that are made of the code are what the code says now, and lack nothing."""

from __future__ import annotations

import importlib.util
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, Union, get_args, get_origin

import click
import pytest
from pydantic import BaseModel

from lumiera import hookspecs
from lumiera.cli import BUILT_IN, cli
from lumiera.cli.values import models
from lumiera.config import PIPELINE, Config
from lumiera.errors import ErrorCode, LumieraError

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["hooks.md", "settings.md", "commands.md", "errors.md", "database.md"])
def test_a_page_is_fresh(generate: ModuleType, name: str) -> None:
    assert read(name) == generate.PAGES[name](), f"docs/{name} is stale; run: uv run python docs/generate.py"


def test_every_generated_page_is_looked_at(generate: ModuleType) -> None:
    assert set(generate.PAGES) == {"hooks.md", "settings.md", "commands.md", "errors.md", "database.md"}


def test_writing_the_pages_changes_nothing_that_is_fresh(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "PAGES", {"one.md": lambda: "one\n"})
    generate.main()
    generate.main()
    assert capsys.readouterr().out == "one.md is written.\n"
    assert (tmp_path / "one.md").read_text(encoding="utf-8") == "one\n"


def leaves(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Yield the keys of a model, by another road than the generator's."""
    for name, field in model.model_fields.items():
        kind: Any = field.annotation
        if get_origin(kind) in (Union, UnionType):
            kind = next(one for one in get_args(kind) if one is not type(None))
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind, f"{prefix}{name}.")
        else:
            yield prefix + (field.alias or name)


@pytest.mark.parametrize("key", sorted(leaves(Config, "")))
def test_every_key_of_the_configuration_has_a_row(key: str) -> None:
    assert re.search(rf"^\| `{re.escape(key)}` \| [^|]+ \| [^|]* \| [^|]+ \|$", read("settings.md"), re.MULTILINE)


@pytest.mark.parametrize("plugin", ["essentials", "media", "simulator", "sql", "twilio"])
def test_every_setting_of_a_plugin_has_a_row_that_says_what_it_means(plugin: str) -> None:
    page, model = read("settings.md"), models()[plugin]
    assert f"\n### `plugins.{plugin}`\n" in page
    for key in leaves(model, f"plugins.{plugin}."):
        assert re.search(rf"^\| `{re.escape(key)}` \| [^|]+ \| [^|]* \| [^|]+\w[^|]* \|$", page, re.MULTILINE), key


def test_every_stage_of_the_default_pipeline_has_a_heading() -> None:
    for item in PIPELINE:
        name = item if isinstance(item, str) else next(iter(item))
        assert f"\n### `{name}`\n" in read("settings.md")


def paths(command: click.Command, path: str) -> Iterator[str]:
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from paths(inner, f"{path} {name}")


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_command_has_a_heading_and_every_option_a_line(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    for path in paths(command, f"lumiera {name}"):
        assert re.search(rf"^##+ `{path}`$", read("commands.md"), re.MULTILINE), path
    for option in (one for one in command.params if isinstance(one, click.Option) and not one.hidden):
        assert option.opts[0] in read("commands.md")
        assert option.help, f"lumiera {name} {option.opts[0]} does not say what it is for"


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_has_a_heading_a_meaning_and_what_to_do(code: ErrorCode) -> None:
    section = read("errors.md").partition(f"\n### `{code.value}`\n")[2].partition("\n### ")[0]
    assert f"`ErrorCode.{code.name}`. " in section
    assert "- **Do**: " in section
    assert f"error-{code.value.lower()}" not in section, "it has no text"


def kinds(root: type[Exception]) -> Iterator[type[Exception]]:
    for kind in root.__subclasses__():
        if kind.__module__ == "lumiera.errors":
            yield kind
            yield from kinds(kind)


def test_every_exception_of_the_tree_is_drawn() -> None:
    tree = read("errors.md").partition("```text\n")[2].partition("```")[0]
    assert {kind.__name__ for kind in kinds(LumieraError)} <= set(re.findall(r"\w+", tree))


def test_every_hook_has_a_heading() -> None:
    for name in (name for name, one in vars(hookspecs).items() if hasattr(one, "lumiera_spec")):
        assert f"\n### `{name}(" in read("hooks.md")


def test_every_table_and_column_says_what_it_means(generate: ModuleType) -> None:
    for module in generate.TABLES.values():
        for table in importlib.import_module(module).metadata.tables.values():
            assert table.info.get("doc"), table.name
            assert [column.name for column in table.columns if not column.doc] == [], table.name
            assert f"\n### `{table.name}`\n" in read("database.md")


def test_the_drawing_has_the_stages_in_their_order() -> None:
    drawn = ["".join(one.itertext()) for one in ET.parse(DOCS / "how-a-message-travels.svg").getroot().iter()]
    names = [item if isinstance(item, str) else next(iter(item)) for item in PIPELINE]
    places = [drawn.index(name) for name in dict.fromkeys(names)]
    assert places == sorted(places)


def test_the_page_of_the_simulator_uses_its_words() -> None:
    labels = (ROOT / "plugins/lumiera-simulator/lumiera_simulator/texts/en.ftl").read_text(encoding="utf-8")
    known = set(re.findall(r"^sim-[\w-]+ = (.+)$", labels, re.MULTILINE))
    assert set(re.findall(r"\*\*(.+?)\*\*", read("simulator.md"))) <= known
