"""The bot's texts: Fluent files of the core, the plugins and the operator in every language.

A key is looked up in the language, then in the internal one, then in any; in each the operator's text wins over the
plugin's. Whatever goes wrong is logged once and told by `check`: no user is left with an exception.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from lumiera.errors import Problem
from lumiera.textfiles import Entry, Source, clashes, key_of, odd_variables, proofread, suggest

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle
    from fluent.runtime.resolver import Pattern
    from fluent.syntax import ast

log = logging.getLogger(__name__)
_NOTHING: Mapping[str, object] = {}
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_LONGEST = 2000  # Fluent refuses longer values, so they are put in afterwards
# Characters that turn the direction of what follows; whole isolates, of texts within texts, are harmless.
_BIDI = re.compile("(\u2068[^\u202a-\u202e\u2066-\u2069]*\u2069)|[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")


class Texts:
    """All texts; each language is parsed when it is first used."""

    def __init__(self, languages: Sequence[str], internal: str) -> None:
        self._languages = tuple(dict.fromkeys((internal, *languages)))
        self._sources: list[Source] = []
        self._folder = Path()
        self._overrides = Source(plugin="overrides", files={})
        self._forget()

    def add(self, plugin: str, folder: Path) -> None:
        """Read the `<language>.ftl` of a plugin; where two have a key, the later one wins."""
        self._sources.append(Source.read(plugin, folder))
        self._forget()

    def override(self, folder: Path) -> None:
        """Read the operator's texts, which win over everybody's; the folder may be missing."""
        self._folder, self._overrides = folder, Source.read("overrides", folder)
        self._forget()

    def reload_overrides(self) -> list[Problem]:
        """Read the operator's texts again; if they have problems the last good ones stay, and those are returned."""
        try:
            fresh = Source.read("overrides", self._folder)
        except OSError as error:
            return [Problem(str(self._folder), f"cannot be read: {error.strerror}")]
        problems = self._override_problems(fresh, proofread(self._sources, self._languages)[0])
        if not problems:
            self._overrides = fresh
            self._forget()
        return problems

    def format(self, key: str, language: str, args: Mapping[str, object] = _NOTHING) -> str:
        """Return the text of a key, its variables filled; the key itself where no language has it."""
        plain = self._plain.get((key, language))
        if plain is not None:
            return plain
        spare = ""
        for known in self._chain(language):
            text, is_plain, is_whole = self._format_in(known, key, args)
            if is_plain:
                self._plain[key, language] = text
            if is_whole:
                return text
            spare = spare or text
        if not spare:
            self._complain(key, language, "no language has it")
        return spare or key

    def labels(self, key: str) -> tuple[str, ...]:
        """Return a text in every language, and the words of its attribute `.also`: what users may type for it."""
        if key not in self._labels:
            found = (label for language in self._languages for label in self._labels_in(language, key))
            self._labels[key] = tuple(dict.fromkeys(found))
        return self._labels[key]

    def has(self, key: str) -> bool:
        return any(self._bundle(language).has_message(key) for language in self._languages)

    def languages_of(self, key: str) -> list[str]:
        return [language for language in self._languages if self._bundle(language).has_message(key)]

    def missing(self) -> list[tuple[str, str]]:
        """Return every key that a language lacks, with that language."""
        keys = {language: self._messages(language).keys() for language in self._languages}
        everything = dict.fromkeys(key for own in keys.values() for key in own if not key.startswith("-"))
        return [(key, language) for key in everything for language, own in keys.items() if key not in own]

    def problems(self) -> list[Problem]:
        """Return the mistakes in all files, each with file and line: what `check` prints."""
        brought, mistakes = proofread(self._sources, self._languages)
        return [
            *mistakes,
            *clashes(brought),
            *odd_variables(brought, brought),
            *self._override_problems(self._overrides, brought),
        ]

    def _override_problems(self, overrides: Source, brought: Sequence[Entry]) -> list[Problem]:
        own, mistakes = proofread([overrides], self._languages)
        keys = {entry.key for entry in brought}
        strays = [
            Problem(str(path), f"{language!r} is none of the languages.{suggest(language, self._languages)}")
            for language, (path, _) in overrides.files.items()
            if language not in self._languages
        ]
        unknown = [
            Problem(entry.place, f"unknown text {entry.key!r}.{suggest(entry.key, keys)}")
            for entry in own
            if entry.key not in keys and not entry.key.startswith("-")
        ]
        return [*strays, *mistakes, *unknown, *clashes(own), *odd_variables(own, brought)]

    def _forget(self) -> None:
        self._bundles: dict[str, FluentBundle] = {}
        self._plain: dict[tuple[str, str], str] = {}
        self._labels: dict[str, tuple[str, ...]] = {}
        self._told: set[tuple[str, str, str]] = set()

    def _chain(self, language: str) -> list[str]:
        wanted = dict.fromkeys((language, language.partition("-")[0], *self._languages))
        return [known for known in wanted if known in self._languages]

    def _messages(self, language: str) -> dict[str, ast.Message | ast.Term]:
        """Lay the sources over each other; what a later message leaves out, its value or `.also`, stays."""
        from fluent.syntax import ast

        found: dict[str, ast.Message | ast.Term] = {}
        for source in (*self._sources, self._overrides):
            for entry in source.parse(language):
                if isinstance(entry, ast.Message | ast.Term):
                    key = key_of(entry)
                    if before := found.get(key):
                        own = {attribute.id.name for attribute in entry.attributes}
                        entry.attributes += [one for one in before.attributes if one.id.name not in own]
                        entry.value = entry.value or before.value
                    found[key] = entry
        return {key: entry for key, entry in found.items() if entry.value}

    def _bundle(self, language: str) -> FluentBundle:
        if language not in self._bundles:
            from fluent.runtime import FluentBundle
            from fluent.syntax.ast import Resource

            bundle = FluentBundle([language], use_isolating=language.partition("-")[0] in _RIGHT_TO_LEFT)
            bundle.add_resource(Resource(list(self._messages(language).values())))
            self._bundles[language] = bundle
        return self._bundles[language]

    def _format_in(self, language: str, key: str, args: Mapping[str, object]) -> tuple[str, bool, bool]:
        """Return the text in one language, whether it is without variables, and whether it came out whole."""
        from fluent.runtime.resolver import TextElement

        bundle = self._bundle(language)
        if not bundle.has_message(key):
            return "", False, False
        try:
            pattern = bundle.get_message(key).value
            assert pattern is not None, "messages without a value are left out of the bundle"
            text, errors = _fill(bundle, pattern, args)
        except Exception as error:  # foreign code over foreign values; the next language may do without them
            self._complain(key, language, type(error).__name__)
            return "", False, False
        if errors:
            self._complain(key, language, "; ".join(errors))
        return text, isinstance(pattern, TextElement), all(error.startswith(_GAP) for error in errors)

    def _labels_in(self, language: str, key: str) -> Iterator[str]:
        bundle = self._bundle(language)
        if not bundle.has_message(key):
            return
        message = bundle.get_message(key)
        for pattern, separator in ((message.value, None), (message.attributes.get("also"), "|")):
            if pattern is not None:
                text, errors = bundle.format_pattern(pattern)
                if not errors:
                    yield from (label.strip() for label in (str(text).split(separator) if separator else [str(text)]))

    def _complain(self, key: str, language: str, what: str) -> None:
        if (key, language, what) not in self._told:
            self._told.add((key, language, what))
            log.error("text %r in %r: %s", key, language, what)


