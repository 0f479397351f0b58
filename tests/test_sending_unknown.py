"""A bubble of which nobody knows whether it went out is looked for, and sent again only where it did not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lumiera import Bubble, RateLimited, Reply, SendAmbiguous, Turn, hookimpl
from lumiera.records import OutboxItem, OutboxState
from lumiera.testing import KitChannel, Scripted, TestBot

DROPPED = SendAmbiguous("the line broke")
Settle = Callable[[float], None]


@dataclass
class Ledger(KitChannel):
    """A provider that lists what it has taken. Each of `losses` drops an answer: True where the bubble was taken."""

    losses: list[bool] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    deaf: list[Exception] = field(default_factory=list)  # raised by the next looks
    looked_for: list[OutboxItem] = field(default_factory=list)

    async def send(self, address: str, bubble: Bubble) -> str:
        lost = self.losses.pop(0) if self.losses else None
        if lost is False:
            raise DROPPED
        provider_id = await super().send(address, bubble)
        self.taken.append(bubble.text)
        if lost:
            raise DROPPED
        return provider_id

    async def find(self, item: OutboxItem) -> str | None:
        self.looked_for.append(item)
        if self.deaf:
            raise self.deaf.pop(0)
        return f"kit-{self.taken.index(item.bubble.text) + 1}" if item.bubble.text in self.taken else None


class Tidings:
    """A plugin that writes down how bubbles fare."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    @hookimpl
    async def on_delivery_changed(self, provider_id: str, state: str) -> None:
        self.heard.append((provider_id, state))


async def echo(turn: Turn) -> Reply:
    return Reply(turn.text)


@pytest.fixture(autouse=True)
def settle(monkeypatch: pytest.MonkeyPatch) -> Settle:
    """Let an answer count after 50 ms, or what a test says, in place of 3 s."""

    def within(seconds: float) -> None:
        monkeypatch.setattr("lumiera.sending.SETTLED", timedelta(seconds=seconds))

    within(0.05)
    return within


def running(tmp_path: Path, channel: KitChannel, **config: Any) -> TestBot:
    return TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=echo)}, channel=channel)


async def rows(bot: TestBot, columns: str) -> list[tuple[Any, ...]]:
    statement = f"SELECT {columns} FROM outbox ORDER BY id"
    return await bot.lumiera.store.read(lambda tx: [tuple(row) for row in tx.exec_driver_sql(statement)])


async def until(bot: TestBot, *states: OutboxState) -> None:
    """Wait until the bubbles are in these states."""
    async with asyncio.timeout(5):
        while [state for (state,) in await rows(bot, "state")] != list(states):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def forget(bot: TestBot) -> None:
    """Leave the store as a process does that is killed while it sends."""
    killed = "UPDATE outbox SET state = 'sending', provider_id = ''"
    await bot.lumiera.store.run(lambda tx: tx.exec_driver_sql(killed).rowcount)


async def say(bot: TestBot, *texts: str) -> None:
    await bot.lumiera.receive([bot.message(text) for text in texts])


async def test_what_the_provider_had_taken_is_not_sent_again(tmp_path: Path) -> None:
    channel = Ledger(losses=[True])
    async with running(tmp_path, channel) as bot:
        await say(bot, "un", "deux")
        await until(bot, "sent", "sent")
        assert channel.taken == ["un", "deux"]
        assert await rows(bot, "provider_id, attempts, error") == [("kit-1", 1, ""), ("kit-2", 1, "")]


async def test_what_the_provider_had_not_taken_goes_out_before_what_follows(tmp_path: Path) -> None:
    channel = Ledger(losses=[False, False])
    async with running(tmp_path, channel) as bot:
        await say(bot, "un", "deux", "trois")
        await until(bot, "sent", "sent", "sent")
        assert channel.taken == ["un", "deux", "trois"]
        assert await rows(bot, "attempts") == [(3,), (1,), (1,)]


async def test_nothing_overtakes_a_bubble_that_is_looked_for(tmp_path: Path, settle: Settle) -> None:
    settle(60)
    channel = Ledger(losses=[True])
    async with running(tmp_path, channel) as bot:
        await bot.send("un")
        await bot.send("deux")
        assert channel.taken == ["un"]
        assert await rows(bot, "state") == [("unknown",), ("queued",)]
        assert channel.looked_for == []


async def test_one_user_whose_bubble_is_looked_for_holds_back_no_other(tmp_path: Path, settle: Settle) -> None:
    settle(60)
    async with running(tmp_path, Ledger(losses=[False])) as bot:
        await bot.send("un")
        assert (await bot.send("deux", sender="+33600000002")).text == "deux"


async def test_the_channel_is_told_what_to_look_for(tmp_path: Path) -> None:
    channel = Ledger()
    async with running(tmp_path, channel) as bot:
        await bot.send("un")
        before = bot.now()
        channel.losses.append(True)
        await bot.send("deux")
        await until(bot, "sent", "sent")
        (item,) = channel.looked_for
        assert (item.address, item.bubble) == (bot.phone, Bubble(text="deux"))
        assert item.known == {"kit-1"}
        assert before <= item.since <= bot.now()


async def test_a_provider_that_cannot_say_is_asked_again(tmp_path: Path) -> None:
    channel = Ledger(losses=[True], deaf=[SendAmbiguous("503"), RateLimited("429"), KeyError("?")])
    async with running(tmp_path, channel, outbox={"longest": "40ms"}) as bot:
        await say(bot, "un", "deux")
        await until(bot, "sent", "sent")
        assert channel.taken == ["un", "deux"]
        assert len(channel.looked_for) == 4


