"""Operations of the team's side: who is rung for an escalation, what is answered, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, null, select, true, update

from lumiera.people import Escalation
from lumiera.records import Line, Outgoing
from lumiera_sql import outbox
from lumiera_sql.conversations import keep_lines, note
from lumiera_sql.escalations import hand_over
from lumiera_sql.schema import conversations, escalations, rings
from lumiera_sql.schema import outbox as outbox_table
from lumiera_sql.statement import Row, Statement, given, inserting
from lumiera_sql.values import micros

_e, _c, _o = escalations.c, conversations.c, outbox_table.c

_OPEN = Statement(
    select(_e.conversation_id, _e.silent, _c.handed_over_until)
    .join(conversations, _c.id == _e.conversation_id)
    .where(_e.id == given("escalation"), _e.closed_at.is_(null()))
    .with_for_update()
)
_AT = Statement(select(_c.id).where(_c.channel == given("channel"), _c.address == given("address")))
_NEW_AT = Statement(inserting(conversations, "channel", "address").on_conflict_do_nothing().returning(_c.id))
_BUBBLE = Statement(select(_o.id).where(_o.dedupe_key == given("dedupe")))
_RING = Statement(inserting(rings, "escalation_id", "place", "address", "outbox_id", "at").on_conflict_do_nothing())
_SETTLE = Statement(
    update(escalations)
    .where(_e.id == given("escalation"), _e.closed_at.is_(null()), _e.outcome == given("before"))
    .values(outcome=given("after"))
)
_TAKE = Statement(update(escalations).where(_e.id == given("escalation")).values(silent=true()))
_CLOSE = Statement(
    update(escalations).where(_e.id == given("escalation")).values(closed_at=given("now"), closed_by=given("who"))
)
_HELD = Statement(select(_e.id).where(_e.conversation_id == given("conversation"), _e.closed_at.is_(null()), _e.silent))
_HAND_BACK = Statement(update(conversations).where(_c.id == given("conversation")).values(handed_over_until=null()))


def ring(
    tx: Connection, escalation: Escalation, address: str, ring: Outgoing, told: Sequence[Outgoing], now: datetime
) -> bool:
    if _open(tx, escalation.id) is None:
        return False
    outbox.post(tx, _conversation_at(tx, escalation.conversation.channel, address), [ring], now)
    bubble = _BUBBLE.row(tx, dedupe=ring.dedupe_key)
    assert bubble is not None
    place = len(escalation.rings)
    if not _RING.run(
        tx, escalation_id=escalation.id, place=place, address=address, outbox_id=bubble[0], at=micros(now)
    ):
        return False
    outbox.post(tx, escalation.conversation.id, told, now)
    return True


def settle(tx: Connection, escalation: Escalation, outcome: str, told: Sequence[Outgoing], now: datetime) -> bool:
    if not _SETTLE.run(tx, escalation=escalation.id, before=escalation.outcome, after=outcome):
        return False
    outbox.post(tx, escalation.conversation.id, told, now)
    return True


def answer(tx: Connection, escalation_id: int, words: Outgoing, until: datetime, now: datetime) -> bool:
    """Say a human's words. From now on the escalation is silent, whatever it was: he has the conversation."""
    found = _open(tx, escalation_id)
    if found is None:
        return False
    if _BUBBLE.row(tx, dedupe=words.dedupe_key) is not None:
        return True  # said already, by a turn that is run again
    conversation, _, handed_over_until = found
    _TAKE.run(tx, escalation=escalation_id)
    hand_over(tx, conversation, until, now, again=handed_over_until is not None and handed_over_until > micros(now))
    outbox.post(tx, conversation, [words], now)
    keep_lines(tx, conversation, "", [Line(direction="team", text=words.bubble.text, language="", at=now)])
    return True


def close(tx: Connection, escalation_id: int, by: str, told: Sequence[Outgoing], now: datetime) -> bool:
    """End an escalation. Its conversation is handed back, and the user told, with the last silent one.

    One that is ended by the time is left alone if somebody has answered meanwhile.
    """
    found = _open(tx, escalation_id)
    if found is None:
        return False
    conversation, silent, handed_over_until = found
    if by == "time" and handed_over_until is not None and handed_over_until > micros(now):
        return False
    _CLOSE.run(tx, escalation=escalation_id, now=micros(now), who=by)
    note(tx, conversation, f"handed back: {by}", now)
    if silent and _HELD.row(tx, conversation=conversation) is None:
        _HAND_BACK.run(tx, conversation=conversation)
        outbox.post(tx, conversation, told, now)
    return True


def _open(tx: Connection, escalation_id: int) -> Row | None:
    """Lock an escalation with its conversation; None if it is closed."""
    return _OPEN.row(tx, escalation=escalation_id)


def _conversation_at(tx: Connection, channel: str, address: str) -> int:
    """Return the conversation of somebody who may never have written."""
    at = {"channel": channel, "address": address}
    row = _AT.row(tx, **at) or _NEW_AT.row(tx, **at) or _AT.row(tx, **at)  # another process was quicker
    assert row is not None
    return int(row[0])
