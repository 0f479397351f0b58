"""The store: every method is one operation in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, text

from lumiera.errors import StoreError
from lumiera.messages import Message
from lumiera.people import Escalation, Opening, Session, User
from lumiera.records import (
    Action,
    Channels,
    Claim,
    Consent,
    DeadLetter,
    DialogueRecord,
    Due,
    Entry,
    Failure,
    Lease,
    Line,
    Migrations,
    OutboxItem,
    OutboxLine,
    OutboxState,
    Outgoing,
    Receipt,
    Sent,
    Take,
    TurnLine,
    TurnRecord,
)
from lumiera.stage import Health
from lumiera.steps import refuse_outside_step
from lumiera_sql import claims, conversations, delivery, dialogues, escalations, inbox, rings, turns
from lumiera_sql import outbox as sending
from lumiera_sql.runner import Runner
from lumiera_sql.upgrade import OWN, upgrade

R = TypeVar("R")


class SqlStore:
    """A `lumiera.store.Store` on a relational database; a step's `Tx` is a SQLAlchemy `Connection`."""

    name = "sql"

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def open(self, migrations: Sequence[Migrations] = ()) -> None:
        await self._runner.open()
        try:
            await self._runner.run(upgrade, [OWN, *migrations])
        except BaseException:
            await self._runner.close()
            raise

    async def close(self) -> None:
        await self._runner.close()

    async def check(self) -> Health:
        """Say whether the store reads and could write."""
        try:
            await self._runner.read(lambda tx: tx.execute(text("SELECT 1")).scalar())
        except StoreError as error:
            return Health(ok=False, reason=error.message)
        ailment = self._runner.ailment()
        return Health(ok=not ailment, reason=ailment)

    async def run(self, operation: Callable[[Connection], R]) -> R:
        refuse_outside_step("store.run")
        return await self._runner.run(operation)

    async def read(self, operation: Callable[[Connection], R]) -> R:
        return await self._runner.read(operation)

    async def ingest(self, messages: Sequence[tuple[Message, Consent | None]]) -> Sequence[Receipt]:
        return await self._runner.run(inbox.ingest, messages)

    async def claim(self, conversation_id: int, turn_id: str, now: datetime, take: Take) -> Claim | datetime | None:
        return await self._runner.run(claims.claim, conversation_id, turn_id, now, take)

    async def sign_in(self, lease: Lease, user: User, now: datetime) -> User:
        return await self._runner.run(conversations.sign_in, lease, user, now)

    async def open_session(self, lease: Lease, now: datetime) -> Session:
        return await self._runner.run(conversations.open_session, lease, now)

    async def journal(
        self,
        lease: Lease,
        turn_id: str,
        change: DialogueRecord,
        now: datetime,
        *,
        operation: Callable[[Connection], Entry] | None = None,
        action: Action | None = None,
        outbox: Sequence[Outgoing] = (),
        escalation: Opening | None = None,
    ) -> Entry | None:
        return await self._runner.run(
            dialogues.journal,
            lease,
            turn_id,
            change,
            now,
            operation=operation,
            action=action,
            bubbles=outbox,
            escalation=escalation,
        )

    async def finish(self, lease: Lease, record: TurnRecord, now: datetime) -> None:
        await self._runner.run(turns.finish, lease, record, now)

    async def retry(self, lease: Lease, turn_id: str, at: datetime, failure: Failure, now: datetime) -> None:
        await self._runner.run(inbox.retry, lease, turn_id, at, failure, now)

    async def bury(
        self,
        lease: Lease,
        turn_id: str,
        failure: Failure,
        now: datetime,
        *,
        outbox: Sequence[Outgoing] = (),
        escalation: Opening | None = None,
    ) -> None:
        await self._runner.run(inbox.bury, lease, turn_id, failure, now, outbox, escalation)

    async def post(self, conversation_id: int, outbox: Sequence[Outgoing], now: datetime) -> None:
        await self._runner.run(sending.post, conversation_id, outbox, now)

    async def begin_send(self, conversation_id: int, now: datetime) -> OutboxItem | datetime | None:
        return await self._runner.run(sending.begin_send, conversation_id, now)

    async def end_send(self, item: OutboxItem, sent: Sent, now: datetime) -> OutboxState | None:
        return await self._runner.run(delivery.end_send, item, sent, now)

    async def fold_status(self, channel: str, told: Sent, now: datetime) -> bool:
        return await self._runner.run(delivery.fold_status, channel, told, now)

    async def outbox(self, states: Collection[OutboxState] = (), limit: int = 100) -> Sequence[OutboxLine]:
        return await self._runner.read(sending.lines, states, limit)

    async def count_outbox(self) -> Mapping[OutboxState, int]:
        return await self._runner.read(sending.count)

    async def resend(self, outbox_id: int, now: datetime) -> bool:
        return await self._runner.run(sending.resend, outbox_id, now)

    async def parking(self, before: datetime) -> Sequence[DialogueRecord]:
        return await self._runner.read(dialogues.parking, before)

    async def park(self, dialogue: DialogueRecord, now: datetime, *, escalation: Opening | None = None) -> None:
        await self._runner.run(dialogues.park, dialogue, now, escalation)

    async def escalate(self, conversation_id: int, opening: Opening, now: datetime, until: datetime | None) -> bool:
        return await self._runner.run(escalations.escalate, conversation_id, opening, now, until)

    async def escalations(self, *, closed: bool = False) -> Sequence[Escalation]:
        return await self._runner.read(escalations.find, closed)

    async def ring(
        self, escalation: Escalation, address: str, ring: Outgoing, told: Sequence[Outgoing], now: datetime
    ) -> bool:
        return await self._runner.run(rings.ring, escalation, address, ring, told, now)

    async def settle(self, escalation: Escalation, outcome: str, told: Sequence[Outgoing], now: datetime) -> bool:
        return await self._runner.run(rings.settle, escalation, outcome, told, now)

    async def answer(self, escalation_id: int, words: Outgoing, until: datetime, now: datetime) -> bool:
        return await self._runner.run(rings.answer, escalation_id, words, until, now)

    async def close_escalation(self, escalation_id: int, by: str, told: Sequence[Outgoing], now: datetime) -> bool:
        return await self._runner.run(rings.close, escalation_id, by, told, now)

    async def due(self, now: datetime, channels: Channels = None) -> Due:
        return await self._runner.read(claims.due, now, channels)

    async def recover(self, now: datetime, channels: Channels = None) -> int:
        return await self._runner.run(sending.recover, now, channels)

    async def purge(self, now: datetime, unfinished: datetime) -> None:
        await self._runner.run(dialogues.purge, now, unfinished)

    async def dialogue(self, dialogue_id: str) -> DialogueRecord | None:
        return await self._runner.read(dialogues.find, dialogue_id)

    async def history(self, conversation_id: int, limit: int) -> Sequence[Line]:
        return await self._runner.read(turns.history, conversation_id, limit)

    async def turn(self, turn_id: str) -> TurnLine | None:
        return await self._runner.read(turns.find, turn_id)

    async def turns(self, limit: int, *, conversation_id: int | None = None) -> Sequence[TurnLine]:
        return await self._runner.read(turns.last, limit, conversation_id)

    async def revive(self, dead_letter_id: int, now: datetime) -> bool:
        return await self._runner.run(inbox.revive, dead_letter_id, now)

    async def dead_letters(self) -> Sequence[DeadLetter]:
        return await self._runner.read(inbox.dead_letters)
