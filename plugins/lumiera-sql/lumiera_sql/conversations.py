"""Operations on a conversation: the fence, the user, the session, what was said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, null, select, update

from lumiera.errors import Fenced
from lumiera.people import Allowance, Conversation, Session, User
from lumiera.records import Lease, Line
from lumiera_sql.schema import conversations, messages, sessions, users
from lumiera_sql.statement import Row, Statement, constant, given, inserting
from lumiera_sql.values import micros, moment, moment_or_none

_c = conversations.c
COLUMNS = (
    _c.id, _c.channel, _c.address, _c.external_id, _c.user_id, _c.stopped_at, _c.handed_over_until,
    _c.allowance_tokens, _c.allowance_at, _c.allowance_told, _c.turns, _c.last_inbound_at,
)  # fmt: skip
USER_COLUMNS = (users.c.id, users.c.phone, users.c.name, users.c.language, users.c.status)
SESSION_COLUMNS = (sessions.c.id, sessions.c.started_at, sessions.c.last_message_at)


def read_conversation(row: Row) -> Conversation:
    tokens, at, told = row[7:10]
    return Conversation(
        id=row[0],
        channel=row[1],
        address=row[2] or "",
        external_id=row[3] or "",
        user_id=row[4],
        stopped_at=moment_or_none(row[5]),
        handed_over_until=moment_or_none(row[6]),
        allowance=None if at is None else Allowance(tokens=tokens, at=moment(at), told=bool(told)),
        turns=row[10],
        last_inbound_at=moment_or_none(row[11]),
    )


def read_user(row: Row) -> User:
    return User(id=row[0], phone=row[1] or "", name=row[2], language=row[3], status=row[4])


def read_session(row: Row) -> Session:
    return Session(id=row[0], started_at=moment(row[1]), last_message_at=moment(row[2]))


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the fence tells of the conversation that it holds."""

    last_seq: int
    silenced: bool  # STOP, or a human has it


def is_silenced(stopped_at: int | None, handed_over_until: int | None, now: datetime) -> bool:
    return stopped_at is not None or (handed_over_until is not None and handed_over_until > micros(now))


def _fencing(**changes: ColumnElement[Any]) -> Statement:
    held = update(conversations).where(_c.id == given("conversation"), _c.epoch == given("held"))
    return Statement(held.values(changes))


_HOLD = _fencing(epoch=_c.epoch)
# The lease ends with the turn: a second commit of the same turn is fenced like that of any zombie.
_END = _fencing(epoch=_c.epoch + constant(1), wake_at=given("wake"))
_FINISH = _fencing(
    epoch=_c.epoch + constant(1),
    wake_at=null(),
    turns=_c.turns + constant(1),
    menu=func.coalesce(given("shown"), _c.menu),
    allowance_tokens=func.coalesce(given("tokens"), _c.allowance_tokens),
    allowance_at=func.coalesce(given("tokens_at"), _c.allowance_at),
    allowance_told=func.coalesce(given("told"), _c.allowance_told),
)


_STATE = Statement(select(_c.next_seq, _c.stopped_at, _c.handed_over_until).where(_c.id == given("conversation")))


def hold(tx: Connection, lease: Lease, now: datetime) -> Held:
    """Lock the conversation for this transaction; raises `Fenced` if somebody has claimed it since."""
    return _held(tx, lease, now, _HOLD.run(tx, conversation=lease.conversation_id, held=lease.epoch))


def end_lease(tx: Connection, lease: Lease, now: datetime, *, wake: datetime | None = None) -> Held:
    """Lock the conversation and end the lease; its messages are left alone until `wake`."""
    wake_at = None if wake is None else micros(wake)
    return _held(tx, lease, now, _END.run(tx, conversation=lease.conversation_id, held=lease.epoch, wake=wake_at))


def finish_lease(
    tx: Connection, lease: Lease, now: datetime, *, shown: str | None, allowance: Allowance | None
) -> Held:
    """Lock the conversation, end the lease and count a finished turn."""
    tokens, at, told = (allowance.tokens, micros(allowance.at), allowance.told) if allowance else (None, None, None)
    count = _FINISH.run(
        tx, conversation=lease.conversation_id, held=lease.epoch, shown=shown, tokens=tokens, tokens_at=at, told=told
    )
    return _held(tx, lease, now, count)


