"""The hook by which a plugin brings a place for files, and what a handler does with one: `turn.keep`."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from lumiera import ConfigError, LumieraError, Media, PluginError, TransientError, Turn, hookimpl, photos
from lumiera.errors import MediaError
from lumiera.media import MediaStore
from lumiera.messages import StoredMedia
from lumiera.testing import KitChannel, TestBot

Start = Callable[..., Awaitable[TestBot]]
Leak = Callable[..., object]


class Shelf:
    """A media store in memory."""

    def __init__(self, name: str = "folder") -> None:
        self.name = name
        self.files: dict[str, bytes] = {}
        self.puts = 0

    async def put(self, chunks: AsyncIterator[bytes], *, filename: str = "") -> StoredMedia:
        self.puts += 1
        data = b"".join([chunk async for chunk in chunks])
        media_id = hashlib.sha256(data).hexdigest()
        self.files[media_id] = data
        return StoredMedia(id=media_id, content_type="image/jpeg", size=len(data), filename=filename)

    async def get(self, media_id: str) -> bytes:
        return self.files[media_id]

    async def link(self, media: StoredMedia) -> str:
        return f"https://bot.example/{media.id}"

    async def delete(self, media_id: str) -> None:
        self.files.pop(media_id, None)


class Brings:
    def __init__(self, *stores: MediaStore) -> None:
        self.stores = list(stores)

    @hookimpl
    def register_media_stores(self) -> list[MediaStore]:
        return self.stores


async def keep_all(turn: Turn) -> str:
    """Keep what came with the message that opened the dialogue."""
    kept = [await turn.keep(media) for message in turn.messages for media in message.media]
    return " ".join(f"{one.filename}:{one.size}" for one in kept)


async def test_hook_register_media_stores(start: Start, leak: Leak) -> None:
    shelf = Shelf()
    bot = await start(site=leak(keep_all), shelf=Brings(shelf))
    bot.channel.files["kit://1"] = b"one"
    media = Media(url="kit://1", content_type="image/jpeg", filename="wall.jpg")
    assert (await bot.send("fuite", media=[media])).text == "wall.jpg:3"
    assert list(shelf.files.values()) == [b"one"]
    assert bot.lumiera.media is shelf


async def test_the_configuration_names_the_media_store(start: Start, leak: Leak) -> None:
    shelf = Shelf("cloud")
    bot = await start(config={"media": {"store": "cloud"}}, site=leak(keep_all), shelf=Brings(Shelf(), shelf))
    await bot.photo("fuite")
    assert len(shelf.files) == 1


async def test_a_media_store_that_nobody_brings_is_refused_with_its_line(start: Start) -> None:
    with pytest.raises(ConfigError, match=r"lumiera.yaml:\d+: media.store: unknown store 'fodler'. Did you mean"):
        await start(config={"media": {"store": "fodler"}}, shelf=Brings(Shelf()))


async def test_two_media_stores_of_one_name_are_refused(start: Start) -> None:
    with pytest.raises(PluginError, match="its media store 'folder' is also one of 'shelf'"):
        await start(shelf=Brings(Shelf()), other=Brings(Shelf()))


async def test_without_a_media_store_nothing_is_kept_and_the_handler_is_told_so(start: Start, leak: Leak) -> None:
    async def handler(turn: Turn) -> str:
        try:
            return await keep_all(turn)
        except LumieraError as error:
            return error.message

    bot = await start(site=leak(handler))
    assert "no plugin brings a media store" in (await bot.photo("fuite")).text


async def test_a_channel_that_has_no_files_fetches_none(start: Start, leak: Leak) -> None:
    bot = await start(site=leak(keep_all), shelf=Brings(Shelf()))
    with pytest.raises(MediaError, match="channel 'pager' does not fetch files"):
        bot.lumiera.fetch("pager", Media(url="kit://1", content_type="image/jpeg"))


async def test_a_file_is_kept_once_though_the_handler_runs_at_every_turn(start: Start, leak: Leak) -> None:
    shelf = Shelf()

    async def handler(turn: Turn) -> str:
        kept = [await turn.keep(media) for media in await turn.ask(photos("pictures"))]
        await turn.ask(photos("pictures-again"))
        return kept[0].id[:8]

    bot = await start(site=leak(handler), shelf=Brings(shelf))
    await bot.send("fuite")
    await bot.photo()
    await bot.restart()
    assert (await bot.photo(url="kit://other.jpg")).text == next(iter(shelf.files))[:8]
    assert shelf.puts == 1


async def test_a_file_that_cannot_be_fetched_now_is_fetched_when_the_turn_is_tried_again(
    start: Start, leak: Leak, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []
    fetch = KitChannel.fetch

    async def stumbling(self: KitChannel, media: Media) -> AsyncIterator[bytes]:
        tries.append(media.url)
        if len(tries) == 1:
            raise TransientError("not there yet")
        async for chunk in fetch(self, media):
            yield chunk

    monkeypatch.setattr(KitChannel, "fetch", stumbling)
    shelf = Shelf()
    bot = await start(site=leak(keep_all), shelf=Brings(shelf))
    assert ":159" in (await bot.photo("fuite")).text
    assert tries == ["kit://photo.jpg"] * 2
    assert shelf.puts == 2
    assert len(shelf.files) == 1
