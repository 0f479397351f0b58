"""Through Twilio, at night: the first on call cannot be reached, the second is; the user is told the truth."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from lumiera_twilio.testing import FakeTwilio

if TYPE_CHECKING:
    from tests.twilio.conftest import Site

ANNA, BRUNO, USER = "whatsapp:+33700000001", "whatsapp:+33700000002", "whatsapp:+33600000001"


@pytest.fixture
def site_settings(site_settings: dict[str, Any], twilio: FakeTwilio) -> dict[str, Any]:
    """Two people on call, and a template for whoever of them has not written today."""
    template = twilio.template("{{1}} a besoin de quelqu’un : {{2}}. {{3}}")
    notify = [ANNA.removeprefix("whatsapp:"), BRUNO.removeprefix("whatsapp:")]
    return {**site_settings, "escalation": {"notify": notify, "template": template}}


async def rung(site: Site, count: int) -> None:
    """Let the bot look after its calls, and wait for what it sends."""
    await site.bot.sweep()
    await site.twilio.wait_for(count)


async def called(site: Site) -> None:
    """Ask for a human, so that the first on call is rung."""
    await site.says("je veux parler au chef")
    await site.twilio.wait_for(1)
    await site.says("le mur penche")
    await site.twilio.wait_for(2)
    await rung(site, 3)


async def test_an_undelivered_ring_goes_to_the_next_and_the_user_is_told(site: Site) -> None:
    await called(site)
    anna = site.twilio.sent[2]
    assert (anna.to, anna.content_sid[:2]) == (ANNA, "HX")
    (given,) = [dict(seen.form)["ContentVariables"] for seen in site.twilio.requests if ANNA in str(seen.form)]
    assert list(json.loads(given).values()) == ["Ana", "autre question", "le mur penche"]
    await site.twilio.report(anna, "sent", "undelivered", to=site.url, error_code="63024")
    await rung(site, 5)
    to = {sent.to: sent for sent in site.twilio.sent[3:]}
    assert to[USER].body == "La personne de garde ne répond pas. J’appelle quelqu’un d’autre de l’équipe."
    await site.says("vous êtes là ?")
    await site.twilio.report(to[BRUNO], "sent", "delivered", to=site.url)
    await rung(site, 6)
    assert site.twilio.sent[5].body.startswith("✅ Votre demande est arrivée chez une personne de l’équipe à ")
    (one,) = await site.bot.store.escalations()
    assert (one.outcome, [ring.state for ring in one.rings]) == ("reached", ["failed", "delivered"])
    assert await site.bot.answer_escalation(one, "Reculez, j'arrive.")
    await rung(site, 7)
    assert site.twilio.sent[6].body == "Reculez, j'arrive."
    lines = [line.text for line in await site.bot.store.history(one.conversation.id, 2)]
    assert lines == ["vous êtes là ?", "Reculez, j'arrive."]


async def test_who_has_written_today_gets_the_whole_text(site: Site) -> None:
    await site.says("bonjour", sender=ANNA.removeprefix("whatsapp:"))
    await site.twilio.wait_for(1)
    await site.says("je veux parler au chef")
    await site.twilio.wait_for(2)
    await site.says("le mur penche")
    await site.twilio.wait_for(3)
    await rung(site, 4)
    anna = site.twilio.sent[3]
    assert (anna.to, anna.content_sid) == (ANNA, "")
    assert anna.body.startswith("🔔 Ana (+33600000001) a besoin de quelqu’un : autre question. le mur penche")


async def test_a_reply_that_quotes_the_ring_reaches_the_user(site: Site) -> None:
    await called(site)
    anna = site.twilio.sent[2]
    await site.says("J'arrive.", sender=ANNA.removeprefix("whatsapp:"), OriginalRepliedMessageSid=anna.sid)
    await rung(site, 5)
    to = {sent.to: sent.body for sent in site.twilio.sent[3:]}
    assert to[USER] == "J'arrive."
    assert to[ANNA].startswith("✅ C’est transmis à Ana.")
