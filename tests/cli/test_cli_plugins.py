"""`lumiera plugins`, the commands that plugins bring, and the broken ones that take nothing with them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
Install = Callable[..., None]

COMMAND = """\
import click
from lumiera import hookimpl

@click.command("{name}", short_help="Do as {name}.")
@click.pass_obj
def command(options):
    click.echo(f"{name} of {{options.path}} without {{options.without}}")

@hookimpl
def register_commands():
    return [command]
"""
RAISING = """\
from lumiera import hookimpl

@hookimpl
def register_commands():
    raise RuntimeError("no commands today")
"""


def rows(result: Result) -> list[list[str]]:
    """Return the table's cells."""
    table, _, _ = result.stdout.partition("\n\n")
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in table.splitlines()]


OURS = "register_stages, register_intents, on_escalations_found"


def test_plugins_are_listed_in_order_with_their_hooks(run: Run) -> None:
    result = run("plugins")
    own = version("lumiera-sql")
    assert result.exit_code == 0
    assert rows(result)[:3] == [
        ["name", "status", "version", "distribution", "hooks"],
        ["sql", "loaded", own, "lumiera-sql", "register_stores, register_stages, check_health"],
        ["essentials", "loaded", version("lumiera-essentials"), "lumiera-essentials", OURS],
    ]


def test_plugins_that_are_not_loaded_come_last_with_the_reason(run: Run) -> None:
    Path("lumiera.yaml").write_text("plugins: {essentials: false, sql: }\n")
    result = run("plugins")
    table = rows(result)[1:]
    assert [row[:2] for row in table[:2]] == [["sql", "loaded"], ["essentials", "disabled"]]
    assert all(row[1] == "disabled" for row in table[1:])
    assert "\nessentials: " in result.stdout


def test_one_that_failed_is_named_with_the_way_out(run: Run, install: Install) -> None:
    install("broken", "import a_module_that_nobody_has")
    result = run("plugins")
    assert result.exit_code == 2
    assert ["broken", "failed", "1.2", "lumiera-broken", "-"] in rows(result)
    assert (
        "\nplugins.broken: could not be imported: ModuleNotFoundError: No module named 'a_module_that_nobody_has' "
        "(__init__.py:1).\n"
        "  It needs a package that it does not declare: pip install a_module_that_nobody_has\n"
        "\nUntil then: lumiera --without broken serve; or 'broken: false' under 'plugins:', "
        "or 'broken: {critical: false}': to start without it while it fails.\n"
    ) in result.stdout


def test_one_that_the_bot_can_do_without_is_no_failure(run: Run, install: Install) -> None:
    install("broken", "import a_module_that_nobody_has")
    Path("lumiera.yaml").write_text("plugins: {sql: , broken: {critical: false}}\n")
    result = run("plugins")
    assert result.exit_code == 0
    assert ["broken", "failed", "1.2", "lumiera-broken", "-"] in rows(result)


def test_mistakes_elsewhere_do_not_keep_plugins_from_being_listed(run: Run) -> None:
    with Path("lumiera.yaml").open("a") as file:
        file.write("burts: {}\npipeline: [nonsense]\n")
    result = run("plugins")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [row[0] for row in rows(result)[1:3]] == ["sql", "essentials"]


def test_one_that_is_left_out_on_the_command_line_is_not_loaded(run: Run, install: Install) -> None:
    install("broken", "import a_module_that_nobody_has")
    result = run("--without", "broken", "plugins")
    assert result.exit_code == 0
    assert ["broken", "disabled"] in [row[:2] for row in rows(result)]


def test_a_plugins_command_runs_with_the_options_of_the_command_line(run: Run, install: Install) -> None:
    install("own", COMMAND.format(name="greet"))
    result = run("--config", "lumiera.yaml", "--without", "essentials", "greet")
    assert (result.exit_code, result.stdout) == (0, "greet of lumiera.yaml without ('essentials',)\n")


def test_a_plugins_command_is_listed_and_suggested(run: Run, install: Install) -> None:
    install("own", COMMAND.format(name="greet"))
    assert "greet Do as greet." in " ".join(run("--help").stdout.split())
    assert "Did you mean 'greet'?" in run("gret").stderr


def test_help_lists_the_commands_of_the_configuration_that_is_named(run: Run, install: Install) -> None:
    install("own", COMMAND.format(name="greet"))
    Path("lumiera.yaml").rename("other.yaml")
    assert "Do as greet." in run("--config", "other.yaml", "--help").stdout


def test_a_built_in_command_loads_no_plugin_for_its_name(
    run: Run, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("loud", "raise SystemExit('a plugin was imported')")
    assert run("serve", "--help").exit_code == 0
    assert run("--version").exit_code == 0


def test_a_plugin_cannot_replace_a_built_in_command(run: Run, install: Install) -> None:
    install("rival", COMMAND.format(name="check"))
    assert run("check").stdout.startswith("ok: 3 plugins")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import a_module_that_nobody_has", "plugins.broken: could not be imported: ModuleNotFoundError"),
        (RAISING, "plugin 'broken': register_commands: RuntimeError: no commands today"),
    ],
)
def test_a_broken_plugin_leaves_the_commands_of_others_alone(
    run: Run, install: Install, source: str, reason: str
) -> None:
    install("broken", source)
    install("own", COMMAND.format(name="greet"))
    result = run("--help")
    assert result.exit_code == 0
    assert "Commands of plugins are missing:" in result.stdout
    assert reason in " ".join(result.stdout.split())
    assert run("greet").exit_code == 0


def test_a_configuration_that_cannot_be_read_leaves_help_alone(run: Run) -> None:
    Path("lumiera.yaml").write_text("plugins: [\n")
    result = run("--help")
    assert result.exit_code == 0
    assert "lumiera.yaml:2: this is no YAML" in " ".join(result.stdout.split())


def test_a_bug_in_a_plugins_command_keeps_its_traceback(run: Run, install: Install) -> None:
    install("own", COMMAND.format(name="greet").replace("click.echo", "click.eccho"))
    with pytest.raises(AttributeError, match="eccho"):
        run("greet")
