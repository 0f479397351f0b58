"""Texts as tables for reviewers: CSV as spreadsheets write and read it, harmless when it is opened."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from lumiera.errors import ConfigError, Problem
from lumiera.loading import suggest

# Cells that a spreadsheet would run; an apostrophe before them shows, and is taken away again.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_ZIP = b"PK\x03\x04"  # how .xlsx and .ods begin
_YES = frozenset({"yes", "y", "x", "1", "ok", "true", "✓", "oui", "sí", "si", "sì", "sim", "ja", "da", "tak", "نعم"})
_NO = frozenset({"", "no", "n", "0", "false", "non", "não", "nein", "nu", "nie", "لا"})


@dataclass(frozen=True, kw_only=True)
class Row:
    """A text for a reviewer. `version` marks the words that were exported: it tells whether they were changed."""

    key: str
    language: str
    plugin: str = ""
    shown: str = ""  # where
    limit: str = ""  # in characters, on buttons and rows
    original: str | None = None  # in the internal language; None where the table does not say
    text: str
    also: str | None = None  # what may be typed for it, between |; None where the table does not say
    reviewed: str = ""
    remark: str = ""
    version: str = ""
    place: str = ""  # file:line


COLUMNS = tuple(field.name for field in fields(Row) if field.name != "place")
_NEEDED = ("key", "language", "text")


def write_rows(rows: Iterable[Row], delimiter: str) -> bytes:
    """Return a table that Excel opens as it is: UTF-8 with its mark, lines that end as it ends them."""
    lines = ([getattr(row, name) for name in COLUMNS] for row in rows)
    return codecs.BOM_UTF8 + csv_of(COLUMNS, lines, delimiter, "\r\n").encode()


def csv_of(heading: Sequence[str], lines: Iterable[Sequence[str]], delimiter: str = ",", ending: str = "\n") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending)
    writer.writerow(heading)
    writer.writerows([f"'{cell}" if _FORMULA.match(cell) else cell for cell in line] for line in lines)
    return out.getvalue()


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a table; raises `ConfigError` with all that is wrong with them, `OSError` for no file."""
    lines = list(_lines(path, _decoded(path)))
    if not lines:
        raise ConfigError([Problem(f"{path}:1", "the file is empty.")])
    (place, heading), *others = lines
    names = [name.strip().lower() for name in heading]
    problems = _heading_problems(place, names)
    rows: list[Row] = []
    for place, line in others if not problems else ():
        cells = dict(zip(names, line, strict=False))
        if any(cell.strip() for cell in line[len(names) :]):
            problems.append(Problem(place, f"more cells than columns: {len(line)} of {len(names)}."))
        elif any(cell.strip() for cell in line):
            rows.append(_row(place, cells))
    if problems:
        raise ConfigError(problems)
    return rows


def is_reviewed(row: Row) -> bool:
    """Say whether a reviewer agrees; raises `ConfigError` for a word that is neither yes nor no."""
    word = row.reviewed.strip().lower()
    if word not in _YES | _NO:
        raise ConfigError([Problem(row.place, f"reviewed: expected yes or nothing, got {word[:20]!r}.")])
    return word in _YES


def _row(place: str, cells: Mapping[str, str]) -> Row:
    known = {name: harmless(cells[name]) for name in COLUMNS if name in cells}
    return Row(place=place, **{"key": "", "language": "", "text": "", **known})


def harmless(cell: str) -> str:
    plain = cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
    return plain.replace("\r\n", "\n").replace("\r", "\n").strip()


def _heading_problems(place: str, names: Sequence[str]) -> list[Problem]:
    found = [f"unknown column {name!r}.{suggest(name, COLUMNS)}" for name in names if name and name not in COLUMNS]
    found += [f"the column {name!r} is missing." for name in _NEEDED if name not in names]
    found += [f"the column {name!r} stands there twice." for name in COLUMNS if names.count(name) > 1]
    return [Problem(place, what) for what in found]


def _lines(path: Path, text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield place and cells of every line, by the delimiter of the first one."""
    start = 1
    if text.startswith("sep="):  # Excel's own
        text, start = text.partition("\n")[2], 2
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    at = start
    try:
        for cells in reader:
            yield f"{path}:{at}", cells
            at = reader.line_num + start
    except csv.Error as error:
        raise ConfigError([Problem(f"{path}:{at}", f"this is no table: {error}.")]) from error


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    if data.startswith(_ZIP):
        raise ConfigError([Problem(str(path), "this is a spreadsheet's own file, no CSV. Save it as 'CSV UTF-8'.")])
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    encoding = next((name for mark, name in marks if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(10) + 1
        what = "neither UTF-8 nor UTF-16: letters would be lost. Save it as 'CSV UTF-8'."
        raise ConfigError([Problem(f"{path}:{line}", what)]) from error
