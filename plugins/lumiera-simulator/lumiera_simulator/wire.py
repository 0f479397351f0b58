"""Requests read, and refused in plain English."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

M = TypeVar("M", bound=BaseModel)
LARGEST_JSON = 256 * 1024
MB = 1024 * 1024
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


class Refused(Exception):
    """A request that is turned away: a status, a sentence, and headers that the answer must have."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


class Asked(BaseModel):
    """A JSON body; what it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


async def read(request: Request, largest: int) -> bytes:
    """Return a body; raises `Refused` where it grows over `largest` bytes, without reading the rest."""
    size = f"{largest // MB} MB" if largest >= MB else f"{largest // 1024} KB"
    # What is left of the body is not wanted, so the connection cannot be used again.
    too_large = Refused(413, f"That is too large; at most {size} are taken.", {"Connection": "close"})
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > largest:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise too_large
    return bytes(body)


async def read_as(request: Request, model: type[M]) -> M:
    """Return a JSON body as a model; raises `Refused` with every mistake in it, never with what it says."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "Send JSON, with the content type application/json.", {"Connection": "close"})
    body = await read(request, LARGEST_JSON)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_input=False, include_context=False)
    if any(one["type"] == "json_invalid" for one in mistakes):
        raise Refused(400, "That is no JSON.")
    raise Refused(422, "; ".join(_sentence(".".join(map(str, one["loc"])), one["msg"]) for one in mistakes))


def number(request: Request, name: str, default: int, most: int) -> int:
    """Return a number of the query, at most `most`; raises `Refused` for one that is none."""
    given = request.query_params.get(name, "")
    if given and not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise Refused(400, f"{name!r} must be a number.")
    return min(int(given), most) if given else default


def plain_line(written: str) -> str:
    """Return a name that somebody chose without what could break a line or turn it round."""
    kept = (char for char in written if char not in _OVERRIDES and unicodedata.category(char) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def _sentence(place: str, message: str) -> str:
    said = message.removeprefix("Value error, ")
    return f"{place}: {said}" if place else said
