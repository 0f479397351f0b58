"""The JSON Schema that ships: fresh, and of one mind with the loader."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from lumiera.cli.schema import schema_of
from lumiera.config import Config
from lumiera.errors import ConfigError
from lumiera.loading import read_config, read_document

ROOT = Path(__file__).parent.parent
SCHEMA = ROOT / "config/lumiera.schema.json"
FILES = [ROOT / "lumiera.yaml", *sorted((ROOT / "config").glob("*.yaml"))]
BLOCKS = [  # of documents that show a configuration
    pytest.param(block, id=f"{path.parent.name}/{path.name}-{place}")
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/*/README.md")])
    for place, block in enumerate(re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL))
    if isinstance(found := yaml.safe_load(block), dict) and found.keys() <= Config.model_fields.keys()
]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


def refusals(schema: dict[str, Any], text: str) -> list[str]:
    data = yaml.safe_load(text)
    errors = Draft202012Validator(schema).iter_errors({} if data is None else data)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


def test_it_is_fresh(schema: dict[str, Any]) -> None:
    assert schema == schema_of({}), "run: uv run lumiera config schema --write"


def test_it_is_a_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_files_that_ship_are_valid_and_tell_editors_of_it(schema: dict[str, Any], path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert refusals(schema, text) == []
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named, f"{path.name} does not begin with the name of its schema"
    assert (path.parent / named[1]).resolve() == SCHEMA


@pytest.mark.parametrize("block", BLOCKS)
def test_configurations_in_documents_are_valid(schema: dict[str, Any], block: str) -> None:
    assert refusals(schema, block) == []


def test_every_key_of_the_core_says_what_it_means(schema: dict[str, Any]) -> None:
    models = {"lumiera.yaml": schema, **schema["$defs"]}
    plugins = {one["anyOf"][0]["$ref"] for one in schema["properties"]["plugins"]["properties"].values()}
    core = {name: one for name, one in models.items() if f"#/$defs/{name}" not in plugins}
    keys = {f"{name}.{key}": one for name, model in core.items() for key, one in model.get("properties", {}).items()}
    assert "Routing.fast_path" in keys
    assert "LimitsSettings.burst" in keys
    assert [key for key, one in keys.items() if not _told(schema, one)] == []


def _told(schema: dict[str, Any], node: dict[str, Any]) -> bool:
    """Say whether a key or the section that it leads to is described."""
    refs = [one["$ref"] for one in (node, *node.get("anyOf", ())) if "$ref" in one]
    return bool(node.get("description")) or any(
        schema["$defs"][ref.rpartition("/")[2]].get("description") for ref in refs if not ref.endswith("/environment")
    )


GOOD = [
    "", "web:\n", "plugins:\n", "plugins: {sql: , essentials: false}", "plugins: {sql: {critical: false}}",
    "plugins: {sql: {url: '${DATABASE_URL}'}}", "web: {port: '${PORT:-8000}'}", "web: {port: 8001, host: null}",
    "burst: {text: 0, media: 1.5s, max: 600 ms}", "burst: {text: '${PAUSE}'}", "extends: below.yaml",
    "pipeline: [authenticate, {session: {idle: 7h}}, {limits: }, route, reply, persistence]",
    "pipeline: [{authenticate: {unknown_users: refuse, plugins: [sql], on_error: escalate}}, route]",
    "routing: {intents: {help: {fast_path: 0.5}}}", "escalation: {notify: ['+33612345678', '${BOSS}']}",
    "logging: {level: debug, file: null}", "languages: [fr]",
]  # fmt: skip
BAD = [
    "burts: {}", "web: {prot: 1}", "web: {port: 99999}", "web: {port: x}", "web: 7", "routing: {fast_path: 1.2}",
    "burst: {text: 5}", "burst: {text: 5 sec}", "burst: {text: soon}", "routing: {undecided: perhaps}",
    "plugins: {sql: 3}", "plugins: {sql: true}", "plugins: {sql: {ulr: x}}", "plugins: {sqll: }", "plugins: [sql]",
    "plugins: {sql: {critical: perhaps}}", "plugins: {sql: {synchronous: none}}",
    "pipeline: [authenticate, rout, reply, persistence]", "pipeline: {authenticate: }",
    "pipeline: [{authenticate: {unknown_users: eat}}, route, reply, persistence]",
    "pipeline: [authenticate, {route: , reply: }, persistence]", "pipeline: [{limits: {per_minuet: 1}}]",
    "escalation: {notify: ['0612345678']}", "logging: {level: loud}", "retries: {tries: 0}", "languages: []",
    "routing: {intents: {help: {fastpath: 1}}}",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_what_the_loader_takes_it_takes(schema: dict[str, Any], text: str) -> None:
    assert refusals(schema, text) == []


@pytest.mark.parametrize("text", BAD)
def test_what_the_loader_refuses_it_refuses(schema: dict[str, Any], text: str) -> None:
    assert refusals(schema, text) != []


@pytest.mark.parametrize("text", [one for one in (*GOOD, *BAD) if "plugins" not in one and "pipeline" not in one])
def test_the_loader_is_of_the_same_mind(tmp_path: Path, schema: dict[str, Any], text: str) -> None:
    path = tmp_path / "lumiera.yaml"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "below.yaml").write_text("", encoding="utf-8")
    env = {"PORT": "80", "PAUSE": "3s", "BOSS": "+33612345679"}
    try:
        read_config(read_document(path, env), [])
    except ConfigError:
        assert text in BAD
    else:
        assert text in GOOD


def test_keys_are_spelt_as_the_loader_wants_them(schema: dict[str, Any]) -> None:
    assert schema["properties"].keys() - {"extends"} == Config.model_fields.keys()


def test_defaults_are_written_as_operators_write_them(schema: dict[str, Any]) -> None:
    found = {key: one["default"] for key, one in schema["$defs"]["Dialogue"]["properties"].items()}
    assert found == {"park_after": "2h", "keep": "3d"}
