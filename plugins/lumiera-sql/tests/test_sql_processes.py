"""Two processes on one file: the bot and, now and then, a command of the operator."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest
from lumiera_sql.sqlite import SqliteRunner
from lumiera_sql.store import SqlStore
from lumiera_sql.testing import Desk, everything

from lumiera.errors import StoreError

pytest_plugins = ["lumiera_sql.testing"]
OTHER = """
import asyncio, sys
from lumiera_sql.sqlite import SqliteRunner
from lumiera_sql.store import SqlStore
from lumiera_sql.testing import Desk

async def main(file):
    store = SqlStore(SqliteRunner(file))
    await store.open()
    desk = Desk(store)
    for number in range(40):
        await desk.receive(desk.message(str(number), sid=f"other{number}", sender="+33600000002"))
    await store.close()

asyncio.run(main(sys.argv[1]))
"""


async def test_a_second_process_can_write_at_the_same_time(desk: Desk, store: SqlStore, sql_file: Path) -> None:
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", OTHER, str(sql_file))
    mine, conversation = 0, 0
    while other.returncode is None or mine < 40:
        conversation = await desk.receive(desk.message(str(mine), sender="+33600000001"))
        mine += 1
        await asyncio.sleep(0.002)
    assert await other.wait() == 0
    claim = await desk.claim(conversation)
    assert claim.messages[0].text == "0"
    assert len(await desk.rows("inbox", where="channel = 'whatsapp' AND sid LIKE 'other%'")) == 40
    [theirs] = [found for found in (await store.due(desk.now)).inbox if found != conversation]
    assert [message.seq for message in (await desk.claim(theirs)).messages] == list(range(1, 41))


async def test_work_that_another_process_brought_is_found(desk: Desk, store: SqlStore, sql_file: Path) -> None:
    other = SqlStore(SqliteRunner(str(sql_file)))
    await other.open()
    conversation = await Desk(other).receive()
    await other.close()
    assert (await store.due(desk.now)).inbox == (conversation,)
    assert await store.claim(conversation, "t", desk.now, everything) is not None


async def test_a_file_that_stays_locked_is_a_store_error(sql_file: Path) -> None:
    store = SqlStore(SqliteRunner(str(sql_file), busy_timeout=0.05))
    await store.open()
    locking = sqlite3.connect(sql_file, isolation_level=None)
    locking.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="database is locked"):
        await Desk(store).receive()
    locking.execute("ROLLBACK")
    locking.close()
    assert await Desk(store).receive() == 1
    await store.close()


async def test_a_killed_process_loses_nothing_it_had_acknowledged(sql_file: Path) -> None:
    program = OTHER.replace("await store.close()", "print('acknowledged', flush=True); await asyncio.sleep(60)")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(sql_file), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"acknowledged\n"
    process.kill()
    await process.communicate()
    store = SqlStore(SqliteRunner(str(sql_file)))
    await store.open()
    desk = Desk(store)
    [conversation] = (await store.due(desk.now)).inbox
    assert len((await desk.claim(conversation)).messages) == 40
    await store.close()


async def test_closing_leaves_one_file(tmp_path: Path, sql_file: Path) -> None:
    store = SqlStore(SqliteRunner(str(sql_file)))
    await store.open()
    await Desk(store).receive()
    await store.check()
    await store.close()
    files = await asyncio.to_thread(lambda: [file.name for file in tmp_path.iterdir()])
    assert files == ["store.db"]
