"""`lumiera new`: what it writes works as it stands, and what it says to do next can be typed."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml
from click.testing import Result

Run = Callable[..., Result]
Install = Callable[..., None]
ROOT = Path(__file__).parents[2]
NINE = ("fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar")
CONFIG = 'plugins:\n  sql: {url: "sqlite:///lumiera.db"}\n  essentials:\n'


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go into a folder that has nothing in it."""
    place = tmp_path / "empty"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Do what `pip install -e` does, without its network, for the processes that a test starts."""

    def write(*projects: Path) -> None:
        for project in projects:
            told = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            about = tmp_path / "site" / f"{told['name'].replace('-', '_')}-{told['version']}.dist-info"
            about.mkdir(parents=True)
            needs = "".join(f"Requires-Dist: {one}\n" for one in told["dependencies"])
            readme = (project / told["readme"]).read_text(encoding="utf-8")
            head = f"Metadata-Version: 2.1\nName: {told['name']}\nVersion: {told['version']}\n{needs}"
            (about / "METADATA").write_text(f"{head}\n{readme}", encoding="utf-8")
            points = [f"{name} = {place}\n" for name, place in told["entry-points"]["lumiera"].items()]
            (about / "entry_points.txt").write_text("".join(["[lumiera]\n", *points]), encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (tmp_path / "site", *projects))))

    return write


def typed(*words: str, cwd: Path) -> str:
    """Run a module of Python in a folder and return what it prints; it must not complain."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=cwd, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout


# --- a plugin ------------------------------------------------------------------------------------------------------


def test_a_plugin_is_a_package_with_texts_examples_tests_and_a_readme(run: Run, empty: Path) -> None:
    assert run("new", "depot-hours").exit_code == 0
    files = {path.relative_to(empty).as_posix() for path in empty.rglob("*") if path.is_file()}
    package = "lumiera-depot-hours/depot_hours"
    assert files == {
        *(f"lumiera-depot-hours/{one}" for one in ("pyproject.toml", "README.md", "tests/test_depot_hours.py")),
        *(f"{package}/{one}" for one in ("__init__.py", "py.typed", "examples.yaml")),
        *(f"{package}/texts/{language}.ftl" for language in NINE),
    }
    for file in files:
        text = (empty / file).read_text(encoding="utf-8")
        assert "<<" not in text, file
        assert len(text.splitlines()) <= 60, file
    assert set(yaml.safe_load((empty / package / "examples.yaml").read_text(encoding="utf-8"))) == set(NINE)


