"""The table: a row for each figure, with its target and whether it was met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True)
class Row:
    """One figure; `ok` is None where there is no target."""

    name: str
    floor_a: float | None = None
    floor_b: float | None = None
    bot: float | None = None
    _: KW_ONLY
    target: str = ""
    ok: bool | None = None

    def cells(self) -> tuple[str, ...]:
        verdict = "" if self.ok is None else "ok" if self.ok else "MISSED"
        return (self.name, _figure(self.floor_a), _figure(self.floor_b), _figure(self.bot), self.target, verdict)


def print_table(rows: Sequence[Row]) -> None:
    lines = [("", "floor A", "floor B", "Lumiera", "target", ""), *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        name, *figures, target, verdict = line
        right = (figure.rjust(width) for figure, width in zip(figures, widths[1:4], strict=True))
        print("  ".join((name.ljust(widths[0]), *right, target.ljust(widths[4]), verdict)).rstrip())


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"
