"""How long a send waits, what goes out when the channel's window is closed, and what a failure for good leads to."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lumiera import Bubble, Capabilities, RateLimited, Reply, SendRefused, Turn
from lumiera.errors import RecipientStopped
from lumiera.records import Outgoing
from lumiera.testing import KitChannel, Scripted, TestBot

RING = Bubble(text="Ana a besoin de quelqu’un.", template="HX1", variables=("Ana",))
DAY = timedelta(hours=24)
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


async def echo(turn: Turn) -> Reply:
    return Reply(turn.text)


def running(tmp_path: Path, channel: KitChannel | None = None, **config: Any) -> TestBot:
    return TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=echo)}, channel=channel)


async def rows(bot: TestBot, sql: str) -> list[tuple[Any, ...]]:
    return await bot.lumiera.store.read(lambda tx: [tuple(row) for row in tx.exec_driver_sql(sql)])


# how long a send waits


async def waits(bot: TestBot, *refusals: RateLimited) -> list[float]:
    """Let a bubble be refused again and again; return how long it waited each time, in seconds."""
    bot.channel.faults += refusals
    before = bot.now()
    waited: list[float] = []
    await bot.send("un")
    while True:
        ((state, ready_at),) = await rows(bot, "SELECT state, ready_at FROM outbox")
        if state == "sent":
            return waited
        ready = EPOCH + timedelta(microseconds=ready_at)
        waited.append((ready - before).total_seconds())
        await bot.travel(seconds=(ready - bot.now()).total_seconds() + 0.001)
        before = ready


async def test_the_wait_doubles_up_to_the_longest_and_has_no_end(tmp_path: Path) -> None:
    async with running(tmp_path, retries={"first": "10s"}, outbox={"longest": "40s"}) as bot:
        waited = await waits(bot, *(RateLimited("429") for _ in range(12)))
    assert len(waited) == 12
    for wait, most in zip(waited, [10, 20, *[40] * 10], strict=True):
        assert most / 2 <= wait <= most + 1


async def test_no_two_bubbles_come_back_at_the_same_moment(tmp_path: Path) -> None:
    async with running(tmp_path, retries={"first": "10s"}) as bot:
        for user in range(20):
            bot.channel.faults.append(RateLimited("429"))
            await bot.send("un", sender=f"+336000000{user:02}")
        moments = [ready_at for (ready_at,) in await rows(bot, "SELECT ready_at FROM outbox WHERE state = 'queued'")]
    assert len(moments) == 20
    assert max(moments) - min(moments) > 1_000_000


@pytest.mark.parametrize(("asked", "least", "most"), [(20.0, 20, 26), (600.0, 60, 76), (0.001, 5, 11)])
async def test_the_provider_s_wish_is_respected_within_reason(
    tmp_path: Path, asked: float, least: float, most: float
) -> None:
    async with running(tmp_path, retries={"first": "10s"}, outbox={"longest": "10s"}) as bot:
        (waited,) = await waits(bot, RateLimited("429", retry_after=asked))
    assert least <= waited <= most


# the channel's window


async def ring(bot: TestBot) -> Bubble:
    """Post a bubble with a template into the first conversation and return it as it went out."""
    await bot.lumiera.store.post(1, [Outgoing(dedupe_key="x", bubble=RING)], bot.now())
    await bot.lumiera.flush(1)
    return bot.channel.sent[-1][1]


@pytest.mark.parametrize(("window", "hours", "template"), [(DAY, 23, False), (DAY, 25, True), (None, 25, False)])
async def test_a_template_goes_out_where_the_window_is_closed_and_its_text_where_it_is_open(
    tmp_path: Path, window: timedelta | None, hours: int, template: bool
) -> None:
    channel = KitChannel(capabilities=Capabilities(window=window))
    async with running(tmp_path, channel) as bot:
        await bot.send("bonjour")
        await bot.travel(hours=hours)
        assert await ring(bot) == (RING if template else Bubble(text=RING.text))


async def test_a_template_reaches_somebody_who_has_never_written(tmp_path: Path) -> None:
    async with running(tmp_path, KitChannel(capabilities=Capabilities(window=DAY))) as bot:
        await bot.send("bonjour")
        await bot.lumiera.store.run(lambda tx: tx.exec_driver_sql("UPDATE conversations SET last_inbound_at = NULL"))
        assert await ring(bot) == RING


async def test_a_bubble_without_a_template_is_left_to_the_provider(tmp_path: Path) -> None:
    async with running(tmp_path, KitChannel(capabilities=Capabilities(window=DAY))) as bot:
        await bot.send("bonjour")
        await bot.travel(hours=25)
        bot.channel.faults.append(SendRefused("63016 the user has not written for 24 hours"))
        late = Outgoing(dedupe_key="x", bubble=Bubble(text="Le camion arrive."))
        await bot.lumiera.store.post(1, [late], bot.now())
        await bot.lumiera.flush(1)
        (line,) = await bot.lumiera.store.outbox(["failed"])
        assert line.error == "63016 the user has not written for 24 hours"


# failures for good


async def test_a_refused_bubble_calls_a_human(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        bot.channel.faults.append(SendRefused("63024 cannot be reached on WhatsApp"))
        await bot.send("Où est la grue ?")
        (escalation,) = await bot.lumiera.store.escalations()
        assert escalation.opening.reason == "undelivered"
        assert escalation.opening.details == "Où est la grue ?"
        assert not escalation.opening.silent
        assert (await bot.send("encore")).text == "encore"


async def test_a_user_who_stopped_at_the_provider_gets_nothing_until_start(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        bot.channel.faults.append(RecipientStopped("21610 the user has opted out"))
        await bot.send("un")
        assert (await bot.send("deux")).text == ""
        assert await bot.lumiera.store.escalations() == []
        await bot.send("START")
        assert (await bot.send("trois")).text == "trois"


async def test_a_reported_failure_for_now_is_sent_again_when_its_time_has_come(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        await bot.send("un")
        await bot.lumiera.delivered("kit", "kit-1", "failed", error="63018 slow down", retry_after=60)
        assert await rows(bot, "SELECT state, error FROM outbox") == [("queued", "63018 slow down")]
        await bot.lumiera.sweep()
        assert len(bot.channel.sent) == 1
        await bot.travel(seconds=61)
        assert [bubble.text for _, bubble in bot.channel.sent] == ["un", "un"]
        assert await rows(bot, "SELECT state, provider_id, attempts FROM outbox") == [("sent", "kit-2", 2)]


async def test_a_reported_stop_is_a_stop(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        await bot.send("un")
        await bot.lumiera.delivered("kit", "kit-1", "failed", error="63014 the user has blocked us", stopped=True)
        assert (await bot.send("deux")).text == ""
        assert await bot.lumiera.store.escalations() == []
