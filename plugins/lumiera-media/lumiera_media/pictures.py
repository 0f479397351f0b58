"""JPEG, PNG and WebP: taken apart and put together again from the parts that make the picture.

The pixels are not encoded again: the parts that hold them are copied as they are, and everything else is left behind.
What is left behind says where and with what the picture was taken, or holds another file: EXIF, XMP, IPTC, comments,
thumbnails, maker notes, second pictures, and whatever follows the end.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator

from lumiera_media.refusals import broken, refused

PIXELS = 50_000_000  # a small file may unpack to more than the memory holds
SCANS = 100  # of a progressive JPEG; each costs a pass over the whole picture
PARTS = 20_000  # of a file; those of real ones are a hundredth of it
PROFILE = 4096  # bytes of a colour profile; those of phones and cameras have 500 to 3200
ORIENTATION, EXIF_IFD, TAKEN_AT, TAKEN_AT_OFFSET = 0x0112, 0x8769, 0x9003, 0x9011
_TIME = re.compile(r"\d{4}(:\d\d){2} \d\d(:\d\d){2}")
_OFFSET = re.compile(r"[+-]\d\d:\d\d")
_MARKER = re.compile(rb"\xff+([\xc0-\xcf\xd9-\xfe])")
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def clean_jpeg(data: bytes) -> tuple[str, bytes]:
    """Copy the tables, frames and scans. Rotated photos keep their orientation, and their time."""
    exif, kept = b"", [b"\xff\xd8"]
    for marker, body, coded in _segments(data):
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            exif = exif or kept_exif(body[6:])
        elif marker == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14:
            kept.append(_segment(marker, body[:12] + b"\0\0"))  # without its thumbnail
        elif (marker == 0xE2 and _is_profile(body)) or (marker == 0xEE and body.startswith(b"Adobe")):
            kept.append(_segment(marker, body))
        elif marker < 0xE0:
            kept.append(_segment(marker, body) + coded)
    if exif:
        kept.insert(1, _segment(0xE1, b"Exif\0\0" + exif))
    return "jpg", _decoded(b"".join((*kept, b"\xff\xd9")), "JPEG")


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield marker, body and, of a scan, the coded picture up to the next marker. Stops at the end of the picture."""
    at, scans = 2, 0
    for _ in range(PARTS):
        found = _MARKER.match(data, at)
        if found is None:
            raise broken("JPEG")
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            return
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > len(data):
            raise broken("JPEG")
        start, at = at + 2, at + length
        coded = at
        if marker == 0xDA:
            scans += 1
            end = _END_OF_SCAN.search(data, at)
            if end is None or scans > SCANS:
                raise broken("JPEG")
            at = end.start()
        yield marker, data[start:coded], data[coded:at]
    raise broken("JPEG")


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _is_profile(body: bytes) -> bool:
    """Tell whether a segment holds a whole colour profile of the usual size: without it colours would be wrong."""
    return body.startswith(b"ICC_PROFILE\0\1\1") and body[50:54] == b"acsp" and len(body) <= PROFILE


def clean_png(data: bytes) -> tuple[str, bytes]:
    """Copy the chunks that make the picture and its colours; of a moving one the first picture stays."""
    exif, at = b"", 8
    kept: list[bytes] = []
    while True:
        length, kind = struct.unpack_from(">I4s", data, at) if at + 12 <= len(data) else (0, b"")
        body, chunk = data[at + 8 : at + 8 + length], data[at : at + 12 + length]
        if len(chunk) < 12 + length or (not kept and kind != b"IHDR") or len(kept) == PARTS:
            raise broken("PNG")
        if kind == b"eXIf":
            exif = exif or kept_exif(body)
        elif kind in _PNG_CHUNKS and not (kind == b"iCCP" and length > PROFILE):
            kept.append(chunk)
        if kind == b"IEND":
            break
        at += 12 + length
    if exif:
        checksum = zlib.crc32(b"eXIf" + exif)
        kept.insert(1, struct.pack(">I4s", len(exif), b"eXIf") + exif + struct.pack(">I", checksum))
    return "png", _decoded(data[:8] + b"".join(kept), "PNG")


