"""The JSON Schema of `lumiera.yaml`, for editors: the core, the stages, and the settings of the installed plugins."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from lumiera.cli.values import CRITICAL, Generator, models
from lumiera.config import Config, Section
from lumiera.errors import LumieraError
from lumiera.hooks import Hooks
from lumiera.loading import Document
from lumiera.pipeline import STAGES
from lumiera.plugins import load_plugins
from lumiera.stage import Stage

Node = dict[str, Any]
NOTHING: Node = {"type": "null"}
FROM_ENVIRONMENT: Node = {"$ref": "#/$defs/environment"}
ENVIRONMENT: Node = {"type": "string", "pattern": r"\$\{[^}]+\}", "description": "From the environment: ${NAME}."}
DURATION: Node = {
    "anyOf": [
        {"type": "string", "pattern": r"^\d+(\.\d+)? ?(ms|s|m|h|d)$"},
        {"const": 0},
        FROM_ENVIRONMENT,
    ],
    "description": "A duration: 600ms, 3s, 5m, 7h, 90d, or 0.",
}
MADE = "Made by `lumiera config schema --write`; again after a plugin was installed or removed."


def schema_of(written: Mapping[str, Any]) -> Node:
    """Return the schema; `written` are settings of plugins, for those whose stages are not known without."""
    plugins, stages = models(), _stages(written)
    wanted: list[type[BaseModel]] = [Config, *plugins.values(), *(kind.Settings for kind in stages.values())]
    places, made = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(wanted)],
        ref_template="#/$defs/{model}",
        schema_generator=Generator,
    )
    definitions: Node = made["$defs"]
    sections = {section.__name__ for section in Section.__subclasses__()}
    for name, one in definitions.items():
        _open(one, may_be_empty=name in sections)
    refs = {model: place for (model, _), place in places.items()}
    root = definitions.pop(refs[Config]["$ref"].rpartition("/")[2])
    root["properties"] |= {
        "extends": {"type": "string", "description": "The file that this one adds to: its name, from this file."},
        "plugins": _plugins({name: _plugin(definitions, refs[model]) for name, model in plugins.items()}),
        "pipeline": _pipeline({name: (kind, refs[kind.Settings]) for name, kind in stages.items()}),
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": MADE, "title": "lumiera.yaml"}
    shared = {"environment": ENVIRONMENT, "duration": DURATION}
    return {**head, **{key: value for key, value in root.items() if key != "title"}, "$defs": shared | definitions}


def _stages(written: Mapping[str, Any]) -> dict[str, type[Stage[Any]]]:
    """Return the kinds of stages that there are; a plugin that cannot be built has none."""
    given = {name: settings for name, settings in written.items() if settings}
    data = {"plugins": {**dict.fromkeys(models()), **given}}
    plugins = load_plugins(Document(data, [], {(): "lumiera.yaml:1"}, [], Path("lumiera.yaml"), None))
    kinds: dict[str, type[Stage[Any]]] = {kind.name: kind for kind in STAGES}
    for implementation in plugins.implementations.get("register_stages", ()):
        try:
            brought = Hooks({"register_stages": [implementation]}).collect("register_stages")
        except LumieraError:  # `lumiera check` says it
            continue
        kinds |= {kind.name: kind for _, kind in brought}
    return kinds


def _plugins(properties: Node) -> Node:
    meaning = Config.model_fields["plugins"].description
    known = {"type": ["object", "null"], "properties": properties, "additionalProperties": False}
    return {"description": meaning, **known}


def _plugin(definitions: Node, place: Node) -> Node:
    """Return what may stand behind a plugin's name: its settings, nothing where none is required, or false."""
    settings = definitions[place["$ref"].rpartition("/")[2]]
    settings.setdefault("properties", {})["critical"] = {"type": "boolean", "default": True, "description": CRITICAL}
    nothing = [] if settings.get("required") else [NOTHING]
    return {"anyOf": [place, *nothing, {"const": False, "description": "Leaves the plugin out."}]}


def _pipeline(stages: Mapping[str, tuple[type[Stage[Any]], Node]]) -> Node:
    with_settings = {
        name: {"anyOf": [place, NOTHING], "description": _first_line(kind)} for name, (kind, place) in stages.items()
    }
    one = {"type": "object", "properties": with_settings, "additionalProperties": False}
    items = {"anyOf": [{"enum": list(stages)}, {**one, "minProperties": 1, "maxProperties": 1}]}
    return {"description": Config.model_fields["pipeline"].description, "type": ["array", "null"], "items": items}


def _first_line(kind: type) -> str:
    return cleandoc(kind.__doc__ or "").partition("\n")[0]


def _open(model: Node, *, may_be_empty: bool) -> None:
    """Let a model's values come from the environment, and be left empty where that means the default."""
    if "properties" not in model:
        return
    model["additionalProperties"] = False
    model["properties"] = {name: _value(one, may_be_empty=may_be_empty) for name, one in model["properties"].items()}


def _value(node: Node, *, may_be_empty: bool = False) -> Node:
    """Return the schema of a value as it may stand in the file; a section's default is in its own keys."""
    told = {key: node[key] for key in ("description", "default") if key in node and "$ref" not in node}
    branches = [branch for one in node.get("anyOf", [node]) for branch in _branches(one)]
    branches += [NOTHING] if may_be_empty else []
    kinds = [one for place, one in enumerate(branches) if one not in branches[:place]]
    return told | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds})


def _branches(node: Node) -> list[Node]:
    """Return a value and, unless any text fits, the text that is filled in from the environment."""
    if node.get("format") == "duration":
        return [{"$ref": "#/$defs/duration"}]
    bare = {key: one for key, one in node.items() if key not in ("description", "default", "format")}
    for inner in ("items", "additionalProperties"):
        if isinstance(bare.get(inner), dict):
            bare[inner] = _value(bare[inner])
    is_text = bare.get("type") == "string" and not {"pattern", "enum", "const"} & bare.keys()
    is_filled_in = not is_text and "$ref" not in bare and bare.get("type") not in ("object", "null", None)
    return [bare, FROM_ENVIRONMENT] if is_filled_in else [bare]
