"""The commit of a turn, and what is kept of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from lumiera.store import Lease, Line, TurnRecord
from lumiera_sql import conversations, dialogues, inbox, logs, outbox
from lumiera_sql.schema import messages, turns
from lumiera_sql.statement import Statement, given, inserting
from lumiera_sql.values import dump_choices, micros, moment

_TURN = Statement(
    inserting(
        turns, "id", "conversation_id", "session_id", "user_id", "started_at", "finished_at", "language", "intent",
        "confidence", "route", "code", "trace",
    )
)  # fmt: skip
_LINE = Statement(inserting(messages, "conversation_id", "turn_id", "direction", "text", "language", "at"))
_HISTORY = Statement(
    select(messages.c.direction, messages.c.text, messages.c.language, messages.c.at)
    .where(messages.c.conversation_id == given("conversation"))
    .order_by(messages.c.id.desc())
    .limit(given("most"))
)


def finish(tx: Connection, lease: Lease, record: TurnRecord, now: datetime) -> None:
    conversation = lease.conversation_id
    shown = None if record.menu is None else dump_choices(record.menu)
    held = conversations.finish_lease(tx, lease, now, shown=shown, allowance=record.allowance)
    inbox.mark_done(tx, conversation, record.id, now)
    _keep(tx, conversation, record)
    if record.session_id is not None:
        conversations.touch_session(tx, record.session_id, now)
    if record.user_language and record.user_id is not None:
        conversations.set_language(tx, record.user_id, record.user_language)
    # The one that ends goes first: a conversation has one open dialogue at most.
    for change in sorted(record.dialogues, key=lambda change: change.status == "open"):
        dialogues.write(tx, conversation, record.id, change, now, last_seq=held.last_seq)
    outbox.put(tx, conversation, record.id, record.outbox, now, silenced=held.silenced)
    if record.actions:
        logs.add_actions(tx, conversation, record.id, record.actions, now)
    if record.failures:
        logs.add_failures(tx, conversation, record.id, record.failures, now)


def _keep(tx: Connection, conversation_id: int, record: TurnRecord) -> None:
    _TURN.run(
        tx,
        id=record.id,
        conversation_id=conversation_id,
        session_id=record.session_id,
        user_id=record.user_id,
        started_at=micros(record.started_at),
        finished_at=micros(record.finished_at),
        language=record.language,
        intent=record.intent,
        confidence=record.confidence,
        route=record.route,
        code=record.code,
        trace=record.trace,
    )
    if record.history:
        _LINE.run_each(
            tx,
            [
                {
                    "conversation_id": conversation_id,
                    "turn_id": record.id,
                    "direction": line.direction,
                    "text": line.text,
                    "language": line.language,
                    "at": micros(line.at),
                }
                for line in record.history
            ],
        )


def history(tx: Connection, conversation_id: int, limit: int) -> list[Line]:
    rows = _HISTORY.rows(tx, conversation=conversation_id, most=limit)
    return [
        Line(direction=direction, text=text, language=language, at=moment(at))
        for direction, text, language, at in reversed(rows)
    ]
