"""A broken plugin never takes the command line down, and `lumiera plugins` says what to do about it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
Start = Callable[..., subprocess.Popen[bytes]]
Zoo = Callable[..., None]
ANIMALS = Path(__file__).parents[1] / "broken"
CODE = "Mend it in {file}, or tell its author; docs/hooks.md has every hook."
ADVICE = {
    "async_register": CODE,
    "bad_settings": "Give it what it must have, under 'plugins:': x: {{key: \"...\"}}",
    "default_argument": CODE,
    "exits_at_import": "Look at that line, or tell its author.",
    "import_error": "It needs a package that it does not declare: pip install a_module_that_nobody_has",
    "keyword_only": CODE,
    "misspelt_hook": CODE,
    "raises_in_hook": "Look at its settings and at that line, or tell its author.",
    "raises_in_init": "Look at its settings and at that line, or tell its author.",
    "raises_in_validator": "A plugin with `Settings` takes them: def __init__(self, settings: Settings) -> None",
    "settings_no_model": "Its `Settings` must be a pydantic model: class Settings(BaseModel): ...",
    "star_arguments": CODE,
    "sync_hook": CODE,
    "syntax_error": "Mend the line, or tell its author.",
    "tryfirst_hook": CODE,
    "unknown_argument": CODE,
    "wants_settings": "A plugin that takes settings names their model in its class: Settings = MySettings",
    "wrapper_hook": CODE,
    "wrong_return": CODE,
}
HALF_WAY = ("raises_in_hook", "wrong_return")  # they load, and fail when they are asked what they bring
MISBEHAVES_LATER = {"hangs", "raising_property"}


@pytest.fixture
def zoo(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Zoo]:
    """Install a file of the zoo, or a source, as the plugin `x`."""

    def install(animal: str, source: str = "", metadata: str = "", entry: str = "", name: str = "lumiera-x") -> None:
        site = folder / "site"
        site.mkdir(exist_ok=True)
        code = source or (ANIMALS / f"{animal}.py").read_text(encoding="utf-8")
        (site / f"{animal}.py").write_text(code, encoding="utf-8")
        distribution = site / f"{name.replace('-', '_')}-1.2.dist-info"
        distribution.mkdir()
        (distribution / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n{metadata}")
        entry = entry or animal + (":Plugin" if "class Plugin" in code else "")
        (distribution / "entry_points.txt").write_text(f"[lumiera]\nx = {entry}\n")
        monkeypatch.syspath_prepend(site)
        Path("lumiera.yaml").write_text("plugins:\n  sql:\n  essentials:\n  x:\n", encoding="utf-8")

    before = set(sys.modules)
    yield install
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]


def about(result: Result) -> list[str]:
    """Return what is said below the table, up to what is only not named."""
    _, _, rest = result.stdout.partition("\n\n")
    return [line for line in rest.partition("\nInstalled, but")[0].splitlines() if line]


def test_all_of_the_zoo_is_here() -> None:
    assert {path.stem for path in ANIMALS.glob("*.py")} == {*ADVICE, *MISBEHAVES_LATER}


@pytest.mark.parametrize("animal", ADVICE)
def test_what_to_do_fits_the_cause(run: Run, zoo: Zoo, folder: Path, animal: str) -> None:
    zoo(animal)
    result = run("plugins")
    assert result.exit_code == 2
    *wrong, advice, until_then = about(result)
    assert advice == "  " + ADVICE[animal].format(file=folder / "site" / f"{animal}.py")
    assert next(line for line in result.stdout.splitlines() if line.startswith("x ")).split()[1] == "failed"
    assert wrong
    assert not [line for line in wrong if "frozen" in line or "Reinstall" in line or "plugins.py" in line]
    assert until_then.startswith("Until then: lumiera --without x serve; or 'x: false' under 'plugins:'")
    assert ("critical" in until_then) == (animal not in HALF_WAY)


@pytest.mark.parametrize("animal", [*ADVICE, *MISBEHAVES_LATER])
def test_the_command_line_stands(run: Run, zoo: Zoo, folder: Path, animal: str) -> None:
    zoo(animal)
    shown = run("--help")
    assert (shown.exit_code, "Receive messages and answer them." in shown.stdout) == (0, True)
    assert ("'lumiera plugins' says what to do." in shown.stdout) == (animal not in {*MISBEHAVES_LATER, *HALF_WAY})
    shown = run("config", "show")
    assert (shown.exit_code, "\n  x:" in shown.stdout) == (0, True)
    assert ("'x' is left out, because it failed" in shown.stderr) == (animal not in MISBEHAVES_LATER)
    assert run("config", "schema").exit_code == 0
    assert run("--without", "x", "check").exit_code == 0
    assert run("--without", "x", "plugins").exit_code == 0
    assert run("--version").exit_code == 0


@pytest.mark.parametrize("animal", ["exits_at_import", "raises_in_hook"])
def test_without_it_the_bot_answers(run: Run, start: Start, zoo: Zoo, animal: str) -> None:
    zoo(animal)
    assert "> help" in run("--without", "x", "chat", "--say", "help").stdout
    process = start("--without", "x", "serve", "--port", "0")
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"Lumiera ")


def test_a_new_plugin_is_written_beside_a_broken_one(run: Run, zoo: Zoo) -> None:
    zoo("exits_at_import")
    result = run("new", "lift_hours")
    assert result.exit_code == 0, result.output


# --- what is wrong, and what to do


MISSING = "import lumiera_x_needs\n"


@pytest.mark.parametrize(
    ("metadata", "advice"),
    [
        (
            "Requires-Dist: lumiera-x.needs[all]>=1 ; python_version > '3'\n",
            ["It needs a package that is not installed: pip install 'lumiera-x.needs[all]>=1'"],
        ),
        (
            "Requires-Dist: lumiera-core\n",
            [
                "It needs a package that is not installed. Have all that it declares: pip install lumiera-x",
                "If 'lumiera_x_needs' is none of these, it forgot to: pip install lumiera_x_needs",
            ],
        ),
    ],
)
def test_a_missing_package_comes_with_the_command(run: Run, zoo: Zoo, metadata: str, advice: list[str]) -> None:
    zoo("hungry", MISSING, metadata)
    assert [line.strip() for line in about(run("plugins"))[1:-1]] == advice


def test_code_that_is_not_there_is_installed_again(run: Run, zoo: Zoo) -> None:
    zoo("hollow", "pass\n", entry="hollow_one:Plugin")
    assert about(run("plugins"))[1] == "  Its code is not there: pip install --force-reinstall lumiera-x"


def test_an_entry_point_that_names_nothing_is_told(run: Run, zoo: Zoo) -> None:
    zoo("hollow", "pass\n", entry="hollow:Plugn")
    told = about(run("plugins"))[1]
    assert told == "  Its entry point names 'hollow:Plugn': mend it in its pyproject.toml and install it again."


def test_an_import_that_another_version_had_asks_for_newer_ones(run: Run, zoo: Zoo) -> None:
    zoo("old", "from lumiera import Nothing\n")
    told = about(run("plugins"))[1]
    assert told == "  It and lumiera-core do not fit together: pip install --upgrade lumiera-x lumiera-core"


def test_a_python_that_is_too_old_is_told(run: Run, zoo: Zoo) -> None:
    zoo("modern", "type = = 1\n", "Requires-Python: >=3.99\n")
    assert about(run("plugins"))[1] == (
        f"  It wants Python >=3.99; this is {sys.version.split()[0]}. Install the bot with that one."
    )


def test_two_distributions_of_one_name_are_told_with_the_command(run: Run, zoo: Zoo) -> None:
    zoo("hollow", "pass\n")
    zoo("hollow", "pass\n", name="acme-x")
    assert about(run("plugins"))[1] in (
        "  Keep one of them: pip uninstall lumiera-x or acme-x",
        "  Keep one of them: pip uninstall acme-x or lumiera-x",
    )


SETTINGS = """\
from pydantic import BaseModel, Field, SecretStr

