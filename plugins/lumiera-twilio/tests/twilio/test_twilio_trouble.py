"""The whole bot while Twilio or WhatsApp fails: what becomes of a reply, and what the operator reads."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from lumiera_twilio.testing import Sent

from lumiera.records import OutboxLine

if TYPE_CHECKING:
    from tests.twilio.conftest import Site


async def reply(site: Site) -> Sent:
    """Let a user write, and return what the bot sent."""
    await site.says("bonjour")
    (sent,) = await site.twilio.wait_for(1)
    await until(site, "sent")
    return sent


async def until(site: Site, state: str, *, told: bool = False) -> OutboxLine:
    """Wait until the first bubble is in a state, `told` with an error, and return it."""
    async with asyncio.timeout(10):
        while True:
            lines = await site.outbox()
            if lines and lines[0].state == state and bool(lines[0].error) >= told:
                return lines[0]
            await asyncio.sleep(0.02)


async def test_a_reply_that_was_taken_without_an_answer_is_found_and_not_sent_twice(site: Site) -> None:
    site.twilio.fail(500, taken=True)
    await site.says("bonjour")
    line = await until(site, "sent")
    (sent,) = site.twilio.sent
    assert (line.provider_id, line.attempts) == (sent.sid, 1)


async def test_a_reply_that_was_not_taken_is_sent_again(site: Site) -> None:
    site.twilio.drop()
    await site.says("bonjour")
    line = await until(site, "sent")
    (sent,) = site.twilio.sent
    assert (line.provider_id, line.attempts) == (sent.sid, 2)


@pytest.mark.parametrize("code", [20003, 63007, 21212, 21408])
async def test_nothing_is_lost_while_we_are_set_up_wrongly(site: Site, code: int) -> None:
    site.twilio.fail(400, code=code)
    await site.says("bonjour")
    line = await until(site, "queued", told=True)
    assert (line.state, line.error.split()[0]) == ("queued", str(code))
    health = (await site.bot.hooks.check_health())["twilio"]
    assert (health.ok, health.reason) == (False, line.error)
    assert line.error in str(await site.bot.hooks.check_health())


async def test_a_failure_of_whatsapp_puts_the_reply_back(site: Site) -> None:
    sent = await reply(site)
    await site.twilio.report(sent, "sent", "undelivered", to=site.url, error_code="63012")
    (line,) = await site.outbox()
    assert (line.state, line.provider_id) == ("queued", "")
    assert line.error.startswith("63012 WhatsApp failed inside")
    due = await site.bot.store.due(site.bot.now())
    assert due.next_at is not None
    assert timedelta(seconds=50) < due.next_at - site.bot.now() < timedelta(seconds=61)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("63016", "63016 the user has not written for 24 hours"),
        ("63024", "63024 the recipient cannot get it"),
        ("63005", "63005 WhatsApp did not accept the content"),
        ("", "failed, and Twilio does not say why"),
    ],
)
async def test_a_final_failure_is_told_to_the_operator_and_calls_a_human(site: Site, code: str, told: str) -> None:
    sent = await reply(site)
    await site.twilio.report(sent, "undelivered", to=site.url, error_code=code)
    (line,) = await site.outbox()
    assert line.state == "failed"
    assert line.error.startswith(told)
    (escalation,) = await site.bot.store.escalations()
    assert escalation.opening.reason == "undelivered"


@pytest.mark.parametrize("way", ["answer", "status"])
async def test_a_user_who_blocked_us_is_silenced_as_after_stop(site: Site, way: str) -> None:
    if way == "answer":
        site.twilio.fail(400, code=21610)
        await site.says("bonjour")
        line = await until(site, "failed")
        assert line.error.startswith("21610 the user has stopped our messages")
    else:
        sent = await reply(site)
        await site.twilio.report(sent, "undelivered", to=site.url, error_code="63014")
    before = len(site.twilio.sent)
    await site.says("aide")
    await asyncio.sleep(0.3)
    assert len(site.twilio.sent) == before
    assert await site.bot.store.escalations() == []


async def test_a_status_that_comes_before_its_answer_is_kept(site: Site) -> None:
    site.twilio.slow(0.3, taken=True)
    await site.says("bonjour")
    (sent,) = await site.twilio.wait_for(1)
    await site.twilio.report(sent, "sent", "delivered", to=site.url)
    assert (await until(site, "delivered")).provider_id == sent.sid
