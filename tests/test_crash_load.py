"""A bot under load that is killed by SIGKILL at random moments, again and again."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import sys
import time
from collections import defaultdict
from contextlib import closing
from itertools import groupby
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
VICTIM = Path(__file__).parent / "crash" / "victim.py"
USERS, MESSAGES, KILLS = 20, 30, 5
ALL = USERS * MESSAGES


async def start(folder: Path) -> asyncio.subprocess.Process:
    arguments = (str(VICTIM), "load", str(folder), str(USERS), str(MESSAGES))
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )


async def run_until(folder: Path, seconds: float) -> float | None:
    """Start the bot and kill it some time after it has caught up; return how long that took, None if it had ended."""
    begun = time.perf_counter()
    process = await start(folder)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    caught_up = time.perf_counter() - begun
    try:
        async with asyncio.timeout(seconds):
            assert await process.wait() == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        return caught_up
    return None


async def test_nothing_is_lost_doubled_or_out_of_order_however_often_the_bot_is_killed(tmp_path: Path) -> None:
    moments = random.Random()
    recoveries = [await run_until(tmp_path, moments.uniform(0.05, 0.6)) for _ in range(KILLS)]
    killed = [took for took in recoveries if took is not None]
    assert killed, "the load ended before the first kill: give it more"
    assert await run_until(tmp_path, 60) is None
    print(f"{len(killed)} kills; start, imports and recovery took {max(killed):.2f} s at most")  # noqa: T201
    assert max(killed) < 10

    with closing(sqlite3.connect(tmp_path / "bot.db")) as database:
        inbox = database.execute("SELECT count(*), count(DISTINCT sid) FROM inbox WHERE status = 'done'").fetchone()
        outbox = database.execute("SELECT count(*), sum(attempts - 1) FROM outbox WHERE state = 'sent'").fetchone()
        assert inbox == (ALL, ALL)
        assert database.execute("SELECT count(*) FROM inbox").fetchone() == (ALL,)
        assert outbox[0] == ALL
    heard = defaultdict(list)
    for line in (tmp_path / "sent.jsonl").read_text().splitlines():
        address, text = json.loads(line)
        heard[address].append(int(text))
    assert len(heard) == USERS
    for address, numbers in heard.items():
        assert [number for number, _ in groupby(numbers)] == list(range(MESSAGES)), address
    doubled = sum(map(len, heard.values())) - ALL
    print(f"{doubled} of {ALL} answers were sent twice")  # noqa: T201
    assert doubled <= outbox[1], "a bubble was sent twice and nobody counted it"
