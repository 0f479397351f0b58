"""The runner of operations on a SQLite file: one writer, a few readers."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Concatenate, Literal, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, NullPool, QueuePool, create_engine

from lumiera.errors import StoreError
from lumiera_sql.writer import Writer, store_error

P = ParamSpec("P")
R = TypeVar("R")
_READERS = 3


class SqliteRunner:
    """Runs operations on the file at `path`, which is made if it is not there.

    A commit of another process is waited for up to `busy_timeout` seconds.
    """

    def __init__(
        self, path: str, *, synchronous: Literal["full", "normal"] = "full", busy_timeout: float = 5.0
    ) -> None:
        self._path = path
        self._synchronous = synchronous
        self._busy_timeout = busy_timeout
        self._writer: Writer | None = None

    async def open(self) -> None:
        self._writing = _engine(self._open_file, NullPool)
        self._reading = _engine(partial(self._open_file, query_only=True), QueuePool)
        self._threads = ThreadPoolExecutor(_READERS, "lumiera-sql-reader")
        self._writer = Writer(self._writing.connect)

    async def close(self) -> None:
        if self._writer is None:
            return
        # The writer goes last: with the last connection SQLite brings its log into the file.
        writer, self._writer = self._writer, None
        await asyncio.to_thread(self._threads.shutdown)
        self._reading.dispose()
        await writer.close()

    def run(
        self, operation: Callable[Concatenate[Connection, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> asyncio.Future[R]:
        if self._writer is None:
            raise StoreError("the store is not open")
        return self._writer.run(operation, *args, **kwargs)

    async def read(self, operation: Callable[Concatenate[Connection, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._writer is None:
            raise StoreError("the store is not open")
        context = contextvars.copy_context()
        call = partial(context.run, self._read, lambda tx: operation(tx, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def ailment(self) -> str:
        return "" if self._writer is not None and self._writer.is_alive else "the writer thread has ended"

    def _read(self, operation: Callable[[Connection], R]) -> R:
        try:
            with self._reading.connect() as tx:
                tx.exec_driver_sql("BEGIN")  # all statements see the same commit
                return operation(tx)
        except Exception as error:  # foreign code: a database's error becomes ours, the rest is its caller's
            raise store_error(error) from error

    def _open_file(self, *, query_only: bool = False) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path,
                timeout=self._busy_timeout,
                isolation_level=None,  # transactions begin and end where we say so
                check_same_thread=False,  # a reader's connection goes from thread to thread, used by one at a time
                cached_statements=256,
            )
            self._write_ahead(connection)
        except sqlite3.Error as error:
            raise StoreError(f"cannot open {self._path!r}: {error}. Do folder and file exist, may we write?") from error
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")
        # Savepoints copy the pages that an operation changes: in a file that is 28 writes for each message.
        connection.execute("PRAGMA temp_store = MEMORY")
        if query_only:
            connection.execute("PRAGMA query_only = ON")
        return connection

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        """Switch the file to a write-ahead log; SQLite does not wait for another that does so just now."""
        until = time.monotonic() + self._busy_timeout
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.02)
            else:
                return


def _engine(creator: Callable[[], sqlite3.Connection], pool: type[NullPool] | type[QueuePool]) -> Engine:
    size = {"pool_size": _READERS, "max_overflow": 0} if pool is QueuePool else {}
    # Parameters hold phone numbers and what people wrote: they stay out of error messages.
    return create_engine("sqlite://", creator=creator, poolclass=pool, hide_parameters=True, **size)
