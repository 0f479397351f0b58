"""The two passes of loading, each telling all its mistakes at once by file and line.

Pass 1 is the YAML, the core's models and the plugins' settings: `read_document`, `load_plugins`, `read_config`.
Pass 2 is what the loaded plugins name, the pipeline and the intents: `resolve_stages`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import isclass
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from lumiera.config import Config, StageSpec
from lumiera.document import Document, FromEnvironment, Loc
from lumiera.errors import ConfigError, Problem
from lumiera.stage import Stage
from lumiera.tracing import redact

M = TypeVar("M", bound=BaseModel)


def suggest(word: object, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest of the known words, or nothing."""
    near = difflib.get_close_matches(str(word), list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


# --- pass 1 ----------------------------------------------------------------------------------------------------------


def read_config(document: Document, plugin_problems: Sequence[Problem]) -> Config:
    """Return the configuration without its stages; raises `ConfigError` with all mistakes of the first pass."""
    config, problems = validate(document, (), Config, document.data)
    # those of a plugin's settings are told, or forgiven, with their plugin: by `load_plugins`
    found = [problem for loc, problem in document.findings if loc[:1] != ("plugins",) or len(loc) == 1]
    if problems or found or plugin_problems or config is None:
        raise ConfigError(_in_order([*found, *problems, *plugin_problems]))
    return config


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """Sort by line within each file, as one reads them."""

    def line(problem: Problem) -> tuple[str, int]:
        file, _, number = problem.place.rpartition(":")
        return (file, int(number)) if number.isdecimal() else (problem.place, 0)

    return sorted(dict.fromkeys(problems), key=line)


def validate(
    document: Document, at: Loc, model: type[M], data: object, *reserved: str
) -> tuple[M | None, list[Problem]]:
    """Validate the part of the document at `at`; unknown keys are mistakes whatever the model says of them.

    `reserved` are keys that the core takes there itself, worth suggesting.
    """
    try:
        return model.model_validate(data, extra="forbid"), []
    except ValidationError as error:
        return None, [
            _translate(document, at, model, details, reserved)
            for details in error.errors(include_url=False)
            if not (isinstance(details["input"], FromEnvironment) and details["input"].is_missing)
        ]


_WORDS = {
    "bool": "expected true or false",
    "dict": "expected keys with values",
    "float": "expected a number",
    "int": "expected a whole number",
    "list": "expected a list",
    "model": "expected keys with values",
    "path": "expected a path",
    "string": "expected text",
    "tuple": "expected a list",
    "enum": "expected one of {expected}",
    "literal": "expected one of {expected}",
    "greater_than_equal": "expected at least {ge}",
    "greater_than": "expected more than {gt}",
    "less_than_equal": "expected at most {le}",
    "less_than": "expected less than {lt}",
    "string_pattern_mismatch": "expected text of the form {pattern}",
    "string_too_long": "expected at most {max_length} characters",
    "string_too_short": "expected at least {min_length} characters",
    "too_long": "expected at most {max_length} items",
    "too_short": "expected at least {min_length} items",
}


def _translate(
    document: Document, at: Loc, model: type[BaseModel], details: ErrorDetails, reserved: Sequence[str]
) -> Problem:
    """Say in plain words what pydantic found, without the values of secrets, of mappings and of the environment."""
    key, kind, given, context = details["loc"][-1:], details["type"], details["input"], details.get("ctx", {})
    path, models, is_hidden = _follow(document, at, model, details["loc"])
    if kind == "missing":
        return document.problem(path[:-1], f"missing key {key[0]!r}.")
    if kind == "extra_forbidden":
        known = [item.alias or name for one in models for name, item in one.model_fields.items()]
        known += reserved if len(details["loc"]) == 1 else ()
        hint = suggest(key[0], known) or (f" Known: {', '.join(known)}." if known else " It takes none.")
        return document.problem(path[:-1], f"unknown key {key[0]!r}.{hint}", at=path)
    if words := _WORDS.get(kind) or _WORDS.get(kind.partition("_")[0]):
        expected = str(context.get("expected", ""))
        what = words.format_map({**context, "expected": expected.replace(" or ", ", ")})
        what += "." if is_hidden else f", got {_got(given)}."
        if expected and not any(private_texts(given, is_hidden)):  # a suggestion would tell what it resembles
            what += suggest(given, re.findall("'([^']*)'", expected))
        what += " Put it in quotes." if kind == "string_type" and isinstance(given, bool | int | float) else ""
    else:
        what = str(context.get("error", details["msg"]))
        what += "" if what.endswith((".", "?")) else "."
        if any(text in what for text in private_texts(given, is_hidden) if len(text) > 3):  # no secret is that short
            what = "this value is not accepted; it is private and not shown."
    return document.problem(path, what)


def _follow(document: Document, at: Loc, model: type[BaseModel], loc: Loc) -> tuple[Loc, list[type[BaseModel]], bool]:
    """Return a value's path in the file, the models around it, and whether it is hidden: a secret, or `repr=False`.

    pydantic puts the members of a union in `loc`; the path is free of them.
    """
    path, models, is_hidden = at, [model], False
    for part in loc:
        named = [item for one in models for name, item in one.model_fields.items() if part in (name, item.alias)]
        inner = [kind for item in named for kind in _classes(item.annotation)]
        is_hidden |= not all(item.repr for item in named) or any(issubclass(k, SecretStr | SecretBytes) for k in inner)
        models = [kind for kind in inner if issubclass(kind, BaseModel)] if named else models
        path = (*path, part) if named or document.has((*path, part)) else path
    return path, models, is_hidden


def _classes(annotation: object) -> Iterator[type]:
    if isclass(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from _classes(argument)


def private_texts(value: object, is_hidden: bool = False) -> Iterator[str]:
    """Yield the texts in a value that no message may repeat."""
    if isinstance(value, FromEnvironment) or (is_hidden and isinstance(value, str | int)):
        yield from filter(None, [str(value)])
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from private_texts(inner, is_hidden)


def _got(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return redact(repr(value))
    names = {dict: "keys with values", list: "a list", type(None): "nothing"}
    return names.get(type(value), f"a {type(value).__name__}")


# --- pass 2 ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the loaded plugins bring for the file to name; `failed` are the plugins that the bot does without."""

    stages: Mapping[str, type[Stage[Any]]]
    plugins: Collection[str]
    intents: Collection[str]
    failed: Collection[str] = ()

    def unknown(self, kind: str, name: str, names: Iterable[str]) -> str:
        perhaps = f" Perhaps from {', '.join(map(repr, self.failed))}, which failed." if self.failed else ""
        return f"unknown {kind} {name!r}.{suggest(name, names)}{perhaps}"


def resolve_stages(document: Document, config: Config, known: Known) -> Config:
    """Return the configuration with its stages; raises `ConfigError` with all mistakes of the second pass."""
    problems = [*_intents(document, config, known)]
    stages = [
        _stage(document, ("pipeline", index), item, known, problems) for index, item in enumerate(config.pipeline)
    ]
    specs = tuple(stage for stage in stages if stage)
    if len(specs) == len(stages):
        problems += _order(document, [spec.name for spec in specs])
    if problems:
        raise ConfigError(_in_order(problems))
    return config.with_stages(specs)


def _intents(document: Document, config: Config, known: Known) -> Iterator[Problem]:
    at: Loc = ("routing", "intents")
    for name in config.routing.intents:
        if name not in known.intents:
            yield document.problem(at, known.unknown("intent", name, known.intents), at=(*at, name))


def _stage(document: Document, loc: Loc, item: object, known: Known, problems: list[Problem]) -> StageSpec | None:
    """Return the stage that an item of the pipeline is; what is wrong with it goes to `problems`."""
    one = {item: None} if isinstance(item, str) else item
    if not isinstance(one, Mapping) or len(one) != 1:
        problems.append(document.problem(loc, "expected one stage, its settings indented below its name."))
        return None
    name, settings = next(iter(one.items()))
    if name not in known.stages:
        problems.append(document.problem(loc, known.unknown("stage", name, known.stages)))
        return None
    at = (*loc, name)
    valid, found = validate(document, at, known.stages[name].Settings, {} if settings is None else settings)
    problems += found
    for index, plugin in enumerate((valid and valid.plugins) or ()):
        if plugin not in known.plugins and plugin not in known.failed:  # those that failed were let off already
            what = known.unknown("plugin", plugin, known.plugins)
            problems.append(document.problem((*at, "plugins", index), what))
    return StageSpec(name, valid) if valid else None


def _order(document: Document, names: list[str]) -> Iterator[Problem]:
    at: Loc = ("pipeline",)
    for needed in ("authenticate", "route", "reply", "persistence"):
        if needed not in names:
            yield document.problem(at, f"the stage {needed!r} is missing. Add it.")
    for index, name in enumerate(names):
        if name == "authenticate" and index:
            yield document.problem((*at, index), "'authenticate' lets nobody unknown pass. Put it first, once.")
        if name == "persistence" and index < len(names) - 1:
            yield document.problem((*at, index), "'persistence' ends the turn. Put it last, once.")
