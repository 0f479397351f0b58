"""The mistakes in files of texts: what `lumiera check` says of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lumiera.errors import Problem
from lumiera.loading import suggest
from lumiera.texts import Source, Texts, key_of

_VARIABLE = re.compile(r"\$([a-zA-Z][\w-]*)")


def missing(texts: Texts) -> list[tuple[str, str]]:
    """Return every key that a language lacks, with that language."""
    keys = {language: texts.messages(language).keys() for language in texts.languages}
    everything = dict.fromkeys(key for own in keys.values() for key in own if not key.startswith("-"))
    return [(key, language) for key in everything for language, own in keys.items() if key not in own]


def problems(texts: Texts) -> list[Problem]:
    """Return the mistakes in all files, each with file and line."""
    brought, mistakes = proofread(texts.sources, texts.languages)
    return [*mistakes, *clashes(brought), *odd_variables(brought, brought), *_in_overrides(texts, brought)]


def _in_overrides(texts: Texts, brought: Sequence[Entry]) -> list[Problem]:
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
    return [*strays, *mistakes, *unknown, *clashes(own), *odd_variables(own, brought)]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A message or term of a file."""

    key: str
    plugin: str
    language: str
    place: str
    variables: frozenset[str]


def proofread(sources: Iterable[Source], languages: Sequence[str]) -> tuple[list[Entry], list[Problem]]:
    """Return what the files hold and the mistakes of each by itself."""
    read = [found for source in sources for language in languages for found in _read(source, language)]
    return [one for one in read if isinstance(one, Entry)], [one for one in read if isinstance(one, Problem)]


def _read(source: Source, language: str) -> Iterator[Entry | Problem]:
    from fluent.syntax import ast

    path, text = source.files.get(language, (Path(), ""))

    def place(offset: int) -> str:
        return f"{path}:{text.count(chr(10), 0, offset) + 1}"

    if "\ufffd" in text:
        yield Problem(place(text.index("\ufffd")), "not UTF-8")
    for entry in source.parse(language):
        assert entry.span is not None, "the parser gives spans"
        if isinstance(entry, ast.Junk):
            for note in entry.annotations:
                yield Problem(place(note.span.start if note.span else entry.span.start), f"{note.message}.")
        elif isinstance(entry, ast.Message | ast.Term):
            start = entry.id.span.start if entry.id.span else entry.span.start  # the span begins with its comment
            variables = frozenset(_VARIABLE.findall(text, start, entry.span.end))
            key = key_of(entry)
            yield Entry(key=key, plugin=source.plugin, language=language, place=place(start), variables=variables)


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
