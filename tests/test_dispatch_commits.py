"""What a turn commits, and when: the user first, then each step, at the end everything else at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lumiera import Reply, StoreError, Turn, Tx, hookimpl, store_operation
from lumiera.errors import Fenced
from lumiera.testing import Scripted, TestBot

COUNTS = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM sessions), (SELECT count(*) FROM turns)"


@store_operation
def look_around(tx: Tx) -> tuple[int, int, int]:
    row = tx.exec_driver_sql(COUNTS).one()
    return row[0], row[1], row[2]


async def echo(turn: Turn) -> Reply:
    return Reply(turn.text)


async def rows(bot: TestBot, sql: str) -> list[tuple[Any, ...]]:
    return await bot.lumiera.store.read(lambda tx: [tuple(row) for row in tx.exec_driver_sql(sql)])


async def test_a_new_user_and_session_are_committed_before_the_first_step(tmp_path: Path) -> None:
    async def answer(turn: Turn) -> Reply:
        return Reply(str(await turn.once("look", look_around)))

    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=answer)}) as bot:
        assert (await bot.send("ciment")).text == "(1, 1, 0)"


async def test_a_turn_leaves_its_history_its_record_and_its_bubble_together(tmp_path: Path) -> None:
    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=echo)}) as bot:
        replied = await bot.send("ciment")
        assert await rows(bot, "SELECT id, route, code FROM turns") == [(replied.turn.id, "agent", "")]
        assert await rows(bot, "SELECT direction, text FROM messages ORDER BY id") == [
            ("in", "ciment"),
            ("out", "ciment"),
        ]
        assert await rows(bot, "SELECT dedupe_key FROM outbox") == [(f"{replied.turn.id}/0",)]
        assert await rows(bot, "SELECT status, turn_id FROM inbox") == [("done", replied.turn.id)]


async def test_a_turn_whose_commit_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(*_: object) -> None:
        raise StoreError("the disk is full")

    config = {"retries": {"tries": 9, "first": "1h", "longest": "1h"}}
    async with TestBot(tmp_path, config=config, plugins={"agent": Scripted(agent=echo)}) as bot:
        monkeypatch.setattr(bot.lumiera.store, "finish", failing)
        await bot.lumiera.receive([bot.message("ciment")])
        await bot._ears.queue.idle()
        assert await rows(bot, "SELECT status, attempts FROM inbox") == [("new", 1)]
        for table in ("turns", "messages", "outbox"):
            assert await rows(bot, f"SELECT count(*) FROM {table}") == [(0,)], table
        assert bot.channel.sent == []


async def test_a_store_that_fails_in_a_stage_is_tried_again_and_not_apologised_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=echo)}) as bot:
        store, failures = bot.lumiera.store, [StoreError("database is locked")]
        open_session: Callable[..., Any] = store.open_session

        async def failing(*args: object) -> object:
            if failures:
                raise failures.pop()
            return await open_session(*args)

        monkeypatch.setattr(store, "open_session", failing)
        replied = await bot.send("ciment")
        assert (replied.text, replied.turn.attempt) == ("ciment", 2)


async def test_a_turn_that_is_fenced_in_a_stage_is_thrown_away_without_a_word(tmp_path: Path) -> None:
    class Fencing:
        fenced = False

        @hookimpl
        async def answer_turn(self, turn: Turn) -> Reply | None:
            if not self.fenced:
                self.fenced = True
                raise Fenced
            return Reply("la deuxième fois")

    async with TestBot(tmp_path, plugins={"agent": Fencing()}) as bot:
        assert (await bot.send("ciment")).text == "la deuxième fois"
        assert await rows(bot, "SELECT count(*) FROM error_log") == [(0,)]
        assert await rows(bot, "SELECT count(*) FROM outbox") == [(1,)]


async def test_a_handler_that_is_broken_is_apologised_for_once_and_not_tried_again(tmp_path: Path) -> None:
    attempts = []

    class Broken:
        @hookimpl
        async def answer_turn(self, turn: Turn) -> Reply | None:
            attempts.append(turn.attempt)
            await turn.once("look", look_around)
            return Reply(1 / 0)  # type: ignore[arg-type]

    async with TestBot(tmp_path, plugins={"agent": Broken()}) as bot:
        assert len((await bot.send("ciment")).bubbles) == 1
        assert attempts == [1]
        assert await rows(bot, "SELECT status FROM inbox") == [("done",)]


async def test_a_plugin_that_fails_after_the_commit_keeps_no_answer_back(tmp_path: Path) -> None:
    class Nosy:
        @hookimpl
        async def on_turn_finished(self, turn: Turn) -> None:
            raise RuntimeError("no room to note it")

    async with TestBot(tmp_path, plugins={"nosy": Nosy(), "agent": Scripted(agent=echo)}) as bot:
        replied = await bot.send("ciment")
        assert (replied.text, replied.turn.attempt) == ("ciment", 1)
