"""A text as reviewers see it, the source of its Fluent pattern, and how another one takes its place in a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

from lumiera.texts import key_of, parse

if TYPE_CHECKING:
    from fluent.syntax import ast

ALSO = "also"
# What changes of a text: its value by "", its attribute by name.
Change: TypeAlias = Mapping[str, str]
_EQUALS = re.compile(r"[ ]*=")


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a text says, and what may be typed for it; empty where it says nothing."""

    text: str = ""
    also: str = ""

    @property
    def mark(self) -> str:
        """Return a short mark of these words: another one for other words."""
        return mark(f"{self.text}\x1f{self.also}")


def mark(text: str) -> str:
    return f"t{sha256(text.encode()).hexdigest()[:10]}"  # a letter first: spreadsheets round what looks like a number


def wordings(entries: Iterable[ast.EntryType]) -> dict[str, Wording]:
    """Return the words of messages and terms by key; other attributes than `.also` of a message by `key.attribute`."""
    from fluent.syntax import ast

    found: dict[str, Wording] = {}
    for entry in entries:
        if not isinstance(entry, ast.Message | ast.Term):
            continue
        key, attributes = key_of(entry), {one.id.name: one.value for one in entry.attributes}
        also = cell_of(attributes.pop(ALSO, None)) if isinstance(entry, ast.Message) else ""
        found[key] = Wording(text=cell_of(entry.value), also=also)
        if isinstance(entry, ast.Message):  # those of terms are for grammar, not for anybody to read
            found |= {f"{key}.{name}": Wording(text=cell_of(value)) for name, value in attributes.items()}
    return found


def cell_of(pattern: ast.Pattern | None) -> str:
    """Return the source of a pattern as one writes it, without indentation."""
    from fluent.syntax.serializer import serialize_element

    return "".join(map(serialize_element, pattern.elements)) if pattern else ""


def source_of(key: str, change: Change) -> str:
    """Return the source of a message that has these words."""
    value = _set(change[""]) if "" in change else ""
    attributes = [f"\n    .{name} ={_set(cell, ' ' * 8)}" for name, cell in change.items() if name]
    return f"{key} ={value}{''.join(attributes)}\n"


def _set(cell: str, indent: str = "    ") -> str:
    """Return what stands after the equals sign: on lines of their own where there are several."""
    lines = [f"{indent}{line}" if line else "" for line in cell.split("\n")]
    if len(lines) == 1 or cell[0] in "[.*":  # which begin something else where they begin a line
        return " " + "\n".join(lines).lstrip()
    return "\n" + "\n".join(lines)


def rewritten(text: str, changes: Mapping[str, Change]) -> str:
    """Return a file with other words in the places of those that it has; what it does not have comes to its end."""
    edits: list[tuple[int, int, str]] = []
    added: list[str] = []
    for key, change in _by_message(changes).items():
        left = dict(change)
        for entry in reversed(_entries(text, key)):  # the last one counts
            edits += _edits(text, entry, left)
        added += [source_of(key, left)] if left else []
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    ended = text if text.endswith("\n") or not text else f"{text}\n"
    return ended + "".join(added) if added else text


def _by_message(changes: Mapping[str, Change]) -> dict[str, dict[str, str]]:
    """Lay what changes of attributes, by `key.attribute`, to their messages."""
    found: dict[str, dict[str, str]] = {}
    for key, change in changes.items():
        message, _, attribute = key.partition(".")
        found.setdefault(message, {}).update({name or attribute: cell for name, cell in change.items()})
    return found


def _entries(text: str, key: str) -> list[ast.Message | ast.Term]:
    from fluent.syntax import ast

    return [one for one in parse(text) if isinstance(one, ast.Message | ast.Term) and key_of(one) == key]


def _edits(text: str, entry: ast.Message | ast.Term, left: dict[str, str]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and words of what changes in a message; takes from `left` what has its place there."""
    end = max(_end(one) for one in (entry.id, entry.value, *entry.attributes) if one)
    if "" in left:
        start = _after_equals(text, _end(entry.id))
        yield start, _end(entry.value) if entry.value else start, _set(left.pop(""))
    for attribute in entry.attributes:
        if attribute.id.name in left:
            words = _set(left.pop(attribute.id.name), " " * 8)
            yield _after_equals(text, _end(attribute.id)), _end(attribute.value), words
    if left:
        end = max(end, _after_equals(text, _end(entry.id)))
        yield end, end, "".join(f"\n    .{name} ={_set(cell, ' ' * 8)}" for name, cell in left.items())
        left.clear()


def _after_equals(text: str, at: int) -> int:
    found = _EQUALS.match(text, at)
    assert found is not None, "an equals sign follows every name"
    return found.end()


def _end(node: ast.SyntaxNode) -> int:
    assert node.span is not None, "the parser gives spans"
    return node.span.end
