"""Pictures through the whole bot: an album with its caption is one turn, files are kept once and go out again."""

from __future__ import annotations

import asyncio
import io
import random
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from lumiera_twilio.testing import FakeTwilio
from PIL import Image

from lumiera import Intent, Reply, Turn, hookimpl, photos
from lumiera.errors import MediaError

if TYPE_CHECKING:
    from tests.twilio.conftest import Site

USER = "+33600000001"


def jpeg(colour: int = 0) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (16, 16), (colour, 60, 60)).save(written, "JPEG")
    return written.getvalue()


class Camera:
    """Asks for pictures, keeps them and shows them again; writes down what it was given."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("pictures", self.ask, examples={"fr": ["des photos"]})]

    @hookimpl
    async def on_turn_finished(self, turn: Turn) -> None:
        self.turns.append(turn)

    async def ask(self, turn: Turn) -> Reply | str:
        pictures = await turn.ask(photos("choose"))
        try:
            kept = [await turn.keep(picture) for picture in pictures]
        except MediaError:
            return "refusé"
        captions = [picture.caption for picture in pictures if picture.caption]
        return Reply(f"{len(kept)} photos {captions}", media=tuple(kept))


@pytest.fixture
def camera() -> Camera:
    return Camera()


@pytest.fixture
def site_plugins(camera: Camera) -> dict[str, object]:
    return {"camera": camera}


@pytest.fixture
def site_settings(site_settings: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    return site_settings | {
        "plugins": {**site_settings["plugins"], "media": None},
        "media": {"path": str(tmp_path / "media"), "largest": 1, "public_base_url": "https://bot.example"},
        "burst": {"text": "400ms", "media": "400ms", "max": "4s"},
    }


async def asked(site: Site) -> None:
    await site.says("des photos")
    await site.twilio.wait_for(1)


async def sent(site: Site, *items: str | tuple[str, bytes]) -> None:
    """Send texts and files, each as a webhook of its own, all at the same time."""
    posts = (site.says(item) if isinstance(item, str) else site.says("", media=[item]) for item in items)
    await asyncio.gather(*posts)


@pytest.mark.parametrize("seed", range(3))
async def test_an_album_in_any_order_is_one_turn_with_one_answer(site: Site, camera: Camera, seed: int) -> None:
    await asked(site)
    album: list[str | tuple[str, bytes]] = [("image/jpeg", jpeg(n)) for n in range(5)]
    items = [*album, "fuite au 3e"]
    random.Random(seed).shuffle(items)
    await sent(site, *items)
    first = (await site.twilio.wait_for(2))[1]
    assert first.body == "5 photos ['fuite au 3e']"
    assert len(await site.twilio.wait_for(6)) == 6  # the answer is the first picture's caption
    await asyncio.sleep(0.5)
    assert len(site.twilio.sent) == 6
    assert [len(turn.messages) for turn in camera.turns] == [1, 6]


async def test_a_caption_on_the_first_of_an_album_is_its_caption(site: Site, camera: Camera) -> None:
    await asked(site)
    await site.says("fuite au 3e", media=[("image/jpeg", jpeg(1))])
    await sent(site, ("image/jpeg", jpeg(2)), ("image/jpeg", jpeg(3)))
    assert (await site.twilio.wait_for(2))[1].body == "3 photos ['fuite au 3e']"
    assert [len(turn.messages) for turn in camera.turns] == [1, 3]


async def test_an_album_that_is_delivered_twice_is_answered_once(site: Site, camera: Camera) -> None:
    await asked(site)
    answers = [await site.twilio.inbound(site.url, USER, "", media=[("image/jpeg", jpeg(n))]) for n in range(3)]
    await asyncio.gather(*(site.twilio.replay(answer, times=3) for answer in answers))
    assert (await site.twilio.wait_for(2))[1].body == "3 photos []"
    await site.twilio.wait_for(4)
    await asyncio.sleep(0.5)
    assert len(site.twilio.sent) == 4
    assert [len(turn.messages) for turn in camera.turns] == [1, 3]


async def test_the_pictures_that_go_out_are_fetched_by_their_links(site: Site) -> None:
    await asked(site)
    await sent(site, ("image/jpeg", jpeg(1)), ("image/jpeg", jpeg(200)))
    bubbles = (await site.twilio.wait_for(3))[1:]
    links = [bubble.media_url for bubble in bubbles]
    assert len(set(links)) == 2
    async with aiohttp.ClientSession() as session:
        for link in links:
            assert link.startswith("https://bot.example/media/")
            async with session.get(link.replace("https://bot.example", site.url)) as answer:
                assert (answer.status, answer.content_type) == (200, "image/jpeg")
                assert Image.open(io.BytesIO(await answer.read())).size == (16, 16)


async def test_a_photo_that_is_not_there_yet_is_fetched_a_little_later(site: Site) -> None:
    await asked(site)
    site.twilio.fail(404, on="media", times=2)
    await sent(site, ("image/jpeg", jpeg()))
    assert (await site.twilio.wait_for(2, timeout=15))[1].body == "1 photos []"


def polyglot() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return jpeg() + packed.getvalue()


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0", b"\0" * 20_000_000)
    return packed.getvalue()


def pixel_bomb() -> bytes:
    """Return a small PNG of 900 million pixels, of which only the head is there."""
    written = io.BytesIO()
    Image.new("1", (8, 8)).save(written, "PNG")
    whole = bytearray(written.getvalue())
    whole[16:24] = (30_000).to_bytes(4, "big") * 2
    whole[29:33] = zlib.crc32(bytes(whole[12:29])).to_bytes(4, "big")
    return bytes(whole)


@pytest.mark.parametrize(
    ("declared", "content"),
    [
        ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("image/jpeg", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("image/jpeg", b"<html><script>alert(1)</script></html>"),
        ("image/jpeg", b"MZ\x90\x00" + b"\0" * 200),
        ("image/jpeg", b"#!/bin/sh\nrm -rf /\n"),
        ("image/jpeg", zip_bomb()),
        ("image/png", pixel_bomb()),
        ("image/jpeg", b"x" * 1_100_000),
        ("image/jpeg", b""),
    ],
    ids=["svg", "svg as jpeg", "html", "program", "script", "zip bomb", "pixel bomb", "too large", "empty"],
)
async def test_what_is_no_picture_is_not_kept(site: Site, tmp_path: Path, declared: str, content: bytes) -> None:
    await asked(site)
    await sent(site, (declared, content))
    assert (await site.twilio.wait_for(2))[1].body == "refusé"
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file() and path.name != ".key"] == []


async def test_a_picture_that_is_also_an_archive_is_kept_as_a_picture(site: Site, tmp_path: Path) -> None:
    await asked(site)
    await sent(site, ("image/jpeg", polyglot()))
    assert (await site.twilio.wait_for(2))[1].body == "1 photos []"
    (kept,) = [path for path in (tmp_path / "media").rglob("*") if path.is_file() and path.name != ".key"]
    assert not zipfile.is_zipfile(kept)
    assert b"script" not in kept.read_bytes()


async def test_of_too_many_pictures_in_one_message_ten_are_taken(site: Site) -> None:
    await asked(site)
    await site.says("", media=[("image/jpeg", jpeg(n)) for n in range(15)])
    assert (await site.twilio.wait_for(2))[1].body == "10 photos []"


async def test_a_forged_address_in_a_message_is_called_by_nobody(site: Site) -> None:
    called: list[str] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.append("called")
        writer.close()

    trap = await asyncio.start_server(note, "127.0.0.1", 0)
    port = trap.sockets[0].getsockname()[1]
    await asked(site)
    forged = {"NumMedia": "1", "MediaUrl0": f"http://127.0.0.1:{port}/x", "MediaContentType0": "image/jpeg"}
    await site.says("", **forged)
    assert (await site.twilio.wait_for(2))[1].body == "refusé"
    trap.close()
    await trap.wait_closed()
    assert called == []


async def test_a_body_over_64_kib_is_refused(twilio: FakeTwilio, site: Site) -> None:
    answer = await twilio.inbound(site.url, USER, "x" * 70_000)
    assert answer.status == 413
    assert twilio.sent == []
