"""A link leads to its file for some minutes; whatever is wrong with it looks like an address that does not exist."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from lumiera.errors import ErrorCode, MediaError
from lumiera.media import MediaStore
from lumiera.messages import StoredMedia
from lumiera.testing import TestBot
from lumiera.testing.bot import PHOTO
from lumiera.tracing import redact
from lumiera.web import create_app

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


Get = Callable[..., Awaitable[Answer]]
Link = Callable[..., Awaitable[str]]


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    media = {"path": str(tmp_path / "media"), "links": "10m"}
    return {"plugins": {"media": None}, "web": {"public_url": "https://bot.example"}, "media": media}


@pytest.fixture
async def bot(tmp_path: Path, settings: dict[str, Any]) -> AsyncIterator[TestBot]:
    async with TestBot(tmp_path, config=settings) as running:
        yield running


@pytest.fixture
def link(bot: TestBot) -> Link:
    """Keep a file and link it."""

    async def make(data: bytes = PHOTO, filename: str = "") -> str:
        async def chunks() -> AsyncIterator[bytes]:
            yield data

        store = bot.lumiera.media
        assert store is not None
        return await store.link(await store.put(chunks(), filename=filename))

    return make


@pytest.fixture
def get(bot: TestBot) -> Get:
    """Request an address of the bot as a web server does."""

    async def call(address: str, method: str = "GET") -> Answer:
        path = urlsplit(address).path
        events: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(event: Any) -> None:
            events.append(event)

        scope = {
            "type": "http", "asgi": {"spec_version": "2.4"}, "http_version": "1.1", "method": method,
            "path": unquote(path), "raw_path": path.encode(),
            "root_path": "", "scheme": "http", "query_string": b"", "headers": [],
        }  # fmt: skip
        await create_app(bot.lumiera)(scope, receive, send)
        headers = {name.decode().lower(): value.decode() for name, value in events[0]["headers"]}
        return Answer(events[0]["status"], headers, b"".join(event.get("body", b"") for event in events))

    return call


async def test_a_link_leads_to_its_file(link: Link, get: Get) -> None:
    address = await link(filename="mur.jpg")
    assert re.fullmatch(r"https://bot\.example/media/[0-9a-f]{64}\.jpg/\d{10}/[\w-]{43}/mur\.jpg", address)
    answer = await get(address)
    assert (answer.status, answer.body) == (200, PHOTO)


async def test_a_link_is_answered_with_what_keeps_browsers_from_running_it(link: Link, get: Get) -> None:
    answer = await get(await link(filename="mur.jpg"))
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-length"] == str(len(PHOTO))
    assert answer.headers["content-disposition"] == 'inline; filename="mur.jpg"'
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    found = re.fullmatch(r"private, max-age=(\d+)", answer.headers["cache-control"])
    assert found
    assert 590 <= int(found[1]) <= 600


@pytest.mark.parametrize(
    ("data", "filename", "content_type", "disposition"),
    [
        (PDF, "plan.pdf", "application/pdf", 'attachment; filename="plan.pdf"'),
        (b"words", "run.bat", "text/plain; charset=utf-8", 'attachment; filename="run.bat.txt"'),
        (b"words", "", "text/plain; charset=utf-8", 'attachment; filename="ca9a2bf7bb51.txt"'),
        (b"BEGIN:VCARD\r\nEND:VCARD", "é 😀.vcf", "text/vcard; charset=utf-8",
         "attachment; filename*=utf-8''%C3%A9%20%F0%9F%98%80.vcf"),
    ],
    ids=["PDF", "text named as a program", "text without a name", "contact"],
)  # fmt: skip
async def test_what_is_no_picture_recording_or_video_is_only_downloaded(
    link: Link, get: Get, data: bytes, filename: str, content_type: str, disposition: str
) -> None:
    answer = await get(await link(data, filename))
    assert answer.status == 200
    assert answer.headers["content-type"] == content_type
    assert re.sub(r'"[0-9a-f]{12}\.', '"ca9a2bf7bb51.', answer.headers["content-disposition"]) == disposition


async def test_head_says_the_same_without_the_file(link: Link, get: Get) -> None:
    address = await link()
    asked, told = await get(address, "GET"), await get(address, "HEAD")
    assert (told.status, told.body) == (200, b"")
    assert told.headers == asked.headers


async def test_nothing_can_be_written_through_a_link(link: Link, get: Get) -> None:
    address = await link()
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (await get(address, method)).status == 405
    assert (await get(address)).body == PHOTO


async def test_a_link_expires(bot: TestBot, link: Link, get: Get) -> None:
    address = await link()
    await bot.travel(minutes=9)
    assert (await get(address)).status == 200
    await bot.travel(minutes=2)
    assert (await get(address)).status == 404


async def test_a_link_survives_a_restart(bot: TestBot, link: Link, get: Get) -> None:
    address = await link()
    await bot.restart()
    assert (await get(address)).body == PHOTO


FORGED = {
    "signature of another": lambda parts: [*parts[:2], "A" * 43],
    "no signature": lambda parts: parts[:2],
    "empty signature": lambda parts: [*parts[:2], ""],
    "signature cut": lambda parts: [*parts[:2], parts[2][:-1]],
    "signature in another alphabet": lambda parts: [*parts[:2], "é" * 43],
    "a later end": lambda parts: [parts[0], str(int(parts[1]) + 3600), parts[2]],
    "an end that is no number": lambda parts: [parts[0], "tomorrow", parts[2]],
    "an end in other digits": lambda parts: [parts[0], "١٢٣٤٥٦٧٨٩٠", parts[2]],
    "a negative end": lambda parts: [parts[0], "-1", parts[2]],
    "an endless end": lambda parts: [parts[0], "9" * 5000, parts[2]],
    "another file": lambda parts: ["a" * 64 + ".jpg", *parts[1:]],
    "another type": lambda parts: [parts[0].replace(".jpg", ".txt"), *parts[1:]],
    "the key": lambda parts: [".key", *parts[1:]],
    "a path": lambda parts: ["..%2f..%2fetc%2fpasswd", *parts[1:]],
    "a name put on": lambda parts: [*parts, "invoice.exe"],
    "nothing": lambda parts: [],
    "only the file": lambda parts: parts[:1],
}  # fmt: skip


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_whatever_is_wrong_looks_like_an_address_that_does_not_exist(
    link: Link, get: Get, forge: Callable[[list[str]], list[str]]
) -> None:
    address = await link()
    assert (await get(address)).status == 200
    parts = address.removeprefix("https://bot.example/media/").split("/")
    assert await get("/media/" + "/".join(forge(parts))) == await get("/nothing/here")


async def test_the_link_of_one_file_opens_no_other(link: Link, get: Get) -> None:
    first, second = [await link(data) for data in (b"one", b"two")]
    ours, theirs = (address.split("/") for address in (first, second))
    assert (await get("/".join([*ours[:4], theirs[4], *ours[5:]]))).status == 404


async def test_the_link_of_a_removed_file_is_not_found(bot: TestBot, link: Link, get: Get) -> None:
    address = await link()
    assert bot.lumiera.media is not None
    await bot.lumiera.media.delete(address.split("/")[4])
    assert await get(address) == await get("/nothing/here")


async def test_a_key_of_another_bot_opens_nothing(bot: TestBot, link: Link, get: Get, tmp_path: Path) -> None:
    address = await link()
    (tmp_path / "media" / ".key").unlink()
    await bot.restart()
    assert (await get(address)).status == 404


@pytest.mark.parametrize("base", ["https://files.example", "https://bot.example/chat/"])
async def test_links_may_begin_with_an_address_of_their_own(
    tmp_path: Path, settings: dict[str, Any], base: str
) -> None:
    settings["media"]["public_base_url"] = base
    async with TestBot(tmp_path, config=settings) as bot:
        store = bot.lumiera.media
        assert store is not None
        address = await store.link(StoredMedia(id="a" * 64 + ".jpg", content_type="image/jpeg", size=1))
        assert address.startswith(f"{base.rstrip('/')}/media/{'a' * 64}.jpg/")


async def test_without_an_address_the_way_out_is_said(tmp_path: Path, settings: dict[str, Any]) -> None:
    del settings["web"]
    async with TestBot(tmp_path, config=settings) as bot:
        store: MediaStore | None = bot.lumiera.media
        assert store is not None
        with pytest.raises(MediaError, match=r"Set 'web.public_url' or 'media.public_base_url'") as error:
            await store.link(StoredMedia(id="a" * 64 + ".jpg", content_type="image/jpeg", size=1))
        assert error.value.code is ErrorCode.CONFIGURATION


async def test_a_log_that_has_a_link_does_not_have_its_signature(link: Link) -> None:
    address = await link(filename="mur rue.jpg")
    signature = address.split("/")[6]
    for line in (address, f"GET {address} 200", f'"GET {urlsplit(address).path} HTTP/1.1"', f"<{address}>"):
        assert signature not in redact(line)
        assert address.split("/")[4] in redact(line)
