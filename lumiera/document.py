"""A YAML file with the line of every value, merged over what it extends, with the environment filled in."""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from lumiera.errors import ConfigError, Problem

Loc: TypeAlias = tuple[str | int, ...]
Finding: TypeAlias = tuple[Loc, Problem]


class FromEnvironment(str):
    """Text with values of the environment in it: its repr is as the file has it, `${NAME}`, never what it holds."""

    written: str
    is_missing: bool

    def __new__(cls, value: str, written: str = "", *, is_missing: bool = False) -> FromEnvironment:
        text = super().__new__(cls, value)
        text.written, text.is_missing = written, is_missing
        return text

    def __repr__(self) -> str:
        return repr(self.written)


@dataclass(frozen=True)
class Node:
    """A value with the file and line where it was written: `dict[str, Node]`, `list[Node]` or a scalar."""

    value: Any
    place: str

    def child(self, part: str | int) -> Node | None:
        if isinstance(self.value, dict):
            return self.value.get(part)
        if isinstance(self.value, list) and isinstance(part, int) and part < len(self.value):
            return self.value[part]  # type: ignore[no-any-return]
        return None


@dataclass(frozen=True)
class Document:
    """A configuration file merged with what it extends. `findings` are the mistakes that reading it met."""

    root: Node = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)  # holds secrets
    findings: Sequence[Finding] = ()

    def place(self, loc: Loc) -> str:
        """Return `file:line` of a value, or of the nearest mapping around one that is not written anywhere."""
        return self._down_to(loc)[-1].place

    def has(self, loc: Loc) -> bool:
        return len(self._down_to(loc)) > len(loc)

    def _down_to(self, loc: Loc) -> list[Node]:
        nodes = [self.root]
        for part in loc:
            if (child := nodes[-1].child(part)) is None:
                break
            nodes.append(child)
        return nodes

    def problem(self, loc: Loc, what: str, *, at: Loc | None = None) -> Problem:
        """Blame the value at `loc`; `at` where the line is another's."""
        return _problem(self.place(loc if at is None else at), loc, what)


def _problem(place: str, loc: Loc, what: str) -> Problem:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
    return Problem(place, f"{path}: {what}" if path else what)


# --- YAML ------------------------------------------------------------------------------------------------------------


