"""Every kind of question, and every way to answer it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from lumiera import (
    Media,
    Option,
    Question,
    Tap,
    Transcript,
    Turn,
    choose,
    confirm,
    free_text,
    moment,
    number,
    photos,
    yes_no,
)
from lumiera.config import LANGUAGES
from lumiera.testing import Scripted, TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]
COLOURS = [Option(id="r", text="red"), Option(id="b", text="blue")]
SITES = [Option(id="t", title="Tour Nord"), Option(id="q", title="Quai 7"), Option(id="g", title="Gare")]


# --- taps, numbers, labels ---


@pytest.mark.parametrize(
    ("question", "title", "answer"),
    [
        (choose("which", options=SITES), "Quai 7", "'q'"),
        (choose("which", options=COLOURS), "Bleu", "'b'"),
        (yes_no("sure"), "Oui", "True"),
        (yes_no("sure"), "Non", "False"),
        (confirm("sure"), "Confirmer", "True"),
        (confirm("sure"), "Annuler", "False"),
        (free_text("what", optional=True), "Passer", "''"),
        (photos("pictures", optional=True), "Passer", "()"),
    ],
)
async def test_a_tap_answers(ask: Start, question: Question[object], title: str, answer: str) -> None:
    bot = await ask(question)
    assert (await bot.tap(title)).text == f"<{answer}>"


async def test_a_number_counts_the_options(ask: Start) -> None:
    bot = await ask(choose("which", options=SITES))
    for said in ("2", " 2. ", "2️⃣", "٢", "(2)", "２"):
        assert (await bot.send(said)).text == "<'q'>", said
        await bot.send("fuite")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (yes_no("sure"), "False"),
        (choose("which", options=COLOURS), "'b'"),
    ],
)
async def test_two_is_the_second_option_of_every_kind(ask: Start, question: Question[object], answer: str) -> None:
    bot = await ask(question)
    assert (await bot.send("2")).text == f"<{answer}>"


async def test_a_confirmation_has_three_options_the_last_is_no(ask: Start) -> None:
    bot = await ask(confirm("sure"))
    assert [option.title for _, bubble in bot.channel.sent for option in bubble.options] == [
        "Confirmer", "Corriger", "Annuler"
    ]  # fmt: skip
    assert (await bot.send("2")).text == "Il n’y a rien à corriger pour le moment.\n\nSûr ?"
    assert (await bot.send("3")).text == "<False>"


@pytest.mark.parametrize("question", [free_text("what", optional=True), photos("pictures", optional=True)])
async def test_one_skips_what_may_be_skipped_as_the_numbered_text_says(ask: Start, question: Question[object]) -> None:
    bot = await ask(question)
    assert (await bot.send("1")).text in ("<''>", "<()>")


async def test_a_number_of_no_option_is_asked_again(ask: Start) -> None:
    bot = await ask(choose("which", options=SITES))
    for said in ("0", "4", "9" * 20, "12"):
        await bot.send("annuler")
        await bot.send("fuite")
        reply = await bot.send(said)
        assert reply.text == "Je n’ai pas compris votre réponse.\n\nLequel ?"
        assert reply.choices == ["Tour Nord", "Quai 7", "Gare"]


@pytest.mark.parametrize(
    ("question", "label", "answer"),
    [
        (yes_no("sure"), "yes", "True"),
        (yes_no("sure"), "no", "False"),
        (confirm("sure"), "confirm", "True"),
        (confirm("sure"), "cancel", "False"),
        (free_text("what", optional=True), "skip", "''"),
        (photos("pictures", optional=True), "skip", "()"),
        (choose("which", options=COLOURS), "blue", "'b'"),
    ],
)
async def test_a_label_in_any_of_the_nine_languages_answers(
    ask: Start, question: Question[object], label: str, answer: str
) -> None:
    bot = await ask(question)
    for language in LANGUAGES:
        said = bot.lumiera.texts.format(label, language, {})
        assert (await bot.send(said.upper())).text == f"<{answer}>", language
        await bot.send("fuite")


@pytest.mark.parametrize(("answer", "emoji"), [("True", "👍 👍🏽 👍👍👍 ✅"), ("False", "👎 ❌ 👎🏿")])
async def test_an_emoji_answers(ask: Start, answer: str, emoji: str) -> None:
    bot = await ask(yes_no("sure"))
    for said in emoji.split():
        assert (await bot.send(said)).text == f"<{answer}>", said
        await bot.send("fuite")


async def test_an_option_of_the_handler_is_found_by_its_title_whatever_case_and_accents(ask: Start) -> None:
    bot = await ask(choose("which", options=[Option(id="a", title="Bâtiment É"), Option(id="b", title="Autre")]))
    assert (await bot.send("batiment e !")).text == "<'a'>"


async def test_two_options_of_one_title_are_not_confused(ask: Start) -> None:
    bot = await ask(choose("which", options=[Option(id="a", title="Peinture"), Option(id="b", title="Peinture")]))
    assert "pas compris" in (await bot.send("peinture")).text
    assert (await bot.send("2")).text == "<'b'>"


@pytest.mark.parametrize(
    ("question", "spoken", "answer"),
    [
        (yes_no("sure"), "Oui.", "True"),
        (choose("which", options=SITES), "gare", "'g'"),
        (choose("which", options=COLOURS), "niebieski", "'b'"),
        (confirm("sure"), "Ok !", "True"),
        (free_text("what"), "Le tuyau est cassé.", "'Le tuyau est cassé.'"),
        (number("how-many"), "quarante, 40", "40.0"),
    ],
)
async def test_a_spoken_answer_counts_like_a_written_one(
    ask: Start, question: Question[object], spoken: str, answer: str
) -> None:
    bot = await ask(question, ears=Scripted(transcripts={"kit://voice.ogg": Transcript(text=spoken)}))
    assert (await bot.voice()).text == f"<{answer}>"


async def test_a_voice_note_that_nobody_makes_out_is_asked_again(ask: Start) -> None:
    bot = await ask(free_text("what"), ears=Scripted())
    assert (await bot.voice()).text == "Je n’ai pas compris votre réponse.\n\nQuoi ?"


@pytest.mark.parametrize(
    "question",
    [choose("which", options=SITES), yes_no("sure"), confirm("sure"), number("how-many"), moment("when")],
)
async def test_nonsense_is_asked_again_and_then_answered(ask: Start, question: Question[object]) -> None:
    bot = await ask(question)
    shown = bot.log.lines[-1].removeprefix("< ")
    for human in ("", "", " [💬 Parler à l’équipe]"):
        await bot.send("blabla")
        assert bot.log.lines[-1].removeprefix("  ") == shown + human
    answers = {"number": "7", "moment": "hier"}
    assert (await bot.send(answers.get(question.kind, "1"))).text.startswith("<")


async def test_a_choice_of_nothing_is_an_error_rather_than_a_dead_end(ask: Start) -> None:
    bot = await ask(choose("which", options=[]))
    assert "leak: 'which' has no options" in bot.turns[-1].failures[0].message
    assert (await bot.send("bonjour")).intent == "greeting"


# --- words ---


async def test_free_text_takes_numbers_as_words(ask: Start) -> None:
    bot = await ask(free_text("what"))
    assert (await bot.send("3")).text == "<'3'>"


async def test_free_text_keeps_what_was_written_but_for_the_white_space_around_it(ask: Start) -> None:
    bot = await ask(free_text("what"))
    assert (await bot.send("  Fuite  d'eau\nau 3e 💧 ")).text == r"""<"Fuite  d'eau\nau 3e 💧">"""


async def test_free_text_is_not_answered_by_an_empty_message(ask: Start) -> None:
    bot = await ask(free_text("what"))
    assert "pas compris" in (await bot.photo()).text


async def test_a_required_text_cannot_be_skipped(ask: Start) -> None:
    bot = await ask(free_text("what"))
    assert (await bot.send("Passer")).text == "<'Passer'>"


async def test_a_tap_on_something_older_is_no_text(ask: Start) -> None:
    bot = await ask(free_text("what"))
    reply = await bot.send("Oui", tap=Tap(id="0123456789:yes", title="Oui"))
    assert reply.text == "Ce choix n’est plus valable.\n\nQuoi ?"


# --- photos ---


async def test_photos_come_with_their_captions_and_at_most_as_many_as_asked(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        pictures = await turn.ask(photos("pictures", at_most=2))
        return "|".join(f"{one.url}:{one.caption}" for one in pictures)

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    pictures = [Media(url=f"kit://{name}.jpg", content_type="image/jpeg") for name in "abc"]
    assert (await bot.send("au fond", media=pictures)).text == "kit://a.jpg:au fond|kit://b.jpg:"


async def test_words_alone_are_no_photo(ask: Start) -> None:
    bot = await ask(photos("pictures"))
    assert (await bot.send("voilà")).text == "Je n’ai pas compris votre réponse.\n\nDes photos ?"


async def test_a_video_counts_as_a_picture_and_a_document_does_not(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return str(len(await turn.ask(photos("pictures"))))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    assert "pas compris" in (await bot.send(media=[Media(url="a", content_type="application/pdf")])).text
    assert (await bot.send(media=[Media(url="b", content_type="video/mp4")])).text == "1"


# --- read against what was shown ---


async def test_an_answer_is_read_against_the_options_that_were_shown(start: Start, leak: Leak) -> None:
    options = [SITES]

    async def handler(turn: Turn) -> str:
        return await turn.ask(choose("which", options=options[0]))

    bot = await start(site=leak(handler))
    await bot.send("fuite")
    options[0] = [Option(id="x", title="Autre chantier"), Option(id="y", title="Gare")]
    assert (await bot.send("2")).text == "q"


async def test_a_question_asked_in_french_is_answered_with_the_polish_label(ask: Start) -> None:
    bot = await ask(choose("which", options=COLOURS))
    assert bot.log.lines[-1] == "< Lequel ? [Rouge] [Bleu]"
    assert (await bot.send("niebieski")).text == "<'b'>"


async def test_a_tap_carries_its_question(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        first = await turn.ask(yes_no("sure", name="first"))
        second = await turn.ask(yes_no("sure", name="second"))
        return f"{first} {second}"

    bot = await start(site=leak(handler))
    old = (await bot.send("fuite")).options[1]
    await bot.tap("Oui")
    reply = await bot.send(tap=Tap(id=old.id, title=old.title))
    assert reply.text == "Ce choix n’est plus valable.\n\nSûr ?"
    assert (await bot.tap("Non")).text == "True False"


async def test_a_message_that_was_sent_before_the_question_does_not_answer_it(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        return await turn.ask(free_text("where"))

    bot = await start(site=leak(handler))
    reply = await bot.deliver(bot.message("fuite"), bot.message("au troisième"))
    assert "Où ?" in reply.text
    assert (await bot.send("au deuxième")).text == "au deuxième"


async def test_of_a_burst_only_what_was_sent_after_the_question_answers_it(start: Start, leak: Leak) -> None:
    reached, go_on = _Gate(), _Gate()

    async def handler(turn: Turn) -> str:
        if not reached.is_open:
            reached.open()
            await go_on.passed()
        return await turn.ask(free_text("where"))

    config = {"burst": {"text": "300ms", "media": "300ms", "max": "2s"}}
    bot = await start(site=leak(handler), config=config)
    await bot.lumiera.receive([bot.message("fuite")])
    await reached.passed()
    await bot.lumiera.receive([bot.message("avant")])
    go_on.open()
    while not bot.channel.sent:
        await _soon()
    assert (await bot.deliver(bot.message("après"))).text == "après"


class _Gate:
    def __init__(self) -> None:
        self._event = asyncio.Event()

    @property
    def is_open(self) -> bool:
        return self._event.is_set()

    def open(self) -> None:
        self._event.set()

    async def passed(self) -> None:
        await self._event.wait()


async def _soon() -> None:
    await asyncio.sleep(0.005)
