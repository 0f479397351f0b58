"""Operations on the outbox: what waits goes out one bubble after the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, null, or_, select, update

from lumiera.records import Channels, OutboxItem, OutboxLine, OutboxState, Outgoing
from lumiera_sql.conversations import is_silenced
from lumiera_sql.schema import conversations, early_statuses, outbox
from lumiera_sql.statement import Row, Statement, constant, given, inserting
from lumiera_sql.values import dump_bubble, load_bubble, micros, moment, moment_or_none

_o, _c = outbox.c, conversations.c
# As the partial index has it, to the letter: only then is the index used.
WAITING = or_(_o.state.in_([constant("queued"), constant("sending")]), _o.check_at.is_not(None))
_KEPT = timedelta(days=1)  # statuses of bubbles that are not ours
_NEAR = 2000  # bubbles of all conversations that may go out while one of them is under way

_PUT = Statement(
    inserting(
        outbox, "dedupe_key", "conversation_id", "turn_id", "bubble", "passes", "state", "created_at", "ready_at",
        "changed_at",
    ).on_conflict_do_nothing()
)  # fmt: skip
_SILENCED = Statement(
    select(_c.stopped_at, _c.handed_over_until).where(_c.id == given("conversation")).with_for_update()
)
_NEXT = Statement(
    select(
        _o.id, _o.bubble, _o.state, _o.attempts, _o.ready_at, _o.check_at, _o.begun_at, _o.changed_at, _o.passes,
        _c.channel, _c.address, _c.stopped_at, _c.handed_over_until, _c.last_inbound_at,
    )
    .join(conversations, _c.id == _o.conversation_id)
    .where(_o.conversation_id == given("conversation"), WAITING)
    .order_by(_o.id)
    .with_for_update(of=conversations)
)  # fmt: skip
_CANCEL = Statement(
    update(outbox)
    .where(_o.id == given("item"))
    .values(state=constant("cancelled"), check_at=null(), changed_at=given("now"))
)
_SENDING = Statement(
    update(outbox)
    .where(_o.id == given("item"))
    .values(
        state=constant("sending"),
        attempts=_o.attempts + constant(1),
        begun_at=func.coalesce(_o.begun_at, given("now")),
        changed_at=given("now"),
    )
)
# Its neighbours by id: those are the ones that went out at about the same time, and `id` has an index.
_KNOWN = Statement(
    select(_o.provider_id).where(
        _o.id.between(given("item") - constant(_NEAR), given("item") + constant(_NEAR)),
        _o.conversation_id == given("conversation"),
        _o.id != given("item"),
        _o.provider_id != constant(""),
    )
)
_RECOVER = Statement(
    update(outbox)
    .where(
        WAITING,
        _o.state == constant("sending"),
        _o.conversation_id.in_(select(_c.id).where(_c.channel == func.coalesce(given("only"), _c.channel))),
    )
    .values(state=constant("unknown"), check_at=given("now"), changed_at=given("now"))
)
_RESEND = Statement(
    update(outbox)
    .where(_o.id == given("item"), _o.state.in_([constant("failed"), constant("unknown")]))
    .values(
        state=constant("queued"),
        ready_at=given("now"),
        begun_at=null(),  # whatever was sent before is another message of the provider's
        check_at=null(),
        provider_id=constant(""),
        changed_at=given("now"),
    )
)
_PURGE_EARLY = Statement(delete(early_statuses).where(early_statuses.c.at <= given("before")))


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
                "passes": item.passes,
                "state": "cancelled" if silenced and not item.passes else "queued",
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
        item, state, ready_at, check_at, address = row[0], row[2], row[4], row[5], row[10]
        if state == "sending":
            return None  # what is on its way goes first; whoever sends it goes on with the rest
        # One that is looked for is not cancelled: it may have gone out. Queued again, it will be.
        if not address or (state == "queued" and _is_held_back(row, now)):
            _CANCEL.run(tx, item=item, now=at)
            continue
        due = ready_at if state == "queued" else check_at
        if due > at:
            return moment(due)
        if state == "queued":
            _SENDING.run(tx, item=item, now=at)
            return _item(conversation_id, row, now)
        known = _KNOWN.rows(tx, conversation=conversation_id, item=item)
        return _item(conversation_id, row, now, known=frozenset([theirs for (theirs,) in known]))
    return None


def _is_held_back(row: Row, now: datetime) -> bool:
    """Say whether a bubble does not break the silence of its conversation."""
    passes, stopped_at, handed_over_until = row[8], row[11], row[12]
    return (stopped_at is not None and passes != "stop") or (not passes and is_silenced(None, handed_over_until, now))


def _item(conversation_id: int, row: Row, now: datetime, known: frozenset[str] | None = None) -> OutboxItem:
    """Read a row of `_NEXT`; with `known` it is one to look for."""
    item, bubble, _, attempts, _, _, begun_at, changed_at, _, channel, address, _, _, last_inbound_at = row
    looking = known is not None
    return OutboxItem(
        id=item,
        conversation_id=conversation_id,
        channel=channel,
        address=address,
        bubble=load_bubble(bubble),
        attempts=attempts if looking else attempts + 1,
        state="unknown" if looking else "sending",
        since=now if begun_at is None else moment(begun_at),
        ended_at=moment(changed_at) if looking else None,
        last_inbound_at=moment_or_none(last_inbound_at),
        known=known or frozenset(),
    )


def recover(tx: Connection, now: datetime, channels: Channels = None) -> int:
    only = [None] if channels is None else channels
    return sum(_RECOVER.run(tx, now=micros(now), only=channel) for channel in only)


def purge(tx: Connection, now: datetime) -> None:
    _PURGE_EARLY.run(tx, before=micros(now - _KEPT))


def resend(tx: Connection, outbox_id: int, now: datetime) -> bool:
    return _RESEND.run(tx, item=outbox_id, now=micros(now)) > 0


def lines(tx: Connection, states: Collection[OutboxState], limit: int) -> list[OutboxLine]:
    found = (
        select(
            _o.id, _o.conversation_id, _c.channel, _o.bubble, _o.state, _o.attempts, _o.error, _o.provider_id,
            _o.created_at, _o.changed_at,
        )
        .join(conversations, _c.id == _o.conversation_id)
        .order_by(_o.id.desc())
        .limit(limit)
    )  # fmt: skip
    if states:
        found = found.where(_o.state.in_(states))
    return [
        OutboxLine(
            id=row.id,
            conversation_id=row.conversation_id,
            channel=row.channel,
            bubble=load_bubble(row.bubble),
            state=row.state,
            attempts=row.attempts,
            error=row.error,
            provider_id=row.provider_id,
            created_at=moment(row.created_at),
            changed_at=moment(row.changed_at),
        )
        for row in tx.execute(found)
    ]


def count(tx: Connection) -> Mapping[OutboxState, int]:
    return {
        row.state: row.bubbles for row in tx.execute(select(_o.state, func.count().label("bubbles")).group_by(_o.state))
    }