_GAP = "Unknown external: "  # how the library begins its complaint about a variable that it was not given


def _fill(bundle: FluentBundle, pattern: Pattern, args: Mapping[str, object]) -> tuple[str, list[str]]:
    """Fill the variables; one that is not given becomes "…". Return the text and what went wrong, without values."""
    from fluent.runtime.errors import FluentFormatError
    from fluent.runtime.types import FluentNone

    values = {name: _value(value) for name, value in args.items()}
    long = {name: value for name, value in values.items() if isinstance(value, str) and len(value) > _LONGEST}
    values |= {name: f"\ue000{name}\ue000" for name in long}
    text, errors = bundle.format_pattern(pattern, values)
    said = [str(error) if isinstance(error, FluentFormatError) else type(error).__name__ for error in errors]
    if gaps := [what.removeprefix(_GAP) for what in said if what.startswith(_GAP)]:
        text, _ = bundle.format_pattern(pattern, values | {name: FluentNone("…") for name in gaps})
    text = str(text)
    for name, value in long.items():
        text = text.replace(f"\ue000{name}\ue000", value)
    return text, said


def _value(value: object) -> object:
    """Leave to Fluent what it formats in the manner of a language; all else is text, which must not turn ours."""
    if isinstance(value, int | float | Decimal | date) and not isinstance(value, bool):
        return value
    return _BIDI.sub(r"\1", "" if value is None else str(value))


# The language that people with a number from there most likely read, by calling code.
_CALLING_CODES = {
    "fr": "33 32 352 377 262 508 509 590 594 596 681 687 689 "
    "221 223 224 225 226 227 228 229 235 236 237 241 242 243 253 257 261 269",
    "en": "1 44 353 356 27 61 64 65 220 231 232 233 234 254 256 260 263 91 92",
    "es": "34 51 52 53 54 56 57 58 240 502 503 504 505 506 507 591 593 595 598 1787 1809 1829 1849 1939",
    "pt": "351 55 238 239 244 245 258 670",
    "de": "49 43 41 423",
    "it": "39 378",
    "ro": "40 373",
    "pl": "48",
    "ar": "20 212 213 216 218 222 249 961 962 963 964 965 966 967 968 970 971 973 974",
}


def phone_language(phone: str, languages: Sequence[str]) -> str | None:
    """Guess the language from the calling code of a number in E.164 form; the longest code wins."""
    found = [
        (len(code), language)
        for language in languages
        for code in _CALLING_CODES.get(language, "").split()
        if phone.startswith(f"+{code}")
    ]
    return max(found)[1] if found else None
