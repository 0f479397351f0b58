"""Operations on the inbox: messages in, turns out, in the order of each conversation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, null, select, update

from lumiera.messages import Message
from lumiera.people import Opening
from lumiera.records import Consent, DeadLetter, Failure, Lease, Outgoing, Receipt
from lumiera_sql import escalations, logs, outbox
from lumiera_sql.conversations import end_lease
from lumiera_sql.schema import consents, conversations, inbox
from lumiera_sql.statement import Row, Statement, constant, given, inserting
from lumiera_sql.values import dump_message, load_message, micros, moment

_c, _i = conversations.c, inbox.c
_found = (_c.id, _c.next_seq, _c.address, _c.external_id)
_AT_ADDRESS = Statement(
    select(*_found).where(_c.channel == given("channel"), _c.address == given("address")).with_for_update()
)
_OF_PERSON = Statement(
    select(*_found)
    .where(_c.channel == given("channel"), (_c.address == given("address")) | (_c.external_id == given("external_id")))
    .with_for_update()
)
_LEAVE = Statement(
    update(conversations)
    .where(_c.channel == given("on"), _c.address == given("at"), _c.id != given("stays"))
    .values(address=null())
)
_MOVE = Statement(
    update(conversations)
    .where(_c.id == given("conversation"))
    .values(address=given("at"), external_id=func.coalesce(given("person"), _c.external_id))
)
_NEW_CONVERSATION = Statement(
    inserting(conversations, "channel", "address", "external_id").on_conflict_do_nothing().returning(*_found)
)
_STORED = Statement(select(_i.conversation_id).where(_i.channel == given("channel"), _i.sid == given("sid")))
_STORE = Statement(
    inserting(inbox, "channel", "sid", "conversation_id", "seq", "body", "received_at").on_conflict_do_nothing(
        index_elements=[_i.channel, _i.sid]
    )
)
# A new message ends a burst's wait: the next claim asks again how long.
_COUNT = Statement(
    update(conversations)
    .where(_c.id == given("conversation"))
    .values(next_seq=_c.next_seq + constant(1), last_inbound_at=given("at"), wake_at=null())
)
_CONSENT = Statement(inserting(consents, "conversation_id", "kind", "sid", "at"))
_STOP = Statement(
    update(conversations)
    .where(_c.id == given("conversation"))
    .values(stopped_at=func.coalesce(_c.stopped_at, given("at")))
)
_START = Statement(update(conversations).where(_c.id == given("conversation")).values(stopped_at=null()))
_waiting = (
    _i.conversation_id == given("conversation"),
    _i.status == constant("new"),
    _i.turn_id == given("turn"),
)
_RETRY = Statement(update(inbox).where(*_waiting).values(ready_at=given("at"), error=given("reason")))
_BURY = Statement(
    update(inbox).where(*_waiting).values(status=constant("dead"), ended_at=given("now"), error=given("reason"))
)
_DONE = Statement(update(inbox).where(*_waiting).values(status=constant("done"), ended_at=given("now")))
_DEAD = Statement(
    select(_i.id, _i.body, _i.seq, _i.conversation_id, _i.turn_id, _i.error, _i.ended_at)
    .where(_i.status == constant("dead"))
    .order_by(_i.id)
)
_DEAD_TURN = Statement(
    select(_i.conversation_id, _i.turn_id).where(_i.id == given("dead"), _i.status == constant("dead"))
)
_REVIVE = Statement(
    update(inbox)
    .where(
        _i.conversation_id == given("conversation"), _i.turn_id == given("turn"), _i.status == constant("dead")
    )
    .values(
        status=constant("new"), attempts=constant(0), claimed_at=given("now"), ready_at=null(), ended_at=null(),
        error=constant(""),
    )
)  # fmt: skip
_WAKE = Statement(update(conversations).where(_c.id == given("conversation")).values(wake_at=null()))


def ingest(tx: Connection, messages: Sequence[tuple[Message, Consent | None]]) -> list[Receipt]:
    return [_ingest(tx, message, consent) for message, consent in messages]


def _ingest(tx: Connection, message: Message, consent: Consent | None) -> Receipt:
    found = _find(tx, message)
    if found is None:
        # Only now: a duplicate must not make a conversation, wherever it says that it comes from.
        if stored := _STORED.row(tx, channel=message.channel, sid=message.sid):
            return Receipt(stored[0], duplicate=True)
        found = _create(tx, message)
    conversation, seq, address, external_id = found
    at = micros(message.received_at)
    if not _STORE.run(
        tx,
        channel=message.channel,
        sid=message.sid,
        conversation_id=conversation,
        seq=seq,
        body=dump_message(message),
        received_at=at,
    ):
        stored = _STORED.row(tx, channel=message.channel, sid=message.sid)
        assert stored is not None
        return Receipt(stored[0], duplicate=True)
    _COUNT.run(tx, conversation=conversation, at=at)
    if address != message.sender or (message.external_id and external_id != message.external_id):
        _move(tx, conversation, message)
    if consent is not None:
        set_consent(tx, conversation, consent, message.sid, message.received_at)
    return Receipt(conversation, duplicate=False)


def _find(tx: Connection, message: Message) -> Row | None:
    """Find and lock the conversation of a message: that of its lasting id, else that of its address."""
    if not message.external_id:
        return _AT_ADDRESS.row(tx, channel=message.channel, address=message.sender)
    rows = _OF_PERSON.rows(tx, channel=message.channel, address=message.sender, external_id=message.external_id)
    same = next((row for row in rows if row[3] == message.external_id), None)
    # An address whose holder has another lasting id was given to a new person: not the same conversation.
    return same or next((row for row in rows if row[3] is None), None)


def _create(tx: Connection, message: Message) -> Row:
    _LEAVE.run(tx, on=message.channel, at=message.sender, stays=0)
    row = _NEW_CONVERSATION.row(
        tx, channel=message.channel, address=message.sender, external_id=message.external_id or None
    ) or _find(tx, message)  # another process was quicker
    assert row is not None
    return row


def _move(tx: Connection, conversation: int, message: Message) -> None:
    """Follow a person to a new address; whoever had it before is not reached there any more."""
    _LEAVE.run(tx, on=message.channel, at=message.sender, stays=conversation)
    _MOVE.run(tx, conversation=conversation, at=message.sender, person=message.external_id or None)


def set_consent(tx: Connection, conversation: int, consent: Consent, sid: str, now: datetime) -> None:
    """Set or lift STOP; `sid` is the message, of the user's or of ours, that tells of it."""
    at = micros(now)
    _CONSENT.run(tx, conversation_id=conversation, kind=consent, sid=sid, at=at)
    if consent == "stop":
        _STOP.run(tx, conversation=conversation, at=at)
    else:
        _START.run(tx, conversation=conversation)


