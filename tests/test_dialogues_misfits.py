"""Rule 8: a handler that changed between two runs does nothing, keeps the answers, and offers to start again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from lumiera import Intent, Option, Turn, Tx, User, choose, free_text, number, read, store_operation, yes_no
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
OFFER = "Ce formulaire a changé entre-temps. Vos réponses sont gardées. Voulez-vous recommencer ?"
SITES = [Option(id="t", title="Tour Nord"), Option(id="q", title="Quai 7")]


class Site:
    def __init__(self) -> None:
        self.filed: list[str] = []

    @store_operation
    def file(self, tx: Tx, what: str) -> int:
        self.filed.append(what)
        return len(self.filed)

    @read
    async def about(self, user: User, floors: list[int]) -> str:
        return f"{user.id} {floors}"


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def become(leak: Leak) -> Callable[..., Awaitable[None]]:
    """Restart a bot with another handler."""

    async def restart(bot: TestBot, handler: object, **fields: object) -> None:
        bot.plugins["site"] = leak(handler, **fields)
        await bot.restart()

    return restart


Become = Callable[..., Awaitable[None]]


async def before(turn: Turn) -> str:
    where = await turn.ask(free_text("where"))
    what = await turn.ask(free_text("what"))
    return f"{where}, {what}"


async def test_a_new_version_runs_nothing_and_offers_the_answers_as_a_draft(
    start: Start, leak: Leak, become: Become, site: Site
) -> None:
    async def after(turn: Turn) -> str:
        await turn.once("file", site.file, "too early")
        return await before(turn)

    bot = await start(site=leak(before))
    await bot.send("fuite")
    await bot.send("au grenier")
    await become(bot, after, version=2)
    reply = await bot.send("de l'eau")
    assert (reply.text, reply.choices) == (OFFER, ["Recommencer"])
    assert not site.filed


async def test_a_tap_on_the_draft_starts_again_with_all_answers_the_last_one_too(
    start: Start, leak: Leak, become: Become
) -> None:
    bot = await start(site=leak(before))
    await bot.send("fuite")
    await bot.send("au grenier")
    await become(bot, before, version=2)
    await bot.send("de l'eau")
    assert (await bot.tap("Recommencer")).text == "au grenier, de l'eau"


async def test_the_number_of_the_draft_starts_again_too(start: Start, leak: Leak, become: Become) -> None:
    bot = await start(site=leak(before))
    await bot.send("fuite")
    await bot.send("au grenier")
    await become(bot, before, version=2)
    await bot.send("de l'eau")
    assert (await bot.send("1")).text == "au grenier, de l'eau"


async def test_a_draft_answers_only_what_it_still_fits(start: Start, leak: Leak, become: Become) -> None:
    async def old(turn: Turn) -> str:
        await turn.ask(free_text("where"))
        await turn.ask(choose("which", options=SITES))
        return await turn.ask(free_text("what"))

    async def new(turn: Turn) -> str:
        where = await turn.ask(free_text("where"))
        site = await turn.ask(choose("which", options=[Option(id="g", title="Gare"), Option(id="h", title="Halle")]))
        what = await turn.ask(free_text("what"))
        return f"{where} {site} {what}"

    bot = await start(site=leak(old))
    for text in ("fuite", "au grenier", "2"):
        await bot.send(text)
    await become(bot, new, version=2)
    await bot.send("de l'eau")
    assert (await bot.tap("Recommencer")).text == "Lequel ?"
    assert (await bot.send("2")).text == "au grenier h de l'eau"


async def test_a_draft_of_another_conversation_cannot_be_taken(start: Start, leak: Leak, become: Become) -> None:
    bot = await start(site=leak(before))
    await bot.send("fuite")
    await bot.send("au grenier")
    await become(bot, before, version=2)
    await bot.send("de l'eau")
    reply = await bot.tap("Recommencer", sender="+33600000002")
    assert reply.text == "Ce choix n’est plus valable."


async def test_a_draft_is_offered_once_and_its_tap_works_later(start: Start, leak: Leak, become: Become) -> None:
    bot = await start(site=leak(before))
    await bot.send("fuite")
    await bot.send("au grenier")
    await become(bot, before, version=2)
    await bot.send("de l'eau")
    assert (await bot.send("bonjour")).choices == ["❓ Aide", "🌐 Langue", "💬 Parler à l’équipe"]
    assert (await bot.tap("Recommencer")).text == "au grenier, de l'eau"


async def test_an_entry_that_is_not_met_is_a_misfit(start: Start, leak: Leak, become: Become, site: Site) -> None:
    async def old(turn: Turn) -> str:
        await turn.once("file", site.file, "old")
        return await turn.ask(free_text("where"))

    async def new(turn: Turn) -> str:
        where = await turn.ask(free_text("where"))
        await turn.once("file again", site.file, "new")
        return where

    bot = await start(site=leak(old))
    await bot.send("fuite")
    await become(bot, new)
    assert (await bot.send("là")).text == OFFER
    assert site.filed == ["old"]


async def test_a_step_put_before_recorded_ones_does_not_run(
    start: Start, leak: Leak, become: Become, site: Site
) -> None:
    async def old(turn: Turn) -> str:
        await turn.ask(free_text("where"))
        return await turn.ask(free_text("what"))

    async def new(turn: Turn) -> str:
        await turn.once("file", site.file, "too early")
        return await old(turn)

    bot = await start(site=leak(old))
    await bot.send("fuite")
    await bot.send("là")
    await become(bot, new)
    assert (await bot.send("de l'eau")).text == OFFER
    assert not site.filed


async def test_a_step_put_after_the_last_entry_is_no_misfit(
    start: Start, leak: Leak, become: Become, site: Site
) -> None:
    async def new(turn: Turn) -> str:
        said = await before(turn)
        await turn.once("file", site.file, said)
        return said

    bot = await start(site=leak(before))
    await bot.send("fuite")
    await bot.send("là")
    await become(bot, new)
    assert (await bot.send("de l'eau")).text == "là, de l'eau"
    assert site.filed == ["là, de l'eau"]


async def test_other_arguments_are_a_misfit(start: Start, leak: Leak, become: Become, site: Site) -> None:
    floors = [1, 2]

    async def handler(turn: Turn) -> str:
        await turn.once("about", site.about, turn.user, floors)
        return await turn.ask(free_text("where"))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    floors.append(3)
    reply = await bot.send("là")
    assert reply.text == OFFER
    notes = [span.facts for span in reply.turn.trace.spans if span.kind == "dialogue"]
    assert notes == [{"misfit": "'about' was recorded as another call"}]


async def test_a_user_counts_by_id_whatever_else_of_it_changes(start: Start, leak: Leak, site: Site) -> None:
    async def handler(turn: Turn) -> str:
        about = await turn.once("about", site.about, turn.user, [1])
        return about + await turn.ask(choose("which", options=SITES))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send("parle anglais")
    assert (await bot.send("1")).text == "1 [1]t"


async def test_another_question_where_one_is_pending_is_a_misfit(start: Start, leak: Leak, become: Become) -> None:
    async def new(turn: Turn) -> str:
        floors = await turn.ask(number("how-many"))
        return f"{floors}" + await before(turn)

    bot = await start(site=leak(before))
    await bot.send("fuite")
    await become(bot, new)
    assert (await bot.send("3")).text == OFFER


async def test_a_question_that_is_not_asked_any_more_is_a_misfit(start: Start, leak: Leak, become: Become) -> None:
    async def new(turn: Turn) -> str:
        return "no question any more"

    bot = await start(site=leak(before))
    await bot.send("fuite")
    await become(bot, new)
    assert (await bot.send("là")).text == OFFER


async def test_a_step_that_became_a_question_is_a_misfit(start: Start, leak: Leak, become: Become, site: Site) -> None:
    async def old(turn: Turn) -> str:
        await turn.once("where", site.file, "x")
        return await turn.ask(free_text("what"))

    bot = await start(site=leak(old))
    await bot.send("fuite")
    await become(bot, before)
    assert (await bot.send("là")).text == OFFER


async def test_aliases_name_renamed_steps_and_questions(start: Start, leak: Leak, become: Become, site: Site) -> None:
    async def old(turn: Turn) -> str:
        await turn.once("file", site.file, "x")
        for name in "ab":
            await turn.once("loop", site.file, name, key=name)
        await turn.ask(free_text("where"))
        return await turn.ask(free_text("what"))

    async def new(turn: Turn) -> str:
        await turn.once("store", site.file, "x")
        for name in "ab":
            await turn.once("every", site.file, name, key=name)
        where = await turn.ask(free_text("where", name="place"))
        what = await turn.ask(free_text("what", name="thing"))
        return f"{where}, {what}, {await turn.ask(yes_no('sure'))}"

    bot = await start(site=leak(old))
    await bot.send("fuite")
    await bot.send("là")
    await become(bot, new, aliases={"store": "file", "every": "loop", "place": "where", "thing": "what"})
    assert (await bot.send("de l'eau")).text == "Sûr ?"
    assert (await bot.send("oui")).text == "là, de l'eau, True"
    assert site.filed == ["x", "a", "b"]


async def test_the_dialogue_of_an_intent_that_is_gone_ends_with_a_word(
    start: Start, brings: Callable[..., object]
) -> None:
    bot = await start(site=brings(Intent("leak", before, examples={"fr": ["fuite"]})))
    await bot.send("fuite")
    bot.plugins["site"] = brings()
    await bot.restart()
    assert (await bot.send("au grenier")).text == "Je n’ai pas compris. Voici ce que je sais faire :"
    assert (await bot.send("bonjour")).intent == "greeting"
