"""Steps: what happens once, what may happen again, and what a re-run reads back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from lumiera import Intent, Key, StoreError, TransientError, Turn, Tx, external_write, free_text, read, store_operation
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
Brings = Callable[..., object]


class Deaths:
    """Raises where a test says so, as often as it says."""

    def __init__(self) -> None:
        self.left = 0

    def strike(self) -> None:
        if self.left:
            self.left -= 1
            raise TransientError("died")


@pytest.fixture
def death() -> Deaths:
    return Deaths()


# --- declaration ---


def test_a_step_without_a_return_annotation_is_refused() -> None:
    async def look(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - what is refused
        return name

    with pytest.raises(TypeError, match="look' has no return annotation; its result is stored and read back by it"):
        read(look)


def test_a_read_and_an_external_write_are_async() -> None:
    def look() -> str:
        return ""

    with pytest.raises(TypeError, match="@read wants an async function"):
        read(look)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="@external_write wants an async function"):
        external_write(look)  # type: ignore[arg-type]


def test_a_store_operation_is_sync() -> None:
    async def file(tx: Tx) -> str:
        return ""

    with pytest.raises(TypeError, match="@store_operation wants a sync function"):
        store_operation(file)


def test_a_step_keeps_name_and_docstring_of_its_function() -> None:
    @read
    async def look() -> str:
        """Look."""
        return ""

    assert look.name.endswith("look")
    assert look.__doc__ == "Look."


# --- results ---


@dataclass(frozen=True)
class Project:
    id: int
    name: str


async def test_a_result_comes_back_in_its_type(start: Start, leak: Leak) -> None:
    @read
    async def projects() -> list[Project]:
        return [Project(1, "Tour")]

    @read
    async def nothing() -> None:
        return None

    async def handler(turn: Turn) -> str:
        found = await turn.once("projects", projects)
        await turn.once("nothing", nothing)
        await turn.ask(free_text("where"))
        return f"{found!r}"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.restart()
    assert (await bot.send("là")).text == "[Project(id=1, name='Tour')]"


async def test_a_result_is_the_same_at_first_and_on_a_rerun(start: Start, leak: Leak, death: Deaths) -> None:
    seen: list[object] = []

    @read
    async def pair() -> tuple[int, ...]:
        return [1, 2]  # type: ignore[return-value]

    async def handler(turn: Turn) -> str:
        seen.append(await turn.once("pair", pair))
        death.strike()
        return "done"

    bot = await start(site=leak(handler))
    death.left = 1
    with pytest.warns(UserWarning, match="serialized value may not be as expected"):
        await bot.send("fuite")
    assert seen == [(1, 2), (1, 2)]


# --- store operations ---


async def test_a_store_operation_happens_exactly_once_whatever_dies_after_it(
    start: Start, leak: Leak, death: Deaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    @store_operation
    def file(tx: Tx, what: str) -> int:
        tx.execute(text("CREATE TABLE IF NOT EXISTS incidents (what TEXT)"))
        tx.execute(text("INSERT INTO incidents VALUES (:what)"), {"what": what})
        return int(tx.execute(text("SELECT count(*) FROM incidents")).scalar() or 0)

    async def handler(turn: Turn) -> str:
        number = await turn.once("file", file, "water")
        death.strike()
        return f"number {number}"

    bot = await start(site=leak(handler))
    death.left = 1
    finish, failures = bot.lumiera.store.finish, [StoreError("the disk is full")]

    async def failing(*args: object) -> None:
        if failures:
            raise failures.pop()
        await finish(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(bot.lumiera.store, "finish", failing)
    reply = await bot.send("fuite")
    assert (reply.text, reply.turn.attempt) == ("number 1", 3)
    rows = await bot.lumiera.store.read(lambda tx: tx.execute(text("SELECT count(*) FROM incidents")).scalar())
    assert rows == 1


async def test_an_operation_and_its_entry_are_one_transaction(start: Start, leak: Leak) -> None:
    tries: list[int] = []

    @store_operation
    def file(tx: Tx) -> int:
        tries.append(1)
        tx.execute(text("CREATE TABLE filed (x)"))  # would fail if the first try had left it
        if len(tries) == 1:
            raise TransientError("died in the middle")
        return 1

    async def handler(turn: Turn) -> str:
        return str(await turn.once("file", file))

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "1"
    assert len(tries) == 2


async def test_a_store_operation_is_in_the_action_log_and_a_read_is_not(start: Start, leak: Leak) -> None:
    @store_operation
    def file(tx: Tx) -> int:
        return 1

    @read
    async def look() -> int:
        return 1

    async def handler(turn: Turn) -> str:
        await turn.once("look", look)
        await turn.once("file", file)
        return "done"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    rows = await bot.lumiera.store.read(lambda tx: tx.execute(text("SELECT name, kind FROM action_log")).all())
    assert [(name.rpartition(".")[2], kind) for name, kind in rows] == [("file", "store_operation")]


async def test_a_reading_operation_runs_on_a_readers_connection(start: Start, leak: Leak) -> None:
    @store_operation(reads=True)
    def count(tx: Tx) -> int:
        return int(tx.execute(text("SELECT count(*) FROM users")).scalar() or 0)

    @store_operation(reads=True)
    def cheat(tx: Tx) -> int:
        tx.execute(text("DELETE FROM users"))
        return 0

    async def handler(turn: Turn) -> str:
        number = await turn.once("count", count)
        try:
            await turn.once("cheat", cheat)
        except StoreError:
            return f"{number}, refused"
        return "deleted"

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "1, refused"


# --- external writes ---


async def test_an_external_write_is_called_again_with_the_same_key(start: Start, leak: Leak, death: Deaths) -> None:
    keys: list[Key] = []

    @external_write
    async def alert(key: Key, what: str) -> str:
        keys.append(key)
        death.strike()
        return what.upper()

    async def handler(turn: Turn) -> str:
        return await turn.once("alert", alert, "water")

    bot = await start(site=leak(handler))
    death.left = 2
    assert (await bot.send("fuite")).text == "WATER"
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_an_external_write_that_ended_is_not_called_again(start: Start, leak: Leak, death: Deaths) -> None:
    calls: list[str] = []

    @external_write
    async def alert(key: Key) -> str:
        calls.append(key)
        return "sent"

    async def handler(turn: Turn) -> str:
        said = await turn.once("alert", alert)
        death.strike()
        return said

    bot = await start(site=leak(handler))
    death.left = 2
    assert (await bot.send("fuite")).text == "sent"
    assert len(calls) == 1


async def test_every_dialogue_and_every_key_has_an_idempotency_key_of_its_own(start: Start, leak: Leak) -> None:
    keys: list[Key] = []

    @external_write
    async def alert(key: Key) -> None:
        keys.append(key)

    async def handler(turn: Turn) -> str:
        for person in "ab":
            await turn.once("alert", alert, key=person)
        return "done"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send("fuite")
    assert len(set(keys)) == 4


@pytest.mark.parametrize(("had_happened", "calls"), [("yes", 1), (None, 2)])
async def test_a_reconciler_decides_whether_a_begun_write_had_happened(
    start: Start, leak: Leak, death: Deaths, had_happened: str | None, calls: int
) -> None:
    called: list[Key] = []
    asked: list[tuple[Key, str]] = []

    @external_write
    async def alert(key: Key, what: str) -> str:
        called.append(key)
        death.strike()
        return "called"

    @alert.reconciler
    async def found(key: Key, what: str) -> str | None:
        asked.append((key, what))
        return had_happened

    async def handler(turn: Turn) -> str:
        return await turn.once("alert", alert, "water")

    bot = await start(site=leak(handler))
    death.left = 1
    assert (await bot.send("fuite")).text == (had_happened or "called")
    assert len(called) == calls
    assert asked == [(called[0], "water")]


async def test_a_reconciler_of_a_method_is_bound_too(start: Start, leak: Leak, death: Deaths) -> None:
    class Office:
        def __init__(self, name: str) -> None:
            self.name = name

        @external_write
        async def ring(self, key: Key) -> str:
            death.strike()
            return "rung"

        @ring.reconciler
        async def rang(self, key: Key) -> str | None:
            return f"{self.name} had been rung"

    office = Office("Lyon")

    async def handler(turn: Turn) -> str:
        return await turn.once("ring", office.ring)

    bot = await start(site=leak(handler))
    death.left = 1
    assert (await bot.send("fuite")).text == "Lyon had been rung"


async def test_a_renamed_write_that_had_begun_keeps_its_key(start: Start, leak: Leak) -> None:
    keys: list[Key] = []
    hangs = [True]

    @external_write
    async def alert(key: Key) -> str:
        keys.append(key)
        if hangs[0]:
            raise TransientError("no line")
        return "sent"

    async def before(turn: Turn) -> str:
        await turn.ask(free_text("where"))
        return await turn.once("alert", alert)

    async def after(turn: Turn) -> str:
        await turn.ask(free_text("where"))
        said = await turn.once("notify", alert)
        return said + await turn.ask(free_text("what"))

    bot = await start(site=leak(before))
    await bot.send("fuite")
    await bot.lumiera.receive([bot.message("là")])
    async with asyncio.timeout(10):
        while not await bot.lumiera.store.dead_letters():  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.005)
    bot.plugins["site"] = leak(after, aliases={"notify": "alert"})
    await bot.restart()
    hangs[0] = False
    await bot.send("alors ?")
    assert (await bot.send(" !")).text == "sent!"
    assert len(keys) == 4
    assert len(set(keys)) == 1


async def test_two_conversations_do_not_meet_each_others_journals(start: Start, brings: Brings) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(free_text("where"))

    bot = await start(site=brings(Intent("leak", handler, examples={"fr": ["fuite"]})))
    await bot.send("fuite")
    await bot.send("fuite", sender="+33600000002")
    assert (await bot.send("ici", sender="+33600000002")).text == "ici"
    assert (await bot.send("là")).text == "là"
