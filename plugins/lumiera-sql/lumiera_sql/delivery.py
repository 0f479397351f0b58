"""Operations on what became of a bubble: how its send ended, and what the provider tells of it afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, delete, null, select, update

from lumiera.people import Opening
from lumiera.records import OutboxItem, OutboxState, Sent
from lumiera_sql import escalations, inbox
from lumiera_sql.schema import conversations, early_statuses, outbox
from lumiera_sql.statement import Row, Statement, constant, given, inserting
from lumiera_sql.values import load_bubble, micros, moment_or_none

_MOST = 6  # attempts; what the provider takes and then cannot deliver is not put back for ever
_o, _c, _early = outbox.c, conversations.c, early_statuses.c
# How far a bubble has come; a provider's status moves it to a higher rank only, and from the last to none.
_RANKS: dict[OutboxState, int] = {
    "queued": 0, "sending": 1, "unknown": 1, "sent": 2, "delivered": 3, "read": 4, "failed": 5, "cancelled": 5,
}  # fmt: skip
_FAILS_BELOW = _RANKS["delivered"]  # what has arrived does not fail any more

_END = Statement(
    update(outbox)
    # `queued`, `unknown`: another process started meanwhile and took it up. The next attempt has an answer of its own.
    .where(
        _o.id == given("item"),
        _o.attempts == given("attempt"),
        _o.state.in_([constant("queued"), constant("sending"), constant("unknown")]),
    )
    .values(
        state=given("outcome"),
        provider_id=given("theirs"),
        error=given("reason"),
        ready_at=given("retry_at"),
        check_at=given("look_at"),
        changed_at=given("now"),
    )
)
_found = (
    select(_o.id, _o.state, _o.attempts, _o.conversation_id, _o.dedupe_key, _o.bubble, _c.stopped_at)
    .join(conversations, _c.id == _o.conversation_id)
    .with_for_update(of=outbox)
)
_OF_US = Statement(_found.where(_o.id == given("item")))
_OF_PROVIDER = Statement(
    _found.where(_o.provider_id == given("theirs"), _o.provider_id != constant(""), _c.channel == given("channel"))
)
_MOVE = Statement(
    update(outbox)
    .where(_o.id == given("item"))
    .values(state=given("outcome"), error=given("reason"), changed_at=given("now"))
)
_PUT_BACK = Statement(
    update(outbox)
    .where(_o.id == given("item"))
    .values(
        state=constant("queued"),
        error=given("reason"),
        ready_at=given("retry_at"),
        begun_at=null(),  # what was sent before is another message of the provider's
        provider_id=constant(""),
        changed_at=given("now"),
    )
)


def _rank(state: ColumnElement[str]) -> ColumnElement[int]:
    return case({constant(name): constant(rank) for name, rank in _RANKS.items()}, value=state)


_new_early = inserting(early_statuses, "channel", "provider_id", "state", "error", "retry_at", "stopped", "at")
_KEEP = Statement(
    _new_early.on_conflict_do_update(
        index_elements=[_early.channel, _early.provider_id],
        set_={name: _new_early.excluded[name] for name in ("state", "error", "retry_at", "stopped", "at")},
        where=_rank(_early.state) < _rank(_new_early.excluded.state),
    )
)
_is_early = (_early.channel == given("channel"), _early.provider_id == given("theirs"))
_EARLY = Statement(select(_early.state, _early.error, _early.retry_at, _early.stopped).where(*_is_early))
_FORGET_EARLY = Statement(delete(early_statuses).where(*_is_early))


def end_send(tx: Connection, item: OutboxItem, sent: Sent, now: datetime) -> OutboxState | None:
    retry_at = micros(sent.retry_at or now)
    # One that is still unknown has been so since its attempt ended.
    changed_at = item.ended_at if sent.state == "unknown" and item.ended_at else now
    if not _END.run(
        tx,
        item=item.id,
        attempt=item.attempts,
        outcome=sent.state,
        theirs=sent.provider_id,
        reason=sent.error,
        retry_at=retry_at,
        look_at=retry_at if sent.state == "unknown" and sent.retry_at else None,
        now=micros(changed_at),
    ):
        return None
    if sent.state == "failed":
        _give_up(tx, _ours(tx, item.id), sent.provider_id, now, stopped=sent.stopped)
    if sent.provider_id and (early := _EARLY.row(tx, channel=item.channel, theirs=sent.provider_id)):
        _FORGET_EARLY.run(tx, channel=item.channel, theirs=sent.provider_id)
        state, error, again, stopped = early
        at = moment_or_none(again)
        told = Sent(state=state, provider_id=sent.provider_id, error=error, retry_at=at, stopped=bool(stopped))
        if _fold(tx, _ours(tx, item.id), told, now):
            return told.state
    return None


def fold_status(tx: Connection, channel: str, told: Sent, now: datetime) -> bool:
    row = _OF_PROVIDER.row(tx, channel=channel, theirs=told.provider_id)
    if row is not None:
        return _fold(tx, row, told, now)
    _KEEP.run(
        tx,
        channel=channel,
        provider_id=told.provider_id,
        state=told.state,
        error=told.error,
        retry_at=None if told.retry_at is None else micros(told.retry_at),
        stopped=told.stopped,
        at=micros(now),
    )
    return False


def _fold(tx: Connection, row: Row, told: Sent, now: datetime) -> bool:
    item, before, attempts = row[:3]
    if _RANKS[before] >= (_FAILS_BELOW if told.state == "failed" else _RANKS[told.state]):
        return False
    if told.state == "failed" and told.retry_at is not None and attempts < _MOST:
        _PUT_BACK.run(tx, item=item, reason=told.error, retry_at=micros(told.retry_at), now=micros(now))
        return False
    _MOVE.run(tx, item=item, outcome=told.state, reason=told.error, now=micros(now))
    if told.state == "failed":
        _give_up(tx, row, told.provider_id, now, stopped=told.stopped)
    return True


def _ours(tx: Connection, item: int) -> Row:
    row = _OF_US.row(tx, item=item)
    assert row is not None
    return row


def _give_up(tx: Connection, row: Row, provider_id: str, now: datetime, *, stopped: bool) -> None:
    """Let a human know of a bubble that will never arrive, or take down that its user wants no more."""
    conversation, dedupe_key, bubble, stopped_at = row[3:]
    if stopped:
        inbox.set_consent(tx, conversation, "stop", provider_id, now)
    elif stopped_at is None and not dedupe_key.startswith("escalation/"):
        details = load_bubble(bubble).text
        escalations.open_one(tx, conversation, Opening(reason="undelivered", details=details, silent=False), now)
