"""What a browser may show, told by the bytes of a file and not by what somebody says of it."""

from __future__ import annotations

import re

_KINDS = (
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"RIFF....WAVE", "audio/wav"),
    (rb"OggS", "audio/ogg"),
    (rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", "audio/mpeg"),
    (rb"\xff[\xf0\xf1\xf8\xf9]", "audio/aac"),
    (rb"#!AMR", "audio/amr"),
    (rb"....ftyp(?:avif|avis)", "image/avif"),
    (rb"....ftypM4[AB] ", "audio/mp4"),
    (rb"....ftyp(?:isom|iso\d|mp4\d|avc1|M4V |3g..|MSNV|dash)", "video/mp4"),
    (rb"\x1aE\xdf\xa3", "video/webm"),
)
_PATTERNS = [(re.compile(start, re.DOTALL), kind) for start, kind in _KINDS]


def shown_type(data: bytes) -> str:
    """Return the type of a picture, a recording or a film; empty for anything else."""
    return next((kind for pattern, kind in _PATTERNS if pattern.match(data)), "")
