"""Driving a store as the worker does, for the tests of stores: `pytest_plugins = ["lumiera_sql.testing"]`.

PYTEST_DONT_REWRITE: tests import from here before pytest loads it.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio

from lumiera.messages import Bubble, Message
from lumiera.records import Claim, Consent, DialogueRecord, OutboxItem, Outgoing, Sent, Take, TurnRecord, Waiting
from lumiera_sql.sqlite import SqliteRunner
from lumiera_sql.store import SqlStore

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def everything(waiting: Waiting) -> int:
    """Take all the messages that wait."""
    return len(waiting.messages)


class Desk:
    """A worker in slow motion. Its clock stands at `now` until a test moves it."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.now = NOON
        self._ids = count(1)

    def later(self, **passed: float) -> datetime:
        """Move the clock on and return the time."""
        self.now += timedelta(**passed)
        return self.now

    def message(self, text: str = "bonjour", **fields: Any) -> Message:
        values: dict[str, Any] = {
            "sid": f"SM{next(self._ids)}",
            "channel": "whatsapp",
            "sender": "+33600000001",
        } | fields
        return Message(text=text, received_at=self.now, **values)

    async def receive(self, *messages: Message, consent: Consent | None = None) -> int:
        """Store messages of one conversation and return its id."""
        receipts = await self.store.ingest([(message, consent) for message in messages or [self.message()]])
        return receipts[0].conversation_id

    async def claim(self, conversation: int, take: Take = everything) -> Claim:
        claimed = await self.store.claim(conversation, f"turn{next(self._ids)}", self.now, take)
        assert isinstance(claimed, Claim)
        return claimed

    async def begin(self, text: str = "bonjour", **fields: Any) -> Claim:
        """Receive a message and claim its turn."""
        return await self.claim(await self.receive(self.message(text, **fields)))

    async def finish(self, claim: Claim, **fields: Any) -> None:
        record = TurnRecord(id=claim.turn_id, started_at=claim.claimed_at, finished_at=self.now, **fields)
        await self.store.finish(claim.lease, record, self.now)

    async def say(self, *texts: str, **fields: Any) -> int:
        """Run a turn that says something, and return its conversation."""
        claim = await self.begin()
        await self.finish(claim, outbox=tuple(self.outgoing(text, **fields) for text in texts))
        return claim.conversation.id

    async def begin_send(self, conversation: int) -> OutboxItem:
        item = await self.store.begin_send(conversation, self.now)
        assert isinstance(item, OutboxItem)
        return item

    async def sent(self, conversation: int) -> list[str]:
        """Send what waits in the outbox and return the texts."""
        texts = []
        while isinstance(item := await self.store.begin_send(conversation, self.now), OutboxItem):
            texts.append(item.bubble.text)
            await self.store.end_send(item, Sent(state="sent", provider_id=f"P{item.id}"), self.now)
        return texts

    def outgoing(self, text: str, *, key: str = "", passes: Literal["", "handover", "stop"] = "") -> Outgoing:
        return Outgoing(dedupe_key=key or f"key{next(self._ids)}", bubble=Bubble(text=text), passes=passes)

    def change(self, dialogue: str = "d1", **fields: Any) -> DialogueRecord:
        values: dict[str, Any] = {
            "intent": "report_incident",
            "version": 1,
            "opening": (),
            "opened_at": self.now,
            "turn_id": "",
            "status": "open",
            "question": None,
            "entries": (),
        } | fields
        return DialogueRecord(id=dialogue, **values)

    async def silence(self, conversation: int, *, until: datetime) -> None:
        """Let a human take the conversation over."""
        statement = "UPDATE conversations SET handed_over_until = ? WHERE id = ?"
        micros = int(until.timestamp() * 1_000_000)
        await self.store.run(lambda tx: tx.exec_driver_sql(statement, (micros, conversation)).rowcount)

    async def rows(self, table: str, columns: str = "*", where: str = "1 = 1") -> list[tuple[Any, ...]]:
        """Return rows of a table, oldest first, as they are committed."""
        statement = f"SELECT {columns} FROM {table} WHERE {where} ORDER BY rowid"
        return await self.store.read(lambda tx: [tuple(row) for row in tx.exec_driver_sql(statement)])


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database with the tables of today: a copy of it takes a hundredth of the time that the revisions take."""
    file = tmp_path_factory.mktemp("sql") / "store.db"

    async def migrate() -> None:
        store = SqlStore(SqliteRunner(str(file)))
        await store.open()
        await store.close()

    asyncio.run(migrate())
    return file


@pytest.fixture
def sql_file(tmp_path: Path, migrated_file: Path) -> Path:
    """Give the test a database of its own, empty."""
    return Path(shutil.copy(migrated_file, tmp_path / "store.db"))


@pytest_asyncio.fixture(params=["sqlite"])
async def store(request: pytest.FixtureRequest, sql_file: Path) -> AsyncIterator[SqlStore]:
    """Open an empty store, of each kind that there is."""
    opened = SqlStore(SqliteRunner(str(sql_file)))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def desk(store: SqlStore) -> Desk:
    return Desk(store)
