"""Pictures keep their pixels, their time and the way they are held, and lose everything that tells a place."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from lumiera.errors import MediaError
from lumiera.media import MediaStore
from lumiera.messages import StoredMedia

Keep = Callable[..., Awaitable[StoredMedia]]
PLACE = b"48.8584N 2.2945E"
TAKEN = "2026:11:20 08:15:00"


def opened(data: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(data))
    found.load()
    return found


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def says(data: bytes) -> dict[int, object]:
    """Return all EXIF tags of a picture, those of the shot and of the place among them."""
    exif = opened(data).getexif()
    return {**exif, **exif.get_ifd(0x8769), **{0x88250000 | tag: value for tag, value in exif.get_ifd(0x8825).items()}}


KEPT = {0x0112: 6, 0x9003: TAKEN, 0x9011: "+01:00"}


async def test_a_photo_keeps_its_pixels_to_the_last_bit(keep: Keep, store: MediaStore, jpeg: bytes) -> None:
    stored = await keep(jpeg)
    data = await store.get(stored.id)
    assert stored.content_type == "image/jpeg"
    assert stored.size == len(data)
    assert opened(data).tobytes() == opened(jpeg).tobytes()


async def test_of_all_that_a_photo_says_only_time_and_orientation_stay(
    keep: Keep, store: MediaStore, jpeg: bytes
) -> None:
    assert jpeg.count(PLACE) >= 7
    data = await store.get((await keep(jpeg)).id)
    assert PLACE not in data
    assert b"Camera of somebody" not in data
    assert {tag: value for tag, value in says(data).items() if tag != 0x8769} == KEPT
    assert not opened(data).getexif().get_ifd(0x8825)


async def test_a_photo_without_time_and_turned_by_nothing_keeps_no_exif_at_all(
    keep: Keep, store: MediaStore, picture: Image.Image
) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 1, PLACE.decode()
    data = await store.get((await keep(saved(picture, "JPEG", exif=exif))).id)
    assert b"Exif" not in data


@pytest.mark.parametrize("taken", ["yesterday at " + PLACE.decode(), "2026:11:20", "", "x" * 3000])
async def test_a_time_that_is_none_goes(keep: Keep, store: MediaStore, picture: Image.Image, taken: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = taken
    assert b"Exif" not in await store.get((await keep(saved(picture, "JPEG", exif=exif))).id)


@pytest.mark.parametrize(
    "exif", [b"", b"MM", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40, b"?" * 99]
)
async def test_exif_that_cannot_be_read_goes(keep: Keep, store: MediaStore, picture: Image.Image, exif: bytes) -> None:
    data = saved(picture, "JPEG")
    body = b"Exif\0\0" + exif
    spoilt = data[:2] + struct.pack(">BBH", 0xFF, 0xE1, len(body) + 2) + body + data[2:]
    assert b"Exif" not in await store.get((await keep(spoilt)).id)


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"restart_marker_blocks": 2}, {"optimize": True}, {"subsampling": 0}]
)
async def test_every_way_to_code_a_jpeg_comes_through(
    keep: Keep, store: MediaStore, picture: Image.Image, options: dict[str, Any]
) -> None:
    data = saved(picture, "JPEG", **options)
    assert opened(await store.get((await keep(data)).id)).tobytes() == opened(data).tobytes()


@pytest.mark.parametrize("mode", ["L", "CMYK"])
async def test_grey_and_printers_jpeg_come_through(
    keep: Keep, store: MediaStore, picture: Image.Image, mode: str
) -> None:
    data = saved(picture.convert(mode), "JPEG")
    found = opened(await store.get((await keep(data)).id))
    assert (found.mode, found.tobytes()) == (mode, opened(data).tobytes())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_small_colour_profile_stays_and_a_large_one_goes(
    keep: Keep, store: MediaStore, picture: Image.Image, kind: str
) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    small, large = (saved(picture, kind, icc_profile=one) for one in (profile, profile + bytes(range(256)) * 40))
    assert opened(await store.get((await keep(small)).id)).info["icc_profile"] == profile
    assert kind == "PNG" or "icc_profile" not in opened(await store.get((await keep(large)).id)).info


async def test_a_png_keeps_its_pixels_and_loses_its_words(
    keep: Keep, store: MediaStore, picture: Image.Image, exif: Image.Exif
) -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", PLACE.decode())
    words.add_text("Location", PLACE.decode(), zip=True)
    words.add_itxt("XML:com.adobe.xmp", PLACE.decode())
    alpha = picture.convert("RGBA")
    alpha.putalpha(picture.convert("L"))
    png = saved(alpha, "PNG", pnginfo=words, exif=exif)
    data = await store.get((await keep(png)).id)
    assert opened(data).tobytes() == alpha.tobytes()
    assert PLACE not in data
    assert "Comment" not in opened(data).info
    assert {tag: value for tag, value in says(data).items() if tag != 0x8769} == KEPT


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 70}], ids=["lossless", "lossy"])
async def test_a_webp_keeps_its_pixels_and_loses_its_words(
    keep: Keep, store: MediaStore, picture: Image.Image, exif: Image.Exif, options: dict[str, Any]
) -> None:
    webp = saved(picture, "WEBP", exif=exif, xmp=b"<x>" + PLACE + b"</x>", **options)
    stored = await keep(webp)
    data = await store.get(stored.id)
    assert stored.content_type == "image/webp"
    assert opened(data).tobytes() == opened(webp).tobytes()
    assert PLACE not in data
    assert {tag: value for tag, value in says(data).items() if tag != 0x8769} == KEPT


async def test_a_sticker_keeps_moving(keep: Keep, store: MediaStore, picture: Image.Image) -> None:
    webp = saved(picture, "WEBP", save_all=True, append_images=[picture.rotate(90)], duration=100, xmp=PLACE)
    data = await store.get((await keep(webp)).id)
    assert PLACE not in data
    with Image.open(io.BytesIO(data)) as found:
        assert getattr(found, "n_frames", 1) == 2


BEHIND = {
    "a page": b"<html><script>alert(1)</script></html>",
    "an archive": b"PK\3\4" + b"program" * 50,
    "another photo": b"\xff\xd8\xff\xe0" + PLACE,
}


@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_whatever_follows_the_end_of_a_picture_goes(
    keep: Keep, store: MediaStore, picture: Image.Image, kind: str, behind: bytes
) -> None:
    data = saved(picture, kind)
    stored = await keep(data + behind)
    assert behind not in await store.get(stored.id)
    assert stored.id == (await keep(data)).id


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
async def test_a_picture_that_was_cut_off_is_refused(
    keep: Keep, folder: Any, picture: Image.Image, kind: str, share: float
) -> None:
    data = saved(picture, kind, quality=95)
    with pytest.raises(MediaError, match=f"(?i)not a sound {kind}") as refusal:
        await keep(data[: int(len(data) * share)])
    assert refusal.value.user_message == "media-broken"
    assert not [path for path in folder.rglob("*") if path.is_file() and path.name != ".key"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_that_was_damaged_is_refused_or_kept_and_nothing_else(
    keep: Keep, store: MediaStore, picture: Image.Image, kind: str
) -> None:
    whole = saved(picture, kind)
    for at in range(2, len(whole), max(1, len(whole) // 150)):
        spoilt = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        try:
            stored = await keep(spoilt)
        except MediaError:
            continue
        opened(await store.get(stored.id))


@pytest.mark.parametrize("side", [20_000, 8_000], ids=["over Pillow's limit", "over ours"])
async def test_a_picture_that_unpacks_to_more_than_the_memory_holds_is_refused(keep: Keep, side: int) -> None:
    data = saved(Image.new("1", (8, 8)), "PNG")
    header = b"IHDR" + struct.pack(">II", side, side) + data[24:29]
    with pytest.raises(MediaError, match="million pixels") as refusal:
        await keep(data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:])
    assert refusal.value.user_message == "media-refused"


async def test_a_jpeg_of_a_thousand_scans_is_refused(keep: Keep, picture: Image.Image) -> None:
    data = saved(picture, "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    with pytest.raises(MediaError, match="not a sound JPEG"):
        await keep(data[:scan] + data[scan:-2] * 1000 + b"\xff\xd9")


async def test_a_picture_in_countless_parts_is_refused(keep: Keep, picture: Image.Image) -> None:
    jpeg, png, webp = (saved(picture, kind) for kind in ("JPEG", "PNG", "WEBP"))
    part = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    riff = webp[12:] + b"ALPH\0\0\0\0" * 25_000
    for data in (
        jpeg[:2] + b"\xff\xc4\0\2" * 25_000 + jpeg[2:],
        png[:33] + part * 25_000 + png[33:],
        webp[:4] + struct.pack("<I", len(riff) + 4) + b"WEBP" + riff,
    ):
        with pytest.raises(MediaError, match="not a sound"):
            await keep(data)


async def test_bytes_that_fill_up_a_jpeg_are_no_harm(keep: Keep, store: MediaStore, picture: Image.Image) -> None:
    data = saved(picture, "JPEG")
    assert await store.get((await keep(data[:2] + b"\xff" * 900_000 + data[2:])).id) == data


async def test_a_png_chunk_of_another_kind_is_left_behind(keep: Keep, store: MediaStore, picture: Image.Image) -> None:
    data = saved(picture, "PNG")
    body = b"hiDe" + PLACE
    chunk = struct.pack(">I", len(PLACE)) + body + struct.pack(">I", zlib.crc32(body))
    assert await store.get((await keep(data[:33] + chunk + data[33:])).id) == data