@pytest.mark.parametrize(("policy", "texts"), [("resend", ["un", "un", "deux"]), ("hold", ["un", "deux"])])
async def test_a_provider_that_never_says_leaves_it_to_the_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, policy: str, texts: list[str]
) -> None:
    monkeypatch.setattr("lumiera.sending.PATIENCE", timedelta(seconds=0.1))
    channel = Ledger(losses=[True], deaf=[SendAmbiguous("cannot be told") for _ in range(100)])
    async with running(tmp_path, channel, outbox={"longest": "20ms", "unknown": policy}) as bot:
        await say(bot, "un", "deux")
        await until(bot, "sent" if policy == "resend" else "unknown", "sent")
        assert channel.taken == texts
        assert ("a bubble is sent again that may have gone out" in caplog.messages) is (policy == "resend")


async def test_a_bubble_is_not_taken_for_lost_before_the_provider_can_list_it(tmp_path: Path, settle: Settle) -> None:
    class Slow(Ledger):
        async def find(self, item: OutboxItem) -> str | None:
            found = await super().find(item)
            return found if len(self.looked_for) > 1 else None

    channel = Slow()
    async with running(tmp_path, channel) as bot:
        await bot.send("un")
        settle(0.3)
        await forget(bot)
        await bot.restart()
        await until(bot, "sent")
        assert channel.taken == ["un"]
        assert len(channel.looked_for) == 2


@pytest.mark.parametrize("taken", [True, False])
async def test_what_a_killed_process_was_sending_is_looked_for_by_the_next(tmp_path: Path, taken: bool) -> None:
    channel = Ledger()
    async with running(tmp_path, channel) as bot:
        await bot.send("un")
        await forget(bot)
        if not taken:
            channel.taken.clear()
        await bot.restart()
        await until(bot, "sent")
        assert channel.taken == ["un"]
        assert await rows(bot, "attempts") == [(1 if taken else 2,)]


async def test_a_restart_goes_on_looking(tmp_path: Path, settle: Settle) -> None:
    settle(60)
    channel = Ledger(losses=[True])
    async with running(tmp_path, channel) as bot:
        await bot.send("un")
        await bot.restart()
        await bot.send("deux")
        assert channel.taken == ["un"]
        await bot.travel(seconds=90)
        await until(bot, "sent", "sent")
        assert channel.taken == ["un", "deux"]


async def test_what_the_provider_told_meanwhile_is_told_on(tmp_path: Path) -> None:
    tidings = Tidings()
    plugins = {"agent": Scripted(agent=echo), "tidings": tidings}
    async with TestBot(tmp_path, plugins=plugins, channel=Ledger(losses=[True])) as bot:
        await bot.send("un")
        await bot.lumiera.delivered("kit", "kit-1", "delivered")
        assert tidings.heard == []
        await until(bot, "delivered")
        async with asyncio.timeout(5):
            while not tidings.heard:  # noqa: ASYNC110 - told after the commit that was waited for
                await asyncio.sleep(0.005)
        assert tidings.heard == [("kit-1", "delivered")]


async def test_stop_counts_for_what_was_not_taken(tmp_path: Path, settle: Settle) -> None:
    settle(0.2)
    channel = Ledger(losses=[False])
    async with running(tmp_path, channel) as bot:
        await bot.send("un")
        await bot.send("STOP")
        await until(bot, "cancelled", "sent")
        assert "un" not in channel.taken


# channels that cannot look


async def test_where_nobody_can_look_it_is_sent_again_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    channel = KitChannel(faults=[DROPPED])
    async with running(tmp_path, channel) as bot:
        await say(bot, "un", "deux")
        await until(bot, "sent", "sent")
        assert [bubble.text for _, bubble in channel.sent] == ["un", "deux"]
        assert await rows(bot, "attempts") == [(2,), (1,)]
        assert "a bubble is sent again that may have gone out" in caplog.messages


async def test_nobody_gets_the_same_words_for_ever(tmp_path: Path) -> None:
    channel = KitChannel(faults=[SendAmbiguous("500") for _ in range(10)])
    async with running(tmp_path, channel, outbox={"longest": "10ms"}) as bot:
        await say(bot, "un", "deux")
        await until(bot, "unknown", "sent")
        assert await rows(bot, "attempts, error") == [(10, "500"), (1, "")]


async def test_with_the_policy_hold_it_is_given_up_at_a_restart_too(tmp_path: Path) -> None:
    async with running(tmp_path, KitChannel(), outbox={"unknown": "hold"}) as bot:
        await bot.send("un")
        await forget(bot)
        await bot.restart()
        await until(bot, "unknown")
        assert (await bot.send("deux")).text == "deux"


async def test_a_mistake_of_the_channel_s_does_not_hold_the_others_for_ever(tmp_path: Path) -> None:
    class Mistaken(Ledger):
        async def send(self, address: str, bubble: Bubble) -> str:
            if bubble.text == "un":
                raise KeyError("a mistake")
            return await super().send(address, bubble)

    async with running(tmp_path, Mistaken(), outbox={"longest": "10ms"}) as bot:
        await say(bot, "un", "deux")
        await until(bot, "failed", "sent")
        assert await rows(bot, "attempts, error") == [(10, "KeyError"), (1, "")]
