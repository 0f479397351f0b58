"""One thread with the one connection that writes. What waits is committed together: a commit costs an fsync."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sqlite3
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from lumiera.errors import StoreError

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger(__name__)
_MOST = 200  # operations in one commit


class _Job(NamedTuple):
    future: asyncio.Future[Any]
    context: contextvars.Context
    operation: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class _Outcome(NamedTuple):
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs operations one after the other, each in a savepoint, and commits them in groups.

    `connect` is called in the thread: at first, and again after a connection broke.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._loop = asyncio.get_running_loop()
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._tx: Connection | None = None
        self._thread = Thread(target=self._serve, name="lumiera-sql-writer", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def run(
        self, operation: Callable[Concatenate[Connection, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> asyncio.Future[R]:
        """Give an operation to the thread; the future resolves after its commit."""
        if self._closed:
            raise StoreError("the store is closed")
        future: asyncio.Future[R] = self._loop.create_future()
        self._waiting.put(_Job(future, contextvars.copy_context(), operation, args, kwargs))
        return future

    async def close(self) -> None:
        """Commit what waits, then end the thread."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)

    def _serve(self) -> None:
        is_last = False
        while not is_last:
            group, is_last = self._next_group()
            if group:
                self._tell(self._commit(group))
        self._disconnect()

    def _next_group(self) -> tuple[list[_Job], bool]:
        """Wait for an operation and take what else is there by then; True when it is the last group."""
        group: list[_Job] = []
        while not group or (len(group) < _MOST and not self._waiting.empty()):
            job = self._waiting.get()
            if job is None:
                return group, True
            group.append(job)
        return group, False

    def _commit(self, group: list[_Job]) -> list[_Outcome]:
        try:
            tx = self._tx = self._tx or self._connect()
            driver = cast("sqlite3.Connection", tx.connection.driver_connection)
            driver.execute("BEGIN IMMEDIATE")
            outcomes = self._run_together(group, tx, driver) or [
                self._run(job, tx, driver) for job in group if not job.future.cancelled()
            ]
            driver.execute("COMMIT")
            _forget(tx)
        except Exception as error:  # whatever it is, the thread must live on and every caller must hear of it
            self._roll_back()
            return [_Outcome(job.future, error=_uncommitted(error)) for job in group]
        return outcomes

    def _run_together(self, group: list[_Job], tx: Connection, driver: sqlite3.Connection) -> list[_Outcome] | None:
        """Run operations without savepoints, which cost a tenth of all; None, and a new transaction, if one raises."""
        try:
            return [
                _Outcome(job.future, job.context.run(job.operation, tx, *job.args, **job.kwargs))
                for job in group
                if not job.future.cancelled()
            ]
        except BaseException:  # foreign code: run again, each alone, it raises to its caller
            driver.execute("ROLLBACK")
            driver.execute("BEGIN IMMEDIATE")
            return None

    def _run(self, job: _Job, tx: Connection, driver: sqlite3.Connection) -> _Outcome:
        # Raw savepoints: those of SQLAlchemy cost ten times as much.
        driver.execute("SAVEPOINT operation")
        try:
            result = job.context.run(job.operation, tx, *job.args, **job.kwargs)
        except BaseException as error:  # foreign code: what it raises is its caller's, and never ends the thread
            driver.execute("ROLLBACK TO operation")
            driver.execute("RELEASE operation")
            return _Outcome(job.future, error=store_error(error))
        driver.execute("RELEASE operation")
        return _Outcome(job.future, result)

    def _roll_back(self) -> None:
        if self._tx is None:
            return
        try:
            cast("sqlite3.Connection", self._tx.connection.driver_connection).rollback()
            _forget(self._tx)
        except (sqlite3.Error, SQLAlchemyError):
            log.exception("the connection broke and is opened anew")
            self._disconnect()

    def _disconnect(self) -> None:
        tx, self._tx = self._tx, None
        if tx is not None:
            try:
                tx.close()
            except (sqlite3.Error, SQLAlchemyError):
                log.exception("the connection could not be closed")

    def _tell(self, outcomes: list[_Outcome]) -> None:
        try:
            self._loop.call_soon_threadsafe(_resolve, outcomes)
        except RuntimeError:  # the loop has ended without `close`: nobody waits any more
            log.warning("%d operations ended after their event loop", len(outcomes))


def _resolve(outcomes: list[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():  # cancelled while it ran
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


def _uncommitted(error: Exception) -> StoreError:
    failure = StoreError(f"nothing was committed: {_words(error)}")
    failure.__cause__ = error
    return failure


def _forget(tx: Connection) -> None:
    """End the transaction that SQLAlchemy noted when an operation used `tx.execute`; the driver's has ended."""
    if tx.in_transaction():
        tx.rollback()


def store_error(error: BaseException) -> BaseException:
    """Return what a caller gets of an error: a `StoreError` for those of the database, the error itself for others."""
    if isinstance(error, (sqlite3.Error, SQLAlchemyError)):
        failure = StoreError(_words(error))
    elif not isinstance(error, Exception) or isinstance(error, StopIteration):  # no future takes these
        failure = StoreError(f"an operation raised {type(error).__name__}")
    else:
        return error
    failure.__cause__ = error
    return failure


def _words(error: BaseException) -> str:
    """Return the database's own words: they name tables and columns, never a value."""
    return str(getattr(error, "orig", None) or error)
