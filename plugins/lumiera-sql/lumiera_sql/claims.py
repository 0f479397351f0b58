"""The claim: fence a conversation and give its next turn; and the search for conversations that want one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from lumiera.messages import Choices, Message
from lumiera.people import Conversation, Session, User
from lumiera.records import Channels, Claim, DialogueRecord, Due, Lease, Take, Waiting
from lumiera_sql import dialogues, escalations
from lumiera_sql.conversations import (
    COLUMNS,
    SESSION_COLUMNS,
    USER_COLUMNS,
    read_conversation,
    read_session,
    read_user,
)
from lumiera_sql.outbox import WAITING as OUTBOX_WAITING
from lumiera_sql.schema import conversations, inbox, outbox, sessions, users
from lumiera_sql.schema import dialogues as dialogue_table
from lumiera_sql.statement import Row, Statement, constant, given
from lumiera_sql.values import load_choices, load_message, micros, moment

_MOST = 100  # messages that one claim looks at; what a burst leaves comes with the next
_c, _i, _o, _d = conversations.c, inbox.c, outbox.c, dialogue_table.c

_FENCE = Statement(update(conversations).where(_c.id == given("conversation")).values(epoch=_c.epoch + constant(1)))
_WAITING = Statement(
    select(_i.seq, _i.body, _i.turn_id, _i.attempts, _i.ready_at, _i.claimed_at)
    .where(_i.conversation_id == given("conversation"), _i.status == constant("new"))
    .order_by(_i.seq)
    .limit(_MOST)
)
_AROUND = Statement(
    select(*COLUMNS, _c.epoch, _c.menu, *USER_COLUMNS, *SESSION_COLUMNS, *dialogues.COLUMNS)
    .select_from(conversations)
    .outerjoin(users, users.c.id == _c.user_id)
    .outerjoin(sessions, sessions.c.id == _c.session_id)
    .outerjoin(dialogue_table, (_d.conversation_id == _c.id) & (_d.status == constant("open")))
    .where(_c.id == given("conversation"))
)
_WAKE = Statement(update(conversations).where(_c.id == given("conversation")).values(wake_at=given("at")))
_STAMP = Statement(
    update(inbox)
    .where(
        _i.conversation_id == given("conversation"),
        _i.status == constant("new"),
        _i.turn_id.is_(None),
        _i.seq <= given("last"),
    )
    .values(turn_id=given("turn"), attempts=constant(1), claimed_at=given("now"))
)
_AGAIN = Statement(
    update(inbox)
    .where(_i.conversation_id == given("conversation"), _i.status == constant("new"), _i.turn_id == given("turn"))
    .values(attempts=given("attempt"))
)


@dataclass(frozen=True, kw_only=True)
class _Around:
    """What stands around the messages of a claim."""

    lease: Lease
    conversation: Conversation
    menu: Choices | None
    user: User | None
    session: Session | None
    dialogue: DialogueRecord | None
    aside: DialogueRecord | None

    def claim(
        self, turn_id: str, attempt: int, claimed_at: datetime, messages: tuple[Message, ...], *, more: bool
    ) -> Claim:
        return Claim(
            lease=self.lease,
            turn_id=turn_id,
            attempt=attempt,
            claimed_at=claimed_at,
            messages=messages,
            conversation=self.conversation,
            user=self.user,
            session=self.session,
            dialogue=self.dialogue,
            aside=self.aside,
            menu=self.menu,
            more=more,
        )


def claim(tx: Connection, conversation_id: int, turn_id: str, now: datetime, take: Take) -> Claim | datetime | None:
    _FENCE.run(tx, conversation=conversation_id)
    rows = _WAITING.rows(tx, conversation=conversation_id)
    if not rows:
        return None
    if rows[0][2] is None:
        return _first(tx, conversation_id, rows, turn_id, now, take)
    return _again(tx, conversation_id, rows, now)


def _first(
    tx: Connection, conversation_id: int, rows: list[Row], turn_id: str, now: datetime, take: Take
) -> Claim | datetime:
    """Let `take` make a turn of the messages, or wait."""
    around = _around(tx, conversation_id)
    messages = tuple([load_message(row[1], row[0]) for row in rows])
    taken = take(Waiting(messages=messages, conversation=around.conversation, dialogue=around.dialogue))
    if isinstance(taken, datetime):
        return _sleep(tx, conversation_id, taken)
    assert 0 < taken <= len(messages)
    _STAMP.run(tx, conversation=conversation_id, last=rows[taken - 1][0], turn=turn_id, now=micros(now))
    return around.claim(turn_id, 1, now, messages[:taken], more=taken < len(messages))


def _again(tx: Connection, conversation_id: int, rows: list[Row], now: datetime) -> Claim | datetime:
    """Give a turn that was begun once more, with the messages that it had."""
    _, _, turn_id, attempts, ready_at, claimed_at = rows[0]
    if ready_at is not None and ready_at > micros(now):
        return _sleep(tx, conversation_id, moment(ready_at))
    _AGAIN.run(tx, conversation=conversation_id, turn=turn_id, attempt=attempts + 1)
    around = _around(tx, conversation_id)
    written, beside = dialogues.written_by(tx, conversation_id, turn_id), around.dialogue
    if written is not None and (beside is None or beside.id != written.id):
        # One that is served while another is open lies above that until the turn's commit says what becomes of both.
        around = replace(around, dialogue=written, aside=beside or around.aside)
    messages = tuple(load_message(row[1], row[0]) for row in rows if row[2] == turn_id)
    return around.claim(turn_id, attempts + 1, moment(claimed_at), messages, more=len(messages) < len(rows))


def _sleep(tx: Connection, conversation_id: int, until: datetime) -> datetime:
    _WAKE.run(tx, conversation=conversation_id, at=micros(until))
    return until


def _around(tx: Connection, conversation_id: int) -> _Around:
    row = _AROUND.row(tx, conversation=conversation_id)
    assert row is not None
    user, session, dialogue = row[14:19], row[19:22], row[22:]
    return _Around(
        lease=Lease(conversation_id, row[12]),
        conversation=read_conversation(row),
        menu=load_choices(row[13]),
        user=None if user[0] is None else read_user(user),
        session=None if session[0] is None else read_session(session),
        dialogue=None if dialogue[0] is None else dialogues.read_dialogue(tx, dialogue),
        aside=dialogues.aside(tx, conversation_id),
    )


# Both scan a partial index that is empty while nothing is to do.
_DUE_INBOX = Statement(
    select(_i.conversation_id, _c.wake_at, _c.channel)
    .join(conversations, _c.id == _i.conversation_id)
    .where(_i.status == constant("new"))
    .distinct()
)
_DUE_OUTBOX = Statement(
    select(_o.conversation_id, _o.state, _o.ready_at, _o.check_at, _c.channel)
    .join(conversations, _c.id == _o.conversation_id)
    .where(OUTBOX_WAITING)
    .order_by(_o.conversation_id, _o.id)
)


def due(tx: Connection, now: datetime, channels: Channels = None) -> Due:
    """Find what is to do; a turn that runs now is among it, its messages are not done."""
    at = micros(now)
    inbound = {
        conversation: wake_at or 0
        for conversation, wake_at, channel in _DUE_INBOX.rows(tx)
        if channels is None or channel in channels
    }
    outbound: dict[int, int | None] = {}
    for conversation, state, ready_at, check_at, channel in _DUE_OUTBOX.rows(tx):
        if channels is None or channel in channels:  # the first one blocks the rest
            outbound.setdefault(conversation, ready_at if state == "queued" else check_at)
    later = [time for time in (*inbound.values(), *outbound.values()) if time is not None and time > at]
    return Due(
        inbox=tuple(conversation for conversation, time in inbound.items() if time <= at),
        outbox=tuple(conversation for conversation, time in outbound.items() if time is not None and time <= at),
        escalations=escalations.are_wanting(tx, now),
        next_at=moment(min(later)) if later else None,
    )
