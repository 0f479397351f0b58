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

QUICK: Mapping[str, Any] = {"burst": {"text": "100ms", "media": "200ms", "max": "2s"}}
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
        while len(bot.turns) < count:
            await asyncio.sleep(0.002)
    return bot.turns


async def test_texts_in_a_row_make_one_turn_with_one_answer(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=QUICK) as bot:
        for text in ("il manque", "du ciment", "au bloc B"):
            await bot.lumiera.receive([bot.message(text)])
        (turn,) = await turns(bot, 1)
        assert turn.text == "il manque\ndu ciment\nau bloc B"
        await asyncio.sleep(0.05)
        assert len(bot.channel.sent) == 1


async def test_an_album_and_its_caption_make_one_turn(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=QUICK) as bot:
        await bot.lumiera.receive([bot.message(media=(PHOTO,)), bot.message(media=(PHOTO,))])
        await asyncio.sleep(0.15)  # longer than the pause after a text, shorter than the one after a picture
        await bot.lumiera.receive([bot.message("la fissure du bloc B")])
        (turn,) = await turns(bot, 1)
        assert [len(message.media) for message in turn.messages] == [1, 1, 0]
        assert turn.text == "la fissure du bloc B"


async def test_each_further_message_makes_the_burst_wait_again(tmp_path: Path) -> None:
    async with TestBot(tmp_path, config=QUICK) as bot:
        begun = time.perf_counter()
        for text in ("un", "deux", "trois", "quatre"):
            await bot.lumiera.receive([bot.message(text)])
            await asyncio.sleep(0.06)
        (turn,) = await turns(bot, 1)
        assert len(turn.messages) == 4
        assert time.perf_counter() - begun >= 0.06 * 3 + 0.1


async def test_a_burst_ends_at_its_maximum_and_the_rest_is_the_next_turn(tmp_path: Path) -> None:
    config = {"burst": {"text": "100ms", "media": "100ms", "max": "250ms"}}
    async with TestBot(tmp_path, config=config) as bot:
        sent = [f"message {letter}" for letter in "abcdefghijkl"]
        for text in sent:
            await bot.lumiera.receive([bot.message(text)])
            await asyncio.sleep(0.05)
        await turns(bot, 2)
        async with asyncio.timeout(5):
            while sum(map(len, texts(bot))) < len(sent):
                await asyncio.sleep(0.01)
        assert [text for turn in texts(bot) for text in turn] == sent
        assert 2 <= len(bot.turns) <= 5


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
        await bot.lumiera.receive([bot.message("12")])
        replied = await bot.send("rue de la Paix")
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
    config = {"burst": {"text": "300ms", "media": "300ms", "max": "5s"}}
    async with TestBot(tmp_path, config=config) as bot:
        await bot.lumiera.receive([bot.message("il manque")])
        await bot.restart()
        await bot.lumiera.receive([bot.message("du ciment")])
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
            while sum(map(len, texts(bot))) < len(messages):
                await asyncio.sleep(0.01)
        assert [text for turn in texts(bot) for text in turn] == [message.text for message in messages]
