"""Rule 11 of dialogues: an answer can be corrected until it has been used outside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from lumiera import (
    Key,
    Media,
    Option,
    TransientError,
    Turn,
    Tx,
    choose,
    confirm,
    external_write,
    free_text,
    photos,
    read,
    store_operation,
    yes_no,
)
from lumiera.messages import Tap
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
SITES = [Option(id="t", title="Tour Nord"), Option(id="q", title="Quai 7")]
WHICH = "Que voulez-vous corriger ?"
NOTHING = "Il n’y a rien à corriger pour le moment."


class Site:
    """What the steps of these tests do, counted."""

    def __init__(self) -> None:
        self.looked: list[str] = []
        self.filed: list[str] = []
        self.deaths = 0

    @read
    async def lots(self, site: str) -> list[str]:
        self.looked.append(site)
        return [f"{site}{number}" for number in (1, 2)]

    @store_operation
    def file(self, tx: Tx, what: str) -> int:
        self.filed.append(what)
        return len(self.filed)

    @external_write
    async def alert(self, key: Key) -> str:
        return "alerted"

    @read
    async def die(self) -> None:
        if self.deaths:
            self.deaths -= 1
            raise TransientError("died")

    async def report(self, turn: Turn) -> str:
        which = await turn.ask(choose("which", options=SITES))
        await turn.once("die", self.die)
        lots = await turn.once("lots", self.lots, which)
        lot = await turn.ask(choose("where", options=[Option(id=one, title=one) for one in lots]))
        await turn.say("call-112")
        pictures = await turn.ask(photos("pictures", optional=True))
        what = await turn.ask(free_text("what"))
        if not await turn.ask(confirm("sure")):
            return "cancelled"
        return f"filed {await turn.once('file', self.file, f'{lot} {len(pictures)} {what}')}"


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
async def bot(start: Start, leak: Leak, site: Site) -> TestBot:
    """Start a bot that asks for a confirmation of four answers."""
    running = await start(site=leak(site.report))
    for said in ("fuite", "2", "1"):
        await running.send(said)
    await running.photo()
    assert (await running.send("de l'eau")).text == "Sûr ?"
    return running


def rows(reply: object) -> list[tuple[str, str]]:
    return [(one.title, one.description) for one in reply.options]  # type: ignore[attr-defined]


ANSWERS = [("Lequel ?", "Quai 7"), ("Où ?", "q1"), ("Des photos ?", "1 photo"), ("Quoi ?", "de l'eau")]


# --- what can be corrected ---


@pytest.mark.parametrize("said", ["tap", "2", "Corriger", "je me suis trompé", "correct it", "corriger !"])
async def test_a_confirmation_lists_what_was_answered_newest_last(bot: TestBot, said: str) -> None:
    reply = await (bot.tap("Corriger") if said == "tap" else bot.send(said))
    assert reply.text == WHICH
    assert rows(reply) == ANSWERS


async def test_the_words_work_at_every_question_that_follows_an_answer(start: Start, leak: Leak, site: Site) -> None:
    bot = await start(site=leak(site.report))
    assert (await bot.send("fuite")).text == "Lequel ?"
    assert (await bot.send("corriger")).text == f"{NOTHING}\n\nLequel ?"
    for said, count in (("2", 1), ("1", 2), ("passer", 3)):
        await bot.send(said)
        assert len((await bot.send("corriger")).options) == count
        assert (await bot.send("bla")).text.startswith("Je n’ai pas compris votre réponse.")


async def test_a_question_that_no_row_holds_whole_is_listed_as_text(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.ask(free_text("Dans quelle partie du bâtiment est-ce arrivé exactement ?"))
        return f"{await turn.ask(confirm('sure'))}"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send("au troisième étage, " * 10)
    said = ("au troisième étage, " * 10).strip()
    listed = f"1. Dans quelle partie du bâtiment est-ce arrivé exactement ? - {said}"
    assert (await bot.tap("Corriger")).text == f"{WHICH}\n\n{listed}\n\nRépondez avec un numéro."
    assert (await bot.send("1")).text == "Dans quelle partie du bâtiment est-ce arrivé exactement ?"


async def test_an_option_of_that_name_is_an_answer(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        await turn.ask(free_text("where"))
        options = [Option(id="edit", title="Modifier"), Option(id="add", title="Ajouter")]
        return await turn.ask(choose("which", options=options))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send("là")
    assert (await bot.send("modifier")).text == "edit"


# --- going back ---


async def test_the_question_is_asked_again_and_the_later_answers_that_fit_are_kept(bot: TestBot, site: Site) -> None:
    await bot.tap("Corriger")
    assert (await bot.tap("Où ?")).text == "Où ?"
    assert (await bot.send("2")).text == "Appelez le 112.\n\nSûr ?"  # what was said after it is said again
    assert (await bot.tap("Confirmer")).text == "filed 1"
    assert site.filed == ["q2 1 de l'eau"]


async def test_what_does_not_fit_any_more_is_asked_again(bot: TestBot, site: Site) -> None:
    await bot.tap("Corriger")
    await bot.tap("Lequel ?")
    reply = await bot.send("1")
    assert (reply.text, reply.choices) == ("Où ?", ["t1", "t2"])
    assert site.looked == ["q", "t"]  # a later read is run again
    assert (await bot.send("2")).text.endswith("Sûr ?")
    await bot.tap("Confirmer")
    assert site.filed == ["t2 1 de l'eau"]


@pytest.mark.parametrize("pick", ["4", "quoi", "tap"])
async def test_rows_are_picked_by_number_title_and_tap(bot: TestBot, site: Site, pick: str) -> None:
    await bot.tap("Corriger")
    assert (await (bot.tap("Quoi ?") if pick == "tap" else bot.send(pick))).text == "Quoi ?"
    assert (await bot.send("de l'huile")).text == "Sûr ?"
    await bot.tap("Confirmer")
    assert site.filed == ["q1 1 de l'huile"]


async def test_two_corrections_one_after_the_other(bot: TestBot, site: Site) -> None:
    for row, said in (("Quoi ?", "de l'huile"), ("Où ?", "2")):
        await bot.tap("Corriger")
        await bot.tap(row)
        await bot.send(said)
    await bot.tap("Confirmer")
    assert site.filed == ["q2 1 de l'huile"]


async def test_one_answer_corrected_twice_is_asked_twice(bot: TestBot, site: Site) -> None:
    for said in ("de l'huile", "du gaz"):
        await bot.tap("Corriger")
        assert (await bot.tap("Quoi ?")).text == "Quoi ?"
        assert (await bot.send(said)).text == "Sûr ?"
    await bot.tap("Confirmer")
    assert site.filed == ["q1 1 du gaz"]


async def test_a_correction_of_a_correction_in_the_middle_keeps_the_rest(bot: TestBot, site: Site) -> None:
    await bot.tap("Corriger")
    await bot.tap("Lequel ?")
    await bot.send("1")  # now at the lots again, the answers behind it wait
    await bot.send("corriger")
    assert (await bot.tap("Lequel ?")).text == "Lequel ?"
    await bot.send("2")
    assert (await bot.tap("Confirmer")).text == "filed 1"
    assert site.filed == ["q1 1 de l'eau"]


async def test_a_go_that_was_given_is_asked_for_again(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        where = await turn.ask(free_text("where"))
        sure = await turn.ask(confirm("sure"))
        which = await turn.ask(choose("which", options=SITES))
        return f"{where} {sure} {which}"

    bot = await start(site=leak(handler))
    for said in ("fuite", "là", "ok", "corriger", "1"):
        await bot.send(said)
    assert (await bot.send("ici")).text == "Sûr ?"
    assert (await bot.send("ok")).text == "Lequel ?"
    assert (await bot.send("1")).text == "ici True t"


async def test_photos_that_come_later_join_the_corrected_ones(bot: TestBot, site: Site) -> None:
    await bot.tap("Corriger")
    assert (await bot.tap("photos")).text == "Des photos ?"
    await bot.send(media=[Media(url=f"kit://{n}.jpg", content_type="image/jpeg") for n in range(2)])
    await bot.photo()
    assert rows(await bot.send("corriger"))[2] == ("Des photos ?", "3 photos")
    await bot.tap("Où ?")
    await bot.send("1")
    await bot.tap("Confirmer")
    assert site.filed == ["q1 3 de l'eau"]


# --- while the list stands ---


async def test_words_that_pick_no_row_answer_nothing_and_the_question_is_asked_again(bot: TestBot, site: Site) -> None:
    await bot.tap("Corriger")
    assert (await bot.send("ok")).text == "Je n’ai pas compris votre réponse.\n\nSûr ?"
    assert not site.filed
    assert (await bot.send("ok")).text == "filed 1"


async def test_a_tap_on_the_question_behind_the_list_is_an_answer(bot: TestBot) -> None:
    await bot.tap("Corriger")
    assert (await bot.tap("Confirmer")).text == "filed 1"


async def test_cancelling_cancels_and_a_title_interrupts(bot: TestBot) -> None:
    await bot.tap("Corriger")
    reply = await bot.send("Aide")
    assert reply.intent == "help"
    assert reply.text.endswith("\n\nSûr ?")
    await bot.tap("Corriger")
    assert (await bot.send("laisser tomber")).text == "cancelled"  # that is the confirmation's own no


async def test_a_row_of_another_dialogue_is_gone(bot: TestBot) -> None:
    await bot.tap("Corriger")
    old = bot.channel.sent[-1][1].options[0].id
    await bot.tap("Confirmer")
    await bot.send("fuite")
    assert (await bot.send(tap=Tap(id=old, title="Lequel ?"))).text == "Ce choix n’est plus valable.\n\nLequel ?"


# --- what is not taken back ---


async def test_it_does_not_go_back_before_a_write(start: Start, leak: Leak, site: Site) -> None:
    async def handler(turn: Turn) -> str:
        hurt = await turn.ask(yes_no("sure"))
        where = await turn.ask(free_text("where"))
        await turn.once("alert", site.alert)
        what = await turn.ask(free_text("what"))
        return f"{hurt} {where} {what} {await turn.ask(choose('which', options=SITES))}"

    bot = await start(site=leak(handler))
    for said in ("fuite", "oui", "là"):
        await bot.send(said)
    assert (await bot.send("corriger")).text == f"{NOTHING}\n\nQuoi ?"
    await bot.send("de l'eau")
    assert rows(await bot.send("corriger")) == [("Quoi ?", "de l'eau")]
    await bot.send("1")
    await bot.send("du gaz")
    assert (await bot.send("1")).text == "True là du gaz t"


@pytest.mark.parametrize("way", ["say", "escalate"])
async def test_it_does_not_go_back_before_what_was_said_urgently_or_a_call_for_a_human(
    start: Start, leak: Leak, way: str
) -> None:
    async def handler(turn: Turn) -> str:
        await turn.ask(yes_no("sure"))
        if way == "say":
            await turn.say("call-112", urgent=True)
        else:
            await turn.escalate("safety", silent=False)
        return await turn.ask(free_text("where"))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send("oui")
    assert (await bot.send("corriger")).text == f"{NOTHING}\n\nOù ?"


# --- restarts and crashes ---


async def test_a_restart_at_every_point_of_a_correction_changes_nothing(bot: TestBot, site: Site) -> None:
    for said in ("corriger", "1", "1", "2", "ok"):
        await bot.restart()
        await bot.send(said)
    assert site.filed == ["t2 1 de l'eau"]


async def test_a_turn_that_dies_while_it_goes_back_is_run_again(bot: TestBot, site: Site) -> None:
    await bot.tap("Corriger")
    await bot.tap("Lequel ?")
    site.deaths = 2
    assert (await bot.send("1")).text == "Où ?"
    await bot.send("2")
    await bot.tap("Confirmer")
    assert site.filed == ["t2 1 de l'eau"]


async def test_a_step_before_the_question_that_died_after_going_back_goes_on(start: Start, leak: Leak) -> None:
    calls: list[str] = []
    deaths: list[int] = []

    @read
    async def look(name: str) -> str:
        calls.append(name)
        if name == "b" and deaths:
            deaths.pop()
            raise TransientError("died")
        return name

    async def handler(turn: Turn) -> str:
        where = await turn.ask(free_text("where"))
        await turn.once("a", look, "a")
        await turn.once("b", look, "b")
        what = await turn.ask(free_text("what", name=f"what of {where}"))
        return f"{where} {what} {await turn.ask(confirm('sure'))}"

    bot = await start(site=leak(handler))
    for said in ("fuite", "là", "de l'eau", "corriger", "1"):
        await bot.send(said)
    deaths.append(1)
    assert (await bot.send("ici")).text == "Quoi ?"
    await bot.send("du gaz")
    assert (await bot.send("ok")).text == "ici du gaz True"
    assert calls == ["a", "b", "a", "b", "b"]