class _Reader:
    """Turns one YAML text into nodes, noting mistakes on the way."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.findings: list[Finding] = []
        self._scalars = yaml.SafeLoader("")

    def read(self, text: str) -> Node:
        """Return the nodes; raises `ConfigError` where it is no YAML."""
        try:
            root = yaml.compose(text, yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            hint = " YAML wants spaces, not tabs." if "\\t" in str(error.problem) else ""
            what = f"this is no YAML: {error.problem or error.context}.{hint}"
            raise ConfigError([Problem(f"{self.shown}:{mark.line + 1 if mark else 1}", what)]) from error
        except yaml.YAMLError as error:  # a control character
            raise ConfigError(
                [Problem(f"{self.shown}:1", f"this is no YAML: {error}".splitlines()[0] + ".")]
            ) from error
        place = f"{self.shown}:1"
        return self._node(root, place, (), ()) if root else Node({}, place)

    def _node(self, node: yaml.Node, place: str, loc: Loc, around: tuple[yaml.Node, ...]) -> Node:
        if node in around:
            self._note(place, loc, "an alias stands inside what it names. Write it out.")
            return Node(None, place)
        if isinstance(node, yaml.MappingNode):
            return Node(self._mapping(node, loc, (*around, node)), place)
        if isinstance(node, yaml.SequenceNode):
            items = [
                self._node(item, self._place(item), (*loc, index), (*around, node))
                for index, item in enumerate(node.value)
            ]
            return Node(items, place)
        return Node(self._scalar(node, place, loc), place)

    def _mapping(self, node: yaml.MappingNode, loc: Loc, around: tuple[yaml.Node, ...]) -> dict[str, Node]:
        children: dict[str, Node] = {}
        for key, value in node.value:
            place = self._place(key)
            if not isinstance(key, yaml.ScalarNode):
                self._note(place, loc, "expected a word before ':'.")
            elif key.value in children:
                first = children[key.value].place
                self._note(place, loc, f"{key.value!r} stands here a second time, first at {first}. Remove one.")
            else:
                children[key.value] = self._node(value, place, (*loc, key.value), around)
        return children

    def _scalar(self, node: yaml.Node, place: str, loc: Loc) -> object:
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):  # a tag that is not plain YAML, or a date like 2026-13-45
            self._note(place, loc, "this value cannot be read. Put it in quotes.")
            return None

    def _place(self, node: yaml.Node) -> str:
        return f"{self.shown}:{node.start_mark.line + 1}"

    def _note(self, place: str, loc: Loc, what: str) -> None:
        self.findings.append((loc, _problem(place, loc, what)))


def read_nodes(path: Path, shown: str, named_at: str = "") -> tuple[Node, list[Finding]]:
    """Read one YAML file; raises `ConfigError` where there is none or it is no YAML.

    `shown` is its name in messages, `named_at` the place that named it, where that was not the user.
    """
    reader = _Reader(shown)
    try:
        return reader.read(path.read_text("utf-8-sig")), reader.findings
    except FileNotFoundError as error:
        what = f"there is no such file. Looked for {path.resolve()}."
        raise ConfigError([Problem(*(named_at, f"extends: {shown}: {what}") if named_at else (shown, what))]) from error
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError([Problem(named_at or shown, f"{shown} cannot be read: {why}.")]) from error


# --- extends and ${ENV} ----------------------------------------------------------------------------------------------

_VARIABLE = re.compile(r"\$\{(?:(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*))?\})?")


def read_document(path: Path, env: Mapping[str, str]) -> Document:
    """Read a configuration file, merged over what it extends, with `${NAME}` and `${NAME:-default}` filled in.

    Raises `ConfigError` for a file that is missing or no YAML; milder mistakes are `findings` for `read_config`.
    """
    root, findings = _read_chain(path, str(path), ())
    data = _fill(root, (), env, findings)
    if not isinstance(data, dict | None):
        raise ConfigError([Problem(root.place, "expected keys with values.")])
    return Document(root, data or {}, findings)


def _read_chain(path: Path, shown: str, above: tuple[Path, ...], named_at: str = "") -> tuple[Node, list[Finding]]:
    root, findings = read_nodes(path, shown, named_at)
    base = root.value.pop("extends", None) if isinstance(root.value, dict) else None
    if base is None:
        return root, findings
    if not isinstance(base.value, str):
        raise ConfigError([Problem(base.place, "extends: expected the name of a file.")])
    target = path.parent / base.value
    chain = (*above, path.resolve())
    if target.resolve() in chain:
        raise ConfigError(
            [Problem(base.place, f"extends: {base.value!r} extends this file in turn. Break the circle.")]
        )
    below, more = _read_chain(target, os.path.normpath(Path(shown).parent / base.value), chain, base.place)
    return _merge(below, root), [*more, *findings]


def _merge(below: Node, over: Node) -> Node:
    """Merge mappings by key and replace everything else; a key without a value leaves a mapping or list as it was."""
    if over.value is None and isinstance(below.value, dict | list):
        return below
    if not isinstance(below.value, dict) or not isinstance(over.value, dict):
        return over
    merged = {key: _merge(below.value[key], node) if key in below.value else node for key, node in over.value.items()}
    return Node({**below.value, **merged}, over.place)


def _fill(node: Node, loc: Loc, env: Mapping[str, str], findings: list[Finding]) -> Any:
    if isinstance(node.value, dict):
        return {key: _fill(child, (*loc, key), env, findings) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_fill(child, (*loc, index), env, findings) for index, child in enumerate(node.value)]
    if not isinstance(node.value, str) or "${" not in node.value:
        return node.value
    missing: list[str] = []

    def replaced(match: re.Match[str]) -> str:
        name = match["name"]
        value = env.get(name, "") if name else ""
        if not value and match["default"] is None:
            missing.append(f"environment variable {name!r} is not set" if name else "'${' begins no '${NAME}'")
        return value or match["default"] or ""

    text = _VARIABLE.sub(replaced, node.value)
    for what in missing:
        hint = "Set it, or give a default: ${NAME:-default}." if "variable" in what else "Write ${NAME}."
        findings.append((loc, _problem(node.place, loc, f"{what}. {hint}")))
    return FromEnvironment(text, node.value, is_missing=bool(missing))
