"""The contract of dialogues, rule by rule: what a handler may count on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from lumiera import (
    Key,
    Option,
    Reply,
    Transcript,
    TransientError,
    Turn,
    Tx,
    choose,
    external_write,
    free_text,
    read,
    store_operation,
)
from lumiera.testing import Scripted, TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
SITES = [Option(id="t", title="Tour Nord"), Option(id="q", title="Quai 7")]


class Site:
    """What the steps of these tests do, counted."""

    def __init__(self) -> None:
        self.looked = 0
        self.filed: list[str] = []
        self.keys: list[Key] = []
        self.deaths = 0

    @read
    async def projects(self, user: str) -> list[str]:
        self.looked += 1
        return [f"{user}-{self.looked}"]

    @store_operation
    def file(self, tx: Tx, what: str) -> int:
        self.filed.append(what)
        return len(self.filed)

    @external_write
    async def alert(self, key: Key, what: str) -> str:
        self.keys.append(key)
        self.die()
        return what.upper()

    def die(self) -> None:
        """Die as often as the test wants: the turn is run again."""
        if self.deaths:
            self.deaths -= 1
            raise TransientError("died")


@pytest.fixture
def site() -> Site:
    return Site()


# --- 1, 3: a fixed turn, a frozen past ---


async def test_a_rerun_has_the_same_messages_and_time_although_more_came(start: Start, leak: Leak, site: Site) -> None:
    seen: list[tuple[str, datetime, str]] = []
    bot: TestBot

    async def handler(turn: Turn) -> str:
        seen.append((turn.text, turn.now, turn.id))
        await turn.once("file", site.file, "x")
        if len(seen) == 1:
            await bot.lumiera.receive([bot.message("encore")])
            raise TransientError("died")
        return "done"

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text.startswith("done")
    assert len(seen) == 2
    assert seen[0] == seen[1]


async def test_a_rerun_goes_on_with_the_recorded_route(start: Start, leak: Leak, site: Site) -> None:
    async def handler(turn: Turn) -> str:
        assert turn.match is not None
        await turn.once("file", site.file, "x")
        site.die()
        return f"{turn.match.intent} {turn.match.confidence}"

    scripted = Scripted(intents={"il pleut dedans": [("leak", 0.93)]})
    bot = await start(site=leak(handler), ears=scripted)
    site.deaths = 1
    assert (await bot.send("il pleut dedans")).text == "leak 0.93"
    assert [call for call in scripted.calls if call[0] == "classify_intent"] == [("classify_intent", "il pleut dedans")]


async def test_the_handler_sees_the_opening_message_and_its_time_for_ever(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        where = await turn.ask(free_text("where"))
        return f"{turn.text}|{where}|{turn.now.isoformat()}"

    bot = await start(site=leak(handler))
    opened = (await bot.send("fuite")).turn.now
    await bot.restart()
    await bot.travel(hours=1)
    assert (await bot.send("au sous-sol")).text == f"fuite|au sous-sol|{opened.isoformat()}"


async def test_what_was_spoken_at_the_opening_is_kept_as_text(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.ask(free_text("where"))
        return turn.text

    ears = Scripted(transcripts={"kit://voice.ogg": Transcript(text="Fuite")})
    bot = await start(site=leak(handler), ears=ears)
    await bot.voice()
    ears.transcripts = {}
    assert (await bot.send("là")).text == "Fuite"


async def test_user_and_language_are_live(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.ask(choose("which", options=SITES))
        return f"{turn.user.language} {turn.language} {turn.text_for('where')}"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send("parle anglais")
    assert (await bot.send("1")).text == "en en Where?"


async def test_only_the_reply_of_a_handler_comes_back(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> Reply:
        turn.messages, turn.language, turn.route = (), "pl", "silent"
        return Reply("seen")

    bot = await start(site=leak(handler))
    reply = await bot.send("fuite")
    assert (reply.text, reply.language, reply.route, len(reply.turn.messages)) == ("seen", "fr", "fast_path", 1)


# --- 2: named, not counted ---


async def test_a_name_met_twice_in_one_run_is_a_duplicate_step(start: Start, leak: Leak, site: Site) -> None:
    async def handler(turn: Turn) -> str:
        await turn.once("file", site.file, "a")
        await turn.once("file", site.file, "b")
        return "never"

    bot = await start(site=leak(handler))
    reply = await bot.send("fuite")
    assert reply.text == "Désolé, il y a un problème de notre côté. Réessayez dans quelques minutes."
    assert "'file' is met twice in one run; give each its own key=" in reply.turn.failures[0].message
    assert site.filed == ["a"]


async def test_one_question_asked_twice_is_a_duplicate_step(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(free_text("where")) + await turn.ask(free_text("where"))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    assert "'where' is met twice" in (await bot.send("là")).turn.failures[0].message


async def test_runs_of_a_loop_are_told_apart_by_their_keys(start: Start, leak: Leak, site: Site) -> None:
    async def handler(turn: Turn) -> str:
        numbers = [await turn.once("file", site.file, one, key=one) for one in ("a", "b", "c")]
        site.die()
        return str(numbers)

    bot = await start(site=leak(handler))
    site.deaths = 1
    assert (await bot.send("fuite")).text == "[1, 2, 3]"
    assert site.filed == ["a", "b", "c"]


# --- 4, 5: what steers is journaled, effects live in steps ---


async def test_a_look_up_that_steers_is_read_once(start: Start, leak: Leak, site: Site) -> None:
    async def handler(turn: Turn) -> str:
        names = await turn.once("projects", site.projects, "ana")
        return await turn.ask(choose("which", options=[Option(id=name, title=name) for name in names]))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.restart()
    assert (await bot.send("1")).text == "ana-1"
    assert site.looked == 1


async def test_a_write_outside_a_step_raises(start: Start, leak: Leak) -> None:
    written: list[str] = []

    async def handler(turn: Turn) -> str:
        await turn.bot.store.run(lambda tx: written.append("x"))
        return "never"

    bot = await start(site=leak(handler))
    reply = await bot.send("fuite")
    assert "store.run in a handler outside a step" in reply.turn.failures[0].message
    assert not written


async def test_a_write_outside_a_step_raises_in_a_run_of_gather_too(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.gather(turn.bot.store.run(lambda tx: None))
        return "never"

    bot = await start(site=leak(handler))
    assert "outside a step" in (await bot.send("fuite")).turn.failures[0].message


async def test_a_step_may_write_and_so_may_whoever_is_no_handler(start: Start, leak: Leak) -> None:
    @read
    async def touch(turn: Turn) -> int:
        return await turn.bot.store.run(lambda tx: 7)

    async def handler(turn: Turn) -> str:
        return str(await turn.once("touch", touch, turn))

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "7"
    assert await bot.lumiera.store.run(lambda tx: 8) == 8


async def test_a_question_is_not_swallowed_by_the_handlers_own_except(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        try:
            return await turn.ask(free_text("where"))
        except Exception:  # what authors write
            return "swallowed"

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "Où ?"


async def test_asking_belongs_to_handlers(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return "x"

    bot = await start(site=leak(handler))
    turn = (await bot.send("fuite")).turn
    with pytest.raises(Exception, match="ask, once, say and gather belong to handlers"):
        await turn.ask(free_text("where"))


# --- 7: failures ---


async def test_the_answers_of_a_first_turn_that_fails_are_kept_as_a_draft(start: Start, leak: Leak, site: Site) -> None:
    async def handler(turn: Turn) -> str:
        await turn.once("file", site.file, "x")
        raise ValueError("a bug")

    bot = await start(site=leak(handler))
    turn = (await bot.send("fuite")).turn
    assert [change.status for change in turn.changes] == ["draft"]
    assert (await bot.send("bonjour")).intent == "greeting"


async def test_when_tries_run_out_the_conversation_goes_on(start: Start, leak: Leak, site: Site) -> None:
    async def handler(turn: Turn) -> str:
        await turn.once("file", site.file, turn.text)
        if turn.text == "fuite":
            raise TransientError("for ever")
        return await turn.ask(free_text("where"))

    bot = await start(site=leak(handler))
    await bot.lumiera.receive([bot.message("fuite")])
    assert (await bot.send("leak")).text.endswith("Where?")
    assert [letter.message.text for letter in await bot.lumiera.store.dead_letters()] == ["fuite"]
    assert (await bot.send("upstairs")).text == "upstairs"


# --- 16: the agent is a dialogue ---


async def test_the_agent_may_ask_and_is_answered(start: Start, leak: Leak, site: Site) -> None:
    async def agent(turn: Turn) -> Reply | None:
        name = (await turn.once("projects", site.projects, "ana"))[0]
        where = await turn.ask(free_text("where"))
        return Reply(f"{turn.text}: {name}, {where}")

    bot = await start(agent=Scripted(agent=agent))
    assert (await bot.send("raconte")).text == "Où ?"
    await bot.restart()
    assert (await bot.send("au grenier")).text == "raconte: ana-1, au grenier"
    assert site.looked == 1
