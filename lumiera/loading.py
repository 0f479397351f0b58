"""From YAML to settings, all mistakes at once by file and line.

A file is read with the line of every value, merged over what it extends, its `${NAME}` filled in from the environment.
Pass 1 is the YAML, the core's models and the plugins' settings: `read_document`, `load_plugins`, `read_config`.
Pass 2 is what the loaded plugins name, the pipeline and the intents: `resolve_stages`.
"""

from __future__ import annotations

import difflib
import os.path
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import isclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar, get_args

import yaml
from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from lumiera.config import Config
from lumiera.errors import ConfigError, Problem
from lumiera.stage import Stage, StageSettings
from lumiera.tracing import redact

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
    path: Path
    env: Mapping[str, str] | None = field(repr=False)

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
    return Document(data, private, places, findings, path, env)


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


_QUICK: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read_file(path: Path, shown: str, named_at: str) -> _Node:
    """Read one YAML file; raises `ConfigError` where there is none or it is no YAML."""
    try:
        text = path.read_text("utf-8-sig")
        try:
            root = yaml.compose(text, _QUICK)
        except yaml.YAMLError:
            root = yaml.compose(text, yaml.SafeLoader)  # slow, and says more of what is wrong
        return _node(yaml.SafeLoader(""), root, f"{shown}:1") if root else _Node({}, f"{shown}:1")
    except (OSError, UnicodeDecodeError) as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else f"it cannot be read: {error}"
        raise ConfigError([Problem(named_at or shown, f"{why}. Looked for {path.resolve()}.")]) from error
    except (yaml.YAMLError, RecursionError) as error:  # the latter: an alias within what it names
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or str(error).splitlines()[0]
        place = _place(f"{shown}:1", mark) if mark else f"{shown}:1"
        raise ConfigError([Problem(place, f"this is no YAML: {why}.")]) from error


def _place(around: str, mark: yaml.Mark) -> str:
    return f"{around.rpartition(':')[0]}:{mark.line + 1}"


def _node(loader: yaml.SafeLoader, node: yaml.Node, place: str) -> _Node:
    if isinstance(node, yaml.ScalarNode):
        try:
            return _Node(loader.construct_object(node), place)
        except (yaml.YAMLError, ValueError):  # a tag that is not plain YAML, or a date like 2026-13-45
            return _Node(UNREADABLE, place, "this value cannot be read. Put it in quotes.")
    if isinstance(node, yaml.SequenceNode):
        return _Node([_node(loader, item, _place(place, item.start_mark)) for item in node.value], place)
    children: dict[str, _Node] = {}
    for key, value in node.value:
        name, at = key.value if isinstance(key, yaml.ScalarNode) else "?", _place(place, key.start_mark)
        child = _node(loader, value, at)
        if first := children.get(name):
            child = _Node(UNREADABLE, at, f"stands here twice, first at {first.place}. Remove one.")
        children[name] = child
    return _Node(children, place)


M = TypeVar("M", bound=BaseModel)


