"""The queue carries wake-ups ("conversation 7 has work") and nothing else; losing one makes work late, never lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

log = logging.getLogger(__name__)
Work = Callable[[int], Awaitable[None]]


class Queue(Protocol):
    """What wakes the worker."""

    name: str

    async def wake(self, conversations: Iterable[int], *, at: datetime | None = None) -> None:
        """Say that conversations have work, now or at a time. May be coalesced, and delivered more than once."""

    async def run(self, work: Work, *, concurrency: int, now: Callable[[], datetime]) -> None:
        """Begin to call `work` for what is woken, never twice at a time for one conversation; returns at once."""

    async def close(self, drain: timedelta) -> None:
        """Start no more work, wait for what runs, then cancel it."""


class LocalQueue:
    """The queue of one process: a task for each busy conversation and a timer for each later wake-up."""

    name = "local"

    def __init__(self) -> None:
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._work: Work | None = None  # while it runs; what is woken before is found by the first sweep
        self._slots = asyncio.Semaphore(1)
        self._now: Callable[[], datetime]

    async def wake(self, conversations: Iterable[int], *, at: datetime | None = None) -> None:
        for conversation in conversations:
            self._wake(conversation, at)

    def _wake(self, conversation: int, at: datetime | None = None) -> None:
        if self._work is None:
            return
        if at is not None and (delay := (at - self._now()).total_seconds()) > 0:
            self._set_timer(conversation, delay)
        elif conversation in self._tasks:
            self._again.add(conversation)
        else:
            self._tasks[conversation] = asyncio.create_task(self._run_one(conversation, self._work))

    def _set_timer(self, conversation: int, delay: float) -> None:
        """Keep the earlier of two wake-ups: what is woken too early finds out when to come back."""
        loop = asyncio.get_running_loop()
        if timer := self._timers.get(conversation):
            if timer.when() <= loop.time() + delay:
                return
            timer.cancel()
        self._timers[conversation] = loop.call_later(delay, self._ring, conversation)

    def _ring(self, conversation: int) -> None:
        del self._timers[conversation]
        self._wake(conversation)

    async def _run_one(self, conversation: int, work: Work) -> None:
        try:
            async with self._slots:
                await work(conversation)
        except Exception:  # the border of the worker: whatever escapes is logged and the sweep comes again
            log.exception("work on a conversation failed", extra={"conversation": conversation})
        finally:
            del self._tasks[conversation]
            if conversation in self._again:
                self._again.discard(conversation)
                self._wake(conversation)

    async def run(self, work: Work, *, concurrency: int, now: Callable[[], datetime]) -> None:
        self._slots = asyncio.Semaphore(concurrency)
        self._work, self._now = work, now

    async def idle(self) -> None:
        """Wait until no work runs; timers may still be set."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def close(self, drain: timedelta) -> None:
        self._work = None
        for timer in self._timers.values():
            timer.cancel()
        if tasks := list(self._tasks.values()):
            _, late = await asyncio.wait(tasks, timeout=drain.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
