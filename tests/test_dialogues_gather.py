"""Rules 2 and 12 of dialogues: steps in parallel, and what a deadline may stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from lumiera import Key, LumieraError, TransientError, Turn, Tx, external_write, free_text, read, store_operation
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]


# --- deadlines ---


def slow(pipeline: Callable[..., object]) -> dict[str, object]:
    return {"pipeline": pipeline(route={"timeout": "100ms"})}


async def test_a_deadline_stops_between_steps(start: Start, leak: Leak, pipeline: Callable[..., object]) -> None:
    done: list[str] = []

    @read
    async def look() -> str:
        await asyncio.sleep(5)
        return "seen"

    @store_operation
    def file(tx: Tx) -> str:
        done.append("filed")
        return "filed"

    async def handler(turn: Turn) -> str:
        await turn.once("look", look)
        return await turn.once("file", file)

    bot = await start(site=leak(handler), config=slow(pipeline))
    reply = await bot.send("fuite")
    assert reply.text == "Désolé, cela prend trop de temps. Réessayez dans quelques minutes."
    assert not done


async def test_a_write_that_has_begun_is_waited_for_and_recorded(
    start: Start, leak: Leak, pipeline: Callable[..., object]
) -> None:
    calls: list[str] = []

    @external_write
    async def alert(key: Key) -> str:
        calls.append("begun")
        await asyncio.sleep(0.3)
        calls.append("ended")
        return "alerted"

    async def handler(turn: Turn) -> str:
        where = await turn.ask(free_text("where"))
        alerted = await turn.once("alert", alert)
        return f"{where} {alerted}"

    bot = await start(site=leak(handler), config=slow(pipeline))
    await bot.send("fuite")
    assert (await bot.send("là")).text.startswith("Désolé, cela prend trop de temps.")
    assert calls == ["begun", "ended"]
    assert (await bot.send("alors ?")).text == "là alerted"
    assert calls == ["begun", "ended"]


# --- gather ---


async def test_gather_gives_the_results_in_order_and_runs_in_parallel(start: Start, leak: Leak) -> None:
    ready = asyncio.Event()

    @read
    async def first() -> str:
        await ready.wait()
        return "a"

    @read
    async def second() -> str:
        ready.set()
        return "b"

    async def handler(turn: Turn) -> str:
        return "".join(await turn.gather(turn.once("first", first), turn.once("second", second)))

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "ab"


async def test_gathering_nothing_is_nothing(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        nothing: list[Awaitable[str]] = []
        return f"{await turn.gather(*nothing)}"

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "[]"


async def test_gather_waits_for_all_whatever_one_raises(start: Start, leak: Leak) -> None:
    ended: list[str] = []

    @read
    async def fails() -> str:
        raise ValueError("a bug")

    @read
    async def takes_its_time() -> str:
        await asyncio.sleep(0.05)
        ended.append("slow")
        return "ok"

    async def handler(turn: Turn) -> str:
        try:
            await turn.gather(turn.once("fails", fails), turn.once("slow", takes_its_time))
        except LumieraError as error:
            return f"{error}, {ended}"
        return "never"

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "step 'fails': ValueError: a bug, ['slow']"


async def test_asking_inside_gather_is_refused(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return "".join(await turn.gather(turn.ask(free_text("where")), turn.ask(free_text("what"))))

    bot = await start(site=leak(handler))
    assert "'where' is asked inside gather; ask one after" in (await bot.send("fuite")).turn.failures[0].message


async def test_gather_inside_gather_is_refused(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.gather(turn.gather())
        return "never"

    bot = await start(site=leak(handler))
    assert "gather inside gather" in (await bot.send("fuite")).turn.failures[0].message


async def test_gather_reruns_with_half_of_its_steps_recorded(start: Start, leak: Leak) -> None:
    calls: list[str] = []
    deaths = [TransientError("died"), TransientError("died")]

    @read
    async def look(name: str) -> str:
        calls.append(name)
        if name in "bd":
            await asyncio.sleep(0.03)
            if deaths:
                raise deaths.pop()
        return name

    async def handler(turn: Turn) -> str:
        return "".join(await turn.gather(*(turn.once("look", look, name, key=name) for name in "abcd")))

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "abcd"
    assert sorted(calls) == ["a", "b", "b", "c", "d", "d"]


async def test_in_gather_something_new_waits_until_the_others_have_met_their_entries(start: Start, leak: Leak) -> None:
    calls: list[str] = []
    deaths = [TransientError("died"), TransientError("died")]

    @read
    async def look(name: str) -> str:
        calls.append(name)
        return name

    async def pair(turn: Turn, name: str) -> str:
        if name == "b":
            await asyncio.sleep(0.02)
        first = await turn.once("look", look, name, key=name)
        if deaths:
            raise deaths.pop()
        return first + await turn.once("then", look, name * 2, key=name)

    async def handler(turn: Turn) -> str:
        return "".join(await turn.gather(pair(turn, "a"), pair(turn, "b")))

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "aaabbb"
    assert sorted(calls) == ["a", "aa", "b", "bb"]


async def test_a_misfit_in_gather_runs_nothing_new(start: Start, leak: Leak) -> None:
    calls: list[str] = []

    @read
    async def look(name: str) -> str:
        calls.append(name)
        return name

    names = ["ab"]

    async def handler(turn: Turn) -> str:
        await turn.gather(*(turn.once("look", look, name, key=name) for name in names[0]))
        return await turn.ask(free_text("where"))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    names[0] = "acd"
    assert (await bot.send("là")).choices == ["Recommencer"]
    assert calls == ["a", "b"]
