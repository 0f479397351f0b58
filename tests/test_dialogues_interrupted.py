"""Rule 10 of dialogues: what may come between a question and its answer, and what becomes of both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection

from lumiera import (
    Capabilities,
    Intent,
    Option,
    Question,
    Tap,
    TransientError,
    Turn,
    Tx,
    choose,
    free_text,
    number,
    photos,
    store_operation,
    yes_no,
)
from lumiera.testing import KitChannel, Scripted, TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
Brings = Callable[..., object]
SITES = [Option(id="t", title="Tour Nord"), Option(id="q", title="Quai 7")]
MISSED = "Je n’ai pas compris votre réponse."
CANCELLED = "D’accord, j’arrête cette demande."


async def leak(turn: Turn) -> str:
    return f"leak {await turn.ask(choose('which', options=SITES))} {await turn.ask(free_text('where'))}"


async def fire(turn: Turn) -> str:
    return f"fire {await turn.ask(choose('which', options=SITES))} {await turn.ask(free_text('what'))}"


async def noise(turn: Turn) -> str:
    return f"noise {await turn.ask(yes_no('sure'))}"


async def hours(turn: Turn) -> str:
    return "07:00"


@pytest.fixture
def site(brings: Brings) -> object:
    return brings(
        Intent("leak", leak, examples={"fr": ["fuite"]}, menu="leak-title"),
        Intent("fire", fire, examples={"fr": ["feu", "il y a le feu"]}, menu="red"),
        Intent("noise", noise, examples={"fr": ["bruit"]}, menu="blue"),
        Intent("hours", hours, examples={"fr": ["horaires"]}, menu="when"),
    )


async def statuses(bot: TestBot) -> dict[str, str]:
    def find(tx: Connection) -> dict[str, str]:
        return {row.intent: row.status for row in tx.exec_driver_sql("SELECT intent, status FROM dialogues")}

    return await bot.lumiera.store.read(find)


# --- on choices: another wish is served, and the question asked again ---


@pytest.mark.parametrize(("sure", "served"), [(0.95, True), (0.9499, False), (1.0, True)])
async def test_a_classified_wish_interrupts_a_choice_from_the_digression_on(
    start: Start, site: object, sure: float, served: bool
) -> None:
    ears = Scripted(intents={"vous ouvrez quand": [("hours", sure)]})
    bot = await start(site=site, ears=ears)
    await bot.send("fuite")
    reply = await bot.send("vous ouvrez quand")
    assert reply.text == ("07:00\n\nLequel ?" if served else f"{MISSED}\n\nLequel ?")
    assert reply.choices == ["Tour Nord", "Quai 7"]
    assert (await bot.send("2")).text == "Où ?"


async def test_a_threshold_of_the_intent_above_the_digression_holds(start: Start, site: object) -> None:
    ears = Scripted(intents={"vous ouvrez quand": [("hours", 0.96)]})
    config = {"routing": {"intents": {"hours": {"fast_path": 0.99}}}}
    bot = await start(site=site, ears=ears, config=config)
    await bot.send("fuite")
    assert (await bot.send("vous ouvrez quand")).text == f"{MISSED}\n\nLequel ?"


async def test_an_answer_is_never_classified(start: Start, site: object) -> None:
    ears = Scripted()
    bot = await start(site=site, ears=ears)
    await bot.send("fuite")
    await bot.send("quai 7")
    await bot.send("feu")  # words are asked for
    assert [call for call in ears.calls if call[0] == "classify_intent"] == []


async def test_the_same_wish_again_is_asked_its_question_again(start: Start, site: object) -> None:
    bot = await start(site=site)
    await bot.send("fuite")
    for said in ("fuite", "Fuite"):
        reply = await bot.send(said)
        assert (reply.text, reply.choices) == ("Lequel ?", ["Tour Nord", "Quai 7"])
    assert await statuses(bot) == {"leak": "open"}


async def test_a_wish_that_asks_is_served_and_then_the_first_is_asked_again(start: Start, site: object) -> None:
    bot = await start(site=site)
    await bot.send("fuite")
    assert (await bot.send("feu")).text == "Lequel ?"
    assert await statuses(bot) == {"leak": "interrupted", "fire": "open"}
    await bot.send("1")
    reply = await bot.send("des flammes")
    assert (reply.text, reply.choices) == ("fire t des flammes\n\nLequel ?", ["Tour Nord", "Quai 7"])
    await bot.tap("Quai 7")
    assert (await bot.send("au grenier")).text == "leak q au grenier"
    assert await statuses(bot) == {"leak": "done", "fire": "done"}


async def test_restarts_in_the_middle_change_nothing(start: Start, site: object) -> None:
    bot = await start(site=site)
    said = []
    for text in ("fuite", "feu", "1", "des flammes", "2", "au grenier"):
        said.append((await bot.send(text)).text)
        await bot.restart()
    assert said == ["Lequel ?", "Lequel ?", "Quoi ?", "fire t des flammes\n\nLequel ?", "Où ?", "leak q au grenier"]


async def test_cancelling_ends_what_is_asked_and_comes_back_to_the_first(start: Start, site: object) -> None:
    bot = await start(site=site)
    for text in ("fuite", "2", "Rouge"):
        await bot.send(text)
    assert (await bot.send("annuler")).text == f"{CANCELLED}\n\nOù ?"
    assert (await bot.send("annuler")).text == CANCELLED
    assert await statuses(bot) == {"leak": "cancelled", "fire": "cancelled"}


async def test_a_failing_second_one_comes_back_to_the_first_with_both_ways_on(start: Start, brings: Brings) -> None:
    broken = [True]

    async def second(turn: Turn) -> str:
        where = await turn.ask(free_text("where"))
        if broken:
            raise ValueError("a bug")
        return f"second {where}"

    intents = [Intent("leak", leak, examples={"fr": ["fuite"]}), Intent("fire", second, examples={"fr": ["feu"]})]
    bot = await start(site=brings(*intents))
    await bot.send("fuite")
    await bot.send("feu")
    reply = await bot.send("là")
    assert reply.text.endswith("\n\nLequel ?")
    assert reply.choices == ["Tour Nord", "Quai 7", "Recommencer"]
    broken.clear()
    assert (await bot.tap("Recommencer")).text == "second là\n\nLequel ?"
    assert (await bot.send("2")).text == "Où ?"


async def test_after_a_draft_was_offered_the_numbers_of_the_question_still_count(start: Start, brings: Brings) -> None:
    async def second(turn: Turn) -> str:
        await turn.ask(free_text("where"))
        raise ValueError("a bug")

    intents = [Intent("leak", leak, examples={"fr": ["fuite"]}), Intent("fire", second, examples={"fr": ["feu"]})]
    bot = await start(site=brings(*intents))
    for text in ("fuite", "feu", "là"):
        await bot.send(text)
    assert (await bot.tap("Quai 7")).text == "Où ?"


@pytest.mark.parametrize("deaths", [0, 1, 2])
async def test_a_second_one_that_dies_on_its_way_leaves_both_where_they_were(
    start: Start, brings: Brings, deaths: int
) -> None:
    left = [TransientError("died")] * deaths
    filed: list[str] = []

    @store_operation
    def file(tx: Tx) -> int:
        filed.append("x")
        return 1

    async def second(turn: Turn) -> str:
        await turn.once("file", file)
        if left:
            raise left.pop()
        return f"second {await turn.ask(free_text('where'))}"

    intents = [Intent("leak", leak, examples={"fr": ["fuite"]}), Intent("fire", second, examples={"fr": ["feu"]})]
    bot = await start(site=brings(*intents))
    await bot.send("fuite")
    assert (await bot.send("feu")).text == "Où ?"
    assert await statuses(bot) == {"leak": "interrupted", "fire": "open"}
    assert (await bot.send("là")).text == "second là\n\nLequel ?"
    assert filed == ["x"]


# --- depth one ---


async def test_above_a_second_one_words_interrupt_no_more(start: Start, site: object) -> None:
    ears = Scripted(intents={"vous ouvrez quand": [("hours", 1.0)]})
    bot = await start(site=site, ears=ears)
    await bot.send("fuite")
    await bot.send("feu")
    for said in ("vous ouvrez quand", "horaires", "bruit"):
        assert (await bot.send(said)).text.endswith("\n\nLequel ?")
    assert await statuses(bot) == {"leak": "interrupted", "fire": "open"}


async def test_a_tap_on_a_third_parks_the_second_which_is_offered_in_the_end(start: Start, site: object) -> None:
    bot = await start(site=site)
    for text in ("fuite", "feu", "1", "Bleu"):
        await bot.send(text)
    assert await statuses(bot) == {"leak": "interrupted", "fire": "parked", "noise": "open"}
    assert (await bot.send("oui")).text == "noise True\n\nLequel ?"
    await bot.send("2")
    reply = await bot.send("au grenier")
    assert reply.text.startswith("leak q au grenier\n\nUne demande n’est pas terminée : « Quoi ? »")
    assert reply.choices == ["Reprendre", "Supprimer"]
    assert (await bot.tap("Reprendre")).text == "Quoi ?"
    assert (await bot.send("des flammes")).text == "fire t des flammes"


async def test_a_title_that_is_answered_at_once_comes_back_to_the_second(start: Start, site: object) -> None:
    bot = await start(site=site)
    for text in ("fuite", "feu"):
        await bot.send(text)
    assert (await bot.send("Quand ?")).text == "07:00\n\nLequel ?"
    assert await statuses(bot) == {"leak": "interrupted", "fire": "open"}


# --- words and pictures ---


@pytest.mark.parametrize("said", ["horaires", "il y a le feu", "vous ouvrez quand", "bonjour"])
async def test_while_words_are_asked_for_no_words_interrupt(start: Start, site: object, said: str) -> None:
    bot = await start(site=site, ears=Scripted(intents={"vous ouvrez quand": [("hours", 1.0)]}))
    await bot.send("fuite")
    await bot.send("1")
    assert (await bot.send(said)).text == f"leak t {said}"


@pytest.mark.parametrize("said", ["horaires", "bonjour", "du bla"])
async def test_while_pictures_are_asked_for_no_words_interrupt(start: Start, leak: Leak, said: str) -> None:
    async def handler(turn: Turn) -> str:
        return str(len(await turn.ask(photos("pictures"))))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    assert (await bot.send(said)).text == f"{MISSED}\n\nDes photos ?"


@pytest.mark.parametrize("question", [free_text("what"), photos("pictures")])
@pytest.mark.parametrize("way", ["title", "tap"])
async def test_while_words_or_pictures_are_asked_for_a_title_and_a_tap_interrupt(
    start: Start, brings: Brings, question: Question[object], way: str
) -> None:
    async def first(turn: Turn) -> str:
        return f"first {await turn.ask(question)!r:.3}"

    async def second(turn: Turn) -> str:
        return f"second {await turn.ask(yes_no('sure'))}"

    intents = [
        Intent("leak", first, examples={"fr": ["fuite"]}),
        Intent("fire", second, examples={"fr": ["feu"]}, menu="red"),
    ]
    bot = await start(site=brings(*intents))
    await bot.send("fuite")
    reply = await (bot.send("Rouge") if way == "title" else bot.send(tap=Tap(id="intent:fire", title="Rouge")))
    assert reply.text == "Sûr ?"
    reply = await bot.send("oui")
    assert reply.text.startswith("second True\n\n")
    assert (await (bot.photo() if question.kind == "photos" else bot.send("x"))).text.startswith("first")


# --- the third miss ---


async def test_the_third_miss_in_a_row_offers_a_human_beside_the_options(start: Start, site: object) -> None:
    bot = await start(site=site)
    await bot.send("fuite")
    for _ in range(2):
        assert (await bot.send("blabla")).text == f"{MISSED}\n\nLequel ?"
    reply = await bot.send("blabla")
    assert reply.text == "Je n’arrive pas à comprendre. Vous pouvez aussi parler à quelqu’un.\n\nLequel ?"
    assert reply.choices == ["Tour Nord", "Quai 7", "💬 Parler à l’équipe"]


@pytest.mark.parametrize("said", ["2", "quai 7", "tap"])
async def test_after_the_third_miss_the_question_is_answered_as_ever(start: Start, site: object, said: str) -> None:
    bot = await start(site=site)
    for text in ("fuite", "bla", "bla", "bla"):
        await bot.send(text)
    await bot.restart()
    assert (await (bot.tap("Quai 7") if said == "tap" else bot.send(said))).text == "Où ?"
    assert (await bot.send("au grenier")).text == "leak q au grenier"


@pytest.mark.parametrize("said", ["3", "parler à l’équipe", "tap"])
async def test_after_the_third_miss_a_human_is_called_by_tap_number_or_title(
    start: Start, site: object, said: str
) -> None:
    bot = await start(site=site)
    for text in ("fuite", "bla", "bla", "bla"):
        await bot.send(text)
    reply = await (bot.tap("Parler") if said == "tap" else bot.send(said))
    assert reply.intent == "escalate_to_human"
    assert (await statuses(bot))["leak"] == "interrupted"


async def test_where_nothing_can_be_drawn_a_number_stays_the_answer_and_the_human_has_a_title(
    tmp_path: Path, leak: Leak
) -> None:
    async def handler(turn: Turn) -> str:
        return f"<{await turn.ask(number('how-many'))}>"

    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/fr.ftl").write_text("how-many = Combien ?\n", encoding="utf-8")
    plain = KitChannel(capabilities=Capabilities())
    async with TestBot(tmp_path, plugins={"site": leak(handler)}, channel=plain) as bot:
        for text in ("fuite", "bla", "bla"):
            await bot.send(text)
        offered = (
            "Je n’arrive pas à comprendre. Vous pouvez aussi parler à quelqu’un.\n👉 💬 Parler à l’équipe\n\nCombien ?"
        )
        assert (await bot.send("bla")).text == offered
        assert (await bot.send("parler à l’équipe")).intent == "escalate_to_human"
        await bot.send("annuler")
        assert (await bot.send("1")).text == "<1.0>"


async def test_an_answer_begins_the_count_anew(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        first = await turn.ask(choose("which", options=SITES))
        return f"{first} {await turn.ask(yes_no('sure'))}"

    bot = await start(site=leak(handler))
    for text in ("fuite", "bla", "bla", "1", "bla"):
        await bot.send(text)
    assert (await bot.send("bla")).text == f"{MISSED}\n\nSûr ?"


async def test_where_there_is_no_human_it_is_only_asked_again(start: Start, site: object) -> None:
    stages = ["authenticate", "consent", "session", "intent", "route", "reply", "persistence"]
    bot = await start(site=site, config={"plugins": {"essentials": False}, "pipeline": stages})
    for text in ("fuite", "bla", "bla"):
        await bot.send(text)
    reply = await bot.send("bla")
    assert (reply.text, reply.choices) == (f"{MISSED}\n\nLequel ?", ["Tour Nord", "Quai 7"])


# --- STOP and the way back ---


async def test_stop_and_start_come_back_to_the_second_one(start: Start, site: object) -> None:
    bot = await start(site=site)
    for text in ("fuite", "feu", "STOP"):
        await bot.send(text)
    assert (await bot.send("START")).text.endswith("\n\nLequel ?")
    assert (await bot.send("1")).text == "Quoi ?"
    assert await statuses(bot) == {"leak": "interrupted", "fire": "open"}