def suggest(word: object, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest of the known words, or nothing."""
    near = difflib.get_close_matches(str(word), list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _refusal(problems: Iterable[Problem]) -> ConfigError:
    """Return the error, its problems by line within each file, as one reads them."""
    found = dict.fromkeys(problems)
    return ConfigError(sorted(found, key=lambda one: (one.place.partition(":")[0], len(one.place), one.place)))


# --- pass 1 ----------------------------------------------------------------------------------------------------------


def read_config(document: Document, plugin_problems: Sequence[Problem]) -> Config:
    """Return the configuration without its stages; raises `ConfigError` with all mistakes of the first pass."""
    # those of a plugin's settings are told, or forgiven, with their plugin: by `load_plugins`
    own = [(loc, what) for loc, what in document.findings if loc[:1] != ("plugins",) or len(loc) == 1]
    return validate(replace(document, findings=own), (), Config, document.data, plugin_problems)


def validate(document: Document, at: Loc, model: type[M], data: object, told: Iterable[Problem] = ()) -> M:
    """Validate the part of the document at `at`; unknown keys are mistakes whatever the model says of them.

    Raises `ConfigError` with what was `told` before, what reading met there, and every mistake in the data.
    """
    problems = [*told, *document.told(at)]
    try:
        valid = model.model_validate(data, extra="forbid")
        if not problems:
            return valid
    except ValidationError as error:
        mistakes = [one for one in error.errors(include_url=False) if one["input"] is not UNREADABLE]
        problems += [_translate(document, at, model, mistake) for mistake in mistakes]
    raise _refusal(problems)


_WORDS = {
    "bool_type": "expected true or false", "bool_parsing": "expected true or false",
    "int_type": "expected a whole number", "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number", "float_type": "expected a number",
    "float_parsing": "expected a number", "string_type": "expected text",
    "list_type": "expected a list", "tuple_type": "expected a list",
    "dict_type": "expected keys with values", "model_type": "expected keys with values",
}  # fmt: skip


def _translate(document: Document, at: Loc, model: type[BaseModel], mistake: ErrorDetails) -> Problem:
    """Say in plain words what pydantic found, without the values of secrets and of mappings."""
    name, kind, given, context = mistake["loc"][-1:], mistake["type"], mistake["input"], mistake.get("ctx", {})
    path, models, is_hidden = follow(document, at, model, mistake["loc"])
    if kind == "missing":
        return document.problem(path, f"missing key {name[0]!r}.")
    if kind == "extra_forbidden":
        known = [item.alias or field for one in models for field, item in one.model_fields.items()]
        known += ["critical"] if path[:-2] == ("plugins",) else []
        hint = suggest(name[0], known) or f" Known: {', '.join(known)}."
        return document.problem(path[:-1], f"unknown key {name[0]!r}.{hint}", at=path)
    what = _WORDS.get(kind) or str(context.get("error", mistake["msg"])).replace("Input should be", "expected")
    if is_hidden and given:
        what = what.replace(str(given), "***")
    elif "error" not in context and isinstance(given, str | int | float):
        what += redact(f", got '{given}'" if isinstance(given, str) else f", got {given}")
    what += "" if what.endswith((".", "?")) else "."
    if "expected" in context:
        what += suggest(given, re.findall("'([^']*)'", str(context["expected"])))
    return document.problem(path, what + (" Put it in quotes." if kind == "string_type" else ""))


def follow(document: Document, at: Loc, model: type[BaseModel], loc: Loc) -> tuple[Loc, list[type[BaseModel]], bool]:
    """Return a value's path in the file, the models around it, and whether it is hidden: a secret, or `repr=False`.

    pydantic puts the members of a union in `loc`; the path is free of them.
    """
    path, models, is_hidden = at, [model], False
    for part in loc:
        path = (*path, part) if (*path, part) in document.places else path
        named = [item for one in models for name, item in one.model_fields.items() if part in (name, item.alias)]
        inner = [kind for item in named for kind in classes(item.annotation)]
        is_hidden |= not all(item.repr for item in named) or any(issubclass(k, SecretStr | SecretBytes) for k in inner)
        models = [kind for kind in inner if issubclass(kind, BaseModel)] if named else models
    return path, models, is_hidden


def classes(annotation: object) -> Iterator[type]:
    if isclass(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from classes(argument)


# --- pass 2 ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the loaded plugins bring for the file to name; `failed` are the plugins that the bot does without.

    `left_out` are the other installed ones that it does without.
    """

    stages: Mapping[str, type[Stage[Any]]]
    plugins: Collection[str]
    intents: Collection[str]
    failed: Collection[str] = ()
    left_out: Collection[str] = ()

    def unknown(self, kind: Literal["intent", "plugin", "stage"], name: str) -> str:
        """Say that nothing of the kind has this name; empty where something has."""
        names = {"intent": self.intents, "plugin": [*self.plugins, *self.failed], "stage": self.stages}[kind]
        perhaps = f" Perhaps from {', '.join(map(repr, self.failed))}, which failed." if self.failed else ""
        hint = suggest(name, names)
        if kind == "stage" and self.left_out and not hint:
            hint = f" Plugins that are left out may bring it: {', '.join(self.left_out)}."
        return "" if name in names else f"unknown {kind} {name!r}.{hint}{perhaps}"


@dataclass(frozen=True)
class StageSpec:
    """One item of the pipeline with its validated settings."""

    name: str
    settings: StageSettings


def resolve_stages(document: Document, config: Config, known: Known) -> Sequence[StageSpec]:
    """Return the stages of the pipeline; raises `ConfigError` with all mistakes of the second pass."""
    named = [(("routing", "intents", name), known.unknown("intent", name)) for name in config.routing.intents]
    problems = [document.problem(loc, what) for loc, what in named if what]
    stages: list[StageSpec] = []
    for index, item in enumerate(config.pipeline):
        try:
            stages.append(_stage(document, ("pipeline", index), item, known))
        except ConfigError as error:
            problems += error.problems
    if len(stages) == len(config.pipeline) and not _is_sound([stage.name for stage in stages]):
        what = "it wants 'authenticate' first and 'persistence' last, each once, and 'route' and 'reply' between them."
        problems.append(document.problem(("pipeline",), what))
    if problems:
        raise _refusal(problems)
    return stages


def _is_sound(names: Sequence[str]) -> bool:
    between = set(names[1:-1])
    is_framed = (names[:1], names[-1:]) == (["authenticate"], ["persistence"])
    return is_framed and {"route", "reply"} <= between and between.isdisjoint({"authenticate", "persistence"})


def _stage(document: Document, loc: Loc, item: object, known: Known) -> StageSpec:
    """Return the stage that an item of the pipeline is; raises `ConfigError` with what is wrong with it."""
    one = {item: None} if isinstance(item, str) else item
    if not isinstance(one, Mapping) or len(one) != 1:
        raise ConfigError([document.problem(loc, "expected one stage, its settings indented below its name.")])
    [(name, settings)] = one.items()
    if what := known.unknown("stage", name):
        raise ConfigError([document.problem(loc, what)])
    at = (*loc, name)
    valid = validate(document, at, known.stages[name].Settings, {} if settings is None else settings)
    named = [((*at, "plugins", index), known.unknown("plugin", one)) for index, one in enumerate(valid.plugins or ())]
    if strays := [document.problem(place, what) for place, what in named if what]:
        raise ConfigError(strays)
    return StageSpec(name, valid)
