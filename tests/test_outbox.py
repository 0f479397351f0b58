"""Bubbles go out in order, each once, whatever the provider says."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from lumiera import (
    Bubble,
    ChannelError,
    RateLimited,
    Reply,
    SendAmbiguous,
    SendRefused,
    StoreError,
    Turn,
    hookimpl,
)
from lumiera.records import OutboxState, Outgoing
from lumiera.testing import KitChannel, Scripted, TestBot

LONG = "Il manque du ciment au bloc B. " * 200  # more than three bubbles


async def echo(turn: Turn) -> Reply:
    return Reply(turn.text)


def running(tmp_path: Path, *, channel: KitChannel | None = None, **config: Any) -> TestBot:
    return TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=echo)}, channel=channel)


def said(bot: TestBot) -> list[str]:
    return [bubble.text for _, bubble in bot.channel.sent]


async def until_said(bot: TestBot, count: int) -> list[str]:
    async with asyncio.timeout(10):
        while len(bot.channel.sent) < count:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.002)
    return said(bot)


async def rows(bot: TestBot, sql: str) -> list[tuple[Any, ...]]:
    return await bot.lumiera.store.read(lambda tx: [tuple(row) for row in tx.exec_driver_sql(sql)])


async def states(bot: TestBot) -> list[str]:
    return [state for (state,) in await rows(bot, "SELECT state FROM outbox ORDER BY id")]


async def test_a_bubble_is_sent_and_keeps_the_id_that_the_provider_gave_it(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        await bot.send("ciment")
        assert await rows(bot, "SELECT state, provider_id, attempts FROM outbox") == [("sent", "kit-1", 1)]


async def test_a_long_answer_goes_out_in_the_order_of_its_bubbles(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        await bot.send(LONG)
        assert len(said(bot)) > 3
        assert " ".join(said(bot)) == LONG.strip()


async def test_what_the_provider_did_not_take_is_sent_later_and_before_what_follows(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        bot.channel.faults.append(RateLimited("wait"))
        await bot.lumiera.receive([bot.message("un"), bot.message("deux"), bot.message("trois")])
        assert await until_said(bot, 3) == ["un", "deux", "trois"]
        assert await rows(bot, "SELECT attempts FROM outbox ORDER BY id") == [(2,), (1,), (1,)]


async def test_the_middle_of_a_long_answer_holds_back_its_end(tmp_path: Path) -> None:
    class Tired(KitChannel):
        tired = True

        async def send(self, address: str, bubble: Bubble) -> str:
            if len(self.sent) == 1 and self.tired:
                self.tired = False
                raise RateLimited("wait")
            return await super().send(address, bubble)

    async with running(tmp_path, channel=Tired()) as bot:
        await bot.lumiera.receive([bot.message(LONG)])
        await until_said(bot, 4)
        assert " ".join(await until_said(bot, len(await states(bot)))) == LONG.strip()


async def test_the_provider_says_how_long_to_wait(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        bot.channel.faults.append(RateLimited("wait", retry_after=0.3))
        begun = time.perf_counter()
        await bot.lumiera.receive([bot.message("un")])
        await until_said(bot, 1)
        assert 0.3 <= time.perf_counter() - begun < 3


async def test_one_user_who_must_wait_holds_back_no_other(tmp_path: Path) -> None:
    async with running(tmp_path, retries={"first": "1m", "longest": "1m"}) as bot:
        bot.channel.faults.append(RateLimited("wait"))
        await bot.send("un")
        assert (await bot.send("deux", sender="+33600000002")).text == "deux"
        assert await states(bot) == ["queued", "sent"]


async def test_a_bubble_that_waits_is_sent_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path, retries={"first": "5m", "longest": "5m"}) as bot:
        bot.channel.faults.append(RateLimited("wait"))
        await bot.send("un")
        await bot.restart()
        await bot.travel(minutes=6)
        assert await until_said(bot, 1) == ["un"]


async def test_a_refused_bubble_is_given_up_and_the_next_one_goes_out(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        bot.channel.faults.append(SendRefused("63024 no such number", provider_code="63024"))
        await bot.lumiera.receive([bot.message("un"), bot.message("deux")])
        assert await until_said(bot, 1) == ["deux"]
        await bot._ears.queue.idle()
        assert await rows(bot, "SELECT state, error FROM outbox ORDER BY id") == [
            ("failed", "63024 no such number"), ("sent", ""),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (SendAmbiguous("the line broke"), "the line broke"),
        (ChannelError("?"), "?"),
        (ConnectionError("?"), "ConnectionError"),
        (KeyError("?"), "KeyError"),
    ],
)
async def test_held_by_policy_what_may_have_gone_out_is_not_sent_again_and_holds_nothing_back(
    tmp_path: Path, fault: BaseException, reason: str
) -> None:
    async with running(tmp_path, outbox={"unknown": "hold"}) as bot:
        bot.channel.faults.append(fault)
        await bot.send("un")
        await bot.send("deux")
        assert said(bot) == ["deux"]
        await bot.restart()
        assert await states(bot) == ["unknown", "sent"]
        assert await rows(bot, "SELECT error FROM outbox WHERE state = 'unknown'") == [(reason,)]


async def test_a_send_that_hangs_is_given_up_and_holds_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging(KitChannel):
        async def send(self, address: str, bubble: Bubble) -> str:
            if bubble.text == "un":
                await asyncio.Future()
            return await super().send(address, bubble)

    monkeypatch.setattr("lumiera.sending.LIMIT", 0.1)
    async with running(tmp_path, channel=Hanging(), outbox={"unknown": "hold"}) as bot:
        await bot.lumiera.receive([bot.message("un"), bot.message("deux")])
        assert await until_said(bot, 1) == ["deux"]
        await bot._ears.queue.idle()
        assert await states(bot) == ["unknown", "sent"]


async def test_a_bubble_of_a_channel_that_is_gone_is_given_up_and_holds_nothing_back(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        await bot.send("un")
        store = bot.lumiera.store
        await store.run(lambda tx: tx.exec_driver_sql("UPDATE conversations SET channel = 'gone'"))
        await store.post(1, [Outgoing(dedupe_key="x", bubble=Bubble(text="deux"))], bot.now())
        await bot.lumiera.flush(1)
        assert await rows(bot, "SELECT state, error FROM outbox ORDER BY id DESC LIMIT 1") == [
            ("failed", "no channel 'gone'")
        ]


async def test_a_message_of_a_channel_that_no_process_serves_waits_for_one_that_does(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        store = bot.lumiera.store
        await store.ingest([(replace(bot.message("un", sender="+1"), channel="gone"), None)])
        await bot.lumiera.sweep()
        assert (await bot.send("deux")).text == "deux"
        assert await rows(bot, "SELECT status, attempts FROM inbox ORDER BY id") == [("new", 0), ("done", 1)]
        await store.run(lambda tx: tx.exec_driver_sql("UPDATE conversations SET channel = 'kit' WHERE id = 1"))
        assert await until_said(bot, 2) == ["deux", "un"]


async def test_an_answer_whose_sending_cannot_begin_is_sent_by_the_next_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(tmp_path) as bot:

        async def failing(*_: object) -> None:
            raise StoreError("database is locked")

        monkeypatch.setattr(bot.lumiera.store, "begin_send", failing)
        await bot.send("un")
        monkeypatch.undo()
        assert await until_said(bot, 1) == ["un"]
        assert await rows(bot, "SELECT status, attempts FROM inbox") == [("done", 1)]
        assert "work on a conversation failed" in caplog.messages


async def test_the_end_of_a_send_that_cannot_be_stored_at_once_is_stored_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as bot:
        store, failures = bot.lumiera.store, [StoreError("locked"), StoreError("locked")]
        end_send = store.end_send

        async def failing(*args: Any) -> OutboxState | None:
            if failures:
                raise failures.pop()
            return await end_send(*args)

        monkeypatch.setattr(store, "end_send", failing)
        await bot.send("un")
        await bot.send("deux")
        assert said(bot) == ["un", "deux"]
        assert await states(bot) == ["sent", "sent"]


# what the provider tells afterwards


class Tidings:
    """A plugin that writes down how bubbles fare."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    @hookimpl
    async def on_delivery_changed(self, provider_id: str, state: str) -> None:
        self.heard.append((provider_id, state))


