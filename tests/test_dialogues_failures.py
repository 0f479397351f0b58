"""Rule 7 of dialogues: a failure is a result, and what was answered is never lost with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import pytest

from lumiera import (
    ErrorCode,
    Key,
    LumieraError,
    Option,
    TransientError,
    Turn,
    Tx,
    choose,
    external_write,
    free_text,
    number,
    photos,
    read,
    store_operation,
    yes_no,
)
from lumiera.errors import StepFailed
from lumiera.people import Escalation
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
SITES = [Option(id="t", title="Tour Nord"), Option(id="q", title="Quai 7")]
FAILED = "Désolé, cela n’a pas marché. Vos réponses sont gardées et l’équipe peut les voir."
PROBLEM = "Désolé, il y a un problème de notre côté. Réessayez dans quelques minutes."


class Site:
    """Steps that fail as told, each time with the next error; the operation with the first, as often as it is run."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls: list[str] = []

    def call(self, name: str) -> str:
        self.calls.append(name)
        if self.errors:
            raise self.errors.pop(0)
        return "ok"

    @read
    async def look(self) -> str:
        return self.call("look")

    @store_operation
    def file(self, tx: Tx) -> str:
        if self.errors:
            raise self.errors[0]
        return "ok"

    @external_write
    async def alert(self, key: Key) -> str:
        return self.call(f"alert {key}")


async def calls_for_a_human(bot: TestBot) -> list[Escalation]:
    return list(await bot.lumiera.store.escalations())


# --- a step that fails ---


@pytest.mark.parametrize("kind", ["look", "alert"])
async def test_a_step_that_failed_for_good_is_not_run_again_and_fails_alike(
    start: Start, leak: Leak, kind: str
) -> None:
    site = Site(LumieraError("no such lot", code=ErrorCode.TASK_NOT_FOUND))
    heard: list[tuple[str, ErrorCode, str]] = []

    async def handler(turn: Turn) -> str:
        try:
            await turn.once("do", getattr(site, kind))
        except LumieraError as error:
            heard.append((type(error).__name__, error.code, error.user_message))
        return f"went on {await turn.ask(free_text('where'))}"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.restart()
    assert (await bot.send("là")).text == "went on là"
    assert set(heard) == {("StepFailed", ErrorCode.TASK_NOT_FOUND, "error-project_2004")}
    assert len(site.calls) == 1


async def test_a_failed_operation_leaves_nothing_but_its_failure(start: Start, leak: Leak) -> None:
    @store_operation
    def file(tx: Tx) -> str:
        tx.exec_driver_sql("CREATE TABLE filed (x)")
        raise LookupError("no such lot")

    async def handler(turn: Turn) -> str:
        try:
            await turn.once("file", file)
        except StepFailed as failed:
            return failed.message
        return "never"

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "step 'file': LookupError: no such lot"
    tables = await bot.lumiera.store.read(
        lambda tx: tx.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    )
    assert "filed" not in tables


async def test_a_failure_is_kept_without_numbers_that_reach_people(start: Start, leak: Leak) -> None:
    site = Site(ValueError("cannot reach +33612345678"))

    async def handler(turn: Turn) -> str:
        try:
            await turn.once("look", site.look)
        except StepFailed as failed:
            return failed.message
        return "never"

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "step 'look': ValueError: cannot reach [phone]"


@pytest.mark.parametrize("error", [TransientError("busy"), TimeoutError(), ConnectionResetError("gone")])
async def test_a_step_that_fails_in_passing_is_tried_again(start: Start, leak: Leak, error: Exception) -> None:
    site = Site(error)

    async def handler(turn: Turn) -> str:
        return await turn.once("look", site.look)

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "ok"
    assert site.calls == ["look", "look"]


async def test_of_two_failures_in_gather_the_passing_one_counts_first(start: Start, leak: Leak) -> None:
    good, passing = Site(ValueError("for good")), Site(TransientError("busy"))

    async def handler(turn: Turn) -> str:
        try:
            await turn.gather(turn.once("a", good.look), turn.once("b", passing.look))
        except StepFailed as failed:
            return failed.message
        return "never"

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == "step 'a': ValueError: for good"
    assert (good.calls, passing.calls) == (["look"], ["look", "look"])


# --- a handler that fails ---


async def report(turn: Turn, site: Site) -> str:
    where = await turn.ask(choose("which", options=SITES))
    hurt = await turn.ask(yes_no("sure"))
    seen = await turn.ask(photos("pictures"))
    what = await turn.ask(free_text("what"))
    floor = await turn.ask(number("how-many"))
    done = await turn.once("file", site.file)
    return f"{where} {hurt} {len(seen)} {what} {floor:g} {done}"


async def until_it_fails(bot: TestBot) -> None:
    await bot.send("fuite")
    await bot.tap("Quai 7")
    await bot.send("oui")
    await bot.photo()
    await bot.send("de l'eau\nau plafond")
    reply = await bot.send("3")
    assert (reply.text, reply.choices) == (FAILED, ["Recommencer"])
    assert reply.turn.failures[0].code == ErrorCode.INTERNAL


