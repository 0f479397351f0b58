"""What is let in is told by its bytes: recordings, videos, documents, contacts; nothing that a machine would run."""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from lumiera.errors import MediaError
from lumiera.media import MediaStore
from lumiera.messages import StoredMedia

Keep = Callable[..., Awaitable[StoredMedia]]
Archive = Callable[..., bytes]
PLACE = b"+48.8584+002.2945/"
JUNK = b"<script>alert(1)</script>"


def page(body: bytes) -> bytes:
    """Return a page of OGG."""
    sizes = [255] * (len(body) // 255) + [len(body) % 255]
    return b"OggS" + bytes(22) + bytes([len(sizes), *sizes]) + body


def box(kind: bytes, *inside: bytes) -> bytes:
    """Return a box of MPEG-4."""
    body = b"".join(inside)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def film(brand: bytes, *inside: bytes, handler: bytes = b"vide") -> bytes:
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(13))), box(b"udta", PLACE))
    return (
        box(b"ftyp", brand, bytes(4)) + box(b"moov", box(b"mvhd", bytes(100)), track, *inside) + box(b"mdat", b"abcdef")
    )


OGG = page(b"OpusHead" + bytes(11)) + page(b"OpusTags" + bytes(20)) + page(bytes(600))
MP3 = (b"\xff\xfb\x90\x00" + bytes(413)) * 3  # 128 kbit/s, 44.1 kHz
AAC = (b"\xff\xf1\x50\x80" + bytes([32 >> 3, (32 & 7) << 5, 0xFC]) + bytes(25)) * 3
AMR = b"#!AMR\n" + (b"\x3c" + bytes(31)) * 4
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Żaneta\r\nTEL:+33600000001\r\nEND:VCARD\r\n".encode()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
MAIN = {
    "docx": "wordprocessingml.document",
    "xlsx": "spreadsheetml.sheet",
    "pptx": "presentationml.presentation",
}


def parts(kind: str, **more: bytes) -> dict[str, bytes]:
    main = f'<Override ContentType="application/vnd.openxmlformats-officedocument.{MAIN[kind]}.main+xml"/>'
    return {"[Content_Types].xml": main.encode(), "main.xml": b"words", **more}


LET_IN = {
    "audio/ogg": OGG,
    "audio/mpeg": MP3,
    "audio/aac": AAC,
    "audio/amr": AMR,
    "audio/mp4": film(b"M4A ", handler=b"soun"),
    "video/mp4": film(b"isom"),
    "video/3gpp": film(b"3gp5"),
    "application/pdf": PDF,
    "application/msword": OLE + "WordDocument".encode("utf-16-le"),
    "application/vnd.ms-excel": OLE + "Workbook".encode("utf-16-le"),
    "application/vnd.ms-powerpoint": OLE + "PowerPoint Document".encode("utf-16-le"),
    "text/vcard": VCARD,
    "text/plain": "Le béton arrive à 7 h < 8 h.\r\n\tPlac, ściana, جدار 👷\n".encode(),
}


@pytest.mark.parametrize("content_type", LET_IN)
async def test_a_file_is_what_its_bytes_say(keep: Keep, store: MediaStore, content_type: str) -> None:
    stored = await keep(LET_IN[content_type], "photo.jpg")
    assert stored.content_type == content_type
    assert stored.size == len(await store.get(stored.id))


@pytest.mark.parametrize("kind", MAIN)
async def test_an_office_file_is_let_in(keep: Keep, store: MediaStore, archive: Archive, kind: str) -> None:
    data = archive(parts(kind, **{"xl/printerSettings/printerSettings1.bin": b"A4"}))
    stored = await keep(data, f"plan.{kind}")
    assert stored.content_type == f"application/vnd.openxmlformats-officedocument.{MAIN[kind]}"
    assert await store.get(stored.id) == data


