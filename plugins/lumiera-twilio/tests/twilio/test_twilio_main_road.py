"""The main road with nothing left out: a signed webhook in, the whole bot, Twilio's REST API out, statuses back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from lumiera_twilio.testing import FakeTwilio
from sqlalchemy import text
from starlette.routing import BaseRoute

from lumiera import Lumiera
from lumiera.config import PIPELINE

PHONE = "+33600000001"
Serve = Callable[[Sequence[BaseRoute], Any], AbstractAsyncContextManager[str]]


@dataclass
class Site:
    """A running bot behind a port, and the Twilio that it believes in."""

    bot: Lumiera
    twilio: FakeTwilio
    url: str

    async def says(self, body: str, *, sender: str = PHONE, **more: Any) -> None:
        answer = await self.twilio.inbound(self.url, sender, body, **more)
        assert (answer.status, answer.text) == (200, "<Response/>"), answer

    async def outbox(self) -> list[tuple[str, str]]:
        rows = text("SELECT dedupe_key, state FROM outbox ORDER BY id")
        return await self.bot.store.read(lambda tx: [(row[0], row[1]) for row in tx.execute(rows)])


@pytest.fixture
async def site(tmp_path: Path, twilio: FakeTwilio, serve: Serve) -> AsyncIterator[Site]:
    settings: dict[str, Any] = {
        "plugins": {
            "sql": {"url": f"sqlite:///{tmp_path / 'lumiera.db'}"},
            "essentials": None,
            "twilio": twilio.settings(),
        },
        "pipeline": [{"limits": {"per_minute": 0}} if "limits" in stage else stage for stage in PIPELINE],
        "burst": {"text": 0, "media": 0, "max": 0},
    }
    path = tmp_path / "lumiera.yaml"
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    async with Lumiera.load(path) as bot, serve(bot.routes, bot) as url:
        yield Site(bot, twilio, url)


async def test_a_greeting_is_answered_with_the_menu(site: Site) -> None:
    await site.says("Bonjour")
    (sent,) = await site.twilio.wait_for(1)
    assert sent.to == f"whatsapp:{PHONE}"
    assert sent.choices[:2] == ["❓ Aide", "🌐 Langue"]
    assert "STOP" in sent.body


async def test_a_number_answers_the_menu_and_the_language_follows_the_user(site: Site) -> None:
    await site.says("dzień dobry")
    await site.twilio.wait_for(1)
    await site.says("2")
    await site.twilio.wait_for(2)
    await site.says("Română")
    sent = await site.twilio.wait_for(3)
    assert "limba" in sent[2].body.lower() or "română" in sent[2].body.lower()


async def test_a_message_delivered_a_hundred_times_is_one_turn(site: Site) -> None:
    answer = await site.twilio.inbound(site.url, PHONE, "bonjour")
    answers = await site.twilio.replay(answer, times=100)
    await site.twilio.wait_for(1)
    await asyncio.sleep(0.1)
    assert {one.status for one in answers} == {200}
    assert len(site.twilio.sent) == 1
    assert len(await site.outbox()) == 1


async def test_statuses_move_the_bubble_on_and_never_back(site: Site) -> None:
    await site.says("bonjour")
    (sent,) = await site.twilio.wait_for(1)
    await site.twilio.report(sent, "delivered", "sent", "read", "delivered", to=site.url)
    assert [state for _, state in await site.outbox()] == ["read"]


async def test_stop_silences_and_start_brings_back(site: Site) -> None:
    await site.says("bonjour")
    await site.twilio.wait_for(1)
    await site.says("STOP")
    await site.twilio.wait_for(2)
    await site.says("bonjour")
    await asyncio.sleep(0.3)
    assert len(site.twilio.sent) == 2
    await site.says("START")
    sent = await site.twilio.wait_for(3)
    assert "👷" in sent[2].body


async def test_fifty_messages_of_one_user_are_answered_in_order(site: Site) -> None:
    words = ["aide", "bonjour"] * 25
    for word in words:
        await site.says(word)
    sent = await site.twilio.wait_for(50, timeout=20)
    assert ["Voici comment" in message.body for message in sent] == [word == "aide" for word in words]


async def test_a_provider_that_is_busy_gets_the_reply_a_little_later_and_once(site: Site) -> None:
    site.twilio.fail(429, times=2)
    await site.says("bonjour")
    await site.twilio.wait_for(1, timeout=10)
    await asyncio.sleep(0.1)
    assert [state for _, state in await site.outbox()] == ["sent"]
    assert len(site.twilio.sent) == 1


async def test_a_forged_webhook_leaves_no_trace(site: Site) -> None:
    answer = await site.twilio.inbound(site.url, PHONE, "bonjour", signature="x" * 28)
    assert (answer.status, answer.text) == (403, "")
    assert await site.outbox() == []


@pytest.mark.parametrize(
    "body",
    [
        "👷" * 800,
        "مرحبا 👋 \u200f123\u202e",
        "a\u200b\u200b",
        "\u0000\ufffd",
        "' OR 1=1; --",
        "<img src=x onerror=alert(1)>",
    ],
    ids=["emoji", "right-to-left", "zero-width", "control", "sql", "html"],
)
async def test_odd_texts_are_answered(site: Site, body: str) -> None:
    await site.says(body, ProfileName="<img onerror=alert(1)>\u202e")
    (sent,) = await site.twilio.wait_for(1)
    assert sent.body


async def test_a_tap_on_an_old_menu_is_answered_with_the_one_of_today(site: Site) -> None:
    await site.says("Plans", ButtonPayload="abc123:plans", ButtonText="Plans")
    (sent,) = await site.twilio.wait_for(1)
    assert "❓ Aide" in sent.choices