class Settings(BaseModel):
    site: str
    auth_token: SecretStr
    port: int
    sender: list[str] = Field(alias="from")
    depth: float = 1.0

class Plugin:
    Settings = Settings
    def __init__(self, settings):
        pass
"""


def test_one_that_nobody_named_is_shown_with_its_line(run: Run, zoo: Zoo) -> None:
    zoo("wishes", SETTINGS)
    Path("lumiera.yaml").write_text("plugins:\n  sql:\n", encoding="utf-8")
    result = run("plugins")
    assert result.exit_code == 0
    _, _, unnamed = result.stdout.partition("\nInstalled, but not named. To load one, add its line under 'plugins:':\n")
    assert '  x: {site: "...", auth_token: ${X_AUTH_TOKEN}, port: 1, from: []}' in unnamed.splitlines()
    assert "  essentials:" in unnamed.splitlines()


def test_the_line_that_leaves_one_out_is_named(run: Run) -> None:
    Path("lumiera.yaml").write_text("plugins:\n  sql:\n  essentials: false\n", encoding="utf-8")
    result = run("--without", "sql", "plugins")
    assert about(result) == ["sql: left out by --without", "essentials: left out at lumiera.yaml:3"]


# --- commands of plugins


@pytest.mark.parametrize(
    ("brings", "told"),
    [
        ("[42]", "register_commands brings 42, which is no command"),
        ("sys.exit('enough')", "register_commands exits: enough"),
    ],
)
def test_commands_that_are_none_leave_the_others_alone(run: Run, zoo: Zoo, brings: str, told: str) -> None:
    zoo(
        "odd", f"import sys\nfrom lumiera import hookimpl\n\n@hookimpl\ndef register_commands():\n    return {brings}\n"
    )
    result = run("--help")
    assert result.exit_code == 0
    assert told in " ".join(result.stdout.split())
    assert run("config", "show").exit_code == 0
