"""The commit of a turn, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from lumiera.records import Failure, Lease, Line, TurnLine, TurnRecord
from lumiera_sql import conversations, dialogues, escalations, inbox, logs, outbox
from lumiera_sql.schema import error_log, messages, turns
from lumiera_sql.schema import outbox as outbox_table
from lumiera_sql.statement import Row, Statement, given, inserting
from lumiera_sql.values import dump_choices, micros, moment

_TURN = Statement(
    inserting(
        turns, "id", "conversation_id", "session_id", "user_id", "started_at", "finished_at", "language", "intent",
        "confidence", "route", "code", "trace",
    )
)  # fmt: skip
_HISTORY = Statement(
    select(messages.c.direction, messages.c.text, messages.c.language, messages.c.at)
    .where(messages.c.conversation_id == given("conversation"))
    .order_by(messages.c.id.desc())
    .limit(given("most"))
)
_FOUND = select(
    turns.c.id, turns.c.conversation_id, turns.c.started_at, turns.c.finished_at, turns.c.language, turns.c.intent,
    turns.c.confidence, turns.c.route, turns.c.code, turns.c.trace, turns.c.session_id, turns.c.user_id,
)  # fmt: skip
_FIND = Statement(_FOUND.where(turns.c.id == given("turn")))
_LAST = Statement(_FOUND.order_by(turns.c.started_at.desc()).limit(given("most")))
_LAST_OF_ONE = Statement(
    _FOUND.where(turns.c.conversation_id == given("conversation"))
    .order_by(turns.c.started_at.desc())
    .limit(given("most"))
)
_SAID = Statement(
    select(messages.c.direction, messages.c.text, messages.c.language, messages.c.at)
    .where(messages.c.conversation_id == given("conversation"), messages.c.turn_id == given("turn"))
    .order_by(messages.c.id)
)
_SENT = Statement(  # by the key, which has an index; "0" comes after "/"
    select(outbox_table.c.state, outbox_table.c.error)
    .where(outbox_table.c.dedupe_key >= given("from"), outbox_table.c.dedupe_key < given("to"))
    .order_by(outbox_table.c.id)
)
_FAILED = Statement(  # by the time, which has an index
    select(error_log.c.code, error_log.c.message, error_log.c.plugin, error_log.c.stage, error_log.c.traceback)
    .where(error_log.c.at >= given("since"), error_log.c.turn_id == given("turn"))
    .order_by(error_log.c.at, error_log.c.id)
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
    if record.escalation is not None:
        escalations.open_one(tx, conversation, record.escalation, now)
    if record.resumed:
        escalations.resume(tx, conversation, now)
    elif record.handed_over_until is not None:
        escalations.hand_over(tx, conversation, record.handed_over_until, now)
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
    conversations.keep_lines(tx, conversation_id, record.id, record.history)


def history(tx: Connection, conversation_id: int, limit: int) -> list[Line]:
    rows = _HISTORY.rows(tx, conversation=conversation_id, most=limit)
    return [_line(row) for row in reversed(rows)]


def find(tx: Connection, turn_id: str) -> TurnLine | None:
    row = _FIND.row(tx, turn=turn_id)
    if row is None:
        return None
    found = _turn(row)
    said = _SAID.rows(tx, conversation=found.conversation_id, turn=turn_id)
    failed = _FAILED.rows(tx, since=micros(found.started_at), turn=turn_id)
    sent = [(state, error) for state, error in _SENT.rows(tx, **{"from": f"{turn_id}/", "to": f"{turn_id}0"})]
    return replace(found, said=tuple(map(_line, said)), failures=tuple(map(_failure, failed)), bubbles=tuple(sent))


def last(tx: Connection, limit: int, conversation_id: int | None) -> list[TurnLine]:
    if conversation_id is None:
        return [_turn(row) for row in _LAST.rows(tx, most=limit)]
    return [_turn(row) for row in _LAST_OF_ONE.rows(tx, conversation=conversation_id, most=limit)]


def _line(row: Row) -> Line:
    direction, text, language, at = row
    return Line(direction=direction, text=text, language=language, at=moment(at))


def _turn(row: Row) -> TurnLine:
    turn_id, conversation, started, finished, language, intent, confidence, route, code, trace, session, user = row
    return TurnLine(
        id=turn_id, conversation_id=conversation, started_at=moment(started), finished_at=moment(finished),
        language=language, intent=intent, confidence=confidence, route=route, code=code, trace=trace,
        session_id=session, user_id=user,
    )  # fmt: skip


def _failure(row: Row) -> Failure:
    code, message, plugin, stage, traceback = row
    return Failure(code=code, message=message, plugin=plugin, stage=stage, traceback=traceback)
