"""A turn that fails is tried again, in the end laid aside; what another process or an earlier one left is taken up."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lumiera import Lumiera, Reply, StoreError, TransientError, Turn, Tx, store_operation
from lumiera.sending import backoff
from lumiera.testing import KitChannel, Scripted, TestBot


class Fragile:
    """An agent that fails at texts as often as told, and keeps the attempts it saw."""

    def __init__(self, **fails: int) -> None:
        self.fails = fails
        self.attempts: list[tuple[str, int]] = []
        self.retry_after: float | None = None

    async def answer(self, turn: Turn) -> Reply:
        self.attempts.append((turn.text, turn.attempt))
        if turn.attempt <= self.fails.get(turn.text, 0):
            raise TransientError("the agent is busy", retry_after=self.retry_after)
        return Reply(f"re: {turn.text}")


async def said(bot: TestBot, count: int) -> list[str]:
    async with asyncio.timeout(10):
        while len(bot.channel.sent) < count:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.002)
    return [bubble.text for _, bubble in bot.channel.sent]


async def rows(bot: TestBot, sql: str) -> list[tuple[Any, ...]]:
    return await bot.lumiera.store.read(lambda tx: [tuple(row) for row in tx.exec_driver_sql(sql)])


def running(tmp_path: Path, agent: Fragile, **retries: object) -> TestBot:
    config = {"retries": {"tries": 3, "first": "10ms", "longest": "50ms"} | retries}
    return TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=agent.answer)})


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1000, 60)])
def test_the_wait_doubles_up_to_the_longest(attempt: int, seconds: int) -> None:
    assert backoff(timedelta(seconds=1), timedelta(seconds=60), attempt) == timedelta(seconds=seconds)


async def test_a_turn_that_fails_in_passing_is_tried_again_with_the_same_messages(tmp_path: Path) -> None:
    agent = Fragile(ciment=2)
    async with running(tmp_path, agent) as bot:
        assert (await bot.send("ciment")).text == "re: ciment"
        assert agent.attempts == [("ciment", 1), ("ciment", 2), ("ciment", 3)]
        assert len({turn.id for turn in bot.turns}) == 1


async def test_the_time_of_a_turn_is_that_of_its_first_try(tmp_path: Path) -> None:
    times = []

    async def answer(turn: Turn) -> Reply:
        times.append(turn.now)
        if turn.attempt == 1:
            raise TransientError("once")
        return Reply("ok")

    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=answer)}) as bot:
        await bot.send("ciment")
        assert times[0] == times[1]


async def test_later_messages_wait_behind_a_turn_that_is_tried_again(tmp_path: Path) -> None:
    agent = Fragile(premier=2)
    async with running(tmp_path, agent) as bot:
        await bot.lumiera.receive([bot.message("premier"), bot.message("deuxième")])
        assert await said(bot, 2) == ["re: premier", "re: deuxième"]


async def test_other_users_do_not_wait_for_a_turn_that_is_tried_again(tmp_path: Path) -> None:
    async with running(tmp_path, Fragile(lent=1), first="1m", longest="1m") as bot:
        await bot.lumiera.receive([bot.message("lent", sender="+33600000002")])
        assert (await bot.send("vite")).text == "re: vite"


async def test_a_try_waits_as_long_as_the_failure_says(tmp_path: Path) -> None:
    agent = Fragile(ciment=1)
    agent.retry_after = 0.3
    async with running(tmp_path, agent) as bot:
        begun = time.perf_counter()
        await bot.send("ciment")
        assert 0.3 <= time.perf_counter() - begun < 3


async def test_a_poison_message_becomes_a_dead_letter_with_an_apology_and_the_next_goes_on(tmp_path: Path) -> None:
    agent = Fragile(poison=99)
    async with running(tmp_path, agent) as bot:
        await bot.lumiera.receive([bot.message("poison"), bot.message("ciment")])
        apology, answer = await said(bot, 2)
        assert apology.startswith("Désolé")
        assert answer == "re: ciment"
        assert [attempt for text, attempt in agent.attempts if text == "poison"] == [1, 2, 3]
        (letter,) = await bot.lumiera.store.dead_letters()
        assert (letter.message.text, letter.error) == ("poison", "TransientError: the agent is busy")


async def test_every_failed_try_is_in_the_error_log(tmp_path: Path) -> None:
    async with running(tmp_path, Fragile(poison=99)) as bot:
        await bot.lumiera.receive([bot.message("poison")])
        await said(bot, 1)
        assert len(await rows(bot, "SELECT message FROM error_log")) == 3


async def test_a_message_that_ends_its_process_each_time_becomes_a_dead_letter(tmp_path: Path) -> None:
    entered = asyncio.Event()

    async def hang(turn: Turn) -> Reply:
        entered.set()
        return await asyncio.Future()

    config = {"retries": {"tries": 2, "first": "10ms", "longest": "10ms"}, "workers": {"drain": 0}}
    async with TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=hang)}) as bot:
        await bot.lumiera.receive([bot.message("poison")])
        for _ in range(2):
            await entered.wait()
            entered.clear()
            assert bot.channel.sent == []
            await bot.restart()
        assert len(await said(bot, 1)) == 1
        assert [letter.message.text for letter in await bot.lumiera.store.dead_letters()] == ["poison"]


async def test_a_message_whose_turn_is_cancelled_from_within_each_time_becomes_a_dead_letter(tmp_path: Path) -> None:
    async def answer(turn: Turn) -> Reply:
        raise asyncio.CancelledError  # as a library does that ends its own work and forgets to catch it

    config = {"retries": {"tries": 2, "first": "10ms", "longest": "10ms"}}
    async with TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=answer)}) as bot:
        await bot.lumiera.receive([bot.message("poison")])
        assert (await said(bot, 1))[0].startswith("Désolé")
        assert [letter.message.text for letter in await bot.lumiera.store.dead_letters()] == ["poison"]
        assert (await bot.send("bonjour")).bubbles


async def test_a_retry_that_waits_is_found_again_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path, Fragile(ciment=1), first="10m", longest="10m") as bot:
        await bot.lumiera.receive([bot.message("ciment")])
        async with asyncio.timeout(5):
            while not await rows(bot, "SELECT 1 FROM inbox WHERE ready_at IS NOT NULL"):  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.005)
        await bot.restart()
        assert bot.channel.sent == []
        await bot.travel(minutes=11)
        assert await said(bot, 1) == ["re: ciment"]


async def test_a_turn_whose_commit_fails_is_tried_again_and_answered_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = Fragile()
    async with running(tmp_path, agent) as bot:
        store, failures = bot.lumiera.store, [StoreError("the disk is full"), StoreError("the disk is full")]
        finish = store.finish

        async def failing(*args: Any) -> None:
            if failures:
                raise failures.pop()
            await finish(*args)

        monkeypatch.setattr(store, "finish", failing)
        assert (await bot.send("ciment")).text == "re: ciment"
        assert [attempt for _, attempt in agent.attempts] == [1, 2, 3]
        assert len(bot.channel.sent) == 1


async def test_a_store_that_fails_for_a_while_delays_a_message_and_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, Fragile()) as bot:

        async def failing(*_: Any) -> None:
            raise StoreError("database is locked")

        monkeypatch.setattr(bot.lumiera.store, "claim", failing)
        await bot.lumiera.receive([bot.message("ciment")])
        await asyncio.sleep(0.05)
        monkeypatch.undo()
        assert await said(bot, 1) == ["re: ciment"]


async def test_a_message_that_another_process_stored_is_found_by_the_sweep(tmp_path: Path) -> None:
    async with running(tmp_path, Fragile()) as bot:
        other = Lumiera.load(bot.path).store
        await other.open()
        await other.ingest([(bot.message("ciment"), None)])
        begun = time.perf_counter()
        assert await said(bot, 1) == ["re: ciment"]
        assert time.perf_counter() - begun < 3
        await other.close()


async def test_a_sweep_that_fails_comes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, Fragile()) as bot:
        store, swept = bot.lumiera.store, asyncio.Event()

        async def failing(*_: Any) -> None:
            swept.set()
            raise StoreError("database is locked")

        monkeypatch.setattr(store, "due", failing)
        await asyncio.wait_for(swept.wait(), 5)
        monkeypatch.undo()
        await store.ingest([(bot.message("ciment"), None)])
        assert await said(bot, 1) == ["re: ciment"]


@store_operation
def count(tx: Tx) -> int:
    tx.exec_driver_sql("CREATE TABLE IF NOT EXISTS counted (at TEXT)")
    tx.exec_driver_sql("INSERT INTO counted VALUES ('now')")
    return 1


async def test_a_worker_that_lost_its_conversation_writes_and_sends_nothing(tmp_path: Path) -> None:
    entered, release, zombie = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def answer(turn: Turn) -> Reply:
        if not entered.is_set():
            entered.set()
            try:
                await release.wait()
                await turn.once("count", count)
            finally:
                zombie.set()
        await turn.once("count", count)
        return Reply("compté")

    plugins = {"agent": Scripted(agent=answer)}
    async with TestBot(tmp_path, plugins=plugins) as first:
        await first.lumiera.receive([first.message("ciment")])
        await entered.wait()
        async with TestBot(tmp_path, plugins=plugins, channel=KitChannel()) as second:  # takes the turn over
            assert await said(second, 1) == ["compté"]
            release.set()
            await zombie.wait()
            await first._ears.queue.idle()
            assert first.channel.sent == []
            assert await rows(first, "SELECT count(*) FROM counted") == [(1,)]
            assert await rows(first, "SELECT count(*) FROM turns") == [(1,)]
            assert await rows(first, "SELECT count(*) FROM outbox") == [(1,)]
