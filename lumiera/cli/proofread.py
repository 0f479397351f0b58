"""The mistakes in files of texts: what `lumiera check` says of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lumiera.channel import MORE, Capabilities, units
from lumiera.errors import Problem
from lumiera.loading import suggest
from lumiera.texts import Source, Texts, key_of

_VARIABLE = re.compile(r"\$([a-zA-Z][\w-]*)")
_REFERENCE = re.compile(r"\{\s*(-[a-zA-Z][\w-]*|[a-zA-Z][\w-]*(?=\s*[.}]))")  # of a term or a message


def missing(texts: Texts) -> list[tuple[str, str]]:
    """Return every key that a language lacks, with that language."""
    keys = {language: texts.messages(language).keys() for language in texts.languages}
    everything = dict.fromkeys(key for own in keys.values() for key in own if not key.startswith("-"))
    return [(key, language) for key in everything for language, own in keys.items() if key not in own]


def problems(texts: Texts, menu: Collection[str] = ()) -> list[Problem]:
    """Return the mistakes in all files, each with file and line; `menu` are the keys of the menu's rows."""
    brought, mistakes = proofread(texts.sources, texts.languages)
    found = [*mistakes, *clashes(brought), *odd_variables(brought, brought), *dead_references(brought, brought)]
    return [*found, *too_long(brought, brought, menu), *_in_overrides(texts, brought, menu)]


def _in_overrides(texts: Texts, brought: Sequence[Entry], menu: Collection[str]) -> list[Problem]:
    own, mistakes = proofread([texts.overrides], texts.languages)
    keys = {entry.key for entry in brought}
    strays = [
        Problem(str(path), f"{language!r} is none of the languages.{suggest(language, texts.languages)}")
        for language, (path, _) in texts.overrides.files.items()
        if language not in texts.languages
    ]
    unknown = [
        Problem(entry.place, f"unknown text {entry.key!r}.{suggest(entry.key, keys)}")
        for entry in own
        if entry.key not in keys and not entry.key.startswith("-")
    ]
    found = [*strays, *mistakes, *unknown, *clashes(own), *odd_variables(own, brought)]
    return [*found, *dead_references(own, [*brought, *own]), *too_long(own, brought, menu)]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A message or term of a file."""

    key: str
    plugin: str
    language: str
    place: str
    variables: frozenset[str]
    references: frozenset[str]  # keys of the texts that stand in this one
    is_typed: bool  # it says what else may be typed for it, as titles do
    length: int  # in UTF-16 units, without what is filled in


def proofread(sources: Iterable[Source], languages: Sequence[str]) -> tuple[list[Entry], list[Problem]]:
    """Return what the files hold and the mistakes of each by itself."""
    found = list(sources)
    entries = [entry for source in found for language in languages for entry in _read(source, language)]
    return entries, [mistake for source in found for mistake in source.mistakes()]


def _read(source: Source, language: str) -> Iterator[Entry]:
    from fluent.syntax import ast

    path, text = source.files.get(language, (Path(), ""))

    def place(offset: int) -> str:
        return f"{path}:{text.count(chr(10), 0, offset) + 1}"

    for entry in source.parse(language):
        assert entry.span is not None, "the parser gives spans"
        if isinstance(entry, ast.Message | ast.Term):
            start = entry.id.span.start if entry.id.span else entry.span.start  # the span begins with its comment
            value = entry.value.elements if entry.value else ()
            yield Entry(
                key=key_of(entry),
                plugin=source.plugin,
                language=language,
                place=place(start),
                variables=frozenset(_VARIABLE.findall(text, start, entry.span.end)),
                references=frozenset(_REFERENCE.findall(text, start, entry.span.end)),
                is_typed=any(attribute.id.name == "also" for attribute in entry.attributes),
                length=sum(units(getattr(element, "value", "")) for element in value),
            )


def clashes(entries: Iterable[Entry]) -> Iterator[Problem]:
    """Yield the keys that stand in two plugins, or twice in a file; each once, whatever the languages."""
    owners: dict[tuple[str, str], Entry] = {}
    told: set[tuple[str, str, str]] = set()
    for entry in entries:
        other = owners.setdefault((entry.language, entry.key), entry)
        names = (entry.key, other.plugin, entry.plugin)
        if other is entry or names in told:
            continue
        told.add(names)
        if other.plugin == entry.plugin:
            yield Problem(entry.place, f"text {entry.key!r} stands at {other.place} already; remove one.")
        else:
            what = f"text {entry.key!r} of {entry.plugin!r} is also one of {other.plugin!r}; rename one."
            yield Problem(entry.place, what)


def odd_variables(entries: Iterable[Entry], among: Iterable[Entry]) -> Iterator[Problem]:
    """Yield the variables that no other text of the key among those has: most are misspelt."""
    by_key: dict[str, list[Entry]] = {}
    for entry in among:
        by_key.setdefault(entry.key, []).append(entry)
    for entry in entries:
        others = [other.variables for other in by_key.get(entry.key, ()) if other is not entry]
        known = frozenset[str]().union(*others)
        for odd in sorted(entry.variables - known) if others else ():
            yield Problem(entry.place, f"text {entry.key!r}: no other has the variable {odd!r}.{suggest(odd, known)}")


def dead_references(entries: Iterable[Entry], among: Iterable[Entry]) -> Iterator[Problem]:
    """Yield what a text wants to show of another one, which its language does not have."""
    there = {(other.language, other.key) for other in among}
    for entry in entries:
        for key in sorted(entry.references):
            if (entry.language, key) not in there:
                known = [other for language, other in there if language == entry.language]
                what = f"text {entry.key!r} shows the text {key!r}, which there is not.{suggest(key, known)}"
                yield Problem(entry.place, what)


def titles_among(entries: Iterable[Entry], menu: Collection[str]) -> set[str]:
    """Return the keys of the texts that stand on buttons and rows."""
    return {entry.key for entry in entries if entry.is_typed}.union(menu)


def room(key: str, titles: Collection[str], menu: Collection[str]) -> int:
    """Return how many characters a phone shows of a text, by the limits of the channels that draw choices."""
    limits = Capabilities()
    if key not in titles:
        return limits.body
    return limits.row_title if _is_row(key, menu) else limits.button_title


def _is_row(key: str, menu: Collection[str]) -> bool:
    return key in menu or key == MORE


def too_long(entries: Iterable[Entry], among: Iterable[Entry], menu: Collection[str]) -> Iterator[Problem]:
    """Yield the texts that a phone cannot show whole."""
    titles = titles_among(among, menu)
    for entry in entries:
        most, place = room(entry.key, titles, menu), "a row" if _is_row(entry.key, menu) else "a button"
        if entry.length > most:
            what = f"text {entry.key!r} has {entry.length} characters; {place} holds {most}: "
            if entry.key in (MORE, "choose"):
                what += "it is cut. Shorten it."
            elif entry.key in titles:
                what += "its choices are drawn otherwise, or only written. Shorten it."
            else:
                what = f"text {entry.key!r} has {entry.length} characters: over {most}, choices go with its end only."
            yield Problem(entry.place, what)
