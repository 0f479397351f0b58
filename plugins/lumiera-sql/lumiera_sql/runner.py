"""What runs operations: plain functions of SQL statements over a `Connection`, so that each is written once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

P = ParamSpec("P")
R = TypeVar("R")


class Runner(Protocol):
    """Runs operations in transactions. Errors of the database come out as `StoreError`, others as they are."""

    async def open(self) -> None:
        """Get ready to run operations; the database may still be empty."""

    async def close(self) -> None:
        """Finish the operations that were given, then disconnect."""

    def run(
        self, operation: Callable[Concatenate[Connection, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[R]:
        """Run an operation and commit it; durable when this resolves."""

    def read(
        self, operation: Callable[Concatenate[Connection, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[R]:
        """Run an operation that only reads, over what is committed."""

    def ailment(self) -> str:
        """Say why operations cannot be committed; empty when they can."""
