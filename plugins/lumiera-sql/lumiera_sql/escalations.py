"""Operations on escalations: opening them, handing conversations over, finding them. Ringing is in `rings`."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, null, or_, select, update

from lumiera.people import Escalation, Opening, Ring
from lumiera_sql.conversations import COLUMNS, USER_COLUMNS, note, read_conversation, read_user
from lumiera_sql.schema import conversations, escalations, outbox, rings, users
from lumiera_sql.statement import Row, Statement, constant, given, inserting
from lumiera_sql.values import micros, moment, moment_or_none

_SHOWN = 100  # of those that are closed
_LATE = timedelta(days=1)  # until a ring counts as lost
_e, _c, _r, _o = escalations.c, conversations.c, rings.c, outbox.c

_OPEN = Statement(
    inserting(
        escalations, "conversation_id", "reason", "details", "silent", "opened_at"
    ).on_conflict_do_nothing()
)  # fmt: skip
_SILENT = Statement(
    select(_e.reason)
    .where(_e.conversation_id == given("conversation"), _e.closed_at.is_(null()), _e.silent)
    .order_by(_e.id.desc())
)
_HAND_OVER = Statement(
    update(conversations).where(_c.id == given("conversation")).values(handed_over_until=given("until"))
)
_RESUME = Statement(
    update(escalations)
    .where(_e.conversation_id == given("conversation"), _e.closed_at.is_(null()), _e.silent)
    .values(closed_at=given("now"), closed_by=constant("user"))
)
_WANTING = Statement(
    select(_e.id)
    .where(
        _e.closed_at.is_(null()),
        or_(
            _e.outcome == constant(""),
            _e.silent,
            and_(_e.outcome == constant("nobody"), _e.opened_at > given("late")),
        ),
    )
    .limit(1)
)
_found = (
    select(
        _e.id, _e.reason, _e.details, _e.silent, _e.opened_at, _e.outcome, _e.closed_at, _e.closed_by,
        *COLUMNS, *USER_COLUMNS,
    )
    .join(conversations, _c.id == _e.conversation_id)
    .outerjoin(users, users.c.id == _c.user_id)
)  # fmt: skip
_OPEN_ONES = Statement(_found.where(_e.closed_at.is_(null())).order_by(_e.id))
_CLOSED_ONES = Statement(_found.where(_e.closed_at.is_not(null())).order_by(_e.closed_at.desc()).limit(_SHOWN))
_RINGS = Statement(
    select(_r.escalation_id, _r.address, _o.state, _r.at, _o.provider_id)
    .join(outbox, _o.id == _r.outbox_id)
    .where(_r.escalation_id >= given("first"))
    .order_by(_r.escalation_id, _r.place)
)


def open_one(tx: Connection, conversation_id: int, opening: Opening, now: datetime) -> bool:
    """Open an escalation; False if one with its reason is open. Hands nothing over."""
    opened = _OPEN.run(
        tx,
        conversation_id=conversation_id,
        reason=opening.reason,
        details=opening.details,
        silent=opening.silent,
        opened_at=micros(now),
    )
    if opened and not opening.silent:  # a silent one is noted when it takes effect
        note(tx, conversation_id, f"the team is called: {opening.reason}", now)
    return opened > 0


def escalate(tx: Connection, conversation_id: int, opening: Opening, now: datetime, until: datetime | None) -> bool:
    if not open_one(tx, conversation_id, opening, now):
        return False
    if opening.silent and until is not None:
        hand_over(tx, conversation_id, until, now)
    return True


def hand_over(tx: Connection, conversation_id: int, until: datetime, now: datetime, *, again: bool = False) -> None:
    """Give the conversation to the team, as a silent escalation wants it; without one that is open nothing happens.

    `again`: they have it, and keep it for longer.
    """
    silent = _SILENT.row(tx, conversation=conversation_id)
    if silent is not None:
        _HAND_OVER.run(tx, conversation=conversation_id, until=micros(until))
        if not again:
            note(tx, conversation_id, f"handed over to the team: {silent[0]}", now)


def resume(tx: Connection, conversation_id: int, now: datetime) -> None:
    """Give the conversation back to the bot, whom the user has called."""
    _RESUME.run(tx, conversation=conversation_id, now=micros(now))
    _HAND_OVER.run(tx, conversation=conversation_id, until=None)
    note(tx, conversation_id, "handed back: user", now)


def are_wanting(tx: Connection, now: datetime) -> bool:
    """Say whether an escalation is open for which something may be left to do.

    A ring that nobody heard may still arrive, but not for ever: the sweep asks this each second.
    """
    return _WANTING.row(tx, late=micros(now - _LATE)) is not None


def find(tx: Connection, closed: bool) -> list[Escalation]:
    rows = sorted((*_OPEN_ONES.rows(tx), *(_CLOSED_ONES.rows(tx) if closed else ())), key=lambda row: row[0])
    rung = defaultdict[int, list[Ring]](list)
    for escalation, address, state, at, provider_id in _RINGS.rows(tx, first=rows[0][0]) if rows else ():
        rung[escalation].append(Ring(address=address, state=state, at=moment(at), provider_id=provider_id))
    return [_read(row, rung[row[0]]) for row in rows]


def _read(row: Row, rung: list[Ring]) -> Escalation:
    escalation, reason, details, silent, opened_at, outcome, closed_at, closed_by = row[:8]
    conversation, user = row[8 : 8 + len(COLUMNS)], row[8 + len(COLUMNS) :]
    return Escalation(
        id=escalation,
        opening=Opening(reason=reason, details=details, silent=bool(silent)),
        opened_at=moment(opened_at),
        conversation=read_conversation(conversation),
        user=None if user[0] is None else read_user(user),
        rings=tuple(rung),
        outcome=outcome,
        closed_at=moment_or_none(closed_at),
        closed_by=closed_by,
    )
