"""STOP, or a human who takes over, while a turn runs: no further step writes, nothing more is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lumiera import RateLimited, Reply, TransientError, Turn, Tx, store_operation
from lumiera.testing import Scripted, TestBot


@store_operation
def note(tx: Tx, what: str) -> str:
    tx.exec_driver_sql("CREATE TABLE IF NOT EXISTS noted (what TEXT)")
    tx.exec_driver_sql("INSERT INTO noted VALUES (?)", (what,))
    return what


class TwoSteps:
    """An agent that writes, waits in the middle until it is let go, and writes again."""

    def __init__(self) -> None:
        self.entered, self.release = asyncio.Event(), asyncio.Event()

    async def answer(self, turn: Turn) -> Reply:
        await turn.once("first", note, "first")
        self.entered.set()
        await self.release.wait()
        await turn.say("working", urgent=True)
        await turn.once("second", note, "second")
        return Reply("les deux sont notés")


@pytest.fixture
def agent() -> TwoSteps:
    return TwoSteps()


@pytest.fixture
async def desk(tmp_path: Path, agent: TwoSteps) -> AsyncIterator[TestBot]:
    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=agent.answer)}) as bot:
        yield bot


async def begin(bot: TestBot, agent: TwoSteps) -> None:
    await bot.lumiera.receive([bot.message("ciment")])
    await asyncio.wait_for(agent.entered.wait(), 5)


async def take_over(bot: TestBot, minutes: int = 60) -> None:
    until = int((bot.now() + timedelta(minutes=minutes)).timestamp() * 1_000_000)
    await bot.lumiera.store.run(
        lambda tx: tx.exec_driver_sql("UPDATE conversations SET handed_over_until = ?", (until,))
    )


async def ended(bot: TestBot, turns: int) -> None:
    async with asyncio.timeout(10):
        while len(bot.turns) < turns:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.002)
    await bot._ears.queue.idle()


async def rows(bot: TestBot, sql: str) -> list[tuple[Any, ...]]:
    return await bot.lumiera.store.read(lambda tx: [tuple(row) for row in tx.exec_driver_sql(sql)])


async def test_stop_during_a_turn_ends_its_writing_and_only_stop_is_confirmed(desk: TestBot, agent: TwoSteps) -> None:
    await begin(desk, agent)
    await desk.lumiera.receive([desk.message("STOP")])
    agent.release.set()
    await ended(desk, 2)
    assert await rows(desk, "SELECT what FROM noted") == [("first",)]
    (sent,) = desk.channel.sent
    assert "START" in sent[1].text


async def test_stop_during_a_turn_that_writes_no_more_cancels_its_answer(tmp_path: Path) -> None:
    entered, release = asyncio.Event(), asyncio.Event()

    async def answer(turn: Turn) -> Reply:
        entered.set()
        await release.wait()
        return Reply("trop tard")

    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=answer)}) as bot:
        await bot.lumiera.receive([bot.message("ciment")])
        await entered.wait()
        await bot.lumiera.receive([bot.message("STOP")])
        release.set()
        await ended(bot, 2)
        assert await rows(bot, "SELECT state FROM outbox ORDER BY id") == [("cancelled",), ("sent",)]


async def test_after_stop_nothing_is_answered_until_start(desk: TestBot, agent: TwoSteps) -> None:
    await desk.send("STOP")
    assert (await desk.send("bonjour")).bubbles == []
    assert (await desk.send("START")).bubbles
    assert (await desk.send("bonjour")).bubbles


async def test_stop_cancels_what_still_waits_in_the_outbox(tmp_path: Path) -> None:
    config = {"retries": {"tries": 3, "first": "1m", "longest": "1m"}}
    async with TestBot(tmp_path, config=config) as bot:
        bot.channel.faults.append(RateLimited("wait"))
        await bot.send("bonjour")
        await bot.send("STOP")
        await bot.travel(minutes=2)
        assert await rows(bot, "SELECT state FROM outbox ORDER BY id") == [("cancelled",), ("sent",)]
        (sent,) = bot.channel.sent
        assert "START" in sent[1].text


async def test_a_human_who_takes_over_during_a_turn_ends_its_writing(desk: TestBot, agent: TwoSteps) -> None:
    await begin(desk, agent)
    await take_over(desk)
    agent.release.set()
    await ended(desk, 1)
    assert await rows(desk, "SELECT what FROM noted") == [("first",)]
    assert desk.channel.sent == []
    assert desk.turns[0].route == "silent"


async def test_while_a_human_has_the_conversation_messages_are_kept_and_not_answered(desk: TestBot) -> None:
    await desk.send("bonjour")
    desk.channel.sent.clear()
    await take_over(desk)
    assert (await desk.send("il manque du ciment")).bubbles == []
    lines = await desk.lumiera.store.history(1, 10)
    assert lines[-1].text == "il manque du ciment"


async def test_the_bot_answers_again_when_the_human_has_handed_back(desk: TestBot) -> None:
    await desk.send("bonjour")
    await take_over(desk, minutes=10)
    await desk.travel(minutes=11)
    assert (await desk.send("bonjour")).bubbles


async def test_stop_of_one_user_silences_nobody_else(desk: TestBot) -> None:
    await desk.send("STOP")
    assert (await desk.send("bonjour", sender="+33600000002")).bubbles


async def test_stop_behind_other_messages_silences_them_as_well(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config={"burst": {"text": "1m", "media": "1m", "max": "2m"}}) as bot:
        await bot.lumiera.receive([bot.message("il manque du ciment"), bot.message("STOP")])
        await ended(bot, 2)
        (sent,) = bot.channel.sent
        assert "START" in sent[1].text


async def test_stop_during_the_wait_for_another_try_is_obeyed_and_confirmed_after_it(tmp_path: Path) -> None:
    async def answer(turn: Turn) -> Reply:
        raise TransientError("away")

    config = {"retries": {"tries": 9, "first": "10m", "longest": "10m"}}
    async with TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=answer)}) as bot:
        await bot.lumiera.receive([bot.message("ciment")])
        await bot._ears.queue.idle()
        await bot.lumiera.receive([bot.message("STOP")])
        await bot.travel(minutes=11)
        assert [turn.route for turn in bot.turns] == ["silent", "consent"]
        (sent,) = bot.channel.sent
        assert "START" in sent[1].text