REFUSED = {
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "SVG with a head": b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg onload="x()"/>',
    "HTML": b"<!DOCTYPE html><html><body>hello</body></html>",
    "HTML in words": b"some words\n<IMG src=x onerror=alert(1)>",
    "HTML in another alphabet": "\ufeff<html></html>".encode("utf-16"),
    "script": b"#!/bin/sh\nrm -rf /\n",
    "PHP": b"<?php system($_GET['c']); ?>",
    "Windows program": b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200),
    "Linux program": b"\x7fELF\x02\x01\x01" + bytes(200),
    "class": b"\xca\xfe\xba\xbe\0\0\0\x34",
    "GIF": b"GIF89a" + bytes(40),
    "BMP": b"BM" + bytes(60),
    "TIFF": b"II*\0" + bytes(60),
    "WAV": b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
    "AVI": b"RIFF\x24\0\0\0AVI LIST" + bytes(40),
    "HEIC": film(b"heic"),
    "AVIF": film(b"avif"),
    "MOV": film(b"qt  "),
    "FLAC": b"fLaC\0\0\0\x22" + bytes(40),
    "OGG with a film": page(b"\x80theora" + bytes(30)),
    "gzip": b"\x1f\x8b\x08" + bytes(40),
    "RAR": b"Rar!\x1a\x07\x00" + bytes(40),
    "installer": OLE,
    "old Office with macros": OLE + "WordDocument_VBA_PROJECT".encode("utf-16-le"),
    "Latin-1": "Béton à 7 h".encode("latin-1"),
    "words with a bell": b"words\x07\x1b[31m",
}  # fmt: skip


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
async def test_what_is_on_no_list_is_refused_whatever_its_name(keep: Keep, folder: Any, data: bytes) -> None:
    with pytest.raises(MediaError, match="is not let in") as refusal:
        await keep(data, "photo.jpg")
    assert refusal.value.user_message == "media-refused"
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [".key"]


ARCHIVES: Mapping[str, Mapping[str, bytes]] = {
    "plain archive": {"setup.exe": b"MZ"},
    "Android package": {"AndroidManifest.xml": b"", "classes.dex": b""},
    "types of nothing": {"[Content_Types].xml": b"<Types/>"},
    "Word with macros": parts("docx", **{"word/vbaProject.bin": b""}),
    "Word with controls": parts("docx", **{"word/activeX/activeX1.bin": b""}),
    "Word with a program": parts("docx", **{"word/media/photo.exe": b""}),
    "Word with an object": parts("docx", **{"word/embeddings/oleObject1.bin": b""}),
    "macro Word": {"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml"},
}


@pytest.mark.parametrize("files", ARCHIVES.values(), ids=ARCHIVES)
async def test_an_archive_that_is_no_harmless_office_file_is_refused(
    keep: Keep, archive: Archive, files: Mapping[str, bytes]
) -> None:
    with pytest.raises(MediaError, match="is not let in"):
        await keep(archive(files), "plan.docx")


async def test_a_zip_bomb_is_refused_without_unpacking_it(keep: Keep, archive: Archive) -> None:
    small = archive(parts("docx", **{"word/document.xml": bytes(900_000)}))
    lying = small.replace(struct.pack("<I", 900_000), struct.pack("<I", 3_000_000_000))
    assert lying != small
    with pytest.raises(MediaError, match="unpacks to more than 512 MB"):
        await keep(lying)


async def test_a_bomb_in_the_list_of_types_is_read_no_further_than_a_mebibyte(keep: Keep, archive: Archive) -> None:
    bomb = archive({"[Content_Types].xml": b" " * 64 * 2**20 + parts("docx")["[Content_Types].xml"]})
    assert len(bomb) < 100_000
    with pytest.raises(MediaError, match="is not let in"):
        await keep(bomb)


async def test_an_archive_of_countless_entries_is_not_even_listed(keep: Keep, archive: Archive) -> None:
    data = bytearray(archive(parts("docx")))
    data[-10:-6] = struct.pack("<I", 40_000_000)
    with pytest.raises(MediaError, match="too many entries"):
        await keep(bytes(data))


@pytest.mark.parametrize("behind", [b"<html></html>", b"x"])
async def test_an_archive_with_something_behind_it_is_refused(keep: Keep, archive: Archive, behind: bytes) -> None:
    for data in (archive(parts("docx")) + behind, archive(parts("docx"), comment=behind)):
        with pytest.raises(MediaError, match="something behind it"):
            await keep(data)


