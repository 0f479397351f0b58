"""Rule 4 of dialogues: the test kit runs each dialogue again with other live reads, and finds what is not journaled."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lumiera import Option, Reply, Turn, Tx, User, choose, free_text, hookimpl, read, store_operation, yes_no
from lumiera.testing import Scripted, TestBot
from lumiera.testing.replay import changed, emptied
from lumiera.turn import Bot, Handler

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
RULE = "must be journaled: turn.once"


async def lots(turn: Turn) -> list[str]:
    return await turn.bot.store.read(lambda tx: ["a", "b"])


async def by_a_read(turn: Turn) -> str:
    if await turn.bot.store.read(lambda tx: True):
        return await turn.ask(free_text("where"))
    return await turn.ask(free_text("what"))


async def by_a_list(turn: Turn) -> str:
    for lot in await lots(turn):
        await turn.ask(yes_no("sure", name=f"sure-{lot}"))
    return "done"


async def by_a_count(turn: Turn) -> str:
    await turn.ask(yes_no("sure"))
    if len(await turn.bot.store.history(turn.conversation.id, 10)) > 0:
        return await turn.ask(free_text("where"))
    return await turn.ask(free_text("what"))


async def by_the_clock(turn: Turn) -> str:
    if (turn.bot.now() - turn.now).total_seconds() < 3600:
        return await turn.ask(free_text("where"))
    return await turn.ask(free_text("what"))


async def by_chance(turn: Turn) -> str:
    if random.random() < 0.5:
        return await turn.ask(free_text("where"))
    return await turn.ask(free_text("what"))


async def by_a_choice(turn: Turn) -> str:
    return await turn.ask(free_text(random.choice(["where", "what"])))


async def by_the_name(turn: Turn) -> str:
    return await turn.ask(free_text("where" if turn.user.name == "Ana" else "what"))


async def by_the_language(turn: Turn) -> str:
    return await turn.ask(free_text("where" if turn.language == "fr" else "what"))


async def by_the_number_of_turns(turn: Turn) -> str:
    return await turn.ask(free_text("where" if turn.conversation.turns == 0 else "what"))


@read
async def note(text: str) -> str:
    return text


async def with_a_live_argument(turn: Turn) -> str:
    await turn.once("note", note, turn.user.name)
    return await turn.ask(free_text("where"))


async def with_live_words(turn: Turn) -> str:
    await turn.say("where", name=turn.user.name)
    return await turn.ask(free_text("what"))


async def with_a_step_that_came_later(turn: Turn) -> str:
    if turn.user.language == "en":
        await turn.once("note", note, "x")
    return await turn.ask(free_text("where"))


async def that_ends(turn: Turn) -> str:
    return "never mind" if turn.user.name != "Ana" else await turn.ask(free_text("where"))


async def that_raises(turn: Turn) -> str:
    return (await lots(turn))[1] + await turn.ask(free_text("where"))


async def that_writes(turn: Turn) -> str:
    if turn.user.name != "Ana":
        await turn.escalate("safety", silent=False)
    return await turn.ask(free_text("where"))


async def that_waits(turn: Turn) -> str:
    if turn.user.name != "Ana":
        await asyncio.Event().wait()
    return await turn.ask(free_text("where"))


async def a_second_question_by_the_name(turn: Turn) -> str:
    which = await turn.ask(choose("which", options=[Option(id="a", title="A"), Option(id="b", title="B")]))
    return await turn.ask(free_text("where" if turn.user.name == "Ana" else which))


STEERED: list[tuple[Handler, str]] = [
    (by_a_read, "'what' is asked where 'where' was"),
    (by_a_list, "'sure-b*' is asked where 'sure-a' was"),
    (by_the_clock, "'what' is asked where 'where' was"),
    (by_chance, " is asked where "),
    (by_a_choice, " is asked where "),
    (by_the_name, "'what' is asked where 'where' was"),
    (by_the_language, "'what' is asked where 'where' was"),
    (by_the_number_of_turns, "'what' is asked where 'where' was"),
    (with_a_live_argument, "'note' was recorded as another call"),
    (with_live_words, "not met: say/where/"),
    (with_a_step_that_came_later, "the step 'note' runs, which did not run before"),
    (that_ends, "it ended without asking"),
    (that_raises, "it raised IndexError"),
    (that_writes, "escalate/safety is written"),
]


@pytest.mark.parametrize(("handler", "problem"), STEERED, ids=lambda value: getattr(value, "__name__", ""))
async def test_a_handler_that_is_steered_by_what_is_not_journaled_fails_its_test(
    tmp_path: Path, leak: Leak, handler: Handler, problem: str
) -> None:
    async with TestBot(tmp_path, plugins={"site": leak(handler)}) as bot:
        with pytest.raises(AssertionError, match=RULE) as found:
            await bot.send("fuite", name="Ana")
    assert problem in str(found.value)
    assert "dialogue '1.1.leak' does not come back to its question" in str(found.value)


async def test_what_steers_later_is_found_at_its_turn(tmp_path: Path, leak: Leak) -> None:
    for handler in (by_a_count, a_second_question_by_the_name):
        folder = tmp_path / handler.__name__
        folder.mkdir()
        async with TestBot(folder, plugins={"site": leak(handler)}) as bot:
            await bot.send("fuite", name="Ana")
            with pytest.raises(AssertionError, match=RULE):
                await bot.send("1")


async def test_a_handler_that_hangs_is_found(tmp_path: Path, leak: Leak, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumiera.testing.replay.LIMIT", 0.05)
    async with TestBot(tmp_path, plugins={"site": leak(that_waits)}) as bot:
        with pytest.raises(AssertionError, match="it raised TimeoutError"):
            await bot.send("fuite", name="Ana")


async def test_the_store_that_a_plugin_holds_is_watched_too(tmp_path: Path, leak: Leak) -> None:
    class Site:
        bot: Bot

        @hookimpl
        async def startup(self, bot: Bot) -> None:
            self.bot = bot

    site = Site()

    async def handler(turn: Turn) -> str:
        return await turn.ask(free_text(await site.bot.store.read(lambda tx: "where")))

    async with TestBot(tmp_path, plugins={"own": site, "site": leak(handler)}) as bot:
        with pytest.raises(AssertionError, match=r"'where\*' is asked where 'where' was"):
            await bot.send("fuite")


async def test_an_agent_is_watched_like_any_handler(tmp_path: Path) -> None:
    async def agent(turn: Turn) -> Reply | None:
        return Reply(await turn.ask(free_text("where" if turn.user.name == "Ana" else "what")))

    async with TestBot(tmp_path, plugins={"agent": Scripted(agent=agent)}) as bot:
        with pytest.raises(AssertionError, match=RULE):
            await bot.send("raconte", name="Ana")


async def test_messages_that_nobody_waits_for_are_told_of_at_the_end(tmp_path: Path, leak: Leak) -> None:
    bot = TestBot(tmp_path, plugins={"site": leak(by_the_name)})
    await bot.__aenter__()
    await bot.lumiera.receive([bot.message("fuite", profile_name="Ana")])
    async with asyncio.timeout(10):
        while not bot.channel.sent:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.002)
    with pytest.raises(AssertionError, match=RULE):
        await bot.__aexit__()


async def test_it_can_be_switched_off(tmp_path: Path, leak: Leak) -> None:
    async with TestBot(tmp_path, plugins={"site": leak(by_the_name)}, replay=False) as bot:
        assert (await bot.send("fuite", name="Ana")).text == "where"


# --- what keeps the rule passes ---


@store_operation
def count(tx: Tx) -> int:
    return 1


@store_operation(reads=True)
def find_lots(tx: Tx) -> list[str]:
    return ["a", "b"]


@read
async def draw() -> float:
    return random.random()


@read
async def clock() -> datetime:
    return datetime.now(UTC)


@read
async def name_of(user: User) -> str:
    return user.name


async def test_the_journaled_versions_pass(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        name = await turn.once("name", name_of, turn.user)
        drawn = await turn.once("draw", draw)
        at = await turn.once("clock", clock)
        await turn.ask(free_text("where" if name == "Ana" else "what"))
        await turn.ask(free_text("what" if drawn < 0.5 else "how-many"))
        await turn.ask(yes_no("sure" if at < datetime.now(UTC) else "which"))
        for lot in await turn.once("lots", find_lots):
            await turn.ask(yes_no("sure", name=f"lot-{lot}"))
        return str(await turn.once("count", count))

    bot = await start(site=leak(handler))
    await bot.send("fuite", name="Ana")
    for said in ("là", "de l'eau", "oui", "oui"):
        await bot.send(said)
    assert (await bot.send("non")).text == "1"


async def test_what_is_live_may_be_shown(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        options = [Option(id=one, title=one) for one in await lots(turn)] or [Option(id="none", title="?")]
        await turn.ask(choose("which", options=options))
        return f"{turn.user.name} {turn.language} {await turn.ask(free_text('where'))}"

    bot = await start(site=leak(handler))
    await bot.send("fuite", name="Ana")
    await bot.send("1")
    assert (await bot.send("là")).text == "Ana fr là"


async def test_a_replay_leaves_no_trace(start: Start, leak: Leak) -> None:
    runs: list[int] = []

    async def handler(turn: Turn) -> str:
        runs.append(await turn.once("count", count))
        await turn.say("call-112")
        return await turn.ask(free_text("where"))

    bot = await start(site=leak(handler))
    state = random.getstate()
    turn = (await bot.send("fuite")).turn
    assert random.getstate() == state
    assert runs == [1, 1, 1]  # the turn's own, and two replays
    assert [span.name for span in turn.trace.spans if span.kind == "step"] == ["count"]
    record = await bot.lumiera.store.dialogue("1.1.leak")
    assert record is not None
    assert [entry.name for entry in record.entries] == ["@match", "count", "say/call-112"]
    assert bot.log.lines == ["> fuite", "< Appelez le 112.", "", "  Où ?"]


# --- other worlds ---


@dataclass(frozen=True)
class Lot:
    id: int
    name: str
    done: bool


@pytest.mark.parametrize(
    ("value", "other", "empty"),
    [
        (1, 2, 0),
        (True, False, False),
        ("a", "a*", ""),
        ([1, 2], [3, 2], []),
        ((1, "a"), ("a*", 2), ()),
        ({"a": 1, "b": 2}, {"b": 3, "a": 2}, {}),
        (None, None, None),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        (Lot(7, "a", done=True), Lot(7, "a*", done=False), Lot(7, "", done=False)),
    ],
)
def test_values_have_others_of_their_kind(value: Any, other: Any, empty: Any) -> None:
    assert (changed(value), emptied(value)) == (other, empty)
