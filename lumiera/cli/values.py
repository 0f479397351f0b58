"""The values of the configuration that are in effect, without those that nobody may see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import entry_points
from inspect import cleandoc, isclass
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel, SecretBytes, SecretStr, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from lumiera.app import Lumiera
from lumiera.config import Config, Section
from lumiera.loading import UNREADABLE, Document, classes, follow, read_document
from lumiera.stage import Stage, StageSettings
from lumiera.tracing import redact

Key: TypeAlias = tuple[str | int, ...]
_VARIABLE = re.compile(r"\$\{([^}:]*)(?::-([^}]*))?\}")
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))
CRITICAL = "Whether the bot cannot start without this plugin."


class Generator(GenerateJsonSchema):
    """Values as operators write them, not as pydantic prints them."""

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        return {"format": "duration"}

    def encode_default(self, dft: Any) -> Any:
        return plain(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class PluginSettings(Section):
    """Nothing: the plugin has no settings."""


def models() -> dict[str, type[BaseModel]]:
    """Return the settings of every installed plugin; those that cannot be told are left out."""
    found: dict[str, type[BaseModel]] = {}
    for entry in sorted(entry_points(group="lumiera"), key=lambda entry: entry.name):
        try:
            model = getattr(entry.load(), "Settings", None) or PluginSettings
        except (Exception, SystemExit):  # the border with plugins: `lumiera plugins` says what is wrong with it
            continue
        if isclass(model) and issubclass(model, BaseModel):
            found[entry.name] = model
    return found


@dataclass(frozen=True)
class Effective:
    """A configuration with its defaults; keys are paths of names and indexes as in the file."""

    document: Document
    raw: Document  # the same, ${NAME} as it is written
    plugins: Mapping[str, type[BaseModel]]
    stages: Mapping[Key, type[Stage[Any]]]
    values: Mapping[str, Any]

    @classmethod
    def of(cls, bot: Lumiera) -> Effective:
        raw, plugins = read_document(bot.document.path, None), models()
        values = laid_over(defaults(Config), raw.data)
        named, items = raw.data.get("plugins") or {}, values["pipeline"]
        kinds = [bot.known.stages.get(_stage_name(item)) for item in items]
        values["plugins"] = {name: _plugin(plugins.get(name), given) for name, given in named.items()}
        values["pipeline"] = [_stage(kind, item) for kind, item in zip(kinds, items, strict=True)]
        stages: dict[Key, type[Stage[Any]]] = {("pipeline", place): kind for place, kind in enumerate(kinds) if kind}
        return cls(bot.document, raw, plugins, stages, values)

    def shown(self, loc: Key = ()) -> Any:
        """Return the value at a key, secrets masked."""
        return self._masked(self._at(loc), loc)

    def keys(self, loc: Key) -> Sequence[str | int]:
        """Return what is below a key."""
        value = self._at(loc)
        return list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []

    def origin(self, loc: Key) -> str:
        """Say where a value comes from."""
        if loc not in self.raw.places or (self._written(loc) is None and self._at(loc) is not None):
            return "default"
        place, value = self.raw.places[loc], self._written(loc)
        names = [name for name, _ in _VARIABLE.findall(value)] if isinstance(value, str) else []
        known = self.document.env or {}
        told = [name if known.get(name) else f"{name}, which is not set" for name in names]
        return f"set at {place}" + (f", from the environment: {'; '.join(told)}" if told else "")

    def meaning(self, loc: Key) -> list[str]:
        """Say what a key means, as far as its model says it."""
        model, field = self._model_and_field(loc)
        if field is not None and field.description:
            return [" ".join((field.description, *allowed(field)))]
        kind = self.stages.get(loc[:2])
        if kind is not None and len(loc) in (2, 3):
            return _paragraphs(kind)
        if loc[:1] == ("plugins",) and loc[2:] == ("critical",):
            return [CRITICAL]
        return _paragraphs(model) if model is not None else []

    def _at(self, loc: Key) -> Any:
        value: Any = self.values
        for part in loc:
            value = value[part]
        return value

    def _written(self, loc: Key) -> Any:
        value: Any = self.raw.data
        for part in loc:
            value = value[part]
        return value

    def _masked(self, value: Any, loc: Key) -> Any:
        if isinstance(value, dict):
            return {key: self._masked(item, (*loc, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._masked(item, (*loc, place)) for place, item in enumerate(value)]
        if value is None or isinstance(value, bool):
            return value
        if self._is_secret(loc):
            return _VARIABLE.sub(_without_default, value) if _is_variable(value) else "***"
        return "?" if value is UNREADABLE else redact(value) if "://" in str(value) else value  # a password in it

    def _is_secret(self, loc: Key) -> bool:
        if loc[:1] == ("plugins",) and len(loc) > 2 and loc[1] not in self.plugins:
            return True  # nobody knows which of its settings are
        at, model = self._around(loc)
        return follow(self.document, at, model, loc[len(at) :])[2] if model is not None else False

    def _around(self, loc: Key) -> tuple[Key, type[BaseModel] | None]:
        """Return the outermost model that a key is in, and where that begins."""
        if loc[:1] == ("plugins",):
            return loc[:2], self.plugins.get(str(loc[1])) if len(loc) > 1 else None
        if loc[:1] == ("pipeline",):
            kind = self.stages.get(loc[:2])
            return loc[:3], kind.Settings if kind is not None and len(loc) > 2 else None
        return (), Config

    def _model_and_field(self, loc: Key) -> tuple[type[BaseModel] | None, FieldInfo | None]:
        """Return the model of a key that is a mapping, else the field that it is."""
        if len(loc) == 1:
            named = Config.model_fields[str(loc[0])]
            return _section(named), named
        at, model = self._around(loc)
        field: FieldInfo | None = None
        for part in loc[len(at) :]:
            found = fields(model).get(str(part)) if model is not None else None
            if found is not None:
                field, model = (
                    found,
                    next((kind for kind in classes(found.annotation) if issubclass(kind, BaseModel)), None),
                )
        return model, field


def _paragraphs(documented: type) -> list[str]:
    return [line for line in cleandoc(documented.__doc__ or "").splitlines() if line]


def allowed(field: FieldInfo) -> Iterator[str]:
    """Yield what a value may be, where its type says more than text."""
    node = TypeAdapter(field.rebuild_annotation()).json_schema(schema_generator=Generator)
    for one in node.get("anyOf", [node]):
        if one.get("format") == "duration":
            yield "A duration such as 600ms, 3s, 5m, 7h or 90d."
        elif "enum" in one:
            yield f"One of: {', '.join(map(str, one['enum']))}."
        elif {"minimum", "maximum"} <= one.keys():
            yield f"From {one['minimum']} to {one['maximum']}."
        elif "minimum" in one:
            yield f"At least {one['minimum']}."


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def defaults(model: type[BaseModel]) -> dict[str, Any]:
    """Return the defaults of a model as YAML has them; what has none is left out."""
    found: dict[str, Any] = {}
    for name, field in fields(model).items():
        section = _section(field)
        if section is not None:
            found[name] = defaults(section)
        elif not field.is_required():
            found[name] = plain(field.get_default(call_default_factory=True, validated_data={}))
    return found


def laid_over(below: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return defaults with what is written over them; a key without a value has its default."""
    found = dict(below)
    for key, value in over.items():
        own = below.get(key)
        if isinstance(own, dict) and isinstance(value, dict):
            found[key] = laid_over(own, value)
        elif value is not None or key not in below:
            found[key] = value
    return found


