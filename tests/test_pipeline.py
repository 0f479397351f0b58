"""The pipeline: order, `when`, deadlines, failures, stages of plugins, and the commit at the end of everything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import text

from lumiera import (
    ErrorCode,
    IntentMatch,
    LanguageMatch,
    LumieraError,
    Reply,
    Stage,
    StageSettings,
    StopTurn,
    StoreError,
    Transcript,
    TransientError,
    Turn,
    Tx,
    hookimpl,
    store_operation,
)
from lumiera.testing import Scripted, TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
Pipeline = Callable[..., list[Any]]
WHOLE = [
    "authenticate", "consent", "limits", "session", "language", "transcription", "handover", "intent", "route",
    "reply", "persistence",
]  # fmt: skip


def with_stage(stage: type[Stage[Any]]) -> object:
    class Brings:
        @hookimpl
        def register_stages(self) -> list[type[Stage[Any]]]:
            return [stage]

    return Brings()


def placed(pipeline: list[Any], before: str, *items: Any) -> dict[str, object]:
    """Return a configuration with more stages before one."""
    at = next(place for place, item in enumerate(pipeline) if before in item)
    return {"pipeline": [*pipeline[:at], *items, *pipeline[at:]]}


# --- order and when ---


async def test_the_stages_run_in_their_order(start: Start) -> None:
    bot = await start()
    assert (await bot.send("bonjour")).stages == WHOLE


async def test_a_stage_runs_only_when_it_is_wanted(start: Start, pipeline: Pipeline) -> None:
    ran: list[str] = []

    class Note(StageSettings):
        name: str

    class NoteStage(Stage[Note]):
        name = "note"
        Settings = Note

        async def run(self, turn: Turn) -> None:
            ran.append(self.settings.name)

    notes = [{"note": {"name": when, "when": when}} for when in ("always", "voice", "decided", "undecided")]
    ears = Scripted(transcripts={"kit://voice.ogg": Transcript(text="bonjour")})
    bot = await start(config=placed(pipeline(), "route", *notes), note=with_stage(NoteStage), ears=ears)
    await bot.send("bonjour")
    assert ran == ["always", "decided"]
    ran.clear()
    await bot.send("qwerty")
    assert ran == ["always", "undecided"]
    ran.clear()
    await bot.voice()
    assert ran == ["always", "voice", "decided"]


async def test_a_stage_of_a_plugin_changes_the_reply(start: Start, pipeline: Pipeline, leak: Leak) -> None:
    class Shout(Stage[StageSettings]):
        name = "shout"

        async def run(self, turn: Turn) -> None:
            assert turn.reply is not None
            turn.reply = Reply(turn.reply.text.upper(), turn.reply.choices)

    async def handler(turn: Turn) -> str:
        return "done"

    config = placed(pipeline(), "persistence", "shout")
    bot = await start(config=config, shout=with_stage(Shout), site=leak(handler))
    reply = await bot.send("fuite")
    assert reply.text == "DONE"
    assert reply.stages[-2:] == ["shout", "persistence"]


async def test_a_stage_may_stand_twice_with_other_plugins(start: Start, pipeline: Pipeline, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return "done"

    quick = Scripted()
    slow = Scripted(intents={"la pluie entre": [("leak", 0.95)]})
    words = Scripted(translations={("the rain comes in", "fr"): "la pluie entre"})
    stages = [
        {"translation": {"when": "undecided"}},
        {"intent": {"plugins": ["slow"], "when": "undecided"}},
    ]
    config = placed(pipeline(intent={"plugins": ["quick"]}), "translation", *stages)
    bot = await start(
        config=config, site=leak(handler), quick=quick, slow=slow, words=words,
    )  # fmt: skip
    await bot.send("parle anglais")
    reply = await bot.send("the rain comes in")
    assert (reply.text, reply.intent) == ("done", "leak")
    assert ("classify_intent", "the rain comes in") in quick.calls
    assert ("classify_intent", "la pluie entre") in slow.calls
    assert (await bot.send("fuite")).stages.count("intent") == 1


async def test_a_stage_asks_only_the_plugins_that_it_names_in_its_order(start: Start, pipeline: Pipeline) -> None:
    a = Scripted(languages={"wo": LanguageMatch(language="de")})
    b = Scripted(languages={"wo": LanguageMatch(language="pl")})
    bot = await start(config={"pipeline": pipeline(language={"plugins": ["b", "a"]})}, a=a, b=b)
    assert (await bot.send("wo")).language == "pl"
    assert ("detect_language", "wo") not in a.calls


# --- the end of a turn ---


async def test_stop_turn_goes_straight_to_persistence(start: Start, pipeline: Pipeline) -> None:
    class Closed(Stage[StageSettings]):
        name = "closed"

        async def run(self, turn: Turn) -> None:
            turn.reply = Reply("We are closed.")
            raise StopTurn

    bot = await start(config=placed(pipeline(), "language", "closed"), closed=with_stage(Closed))
    reply = await bot.send("bonjour")
    assert reply.text == "We are closed."
    assert reply.stages == ["authenticate", "consent", "limits", "session", "closed", "persistence"]
    lines = await bot.lumiera.store.history(reply.turn.conversation.id, 5)
    assert [(line.direction, line.text) for line in lines] == [("in", "bonjour"), ("out", "We are closed.")]


async def test_a_turn_is_kept_with_intent_route_confidence_and_trace(start: Start) -> None:
    bot = await start()
    await bot.send("bonjour")
    query = "SELECT language, intent, confidence, route, code, trace FROM turns"
    row = await bot.lumiera.store.read(lambda tx: tx.execute(text(query)).one())
    assert tuple(row)[:5] == ("fr", "greeting", 1.0, "fast_path", "")
    assert '"stage","authenticate"' in row[5]


# --- failures ---


class Failing(Stage[StageSettings]):
    name = "failing"

    async def run(self, turn: Turn) -> None:
        raise ValueError("a bug")


@pytest.mark.parametrize(
    ("policy", "said", "escalation"),
    [
        (None, "Désolé, il y a un problème de notre côté.", ""),
        ("apologise", "Désolé, il y a un problème de notre côté.", ""),
        ("escalate", "Désolé, il y a un problème de notre côté.", "failed"),
        ("continue", "Bonjour 👷", ""),
    ],
)
async def test_a_stage_that_fails_is_answered_as_its_on_error_says(
    start: Start, pipeline: Pipeline, policy: str | None, said: str, escalation: str
) -> None:
    item = {"failing": {"on_error": policy}} if policy else "failing"
    bot = await start(config=placed(pipeline(), "route", item), failing=with_stage(Failing))
    reply = await bot.send("bonjour")
    assert reply.text.startswith(said)
    assert (reply.turn.escalation.reason if reply.turn.escalation else "") == escalation
    assert reply.turn.failures[0].message == "stage 'failing': ValueError: a bug"
    rows = await bot.lumiera.store.read(lambda tx: tx.execute(text("SELECT code, stage FROM error_log")).all())
    assert [tuple(row) for row in rows] == [("SYSTEM_5001", "failing")]


async def test_the_code_of_an_error_chooses_the_words_for_the_user(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        raise LumieraError("user 7 has no project in table x", code=ErrorCode.PROJECT_NONE)

    bot = await start(site=leak(handler))
    reply = await bot.send("fuite")
    assert reply.text == "Vous n’avez pas encore de chantier. Demandez à votre chef de chantier de vous en donner un."
    assert reply.turn.failures[0].code == "PROJECT_2002"


@pytest.mark.parametrize("returned", [None, 7, b"x"])
async def test_a_handler_that_returns_something_else_is_named(start: Start, leak: Leak, returned: object) -> None:
    async def handler(turn: Turn) -> object:
        return returned

    bot = await start(site=leak(handler))
    message = (await bot.send("fuite")).turn.failures[0].message
    assert f"handler of 'leak' returned {type(returned).__name__}, expected Reply or str" in message


class Hanging:
    @hookimpl
    async def classify_intent(self, text: str, turn: Turn) -> Sequence[IntentMatch]:
        await asyncio.sleep(30)
        return []


async def test_a_time_out_names_the_hook_and_the_plugin_that_hangs(start: Start, pipeline: Pipeline) -> None:
    bot = await start(config={"pipeline": pipeline(intent={"timeout": "50ms"})}, slow=Hanging())
    reply = await bot.send("qwerty")
    assert reply.text.startswith("Je n’ai pas compris.")  # the stage goes on without
    failure = reply.turn.failures[0]
    assert failure.message == "stage 'intent': timed out in classify_intent of plugin 'slow'"
    assert failure.code == ErrorCode.TIMEOUT


async def test_a_plugin_that_raises_is_passed_over_and_named_in_trace_and_log(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    class Raising:
        @hookimpl
        async def detect_language(self, text: str) -> LanguageMatch | None:
            raise ValueError("a bug")

    second = Scripted(languages={"wo": LanguageMatch(language="de")})
    bot = await start(raising=Raising(), second=second)
    reply = await bot.send("wo")
    assert reply.language == "de"
    spans = [span.facts for span in reply.turn.trace.spans if span.name == "detect_language"]
    assert spans == [{"plugin": "raising", "raised": "ValueError"}, {"plugin": "second"}]
    records = [record for record in caplog.records if record.message == "a hook raised"]
    assert [record.__dict__["plugin"] for record in records] == ["raising"]


async def test_a_plugin_that_answers_with_the_wrong_type_is_passed_over(start: Start) -> None:
    class Wrong:
        @hookimpl
        async def detect_language(self, text: str) -> LanguageMatch | None:
            return "de"  # type: ignore[return-value]

    bot = await start(wrong=Wrong(), second=Scripted(languages={"wo": LanguageMatch(language="pl")}))
    assert (await bot.send("wo")).language == "pl"


@pytest.mark.parametrize("error", [StoreError("locked"), TransientError("busy")])
async def test_store_errors_and_transient_ones_are_tried_again_whatever_on_error_says(
    start: Start, pipeline: Pipeline, error: Exception
) -> None:
    failures = [error]

    class Flaky(Stage[StageSettings]):
        name = "flaky"

        async def run(self, turn: Turn) -> None:
            if failures:
                raise failures.pop()

    config = placed(pipeline(), "route", {"flaky": {"on_error": "continue"}})
    bot = await start(config=config, flaky=with_stage(Flaky))
    reply = await bot.send("bonjour")
    assert (reply.intent, reply.turn.attempt) == ("greeting", 2)


async def test_a_stop_that_arrives_while_a_handler_runs_silences_it(start: Start, leak: Leak) -> None:
    done: list[str] = []
    bot: TestBot

    @store_operation
    def file(tx: Tx, what: str) -> str:
        done.append(what)
        return what

    async def handler(turn: Turn) -> str:
        await turn.once("first", file, "first")
        await bot.lumiera.receive([bot.message("STOP")])
        await turn.once("second", file, "second")
        return "never said"

    bot = await start(site=leak(handler))
    reply = await bot.send("fuite")
    assert (done, reply.route) == (["first"], "silent")
    assert [bubble.text[:12] for _, bubble in bot.channel.sent] == ["C’est noté, "]


async def test_a_text_that_a_language_lacks_is_said_in_the_internal_one(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return turn.text_for("where")

    bot = await start(site=leak(handler))
    assert (await bot.send("po polsku")).language == "pl"
    assert (await bot.send("fuite")).text == "Où ?"
