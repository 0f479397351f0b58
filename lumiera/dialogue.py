"""Dialogues: multi-turn handlers as plain async functions, run from the top on every turn.

The first unanswered question suspends the handler; a re-run gets answers and results from the journal.
"""

from __future__ import annotations

import asyncio
import copy
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from lumiera.errors import PASSES_THROUGH, LumieraError, StageError
from lumiera.intents import AGENT, Intent
from lumiera.journal import DRAFT, MATCH, Journal, Misfit, Suspended, ours_of
from lumiera.messages import Choices, Media, Message, Option, Reply
from lumiera.people import Opening
from lumiera.questions import photos_label
from lumiera.records import DialogueRecord, Entry
from lumiera.steps import in_handler
from lumiera.turn import Turn

log = logging.getLogger(__name__)
_PICTURES = TypeAdapter(tuple[Media, ...])
_OURS = LumieraError("").user_message  # the text of an error that says nothing of its own


async def run_dialogue(
    turn: Turn, intent: Intent, record: DialogueRecord | None = None, given: Sequence[Entry] = ()
) -> Reply | None:
    """Run or go on with a handler; leaves the journal's change on the turn and returns the reply.

    `given` are entries to begin with: one in place of an earlier answer, or those of a draft, which are not asked for.
    None only from an agent that has no answer.
    """
    journal = Journal(turn, intent, record, given)
    inside = in_handler.set(True)
    try:
        if journal.record.version != intent.version:
            raise Misfit(f"version {journal.record.version} is now {intent.version}")  # noqa: TRY301 - one way out
        returned = await intent.handler(view_of(turn, journal))
        if returned is None and journal.is_untold and intent.name == AGENT:
            return None
        reply = journal.finished(_as_reply(intent, returned))
    except Suspended as suspended:
        asked = journal.asked(suspended.question)
        turn.changes.append(journal.change("open", question=asked))
        return journal.joined(asked.shown)
    except Misfit as misfit:
        turn.trace.span("dialogue", journal.record.id, misfit=str(misfit))
        turn.escalation = unfinished(intent, journal.entries)
        return _given_up(turn, journal, turn.text_for("dialogue-draft"))
    except (*PASSES_THROUGH, asyncio.CancelledError):
        if journal.is_stored and (record is None or (record.question is None and not record.dropped)):
            turn.changes.append(journal.given_up())  # nobody is asked anything: the answers must not be lost
        raise
    except Exception as error:  # the border with the handler: what was answered survives whatever it raises
        kept = answers(journal.entries)
        if journal.is_stored or kept:
            turn.escalation = Opening(reason="failed", details=told(kept) or turn.text, silent=False)
        if not kept:  # nothing to start again from: answered as any other error
            turn.changes += [journal.given_up()] if journal.is_stored else []
            raise
        return _failed(turn, journal, error)
    finally:
        in_handler.reset(inside)
    if not journal.is_untold:
        turn.changes.append(journal.change("done"))
    return reply


def view_of(turn: Turn, journal: Journal) -> Turn:
    """Return what the handler sees: the opening as it was, the user as he is; what it changes stays its own."""
    view = copy.copy(turn)
    view.messages, view.now, view.match = journal.record.opening, journal.record.opened_at, journal.match
    view.reply, view.dialogue = None, journal
    return view


def _given_up(turn: Turn, journal: Journal, text: str) -> Reply:
    turn.changes.append(journal.given_up())
    again = Option(id=f"draft:{journal.record.id}", text="draft-restart")
    return Reply(text, Choices(options=(again,)))


def _failed(turn: Turn, journal: Journal, error: Exception) -> Reply:
    """End a dialogue whose handler raised for good: the answers are kept, and a human sees them (rule 7)."""
    ours = ours_of(error)
    failure = StageError("route", ours.message, ours.code)
    failure.__cause__ = error
    turn.failures.append(failure)
    log.error("%s", failure.message, exc_info=error, extra={"stage": "route", "code": str(ours.code)})
    own = [] if ours.user_message == _OURS else [turn.text_for(ours.user_message)]
    return _given_up(turn, journal, "\n\n".join([*own, turn.text_for("dialogue-failed")]))


def answers(entries: Iterable[Entry]) -> list[Entry]:
    """Return what the user answered in this dialogue: not what it was understood as, nor what a draft has."""
    return [entry for entry in entries if entry.kind == "answer" and not entry.name.startswith("@")]


def told(entries: Iterable[Entry]) -> str:
    """Write the answers down for a human: a line for each, the question before the colon."""
    return "\n".join(" : ".join((one.label or f"{one.name}\n{one.value}").splitlines()) for one in answers(entries))


def unfinished(intent: Intent | None, entries: Iterable[Entry]) -> Opening | None:
    """Return the call for a human who has to finish a dialogue that was left, if its intent says so (rules 8, 13)."""
    kept = answers(entries)
    if intent is None or intent.needs_human is None:
        return None
    try:
        needed = intent.needs_human({entry.name: json.loads(entry.value) for entry in kept})
    except Exception:  # the border with a plugin: who cannot tell whether somebody is hurt calls
        log.exception("needs_human of an intent raised", extra={"intent": intent.name})
        needed = True
    return Opening(reason="unfinished", details=told(kept), silent=False) if needed else None


def late_photos(record: DialogueRecord, messages: Sequence[Message], caption: str) -> Entry | None:
    """Join pictures that came after their question to its answer, unless a step has used that since (rule 9)."""
    pictures = [item for message in messages for item in message.media if item.kind in ("image", "video")]
    if pictures and caption:
        pictures[0] = replace(pictures[0], caption=caption)
    for entry in reversed(record.entries) if pictures else ():
        if entry.kind in ("step", "write"):
            return None
        if (earlier := _pictures(entry)) is not None:
            joined = (*earlier, *pictures)[:10]
            label = f"{entry.label.partition(chr(10))[0]}\n{photos_label(len(joined))}"
            return replace(entry, value=_PICTURES.dump_json(joined).decode(), label=label)
    return None


def draft_of(record: DialogueRecord) -> list[Entry]:
    """Return the answers of a dialogue, for another to begin with; its own count before those it had begun with."""
    found = [entry for entry in record.entries if entry.kind == "answer" and entry.name != MATCH]
    named = {DRAFT + entry.name.removeprefix(DRAFT): entry for entry in found}
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
