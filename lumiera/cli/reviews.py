"""All texts of a bot in every language, and which of them a human has reviewed.

A review is of certain words, against certain words of another language: once either changes, it counts no more.
"""

from __future__ import annotations

import copy
import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lumiera.cli.proofread import proofread, room, titles_among
from lumiera.cli.sheets import Row, csv_of, harmless
from lumiera.cli.wording import Wording, mark, wordings
from lumiera.texts import Source, Texts, key_of

if TYPE_CHECKING:
    from lumiera.app import Lumiera

FILE = "reviewed.csv"
COLUMNS = ("key", "language", "text", "against", "by", "on")
NOTHING = Wording()


@dataclass(frozen=True, kw_only=True)
class Review:
    """Somebody's yes to a text.

    `text` is the mark of its words, `against` is a language and the mark of its words: `fr:t1a2b3c4d5e`.
    """

    key: str
    language: str
    text: str
    against: str
    by: str = ""
    on: str = ""


def read_reviews(folder: Path) -> list[Review]:
    """Return what was reviewed of the texts in a folder; lines that say nothing are passed over."""
    path = folder / FILE
    if not path.is_file():
        return []
    lines = csv.DictReader(path.read_text("utf-8-sig", "replace").splitlines())
    cells = ({name: harmless(line.get(name) or "") for name in COLUMNS} for line in lines)
    return [Review(**line) for line in cells if line["key"]]


def written(reviews: Iterable[Review]) -> str:
    """Return the file of the reviews, by key and language, so that two people's are merged without conflict."""
    lines = [[getattr(review, name) for name in COLUMNS] for review in reviews]
    return csv_of(COLUMNS, sorted(lines))


@dataclass(frozen=True)
class Catalogue:
    """The texts as they are in effect."""

    texts: Texts
    menu: frozenset[str]  # keys of the rows of the menu
    overrides: Path  # the operator's folder, or that of `inside`

    @classmethod
    def of(cls, bot: Lumiera) -> Catalogue:
        menu = frozenset(intent.menu for intent in bot.intents.values() if intent.menu)
        return cls(bot.texts, menu, bot.config.texts.overrides)

    def inside(self, folder: Path) -> Catalogue:
        """Return the texts as plugins bring them, those of a folder among them."""
        texts = copy.copy(self.texts)
        if self.source_in(folder) is None:
            texts.sources = [*texts.sources, Source.read(folder.resolve().parent.name, folder)]
        texts.override(folder / "none")
        return Catalogue(texts, self.menu, folder)

    def source_in(self, folder: Path) -> Source | None:
        """Return the texts that lie in a folder."""
        for source in self.texts.sources:
            if any(path.parent.resolve() == folder.resolve() for path, _ in source.files.values()):
                return source
        return None

    @property
    def internal(self) -> str:
        return self.texts.languages[0]

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """Return the plugin of every key, in the order of the files; those of the internal language come first."""
        found: dict[str, str] = {}
        for source in self.texts.sources:
            for language in self.texts.languages:
                found |= dict.fromkeys(wordings(source.parse(language)), source.plugin)
        return found

    @cached_property
    def titles(self) -> set[str]:
        return titles_among(proofread(self.texts.sources, self.texts.languages)[0], self.menu)

    @cached_property
    def _words(self) -> dict[str, dict[str, Wording]]:
        return {}

    def words(self, language: str) -> Mapping[str, Wording]:
        """Return what every key says in a language, also in one that is none of the bot's."""
        if language not in self._words:
            self._words[language] = wordings(self.texts.messages(language).values())
        return self._words[language]

    def against(self, key: str, language: str) -> str:
        """Return what a text is reviewed against: the words in the internal language."""
        return f"{language}:{mark(self.words(language).get(key, NOTHING).text)}"

    @cached_property
    def _reviews(self) -> Mapping[tuple[str, str], Sequence[Review]]:
        folders = {path.parent for source in self.texts.sources for path, _ in source.files.values()}
        found: dict[tuple[str, str], list[Review]] = {}
        for folder in (*folders, self.overrides):
            for review in read_reviews(folder):
                found.setdefault((review.key, review.language), []).append(review)
        return found

    def is_reviewed(self, key: str, language: str) -> bool:
        now = self.words(language).get(key, NOTHING).mark
        return any(
            review.text == now and review.against == self.against(key, review.against.partition(":")[0])
            for review in self._reviews.get((key, language), ())
        )

    def unreviewed(self) -> dict[str, int]:
        """Count the texts that nobody has reviewed, by language."""
        return {
            language: sum(not self.is_reviewed(key, language) for key in self.words(language) if key in self.owners)
            for language in self.texts.languages
        }

    def rows(self, language: str) -> Iterator[Row]:
        """Yield a row for each text, also for those that the language lacks."""
        for key, plugin in self.owners.items():
            own = self.words(language).get(key, NOTHING)
            yield Row(
                key=key,
                language=language,
                plugin=plugin,
                shown=self._comments.get(key.partition(".")[0], ""),
                limit=str(room(key, self.titles, self.menu)) if key in self.titles else "",
                original=self.words(self.internal).get(key, NOTHING).text,
                text=own.text,
                also=own.also,
                reviewed="yes" if self.is_reviewed(key, language) else "",
                version=own.mark,
            )

    @cached_property
    def _comments(self) -> Mapping[str, str]:
        """Return what the files say of each text, in the internal language if they do there."""
        found: dict[str, str] = {}
        for language in reversed(self.texts.languages):
            for source in self.texts.sources:
                found |= {key: comment for key, comment in _comments(source, language) if comment}
        return found


def _comments(source: Source, language: str) -> Iterator[tuple[str, str]]:
    from fluent.syntax import ast

    group = ""
    for entry in source.parse(language):
        if isinstance(entry, ast.GroupComment):
            group = entry.content or ""
        elif isinstance(entry, ast.Message | ast.Term):
            own = entry.comment.content if entry.comment else ""
            yield key_of(entry), " - ".join(one for one in (group, own or "") if one)