def _held(tx: Connection, lease: Lease, now: datetime, count: int) -> Held:
    if count != 1:
        raise Fenced
    # Not by RETURNING: on SQLite that costs twice as much as this.
    row = _STATE.row(tx, conversation=lease.conversation_id)
    assert row is not None
    return Held(last_seq=row[0] - 1, silenced=is_silenced(row[1], row[2], now))


_USER = Statement(
    select(*USER_COLUMNS)
    .where((users.c.id == given("user")) | (users.c.phone == given("number")))
    .order_by(case((users.c.id == given("user"), constant(0)), else_=constant(1)))
)
_NEW_USER = Statement(
    inserting(users, "phone", "name", "language", "status", "created_at")
    .on_conflict_do_nothing()
    .returning(*USER_COLUMNS)
)
_NEW_USER_WITH_ID = Statement(
    inserting(users, "id", "phone", "name", "language", "status", "created_at")
    .on_conflict_do_nothing()
    .returning(*USER_COLUMNS)
)
_LINK = Statement(update(conversations).where(_c.id == given("conversation")).values(user_id=given("user")))
_SPEAKS = Statement(update(users).where(users.c.id == given("user")).values(language=given("spoken")))


def sign_in(tx: Connection, lease: Lease, user: User, now: datetime) -> User:
    hold(tx, lease, now)
    stored = _stored_user(tx, user) or _new_user(tx, user, now)
    _LINK.run(tx, conversation=lease.conversation_id, user=stored.id)
    return stored


def _stored_user(tx: Connection, user: User) -> User | None:
    row = _USER.row(tx, user=user.id, number=user.phone or None)
    return None if row is None else read_user(row)


def _new_user(tx: Connection, user: User, now: datetime) -> User:
    values = {
        "phone": user.phone or None,
        "name": user.name,
        "language": user.language,
        "status": user.status,
        "created_at": micros(now),
    }
    row = _NEW_USER_WITH_ID.row(tx, id=user.id, **values) if user.id else _NEW_USER.row(tx, **values)
    if row is not None:
        return read_user(row)
    stored = _stored_user(tx, user)  # another process was quicker
    assert stored is not None
    return stored


def set_language(tx: Connection, user_id: int, language: str) -> None:
    _SPEAKS.run(tx, user=user_id, spoken=language)


_CLOSE_SESSION = Statement(
    update(sessions)
    .where(sessions.c.conversation_id == given("conversation"), sessions.c.ended_at.is_(null()))
    .values(ended_at=given("now"))
)
_NEW_SESSION = Statement(
    inserting(sessions, "conversation_id", "started_at", "last_message_at").returning(sessions.c.id)
)
_POINT = Statement(update(conversations).where(_c.id == given("conversation")).values(session_id=given("session")))
_TOUCH = Statement(update(sessions).where(sessions.c.id == given("session")).values(last_message_at=given("now")))


def open_session(tx: Connection, lease: Lease, now: datetime) -> Session:
    hold(tx, lease, now)
    at = micros(now)
    _CLOSE_SESSION.run(tx, conversation=lease.conversation_id, now=at)
    row = _NEW_SESSION.row(tx, conversation_id=lease.conversation_id, started_at=at, last_message_at=at)
    assert row is not None
    _POINT.run(tx, conversation=lease.conversation_id, session=row[0])
    return Session(id=row[0], started_at=now, last_message_at=now)


def touch_session(tx: Connection, session_id: int, now: datetime) -> None:
    _TOUCH.run(tx, session=session_id, now=micros(now))


_LINE = Statement(inserting(messages, "conversation_id", "turn_id", "direction", "text", "language", "at"))


def keep_lines(tx: Connection, conversation_id: int, turn_id: str, lines: Iterable[Line]) -> None:
    """Add lines to the history, in order."""
    place = {"conversation_id": conversation_id, "turn_id": turn_id}
    rows = [place | vars(line) | {"at": micros(line.at)} for line in lines]
    if rows:
        _LINE.run_each(tx, rows)


def note(tx: Connection, conversation_id: int, text: str, now: datetime) -> None:
    """Add a line to the history that nobody is sent."""
    keep_lines(tx, conversation_id, "", [Line(direction="note", text=text, language="", at=now)])
