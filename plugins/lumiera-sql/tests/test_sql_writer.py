"""The writer: groups, savepoints, failing commits, and a thread that outlives them all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest
from lumiera_sql.sqlite import SqliteRunner
from sqlalchemy import Connection, text

from lumiera.errors import StoreError

pytest_plugins = ["lumiera_sql.testing"]
caller: ContextVar[str] = ContextVar("caller", default="nobody")


class Gate:
    """An operation that holds the writer until it is opened, so that others wait behind it."""

    def __init__(self) -> None:
        self._entered, self._opened = threading.Event(), threading.Event()

    def __call__(self, tx: Connection) -> None:
        self._entered.set()
        assert self._opened.wait(10)

    async def entered(self) -> None:
        await asyncio.to_thread(self._entered.wait, 10)

    def open(self) -> None:
        self._opened.set()


def note(tx: Connection, words: str) -> int:
    return tx.exec_driver_sql("INSERT INTO notes (words) VALUES (?)", (words,)).rowcount


def notes(tx: Connection) -> list[str]:
    return list(tx.execute(text("SELECT words FROM notes ORDER BY id")).scalars())


def create(tx: Connection) -> None:
    tx.exec_driver_sql("CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT UNIQUE)")
    tx.exec_driver_sql("CREATE TABLE replies (note INTEGER REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)")


@pytest.fixture
async def runner(tmp_path: Path) -> AsyncIterator[SqliteRunner]:
    opened = SqliteRunner(str(tmp_path / "notes.db"), busy_timeout=0.2)
    await opened.open()
    await opened.run(create)
    yield opened
    await opened.close()


async def held(runner: SqliteRunner) -> tuple[Gate, asyncio.Future[None]]:
    """Hold the writer, so that what is given next makes one group."""
    gate = Gate()
    future = runner.run(gate)
    await gate.entered()
    return gate, future


async def test_operations_are_committed_in_the_order_in_which_they_were_given(runner: SqliteRunner) -> None:
    await asyncio.gather(*[runner.run(note, f"{number:03}") for number in range(500)])
    assert await runner.read(notes) == [f"{number:03}" for number in range(500)]


async def test_what_waits_is_committed_together(runner: SqliteRunner) -> None:
    gate, first = await held(runner)
    waiting = [runner.run(note, str(number)) for number in range(50)]
    before = await runner.read(notes)
    resolved: list[int] = []
    for number, future in enumerate(waiting):
        future.add_done_callback(lambda _, number=number: resolved.append(number))  # type: ignore[misc]
    gate.open()
    await first
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(0)
    assert before == []
    assert resolved == list(range(50)), "one group resolves at one time"


async def test_a_future_resolves_after_the_commit(runner: SqliteRunner) -> None:
    await runner.run(note, "a")
    assert await runner.read(notes) == ["a"]


async def test_readers_see_committed_data_only(runner: SqliteRunner) -> None:
    gate = Gate()

    def write_and_wait(tx: Connection) -> None:
        note(tx, "a")
        gate(tx)

    future = runner.run(write_and_wait)
    await gate.entered()
    assert await runner.read(notes) == []
    gate.open()
    await future
    assert await runner.read(notes) == ["a"]


async def test_a_reader_sees_one_moment(runner: SqliteRunner) -> None:
    await runner.run(note, "a")
    gate = Gate()

    def read_twice(tx: Connection) -> tuple[list[str], list[str]]:
        before = notes(tx)
        gate(tx)
        return before, notes(tx)

    reading = asyncio.ensure_future(runner.read(read_twice))
    await gate.entered()
    await runner.run(note, "b")
    gate.open()
    assert await reading == (["a"], ["a"])


async def test_a_reader_cannot_write(runner: SqliteRunner) -> None:
    with pytest.raises(StoreError, match="readonly"):
        await runner.read(note, "a")


async def test_an_operation_that_raises_fails_alone(runner: SqliteRunner) -> None:
    def fails(tx: Connection) -> None:
        note(tx, "half")
        raise LookupError("the reason")

    gate, first = await held(runner)
    futures: list[asyncio.Future[Any]] = [runner.run(note, "a"), runner.run(fails), runner.run(note, "b")]
    gate.open()
    await first
    one, two, three = await asyncio.gather(*futures, return_exceptions=True)
    assert (one, three) == (1, 1)
    assert isinstance(two, LookupError)
    assert await runner.read(notes) == ["a", "b"]


async def test_an_error_of_the_database_is_a_store_error_without_the_values(runner: SqliteRunner) -> None:
    await runner.run(note, "+33612345678")
    with pytest.raises(StoreError) as caught:
        await runner.run(note, "+33612345678")
    assert caught.value.message == "UNIQUE constraint failed: notes.words"
    assert "+33612345678" not in repr(caught.value.__cause__)


@pytest.mark.parametrize("error", [StopIteration(), SystemExit(1), asyncio.CancelledError()])
async def test_no_exception_ends_the_thread(runner: SqliteRunner, error: BaseException) -> None:
    def fails(tx: Connection) -> None:
        raise error

    with pytest.raises(StoreError, match=type(error).__name__):
        await runner.run(fails)
    await runner.run(note, "a")
    assert runner.ailment() == ""


async def test_a_cancelled_operation_is_not_begun(runner: SqliteRunner) -> None:
    gate, first = await held(runner)
    cancelled = runner.run(note, "a")
    kept = runner.run(note, "b")
    cancelled.cancel()
    gate.open()
    await asyncio.gather(first, kept)
    assert await runner.read(notes) == ["b"]


async def test_an_operation_cancelled_while_it_runs_breaks_nothing(runner: SqliteRunner) -> None:
    gate, running = await held(runner)
    kept = runner.run(note, "b")
    running.cancel()
    gate.open()
    await kept
    assert await runner.read(notes) == ["b"]


async def test_a_failed_commit_fails_its_whole_group_and_nothing_else(runner: SqliteRunner) -> None:
    def dangling(tx: Connection) -> None:
        tx.exec_driver_sql("INSERT INTO replies (note) VALUES (999)")  # refused by the COMMIT, not here

    await runner.run(note, "before")
    gate, first = await held(runner)
    futures: list[asyncio.Future[Any]] = [runner.run(note, "a"), runner.run(dangling), runner.run(note, "b")]
    gate.open()
    await first
    for outcome in await asyncio.gather(*futures, return_exceptions=True):
        assert isinstance(outcome, StoreError)
        assert outcome.message == "nothing was committed: FOREIGN KEY constraint failed"
    assert await runner.run(note, "after") == 1
    assert await runner.read(notes) == ["before", "after"]


async def test_an_operation_must_not_commit(runner: SqliteRunner) -> None:
    def commits_itself(tx: Connection) -> None:
        note(tx, "a")
        tx.commit()

    with pytest.raises(StoreError, match="nothing was committed"):
        await runner.run(commits_itself)
    assert await runner.run(note, "b") == 1


async def test_an_operation_may_use_sqlalchemy_in_full(runner: SqliteRunner) -> None:
    def nested(tx: Connection) -> int:
        with tx.begin_nested() as inner:
            note(tx, "thrown away")
            inner.rollback()
        return int(tx.execute(text("INSERT INTO notes (words) VALUES (:words)"), {"words": "kept"}).rowcount)

    assert await runner.run(nested) == 1
    assert await runner.run(note, "next") == 1
    assert await runner.read(notes) == ["kept", "next"]


async def test_a_broken_connection_is_replaced(runner: SqliteRunner) -> None:
    def breaks(tx: Connection) -> None:
        tx.connection.driver_connection.close()  # type: ignore[union-attr]

    with pytest.raises(StoreError):
        await runner.run(breaks)
    assert await runner.run(note, "a") == 1
    assert runner.ailment() == ""


async def test_the_caller_s_context_is_carried_over(runner: SqliteRunner) -> None:
    caller.set("me")
    assert await runner.run(lambda _: caller.get()) == "me"
    assert await runner.read(lambda _: caller.get()) == "me"


async def test_an_operation_does_not_change_the_context_of_the_next(runner: SqliteRunner) -> None:
    await runner.run(lambda _: caller.set("somebody"))
    assert await runner.run(lambda _: caller.get()) == "nobody"


async def test_closing_finishes_what_was_given(tmp_path: Path) -> None:
    path = str(tmp_path / "notes.db")
    first = SqliteRunner(path)
    await first.open()
    await first.run(create)
    gate, _ = await held(first)
    waiting = [first.run(note, str(number)) for number in range(300)]
    closing = asyncio.ensure_future(first.close())
    await asyncio.sleep(0)
    gate.open()
    await closing
    assert await asyncio.gather(*waiting) == [1] * 300
    second = SqliteRunner(path)
    await second.open()
    assert len(await second.read(notes)) == 300
    await second.close()


async def test_a_closed_runner_says_so(tmp_path: Path) -> None:
    runner = SqliteRunner(str(tmp_path / "notes.db"))
    await runner.open()
    await runner.close()
    await runner.close()
    with pytest.raises(StoreError, match="not open"):
        runner.run(note, "a")
    with pytest.raises(StoreError, match="not open"):
        await runner.read(notes)
    assert runner.ailment() != ""
