"""A stop finishes what runs and begins nothing more; what it leaves is taken up at the next start."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lumiera import Bubble, Reply, Turn
from lumiera.testing import KitChannel, Scripted, TestBot


class Gate:
    """An agent that waits at a text until it is let go."""

    def __init__(self, *texts: str) -> None:
        self.texts = set(texts)
        self.entered, self.release = asyncio.Event(), asyncio.Event()
        self.begun: list[str] = []

    async def answer(self, turn: Turn) -> Reply:
        self.begun.append(turn.text)
        if turn.text in self.texts:
            self.entered.set()
            await self.release.wait()
        return Reply(f"re: {turn.text}")


def running(tmp_path: Path, gate: Gate, channel: KitChannel | None = None, **workers: object) -> TestBot:
    plugins = {"agent": Scripted(agent=gate.answer)}
    return TestBot(tmp_path, config={"workers": workers}, plugins=plugins, channel=channel)


def said(bot: TestBot) -> list[str]:
    return [bubble.text for _, bubble in bot.channel.sent]


async def until_said(bot: TestBot, count: int) -> list[str]:
    async with asyncio.timeout(10):
        while len(bot.channel.sent) < count:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.002)
    return said(bot)


async def rows(bot: TestBot, sql: str) -> list[tuple[Any, ...]]:
    return await bot.lumiera.store.read(lambda tx: [tuple(row) for row in tx.exec_driver_sql(sql)])


async def test_a_turn_that_runs_is_finished_and_its_answer_sent(tmp_path: Path) -> None:
    gate = Gate("ciment")
    async with running(tmp_path, gate, drain="10s") as bot:
        await bot.lumiera.receive([bot.message("ciment")])
        await gate.entered.wait()
        asyncio.get_running_loop().call_later(0.1, gate.release.set)
    assert said(bot) == ["re: ciment"]


async def test_a_turn_that_hangs_is_given_up_and_its_message_survives(tmp_path: Path) -> None:
    gate = Gate("ciment")
    async with running(tmp_path, gate, drain="100ms") as bot:
        await bot.lumiera.receive([bot.message("ciment")])
        await gate.entered.wait()
        begun = time.perf_counter()
        await bot.__aexit__()
        assert 0.1 <= time.perf_counter() - begun < 3
        assert said(bot) == []
        gate.texts.clear()
        await bot.__aenter__()
        assert await until_said(bot, 1) == ["re: ciment"]


async def test_no_further_turn_of_a_conversation_begins_during_a_stop(tmp_path: Path) -> None:
    gate = Gate("premier")
    async with running(tmp_path, gate, drain="10s") as bot:
        await bot.lumiera.receive([bot.message("premier"), bot.message("deuxième")])
        await gate.entered.wait()
        asyncio.get_running_loop().call_later(0.1, gate.release.set)
        await bot.__aexit__()
        assert gate.begun == ["premier"]
        await bot.__aenter__()
        assert await until_said(bot, 2) == ["re: premier", "re: deuxième"]


async def test_a_turn_that_waits_for_a_worker_does_not_begin_during_a_stop(tmp_path: Path) -> None:
    gate = Gate("premier")
    async with running(tmp_path, gate, drain="10s", turns=1) as bot:
        await bot.lumiera.receive([bot.message("premier")])
        await gate.entered.wait()
        await bot.lumiera.receive([bot.message("deuxième", sender="+33600000002")])
        asyncio.get_running_loop().call_later(0.1, gate.release.set)
        await bot.__aexit__()
        assert gate.begun == ["premier"]
        await bot.__aenter__()
        assert await until_said(bot, 2) == ["re: premier", "re: deuxième"]


async def test_a_message_that_came_before_the_start_is_answered_after_it(tmp_path: Path) -> None:
    async with running(tmp_path, Gate(), drain=0) as bot:
        await bot.send("un")
        store = bot.lumiera.store
        await bot.__aexit__()
        await store.open()
        await store.ingest([(bot.message("deux"), None)])
        await store.close()
        await bot.__aenter__()
        assert await until_said(bot, 2) == ["re: un", "re: deux"]


@dataclass
class Hanging(KitChannel):
    """A channel whose first send does not come back; whether it went out, nobody knows."""

    entered: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, address: str, bubble: Bubble) -> str:
        if not self.entered.is_set():
            self.entered.set()
            await asyncio.Future()
        return await super().send(address, bubble)


async def test_a_bubble_found_sending_at_the_start_is_sent_again_first_and_counted(tmp_path: Path) -> None:
    channel = Hanging()
    async with running(tmp_path, Gate(), channel, drain="50ms") as bot:
        await bot.lumiera.receive([bot.message("un"), bot.message("deux")])
        await channel.entered.wait()
        await bot.__aexit__()
        assert said(bot) == []
        await bot.__aenter__()
        assert await until_said(bot, 2) == ["re: un", "re: deux"]
        await bot._ears.queue.idle()
        first, second = await rows(bot, "SELECT state, attempts, error FROM outbox ORDER BY id")
        assert first == ("sent", 2, "")
        assert second == ("sent", 1, "")