@pytest.mark.parametrize("at", [50, 60, -80])
async def test_an_archive_that_cannot_be_read_is_refused(keep: Keep, archive: Archive, at: int) -> None:
    data = bytearray(archive(parts("docx")))
    data[at : at + 8] = b"spoilt!!"
    with pytest.raises(MediaError, match="not a sound Office file"):
        await keep(bytes(data))


@pytest.mark.parametrize("recording", [OGG, MP3, AAC, AMR], ids=["OGG", "MP3", "AAC", "AMR"])
async def test_whatever_follows_a_recording_goes(keep: Keep, store: MediaStore, recording: bytes) -> None:
    stored = await keep(recording + JUNK + b"PK\3\4")
    assert await store.get(stored.id) == recording


async def test_what_follows_a_document_goes(keep: Keep, store: MediaStore) -> None:
    assert await store.get((await keep(PDF + b"\r\n" + JUNK)).id) == PDF + b"\n"


async def test_the_tags_of_a_song_go(keep: Keep, store: MediaStore) -> None:
    tag = b"ID3\x04\0\0\0\0\x01\x00" + PLACE.ljust(128, b"\0") + bytes(50)
    assert await store.get((await keep(tag + MP3 + b"TAG" + bytes(125))).id) == MP3


async def test_a_video_keeps_its_length_and_loses_its_place(keep: Keep, store: MediaStore) -> None:
    data = film(b"mp42", box(b"meta", b"com.apple.quicktime.location.ISO6709", PLACE), box(b"udta", b"\xa9xyz", PLACE))
    data += box(b"uuid", PLACE) + box(b"free", PLACE) + box(b"zip ", b"PK\3\4", PLACE)
    kept = await store.get((await keep(data)).id)
    assert data.count(PLACE) == 6
    assert PLACE not in kept
    assert len(kept) == len(data)
    assert kept.index(b"abcdef") == data.index(b"abcdef")
    assert kept.count(b"free") == 6


@pytest.mark.parametrize("depth", [3, 100_000])
async def test_boxes_within_boxes_lead_nowhere(keep: Keep, depth: int) -> None:
    inner = b"".join(struct.pack(">I4s", 8 * (depth - n) + 8, b"moov") for n in range(depth))
    data = box(b"ftyp", b"isom", bytes(4)) + inner + box(b"free") + box(b"mdat")
    assert (await keep(data)).content_type == "audio/mp4"


BROKEN = {
    "video without a film": box(b"ftyp", b"isom", bytes(4)) + box(b"free", bytes(9)),
    "video cut off": film(b"isom")[:-3],
    "video with a box of no size": film(b"isom") + struct.pack(">I4s", 3, b"free"),
    "voice cut off": OGG[:-30],
    "one frame": b"\xff\xfb\x90\x00" + bytes(413),
    "AAC without a frame": b"\xff\xf1" + bytes(20),
    "AMR without a frame": b"#!AMR\n",
    "AMR of another make": b"#!AMR_MC1.0\n" + bytes(40),
    "PDF cut off": PDF[:-8],
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
async def test_a_recording_or_document_that_is_not_whole_is_refused(keep: Keep, data: bytes) -> None:
    with pytest.raises(MediaError, match="not a sound") as refusal:
        await keep(data)
    assert refusal.value.user_message == "media-broken"


async def test_a_film_in_countless_pieces_is_refused(keep: Keep) -> None:
    with pytest.raises(MediaError, match="not a sound MP4"):
        await keep(film(b"isom") + box(b"free") * 100_000)


async def test_a_text_of_megabytes_is_refused(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lumiera_media.documents.TEXT", 1000)
    with pytest.raises(MediaError, match="which no text is") as refusal:
        await keep(b"x" * 1001)
    assert refusal.value.user_message == "media-too-large"


@pytest.mark.parametrize(
    "data", [b"\xff", b"\xff\xfb", b"\xff\xf1", b"\xff\xd8\xff", b"OggS", b"ID3", b"RIFF", b"%PDF-", b"PK\3\4"]
)
async def test_a_file_that_only_begins_is_refused(keep: Keep, data: bytes) -> None:
    with pytest.raises(MediaError):
        await keep(data)


async def test_a_recording_of_countless_empty_frames_is_followed_only_so_far(
    keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lumiera_media.recordings.FRAMES", 1000)
    assert (await keep(b"#!AMR\n" + b"\x7c" * 500_000)).size == 1006
