"""The store by itself, and files that say too much."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from lumiera_media import FolderStore
from PIL import Image

from lumiera.config import Config, MediaFiles
from lumiera.media import MediaStore
from lumiera.messages import StoredMedia
from lumiera.turn import Bot

PLACE = b"48.8584N 2.2945E"
TAKEN = "2026:11:20 08:15:00"
Keep = Callable[..., Awaitable[StoredMedia]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
async def store(folder: Path) -> MediaStore:
    """Return the store by itself, as it is open in a bot that keeps files of a megabyte at most."""
    config = Config(media=MediaFiles(path=folder, largest=1))
    opened = FolderStore()
    await opened.open(cast("Bot", SimpleNamespace(config=config, now=lambda: datetime.now(UTC))))
    return opened


@pytest.fixture
def keep(store: MediaStore) -> Keep:
    async def put(data: bytes, filename: str = "") -> StoredMedia:
        async def chunks() -> AsyncIterator[bytes]:
            for at in range(0, len(data), 1000):
                yield data[at : at + 1000]

        return await store.put(chunks(), filename=filename)

    return put


@pytest.fixture
def picture() -> Image.Image:
    """Return a picture in which every pixel counts."""
    gradient = Image.linear_gradient("L").resize((64, 48))
    return Image.merge("RGB", (gradient, gradient.rotate(180), gradient.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))


@pytest.fixture
def exif() -> Image.Exif:
    """Return EXIF as phones write it: place, camera, maker note, words, and the time."""
    found = Image.Exif()
    found[0x0112], found[0x010F], found[0x010E] = 6, "Camera of somebody", PLACE.decode()
    found[0x0132] = "2026:11:21 00:00:00"
    shot = found.get_ifd(0x8769)
    shot[0x9003], shot[0x9011], shot[0x927C], shot[0x9286] = TAKEN, "+01:00", b"Maker" + PLACE, PLACE
    place = found.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (48.0, 51.0, 30.0), "E", (2.0, 17.0, 40.0)
    return found


@pytest.fixture
def jpeg(picture: Image.Image, exif: Image.Exif) -> bytes:
    """Return a photo with everything in it that may tell a place, each marked with the word."""
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=PLACE, xmp=b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>", quality=80)
    segments = [(0xED, b"Photoshop 3.0\x008BIM" + PLACE), (0xE0, b"JFXX\0\x10" + PLACE), (0xE2, b"FPXR\0" + PLACE)]
    extra = b"".join(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in segments)
    return out.getvalue()[:2] + extra + out.getvalue()[2:]


@pytest.fixture
def archive() -> Callable[..., bytes]:
    """Make a zip archive of names and contents."""

    def make(files: Mapping[str, bytes], comment: bytes = b"") -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            for name, data in files.items():
                made.writestr(name, data)
            made.comment = comment
        return out.getvalue()

    return make