def retry(tx: Connection, lease: Lease, turn_id: str, at: datetime, failure: Failure, now: datetime) -> None:
    end_lease(tx, lease, now, wake=at)
    _RETRY.run(tx, conversation=lease.conversation_id, turn=turn_id, at=micros(at), reason=failure.message)
    logs.add_failures(tx, lease.conversation_id, turn_id, [failure], now)


def bury(
    tx: Connection,
    lease: Lease,
    turn_id: str,
    failure: Failure,
    now: datetime,
    bubbles: Sequence[Outgoing],
    escalation: Opening | None,
) -> None:
    held = end_lease(tx, lease, now)
    _BURY.run(tx, conversation=lease.conversation_id, turn=turn_id, now=micros(now), reason=failure.message)
    logs.add_failures(tx, lease.conversation_id, turn_id, [failure], now)
    outbox.put(tx, lease.conversation_id, turn_id, bubbles, now, silenced=held.silenced)
    if escalation is not None:
        escalations.open_one(tx, lease.conversation_id, escalation, now)


def mark_done(tx: Connection, conversation_id: int, turn_id: str, now: datetime) -> None:
    _DONE.run(tx, conversation=conversation_id, turn=turn_id, now=micros(now))


def dead_letters(tx: Connection) -> list[DeadLetter]:
    return [
        DeadLetter(
            id=dead,
            message=load_message(body, seq),
            conversation_id=conversation,
            turn_id=turn_id,
            error=error,
            at=moment(ended_at),
        )
        for dead, body, seq, conversation, turn_id, error, ended_at in _DEAD.rows(tx)
    ]


def revive(tx: Connection, dead_letter_id: int, now: datetime) -> bool:
    row = _DEAD_TURN.row(tx, dead=dead_letter_id)
    if row is None:
        return False
    # All its messages: a re-run takes the same ones, and finds in the journal what the turn has done already.
    _REVIVE.run(tx, conversation=row[0], turn=row[1], now=micros(now))
    _WAKE.run(tx, conversation=row[0])
    return True
