"""Files of texts as they were read, and the mistakes in them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lumiera.errors import Problem

if TYPE_CHECKING:
    from fluent.syntax import ast

_VARIABLE = re.compile(r"\$([a-zA-Z][\w-]*)")


@dataclass(frozen=True, kw_only=True)
class Source:
    """The `<language>.ftl` files of a plugin, or of the operator."""

    plugin: str
    files: Mapping[str, tuple[Path, str]]  # by language

    @classmethod
    def read(cls, plugin: str, folder: Path) -> Source:
        """Read a folder, which may be missing; raises `OSError` for a file that cannot be read."""
        paths = sorted(folder.glob("*.ftl"))
        files = {path.stem: (path, path.read_text(encoding="utf-8-sig", errors="replace")) for path in paths}
        return cls(plugin=plugin, files=files)

    def parse(self, language: str, *, spans: bool = False) -> list[ast.EntryType]:
        from fluent.syntax import FluentParser  # with fluent.runtime 0.1 s, so not at import

        _, text = self.files.get(language, (None, ""))
        return FluentParser(with_spans=spans).parse(text).body


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A message or term of a file."""

    key: str
    plugin: str
    language: str
    place: str
    variables: frozenset[str]


def key_of(entry: ast.Message | ast.Term) -> str:
    """Return the key of a message; that of a term begins with a dash."""
    return entry.id.name if type(entry).__name__ == "Message" else f"-{entry.id.name}"


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
    for entry in source.parse(language, spans=True):
        assert entry.span is not None, "parsed with spans"
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


def suggest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
