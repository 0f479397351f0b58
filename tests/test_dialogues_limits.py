"""Rules 14 and 15 of dialogues: how large a journal may be, and what is said on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from lumiera import Option, TransientError, Turn, Tx, choose, free_text, read, store_operation, yes_no
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
SITES = [Option(id="t", title="Tour Nord"), Option(id="q", title="Quai 7")]


@read
async def look() -> str:
    return "seen"


# --- 14: sizes ---


@pytest.mark.parametrize(("size", "fits"), [(64 * 1024 - 2, True), (64 * 1024 - 1, False)])
async def test_an_entry_has_at_most_64_kib(start: Start, leak: Leak, size: int, fits: bool) -> None:
    @read
    async def fetch() -> str:
        return "x" * size

    async def handler(turn: Turn) -> str:
        return str(len(await turn.once("fetch", fetch)))

    bot = await start(site=leak(handler))
    reply = await bot.send("fuite")
    assert (reply.text == str(size)) is fits
    if not fits:
        assert "'fetch' has 65537 bytes, at most 65536; store it and keep its id" in reply.turn.failures[0].message


async def test_an_operation_whose_result_is_too_large_has_not_happened(start: Start, leak: Leak) -> None:
    @store_operation
    def grow(tx: Tx) -> str:
        tx.execute(text("CREATE TABLE grown (x)"))
        return "é" * 40_000

    async def handler(turn: Turn) -> str:
        return await turn.once("grow", grow)

    bot = await start(site=leak(handler))
    assert "80002 bytes" in (await bot.send("fuite")).turn.failures[0].message
    found = await bot.lumiera.store.read(lambda tx: tx.execute(text("SELECT name FROM sqlite_master")).scalars().all())
    assert "dialogues" in found
    assert "grown" not in found


async def test_a_journal_has_at_most_200_entries(start: Start, leak: Leak) -> None:
    @read
    async def one(number: int) -> int:
        return number

    async def handler(turn: Turn) -> str:
        count = 0
        for number in range(int(turn.text.removeprefix("fuite "))):
            count += await turn.once("one", one, number, key=str(number)) * 0 + 1
        return str(count)

    examples = {"fr": ["fuite 199", "fuite 200"]}
    bot = await start(site=leak(handler, examples=examples))
    assert (await bot.send("fuite 199")).text == "199"
    assert "leak: over 200 entries" in (await bot.send("fuite 200")).turn.failures[0].message


async def test_a_journal_has_at_most_1_mib(start: Start, leak: Leak) -> None:
    @read
    async def fetch(number: int) -> str:
        return "x" * 60_000

    async def handler(turn: Turn) -> str:
        for number in range(18):
            await turn.once("fetch", fetch, number, key=str(number))
        return "never"

    bot = await start(site=leak(handler))
    assert "or 1048576 bytes" in (await bot.send("fuite")).turn.failures[0].message


# --- 15: say ---


async def test_say_is_joined_with_the_next_question_and_not_repeated(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.say("call-112")
        return await turn.ask(choose("which", options=SITES))

    bot = await start(site=leak(handler))
    assert [bubble.text for bubble in (await bot.send("fuite")).bubbles] == ["Appelez le 112.\n\nLequel ?"]
    assert (await bot.send("blabla")).text == "Je n’ai pas compris votre réponse.\n\nLequel ?"
    assert (await bot.send("1")).text == "t"


async def test_say_is_joined_with_the_reply(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.say("call-112")
        await turn.say("where")
        return "done"

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "Appelez le 112.\n\nOù ?\n\ndone"


async def test_say_is_said_again_when_its_turn_died_before_it_was_sent(start: Start, leak: Leak) -> None:
    deaths = [TransientError("died")]

    async def handler(turn: Turn) -> str:
        await turn.say("call-112")
        await turn.once("look", look)
        if deaths:
            raise deaths.pop()
        return await turn.ask(free_text("where"))

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "Appelez le 112.\n\nOù ?"


async def test_say_urgent_goes_out_at_once_and_only_once(start: Start, leak: Leak) -> None:
    deaths = [TransientError("died"), TransientError("died")]
    sent_before_the_step: list[int] = []
    bot: TestBot

    @read
    async def count() -> int:
        sent_before_the_step.append(len(bot.channel.sent))
        return 0

    async def handler(turn: Turn) -> str:
        await turn.say("call-112", urgent=True)
        await turn.once("count", count)
        if deaths:
            raise deaths.pop()
        return (await turn.ask(yes_no("sure")) and "yes") or "no"

    bot = await start(site=leak(handler))
    reply = await bot.send("fuite")
    assert [bubble.text for bubble in reply.bubbles] == ["Appelez le 112.", "Sûr ?"]
    assert sent_before_the_step == [1]
    assert [bubble.text for bubble in (await bot.send("oui")).bubbles] == ["yes"]


async def test_the_same_words_with_other_arguments_are_another_entry(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.say("where", floor=1)
        await turn.say("where", floor=2)
        return "done"

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "Où ?\n\nOù ?\n\ndone"
