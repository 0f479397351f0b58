"""File names that users chose: to be shown, and for the download."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100
_SAME = {"jpg": ("jpeg",), "ogg": ("oga", "opus"), "mp4": ("m4v",), "3gp": ("3g2",)}
_RESERVED = re.compile(r'[<>:"|?*]')


def shown_name(filename: str, extension: str) -> str:
    """Return what may be shown of a name: no path, no invisible or turning characters, an ending that is true.

    An ending that is not of the file's type gets the one that is, so that nothing opens as a program.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", filename))[-1]
    visible = "".join(" " if char.isspace() else char for char in last if not _is_hidden(char))
    name = " ".join(_RESERVED.sub("", visible).split()).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot or ending.lower() not in (extension, *_SAME.get(extension, ())):
        stem, ending = name, extension
    stem = stem[: LONGEST - len(ending) - 1].rstrip(" .")
    return f"{stem}.{ending}" if stem else ""


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char)[0] == "C" and not char.isspace()
