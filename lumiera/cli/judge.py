"""Judges what reviewers made of the texts, row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fluent.syntax import ast
from fluent.syntax.visitor import Visitor

from lumiera.cli.proofread import Entry, dead_references, odd_variables, proofread, too_long
from lumiera.cli.reviews import NOTHING, Catalogue, Review
from lumiera.cli.sheets import Row, is_reviewed
from lumiera.cli.wording import ALSO, Change, Wording, mark, source_of
from lumiera.errors import ConfigError, Problem
from lumiera.intents import normalise
from lumiera.loading import suggest
from lumiera.texts import Source, key_of, parse

FUNCTIONS = ("NUMBER", "DATETIME")  # that Fluent has
# What Arabic and emoji join their letters with is none of them.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\xad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_BEGINS = re.compile(r"(?<=\n) *([\[.*}])")
_MEANS = 'a line begins with {0}, which means something else there: write {{ "{0}" }} for it.'


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a row comes to."""

    row: Row
    change: Change
    review: Review | None = None
    note: str = ""  # why a yes does not count


class _Functions(Visitor):
    """Collects the functions that a text calls."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def visit_FunctionReference(self, node: ast.FunctionReference) -> None:  # noqa: N802 - the library's name
        self.names.append(node.id.name)
        self.generic_visit(node)


class Judge:
    """Judges rows by the texts as they are."""

    def __init__(self, catalogue: Catalogue, into: Path | None) -> None:
        self._catalogue, self._into = catalogue, into
        texts = catalogue.texts
        self._brought, _ = proofread(texts.sources, texts.languages)
        own, _ = proofread([texts.overrides], texts.languages)
        self._entries = [*self._brought, *own]
        self._home = catalogue.source_in(into) if into else None

    def verdict(self, row: Row) -> Verdict:
        """Return what becomes of a row; raises `ConfigError` with all that is wrong with it."""
        self._check_names(row)
        now = self._catalogue.words(row.language).get(row.key, NOTHING)
        row = replace(row, also=now.also if row.also is None else row.also)
        given = _given(row)
        # What the reviewer did not touch stays as it is, also where it has been changed since.
        if given == now or row.version == given.mark:
            return self._agreed(row, now, {})
        home = self._catalogue.owners[row.key]
        if self._home and home != self._home.plugin:
            raise _wrong(row, f"a text of {home!r}, which is not in {self._into}. Import it without --into.")
        if row.version and row.version != now.mark:
            raise _wrong(row, "it was changed since this table was exported. Export it again, and change it there.")
        change = {name: cell for name, cell in (("", given.text), (ALSO, given.also)) if cell != _part(now, name)}
        self._check(row, change, now)
        return self._agreed(row, given, change)

    def _check_names(self, row: Row) -> None:
        languages, owners = self._catalogue.texts.languages, self._catalogue.owners
        if row.language not in languages:
            raise _wrong(row, f"{row.language!r} is none of the languages.{suggest(row.language, languages)}", key="")
        if row.key not in owners:
            raise _wrong(row, f"unknown text {row.key!r}.{suggest(row.key, owners)}", key="")

    def _agreed(self, row: Row, words: Wording, change: Change) -> Verdict:
        """Take a yes for what the reviewer saw, if that is what there is and nobody has said it yet."""
        if not is_reviewed(row) or (not change and self._catalogue.is_reviewed(row.key, row.language)):
            return Verdict(row=row, change=change)
        internal = self._catalogue.internal
        original = row.text if row.language == internal else self._catalogue.words(internal).get(row.key, NOTHING).text
        if note := self._doubt(row, words, original):
            return Verdict(row=row, change=change, note=note)
        against = f"{internal}:{mark(original)}"
        review = Review(key=row.key, language=row.language, text=words.mark, against=against)
        return Verdict(row=row, change=change, review=review)

    def _doubt(self, row: Row, words: Wording, original: str) -> str:
        """Say why a yes does not count: the reviewer saw something else; empty if it counts."""
        internal = self._catalogue.internal
        if self._home and self._catalogue.owners[row.key] != self._home.plugin:
            return f"it is no text in {self._into}"
        if not words.text or words != _given(row):
            return "it was changed since this table was exported"
        if row.language == internal or row.original == original:
            return ""
        is_told = row.original is not None
        return f"its original in {internal!r} is another one now" if is_told else "the column 'original' is missing"

    def _check(self, row: Row, change: Change, now: Wording) -> None:
        if any(not cell for cell in change.values()):
            raise _wrong(row, "it is empty. Leave what stood there, or write other words.")
        if any(_UNSEEN.search(cell) for cell in change.values()):
            raise _wrong(row, "it has a character that nobody can see. Type it anew.")
        entry = self._parsed(row)
        others = [one for one in self._brought if one.key == entry.key]
        found = [*odd_variables([entry], [entry, *others]), *dead_references([entry], [entry, *self._entries])]
        if row.key in self._catalogue.titles:
            found += too_long([entry], self._brought, self._catalogue.menu)
        found += self._lost(row, entry, now)
        if found:
            raise ConfigError(found)

    def _parsed(self, row: Row) -> Entry:
        """Return the text as the proofreader has it; raises `ConfigError` where it is no Fluent."""
        key = row.key.partition(".")[0]
        text = source_of(key, {"": row.text, **({ALSO: row.also} if row.also else {})})
        source = Source(plugin="", files={row.language: (Path(row.place), text)})
        mistakes = list(source.mistakes())
        if mistakes and (odd := _BEGINS.search(row.text)) and "->" not in row.text:
            raise _wrong(row, _MEANS.format(odd[1]))
        if mistakes:
            raise ConfigError([Problem(row.place, f"text {row.key!r}: {one.message}") for one in mistakes])
        entries = [entry for entry in parse(text) if isinstance(entry, ast.Message | ast.Term)]
        attributes = [one.id.name for entry in entries for one in entry.attributes]
        if [key_of(entry) for entry in entries] != [key] or attributes != ([ALSO] if row.also else []):
            raise _wrong(row, _MEANS.format("."))
        functions = _Functions()
        functions.visit(entries[0])
        if strange := [name for name in functions.names if name not in FUNCTIONS]:
            raise _wrong(row, f"there is no function {strange[0]!r}.{suggest(strange[0], FUNCTIONS)}")
        [entry], _ = proofread([source], [row.language])
        return replace(entry, place=row.place)

    def _lost(self, row: Row, entry: Entry, now: Wording) -> Iterator[Problem]:
        """Yield the variables that the text had, or its original has where there was none."""
        language = row.language if now.text else self._catalogue.internal
        before = [one for one in self._entries if (one.key, one.language) == (entry.key, language)]
        if "." not in row.key:
            for name in sorted(frozenset[str]().union(*(one.variables for one in before)) - entry.variables):
                yield Problem(row.place, f"text {row.key!r} has lost the variable {{ ${name} }}.")

    def clashes(self, verdicts: Sequence[Verdict]) -> Iterator[Problem]:
        """Yield the labels that nobody could tell from another one of the same menu any more."""
        new = {(one.row.language, one.row.key): one.row.text for one in verdicts if "" in one.change}
        for row in (one.row for one in verdicts if "" in one.change and one.row.key in self._catalogue.titles):
            for other in sorted(self._catalogue.titles - {row.key}):
                words = self._catalogue.words(row.language).get(other, NOTHING).text
                theirs = new.get((row.language, other), words)
                if normalise(theirs) == normalise(row.text) and self._meet(row.key, other):
                    what = f"text {row.key!r} is now the same as {other!r}, beside which it may stand."
                    yield Problem(row.place, what)

    def _meet(self, key: str, other: str) -> bool:
        """Say whether two labels may stand in one menu; not, where the originals are the same as well."""
        owners, menu = self._catalogue.owners, self._catalogue.menu
        originals = self._catalogue.words(self._catalogue.internal)
        if originals.get(key, NOTHING).text == originals.get(other, NOTHING).text:
            return False
        is_family = owners[key] == owners[other] and key.partition("-")[0] == other.partition("-")[0]
        # The core's own words, such as the one that cancels, are offered with every question.
        return is_family or {key, other} <= menu or "core" in (owners[key], owners[other])

    def broken_files(self, verdicts: Sequence[Verdict]) -> Iterator[Problem]:
        """Yield the mistakes of the files that would be written: what stands behind one might be lost."""
        source = self._home or self._catalogue.texts.overrides
        languages = {verdict.row.language for verdict in verdicts if verdict.change}
        files = {language: file for language, file in source.files.items() if language in languages}
        yield from Source(plugin=source.plugin, files=files).mistakes()


def _given(row: Row) -> Wording:
    return Wording(text=row.text, also=row.also or "")


def _part(words: Wording, name: str) -> str:
    return words.also if name else words.text


def _wrong(row: Row, what: str, *, key: str | None = None) -> ConfigError:
    return ConfigError([Problem(row.place, what if key == "" else f"text {row.key!r}: {what}")])
