"""Cutting text to a length in UTF-16 units, as WhatsApp counts, where a reader minds it least."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, takewhile

# Where a text may be cut, best first; the group is the white space that the cut swallows.
# A no-break space is none: French sets it before "!" and ":".
_BLANK = r"[^\S\u00a0\u202f]"
_BOUNDARIES = (
    re.compile(rf"({_BLANK}*\n{_BLANK}*\n)"),
    re.compile(rf"({_BLANK}*\n)"),
    re.compile(rf"[.!?…؟۔](?:[ \u00a0\u202f]?[»\"”’')\]])*({_BLANK}+)"),
    re.compile(rf"({_BLANK}+)"),
)
# What a cut spoils: code blocks, links, marked-up words, isolated stretches of the other direction.
_WHOLE = re.compile(
    r"```.+?```|(?:https?://|www\.)\S+|(?<!\w)([*_~`])(?=[^\s*_~`])[^\n]{1,200}?(?<=\S)\1(?!\w)|\u2068[^\u2069]*\u2069",
    re.DOTALL,
)


def units(text: str) -> int:
    """Return the length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int) -> list[str]:
    """Cut `text` into parts within `limit`: at paragraphs, lines, sentences, words, and only then at graphemes.

    Nothing but white space at the cuts is lost. Links, code blocks and marked-up words stay whole where they fit.
    """
    parts, rest = [], text.strip()
    while len(rest) > limit or units(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def shorten(text: str, limit: int) -> str:
    """Return `text` on one line within `limit`, cut at a word and ended with an ellipsis where it is longer."""
    text = " ".join(text.split())
    if units(text) <= limit:
        return text
    kept = text[: _fitting(text, limit - 1)]
    if text[len(kept)] != " ":
        kept = kept.rpartition(" ")[0] or split(text, limit - 1)[0]
    return kept.rstrip(" .,;:–-") + "…"


def _cut(text: str, limit: int) -> int:
    """Choose where the first part ends: a good place in the last half, any place, a place inside of what is whole."""
    end = _fitting(text, limit)
    whole = [found.span() for found in _WHOLE.finditer(text[: 2 * limit])]  # what ends later cannot stay whole
    for least, spared in ((end // 2, whole), (1, whole), (1, [])):
        for places in _places(text, end, graphemes=least == 1):
            usable = [place for place in places if max(least, 1) <= place <= end]
            free = [place for place in usable if not any(first < place < last for first, last in spared)]
            if free:
                return free[-1]
    return end


def _places(text: str, end: int, *, graphemes: bool) -> Iterator[list[int]]:
    for boundary in _BOUNDARIES:
        yield [found.start(1) for found in boundary.finditer(text, 0, end + 2)]
    if graphemes:
        import regex  # type: ignore[import-untyped]  # 80 ms, for the rare text without a place to breathe

        yield [found.start() for found in regex.finditer(r"\X", text, pos=0, endpos=end + 2)]


def _fitting(text: str, limit: int) -> int:
    """Count the characters that fit: at least one, or splitting would not end."""
    used = accumulate(units(char) for char in text)
    return max(sum(1 for _ in takewhile(lambda so_far: so_far <= limit, used)), 1)
