"""Twilio's OpenAPI as a judge of the requests that the bot makes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator  # type: ignore[import-untyped]

from lumiera_twilio.testing.values import Pairs, Seen

FORM = "application/x-www-form-urlencoded"


class OpenApi:
    """The descriptions in a folder, `messages.json` and its like."""

    def __init__(self, folder: Path) -> None:
        self._specs = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]

    def problems(self, request: Seen) -> list[str]:
        """Return what is wrong with a request; empty when nothing is."""
        spec, operation = self._operation(request.method, request.path)
        if operation is None:
            return [f"{request.method} {request.path} is not in Twilio's OpenAPI"]
        content = operation.get("requestBody", {}).get("content", {})
        declared = request.headers.get("Content-Type", "").partition(";")[0]
        if content and declared not in content:
            return [f"content type {declared!r}, wanted one of {sorted(content)}"]
        query = {item["name"]: item["schema"] for item in operation.get("parameters", []) if item["in"] == "query"}
        problems = _judge(spec, {"type": "object", "properties": query}, request.query)
        if declared == "application/json":
            problems += _errors(spec, content[declared]["schema"], request.json)
        elif content:
            problems += _judge(spec, content[declared]["schema"], request.form)
        return problems

    def answer_problems(self, method: str, path: str, status: int, answer: object) -> list[str]:
        """Return what is wrong with an answer in JSON; for a fake that wants to stay true."""
        spec, operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path} is not in Twilio's OpenAPI"]
        content = operation["responses"].get(str(status), {}).get("content", {})
        if "application/json" not in content:
            return [f"{status} is not among the answers of {method} {path}"]
        return _errors(spec, content["application/json"]["schema"], answer)

    def _operation(self, method: str, path: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
        for spec in self._specs:
            for template, operations in spec["paths"].items():
                pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
                if method.lower() in operations and re.fullmatch(pattern, path):
                    return spec, operations[method.lower()]
        return {}, None


def _judge(spec: dict[str, Any], schema: dict[str, Any], pairs: Pairs) -> list[str]:
    """Check form fields against a schema, the arrays and numbers among them put back from text."""
    schema = _resolved(spec, schema)
    properties = {name: _resolved(spec, value) for name, value in schema.get("properties", {}).items()}
    unknown = [f"{name!r} is no parameter" for name, _ in pairs if name not in properties]
    values: dict[str, object] = {}
    for name, value in pairs:
        kind = properties.get(name, {}).get("type")
        if kind == "array":
            values[name] = [*_listed(values.get(name)), value]
        elif name in values:
            unknown.append(f"{name!r} comes twice")
        else:
            values[name] = _typed(value, kind)
    return [*unknown, *_errors(spec, schema, values)]


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else []


def _typed(value: str, kind: str | None) -> object:
    if kind == "boolean":
        return {"true": True, "false": False}.get(value.lower(), value)
    if kind in ("integer", "number") and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return int(value) if kind == "integer" and "." not in value else float(value)
    return value


def _resolved(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _errors(spec: dict[str, Any], schema: dict[str, Any], value: object) -> list[str]:
    # OpenAPI 3.0 has a dialect of its own; `nullable` is all of it that matters here.
    whole = _nullable({**schema, "components": spec["components"]})
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in Draft4Validator(whole).iter_errors(value)]


def _nullable(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: _nullable(value) for name, value in schema.items()}
    if changed.get("nullable") is True and isinstance(changed.get("type"), str):
        changed["type"] = [changed["type"], "null"]
    return changed
