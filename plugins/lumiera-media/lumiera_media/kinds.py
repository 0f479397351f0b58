"""The kinds of files that are let in, told by their bytes.

The table is ours: the libraries that guess types know hundreds by their first bytes, where a store needs a score of
them, each looked at to its end.
"""

from __future__ import annotations

from collections.abc import Callable

from lumiera_media.documents import clean_old_office, clean_pdf, clean_text, clean_zip
from lumiera_media.pictures import clean_jpeg, clean_png, clean_webp
from lumiera_media.recordings import clean_aac, clean_amr, clean_mp3, clean_mpeg4, clean_ogg

Clean = Callable[[bytes], tuple[str, bytes]]

_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = {  # by the extension that ends an id
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "m4a": "audio/mp4",
    "amr": "audio/amr",
    "mp4": "video/mp4",
    "3gp": "video/3gpp",
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pptx": f"{_OFFICE}.presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "vcf": "text/vcard",
    "txt": "text/plain",
}
_STARTS: tuple[tuple[int, bytes, Clean], ...] = (
    (0, b"\xff\xd8\xff", clean_jpeg),
    (0, b"\x89PNG\r\n\x1a\n", clean_png),
    (0, b"RIFF", clean_webp),
    (0, b"OggS", clean_ogg),
    (0, b"ID3", clean_mp3),
    (0, b"#!AMR", clean_amr),
    (4, b"ftyp", clean_mpeg4),
    (0, b"%PDF-", clean_pdf),
    (0, b"PK\3\4", clean_zip),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", clean_old_office),
)


def clean(data: bytes) -> tuple[str, bytes]:
    """Return a file's extension and what of it is kept; raises `MediaError` for one that is not let in.

    Takes up to a second: for a thread.
    """
    return _cleaner(data)(data)


def _cleaner(data: bytes) -> Clean:
    for at, start, found in _STARTS:
        if data.startswith(start, at):
            return found
    if len(data) > 1 and data[0] == 0xFF:  # frames without a header of the file
        return {0xF0: clean_aac, 0xF2: clean_mp3, 0xE2: clean_mp3}.get(data[1] & 0xF6, clean_text)
    return clean_text
