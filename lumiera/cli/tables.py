"""How lists are shown on the terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from lumiera.channel import shorten
from lumiera.tracing import redact

UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set rows in columns, the headings among them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def age(passed: timedelta) -> str:
    seconds = max(int(passed.total_seconds()), 0)
    return next((f"{seconds // unit} {name}" for unit, name in UNITS if seconds >= unit), f"{seconds} s")


def glimpse(text: str, most: int = 40) -> str:
    """Return the beginning of what somebody wrote, on one line, without numbers that reach people."""
    return shorten(redact(re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", text)), most)
