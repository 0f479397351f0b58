"""Voice notes, music and videos: OGG, MP3, AAC, AMR, and MPEG-4 with its kin.

Each is followed to its end, part by part, so that what begins like a recording is one, and nothing follows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from lumiera_media.refusals import broken, refused

_MP3_BITRATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # kbit/s of MPEG 1, layer III
_MP3_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # of MPEG 2 and 2.5
_MP3_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_AMR_FRAMES = {b"#!AMR\n": (13, 14, 16, 18, 20, 21, 27, 32, 6), b"#!AMR-WB\n": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6)}
_HAS_VIDEO = re.compile(rb"hdlr.{8}vide", re.DOTALL)
# The boxes of MPEG-4 that play it. In all others anything may be hidden, the place above all: they are blanked.
_TOP = frozenset((b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"styp"))
_HOLDS_PLACE = frozenset((b"udta", b"meta", b"uuid", b"free", b"skip"))
_INSIDE = {b"": (b"moov", b"moof"), b"moov": (b"trak",), b"moof": (b"traf",), b"trak": (), b"traf": ()}
# More would only keep the machine busy: three hours of speech, and a film of as many pieces.
FRAMES, BOXES = 500_000, 20_000


def clean_ogg(data: bytes) -> tuple[str, bytes]:
    """Keep the pages; WhatsApp's voice notes are Opus in them."""
    at = 0
    while data[at : at + 4] == b"OggS" and at + 27 <= len(data):
        sizes = data[at + 27 : at + 27 + data[at + 26]]
        at += 27 + data[at + 26] + sum(sizes)
    if at > len(data):
        raise broken("OGG")
    first = data[27 + data[26] :] if len(data) > 27 else b""
    if not first.startswith((b"OpusHead", b"\x01vorbis")):
        raise refused("OGG with neither Opus nor Vorbis in it")
    return "ogg", data[:at]


def clean_mp3(data: bytes) -> tuple[str, bytes]:
    """Keep the frames; the tags before and behind them go."""
    start = 0
    if data.startswith(b"ID3"):
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=False))
        start += len(data[start:]) - len(data[start:].lstrip(b"\0"))  # padding
    end, frames = _follow(data, start, _mp3_frame)
    if frames < 2:  # one may be chance
        raise broken("MP3")
    return "mp3", data[start:end]


def clean_aac(data: bytes) -> tuple[str, bytes]:
    end, frames = _follow(data, 0, _aac_frame)
    if not frames:
        raise broken("AAC")
    return "aac", data[:end]


def clean_amr(data: bytes) -> tuple[str, bytes]:
    for magic, sizes in _AMR_FRAMES.items():
        if data.startswith(magic):
            end, frames = _follow(data, len(magic), partial(_amr_frame, sizes))
            if frames:
                return "amr", data[:end]
    raise broken("AMR")


def _follow(data: bytes, at: int, size_of: Callable[[bytes], int]) -> tuple[int, int]:
    """Return the end of the frames that begin at `at`, and how many they are; `size_of` tells one by its header."""
    frames = 0
    while frames < FRAMES and (size := size_of(data[at : at + 7])) and at + size <= len(data):
        at, frames = at + size, frames + 1
    return at, frames


def _mp3_frame(header: bytes) -> int:
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return 0
    kilobits = (_MP3_BITRATES if version == 3 else _MP3_BITRATES_2)[bitrate]
    return (144 if version == 3 else 72) * kilobits * 1000 // _MP3_RATES[version][rate] + (header[2] >> 1 & 1)


def _aac_frame(header: bytes) -> int:
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return size if size >= 7 else 0


def _amr_frame(sizes: Sequence[int], header: bytes) -> int:
    kind = header[0] >> 3 & 15 if header and not header[0] & 0x83 else 10
    if kind < len(sizes):
        return sizes[kind]
    return 1 if kind >= 14 else 0  # lost, or nothing


def clean_mpeg4(data: bytes) -> tuple[str, bytes]:
    """Keep the boxes in their places, since they point at each other; those that may tell the place are blanked."""
    brand = data[8:12]
    if brand[:2] not in (b"is", b"mp", b"av", b"M4", b"3g", b"MS", b"da") or brand == b"avif" or brand == b"avis":
        raise refused("a file of the MPEG-4 family that is no MP4, M4A or 3GP")  # such as HEIC, AVIF, MOV
    film = bytearray(data)
    kinds: list[bytes] = []
    _blank(film, 0, len(film), b"", kinds)
    if not {b"moov", b"mdat"} <= set(kinds):
        raise broken("MP4")
    if brand[:2] == b"3g":
        return "3gp", bytes(film)
    return ("mp4" if _HAS_VIDEO.search(film) else "m4a"), bytes(film)


def _blank(film: bytearray, at: int, end: int, within: bytes, kinds: list[bytes]) -> None:
    """Blank the boxes from `at` to `end`, inside a box or at the top, that do not play; adds the kinds of all."""
    while at < end:
        size, kind, head = int.from_bytes(film[at : at + 4], "big"), bytes(film[at + 4 : at + 8]), 8
        if size == 1:
            size, head = int.from_bytes(film[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end or len(kinds) == BOXES:
            raise broken("MP4")
        if kind in _HOLDS_PLACE or (not within and kind not in _TOP):
            film[at + 4 : at + 8] = b"free"
            film[at + head : at + size] = bytes(size - head)
        elif kind in _INSIDE[within]:
            _blank(film, at + head, at + size, kind, kinds)
        kinds.append(kind)
        at += size