async def test_answers_of_a_dialogue_that_fails_go_to_a_human_and_can_be_started_again_from(
    start: Start, leak: Leak
) -> None:
    site = Site(ValueError("a bug"))
    bot = await start(site=leak(lambda turn: report(turn, site)))
    await until_it_fails(bot)
    (called,) = await calls_for_a_human(bot)
    assert (called.opening.reason, called.opening.silent) == ("failed", False)
    assert called.opening.details.splitlines() == [
        "Lequel ? : Quai 7", "Sûr ? : Oui", "Des photos ? : 1 photo", "Quoi ? : de l'eau au plafond", "Combien ? : 3"
    ]  # fmt: skip
    site.errors.clear()
    await bot.restart()
    assert (await bot.tap("Recommencer")).text == "q True 1 de l'eau\nau plafond 3 ok"


async def test_after_a_failure_the_next_message_is_a_new_one(start: Start, leak: Leak) -> None:
    site = Site(ValueError("a bug"))
    bot = await start(site=leak(lambda turn: report(turn, site)))
    await until_it_fails(bot)
    assert (await bot.send("alors ?")).text == "Je n’ai pas compris. Voici ce que je sais faire :"


async def test_an_error_s_own_words_come_first(start: Start, leak: Leak) -> None:
    site = Site(LumieraError("gone", code=ErrorCode.TASK_NOT_FOUND))

    async def handler(turn: Turn) -> str:
        await turn.ask(free_text("where"))
        return await turn.once("file", site.file)

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    own = "Je ne trouve pas cette tâche. Choisissez-en une autre, s’il vous plaît."
    assert (await bot.send("là")).text == f"{own}\n\n{FAILED}"


async def test_a_failure_before_any_answer_is_an_apology_and_a_call(start: Start, leak: Leak) -> None:
    site = Site(ValueError("a bug"))

    async def handler(turn: Turn) -> str:
        return await turn.once("file", site.file)

    bot = await start(site=leak(handler))
    reply = await bot.send("fuite")
    assert (reply.text, reply.choices) == (PROBLEM, [])
    assert [called.opening.details for called in await calls_for_a_human(bot)] == ["fuite"]
    assert (await bot.send("bonjour")).intent == "greeting"


async def test_a_handler_that_fails_at_once_calls_nobody(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        raise ValueError("a bug")

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).text == PROBLEM
    assert not await calls_for_a_human(bot)


async def test_when_tries_run_out_a_human_gets_the_answers_and_what_was_written_last(start: Start, leak: Leak) -> None:
    site = Site(*(TransientError("busy") for _ in range(3)))

    async def handler(turn: Turn) -> str:
        where = await turn.ask(choose("which", options=SITES))
        what = await turn.ask(free_text("what"))
        return f"{where} {what} {await turn.once('alert', site.alert)}"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send("2")
    await bot.lumiera.receive([bot.message("de l'eau")])
    assert (await bot.send("et alors ?")).text.endswith("q de l'eau ok")  # it goes on where it was
    (called,) = await calls_for_a_human(bot)
    assert called.opening.reason == "failed"
    assert called.opening.details.splitlines() == ["Lequel ? : Quai 7", "Quoi ? : de l'eau", "de l'eau"]
    assert len(set(site.calls)) == 1  # with the same key


# --- what a human has to finish ---


def if_hurt(answers: Mapping[str, object]) -> bool:
    return answers["sure"] is True


@pytest.mark.parametrize(("hurt", "called"), [("oui", ["Sûr ? : Oui\nOù ? : là"]), ("non", [])])
async def test_a_misfit_of_an_intent_that_needs_one_calls_a_human(
    start: Start, leak: Leak, hurt: str, called: list[str]
) -> None:
    async def handler(turn: Turn) -> str:
        await turn.ask(yes_no("sure"))
        return await turn.ask(free_text("where"))

    bot = await start(site=leak(handler, needs_human=if_hurt))
    await bot.send("fuite")
    await bot.send(hurt)
    bot.plugins["site"] = leak(handler, needs_human=if_hurt, version=2)
    await bot.restart()
    assert (await bot.send("là")).choices == ["Recommencer"]
    openings = [one.opening for one in await calls_for_a_human(bot)]
    assert [one.details for one in openings if one.reason == "unfinished" and not one.silent] == called


async def test_an_intent_that_cannot_tell_whether_it_needs_a_human_calls_one(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(free_text("where"))

    bot = await start(site=leak(handler, needs_human=if_hurt))  # it has no such answer
    await bot.send("fuite")
    bot.plugins["site"] = leak(handler, needs_human=if_hurt, version=2)
    await bot.restart()
    await bot.send("là")
    assert [one.opening.reason for one in await calls_for_a_human(bot)] == ["unfinished"]


async def test_answers_that_a_draft_brought_go_to_a_human_too_if_it_fails_again(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.ask(free_text("where"))
        raise LookupError("no such lot")

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send("au grenier")
    (first,) = await calls_for_a_human(bot)
    await bot.lumiera.store.close_escalation(first.id, "team", [], bot.now())
    assert "l’équipe peut les voir" in (await bot.tap("Recommencer")).text
    (second,) = await calls_for_a_human(bot)
    assert second.opening.details == "Où ? : au grenier"
