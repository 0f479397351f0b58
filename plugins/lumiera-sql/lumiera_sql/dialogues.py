"""Operations on dialogues and their journals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, select, update

from lumiera.errors import Silenced
from lumiera.store import Action, DialogueRecord, Entry, Lease, Outgoing
from lumiera_sql import conversations, logs, outbox
from lumiera_sql.schema import dialogue_entries, dialogues
from lumiera_sql.statement import Row, Statement, constant, given, inserting
from lumiera_sql.values import dump_asked, dump_messages, load_asked, load_messages, micros, moment

_KEPT = timedelta(days=7)
_d, _e = dialogues.c, dialogue_entries.c
COLUMNS = (_d.id, _d.intent, _d.version, _d.opening, _d.opened_at, _d.turn_id, _d.status, _d.question)

_WRITTEN_BY = Statement(
    select(*COLUMNS)
    .where(_d.turn_id == given("turn"), _d.conversation_id == given("conversation"))
    .order_by(case((_d.status == constant("open"), constant(0)), else_=constant(1)), _d.opened_at.desc())
)
_ONE = Statement(select(*COLUMNS).where(_d.id == given("dialogue")))
_ENTRIES = Statement(
    select(_e.name, _e.kind, _e.state, _e.value, _e.arguments)
    .where(_e.dialogue_id == given("dialogue"))
    .order_by(_e.id)
)
_new = inserting(
    dialogues, "id", "conversation_id", "intent", "version", "opening", "opened_at", "turn_id", "status", "question",
    "ended_at",
)  # fmt: skip
_WRITE = Statement(
    _new.on_conflict_do_update(
        index_elements=[_d.id],
        set_={name: _new.excluded[name] for name in ("turn_id", "status", "question", "ended_at")},
    )
)
_new_entry = inserting(dialogue_entries, "dialogue_id", "name", "kind", "state", "value", "arguments")
_WRITE_ENTRY = Statement(
    _new_entry.on_conflict_do_update(
        index_elements=[_e.dialogue_id, _e.name],
        set_={name: _new_entry.excluded[name] for name in ("kind", "state", "value", "arguments")},
    )
)


def read_dialogue(tx: Connection, row: Row) -> DialogueRecord:
    """Return the dialogue of a row, with its entries in the order in which they were made."""
    entries = tuple(
        Entry(name=name, kind=kind, state=state, value=value, arguments=arguments)
        for name, kind, state, value, arguments in _ENTRIES.rows(tx, dialogue=row[0])
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
    )


def find(tx: Connection, dialogue_id: str) -> DialogueRecord | None:
    row = _ONE.row(tx, dialogue=dialogue_id)
    return None if row is None else read_dialogue(tx, row)


def written_by(tx: Connection, conversation_id: int, turn_id: str) -> DialogueRecord | None:
    """Find the dialogue that a turn has written in, the open one first."""
    row = _WRITTEN_BY.row(tx, conversation=conversation_id, turn=turn_id)
    return None if row is None else read_dialogue(tx, row)


_MAKE_ROOM = Statement(
    update(dialogues)
    .where(_d.conversation_id == given("conversation"), _d.status == constant("open"), _d.id != given("stays"))
    .values(status=constant("draft"), ended_at=given("now"))
)


def write(
    tx: Connection, conversation_id: int, turn_id: str, change: DialogueRecord, now: datetime, *, last_seq: int
) -> None:
    """Write what changed of a dialogue; its question is answered only by messages after `last_seq`.

    A conversation has one open dialogue: another one becomes a draft.
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
        ended_at=None if change.status == "open" else micros(now),
    )
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
    return entry


_old = select(_d.id).where(_d.ended_at <= given("before"))
_PURGE_ENTRIES = Statement(delete(dialogue_entries).where(_e.dialogue_id.in_(_old)))
_PURGE = Statement(delete(dialogues).where(_d.ended_at <= given("before")))


def purge(tx: Connection, now: datetime) -> None:
    before = micros(now - _KEPT)
    _PURGE_ENTRIES.run(tx, before=before)
    _PURGE.run(tx, before=before)
    outbox.purge(tx, now)
