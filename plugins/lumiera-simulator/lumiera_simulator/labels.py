"""The words of the page, out of the same Fluent files as the bot's: operators reword them in the same place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumiera.texts import Texts
from lumiera_simulator.wire import Refused

if TYPE_CHECKING:
    from fluent.syntax import ast

PREFIX = "sim-"
LAST = "en"  # what a language lacks is in this one
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")


def labels_in(texts: Texts, language: str) -> dict[str, object]:
    """Return every label of the page in a language; raises `Refused` for one that no file of the page is in."""
    found = _labels(texts, language)
    if not found:
        raise Refused(404, f"The page does not speak {language!r}.")
    return {
        "language": language,
        "dir": "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr",
        "labels": {**_labels(texts, LAST), **found},
    }


def _labels(texts: Texts, language: str) -> dict[str, str]:
    spoken = any(language in source.files for source in texts.sources)  # not whatever a path may say
    entries = texts.messages(language) if spoken else {}
    return {key: _pattern(one.value) for key, one in entries.items() if key.startswith(PREFIX) and one.value}


def _pattern(pattern: ast.Pattern) -> str:
    """Return a text with `{name}` for its variables: the page fills them in as plain text."""
    from fluent.syntax import ast

    parts = []
    for element in pattern.elements:
        inside = element.expression if isinstance(element, ast.Placeable) else None
        if isinstance(inside, ast.VariableReference):
            parts.append(f"{{{inside.id.name}}}")
        elif isinstance(inside, ast.StringLiteral):
            parts.append(inside.parse()["value"])
        elif isinstance(element, ast.TextElement):
            parts.append(element.value)
    return "".join(parts)
