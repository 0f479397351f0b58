"""One conversation, from a person who is made to the next morning, as an open page hears of it."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulator.conftest import Event, Site, Stream

ANNA = {"phone": "+33 6 39 98 00 42", "name": "Anna <b>Petit</b>", "language": "fr"}


def story(events: list[Event]) -> str:
    """Write down what a page heard, each message where it first came, as a person would read it."""
    lines, known = [], set[int]()
    for event in events:
        if event.name == "message" and event.data["id"] not in known:
            known.add(event.data["id"])
            mark = {"in": ">", "out": "<"}[event.data["direction"]]
            options = "".join(f" [{option['title']}]" for option in event.data["options"])
            text = re.sub(r"\d\d:\d\d", "05:55", textwrap.shorten(event.data["text"], 50, placeholder=" …"))
            lines.append(f"{mark} {text}{options}")
        elif event.name == "person" and event.data["name"] == ANNA["name"]:
            lines.append(f"-- {event.data['name']}")
        elif event.name == "clock":
            lines.append(f"-- {event.data['ahead'] / 3600:g} h")
    return "\n".join(lines)


def phone(events: list[Event]) -> dict[int, dict[str, Any]]:
    """Return the messages as a page has them that takes in event after event."""
    return {event.data["id"]: event.data for event in events if event.name == "message"}


async def heard(stream: Stream, site: Site, person: int) -> None:
    """Wait until a page has what stands on the phone, and all of it has come to rest."""

    async def is_same() -> bool:
        messages = (await site.get(f"people/{person}/messages"))["messages"]
        rests = all(one["turn"] or one["direction"] == "out" for one in messages)
        return rests and list(phone(stream.seen).values()) == messages and not await site.outbox(person)

    await site.until(is_same)


async def test_a_conversation_from_the_first_word_to_the_next_morning(site: Site) -> None:
    async with site.listen() as stream:
        made = await site.post("people", ANNA)
        anna = made.data["id"]
        assert (made.status, made.data["phone"]) == (201, "+33639980042")
        await stream.until("person", id=anna)

        await site.says("bonjour", person=anna)
        await site.gets(1, person=anna)
        await site.taps("❓ Aide", person=anna)
        await site.gets(2, person=anna)
        await heard(stream, site, anna)
        seen_by_the_other = max(int(event.id) for event in stream.seen if event.id)
        before = phone(stream.seen)

        await site.says("je veux parler au chef", person=anna)
        await site.gets(3, person=anna)
        await site.says("le mur penche", person=anna)
        await site.gets(4, person=anna)
        (call,) = await site.escalations()
        assert (call["name"], call["details"]) == (ANNA["name"], "le mur penche")
        said = {"text": "Reculez, j'arrive.", "close": True}
        assert (await site.post(f"escalations/{call['id']}/answer", said)).status == 204
        await site.gets(6, person=anna)
        await heard(stream, site, anna)

        await site.jump(hours=8)
        await stream.until("clock")
        await site.says("bonjour", person=anna)
        await site.gets(7, person=anna)
        await heard(stream, site, anna)

        assert story(stream.seen) == STORY
        revisions = [int(event.id) for event in stream.seen if event.id]
        assert revisions == sorted(set(revisions))
        turns = await site.turns(anna)
        told = dict.fromkeys(event.data["turn"] for event in stream.named("turn"))
        assert list(told) == [turn["id"] for turn in reversed(turns)]
        assert [turn["intent"] for turn in reversed(turns)] == INTENTS
        sessions = [(await site.get(f"turns/{turn['id']}"))["session"] for turn in turns]
        assert sessions[0] != sessions[1] == sessions[-1]

        async with site.listen(last=str(seen_by_the_other)) as other:
            await site.until(lambda: _same(before, other, stream))
            revisions = [int(event.id) for event in other.seen if event.id]
            assert min(revisions) > seen_by_the_other
            assert revisions == sorted(one["revision"] for one in phone(other.seen).values())


async def _same(before: dict[int, Any], other: Stream, stream: Stream) -> bool:
    return {**before, **phone(other.seen)} == phone(stream.seen)


INTENTS = ["greeting", "help", "escalate_to_human", "escalate_to_human", "greeting"]
STORY = """\
-- Anna <b>Petit</b>
> bonjour
< Bonjour Anna <b>Petit</b> 👷 Je suis Lumiera, un … [❓ Aide] [🌐 Langue] [💬 Parler à l’équipe]
> ❓ Aide
< Voici comment me parler : ✍️ Écrivez, touchez … [❓ Aide] [🌐 Langue] [💬 Parler à l’équipe]
> je veux parler au chef
< Je transmets à l’équipe. C’est à propos de quoi ? [Une tâche] [La sécurité] [Autre chose]
> le mur penche
< Votre demande est gardée (05:55), mais personne …
< Reculez, j'arrive.
< La discussion avec l’équipe est terminée. Je …
-- 8 h
> bonjour
< Bonjour Anna <b>Petit</b> 👷 Que voulez-vous … [❓ Aide] [🌐 Langue] [💬 Parler à l’équipe]"""
