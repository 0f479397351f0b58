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
from lumiera.document import UNREADABLE, Document, FromEnvironment, Loc
from lumiera.errors import ConfigError, Problem
from lumiera.stage import Stage
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
    found = [document.problem(*one) for one in document.findings if one[0][:1] != ("plugins",) or len(one[0]) == 1]
    return validate(document, (), Config, document.data, [*found, *plugin_problems])


def validate(document: Document, at: Loc, model: type[M], data: object, told: Iterable[Problem] = ()) -> M:
    """Validate the part of the document at `at`; unknown keys are mistakes whatever the model says of them.

    Raises `ConfigError` with what was `told` before and every mistake in the data.
    """
    problems = [*told]
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
    """Say in plain words what pydantic found, without the values of secrets, of mappings and of the environment."""
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
    private = [*private_texts(given, is_hidden)]
    if any(text in what for text in private if len(text) > 3):  # no secret is that short
        what = "this value is not accepted; it is private and not shown"
    elif "error" not in context and not is_hidden and isinstance(given, str | int | float):
        what += f", got {redact(repr(given))}"
    what += "" if what.endswith((".", "?")) else "."
    if "expected" in context and not private:  # a suggestion would tell what it resembles
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


def private_texts(value: object, is_hidden: bool = False) -> Iterator[str]:
    """Yield the texts in a value that no message may repeat."""
    if isinstance(value, FromEnvironment) or (is_hidden and isinstance(value, str | int)):
        yield from filter(None, [str(value)])
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from private_texts(inner, is_hidden)


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
    problems = [
        document.problem(("routing", "intents", name), known.unknown("intent", name, known.intents))
        for name in config.routing.intents
        if name not in known.intents
    ]
    stages: list[StageSpec] = []
    for index, item in enumerate(config.pipeline):
        try:
            stages.append(_stage(document, ("pipeline", index), item, known))
        except ConfigError as error:
            problems += error.problems
    if len(stages) == len(config.pipeline):
        problems += _order(document, [stage.name for stage in stages])
    if problems:
        raise _refusal(problems)
    return config.with_stages(tuple(stages))


def _stage(document: Document, loc: Loc, item: object, known: Known) -> StageSpec:
    """Return the stage that an item of the pipeline is; raises `ConfigError` with what is wrong with it."""
    one = {item: None} if isinstance(item, str) else item
    if not isinstance(one, Mapping) or len(one) != 1:
        raise ConfigError([document.problem(loc, "expected one stage, its settings indented below its name.")])
    [(name, settings)] = one.items()
    if name not in known.stages:
        raise ConfigError([document.problem(loc, known.unknown("stage", name, known.stages))])
    at = (*loc, name)
    valid = validate(document, at, known.stages[name].Settings, {} if settings is None else settings)
    strays = [
        document.problem((*at, "plugins", index), known.unknown("plugin", plugin, known.plugins))
        for index, plugin in enumerate(valid.plugins or ())
        if plugin not in {*known.plugins, *known.failed}  # those that failed were let off already
    ]
    if strays:
        raise ConfigError(strays)
    return StageSpec(name, valid)


def _order(document: Document, names: list[str]) -> Iterator[Problem]:
    for needed in ("authenticate", "route", "reply", "persistence"):
        if needed not in names:
            yield document.problem(("pipeline",), f"the stage {needed!r} is missing. Add it.")
    ends = {"authenticate": 0, "persistence": len(names) - 1}
    for index, name in enumerate(names):
        if ends.get(name, index) != index:
            yield document.problem(("pipeline", index), "'authenticate' goes first and 'persistence' last, each once.")
