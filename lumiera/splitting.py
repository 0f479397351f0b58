"""Cutting text to a length in UTF-16 units, as WhatsApp counts, where a reader minds it least."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
    return len(text) + sum(char > "\uffff" for char in text)


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


def split_tail(text: str, limit: int) -> tuple[str, str]:
    """Cut off a last part within `limit`: the last paragraph, line or sentence, else what splitting leaves over."""
    text = text.strip()
    if units(text) <= limit:
        return "", text
    whole = _spans(text)
    for boundary in _BOUNDARIES[:3]:
        cuts = [found.start(1) for found in boundary.finditer(text)]
        cut = next((cut for cut in reversed(cuts) if not _inside(cut, whole)), 0)
        if cut and units(tail := text[cut:].strip()) <= limit:
            return text[:cut].rstrip(), tail
    tail = split(text, limit)[-1]
    return text[: -len(tail)].rstrip(), tail


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
    whole = _spans(text[: 2 * limit])  # what ends later cannot stay whole
    for least, free in ((end // 2, True), (1, True), (1, False)):
        for places in _places(text, end, graphemes=least == 1):
            usable = [place for place in places if max(least, 1) <= place <= end]
            if cut := max((place for place in usable if not (free and _inside(place, whole))), default=0):
                return cut
    return end


def _places(text: str, end: int, *, graphemes: bool) -> Iterator[list[int]]:
    for boundary in _BOUNDARIES:
        yield [found.start(1) for found in boundary.finditer(text, 0, end + 2)]
    if graphemes:
        import regex  # type: ignore[import-untyped]  # 80 ms, for the rare text without a place to breathe

        yield [found.start() for found in regex.finditer(r"\X", text, pos=0, endpos=end + 2)]


def _fitting(text: str, limit: int) -> int:
    """Count the characters that fit: at least one, or splitting would not end."""
    used = 0
    for index, char in enumerate(text):
        used += 1 + (char > "\uffff")
        if used > limit:
            return max(index, 1)
    return len(text)


def _spans(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in _WHOLE.finditer(text)]


def _inside(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < place < end for start, end in spans)