def _plugin(model: type[BaseModel] | None, given: Any) -> Any:
    if given is False or model is None:
        return given
    return laid_over(defaults(model), given or {})


def _stage_name(item: Any) -> str:
    return item if isinstance(item, str) else str(*item)


def _stage(kind: type[Stage[Any]] | None, item: Any) -> Any:
    """Return an item of the pipeline with everything that is in effect for it, as it is where nobody knows its kind."""
    if kind is None:
        return item
    [(name, given)] = item.items() if isinstance(item, dict) else [(item, None)]
    own = {"timeout": plain(kind.timeout), "on_error": kind.on_error}
    settings = laid_over(laid_over(defaults(kind.Settings), own), given or {})
    names = sorted(settings, key=lambda key: key in StageSettings.model_fields)  # its own ones first
    return {name: {key: settings[key] for key in names if settings[key] is not None}}


def plain(value: Any) -> Any:
    """Return a value of a model as it is written in YAML."""
    if isinstance(value, timedelta):
        return written(value)
    if isinstance(value, BaseModel):
        return {name: plain(item) for name, item in vars(value).items()}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, SecretStr | SecretBytes):
        return "***"
    return str(value) if isinstance(value, Path) else value


def written(duration: timedelta) -> str | int:
    """Return a duration as operators write it, in the largest unit that needs no fraction."""
    milliseconds = round(duration / timedelta(milliseconds=1))
    units = (f"{milliseconds // size}{unit}" for unit, size in _UNITS if milliseconds % size == 0)
    return next(units, f"{milliseconds}ms") if milliseconds else 0


def _is_variable(value: Any) -> bool:
    return isinstance(value, str) and _VARIABLE.fullmatch(value) is not None


def _without_default(found: re.Match[str]) -> str:
    return f"${{{found[1]}}}" if found[2] is None else f"${{{found[1]}:-***}}"
