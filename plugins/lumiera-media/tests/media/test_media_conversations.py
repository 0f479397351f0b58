"""Through the front door: a user sends photos, a handler keeps them, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from lumiera import Intent, LumieraError, Media, Reply, TransientError, Turn, free_text, hookimpl, photos
from lumiera.testing import TestBot
from lumiera.testing.bot import PHOTO
from lumiera.turn import Handler

TEXTS = "pictures = Des photos ?\nwhat = Quoi ?\n"
Start = Callable[..., Awaitable[TestBot]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start a bot whose intent `leak`, said `fuite`, has the given handler."""
    running: list[TestBot] = []

    async def begin(handler: Handler, **config: Any) -> TestBot:
        class Site:
            @hookimpl
            def register_intents(self) -> list[Intent]:
                return [Intent("leak", handler, examples={"fr": ["fuite"]})]

        (tmp_path / "texts").mkdir()
        (tmp_path / "texts" / "fr.ftl").write_text(TEXTS, encoding="utf-8")
        settings = {"plugins": {"media": None}, **config}
        bot = await TestBot(tmp_path, config=settings, plugins={"site": Site()}).__aenter__()
        running.append(bot)
        return bot

    yield begin
    for bot in running:
        await bot.__aexit__()


def files(bot: TestBot) -> list[Path]:
    folder = bot.lumiera.config.media.path
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".key"]


async def report(turn: Turn) -> str:
    """Ask for photos, keep them, ask for words, file both."""
    kept = [await turn.keep(photo) for photo in await turn.ask(photos("pictures", at_most=10))]
    words = await turn.ask(free_text("what"))
    return f"{words}: " + ", ".join(f"{one.content_type} {one.id[:6]}" for one in kept)


def album(*urls: str) -> list[Media]:
    return [Media(url=url, content_type="image/jpeg") for url in urls]


async def test_photos_that_a_handler_keeps_lie_in_the_folder(start: Start, jpeg: bytes) -> None:
    bot = await start(report)
    bot.channel.files["kit://1"] = jpeg
    await bot.send("fuite")
    await bot.send(media=album("kit://1", "kit://2"))
    reply = await bot.send("le mur est mouillé")
    assert reply.text.startswith("le mur est mouillé: image/jpeg ")
    assert len(files(bot)) == 2
    assert PHOTO in [path.read_bytes() for path in files(bot)]


async def test_a_restart_in_the_middle_keeps_and_fetches_once(start: Start) -> None:
    bot = await start(report)
    fetched: list[str] = []
    fetch = bot.channel.fetch

    def counting(media: Media) -> AsyncIterator[bytes]:
        fetched.append(media.url)
        return fetch(media)

    bot.channel.fetch = counting  # type: ignore[method-assign]
    await bot.send("fuite")
    await bot.photo()
    before = [path.stat().st_mtime_ns for path in files(bot)]
    await bot.restart()
    await bot.send("le mur")
    assert fetched == ["kit://photo.jpg"]
    assert [path.stat().st_mtime_ns for path in files(bot)] == before


async def test_a_turn_that_fails_after_the_second_of_two_photos_keeps_none_twice(start: Start) -> None:
    tries: list[int] = []

    async def handler(turn: Turn) -> str:
        kept = [await turn.keep(photo) for message in turn.messages for photo in message.media]
        tries.append(len(kept))
        if len(tries) == 1:
            raise TransientError("again")
        return str(len(kept))

    bot = await start(handler)
    bot.channel.files["kit://1"] = b"one"
    assert (await bot.send("fuite", media=album("kit://1", "kit://2"))).text == "2"
    assert tries == [2, 2]
    assert len(files(bot)) == 2


WRONG = {
    "a page named as a photo": (b"<html><script>alert(1)</script></html>", "media-refused"),
    "a drawing with a script": (b"<svg onload='alert(1)'/>", "media-refused"),
    "a program": (b"MZ\x90\x00" + bytes(100), "media-refused"),
    "half a photo": (PHOTO[:90], "media-broken"),
    "nothing": (b"", "media-broken"),
    "seventeen megabytes": (bytes(17 * 1024 * 1024), "media-too-large"),
}


@pytest.mark.parametrize(("data", "key"), WRONG.values(), ids=WRONG)
async def test_a_file_that_is_not_let_in_is_told_to_the_user_and_not_kept(start: Start, data: bytes, key: str) -> None:
    async def handler(turn: Turn) -> str:
        try:
            return (await turn.keep(turn.messages[0].media[0])).id
        except LumieraError as error:
            return turn.text_for(error.user_message)

    bot = await start(handler)
    bot.channel.files["kit://photo.jpg"] = data
    reply = await bot.photo("fuite")
    assert reply.text == reply.turn.text_for(key)
    assert files(bot) == []


async def test_a_photo_with_a_page_behind_it_is_kept_without_the_page(start: Start) -> None:
    bot = await start(report)
    bot.channel.files["kit://photo.jpg"] = PHOTO + b"<html><script>alert(1)</script></html>"
    await bot.send("fuite")
    await bot.photo()
    assert [path.read_bytes() for path in files(bot)] == [PHOTO]


async def test_what_was_kept_is_sent_again(start: Start) -> None:
    async def handler(turn: Turn) -> Reply:
        return Reply("voici", media=(await turn.keep(turn.messages[0].media[0]),))

    bot = await start(handler)
    turn = (await bot.photo("fuite")).turn
    assert turn.reply is not None
    (kept,) = turn.reply.media
    assert bot.lumiera.media is not None
    assert await bot.lumiera.media.get(kept.id) == PHOTO


async def test_another_store_leaves_the_folder_alone(tmp_path: Path) -> None:
    class Cloud:
        name = "cloud"

    class Brings:
        @hookimpl
        def register_media_stores(self) -> list[Any]:
            return [Cloud()]

    config = {"plugins": {"media": None}, "media": {"store": "cloud", "path": str(tmp_path / "media")}}
    async with TestBot(tmp_path, config=config, plugins={"cloud": Brings()}) as bot:
        health = await bot.lumiera.hooks.check_health()
        assert health["media"].ok
    assert not (tmp_path / "media").exists()


async def test_a_folder_that_cannot_be_made_stops_the_start_and_names_the_plugin(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file")
    with pytest.raises(LumieraError, match="plugin 'media': startup: FileExistsError"):
        await TestBot(tmp_path, config={"plugins": {"media": None}}).__aenter__()


async def test_no_log_line_names_an_address_of_a_file(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bot = await start(report)
    bot.channel.files["kit://secret-place"] = b"MZ"
    await bot.send("fuite")
    await bot.send(media=album("kit://secret-place"))
    await asyncio.sleep(0)
    assert "secret-place" not in json.dumps([record.getMessage() for record in caplog.records])
