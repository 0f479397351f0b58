"""Nobody is left in silence: typing, then a word, then an apology, while a turn runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lumiera import Message, Reply, SendRefused, TransientError, Turn
from lumiera.testing import KitChannel, Scripted, TestBot

SOON: Mapping[str, Any] = {"watchdog": {"typing": "20ms", "notice": "60ms", "apology": "120ms"}}
WORKING, APOLOGY = "⏳ ", "Désolé"


class Slow:
    """An agent that answers when it is let go."""

    def __init__(self) -> None:
        self.release = asyncio.Event()

    async def answer(self, turn: Turn) -> Reply:
        await self.release.wait()
        return Reply("voilà")


async def said(bot: TestBot, count: int) -> list[str]:
    async with asyncio.timeout(10):
        while len(bot.channel.sent) < count:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.002)
    return [bubble.text for _, bubble in bot.channel.sent]


async def test_a_slow_turn_shows_typing_then_a_word_then_an_apology_and_at_last_its_answer(tmp_path: Path) -> None:
    slow = Slow()
    async with TestBot(tmp_path, config=SOON, plugins={"agent": Scripted(agent=slow.answer)}) as bot:
        message = bot.message("ciment")
        await bot.lumiera.receive([message])
        working, apology = await said(bot, 2)
        assert bot.channel.typed == [message.sid]
        assert working.startswith(WORKING)
        assert apology.startswith(APOLOGY)
        slow.release.set()
        assert (await said(bot, 3))[-1] == "voilà"


async def test_a_quick_turn_shows_nothing_but_its_answer(tmp_path: Path) -> None:
    config = {"watchdog": {"typing": "400ms", "notice": "400ms", "apology": "400ms"}}
    async with TestBot(tmp_path, config=config) as bot:
        await bot.send("bonjour")  # the first one reads all texts, which takes its time
        bot.channel.typed.clear()
        bot.channel.sent.clear()
        await bot.send("bonjour")
        await asyncio.sleep(0.5)
        assert bot.channel.typed == []
        assert len(bot.channel.sent) == 1


async def test_the_word_is_in_the_language_of_the_user(tmp_path: Path) -> None:
    slow = Slow()
    async with TestBot(tmp_path, config=SOON, plugins={"agent": Scripted(agent=slow.answer)}) as bot:
        await bot.send("parle anglais")
        before = len(bot.channel.sent)
        await bot.lumiera.receive([bot.message("cement")])
        assert "working on your request" in (await said(bot, before + 1))[-1]
        slow.release.set()


async def test_a_channel_that_cannot_show_typing_harms_nothing(tmp_path: Path) -> None:
    class Mute(KitChannel):
        async def typing(self, message: Message) -> None:
            raise ConnectionError("no such indicator")

    slow = Slow()
    plugins = {"agent": Scripted(agent=slow.answer)}
    async with TestBot(tmp_path, config=SOON, plugins=plugins, channel=Mute()) as bot:
        await bot.lumiera.receive([bot.message("ciment")])
        await said(bot, 2)
        slow.release.set()
        assert (await said(bot, 3))[-1] == "voilà"


async def test_a_channel_that_hangs_while_it_shows_typing_keeps_no_answer_back(tmp_path: Path) -> None:
    class Hanging(KitChannel):
        async def typing(self, message: Message) -> None:
            self.typed.append(message.sid)
            await asyncio.Future()

    slow = Slow()
    plugins = {"agent": Scripted(agent=slow.answer)}
    async with TestBot(tmp_path, config=SOON, plugins=plugins, channel=Hanging()) as bot:
        await bot.lumiera.receive([bot.message("ciment")])
        await said(bot, 2)
        assert len(bot.channel.typed) == 1
        slow.release.set()
        assert (await said(bot, 3))[-1] == "voilà"


async def test_a_turn_that_is_tried_again_does_not_repeat_the_word(tmp_path: Path) -> None:
    attempts = []

    async def answer(turn: Turn) -> Reply:
        attempts.append(turn.attempt)
        await asyncio.sleep(0.15)
        if turn.attempt == 1:
            raise TransientError("once")
        return Reply("voilà")

    config = {"watchdog": {"typing": "20ms", "notice": "60ms", "apology": "1m"}}
    async with TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=answer)}) as bot:
        replied = await bot.send("ciment")
        assert attempts == [1, 2]
        assert [bubble.text[:2] for bubble in replied.bubbles] == [WORKING, "vo"]


async def test_the_time_of_earlier_tries_counts(tmp_path: Path) -> None:
    release = asyncio.Event()

    async def answer(turn: Turn) -> Reply:
        if turn.attempt == 1:
            raise TransientError("the agent is away")
        await release.wait()
        return Reply("voilà")

    config = {
        "retries": {"tries": 3, "first": "5m", "longest": "5m"},
        "watchdog": {"typing": "20ms", "notice": "4m", "apology": "1h"},
    }
    async with TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=answer)}) as bot:
        await bot.lumiera.receive([bot.message("ciment")])
        async with asyncio.timeout(5):
            while (await bot.lumiera.store.due(bot.now())).next_at is None:  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.005)
        travelling = asyncio.create_task(bot.travel(minutes=6))
        (working,) = await said(bot, 1)
        assert working.startswith(WORKING)
        release.set()
        await travelling


async def test_a_try_that_ends_quickly_says_nothing_of_those_before(tmp_path: Path) -> None:
    async def answer(turn: Turn) -> Reply:
        if turn.attempt == 1:
            raise TransientError("the agent is away")
        return Reply("voilà")

    config = {"retries": {"tries": 3, "first": "5m", "longest": "5m"}}
    async with TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=answer)}) as bot:
        await bot.lumiera.receive([bot.message("ciment")])
        async with asyncio.timeout(5):
            while (await bot.lumiera.store.due(bot.now())).next_at is None:  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.005)
        await bot.travel(minutes=6)
        assert await said(bot, 1) == ["voilà"]


async def test_who_says_stop_during_a_slow_turn_is_not_told_to_wait(tmp_path: Path) -> None:
    slow = Slow()
    config = {"watchdog": {"typing": "20ms", "notice": "700ms", "apology": "750ms"}}
    async with TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=slow.answer)}) as bot:
        await bot.lumiera.receive([bot.message("ciment")])
        await bot.lumiera.receive([bot.message("STOP")])
        await asyncio.sleep(0.9)
        slow.release.set()
        (confirmed,) = await said(bot, 1)
        assert "START" in confirmed


async def test_a_word_that_cannot_be_said_does_not_end_the_turn(tmp_path: Path) -> None:
    slow = Slow()
    async with TestBot(tmp_path, config=SOON, plugins={"agent": Scripted(agent=slow.answer)}) as bot:
        bot.channel.faults += [SendRefused("away"), SendRefused("away")]
        await bot.lumiera.receive([bot.message("ciment")])
        async with asyncio.timeout(5):
            while bot.channel.faults:  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.002)
        slow.release.set()
        assert await said(bot, 1) == ["voilà"]
