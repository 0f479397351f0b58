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
_VARIABLE = re.compile(r"\$\{(.*?)(|:-.*?)(?:\}|$)", re.DOTALL)
UNREADABLE = object()  # stands for every value of which a finding tells what is wrong


@dataclass(frozen=True)
class Document:
    """A configuration file merged with what it extends. `findings` are the mistakes that reading it met."""

    data: Mapping[str, Any] = field(repr=False)  # holds secrets
    secrets: Sequence[str] = field(repr=False)  # values of the environment, which no message may repeat
    places: Mapping[Loc, str] = field(repr=False)
    findings: Sequence[tuple[Loc, str]]

    def place(self, loc: Loc) -> str:
        """Return `file:line` of a value, or of the nearest mapping around one that is not written anywhere."""
        while loc not in self.places:
            loc = loc[:-1]
        return self.places[loc]

    def told(self, under: Loc) -> list[Problem]:
        """Return the mistakes that reading met in a part of the file."""
        return [self.problem(loc, what) for loc, what in self.findings if loc[: len(under)] == under]

    def problem(self, loc: Loc, what: str, *, at: Loc | None = None) -> Problem:
        """Blame the value at `loc`, `at` where the line is another's; values of the environment are masked."""
        for secret in self.secrets:
            what = what.replace(secret, "***")
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
        return Problem(self.place(loc if at is None else at), f"{path}: {what}" if path else what)


def read_document(path: Path, env: Mapping[str, str] | None, shown: str = "") -> Document:
    """Read a configuration file, merged over what it extends, with `${NAME}` and `${NAME:-default}` filled in.

    Without an environment these stay as they are; `shown` is the file's name in messages. Raises `ConfigError` for a
    file that is missing or no YAML; milder mistakes are `findings` for `read_config`.
    """
    places: dict[Loc, str] = {}
    findings: list[tuple[Loc, str]] = []
    secrets: set[str] = set()

    def fill(node: _Node, loc: Loc) -> Any:
        places[loc] = node.place
        if isinstance(node.value, dict):
            return {key: fill(child, (*loc, key)) for key, child in node.value.items()}
        if isinstance(node.value, list):
            return [fill(child, (*loc, index)) for index, child in enumerate(node.value)]
        mistakes, value = [node.mistake] if node.mistake else [], node.value
        if isinstance(value, str) and env is not None:
            for name, default in _VARIABLE.findall(value):
                secrets.add(env.get(name, ""))
                if not env.get(name) and not default:
                    hint = "Set it, or give a default: ${NAME:-default}."
                    mistakes.append(f"environment variable {name!r} is not set. {hint}")
            value = _VARIABLE.sub(lambda found: env.get(found[1]) or found[2][2:], value)
        findings.extend((loc, what) for what in mistakes)
        return UNREADABLE if mistakes else value

    root = _read_chain(path, shown or str(path), (), "")
    if not isinstance(root.value, dict | None):
        raise ConfigError([Problem(root.place, "expected keys with values.")])
    data = fill(root, ()) or {}
    private = sorted((text for text in secrets if len(text) > 3), key=len, reverse=True)  # no secret is that short
    return Document(data, private, places, findings)


# --- files -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Node:
    """A value where it was written: `dict[str, _Node]`, `list[_Node]` or a scalar."""

    value: Any
    place: str
    mistake: str = ""


def _read_chain(path: Path, shown: str, above: tuple[Path, ...], named_at: str) -> _Node:
    """Read a file over those that it extends; `named_at` is the line that named it, where that was not the user."""
    root = _read_file(path, shown, named_at)
    base = root.value.pop("extends", None) if isinstance(root.value, dict) else None
    if base is None:
        return root
    chain = (*above, path.resolve())
    if not isinstance(base.value, str) or (path.parent / base.value).resolve() in chain:
        raise ConfigError([Problem(base.place, "extends: expected the name of a file that does not extend this one.")])
    below = os.path.normpath(Path(shown).parent / base.value)
    return _merge(_read_chain(path.parent / base.value, below, chain, base.place), root)


def _merge(below: _Node, over: _Node) -> _Node:
    """Merge mappings by key and replace everything else; a key without a value leaves a mapping or list as it was."""
    if isinstance(below.value, dict) and isinstance(over.value, dict):
        ours = {key: _merge(below.value[key], node) if key in below.value else node for key, node in over.value.items()}
        return _Node({**below.value, **ours}, over.place)
    return below if over.value is None and isinstance(below.value, dict | list) else over


def _read_file(path: Path, shown: str, named_at: str) -> _Node:
    """Read one YAML file; raises `ConfigError` where there is none or it is no YAML."""
    try:
        loader = yaml.SafeLoader(path.read_text("utf-8-sig"))
        loader.name = shown  # the file of every mark
        root = loader.get_single_node()
        return _node(loader, root, f"{shown}:1") if root else _Node({}, f"{shown}:1")
    except (OSError, UnicodeDecodeError) as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else f"it cannot be read: {error}"
        raise ConfigError([Problem(named_at or shown, f"{why}. Looked for {path.resolve()}.")]) from error
    except (yaml.YAMLError, RecursionError) as error:  # the latter: an alias within what it names
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ConfigError([Problem(_place(mark) if mark else f"{shown}:1", f"this is no YAML: {why}.")]) from error


def _place(mark: yaml.Mark) -> str:
    return f"{mark.name}:{mark.line + 1}"


def _node(loader: yaml.SafeLoader, node: yaml.Node, place: str) -> _Node:
    if isinstance(node, yaml.ScalarNode):
        try:
            return _Node(loader.construct_object(node), place)
        except (yaml.YAMLError, ValueError):  # a tag that is not plain YAML, or a date like 2026-13-45
            return _Node(UNREADABLE, place, "this value cannot be read. Put it in quotes.")
    if isinstance(node, yaml.SequenceNode):
        return _Node([_node(loader, item, _place(item.start_mark)) for item in node.value], place)
    children: dict[str, _Node] = {}
    for key, value in node.value:
        name, at = key.value if isinstance(key, yaml.ScalarNode) else "?", _place(key.start_mark)
        child = _node(loader, value, at)
        if first := children.get(name):
            child = _Node(UNREADABLE, at, f"stands here twice, first at {first.place}. Remove one.")
        children[name] = child
    return _Node(children, place)
