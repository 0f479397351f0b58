"""Files of the page: how large they may be, and how a browser gets them back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lumiera_simulator.kinds import shown_type

from lumiera.testing.bot import PHOTO

MB = 1024 * 1024
SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


async def test_a_picture_is_shown_and_nothing_in_it_may_run(site: Any) -> None:
    file = (await site.upload(PHOTO, name="mur du fond é.jpg")).data
    answer = await site.ask("GET", f"/simulator/files/{file['id']}")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, PHOTO, "image/jpeg")
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''mur%20du%20fond%20%C3%A9.jpg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "image/png"])
async def test_what_is_no_picture_by_its_bytes_is_downloaded(site: Any, kind: str) -> None:
    file = (await site.upload(SCRIPT, kind, "a.svg")).data
    answer = await site.ask("GET", f"/simulator/files/{file['id']}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\r\nX-Evil: 1", 'a";b', "\u202efdp.exe", "C:\\a\\b.jpg"])
async def test_a_name_cannot_lead_anywhere(site: Any, name: str) -> None:
    file = (await site.upload(PHOTO, name=name)).data
    assert not {"/", "\\", "\r", "\n", "\u202e"} & set(file["filename"])
    answer = await site.ask("GET", f"/simulator/files/{file['id']}")
    assert answer.status == 200
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-3", (0, 4)),
        ("bytes=5-", (5, None)),
        ("bytes=-5", (-5, None)),
        ("bytes=2-999999999", (2, None)),
    ],
)
async def test_a_player_gets_the_part_that_it_asks_for(site: Any, wanted: str, part: tuple[int, int | None]) -> None:
    file = (await site.upload(PHOTO)).data
    answer = await site.ask("GET", f"/simulator/files/{file['id']}", headers={"Range": wanted})
    assert (answer.status, answer.body) == (206, PHOTO[slice(*part)])
    first = PHOTO.index(answer.body) if part[0] else 0
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(answer.body) - 1}/{len(PHOTO)}"


@pytest.mark.parametrize("wanted", ["bytes=9-2", "bytes=-0", "bytes=-", "bytes=0-1,5-6", "bytes=x-", "lines=1-2"])
async def test_whoever_asks_for_no_part_gets_all(site: Any, wanted: str) -> None:
    file = (await site.upload(PHOTO)).data
    answer = await site.ask("GET", f"/simulator/files/{file['id']}", headers={"Range": wanted})
    assert (answer.status, answer.body) == (200, PHOTO)


async def test_an_empty_file_and_one_of_no_type_are_refused(site: Any) -> None:
    assert (await site.upload(b"")).status == 422
    assert (await site.upload(PHOTO, kind="photo")).status == 415


async def test_a_file_of_the_largest_size_is_taken(site: Any) -> None:
    answer = await site.upload(PHOTO + bytes(16 * MB - len(PHOTO)))
    assert (answer.status, answer.data["size"]) == (201, 16 * MB)


async def test_one_that_says_it_is_larger_is_refused_before_it_is_sent(site: Any) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    head = f"POST /simulator/files HTTP/1.1\r\nHost: {site.host}\r\nContent-Type: image/jpeg\r\n"
    writer.write(f"{head}Content-Length: {17 * MB}\r\n\r\n".encode())
    async with asyncio.timeout(5):
        answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()
    writer.close()


async def test_one_that_does_not_say_so_is_cut_off(site: Any) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    head = f"POST /simulator/files HTTP/1.1\r\nHost: {site.host}\r\nContent-Type: image/jpeg\r\n"
    writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
    chunk = b"%x\r\n" % MB + bytes(MB) + b"\r\n"
    answer = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
    for _ in range(17):
        writer.write(chunk)
        await writer.drain()
    async with asyncio.timeout(5):
        assert (await answer).startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_there_is_no_file_by_another_name(site: Any) -> None:
    for path in ("files/nothing", "media/nothing", "media/..%2f..%2fetc%2fpasswd"):
        assert (await site.ask("GET", f"/simulator/{path}")).status == 404


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (PHOTO, "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"OggS\0\2", "audio/ogg"),
        (b"ID3\3", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf1\x50", "audio/aac"),
        (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        (b"\0\0\0\x20ftypisom", "video/mp4"),
        (b"\x1aE\xdf\xa3", "video/webm"),
        (b"%PDF-1.7", ""),
        (b"PK\3\4", ""),
        (SCRIPT, ""),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_what_is_shown_is_told_by_its_bytes(start: bytes, kind: str) -> None:
    assert shown_type(start) == kind
