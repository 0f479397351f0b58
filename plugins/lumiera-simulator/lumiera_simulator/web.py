"""The page and what it is made of: its files, its words, people and their messages."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import re
import unicodedata
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lumiera.turn import Bot
from lumiera_simulator import messages, people
from lumiera_simulator.labels import labels_in
from lumiera_simulator.people import Person
from lumiera_simulator.schema import CHANNEL
from lumiera_simulator.wire import Asked, Refused, number, plain_line, read_as
from lumiera_simulator.writing import Written, say

if TYPE_CHECKING:
    from lumiera_simulator.parts import Parts

STATIC = Path(__file__).parent / "static"
LONGEST_NAME = 100
MOST_MESSAGES = 500


def _e164(phone: str) -> str:
    """Return a phone number as it is dialled, however it was written; raises `ValueError` for none."""
    dialled = re.sub(r"[\s().\u00a0\u2011/-]", "", phone)
    dialled = f"+{dialled[2:]}" if dialled.startswith("00") else dialled
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", dialled):
        raise ValueError("expected a phone number with its country code, such as +33 6 39 98 01 01")
    return dialled


def _name(written: str) -> str:
    name = plain_line(written)
    is_seen = any(unicodedata.category(char)[0] in "LNPS" for char in name)  # not only joiners and spaces
    if not (is_seen and len(name) <= LONGEST_NAME):
        raise ValueError(f"expected a name of at most {LONGEST_NAME} characters")
    return name


class NewPerson(Asked):
    """Somebody to be made; the language is what they speak when they first write."""

    phone: Annotated[str, AfterValidator(_e164)]
    name: Annotated[str, AfterValidator(_name)]
    language: Annotated[str, Field(max_length=20)]


class Pages:
    """The routes of the page, of the people and of their messages."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[Route]:
        one = "/simulator/people/{id:int}"
        return [
            Route("/", self.page),
            Route("/simulator/static/{file}", self.asset),
            Route("/simulator/labels/{language}", self.labels),
            Route("/simulator/state", self.state),
            Route("/simulator/people", self.add, methods=["POST"]),
            Route(f"{one}/messages", self.messages),
            Route(f"{one}/messages", self.write, methods=["POST"]),
            Route(f"{one}/read", self.read, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        return await _asset(request, "index.html")

    async def asset(self, request: Request) -> Response:
        return await _asset(request, request.path_params["file"])

    async def labels(self, request: Request) -> JSONResponse:
        language, texts = request.path_params["language"], self._parts.bot.texts
        found = await asyncio.to_thread(labels_in, texts, language)  # parsing a language takes a while
        return JSONResponse(found)

    async def state(self, request: Request) -> JSONResponse:
        parts, config = self._parts, self._parts.bot.config

        def read(tx: Connection) -> dict[str, Any]:
            known, unread, revision = messages.last_ones(tx), messages.unread(tx), messages.revision(tx)
            found = [one.plain(known.get(one.id), unread.get(one.id, 0)) for one in people.everybody(tx)]
            return {"people": found, "revision": revision}

        return JSONResponse(
            {
                **await parts.bot.store.read(read),
                "clock": parts.clock.plain(),
                "faults": parts.faults.plain(),
                "languages": config.languages,
                "language": config.language,
                "largest": config.media.largest,
            }
        )

    async def add(self, request: Request) -> JSONResponse:
        new, bot = await read_as(request, NewPerson), self._parts.bot
        if new.language not in bot.config.languages:
            raise Refused(422, f"language: expected one of {', '.join(bot.config.languages)}")
        made = await bot.store.run(partial(people.add, **new.model_dump(), now=bot.now()))
        if made is None:
            raise Refused(409, f"Somebody has the phone number {new.phone} already.")
        self._parts.events.wake()
        return JSONResponse(made.plain(), status_code=201)

    async def messages(self, request: Request) -> JSONResponse:
        person = await self._person(request)
        before = number(request, "before", 0, 1 << 62) or None
        limit = number(request, "limit", 100, MOST_MESSAGES)
        find = partial(messages.page, person=person.id, before=before, limit=limit)
        found, more = await self._parts.bot.store.read(find)
        return JSONResponse({"messages": [one.plain() for one in found], "more": more})

    async def write(self, request: Request) -> JSONResponse:
        person = await self._person(request)
        said = await say(self._parts.bot, person, await read_as(request, Written))
        self._parts.events.wake()
        return JSONResponse({"messages": [one.plain() for one in said]}, status_code=202)

    async def read(self, request: Request) -> Response:
        person, bot = await self._person(request), self._parts.bot
        seen = await bot.store.run(partial(messages.look_at, person=person.id))
        await asyncio.gather(*[bot.delivered(CHANNEL, sid, "read") for sid in seen])
        self._parts.events.wake()
        return Response(status_code=204)

    async def _person(self, request: Request) -> Person:
        return await person_of(request, self._parts.bot)


async def person_of(request: Request, bot: Bot) -> Person:
    """Return the person whose id stands in the path; raises `Refused` if there is none."""
    number_of = min(request.path_params["id"], 1 << 62)  # more than that no database takes
    person = await bot.store.read(partial(people.by_id, person_id=number_of))
    if person is None:
        raise Refused(404, "There is no such person.")
    return person


async def _asset(request: Request, name: str) -> Response:
    """Answer with a file of the page, or with nothing new if the browser has it as it is."""
    data = await asyncio.to_thread(_asset_named, name)
    if data is None:
        raise Refused(404, "There is no such file.")
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
    return Response(data, media_type=kind or "application/octet-stream", headers=headers)


def _asset_named(name: str) -> bytes | None:
    place = next((path for path in _assets() if path.name == name), None)
    return place.read_bytes() if place else None


def _assets() -> Iterator[Path]:
    return (path for path in STATIC.iterdir() if path.is_file())