async def told(bot: TestBot, *tidings: OutboxState) -> None:
    for state in tidings:
        await bot.lumiera.delivered("kit", "kit-1", state)


@pytest.mark.parametrize(
    ("tidings", "state", "heard"),
    [
        (("delivered", "read"), "read", ["delivered", "read"]),
        (("read", "delivered"), "read", ["read"]),
        (("delivered", "delivered", "sent"), "delivered", ["delivered"]),
        (("failed", "delivered"), "failed", ["failed"]),
    ],
    ids=["in order", "late", "repeated", "after a failure"],
)
async def test_a_bubble_moves_on_and_never_back(
    tmp_path: Path, tidings: tuple[OutboxState, ...], state: str, heard: list[str]
) -> None:
    plugin = Tidings()
    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=echo), "tidings": plugin}) as bot:
        await bot.send("un")
        await told(bot, *tidings)
        assert await states(bot) == [state]
        assert [state for _, state in plugin.heard] == heard


@dataclass
class Hasty(KitChannel):
    """A provider that tells how a bubble fares before it has answered the send."""

    bot: list[TestBot] = field(default_factory=list)
    tidings: tuple[OutboxState, ...] = ("sent", "delivered")

    async def send(self, address: str, bubble: Bubble) -> str:
        provider_id = await super().send(address, bubble)
        for state in self.tidings:
            await self.bot[0].lumiera.delivered("kit", provider_id, state, error="63016" if state == "failed" else "")
        return provider_id


@pytest.mark.parametrize(
    ("tidings", "row"),
    [
        (("sent", "delivered"), ("delivered", "")),
        (("delivered", "sent"), ("delivered", "")),
        (("failed",), ("failed", "63016")),
        ((), ("sent", "")),
    ],
    ids=["in order", "late", "failed", "none"],
)
async def test_tidings_that_come_before_the_answer_to_the_send_are_not_lost(
    tmp_path: Path, tidings: tuple[OutboxState, ...], row: tuple[str, str]
) -> None:
    channel = Hasty(tidings=tidings)
    async with running(tmp_path, channel=channel) as bot:
        channel.bot.append(bot)
        await bot.send("un")
        assert await rows(bot, "SELECT state, error FROM outbox") == [row]
        assert await rows(bot, "SELECT * FROM early_statuses") == []


async def test_tidings_of_bubbles_that_are_not_ours_are_forgotten_after_a_while(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        await bot.lumiera.delivered("kit", "somebody-elses", "read")
        await bot.lumiera.store.purge(bot.now(), bot.now())
        assert len(await rows(bot, "SELECT 1 FROM early_statuses")) == 1
        await bot.travel(days=2)
        await bot.lumiera.store.purge(bot.now(), bot.now())
        assert await rows(bot, "SELECT 1 FROM early_statuses") == []
