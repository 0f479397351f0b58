"""The two passes of loading, each telling all its mistakes at once by file and line.

Pass 1 is the YAML, the core's models and the plugins' settings: `read_document`, `load_plugins`, `read_config`.
Pass 2 is what the loaded plugins name, the pipeline and the intents: `resolve_stages`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import isclass
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from lumiera.config import Config
from lumiera.document import UNREADABLE, Document, Loc
from lumiera.errors import ConfigError, Problem
from lumiera.stage import Stage, StageSettings
from lumiera.tracing import redact

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
    path, models, is_hidden = _follow(document, at, model, mistake["loc"])
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


def _follow(document: Document, at: Loc, model: type[BaseModel], loc: Loc) -> tuple[Loc, list[type[BaseModel]], bool]:
    """Return a value's path in the file, the models around it, and whether it is hidden: a secret, or `repr=False`.

    pydantic puts the members of a union in `loc`; the path is free of them.
    """
    path, models, is_hidden = at, [model], False
    for part in loc:
        path = (*path, part) if (*path, part) in document.places else path
        named = [item for one in models for name, item in one.model_fields.items() if part in (name, item.alias)]
        inner = [kind for item in named for kind in _classes(item.annotation)]
        is_hidden |= not all(item.repr for item in named) or any(issubclass(k, SecretStr | SecretBytes) for k in inner)
        models = [kind for kind in inner if issubclass(kind, BaseModel)] if named else models
    return path, models, is_hidden


def _classes(annotation: object) -> Iterator[type]:
    if isclass(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from _classes(argument)


# --- pass 2 ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the loaded plugins bring for the file to name; `failed` are the plugins that the bot does without."""

    stages: Mapping[str, type[Stage[Any]]]
    plugins: Collection[str]
    intents: Collection[str]
    failed: Collection[str] = ()

    def unknown(self, kind: Literal["intent", "plugin", "stage"], name: str) -> str:
        """Say that nothing of the kind has this name; empty where something has."""
        names = {"intent": self.intents, "plugin": [*self.plugins, *self.failed], "stage": self.stages}[kind]
        perhaps = f" Perhaps from {', '.join(map(repr, self.failed))}, which failed." if self.failed else ""
        return "" if name in names else f"unknown {kind} {name!r}.{suggest(name, names)}{perhaps}"


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
