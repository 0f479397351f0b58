"""Dialogues: multi-turn handlers as plain async functions, run from the top on every turn.

The first unanswered question suspends the handler; a re-run gets answers and results from the journal.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Sequence
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from lumiera.errors import StageError
from lumiera.intents import AGENT, Intent
from lumiera.journal import DRAFT, MATCH, Journal, Misfit, Suspended
from lumiera.messages import Choices, Media, Message, Option, Reply
from lumiera.steps import in_handler
from lumiera.store import DialogueRecord, Entry
from lumiera.turn import Turn

_PICTURES = TypeAdapter(tuple[Media, ...])


async def run_dialogue(
    turn: Turn, intent: Intent, record: DialogueRecord | None = None, given: Sequence[Entry] = ()
) -> Reply | None:
    """Run or go on with a handler; leaves the journal's change on the turn and returns the reply.

    `given` are entries to begin with: one in place of an earlier answer, or those of a draft, which are not asked for.
    None only from an agent that has no answer.
    """
    journal = Journal(turn, intent, record, given)
    view = copy.copy(turn)
    view.messages, view.now, view.match = journal.record.opening, journal.record.opened_at, journal.match
    view.reply, view.dialogue = None, journal
    inside = in_handler.set(True)
    try:
        if journal.record.version != intent.version:
            raise Misfit(f"version {journal.record.version} is now {intent.version}")  # noqa: TRY301 - one way out
        returned = await intent.handler(view)
        if returned is None and journal.is_untold and intent.name == AGENT:
            return None
        reply = journal.finished(_as_reply(intent, returned))
    except Suspended as suspended:
        asked = journal.asked(suspended.question)
        turn.changes.append(journal.change("open", question=asked))
        return journal.joined(asked.shown)
    except Misfit as misfit:
        turn.trace.span("dialogue", journal.record.id, misfit=str(misfit))
        turn.changes.append(journal.given_up())
        again = Option(id=f"draft:{journal.record.id}", text="draft-restart")
        return Reply(turn.text_for("dialogue-draft"), Choices(options=(again,)))
    except (Exception, asyncio.CancelledError):
        if journal.is_stored and (record is None or record.question is None):
            turn.changes.append(journal.given_up())  # nobody is asked anything: the answers must not be lost
        raise
    finally:
        in_handler.reset(inside)
    if not journal.is_untold:
        turn.changes.append(journal.change("done"))
    return reply


def late_photos(record: DialogueRecord, messages: Sequence[Message], caption: str) -> Entry | None:
    """Join pictures that came after their question to its answer, unless a step has used that since (rule 9)."""
    pictures = [item for message in messages for item in message.media if item.kind in ("image", "video")]
    if pictures and caption:
        pictures[0] = replace(pictures[0], caption=caption)
    for entry in reversed(record.entries) if pictures else ():
        if entry.kind == "step":
            return None
        if (earlier := _pictures(entry)) is not None:
            return replace(entry, value=_PICTURES.dump_json((*earlier, *pictures)[:10]).decode())
    return None


def draft_of(record: DialogueRecord) -> list[Entry]:
    """Return the answers of a dialogue, for another to begin with; its own count before those it had begun with."""
    answers = [entry for entry in record.entries if entry.kind == "answer" and entry.name != MATCH]
    named = {DRAFT + entry.name.removeprefix(DRAFT): entry for entry in answers}
    return [replace(entry, name=name) for name, entry in named.items()]


def _pictures(entry: Entry) -> tuple[Media, ...] | None:
    try:
        return _PICTURES.validate_json(entry.value) if entry.kind == "answer" else None
    except ValidationError:
        return None


def _as_reply(intent: Intent, returned: object) -> Reply:
    if isinstance(returned, Reply):
        return returned
    if isinstance(returned, str):
        return Reply(returned)
    raise StageError("route", f"handler of {intent.name!r} returned {type(returned).__name__}, expected Reply or str")
