"""What becomes of a dialogue that does not go straight on: corrected, parked, taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lumiera.channel import shorten
from lumiera.dialogue import answers, told, unfinished
from lumiera.journal import DRAFT, digest
from lumiera.messages import Choices, Option, Reply
from lumiera.people import Opening
from lumiera.questions import Asked
from lumiera.records import DialogueRecord, Entry
from lumiera.routing import again, below, is_answered, pending, says
from lumiera.turn import Bot, Turn

CORRECT, RESUME, DROP = "correct:", "resume:", "drop:"


# correcting


def corrects(turn: Turn, record: DialogueRecord, question: Asked, option: str) -> bool:
    """Serve the wish to correct: list what was answered, go back to what is picked from the list (rule 11).

    While the list stands, typed words are about it: they do not answer the question that waits behind it.
    """
    listed = turn.menu is not None and any(one.id.startswith(CORRECT) for one in turn.menu.options)
    tapped = any(message.tap for message in turn.messages)
    picked = [one for one in _correctable(record) if option == _row(record, one)]
    if picked:
        turn.open_dialogue, turn.draft = _rewound(record, picked[0])
    elif _wants_to(turn, question) and (tapped or not listed):
        turn.reply = _list(turn, record, question)
    elif listed and turn.text and not (tapped or option or says(turn, "cancel") or is_answered(record)):
        turn.reply = again(question, turn.text_for("question-missed"))
    else:
        return False
    turn.route = "question"
    turn.changes += [replace(record, entries=())] if turn.reply else []
    return True


def _wants_to(turn: Turn, question: Asked) -> bool:
    later = question.later(turn.messages)
    words = turn.said_in(later)
    if not says(turn, "correct"):
        return question.wants_correction(later, words)
    return question.kind == "free_text" or question.read(later, words, turn.now) is None


def _correctable(record: DialogueRecord) -> Sequence[Entry]:
    """Return the answers since the last write: what has left the bot is not taken back."""
    written = max((place for place, one in enumerate(record.entries, 1) if one.kind == "write"), default=0)
    return answers(record.entries[written:])


def _list(turn: Turn, record: DialogueRecord, question: Asked) -> Reply:
    labels = ((one, (one.label or one.name).partition("\n")) for one in _correctable(record))
    rows = [Option(id=_row(record, one), title=asked, description=said) for one, (asked, _, said) in labels]
    if not rows:
        return again(question, turn.text_for("correct-nothing"))
    return Reply(turn.text_for("correct-which"), Choices(options=tuple(rows)))


def _row(record: DialogueRecord, entry: Entry) -> str:
    return f"{CORRECT}{record.id}:{digest(entry.name)[:8]}"  # names may be longer than an id


def _rewound(record: DialogueRecord, entry: Entry) -> tuple[DialogueRecord, Sequence[Entry]]:
    """Go back to a question: what came after it goes, and its later answers wait as a draft."""
    later = [one for one in record.entries[record.entries.index(entry) :] if not one.name.startswith("@")]
    drafts = [replace(one, name=DRAFT + one.name) for one in answers(later[1:])]
    dropped = (DRAFT + entry.name, *(one.name for one in later))
    kept = tuple(one for one in record.entries if one.name not in dropped)
    return replace(record, question=None, entries=kept, dropped=dropped), drafts


def lost(turn: Turn) -> Opening:
    """Return the call for a human about a turn that is given up: with all answers, and what was written last."""
    entries = turn.open_dialogue.entries if turn.open_dialogue else ()
    return Opening(reason="failed", details="\n".join(filter(None, (told(entries), turn.text))), silent=False)


# parking


async def park_unattended(bot: Bot) -> None:
    """Park the dialogues that nobody has gone on with; one that cannot be left calls a human."""
    now = bot.now()
    for record in await bot.store.parking(now - bot.config.dialogue.park_after):
        await bot.store.park(record, now, escalation=unfinished(bot.intents.get(record.intent), record.entries))


def offer(turn: Turn) -> None:
    """Offer a parked dialogue under a reply that asks nothing itself, once."""
    parked, reply = turn.aside, turn.reply
    asks = turn.hands_over or below(turn) is not None or any(change.status == "open" for change in turn.changes)
    if parked is None or reply is None or asks or parked.status != "parked" or not _is_kept(turn, parked):
        return
    if reply.user_language or reply.language not in ("", turn.language):  # ours are not in it yet
        return
    asked = (parked.question.shown.text if parked.question else parked.opening[0].text).partition("\n")[0]
    words = turn.text_for("dialogue-parked", question=shorten(asked, 72))
    verbs = (Option(id=RESUME + parked.id, text="resume"), Option(id=DROP + parked.id, text="drop"))
    own = reply.choices.options if reply.choices else ()
    turn.reply = replace(reply, text=f"{reply.text}\n\n{words}".strip(), choices=Choices(options=(*verbs, *own)))
    turn.changes.append(replace(parked, status="offered", entries=()))


async def take_up(turn: Turn, option: str) -> None:
    """Open a dialogue again that was parked, or drop it, where that is what the user picked or typed."""
    if not option and turn.aside is not None and says(turn, "resume"):
        option = RESUME + turn.aside.id
    drops, name = option.startswith(DROP), option.removeprefix(RESUME).removeprefix(DROP)
    if name == option or not name.startswith(f"{turn.conversation.id}."):
        return
    found = await turn.bot.store.dialogue(name)
    if found is None or not _is_kept(turn, found):
        return
    turn.route = "question"
    if drops:
        turn.changes.append(replace(found, status="cancelled", question=None, entries=()))
        turn.reply = Reply(turn.text_for("dialogue-dropped"))
        return
    turn.open_dialogue = replace(found, status="open")  # the one that was open is interrupted by the commit
    if question := pending(turn):
        turn.changes.append(replace(turn.open_dialogue, entries=()))
        turn.reply = again(question)


def _is_kept(turn: Turn, record: DialogueRecord) -> bool:
    since, keep = record.changed_at, turn.bot.config.dialogue.keep
    return record.status in ("parked", "offered") and since is not None and turn.now - since <= keep
