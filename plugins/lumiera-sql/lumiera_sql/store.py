"""The store: every method is one operation in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, text

from lumiera.errors import StoreError
from lumiera.messages import Message
from lumiera.people import Session, User
from lumiera.stage import Health
from lumiera.steps import refuse_outside_step
from lumiera.store import (
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
    OutboxState,
    Outgoing,
    Receipt,
    Sent,
    Take,
    TurnRecord,
)
from lumiera_sql import claims, conversations, dialogues, inbox, turns
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
    ) -> Entry | None:
        return await self._runner.run(
            dialogues.journal, lease, turn_id, change, now, operation=operation, action=action, bubbles=outbox
        )

    async def finish(self, lease: Lease, record: TurnRecord, now: datetime) -> None:
        await self._runner.run(turns.finish, lease, record, now)

    async def retry(self, lease: Lease, turn_id: str, at: datetime, failure: Failure, now: datetime) -> None:
        await self._runner.run(inbox.retry, lease, turn_id, at, failure, now)

    async def bury(
        self, lease: Lease, turn_id: str, failure: Failure, now: datetime, *, outbox: Sequence[Outgoing] = ()
    ) -> None:
        await self._runner.run(inbox.bury, lease, turn_id, failure, now, outbox)

    async def post(self, conversation_id: int, outbox: Sequence[Outgoing], now: datetime) -> None:
        await self._runner.run(sending.post, conversation_id, outbox, now)

    async def begin_send(self, conversation_id: int, now: datetime) -> OutboxItem | datetime | None:
        return await self._runner.run(sending.begin_send, conversation_id, now)

    async def end_send(self, item: OutboxItem, sent: Sent, now: datetime) -> None:
        await self._runner.run(sending.end_send, item, sent, now)

    async def fold_status(self, channel: str, provider_id: str, state: OutboxState, error: str, now: datetime) -> bool:
        return await self._runner.run(sending.fold_status, channel, provider_id, state, error, now)

    async def due(self, now: datetime, channels: Channels = None) -> Due:
        return await self._runner.read(claims.due, now, channels)

    async def recover(self, now: datetime, channels: Channels = None) -> int:
        return await self._runner.run(sending.recover, now, channels)

    async def purge(self, now: datetime) -> None:
        await self._runner.run(dialogues.purge, now)

    async def dialogue(self, dialogue_id: str) -> DialogueRecord | None:
        return await self._runner.read(dialogues.find, dialogue_id)

    async def history(self, conversation_id: int, limit: int) -> Sequence[Line]:
        return await self._runner.read(turns.history, conversation_id, limit)

    async def dead_letters(self) -> Sequence[DeadLetter]:
        return await self._runner.read(inbox.dead_letters)
