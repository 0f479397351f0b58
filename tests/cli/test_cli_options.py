"""What stands before the command, where the configuration is found, and how a mistake is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
Install = Callable[..., None]
SHORT = "pipeline: [authenticate, consent, session, intent, route, reply, persistence]\n"  # the core's and the store's
EMPTY = f"plugins: {{sql: }}\n{SHORT}"


def counted(result: Result) -> str:
    """Return the first line of `check`, which tells configurations apart."""
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()[0]


def test_the_version_is_that_of_the_distribution(run: Run) -> None:
    assert run("--version").stdout == f"lumiera-core {version('lumiera-core')}\n"


def test_the_configuration_is_that_of_the_working_directory(run: Run) -> None:
    assert counted(run("check")).startswith("ok: 2 plugins, ")


@pytest.mark.parametrize("command", ["check", "plugins", "chat", "serve"])
def test_config_may_stand_after_the_command(run: Run, command: str) -> None:
    result = run(command, "--config", "other.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("other.yaml: there is no such file. Looked for /")


def test_config_may_stand_before_the_command(run: Run) -> None:
    Path("other.yaml").write_text(EMPTY)
    assert counted(run("--config", "other.yaml", "check")).startswith("ok: 1 plugin, ")


def test_the_later_config_wins(run: Run) -> None:
    Path("other.yaml").write_text(EMPTY)
    assert counted(run("--config", "none.yaml", "check", "--config", "other.yaml")).startswith("ok: 1 plugin, ")


def test_the_environment_names_a_configuration(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("other.yaml").write_text(EMPTY)
    monkeypatch.setenv("LUMIERA_CONFIG", "other.yaml")
    assert counted(run("check")).startswith("ok: 1 plugin, ")


def test_an_option_wins_over_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMIERA_CONFIG", "none.yaml")
    assert counted(run("--config", "lumiera.yaml", "check")).startswith("ok: 2 plugins, ")


def test_an_empty_variable_names_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMIERA_CONFIG", "")
    assert counted(run("check")).startswith("ok: 2 plugins, ")


def test_without_any_configuration_the_way_out_is_named(run: Run, folder: Path) -> None:
    Path("lumiera.yaml").unlink()
    result = run("serve")
    assert result.exit_code == 2
    assert result.stderr == (
        f"There is no lumiera.yaml in {folder}. Go to the folder that has it, or name it: "
        "lumiera --config FILE (or set LUMIERA_CONFIG).\n"
    )


def test_help_needs_no_configuration(run: Run) -> None:
    Path("lumiera.yaml").unlink()
    result = run("--help")
    assert result.exit_code == 0
    for command in ("serve", "chat", "check", "plugins"):
        assert f"\n  {command} " in result.stdout


def test_without_leaves_a_plugin_out(run: Run) -> None:
    with Path("lumiera.yaml").open("a") as file:
        file.write(SHORT)
    assert counted(run("check")).startswith("ok: 2 plugins, 7 stages, 6 intents, ")
    assert counted(run("--without", "essentials", "check")).startswith("ok: 1 plugin, 7 stages, 0 intents, ")


def test_a_stage_that_nobody_brings_is_refused(run: Run) -> None:
    result = run("--without", "essentials", "check")
    assert result.exit_code == 2
    hint = r"Plugins that are left out may bring it: (\w+, )*essentials(, \w+)*\."
    for name in ("limits", "language", "transcription", "handover", "translation"):
        assert re.search(rf"unknown stage '{name}'\. {hint}$", result.stderr, re.MULTILINE)


def test_without_a_plugin_that_is_none_is_a_mistake(run: Run) -> None:
    result = run("--without", "esentials", "check")
    assert result.exit_code == 2
    assert result.stderr == "--without esentials: there is no such plugin. Did you mean 'essentials'?\n"


def test_an_unknown_command_gets_a_suggestion(run: Run) -> None:
    result = run("srve")
    assert result.exit_code == 2
    assert "There is no command 'srve'. Did you mean 'serve'?" in result.stderr


def test_an_unknown_command_like_no_other_gets_a_way_out(run: Run) -> None:
    assert "There is no command 'xyzzy'. 'lumiera --help' lists what there is." in run("xyzzy").stderr


def test_an_unknown_command_is_perhaps_of_a_plugin_that_failed(run: Run, install: Install) -> None:
    install("broken", "import a_module_that_nobody_has")
    result = run("migrate")
    assert result.exit_code == 2
    assert "plugins.broken: could not be imported: ModuleNotFoundError" in result.stderr


@pytest.mark.parametrize(
    "arguments", [("serve", "--prot", "1"), ("serve", "--port", "x"), ("chat", "--frob"), ("--x",)]
)
def test_a_bad_option_is_a_mistake(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: lumiera")


def test_a_plugin_that_cannot_start_is_named_with_its_line(run: Run, install: Install) -> None:
    install(
        "tired",
        "from lumiera import hookimpl\n\n@hookimpl\nasync def startup(bot):\n    raise RuntimeError('not today')\n",
    )
    result = run("chat", "--say", "bonjour")
    assert result.exit_code == 2
    assert result.stderr == "plugin 'tired': startup: RuntimeError: not today (__init__.py:5)\n"


def test_a_store_that_cannot_be_opened_is_told_without_a_traceback(run: Run) -> None:
    Path("lumiera.yaml").write_text('plugins: {sql: {url: "sqlite:///no/such/folder/lumiera.db"}, essentials: }\n')
    result = run("chat", "--say", "bonjour")
    assert result.exit_code == 2
    assert "no/such/folder" in result.stderr
    assert "Traceback" not in result.stderr
