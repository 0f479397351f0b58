"""What reviewers made of the texts: judged row by row, then written, or nothing of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from lumiera.cli.judge import Judge, Verdict
from lumiera.cli.reviews import FILE, Catalogue, Review, read_reviews, written
from lumiera.cli.sheets import Row, read_rows
from lumiera.cli.wording import Change, rewritten
from lumiera.errors import ConfigError, Problem

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONGEST = 300  # characters of a remark that are shown


@dataclass(frozen=True, kw_only=True)
class Corrections:
    """What is to be written into a folder of texts."""

    folder: Path
    verdicts: Sequence[Verdict]

    @classmethod
    def of(cls, catalogue: Catalogue, paths: Sequence[Path], into: Path | None) -> Corrections:
        """Judge the tables; raises `ConfigError` with every bad row."""
        judge = Judge(catalogue if into is None else catalogue.inside(into), into)
        rows, problems = _read(paths)
        verdicts: list[Verdict] = []
        for row in rows:
            try:
                verdicts.append(judge.verdict(row))
            except ConfigError as error:
                problems += error.problems
        problems += [*_twice(verdicts), *judge.clashes(verdicts), *judge.broken_files(verdicts)]
        if problems:
            raise ConfigError(problems)
        return cls(folder=into or catalogue.overrides, verdicts=verdicts)

    @property
    def changed(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.change]

    @property
    def reviews(self) -> list[Review]:
        return [verdict.review for verdict in self.verdicts if verdict.review]

    def files(self, by: str) -> dict[Path, bytes]:
        """Return the files that change, as they will be."""
        changes: dict[str, dict[str, Change]] = {}
        for verdict in self.changed:
            changes.setdefault(verdict.row.language, {})[verdict.row.key] = verdict.change
        files = {self.folder / f"{language}.ftl": change for language, change in changes.items()}
        found = {path: _rewritten(path, change) for path, change in files.items()}
        if self.reviews:
            today = datetime.now(UTC).date().isoformat()
            all_of_them = [*read_reviews(self.folder), *(replace(one, by=by, on=today) for one in self.reviews)]
            last = {(review.key, review.language): review for review in all_of_them}
            found[self.folder / FILE] = written(last.values()).encode()
        return found

    def told(self, files: Collection[Path], *, is_dry: bool) -> Iterator[str]:
        """Yield what is written, whose yes does not count, and what reviewers remarked."""
        would = "would be written: " if is_dry else ""
        for path in files:
            if path.name == FILE:
                keys = {(review.key, review.language) for review in self.reviews}
                yield f"{would}{path}: {_count(len(keys), 'text')} reviewed"
            else:
                rows = [verdict.row for verdict in self.changed if verdict.row.language == path.stem]
                yield f"{would}{path}: {_count(len({row.key for row in rows}), 'text')} changed"
        if not files:
            yield "nothing changes"
        for row, note in ((verdict.row, verdict.note) for verdict in self.verdicts):
            if note:
                yield f"{row.place}: {row.key}: not taken as reviewed: {note}."
            if row.remark:
                yield f"{row.place}: {row.key}: remark: {_CONTROL.sub(' ', row.remark)[:_LONGEST]}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _read(paths: Sequence[Path]) -> tuple[list[Row], list[Problem]]:
    rows: list[Row] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            rows += read_rows(path)
        except ConfigError as error:
            problems += error.problems
        except OSError as error:
            problems.append(Problem(str(path), f"cannot be read: {error.strerror}."))
    return rows, problems


def _rewritten(path: Path, changes: Mapping[str, Change]) -> bytes:
    """Return a file with the changes, its mark and the ends of its lines as they are."""
    whole = path.read_bytes().decode() if path.exists() else ""
    text = whole.removeprefix("\ufeff")
    new = rewritten(text.replace("\r\n", "\n"), changes)
    return (whole[: len(whole) - len(text)] + (new.replace("\n", "\r\n") if "\r\n" in text else new)).encode()


def _twice(verdicts: Sequence[Verdict]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Verdict] = {}
    for verdict in verdicts:
        row = verdict.row
        other = first.setdefault((row.key, row.language), verdict)
        if verdict.change and other.change and verdict.change != other.change:
            yield Problem(row.place, f"text {row.key!r} is changed in another way at {other.row.place}. Keep one.")
        elif verdict.change:
            first[row.key, row.language] = verdict
