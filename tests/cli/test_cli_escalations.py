"""`lumiera escalations`: the operator sees who waits, answers, and hands back, beside the running bot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner, Result

from lumiera.app import Lumiera
from lumiera.channel import Capabilities
from lumiera.cli import cli
from lumiera.cli.options import Options
from lumiera.testing import KitChannel, TestBot

T = TypeVar("T")
Run = Callable[..., Result]
ANNA, PHONE = "+33700000001", "+33600000001"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestBot:
    """A bot in the working directory that has been asked for a human, by Ana, about a wall, and that has stopped."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LUMIERA_CONFIG", raising=False)
    bot = TestBot(tmp_path, config={"escalation": {"notify": [ANNA]}})
    asyncio.run(_ask(bot))
    bot.channel.sent.clear()
    return bot


async def _ask(bot: TestBot) -> None:
    async with bot:
        await bot.send("bonjour", name="Ana\x1b[2J Lima")
        await bot.send("je veux parler au chef")
        await bot.send("le mur\n penche")
        await bot.travel(seconds=1)
        await bot.send("vous êtes là ?\x07")


@pytest.fixture
def run(site: TestBot) -> Run:
    """Run a command in this process; a bug of ours is raised."""

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["escalations", *arguments], prog_name="lumiera", catch_exceptions=False)

    return invoke


def afterwards(site: TestBot, look: Callable[[TestBot], Coroutine[Any, Any, T]]) -> T:
    """Start the bot again and look at what it does."""

    async def looked() -> T:
        async with site as bot:
            await bot.travel()
            return await look(bot)

    return asyncio.run(looked())


async def to_user(bot: TestBot) -> list[str]:
    return [bubble.text for address, bubble in bot.channel.sent if address == PHONE]


def test_nothing_is_listed_where_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lumiera.yaml").write_text('plugins: {sql: {url: "sqlite:///lumiera.db"}, essentials: }\n')
    result = CliRunner().invoke(cli, ["escalations", "list"])
    assert (result.exit_code, result.stdout) == (0, "Nobody waits for a human.\n")


def test_the_list_says_who_waits_for_what_who_was_rung_and_what_was_said(run: Run) -> None:
    result = run("list")
    assert (result.exit_code, result.stderr) == (0, "")
    first, *rest = result.stdout.splitlines()
    assert first.startswith("1  ")
    assert first.endswith(f"  Ana [2J Lima {PHONE}  autre question (other)  being rung")
    assert rest[0].startswith("    rung ")
    assert rest[0].endswith(f" ago: {ANNA} sent")
    assert rest[1] == "    le mur penche"
    said = [line[16:] for line in rest[2:-1]]
    assert said[1] == "> je veux parler au chef"
    assert said[-3:] == [
        "< J’appelle l’équipe " + said[-3].removeprefix("< J’appelle l’équipe "),
        "-- handed over to the team: other",
        "> vous êtes là ?",
    ]


def test_what_a_terminal_would_obey_is_not_printed(run: Run) -> None:
    assert "\x1b" not in run("list").stdout
    assert "\x07" not in run("list").stdout


def test_other_programs_get_json(run: Run) -> None:
    (one,) = json.loads(run("list", "--json").stdout)
    assert (one["id"], one["reason"], one["details"], one["phone"]) == (1, "other", "le mur\n penche", PHONE)
    assert (one["outcome"], one["closed_at"], one["language"]) == ("", None, "fr")
    assert [ring["address"] for ring in one["rings"]] == [ANNA]
    assert one["said"][-1]["text"] == "vous êtes là ?\x07"
    assert one["silent_until"] > one["opened_at"]


def test_an_answer_reaches_the_user_and_the_bot_stays_silent(run: Run, site: TestBot) -> None:
    result = run("answer", "1", "J'arrive, ne touchez à rien.")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "The answer goes out within a second, if 'lumiera serve' runs.\n"

    async def look(bot: TestBot) -> list[str]:
        await bot.send("d'accord")
        return await to_user(bot)

    assert afterwards(site, look) == ["J'arrive, ne touchez à rien."]
    assert "team: J'arrive, ne touchez à rien." in run("list").stdout


def test_an_answer_that_closes_gives_the_user_back_to_the_bot(run: Run, site: TestBot) -> None:
    result = run("answer", "1", "C'est réglé.", "--close")
    assert result.stdout.splitlines()[-1] == "Escalation 1 is closed."

    async def look(bot: TestBot) -> list[str]:
        await bot.send("bonjour")
        return await to_user(bot)

    words = afterwards(site, look)
    assert words[:2] == [
        "C'est réglé.",
        "La discussion avec l’équipe est terminée. Je suis de nouveau là pour vous.",
    ]
    assert words[2].startswith("Bonjour")
    assert run("list").stdout == "Nobody waits for a human.\n"
    assert "  closed by team" in run("list", "--all").stdout


def test_closing_says_so_to_the_user(run: Run, site: TestBot) -> None:
    assert run("close", "1").stdout == "Escalation 1 is closed.\n"
    assert afterwards(site, to_user) == ["La discussion avec l’équipe est terminée. Je suis de nouveau là pour vous."]


@pytest.mark.parametrize("words", [("answer", "7", "oui"), ("close", "7")])
def test_one_that_is_not_there_is_a_mistake_that_names_those_that_are(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stderr) == (2, "There is no open escalation 7. Open ones: 1.\n")


def test_one_that_is_closed_cannot_be_closed_again(run: Run) -> None:
    run("close", "1")
    result = run("close", "1")
    assert (result.exit_code, result.stderr) == (2, "There is no open escalation 1. Open ones: none.\n")


@pytest.mark.parametrize("words", ["", "  "])
def test_an_answer_without_words_is_a_mistake(run: Run, words: str) -> None:
    assert (run("answer", "1", words).exit_code, run("answer", "1", words).stderr) == (2, "An answer needs words.\n")


def test_nothing_is_sent_to_who_said_stop(run: Run, site: TestBot) -> None:
    async def stop(bot: TestBot) -> None:
        await bot.send("STOP")

    afterwards(site, stop)
    result = run("answer", "1", "allo ?")
    assert result.exit_code == 2
    assert "has said STOP" in result.stderr
    assert "has said STOP" in run("list").stdout


def test_the_operator_is_warned_when_the_window_of_the_channel_is_shut(
    run: Run, site: TestBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = KitChannel(capabilities=Capabilities(window=timedelta(seconds=-60)))  # the kit's clock goes a little ahead

    def load(options: Options) -> Lumiera:
        bot = Lumiera.load(options.path)
        bot.channels = {"kit": shut}
        return bot

    monkeypatch.setattr(Options, "load", load)
    assert "warning: the user has not written for so long" in run("answer", "1", "oui").stdout


def test_the_commands_work_beside_a_running_bot(site: TestBot, run: Run) -> None:
    async def beside(bot: TestBot) -> list[str]:
        result = await asyncio.to_thread(run, "answer", "1", "Je vous vois.", "--close")
        assert result.exit_code == 0
        async with asyncio.timeout(10):
            while len(bot.channel.sent) < 2:  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.05)
        return await to_user(bot)

    assert afterwards(site, beside)[0] == "Je vous vois."


def test_the_configuration_may_be_named_after_the_command(site: TestBot, run: Run) -> None:
    other = site.path.rename(site.path.with_name("other.yaml"))
    assert run("list", "--config", str(other)).stdout.startswith("1  ")
