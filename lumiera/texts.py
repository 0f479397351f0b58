"""The bot's texts: Fluent files of the core, the plugins and the operator in every language.

A key is looked up in the language, then in the internal one, then in any; in each the operator's text wins over the
plugin's. Whatever goes wrong is logged once and told by `check`: no user is left with an exception.
"""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from lumiera.errors import ConfigError, Problem

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle
    from fluent.syntax import ast

log = logging.getLogger(__name__)
_NOTHING: Mapping[str, object] = {}
_LONGEST = 2000  # Fluent refuses longer values, so they are put in afterwards
# Characters that turn the direction of what follows; whole isolates, of texts within texts, are harmless.
_BIDI = re.compile("(\u2068[^\u202a-\u202e\u2066-\u2069]*\u2069)|[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")


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

    def parse(self, language: str) -> list[ast.EntryType]:
        return parse(self.files[language][1]) if language in self.files else []

    def mistakes(self) -> Iterator[Problem]:
        """Yield what is no Fluent, each with its line."""
        for language, (path, text) in self.files.items():
            found = [(text.index("\ufffd"), "not UTF-8")] if "\ufffd" in text else []
            for entry in self.parse(language):
                notes: Sequence[ast.Annotation] = getattr(entry, "annotations", ())  # of junk
                found += [((note.span or entry.span).start, f"{note.message}.") for note in notes]  # type: ignore[union-attr]
            for offset, what in found:
                yield Problem(f"{path}:{text.count(chr(10), 0, offset) + 1}", what)


@lru_cache  # nine languages cost 0.15 s: once for all the bots of a process
def parse(text: str) -> list[ast.EntryType]:
    """Return the entries of a file, which nobody may change."""
    from fluent.syntax import FluentParser  # with fluent.runtime 0.1 s, so not at import

    return FluentParser().parse(text).body


def _plain(pattern: ast.Pattern | None) -> str:
    """Return a text that has no variables; empty for one that has. A bundle, with its locale, costs 2 MB a language."""
    values = [getattr(element, "value", "") for element in pattern.elements] if pattern else []
    return "".join(values) if all(values) else ""


def key_of(entry: ast.Message | ast.Term) -> str:
    """Return the key of a message; that of a term begins with a dash."""
    return entry.id.name if type(entry).__name__ == "Message" else f"-{entry.id.name}"


