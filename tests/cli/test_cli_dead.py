"""`lumiera dead`: messages that could not be answered, and the way back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import Result

from lumiera import Reply, Turn
from lumiera.config import PIPELINE
from lumiera.testing import Scripted, TestBot

Run = Callable[..., Result]
BURST = {"text": "50ms", "media": "50ms", "max": "50ms"}  # two messages at once are one turn
CONFIG = {"retries": {"tries": 1}, "burst": BURST, "pipeline": [one for one in PIPELINE if "limits" not in one]}
LONG = "La grue est en panne, appelez-moi au 06 12 34 56 78, je suis au bloc B devant la cabane."
AGAIN = "within a second, if 'lumiera serve' runs, else at its next start.\n"


async def agent(turn: Turn) -> Reply:
    return Reply(f"Compris : {turn.text}")


def living(folder: Path, work: Callable[[TestBot], Awaitable[None]]) -> list[str]:
    """Let a bot live in the folder of the command line until the work is done; return what it said."""
    bot = TestBot(folder, config=CONFIG, plugins={"agent": Scripted(agent=agent)})

    async def live() -> None:
        async with bot:
            await work(bot)

    asyncio.run(live())
    return [bubble.text for _, bubble in bot.channel.sent]


def die(folder: Path, *turns: tuple[str, ...]) -> None:
    """Leave dead letters, those of one turn after those of the other."""

    async def failing(*_: object) -> None:
        raise RuntimeError("call +33612345678")

    async def work(bot: TestBot) -> None:
        bot.lumiera.store.finish = failing  # type: ignore[method-assign, assignment]
        count = 0
        for texts in turns:
            count += len(texts)
            await bot.lumiera.receive([bot.message(text) for text in texts])
            await until(bot, dead=count)

    living(folder, work)


async def until(bot: TestBot, *, dead: int = 0, said: int = 0) -> None:
    async with asyncio.timeout(5):
        while len(await bot.lumiera.store.dead_letters()) < dead or len(bot.channel.sent) < said:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def test_where_nothing_died_there_is_nothing_to_list_or_replay(run: Run) -> None:
    for arguments in (("list",), ("replay", "--all")):
        result = run("dead", *arguments)
        assert (result.exit_code, result.stdout) == (0, "There are no dead letters.\n")
    assert json.loads(run("dead", "list", "--json").stdout) == []


def test_dead_letters_are_listed_oldest_first(run: Run, folder: Path) -> None:
    die(folder, ("un",), ("deux",))
    headings, *rows = run("dead", "list").stdout.splitlines()
    assert headings.split() == ["id", "age", "conversation", "turn", "text", "error"]
    assert [row.split()[0] for row in rows] == ["1", "2"]
    assert "un" in rows[0].split()
    assert "RuntimeError" in rows[0]


@pytest.mark.parametrize("arguments", [(), ("--json",)], ids=["table", "json"])
def test_a_text_is_shown_short_and_without_numbers_that_reach_people(
    run: Run, folder: Path, arguments: tuple[str, ...]
) -> None:
    die(folder, (LONG,))
    output = run("dead", "list", *arguments).stdout
    assert "La grue est en panne" in output
    assert "12 34" not in output
    assert "cabane" not in output
    assert "33612345678" not in output


def test_other_programs_read_them_as_json(run: Run, folder: Path) -> None:
    die(folder, ("un",))
    (letter,) = json.loads(run("dead", "list", "--json").stdout)
    assert (letter["id"], letter["conversation"], letter["channel"], letter["text"]) == (1, 1, "kit", "un")


def test_a_replayed_message_is_answered_by_the_bot_that_runs_next(run: Run, folder: Path) -> None:
    die(folder, ("un",), ("deux",))
    assert run("dead", "replay", "2").stdout == f"1 message is answered {AGAIN}"

    async def work(bot: TestBot) -> None:
        await until(bot, said=1)

    assert living(folder, work)[-1] == "Compris : deux"
    assert [letter["text"] for letter in json.loads(run("dead", "list", "--json").stdout)] == ["un"]


async def test_a_bot_that_runs_takes_it_up(run: Run, folder: Path) -> None:
    await asyncio.to_thread(die, folder, ("un",))
    async with TestBot(folder, config=CONFIG, plugins={"agent": Scripted(agent=agent)}) as bot:
        assert (await asyncio.to_thread(run, "dead", "replay", "1")).exit_code == 0
        await until(bot, said=1)
        assert bot.channel.sent[-1][1].text == "Compris : un"


def test_all_of_them_can_be_replayed_in_their_order(run: Run, folder: Path) -> None:
    die(folder, ("un",), ("deux",), ("trois",))
    assert run("dead", "replay", "--all").stdout == f"3 messages are answered {AGAIN}"

    async def work(bot: TestBot) -> None:
        await until(bot, said=3)

    assert living(folder, work)[-3:] == ["Compris : un", "Compris : deux", "Compris : trois"]


def test_messages_that_were_one_turn_are_one_again(run: Run, folder: Path) -> None:
    die(folder, ("une fuite", "au bloc B"))
    assert run("dead", "replay", "1", "2").stdout == f"2 messages are answered {AGAIN}"

    async def work(bot: TestBot) -> None:
        await until(bot, said=1)

    assert living(folder, work)[-1] == "Compris : une fuite\nau bloc B"


def test_one_that_there_is_not_is_a_mistake_and_nothing_is_replayed(run: Run, folder: Path) -> None:
    die(folder, ("un",))
    result = run("dead", "replay", "1", "7")
    assert (result.exit_code, result.stderr) == (2, "There is no dead letter 7. There are: 1.\n")
    assert len(json.loads(run("dead", "list", "--json").stdout)) == 1


@pytest.mark.parametrize("arguments", [(), ("1", "--all")], ids=["neither", "both"])
def test_ids_or_all_must_be_said(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("dead", "replay", *arguments)
    assert result.exit_code == 2
    assert "Name the dead letters by their ids, or say --all." in result.stderr
