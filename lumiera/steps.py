"""Steps: functions whose effects happen once in the life of a dialogue, and results that a re-run reads back."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any, Generic, Literal, NewType, TypeAlias, TypeVar, TypeVarTuple, cast, get_type_hints, overload

from pydantic import TypeAdapter

from lumiera.errors import WriteOutsideStep

Tx: TypeAlias = Any  # a store's transaction: opaque to the core, a SQLAlchemy Connection in lumiera-sql
Key = NewType("Key", str)  # the idempotency key of an external write: the same on every re-run
Kind = Literal["read", "store_operation", "store_read", "external_write"]
Ts = TypeVarTuple("Ts")
First = TypeVar("First")
Rest = TypeVarTuple("Rest")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

in_handler: ContextVar[bool] = ContextVar("in_handler", default=False)


def refuse_outside_step(what: str) -> None:
    """Raise `WriteOutsideStep` if a handler runs and no step of it; every write handle calls this first."""
    if in_handler.get():
        raise WriteOutsideStep(f"{what} in a handler outside a step: a re-run would do it again. Use turn.once(...).")


class Step(Generic[*Ts, R_co]):
    """A function that `turn.once` may run. Made by `@read`, `@store_operation` and `@external_write`."""

    def __init__(self, kind: Kind, function: Callable[..., Any]) -> None:
        name = function.__qualname__
        if "return" not in getattr(function, "__annotations__", {}):
            raise TypeError(f"step {name!r} has no return annotation; its result is stored and read back by it")
        self.kind = kind
        self.call = function  # with its `Tx` or `Key` first where its kind has one
        self.name = name
        self._reconcile: Callable[..., Awaitable[Any]] | None = None
        functools.update_wrapper(cast("Any", self), function)

    def __get__(self: Step[First, *Rest, R_co], instance: object, owner: type) -> Step[*Rest, R_co]:
        """Bind the step to an instance, as a method is bound."""
        bound: Step[*Rest, R_co] = Step(self.kind, self.call.__get__(instance, owner))
        bound._reconcile = self._reconcile and self._reconcile.__get__(instance, owner)
        return bound

    def reconciler(self, function: Callable[..., Awaitable[R_co | None]]) -> Callable[..., Awaitable[R_co | None]]:
        """Register what decides whether a write found `started` had happened: its result, or None for "call again"."""
        self._reconcile = function
        return function

    async def reconcile(self, key: Key, *args: object) -> R_co | None:
        """Return the result of a write that had happened, or None if it is to be called, with the same key."""
        return cast("R_co | None", await self._reconcile(key, *args)) if self._reconcile else None

    @functools.cached_property
    def result(self) -> TypeAdapter[R_co]:
        """What stores and reads the result."""
        # Only this hint: those of the parameters may be imported for the type checker alone.
        hint: Any = SimpleNamespace(__annotations__={"return": self.call.__annotations__["return"]})
        return TypeAdapter(get_type_hints(hint, self.call.__globals__, include_extras=True)["return"])


def read(function: Callable[[*Ts], Awaitable[R]]) -> Step[*Ts, R]:
    """Declare an async step without an effect outside: a model call, a look-up. Its result is committed after."""
    if not inspect.iscoroutinefunction(function):
        raise TypeError(f"@read wants an async function, {function.__qualname__!r} is not one")
    return Step("read", function)


def external_write(function: Callable[[First, *Ts], Awaitable[R]]) -> Step[*Ts, R]:
    """Declare an async step that writes to another system; its first parameter is its `Key`.

    `started` is committed before the call and the result after. A re-run that finds `started` asks the
    `@name.reconciler`, where there is one, else calls again with the same key.
    """
    if not inspect.iscoroutinefunction(function):
        raise TypeError(f"@external_write wants an async function, {function.__qualname__!r} is not one")
    return Step("external_write", function)


@overload
def store_operation(function: Callable[[First, *Ts], R]) -> Step[*Ts, R]: ...
@overload
def store_operation(*, reads: bool) -> Callable[[Callable[[First, *Ts], R]], Step[*Ts, R]]: ...
def store_operation(function: Any = None, *, reads: bool = False) -> Any:
    """Declare a sync step over the store; its first parameter is the store's `Tx`.

    It is committed with its journal entry in one transaction, so it happens exactly once: no I/O, no commit,
    under 5 ms, re-runnable. `reads=True` runs it on a reader connection instead.
    """

    def declare(operation: Callable[..., Any]) -> Any:
        if inspect.iscoroutinefunction(operation):
            raise TypeError(f"@store_operation wants a sync function, {operation.__qualname__!r} is async")
        return Step("store_read" if reads else "store_operation", operation)

    return declare if function is None else declare(function)
