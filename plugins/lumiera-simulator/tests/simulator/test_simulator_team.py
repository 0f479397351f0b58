"""The human behind the bot, by the page: who waits, the answer that arrives, and the way back."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lumiera import Channel, Message, Opening, hookimpl
from lumiera.testing.bot import KitChannel

if TYPE_CHECKING:
    from tests.simulator.conftest import Event, Site, Stream

Start = Callable[..., Awaitable["Site"]]
USER = "+33639980101"


async def call(site: Site, person: int = 1) -> dict[str, Any]:
    """Let a person ask for a human, and return the escalation."""
    await site.says("je veux parler au chef", person=person)
    shown = len(await site.gets(1, person=person))
    await site.says("le mur penche", person=person)
    await site.gets(shown + 1, person=person)
    (one,) = [one for one in await site.escalations() if not one["closed_at"]]
    return dict(one)


async def answer(site: Site, one: dict[str, Any], text: str, *, close: bool = False) -> None:
    said = await site.post(f"escalations/{one['id']}/answer", {"text": text, "close": close})
    assert (said.status, said.body) == (204, b"")


async def texts(site: Site, count: int, person: int = 1) -> list[str]:
    """Wait for so many bubbles of a person and return what they say."""
    return [one["text"] for one in await site.gets(count, person=person)]


async def calls(stream: Stream) -> list[Event]:
    return stream.named("escalations")


async def test_nobody_waits_at_first(site: Site) -> None:
    assert await site.escalations() == []


async def test_who_asks_for_a_human_is_shown_with_what_was_said(site: Site) -> None:
    one = await call(site)
    assert (one["name"], one["phone"], one["channel"], one["language"]) == ("Camille Laurent", USER, "simulator", "fr")
    assert (one["reason"], one["reason_text"], one["details"]) == ("other", "autre question", "le mur penche")
    assert (one["stopped"], one["reachable"], one["closed_at"]) == (False, True, None)
    assert one["silent_until"] > one["opened_at"]
    said = [(line["direction"], line["text"]) for line in one["said"]]
    assert said[0] == ("in", "je veux parler au chef")
    assert ("in", "le mur penche") in said
    (turn, _) = await site.turns()
    assert one["conversation_id"] == (await site.get(f"turns/{turn['id']}"))["raw"]["conversation_id"]


async def test_the_pages_are_told_of_a_call_of_the_answer_and_of_the_way_back(site: Site) -> None:
    async with site.listen() as stream:
        one = await call(site)
        # Of the call itself, and of the sweep that has rung whoever is on call.
        await site.until(lambda: calls(stream), lambda events: len(events) == 2)
        for told in (lambda: answer(site, one, "J'arrive."), lambda: site.post(f"escalations/{one['id']}/close")):
            stream.seen.clear()
            await told()
            await stream.until("escalations")


async def test_an_answer_reaches_the_phone_and_the_bot_is_silent(site: Site) -> None:
    one = await call(site)
    before = len(await site.phone())
    await answer(site, one, "  Reculez, j'arrive.\n")
    assert (await texts(site, before + 1))[-1] == "Reculez, j'arrive."
    await site.says("merci")
    turn = (await site.until(site.turns, lambda found: len(found) == 3))[0]
    assert turn["route"] == "silent"
    assert len(await site.phone()) == before + 1
    (shown,) = await site.escalations()
    assert [line["text"] for line in shown["said"] if line["direction"] == "team"] == ["Reculez, j'arrive."]


async def test_handing_back_says_so_and_the_bot_answers_again(site: Site) -> None:
    one = await call(site)
    before = len(await site.phone())
    assert (await site.post(f"escalations/{one['id']}/close")).status == 204
    told = (await texts(site, before + 1))[-1]
    assert told == site.bot.texts.format("escalation-handed-back", "fr")
    (closed,) = await site.escalations()
    assert (closed["closed_by"], closed["silent_until"]) == ("team", None)
    await site.says("bonjour")
    await site.gets(before + 2)


async def test_an_answer_may_hand_back_with_it(site: Site) -> None:
    one = await call(site)
    before = len(await site.phone())
    await answer(site, one, "Les étais sont en place.", close=True)
    said, told = (await texts(site, before + 2))[-2:]
    assert (said, told) == ("Les étais sont en place.", site.bot.texts.format("escalation-handed-back", "fr"))
    assert [shown["closed_by"] for shown in await site.escalations()] == ["team"]


async def test_a_long_answer_arrives_whole_in_several_bubbles(site: Site) -> None:
    one = await call(site)
    before = len(await site.phone())
    await answer(site, one, "Attention. " * 200)
    first, second = (await texts(site, before + 2))[-2:]
    assert f"{first} {second}" == ("Attention. " * 200).strip()


async def test_the_open_ones_come_first_and_the_last_closed_one_after_them(site: Site) -> None:
    for person in (1, 2, 3):
        one = await call(site, person)
        if person < 3:
            assert (await site.post(f"escalations/{one['id']}/close")).status == 204
    shown = [(one["phone"], bool(one["closed_at"])) for one in await site.escalations()]
    assert shown == [("+33639980103", False), ("+447700900102", True), (USER, True)]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"text": ""}, "text: an answer needs words"),
        ({"text": " \n\0"}, "text: an answer needs words"),
        ({}, "text: Field required"),
        ({"text": "oui", "cloze": True}, "cloze: Extra inputs are not permitted"),
    ],
)
async def test_an_answer_without_words_is_refused(site: Site, body: dict[str, Any], words: str) -> None:
    one = await call(site)
    refused = await site.post(f"escalations/{one['id']}/answer", body)
    assert (refused.status, refused.data) == (422, {"error": words})


@pytest.mark.parametrize("what", ["answer", "close"])
async def test_what_is_over_or_never_was_cannot_be_answered(site: Site, what: str) -> None:
    one = await call(site)
    await site.post(f"escalations/{one['id']}/close")
    over = await site.post(f"escalations/{one['id']}/{what}", {"text": "oui"} if what == "answer" else {})
    assert (over.status, over.data) == (409, {"error": "Somebody handed the user back already."})
    never = await site.post(f"escalations/{one['id'] + 1}/{what}", {"text": "oui"} if what == "answer" else {})
    assert (never.status, never.data) == (404, {"error": "There is no such escalation."})


async def test_two_who_hand_back_at_once_tell_the_user_once(site: Site) -> None:
    one = await call(site)
    before = len(await site.phone())
    both = await asyncio.gather(*(site.post(f"escalations/{one['id']}/close") for _ in range(2)))
    assert sorted(said.status for said in both) in ([204, 409], [204, 204])
    await site.gets(before + 1)
    assert await site.outbox() == []
    assert len(await site.phone()) == before + 1


async def test_who_said_stop_is_not_written_to_but_can_be_handed_back(site: Site) -> None:
    one = await call(site)
    await site.says("STOP")
    await site.until(site.escalations, lambda found: found[0]["stopped"])
    refused = await site.post(f"escalations/{one['id']}/answer", {"text": "J'arrive."})
    assert (refused.status, "STOP" in refused.data["error"]) == (409, True)
    assert (await site.post(f"escalations/{one['id']}/close")).status == 204
    assert "J'arrive." not in [shown["text"] for shown in await site.phone()]


async def test_who_calls_the_bot_back_closes_the_call(site: Site) -> None:
    await call(site)
    async with site.listen() as stream:
        await site.says(site.bot.texts.format("resume", "fr"))
        (one,) = await site.until(site.escalations, lambda found: found[0]["closed_at"])
        assert one["closed_by"] == "user"
        await stream.until("escalations")


async def test_users_of_another_channel_are_answered_from_the_page(start: Start) -> None:
    kit = KitChannel()

    class Other:
        @hookimpl
        def register_channels(self) -> list[Channel]:
            return [kit]

    site = await start(other=Other())
    for place, said in enumerate(("je veux parler au chef", "le mur penche")):
        message = Message(
            sid=f"K{place}", channel="kit", sender="+33600000007", received_at=site.bot.now(), text=said,
            profile_name="<img src=x onerror=alert(1)>",
        )  # fmt: skip
        await site.bot.receive([message])
        await site.until(partial(_sent, kit), partial(_is_over, place))
    (one,) = await site.until(site.escalations)
    assert (one["channel"], one["phone"], one["name"]) == ("kit", "+33600000007", "<img src=x onerror=alert(1)>")
    await answer(site, one, "J'arrive.")
    assert await site.until(partial(_sent, kit), lambda sent: ("+33600000007", "J'arrive.") in sent)


async def test_a_channel_that_is_not_loaded_any_more_is_shown_and_nothing_fails(start: Start) -> None:
    class Other:
        @hookimpl
        def register_channels(self) -> list[Channel]:
            return [KitChannel()]

    first = await start(other=Other())
    message = Message(sid="K1", channel="kit", sender="+33600000007", received_at=first.bot.now(), text="à l'aide")
    (receipt,) = await first.bot.receive([message])
    await first.bot.escalate(receipt.conversation_id, Opening(reason="safety", details="feu"))
    second = await start()
    (one,) = await second.escalations()
    assert (one["channel"], one["details"], one["reachable"]) == ("kit", "feu", True)


async def test_a_ring_is_shown_with_its_state(start: Start) -> None:
    site = await start({"escalation": {"notify": ["+33639980190"], "template": "HX1"}})
    await call(site)
    (one,) = await site.until(site.escalations, lambda found: found[0]["outcome"])
    (ring,) = one["rings"]
    assert (one["outcome"], ring["address"], ring["state"]) == ("reached", "+33639980190", "delivered")


async def test_the_page_and_the_command_tell_the_same(site: Site, tmp_path: Path) -> None:
    one = await call(site)
    await answer(site, one, "J'arrive.", close=True)
    await call(site, person=2)
    command = [sys.executable, "-m", "lumiera", "escalations", "list", "--all", "--json"]
    process = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE)
    listed, _ = await process.communicate()
    shown = {one["id"]: one for one in await site.escalations()}
    assert len(shown) == 2
    for told in json.loads(listed):
        extra = {"reason_text", "conversation_id", "reachable"}
        assert {name: fact for name, fact in shown[told["id"]].items() if name not in extra} == told


async def _sent(kit: KitChannel) -> list[tuple[str, str]]:
    return [(address, bubble.text) for address, bubble in kit.sent]


def _is_over(count: int, sent: list[tuple[str, str]]) -> bool:
    return len(sent) > count
