"""Messages in a row are answered together; some are answered at once; none is dropped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from lumiera import Intent, Media, Message, Reply, Tap, Turn, free_text, hookimpl, yes_no
from lumiera.testing import Scripted, TestBot

QUICK: Mapping[str, Any] = {"burst": {"text": "100ms", "media": "100ms", "max": "2s"}}
SLOW: Mapping[str, Any] = {"burst": {"text": "10m", "media": "20m", "max": "25m"}}  # for tests that travel in time
LONG: Mapping[str, Any] = {"burst": {"text": "1m", "media": "1m", "max": "2m"}}  # a test that waits for it fails
VOICE = Media(url="kit://voice.ogg", content_type="audio/ogg")
PHOTO = Media(url="kit://photo.jpg", content_type="image/jpeg")


async def ask_yes_no(turn: Turn) -> Reply | str:
    return "oui" if await turn.ask(yes_no("working")) else "non"


async def ask_words(turn: Turn) -> Reply | str:
    return f"noté : {await turn.ask(free_text('working'))}"


class Questions:
    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [
            Intent("closed", ask_yes_no, examples={"fr": ["question fermée"]}),
            Intent("free", ask_words, examples={"fr": ["question libre"]}),
        ]


def texts(bot: TestBot) -> list[list[str]]:
    return [[message.text for message in turn.messages] for turn in bot.turns]


async def turns(bot: TestBot, count: int) -> Sequence[Turn]:
    async with asyncio.timeout(10):
        while len(bot.turns) < count:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.002)
    return bot.turns


async def test_texts_in_a_row_make_one_turn_with_one_answer(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=SLOW) as bot:
        for text in ("il manque", "du ciment", "au bloc B"):
            await bot.lumiera.receive([bot.message(text)])
        await bot.travel(minutes=11)
        assert texts(bot) == [["il manque", "du ciment", "au bloc B"]]
        assert bot.turns[0].text == "il manque\ndu ciment\nau bloc B"
        assert len(bot.channel.sent) == 1


async def test_an_album_and_its_caption_make_one_turn(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=SLOW) as bot:
        await bot.lumiera.receive([bot.message(media=(PHOTO,)), bot.message(media=(PHOTO,))])
        await bot.travel(minutes=11)  # longer than the pause after a text, shorter than the one after a picture
        await bot.lumiera.receive([bot.message("la fissure du bloc B")])
        await bot.travel(minutes=11)
        (turn,) = bot.turns
        assert [len(message.media) for message in turn.messages] == [1, 1, 0]
        assert turn.text == "la fissure du bloc B"


async def test_each_further_message_makes_the_burst_wait_again(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=SLOW) as bot:
        for text in ("un", "deux", "trois"):
            await bot.lumiera.receive([bot.message(text)])
            assert bot.turns == []
            await bot.travel(minutes=8)
        await bot.travel(minutes=3)
        assert texts(bot) == [["un", "deux", "trois"]]


async def test_a_burst_ends_at_its_maximum_and_the_rest_is_the_next_turn(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=SLOW) as bot:
        for letter in "abcdefghijkl":
            await bot.lumiera.receive([bot.message(f"message {letter}")])
            await bot.travel(minutes=6)
        await bot.travel(minutes=5)
        assert ["".join(text[-1] for text in turn) for turn in texts(bot)] == ["abcde", "fghij", "kl"]


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "bonjour"},
        {"text": "  BONJOUR !! "},
        {"text": "1"},
        {"media": (VOICE,)},
        {"tap": Tap(id="intent:help", title="Aide")},
    ],
    ids=["exact example", "exact but for its writing", "number of the menu", "voice note", "tap"],
)
async def test_what_stands_for_itself_is_answered_at_once(tmp_path: Path, fields: Mapping[str, Any]) -> None:
    async with TestBot(tmp_path, config=LONG) as bot:
        replied = await bot.deliver(bot.message(**fields))
        assert replied.bubbles


@pytest.mark.parametrize("answer", ["oui", "1", "Nein", "TAK"])
async def test_an_answer_that_fits_the_pending_question_is_taken_at_once(tmp_path: Path, answer: str) -> None:
    async with TestBot(tmp_path, config=LONG, plugins={"questions": Questions()}) as bot:
        await bot.send("question fermée")
        assert (await bot.send(answer)).text in ("oui", "non")


async def test_what_does_not_fit_the_pending_question_waits_for_more(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=QUICK, plugins={"questions": Questions()}) as bot:
        await bot.send("question fermée")
        begun = time.perf_counter()
        await bot.send("je ne sais pas trop")
        assert time.perf_counter() - begun >= 0.1


async def test_a_number_does_not_cut_a_free_text_in_two(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=QUICK, plugins={"questions": Questions()}) as bot:
        await bot.send("question libre")
        replied = await bot.deliver(bot.message("12"), bot.message("rue de la Paix"))
        assert replied.text == "noté : 12\nrue de la Paix"


async def test_what_was_sent_before_an_exact_text_is_a_turn_of_its_own_and_goes_first(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=LONG) as bot:
        await bot.lumiera.receive([bot.message("il manque du ciment"), bot.message("vite")])
        await bot.send("bonjour")
        await bot.send("aide")
        assert texts(bot) == [["il manque du ciment", "vite"], ["bonjour"], ["aide"]]


async def test_what_arrives_during_a_turn_joins_the_next_one(tmp_path: Path) -> None:
    entered, release = asyncio.Event(), asyncio.Event()

    async def answer(turn: Turn) -> Reply:
        entered.set()
        await release.wait()
        return Reply(turn.text)

    async with TestBot(tmp_path, config=QUICK, plugins={"agent": Scripted(agent=answer)}) as bot:
        await bot.lumiera.receive([bot.message("premier")])
        await entered.wait()
        await bot.lumiera.receive([bot.message("deuxième")])
        await bot.lumiera.receive([bot.message("troisième")])
        release.set()
        await turns(bot, 2)
        assert texts(bot) == [["premier"], ["deuxième", "troisième"]]


async def test_without_a_burst_each_message_is_a_turn(tmp_path: Path) -> None:
    async with TestBot(tmp_path) as bot:
        await bot.lumiera.receive([bot.message(text) for text in ("un", "deux", "trois")])
        await turns(bot, 3)
        assert texts(bot) == [["un"], ["deux"], ["trois"]]


async def test_a_burst_of_one_user_does_not_make_another_wait(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=LONG) as bot:
        await bot.lumiera.receive([bot.message("j'écris encore", sender="+33600000002")])
        assert (await bot.send("bonjour")).bubbles
        assert len(bot.turns) == 1


async def test_a_burst_goes_on_over_a_restart(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=SLOW) as bot:
        await bot.lumiera.receive([bot.message("il manque")])
        await bot.restart()
        await bot.lumiera.receive([bot.message("du ciment")])
        await bot.restart()
        await bot.travel(minutes=11)
        assert texts(bot) == [["il manque", "du ciment"]]


async def test_a_burst_that_ended_while_the_bot_was_down_is_answered_at_its_start(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config={"burst": {"text": "200ms", "media": "200ms", "max": "1s"}}) as bot:
        await bot.lumiera.receive([bot.message("il manque"), bot.message("du ciment")])
        await bot.__aexit__()
        await asyncio.sleep(0.2)
        await bot.__aenter__()
        await turns(bot, 1)
        assert texts(bot) == [["il manque", "du ciment"]]


async def test_a_message_that_its_question_chokes_on_is_served_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choke(*_: object) -> None:
        raise ValueError("an answer like no other")

    async with TestBot(tmp_path, config=LONG, plugins={"questions": Questions()}) as bot:
        await bot.send("question fermée")
        monkeypatch.setattr("lumiera.questions.Asked.read", choke)
        assert (await bot.send("29/02")).bubbles
        monkeypatch.undo()
        assert (await bot.send("bonjour")).bubbles


async def test_more_messages_than_one_claim_looks_at_are_all_answered(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=QUICK) as bot:
        messages: list[Message] = [bot.message(f"message {number}") for number in range(230)]
        await bot.lumiera.receive(messages)
        async with asyncio.timeout(10):
            while sum(map(len, texts(bot))) < len(messages):  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.01)
        assert [text for turn in texts(bot) for text in turn] == [message.text for message in messages]