def test_its_versions_are_bounded_by_ours(run: Run, empty: Path) -> None:
    run("new", "depot-hours")
    told = tomllib.loads((empty / "lumiera-depot-hours/pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    major, minor, _ = map(int, version.split("."))
    needs = [*told["dependencies"], *told["optional-dependencies"]["dev"]]
    assert all("<" in one for one in needs)
    ours = [one for one in needs if one.startswith("lumiera-")]
    assert len(ours) == 4
    assert all(one.endswith(f">={major}.{minor},<{major}.{minor + 1}") for one in ours)


def test_it_passes_its_tests_as_it_stands(run: Run, empty: Path, install: Install) -> None:
    run("new", "depot-hours")
    install(project := empty / "lumiera-depot-hours")
    tested = typed("pytest", "-n0", "-v", cwd=project)
    assert "8 passed" in tested
    for rule in ("package", "hooks", "settings", "examples", "texts", "dialogues"):
        assert f"test_contract[{rule}] PASSED" in tested


@pytest.mark.parametrize("name", ["x", "depot-hours", "material-reservations"])
def test_its_code_is_tidy_whatever_its_name(run: Run, empty: Path, name: str) -> None:
    run("new", name)
    typed("ruff", "check", cwd=empty / f"lumiera-{name}")
    typed("ruff", "format", "--check", cwd=empty / f"lumiera-{name}")


@pytest.mark.slow
def test_its_code_is_typed(run: Run, empty: Path) -> None:
    run("new", "depot-hours")
    typed("mypy", "--strict", "depot_hours", "tests", cwd=empty / "lumiera-depot-hours")


@pytest.mark.slow
def test_two_in_a_row_answer_and_check_warns_of_neither(run: Run, empty: Path, install: Install) -> None:
    for name in ("hours", "depot-hours"):
        assert run("new", name).exit_code == 0
    (empty / "lumiera.yaml").write_text(f"{CONFIG}  hours:\n  depot_hours:\n", encoding="utf-8")
    install(empty / "lumiera-hours", empty / "lumiera-depot-hours")
    first, *warnings = typed("lumiera", "check", cwd=empty).splitlines()
    assert first == "ok: 4 plugins, 12 stages, 8 intents, 9 languages"
    assert [line for line in warnings if "reviewed" not in line] == []
    said = ("hours", "Tomorrow", "DEPOT HOURS !", "2", "a question about depot hours")
    talked = typed("lumiera", "chat", *(part for one in said for part in ("--say", one)), cwd=empty)
    assert "Demain : pour « hours », appelez le +33 1 99 00 00 00." in talked
    assert "Demain : pour « depot hours », appelez le +33 1 99 00 00 00." in talked
    assert talked.endswith("Depot hours: for which day?\n   1. Today\n   2. Tomorrow\n")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Depot", "use lower-case letters"),
        ("depot hours", "use lower-case letters"),
        ("2nd", "use lower-case letters"),
        ("../escape", "use lower-case letters"),
        ("dépôt", "use lower-case letters"),
        ("opening-hours-of-the-depot", "holds 21 characters"),
        ("essentials", "is installed"),
        ("class", "'class' already"),
        ("json", "'json' already"),
        ("lumiera_sql", "'lumiera_sql' already"),
        ("tests", "'tests' already"),
        ("help", "intent 'help' of 'essentials'"),
        ("menu", "intent 'greeting' of 'essentials'"),
        ("human", "text 'human-menu'"),
        ("moment", "text 'moment-today'"),
        ("resume", "text 'resume'"),
    ],
)
def test_a_name_that_cannot_work_is_refused_with_the_reason(run: Run, empty: Path, name: str, reason: str) -> None:
    result = run("new", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert list(empty.iterdir()) == []


def test_nothing_that_is_there_is_touched(run: Run, empty: Path) -> None:
    (empty / "lumiera-depot-hours").mkdir()
    (empty / "lumiera-depot-hours/notes.txt").write_text("mine", encoding="utf-8")
    result = run("new", "depot-hours")
    assert result.exit_code == 2
    assert result.stderr == (
        "lumiera-depot-hours is not empty: notes.txt is in it. Nothing is written; name another folder.\n"
    )
    assert [path.name for path in (empty / "lumiera-depot-hours").iterdir()] == ["notes.txt"]


def test_a_folder_with_an_environment_or_a_repository_counts_as_empty(run: Run, empty: Path) -> None:
    for hidden in (".git", ".venv"):
        (empty / hidden).mkdir()
    assert run("new", "depot-hours", ".").exit_code == 0
    assert (empty / "depot_hours/__init__.py").is_file()


def test_a_folder_that_cannot_be_written_is_told_in_a_line(run: Run, empty: Path) -> None:
    (empty / "file").write_text("", encoding="utf-8")
    result = run("new", "depot-hours", "file/inside")
    assert result.exit_code == 2
    assert result.stderr.endswith(" cannot be written: Not a directory. Name another folder.\n")


# --- what to do next -----------------------------------------------------------------------------------------------


def test_the_next_steps_are_those_of_uv_under_uv(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV", "/somewhere/uv")
    steps = run("new", "depot-hours").stdout.splitlines()
    assert '     uv pip install -e "lumiera-depot-hours[dev]"' in steps
    assert "       depot_hours:" in steps
    assert "     uv run lumiera serve --reload" in steps
    assert f"     cd {folder / 'lumiera-depot-hours'} && uv run --no-project pytest" in steps
    assert "4. Open the page whose address it prints, and write: depot hours" in steps
    assert "new bot" not in "\n".join(steps)  # there is a lumiera.yaml


def test_they_are_those_of_pip_in_an_environment_that_is_activated(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = folder / "env/bin"
    programs.mkdir(parents=True)
    for name in ("python", "lumiera"):
        (programs / name).touch(mode=0o755)
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    monkeypatch.setenv("PATH", str(programs))
    steps = run("new", "depot-hours").stdout.splitlines()
    install = next(line for line in steps if "[dev]" in line)
    assert install.split(" install ")[0].strip() in ("python -m pip", "uv pip")  # an environment of uv has no pip
    assert "     lumiera serve --reload" in steps
    assert steps[-3].endswith(" && python -m pytest")


def test_they_name_the_environment_where_none_is_activated(
    run: Run, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = str(empty / "my env/bin/python")
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setattr(sys, "executable", python)
    monkeypatch.setenv("PATH", "")
    steps = run("new", "depot-hours", "other place/hours").stdout.splitlines()
    assert f'     "{python}" -m lumiera serve --reload' in steps
    assert any(f'"{python}"' in line and line.endswith('-e "other place/hours[dev]"') for line in steps)
    assert f'     "{python}" -m lumiera new bot' in steps  # there is no lumiera.yaml here


# --- the folder of a bot -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["lumiera.yaml", "config/production.yaml", "config/texts/README.md"])
def test_a_bot_is_configured_as_the_repository_is(run: Run, empty: Path, file: str) -> None:
    assert run("new", "bot", "site").exit_code == 0
    written = (empty / "site" / file).read_text(encoding="utf-8")
    template = f"lumiera/cli/templates/bot/{file}.txt"
    assert written == (ROOT / file).read_text(encoding="utf-8"), f"copy {file} to {template}"


def test_it_works_as_it_stands(run: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("new", "bot", "site")
    commands = [line.strip() for line in result.stdout.splitlines() if line.startswith("  ")]
    assert commands[0] == "cd site"
    assert [line.rpartition("lumiera ")[2] for line in commands[1:]] == ["check", "serve"]
    monkeypatch.chdir(empty / "site")
    assert run("check").stdout.startswith("ok: 4 plugins, ")
    schema = (empty / "site/config/lumiera.schema.json").read_text(encoding="utf-8")
    assert schema == run("config", "schema").stdout
    assert "lumiera.db" not in {path.name for path in empty.rglob("*")}


def test_its_readme_names_commands_that_there_are(run: Run, empty: Path) -> None:
    run("new", "bot", ".")
    readme = (empty / "README.md").read_text(encoding="utf-8")
    named = [line.split()[1] for line in readme.splitlines() if line.startswith("lumiera ") and "--config" not in line]
    assert len(named) == 5
    for name in named:
        assert run(name, "--help").exit_code == 0
    assert {".venv/", ".env", "*.db"} <= set((empty / ".gitignore").read_text(encoding="utf-8").splitlines())


def test_plugins_that_are_not_installed_are_commented_out_with_the_way_to_them(
    run: Run, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def some(group: str) -> object:
        return entry_points(group=group).select(name="sql")

    monkeypatch.setattr("lumiera.cli.new.entry_points", some)
    assert run("new", "bot", ".").exit_code == 0
    text = (empty / "lumiera.yaml").read_text(encoding="utf-8")
    assert list(yaml.safe_load(text)["plugins"]) == ["sql"]
    for name in ("simulator", "media", "essentials"):
        hint = f"  # Not installed: pip install lumiera-{name}, then take the # off the next line.\n  # {name}:"
        assert hint in text
    assert text.replace("  # simulator:", "  simulator:").count("\n  simulator:") == 1


def test_a_second_bot_does_not_overwrite_the_first(run: Run, empty: Path) -> None:
    run("new", "bot")
    (empty / "bot/lumiera.yaml").write_text("language: de\n", encoding="utf-8")
    result = run("new", "bot")
    assert result.exit_code == 2
    assert "Nothing is written" in result.stderr
    assert (empty / "bot/lumiera.yaml").read_text(encoding="utf-8") == "language: de\n"
