"""What people do in the middle of a dialogue: photos, other wishes, cancelling, STOP, greetings, bursts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from lumiera import (
    Intent,
    Media,
    Message,
    Option,
    Question,
    TransientError,
    Turn,
    Tx,
    choose,
    confirm,
    free_text,
    moment,
    number,
    photos,
    store_operation,
    yes_no,
)
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
Brings = Callable[..., object]
SITES = [Option(id="t", title="Tour Nord"), Option(id="q", title="Quai 7")]
CANCELLED = "D’accord, j’arrête cette demande."


def picture(name: str) -> Media:
    return Media(url=f"kit://{name}.jpg", content_type="image/jpeg")


async def report(turn: Turn) -> str:
    pictures = await turn.ask(photos("pictures", optional=True))
    what = await turn.ask(free_text("what"))
    which = await turn.ask(choose("which", options=SITES))
    shown = " ".join(f"{one.url[6:-4]}:{one.caption}" for one in pictures)
    return f"{shown}|{what}|{which}"


# --- photos ---


async def test_late_photos_join_the_last_photo_question_and_the_pending_one_stays(start: Start, leak: Leak) -> None:
    bot = await start(site=leak(report))
    await bot.send("fuite")
    await bot.send(media=[picture("a")])
    assert (await bot.send(media=[picture("b")])).text == "C’est noté, la photo est ajoutée.\n\nQuoi ?"
    await bot.send("de l'eau")
    assert (await bot.send(media=[picture("c")])).text == "C’est noté, la photo est ajoutée.\n\nLequel ?"
    assert (await bot.send("1")).text == "a: b: c:|de l'eau|t"


async def test_photos_join_after_they_were_skipped(start: Start, leak: Leak) -> None:
    bot = await start(site=leak(report))
    await bot.send("fuite")
    await bot.tap("Passer")
    await bot.send(media=[picture("a")])
    await bot.send("de l'eau")
    assert (await bot.send("2")).text == "a:|de l'eau|q"


async def test_words_with_late_photos_answer_the_words_that_are_asked_for(start: Start, leak: Leak) -> None:
    bot = await start(site=leak(report))
    await bot.send("fuite")
    await bot.send(media=[picture("a")])
    assert (await bot.send("de l'eau", media=[picture("b")])).text == "Lequel ?"
    assert (await bot.send("1")).text == "a: b:|de l'eau|t"


async def test_words_with_late_photos_are_their_caption_while_a_choice_is_asked(start: Start, leak: Leak) -> None:
    bot = await start(site=leak(report))
    await bot.send("fuite")
    await bot.send(media=[picture("a")])
    await bot.send("de l'eau")
    assert (await bot.send("vu du couloir", media=[picture("b")])).text.startswith("C’est noté")
    assert (await bot.send("1")).text == "a: b:vu du couloir|de l'eau|t"


async def test_words_with_photos_are_their_caption(start: Start, leak: Leak) -> None:
    bot = await start(site=leak(report))
    await bot.send("fuite")
    await bot.send("le plafond", media=[picture("a"), picture("b")])
    await bot.send("de l'eau")
    assert (await bot.send("1")).text == "a:le plafond b:|de l'eau|t"


async def test_photos_do_not_join_once_a_step_has_used_them(start: Start, leak: Leak) -> None:
    @store_operation
    def keep(tx: Tx, pictures: tuple[Media, ...]) -> int:
        return len(pictures)

    async def handler(turn: Turn) -> str:
        count = await turn.once("keep", keep, await turn.ask(photos("pictures")))
        return f"{count} {await turn.ask(choose('which', options=SITES))}"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send(media=[picture("a")])
    assert (await bot.send(media=[picture("b")])).text.startswith("Je n’ai pas compris")
    assert (await bot.send("1")).text == "1 t"


async def test_photos_for_a_second_photo_question_do_not_join_the_first(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        first = await turn.ask(photos("pictures", name="first"))
        second = await turn.ask(photos("pictures", name="second"))
        return f"{len(first)} {len(second)}"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send(media=[picture("a")])
    assert (await bot.send(media=[picture("b"), picture("c")])).text == "1 2"


async def test_an_album_in_several_messages_is_one_answer(start: Start, leak: Leak) -> None:
    bot = await start(site=leak(report), config={"burst": {"text": "0.05s", "media": "0.3s", "max": "2s"}})
    await bot.send("fuite")
    album = [bot.message(media=(picture(name),)) for name in "abc"]
    await bot.deliver(*album, bot.message("le plafond"))
    await bot.send("de l'eau")
    assert (await bot.send("1")).text == "a:le plafond b: c:|de l'eau|t"


async def test_a_rerun_does_not_join_a_photo_twice(start: Start, leak: Leak) -> None:
    deaths = [1]

    @store_operation
    def file(tx: Tx, count: int) -> int:
        return count

    async def handler(turn: Turn) -> str:
        pictures = await turn.ask(photos("pictures"))
        what = await turn.ask(free_text("what"))
        count = await turn.once("file", file, len(pictures))
        if deaths:
            deaths.pop()
            raise TransientError("died")
        return f"{count} {what}"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send(media=[picture("a")])
    assert (await bot.send("de l'eau", media=[picture("b")])).text == "2 de l'eau"


# --- cancelling ---


@pytest.mark.parametrize(
    "question",
    [
        choose("which", options=SITES),
        yes_no("sure"),
        free_text("what"),
        free_text("what", optional=True),
        photos("pictures"),
        number("how-many"),
        moment("when"),
    ],
)
async def test_cancel_ends_the_dialogue_at_every_question(start: Start, leak: Leak, question: Question[object]) -> None:
    async def handler(turn: Turn) -> str:
        return f"{await turn.ask(question)!r}"

    bot = await start(site=leak(handler))
    for word in ("annuler", "Cancel!", "إلغاء"):
        await bot.send("fuite")
        assert (await bot.send(word)).text == CANCELLED
        assert (await bot.send("1")).text == "Je n’ai pas compris. Voici ce que je sais faire :"


async def test_cancel_at_a_confirmation_is_the_handlers_business(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return "filed" if await turn.ask(confirm("sure")) else "not filed"

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    assert (await bot.send("annuler")).text == "not filed"


# --- other wishes ---


async def test_a_greeting_in_the_middle_is_served_and_the_choice_asked_again(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(choose("which", options=SITES))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    reply = await bot.send("bonjour")
    assert reply.text.startswith("Bonjour")
    assert reply.text.endswith("\n\nLequel ?")
    assert reply.choices == ["Tour Nord", "Quai 7"]
    assert (await bot.send("2")).text == "q"


async def test_while_words_are_asked_for_a_title_interrupts_and_an_example_does_not(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(free_text("what"))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    reply = await bot.send("Aide")
    assert reply.intent == "help"
    assert reply.text.endswith("\n\nQuoi ?")
    assert (await bot.send("bonjour")).text == "bonjour"


async def test_a_number_typed_while_words_are_asked_for_is_words_although_a_menu_was_shown(
    start: Start, leak: Leak
) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(free_text("what"))

    bot = await start(site=leak(handler, menu="leak-title"))
    await bot.send("bonjour")
    await bot.send("fuite")
    assert (await bot.send("2")).text == "2"


async def test_an_intent_with_steps_is_served_while_a_question_is_pending(start: Start, brings: Brings) -> None:
    filed: list[str] = []
    deaths = [1]

    @store_operation
    def file(tx: Tx) -> int:
        filed.append("x")
        return len(filed)

    async def asking(turn: Turn) -> str:
        return await turn.ask(choose("which", options=SITES))

    async def doing(turn: Turn) -> str:
        number = await turn.once("file", file)
        if turn.text == "goutte" and deaths:
            deaths.pop()
            raise TransientError("died")
        return f"filed {number}"

    intents = [
        Intent("leak", asking, examples={"fr": ["fuite"]}),
        Intent("file", doing, examples={"fr": ["range", "goutte"]}),
    ]
    bot = await start(site=brings(*intents))
    await bot.send("fuite")
    assert (await bot.send("range")).text == "filed 1\n\nLequel ?"
    assert (await bot.send("goutte")).text == "filed 2\n\nLequel ?"  # though the turn was run twice
    assert (await bot.send("2")).text == "q"
    assert len(filed) == 2


async def test_an_intent_that_asks_is_served_above_the_pending_question(start: Start, brings: Brings) -> None:
    deaths = [0]

    @store_operation
    def file(tx: Tx) -> int:
        return 1

    async def first(turn: Turn) -> str:
        return await turn.ask(choose("which", options=SITES))

    async def second(turn: Turn) -> str:
        await turn.once("file", file)
        if deaths[0]:
            deaths[0] -= 1
            raise TransientError("died")
        return "second " + await turn.ask(free_text("where"))

    intents = [Intent("leak", first, examples={"fr": ["fuite"]}), Intent("fire", second, examples={"fr": ["feu"]})]
    bot = await start(site=brings(*intents))
    for deaths[0] in (0, 1):
        await bot.send("fuite")
        assert (await bot.send("feu")).text == "Où ?"
        assert (await bot.send("là")).text == "second là\n\nLequel ?"
        assert (await bot.send("1")).text == "t"


async def test_the_language_may_change_in_the_middle_of_a_dialogue(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        which = await turn.ask(choose("which", options=SITES))
        return which + await turn.ask(free_text("where"))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    reply = await bot.send("parle anglais")
    assert reply.text.startswith("All right, from now on I answer in English.")
    assert reply.choices == ["Tour Nord", "Quai 7"]
    assert (await bot.send("1")).text == "Where?"


async def test_after_stop_and_start_the_question_is_asked_again_under_its_own_numbers(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(choose("which", options=SITES))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    await bot.send("STOP")
    assert (await bot.send("1")).text == ""
    reply = await bot.send("START")
    assert reply.text.endswith("\n\nLequel ?")
    assert reply.choices == ["Tour Nord", "Quai 7"]
    assert (await bot.send("2")).text == "q"


async def test_two_answers_in_one_burst_are_both_read(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(choose("which", options=SITES)) + await turn.ask(free_text("what"))

    bot = await start(site=leak(handler), config={"burst": {"text": "0.05s", "media": "0.1s", "max": "1s"}})
    await bot.send("fuite")
    burst = [bot.message("2"), bot.message("le tuyau")]
    assert isinstance(burst[0], Message)
    reply = await bot.deliver(*burst)
    assert "Quoi ?" in reply.text  # the second was sent before its question: it does not answer, and nothing is guessed
    assert (await bot.send("le tuyau")).text == "qle tuyau"


async def test_a_dialogue_lives_through_sessions_and_restarts(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(choose("which", options=SITES)) + await turn.ask(free_text("what"))

    bot = await start(site=leak(handler))
    first = (await bot.send("fuite")).turn.session
    await bot.restart()
    await bot.send("1")
    await bot.travel(days=2)
    await bot.restart()
    await bot.send("bonjour")
    await bot.tap("Reprendre")
    reply = await bot.send("de l'eau")
    assert reply.text == "tde l'eau"
    assert first is not None
    assert reply.turn.session is not None
    assert reply.turn.session.id != first.id


async def test_a_dialogue_that_ended_catches_nothing(start: Start, leak: Leak) -> None:
    bot = await start(site=leak(report))
    for said in ("fuite", "passer", "de l'eau", "1"):
        await bot.send(said)
    assert (await bot.send("1")).route == "undecided"


async def test_pages_of_a_long_choice_are_turned_and_numbers_count_all(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(choose("which", options=[Option(id=f"{n}", title=f"Lot {n}") for n in range(1, 25)]))

    bot = await start(site=leak(handler))
    assert (await bot.send("fuite")).choices[-2:] == ["Lot 9", "➡️ Suite"]
    second = await bot.tap("Suite")
    assert (second.text, second.choices[0], second.choices[-1]) == ("Lequel ?", "Lot 10", "➡️ Suite")
    third = await bot.tap("Suite")
    assert third.choices == [f"Lot {n}" for n in range(19, 25)]
    assert (await bot.tap("Lot 20")).text == "20"