_PNG_CHUNKS = frozenset((b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"IDAT", b"IEND"))


def clean_webp(data: bytes) -> tuple[str, bytes]:
    """Copy the chunks that make the picture, also a moving one, and its colours."""
    if data[8:12] != b"WEBP":
        raise refused("a RIFF file that is no WebP")  # such as WAV and AVI
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise broken("WebP")
    exif = b""
    kept: list[tuple[bytes, bytes]] = []
    for kind, body in _riff(data[12:end]):
        if kind == b"EXIF":
            exif = exif or kept_exif(body.removeprefix(b"Exif\0\0"))
        elif kind == b"ANMF":
            inner = [_riff_chunk(*one) for one in _riff(body[16:]) if one[0] in _WEBP_FRAME]
            kept.append((kind, body[:16] + b"".join(inner)))
        elif kind in (b"VP8X", b"ANIM", *_WEBP_FRAME) or (kind == b"ICCP" and len(body) <= PROFILE):
            kept.append((kind, body))
    if exif and kept and kept[0][0] == b"VP8X":
        kept.append((b"EXIF", exif))
    chunks = b"".join(_riff_chunk(kind, _flagged(body, kept) if kind == b"VP8X" else body) for kind, body in kept)
    return "webp", _decoded(b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks, "WebP")


_WEBP_FRAME = (b"VP8 ", b"VP8L", b"ALPH")


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(PARTS):
        if at >= len(data):
            return
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > len(data):
            raise broken("WebP")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    raise broken("WebP")


def _riff_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _flagged(header: bytes, kept: list[tuple[bytes, bytes]]) -> bytes:
    """Have the header of a WebP say of profile, EXIF and XMP what is so now."""
    kinds = {kind for kind, _ in kept}
    flags = header[:1][0] & 0x12 if header else 0  # alpha and animation stay
    return bytes([flags | 0x20 * (b"ICCP" in kinds) | 0x08 * (b"EXIF" in kinds)]) + header[1:]


def kept_exif(tiff: bytes) -> bytes:
    """Return new EXIF with only the orientation and the time when the picture was taken; empty if it has neither."""
    from PIL import Image  # 0.1 s: not at the start of the bot, and not in the event loop

    found, new = Image.Exif(), Image.Exif()
    try:
        found.load(tiff)
        orientation, times = found.get(ORIENTATION), found.get_ifd(EXIF_IFD)
    except Exception:  # Pillow raises whatever the malformed bytes lead to; then nothing of them is kept
        return b""
    if isinstance(orientation, int) and 1 < orientation <= 8:
        new[ORIENTATION] = orientation
    for tag, pattern in ((TAKEN_AT, _TIME), (TAKEN_AT_OFFSET, _OFFSET)):
        text = str(times.get(tag, "")).strip("\0 ")
        if pattern.fullmatch(text):
            new.get_ifd(EXIF_IFD)[tag] = text
    has_any = ORIENTATION in new or bool(new.get_ifd(EXIF_IFD))
    return new.tobytes().removeprefix(b"Exif\0\0") if has_any else b""


def _decoded(data: bytes, kind: str) -> bytes:
    """Return the picture if all of it can be decoded."""
    from PIL import Image  # as above

    try:
        with Image.open(io.BytesIO(data), formats=[kind.upper()]) as picture:
            if is_small := picture.width * picture.height <= PIXELS:
                picture.draft("RGB", (picture.width // 8 or 1, picture.height // 8 or 1))  # faster; only JPEG can
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        is_small = False
    except Exception as error:  # Pillow's decoders raise whatever the malformed bytes lead to
        raise broken(kind) from error
    if not is_small:
        raise refused(f"a picture of more than {PIXELS // 10**6} million pixels")
    return data