class Texts:
    """All texts; each language is parsed when it is first used."""

    def __init__(self, languages: Sequence[str], internal: str) -> None:
        self.languages = tuple(dict.fromkeys((internal, *languages)))
        self.sources: list[Source] = []
        self.overrides = Source(plugin="overrides", files={})
        self._forget()

    def add(self, plugin: str, folder: Path) -> None:
        """Read the `<language>.ftl` of a plugin; where two have a key, the later one wins."""
        self.sources.append(Source.read(plugin, folder))
        self._forget()

    def override(self, folder: Path) -> None:
        """Read the operator's texts, which win over everybody's; the folder may be missing."""
        self.overrides = Source.read("overrides", folder)
        self._forget()

    def reworded(self, folder: Path) -> Texts:
        """Return these texts under the operator's as they are now, ready.

        Raises `ConfigError` with what is no Fluent, `OSError` for a file that cannot be read.
        """
        fresh = copy.copy(self)
        fresh.override(folder)
        if mistakes := list(fresh.overrides.mistakes()):
            raise ConfigError(mistakes)
        for language in fresh.languages:
            fresh.messages(language)
        return fresh

    def format(self, key: str, language: str, args: Mapping[str, object] = _NOTHING) -> str:
        """Return the text of a key, its variables filled; the key itself where no language has it."""
        if text := self._ready.get((key, language), ""):
            return text
        for known in dict.fromkeys((language, language.partition("-")[0], *self.languages)):
            if known in self.languages and (entry := self.messages(known).get(key)):
                if text := _plain(entry.value):
                    self._ready[key, language] = text
                    return text
                text, faults = _fill(self._bundle(known), key, args)
                for fault in faults:
                    self._complain(key, language, fault)
                if text:
                    return text
        self._complain(key, language, "no language has it")
        return key

    def labels(self, key: str) -> tuple[str, ...]:
        """Return a text in every language, and the words of its attribute `.also`: what users may type for it."""
        if key not in self._labels:
            found: dict[str, None] = {}
            for language in self.languages:
                if entry := self.messages(language).get(key):
                    also = next((_plain(one.value) for one in entry.attributes if one.id.name == "also"), None)
                    text = _plain(entry.value) or _fill(self._bundle(language), key, _NOTHING)[0]
                    found |= dict.fromkeys(filter(None, [text, *map(str.strip, (also or text).split("|"))]))
            self._labels[key] = tuple(found)
        return self._labels[key]

    def _forget(self) -> None:
        self._messages: dict[str, dict[str, ast.Message | ast.Term]] = {}
        self._ready: dict[tuple[str, str], str] = {}  # what has no variables, by key and language
        self._bundles: dict[str, FluentBundle] = {}
        self._labels: dict[str, tuple[str, ...]] = {}
        self._told: set[tuple[str, str, str]] = set()

    def messages(self, language: str) -> dict[str, ast.Message | ast.Term]:
        """Lay the sources over each other; what a later message leaves out, its value or `.also`, stays."""
        from fluent.syntax import ast

        if language in self._messages:
            return self._messages[language]
        found: dict[str, ast.Message | ast.Term] = {}
        for source in (*self.sources, self.overrides):
            for entry in source.parse(language):
                if isinstance(entry, ast.Message | ast.Term):
                    if before := found.get(key_of(entry)):
                        own = {attribute.id.name for attribute in entry.attributes}
                        kept = [one for one in before.attributes if one.id.name not in own]
                        entry = copy.copy(entry)
                        entry.attributes, entry.value = [*entry.attributes, *kept], entry.value or before.value
                    found[key_of(entry)] = entry
        self._messages[language] = {key: entry for key, entry in found.items() if entry.value}
        return self._messages[language]

    def _bundle(self, language: str) -> FluentBundle:
        if language not in self._bundles:
            from fluent.runtime import FluentBundle
            from fluent.syntax.ast import Resource

            bundle = FluentBundle([language], use_isolating=language.partition("-")[0] in ("ar", "fa", "he", "ur"))
            bundle.add_resource(Resource(list(self.messages(language).values())))
            self._bundles[language] = bundle
        return self._bundles[language]

    def _complain(self, key: str, language: str, what: str) -> None:
        if (key, language, what) not in self._told:
            self._told.add((key, language, what))
            log.error("text %r in %r: %s", key, language, what)


_GAP = "Unknown external: "  # how the library begins its complaint about a variable that it was not given


def _fill(bundle: FluentBundle, key: str, args: Mapping[str, object]) -> tuple[str, list[str]]:
    """Return the text, with "…" for the variables that it was not given, and what is wrong with it.

    The text is empty where it cannot be formatted. The faults name no values: they are logged.
    """
    from fluent.runtime.errors import FluentFormatError
    from fluent.runtime.types import FluentNone

    try:
        values = {name: _value(value) for name, value in args.items()}
        long = {name: value for name, value in values.items() if isinstance(value, str) and len(value) > _LONGEST}
        values |= {name: f"\ue000{name}\ue000" for name in long}
        pattern: Any = bundle.get_message(key).value
        text, errors = bundle.format_pattern(pattern, values)
        faults = [str(error) if isinstance(error, FluentFormatError) else type(error).__name__ for error in errors]
        gaps = [fault.removeprefix(_GAP) for fault in faults if fault.startswith(_GAP)]
        if gaps:
            text, errors = bundle.format_pattern(pattern, values | dict.fromkeys(gaps, FluentNone("…")))
    except Exception as error:  # foreign code over foreign values
        return "", [type(error).__name__]
    for name, value in long.items():
        text = str(text).replace(f"\ue000{name}\ue000", value)
    return "" if errors else str(text), faults


def _value(value: object) -> object:
    """Leave to Fluent what it formats in the manner of a language; all else is text, which must not turn ours."""
    if isinstance(value, int | float | Decimal | date) and not isinstance(value, bool):
        return value
    return _BIDI.sub(r"\1", "" if value is None else str(value))


@cache
def _calling_codes() -> Mapping[str, str]:
    known = yaml.safe_load((Path(__file__).parent / "locales/calling-codes.yaml").read_text(encoding="utf-8"))
    return {f"+{code}": language for language, codes in known.items() for code in codes}


def phone_language(phone: str, languages: Sequence[str]) -> str | None:
    """Guess the language from the calling code of a number in E.164 form; the longest code wins."""
    guesses = (_calling_codes().get(phone[:end]) for end in range(5, 1, -1))
    return next((language for language in guesses if language in languages), None)
