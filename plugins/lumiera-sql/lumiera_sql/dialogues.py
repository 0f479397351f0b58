"""Operations on dialogues and their journals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, select, update

from lumiera.errors import Silenced
from lumiera.people import Opening
from lumiera.records import Action, DialogueRecord, Entry, Lease, Outgoing
from lumiera_sql import conversations, escalations, logs, outbox
from lumiera_sql.schema import dialogue_entries, dialogues, inbox
from lumiera_sql.statement import Row, Statement, constant, given, inserting
from lumiera_sql.values import dump_asked, dump_messages, load_asked, load_messages, micros, moment

_KEPT = timedelta(days=7)
_ENDED = ("done", "cancelled", "draft")
_MOST = 100  # that one look of the timer parks; the next look finds the others
_d, _e = dialogues.c, dialogue_entries.c
COLUMNS = (
    _d.id, _d.intent, _d.version, _d.opening, _d.opened_at, _d.turn_id, _d.status, _d.question, _d.changed_at,
)  # fmt: skip

_WRITTEN_BY = Statement(
    select(*COLUMNS)
    .where(_d.turn_id == given("turn"), _d.conversation_id == given("conversation"))
    .order_by(case((_d.status == constant("open"), constant(0)), else_=constant(1)), _d.opened_at.desc())
)
_ONE = Statement(select(*COLUMNS).where(_d.id == given("dialogue")))
_ASIDE = Statement(
    select(*COLUMNS)
    .where(
        _d.conversation_id == given("conversation"),
        _d.status.in_([constant("interrupted"), constant("parked"), constant("offered")]),
    )
    .order_by(
        case((_d.status == constant("interrupted"), constant(0)), (_d.status == constant("parked"), constant(1)),
             else_=constant(2)),
        _d.changed_at.desc(),
    )
    .limit(1)
)  # fmt: skip
_ENTRIES = Statement(
    select(_e.name, _e.kind, _e.state, _e.value, _e.arguments, _e.label)
    .where(_e.dialogue_id == given("dialogue"))
    .order_by(_e.id)
)
_new = inserting(
    dialogues, "id", "conversation_id", "intent", "version", "opening", "opened_at", "turn_id", "status", "question",
    "changed_at", "ended_at",
)  # fmt: skip
_offers = _new.excluded.status == constant("offered")  # which does not prolong the life of a parked one
_WRITE = Statement(
    _new.on_conflict_do_update(
        index_elements=[_d.id],
        set_={name: _new.excluded[name] for name in ("turn_id", "status", "question", "ended_at")}
        | {"changed_at": case((_offers, _d.changed_at), else_=_new.excluded.changed_at)},
    )
)
_new_entry = inserting(dialogue_entries, "dialogue_id", "name", "kind", "state", "value", "arguments", "label")
_WRITE_ENTRY = Statement(
    _new_entry.on_conflict_do_update(
        index_elements=[_e.dialogue_id, _e.name],
        set_={name: _new_entry.excluded[name] for name in ("kind", "state", "value", "arguments", "label")},
    )
)
_DROP_ENTRY = Statement(delete(dialogue_entries).where(_e.dialogue_id == given("dialogue"), _e.name == given("entry")))


def read_dialogue(tx: Connection, row: Row) -> DialogueRecord:
    """Return the dialogue of a row, with its entries in the order in which they were made."""
    entries = tuple(
        Entry(name=name, kind=kind, state=state, value=value, arguments=arguments, label=label)
        for name, kind, state, value, arguments, label in _ENTRIES.rows(tx, dialogue=row[0])
    )
    return DialogueRecord(
        id=row[0],
        intent=row[1],
        version=row[2],
        opening=load_messages(row[3]),
        opened_at=moment(row[4]),
        turn_id=row[5],
        status=row[6],
        question=load_asked(row[7]),
        entries=entries,
        changed_at=moment(row[8]),
    )


def find(tx: Connection, dialogue_id: str) -> DialogueRecord | None:
    row = _ONE.row(tx, dialogue=dialogue_id)
    return None if row is None else read_dialogue(tx, row)


def written_by(tx: Connection, conversation_id: int, turn_id: str) -> DialogueRecord | None:
    """Find the dialogue that a turn has written in, the open one first."""
    row = _WRITTEN_BY.row(tx, conversation=conversation_id, turn=turn_id)
    return None if row is None else read_dialogue(tx, row)


def aside(tx: Connection, conversation_id: int) -> DialogueRecord | None:
    """Find what was put aside: the interrupted dialogue, else the latest that is parked, else that was offered."""
    row = _ASIDE.row(tx, conversation=conversation_id)
    return None if row is None else read_dialogue(tx, row)


_other = dialogues.alias()
_interrupted = select(_other.c.id).where(
    _other.c.conversation_id == given("conversation"),
    _other.c.status == constant("interrupted"),
    # As `ix_dialogues_aside` says it: the planner takes no partial index for less.
    _other.c.status.in_([constant("interrupted"), constant("parked"), constant("offered")]),
    _other.c.id != given("stays"),
)
_MAKE_ROOM = Statement(
    update(dialogues)
    .where(_d.conversation_id == given("conversation"), _d.status == constant("open"), _d.id != given("stays"))
    .values(
        status=case((_interrupted.exists(), constant("parked")), else_=constant("interrupted")),
        changed_at=given("now"),
    )
)


def write(
    tx: Connection, conversation_id: int, turn_id: str, change: DialogueRecord, now: datetime, *, last_seq: int
) -> None:
    """Write what changed of a dialogue; its question is answered only by messages after `last_seq`.

    A conversation has one open dialogue, and one interrupted below it: another open one is interrupted, or parked.
    """
    if change.status == "open":
        _MAKE_ROOM.run(tx, conversation=conversation_id, stays=change.id, now=micros(now))
    question = change.question and dump_asked(replace(change.question, after_seq=last_seq))
    _WRITE.run(
        tx,
        id=change.id,
        conversation_id=conversation_id,
        intent=change.intent,
        version=change.version,
        opening=dump_messages(change.opening),
        opened_at=micros(change.opened_at),
        turn_id=turn_id,
        status=change.status,
        question=question,
        changed_at=micros(now),
        ended_at=micros(now) if change.status in _ENDED else None,
    )
    for name in change.dropped:
        _DROP_ENTRY.run(tx, dialogue=change.id, entry=name)
    for entry in change.entries:
        write_entry(tx, change.id, entry)


def write_entry(tx: Connection, dialogue_id: str, entry: Entry) -> None:
    _WRITE_ENTRY.run(
        tx,
        dialogue_id=dialogue_id,
        name=entry.name,
        kind=entry.kind,
        state=entry.state,
        value=entry.value,
        arguments=entry.arguments,
        label=entry.label,
    )


def journal(
    tx: Connection,
    lease: Lease,
    turn_id: str,
    change: DialogueRecord,
    now: datetime,
    *,
    operation: Callable[[Connection], Entry] | None,
    action: Action | None,
    bubbles: Sequence[Outgoing],
    escalation: Opening | None = None,
) -> Entry | None:
    held = conversations.hold(tx, lease, now)
    if held.silenced:
        raise Silenced
    write(tx, lease.conversation_id, turn_id, change, now, last_seq=held.last_seq)
    entry = None
    if operation is not None:
        entry = operation(tx)
        write_entry(tx, change.id, entry)
    outbox.put(tx, lease.conversation_id, turn_id, bubbles, now, silenced=False)
    if action is not None:
        logs.add_actions(tx, lease.conversation_id, turn_id, [action], now)
    if escalation is not None:
        escalations.open_one(tx, lease.conversation_id, escalation, now)
    return entry


# A message that waits, or whose turn runs, may be the answer.
_heard = select(inbox.c.id).where(inbox.c.conversation_id == _d.conversation_id, inbox.c.status == constant("new"))
_UNATTENDED = Statement(
    select(*COLUMNS)
    .where(
        _d.status.in_([constant("open"), constant("interrupted")]), _d.changed_at <= given("before"), ~_heard.exists()
    )
    .order_by(_d.changed_at)
    .limit(_MOST)
)
_PARK = Statement(
    update(dialogues)
    .where(_d.id == given("dialogue"), _d.status == given("seen"), _d.changed_at == given("seen_at"), ~_heard.exists())
    .values(status=constant("parked"), changed_at=given("now"))
)
_CONVERSATION = Statement(select(_d.conversation_id).where(_d.id == given("dialogue")))


def parking(tx: Connection, before: datetime) -> list[DialogueRecord]:
    return [read_dialogue(tx, row) for row in _UNATTENDED.rows(tx, before=micros(before))]


def park(tx: Connection, dialogue: DialogueRecord, now: datetime, escalation: Opening | None) -> None:
    assert dialogue.changed_at is not None
    seen_at = micros(dialogue.changed_at)
    if not _PARK.run(tx, dialogue=dialogue.id, seen=dialogue.status, seen_at=seen_at, now=micros(now)):
        return
    row = _CONVERSATION.row(tx, dialogue=dialogue.id)
    assert row is not None
    if escalation is not None:
        escalations.open_one(tx, row[0], escalation, now)


_END_ASIDE = Statement(
    update(dialogues)
    .where(
        _d.status.in_([constant("interrupted"), constant("parked"), constant("offered")]),
        _d.changed_at <= given("before"),
    )
    .values(status=constant("cancelled"), ended_at=given("now"))
)
_old = select(_d.id).where(_d.ended_at <= given("before"))
_PURGE_ENTRIES = Statement(delete(dialogue_entries).where(_e.dialogue_id.in_(_old)))
_PURGE = Statement(delete(dialogues).where(_d.ended_at <= given("before")))


def purge(tx: Connection, now: datetime, unfinished: datetime) -> None:
    _END_ASIDE.run(tx, now=micros(now), before=micros(unfinished))
    before = micros(now - _KEPT)
    _PURGE_ENTRIES.run(tx, before=before)
    _PURGE.run(tx, before=before)
    outbox.purge(tx, now)
