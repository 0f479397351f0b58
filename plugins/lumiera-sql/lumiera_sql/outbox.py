"""Operations on the outbox: one bubble after the other, each sent once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, delete, func, select, update

from lumiera.store import Channels, OutboxItem, OutboxState, Outgoing, Sent
from lumiera_sql.conversations import is_silenced
from lumiera_sql.schema import conversations, early_statuses, outbox
from lumiera_sql.statement import Statement, constant, given, inserting
from lumiera_sql.values import dump_bubble, load_bubble, micros, moment

_KEPT = timedelta(days=1)  # early statuses of bubbles that are not ours
_o, _c, _early = outbox.c, conversations.c, early_statuses.c
# How far a bubble has come; a provider's status moves it to a higher rank only, and from the last to none.
_RANKS: dict[OutboxState, int] = {
    "queued": 0, "sending": 1, "unknown": 1, "sent": 2, "delivered": 3, "read": 4, "failed": 5, "cancelled": 5,
}  # fmt: skip
_FAILS_BELOW = _RANKS["delivered"]  # what has arrived does not fail any more

_PUT = Statement(
    inserting(
        outbox, "dedupe_key", "conversation_id", "turn_id", "bubble", "after_stop", "state", "created_at", "ready_at",
        "changed_at",
    ).on_conflict_do_nothing()
)  # fmt: skip
_SILENCED = Statement(
    select(_c.stopped_at, _c.handed_over_until).where(_c.id == given("conversation")).with_for_update()
)
_NEXT = Statement(
    select(
        _o.id, _o.bubble, _o.state, _o.attempts, _o.ready_at, _o.after_stop,
        _c.channel, _c.address, _c.stopped_at, _c.handed_over_until,
    )
    .join(conversations, _c.id == _o.conversation_id)
    .where(_o.conversation_id == given("conversation"), _o.state.in_([constant("queued"), constant("sending")]))
    .order_by(_o.id)
    .with_for_update(of=conversations)
)  # fmt: skip
_CANCEL = Statement(
    update(outbox).where(_o.id == given("item")).values(state=constant("cancelled"), changed_at=given("now"))
)
_SENDING = Statement(
    update(outbox)
    .where(_o.id == given("item"))
    .values(state=constant("sending"), attempts=_o.attempts + constant(1), changed_at=given("now"))
)
_END = Statement(
    update(outbox)
    # `queued`: another process started meanwhile and put it back. The next attempt has an answer of its own.
    .where(
        _o.id == given("item"),
        _o.attempts == given("attempt"),
        _o.state.in_([constant("queued"), constant("sending")]),
    )
    .values(
        state=given("outcome"),
        provider_id=given("theirs"),
        error=given("reason"),
        ready_at=given("retry_at"),
        changed_at=given("now"),
    )
)


def _rank(state: ColumnElement[str]) -> ColumnElement[int]:
    return case({constant(name): constant(rank) for name, rank in _RANKS.items()}, value=state)


_FOLD = Statement(
    update(outbox)
    .where(
        _o.provider_id == given("theirs"),
        _o.provider_id != constant(""),
        _rank(_o.state) < given("below"),
        _o.conversation_id.in_(select(_c.id).where(_c.channel == given("channel"))),
    )
    .values(state=given("outcome"), error=given("reason"), changed_at=given("now"))
)
_KNOWN = Statement(
    select(_o.id)
    .join(conversations, _c.id == _o.conversation_id)
    .where(_o.provider_id == given("theirs"), _o.provider_id != constant(""), _c.channel == given("channel"))
)
_new_early = inserting(early_statuses, "channel", "provider_id", "state", "error", "at")
_KEEP = Statement(
    _new_early.on_conflict_do_update(
        index_elements=[_early.channel, _early.provider_id],
        set_={name: _new_early.excluded[name] for name in ("state", "error", "at")},
        where=_rank(_early.state) < _rank(_new_early.excluded.state),
    )
)
_is_early = (_early.channel == given("channel"), _early.provider_id == given("theirs"))
_EARLY = Statement(select(_early.state, _early.error).where(*_is_early))
_FORGET_EARLY = Statement(delete(early_statuses).where(*_is_early))
_PURGE_EARLY = Statement(delete(early_statuses).where(_early.at <= given("before")))
_RECOVER = Statement(
    update(outbox)
    .where(
        _o.state.in_([constant("queued"), constant("sending")]),
        _o.state == constant("sending"),
        _o.conversation_id.in_(select(_c.id).where(_c.channel == func.coalesce(given("only"), _c.channel))),
    )
    .values(state=constant("queued"), ready_at=given("now"), changed_at=given("now"))
)


def put(
    tx: Connection, conversation_id: int, turn_id: str, bubbles: Sequence[Outgoing], now: datetime, *, silenced: bool
) -> None:
    """Queue bubbles, in order; those of a silenced conversation are stored as cancelled."""
    if not bubbles:
        return
    at = micros(now)
    place = {"conversation_id": conversation_id, "turn_id": turn_id, "created_at": at, "ready_at": at, "changed_at": at}
    _PUT.run_each(
        tx,
        [
            place
            | {
                "dedupe_key": item.dedupe_key,
                "bubble": dump_bubble(item.bubble),
                "after_stop": item.after_stop,
                "state": "cancelled" if silenced and not item.after_stop else "queued",
            }
            for item in bubbles
        ],
    )


def post(tx: Connection, conversation_id: int, bubbles: Sequence[Outgoing], now: datetime) -> None:
    row = _SILENCED.row(tx, conversation=conversation_id)
    assert row is not None
    put(tx, conversation_id, "", bubbles, now, silenced=is_silenced(row[0], row[1], now))


def begin_send(tx: Connection, conversation_id: int, now: datetime) -> OutboxItem | datetime | None:
    at = micros(now)
    while row := _NEXT.row(tx, conversation=conversation_id):
        item, bubble, state, attempts, ready_at, after_stop, channel, address, stopped_at, handed_over_until = row
        if state == "sending":
            return None  # what is on its way goes first; whoever sends it goes on with the rest
        if not address or (not after_stop and is_silenced(stopped_at, handed_over_until, now)):
            _CANCEL.run(tx, item=item, now=at)
            continue
        if ready_at > at:
            return moment(ready_at)
        _SENDING.run(tx, item=item, now=at)
        return OutboxItem(
            id=item,
            conversation_id=conversation_id,
            channel=channel,
            address=address,
            bubble=load_bubble(bubble),
            attempts=attempts + 1,
        )
    return None


def end_send(tx: Connection, item: OutboxItem, sent: Sent, now: datetime) -> None:
    at = micros(now)
    retry_at = at if sent.retry_at is None else micros(sent.retry_at)
    _END.run(
        tx,
        item=item.id,
        attempt=item.attempts,
        outcome=sent.state,
        theirs=sent.provider_id,
        reason=sent.error,
        retry_at=retry_at,
        now=at,
    )
    if sent.provider_id and (early := _EARLY.row(tx, channel=item.channel, theirs=sent.provider_id)):
        _FORGET_EARLY.run(tx, channel=item.channel, theirs=sent.provider_id)
        _fold(tx, item.channel, sent.provider_id, early[0], early[1], now)


def fold_status(tx: Connection, channel: str, provider_id: str, state: OutboxState, error: str, now: datetime) -> bool:
    if _fold(tx, channel, provider_id, state, error, now):
        return True
    if not _KNOWN.row(tx, channel=channel, theirs=provider_id):
        _KEEP.run(tx, channel=channel, provider_id=provider_id, state=state, error=error, at=micros(now))
    return False


def _fold(tx: Connection, channel: str, provider_id: str, state: OutboxState, error: str, now: datetime) -> bool:
    below = _FAILS_BELOW if state == "failed" else _RANKS[state]
    moved = _FOLD.run(
        tx, channel=channel, theirs=provider_id, outcome=state, reason=error, below=below, now=micros(now)
    )
    return moved > 0


def purge(tx: Connection, now: datetime) -> None:
    _PURGE_EARLY.run(tx, before=micros(now - _KEPT))


def recover(tx: Connection, now: datetime, channels: Channels = None) -> int:
    only = [None] if channels is None else channels
    return sum(_RECOVER.run(tx, now=micros(now), only=channel) for channel in only)
