"""The queue of one process: never twice at a time for one conversation, and no wake-up lost."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from lumiera.queue import LocalQueue


def now() -> datetime:
    return datetime.now(UTC)


def soon(seconds: float) -> datetime:
    return now() + timedelta(seconds=seconds)


class Worker:
    """Counts its runs and can be held up."""

    def __init__(self) -> None:
        self.runs: Counter[int] = Counter()
        self.running: Counter[int] = Counter()
        self.most = 0
        self.open = asyncio.Event()
        self.open.set()

    async def work(self, conversation: int) -> None:
        self.runs[conversation] += 1
        self.running[conversation] += 1
        self.most = max(self.most, self.running.total())
        assert self.running[conversation] == 1, "twice at a time"
        try:
            await asyncio.sleep(0)
            await self.open.wait()
        finally:
            self.running[conversation] -= 1


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
async def queue(worker: Worker) -> AsyncIterator[LocalQueue]:
    queue = LocalQueue()
    await queue.run(worker.work, concurrency=100, now=now)
    yield queue
    await queue.close(timedelta(seconds=0))


async def test_each_woken_conversation_is_worked_on(queue: LocalQueue, worker: Worker) -> None:
    await queue.wake([1, 2, 3])
    await queue.idle()
    assert worker.runs == Counter({1: 1, 2: 1, 3: 1})


async def test_wake_ups_during_work_are_joined_into_one_more_run(queue: LocalQueue, worker: Worker) -> None:
    worker.open.clear()
    await queue.wake([1])
    await asyncio.sleep(0.01)
    for _ in range(10):
        await queue.wake([1])
    worker.open.set()
    await queue.idle()
    assert worker.runs[1] == 2


async def test_a_later_wake_up_rings_at_its_time(queue: LocalQueue, worker: Worker) -> None:
    begun = time.perf_counter()
    await queue.wake([1], at=soon(0.1))
    await queue.idle()
    assert not worker.runs
    while not worker.runs:  # noqa: ASYNC110 - nothing tells when
        await asyncio.sleep(0.005)
    assert 0.09 <= time.perf_counter() - begun < 1


async def test_of_two_later_wake_ups_the_earlier_rings(queue: LocalQueue, worker: Worker) -> None:
    await queue.wake([1, 2], at=soon(0.05))
    await queue.wake([1], at=soon(60))
    await queue.wake([3], at=soon(60))
    await queue.wake([3], at=soon(0.05))
    async with asyncio.timeout(5):
        while len(worker.runs) < 3:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.005)
    assert worker.runs == Counter({1: 1, 2: 1, 3: 1})


async def test_a_rung_timer_can_be_set_again(queue: LocalQueue, worker: Worker) -> None:
    for count in (1, 2):
        await queue.wake([1], at=soon(0.02))
        async with asyncio.timeout(5):
            while worker.runs[1] < count:  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.005)


async def test_a_time_that_has_passed_is_now(queue: LocalQueue, worker: Worker) -> None:
    await queue.wake([1], at=soon(-5))
    await queue.idle()
    assert worker.runs[1] == 1


async def test_no_more_conversations_at_a_time_than_there_are_workers(worker: Worker) -> None:
    queue = LocalQueue()
    await queue.run(worker.work, concurrency=3, now=now)
    await queue.wake(range(50))
    await queue.idle()
    assert worker.runs.total() == 50
    assert worker.most == 3
    await queue.close(timedelta(0))


async def test_work_that_fails_stops_neither_the_queue_nor_its_conversation(caplog: pytest.LogCaptureFixture) -> None:
    runs = 0

    async def work(conversation: int) -> None:
        nonlocal runs
        runs += 1
        raise RuntimeError("this one is broken")

    queue = LocalQueue()
    await queue.run(work, concurrency=1, now=now)
    for _ in range(2):
        await queue.wake([1])
        await queue.idle()
    assert runs == 2
    assert caplog.messages == ["work on a conversation failed"] * 2
    await queue.close(timedelta(0))


async def test_closing_waits_for_what_runs(queue: LocalQueue, worker: Worker) -> None:
    worker.open.clear()
    await queue.wake([1])
    await asyncio.sleep(0.01)
    asyncio.get_running_loop().call_later(0.05, worker.open.set)
    await queue.close(timedelta(seconds=5))
    assert worker.running.total() == 0


async def test_closing_cancels_what_runs_too_long(queue: LocalQueue, worker: Worker) -> None:
    worker.open.clear()
    await queue.wake([1, 2])
    await asyncio.sleep(0.01)
    begun = time.perf_counter()
    await queue.close(timedelta(seconds=0.05))
    assert time.perf_counter() - begun < 2
    assert worker.running.total() == 0


async def test_after_closing_nothing_is_begun(queue: LocalQueue, worker: Worker) -> None:
    await queue.wake([1], at=soon(0.02))
    await queue.close(timedelta(0))
    await queue.wake([2])
    await asyncio.sleep(0.05)
    assert not worker.runs
