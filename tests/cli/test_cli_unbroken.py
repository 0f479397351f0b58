"""Commands that start nothing work while the bot cannot start: a plugin is broken or left out, a stage is unknown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
Install = Callable[..., None]
COMMANDS = (
    ("escalations", "list"), ("escalations", "close", "1"), ("dead", "list"), ("outbox",), ("explain",),
    ("explain", "last"), ("config", "show"), ("config", "explain", "pipeline[2]"), ("texts", "export"),
)  # fmt: skip


@pytest.fixture
def used(folder: Path, run: Run) -> Path:
    """A bot with its plugins that somebody asked for a human; returns its configuration."""
    path = folder / "lumiera.yaml"
    path.write_text(
        'plugins:\n  sql: {url: "sqlite:///lumiera.db"}\n  essentials:\n'
        "pipeline:\n  - authenticate\n  - consent\n  - limits: {burst: 7}\n  - session: {timezone: Asia/Tokyo}\n"
        "  - intent: {plugins: [essentials]}\n  - route\n  - reply\n  - persistence\n"
        "routing: {intents: {escalate_to_human: {fast_path: 0.5}}}\n",
        encoding="utf-8",
    )
    assert run("chat", "--say", "je veux parler au chef", "--say", "le mur penche").exit_code == 0
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_plugin_that_brings_stages_may_be_left_out(used: Path, run: Run, command: tuple[str, ...]) -> None:
    result = run("--without", "essentials", *command)
    assert result.exit_code == 0, result.output
    assert result.stderr == (
        "The configuration has mistakes that do not matter here: 'lumiera --without essentials check' tells them.\n"
    )


def test_a_plugin_that_brings_stages_may_be_broken(used: Path, run: Run, install: Install) -> None:
    text = used.read_text()
    install("essentials", "import a_module_that_nobody_has")  # first on the path, its distribution hides the real one
    used.write_text(text)
    result = run("escalations", "list")
    assert "le mur penche" in result.stdout
    assert result.stderr == "'essentials' is left out, because it failed: 'lumiera plugins' says what to do.\n"


def test_the_stages_that_go_with_a_broken_plugin_are_named(used: Path, run: Run, install: Install) -> None:
    text = used.read_text()
    install("essentials", "import a_module_that_nobody_has")
    used.write_text(text)
    told = run("plugins").stdout.splitlines()
    assert "Take out of 'pipeline:' as well what nobody else brings: limits." in told
    used.write_text(text.replace("  - limits: {burst: 7}\n", ""))
    assert "Take out of" not in run("plugins").stdout


def test_what_it_shows_is_what_there_is(used: Path, run: Run) -> None:
    listed = run("escalations", "list").stdout
    assert "le mur penche" in listed
    without = run("--without", "essentials", "escalations", "list").stdout
    assert without.split("  ", 2)[2] == listed.split("  ", 2)[2]  # the times of day too: the zone is the session's


def test_settings_of_a_stage_that_nobody_brings_are_shown_as_they_are_written(used: Path, run: Run) -> None:
    shown = run("--without", "essentials", "config", "show").stdout
    assert "\n- limits: {burst: 7}\n" in shown
    assert "\n- session: {idle: 7h, day: '06:00-20:00', rule: boundary, timezone: Asia/Tokyo, " in shown
    assert "lumiera.yaml:7" in run("--without", "essentials", "config", "explain", "pipeline[2].limits.burst").stdout


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("pipeline: 7", "lumiera.yaml:2: pipeline: expected a list, got 7."),
        ("pipeline: [authenticate, {}]", "lumiera.yaml:2: pipeline[1]: expected one stage"),
        ("burst: 7", "lumiera.yaml:2: burst: expected keys with values"),
    ],
)
def test_what_cannot_be_read_is_told(folder: Path, run: Run, written: str, told: str) -> None:
    Path("lumiera.yaml").write_text(f"plugins: {{sql: , essentials: }}\n{written}\n", encoding="utf-8")
    for command in (["outbox"], ["config", "show"]):
        result = run(*command)
        assert result.exit_code == 2
        assert told in result.stderr


def test_a_store_that_is_left_out_is_told(used: Path, run: Run) -> None:
    result = run("--without", "sql", "outbox")
    assert result.exit_code == 2
    assert result.stderr == "lumiera.yaml:1: plugins: exactly one must bring the store; now: none.\n"


def test_a_plugin_that_there_is_not_cannot_be_left_out(used: Path, run: Run) -> None:
    result = run("--without", "essentails", "--without", "essentials", "outbox")
    assert (result.exit_code, result.stderr.startswith("--without essentails: there is no such plugin.")) == (2, True)
