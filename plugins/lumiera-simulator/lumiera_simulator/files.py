"""Files: those that people of the page attach, kept in the tables, and those that the bot sends."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote

from sqlalchemy import Connection, insert, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lumiera.turn import Bot
from lumiera_simulator.kinds import shown_type
from lumiera_simulator.schema import files
from lumiera_simulator.wire import MB, Refused, plain_line, read

# A file is shown in a page of its own at most: nothing in it may run, whatever a browser takes it for.
_SANDBOX = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'none'; sandbox"
LONGEST_NAME = 200
_KEPT = "private, max-age=86400, immutable"  # an id is never another file's


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that somebody has attached; `content_type` is what the browser says."""

    id: str
    content_type: str
    filename: str
    size: int
    data: bytes = field(default=b"", repr=False)

    def plain(self) -> dict[str, object]:
        return {"id": self.id, "content_type": self.content_type, "filename": self.filename, "size": self.size}


_FACTS = (files.c.id, files.c.content_type, files.c.filename, files.c.size)


def keep(tx: Connection, file: File) -> None:
    tx.execute(insert(files).values({**file.plain(), "data": file.data}))


def find(tx: Connection, file_id: str) -> File | None:
    row = tx.execute(select(*_FACTS, files.c.data).where(files.c.id == file_id)).mappings().first()
    return File(**row) if row else None


def facts(tx: Connection, file_id: str) -> File | None:
    """Return a file without its bytes."""
    row = tx.execute(select(*_FACTS).where(files.c.id == file_id)).mappings().first()
    return File(**row) if row else None


def routes() -> list[Route]:
    return [
        Route("/simulator/files", _upload, methods=["POST"]),
        Route("/simulator/files/{id}", _own),
        Route("/simulator/media/{id:path}", _sent),
    ]


async def _upload(request: Request) -> JSONResponse:
    bot: Bot = request.app.state.bot
    kind = request.headers.get("content-type", "").strip().lower()[:LONGEST_NAME]
    if "/" not in kind:
        raise Refused(415, "Say the type of the file as its content type.", {"Connection": "close"})
    data = await read(request, bot.config.media.largest * MB)
    if not data:
        raise Refused(422, "The file is empty.")
    name = plain_line(request.query_params.get("filename", "")).rpartition("/")[2].rpartition("\\")[2][:LONGEST_NAME]
    file = File(id=secrets.token_urlsafe(16), content_type=kind, filename=name, size=len(data), data=data)
    await bot.store.run(partial(keep, file=file))
    return JSONResponse(file.plain(), status_code=201)


async def _own(request: Request) -> Response:
    bot: Bot = request.app.state.bot
    found = await bot.store.read(partial(find, file_id=request.path_params["id"]))
    if found is None:
        raise Refused(404, "There is no such file.")
    return _file(request, found.data, found.filename)


async def _sent(request: Request) -> Response:
    bot: Bot = request.app.state.bot
    if bot.media is None:
        raise Refused(404, "There is no such file: no plugin keeps files. Load 'media'.")
    return _file(request, await bot.media.get(request.path_params["id"]))


def _file(request: Request, data: bytes, name: str = "") -> Response:
    """Show what its own bytes say is a picture, a recording or a film; the rest is for the disk."""
    kind = shown_type(data)
    place = "inline" if kind else "attachment"
    named = f"; filename*=UTF-8''{quote(name, safe='')}" if name else ""
    headers = {"Content-Disposition": place + named, "Content-Security-Policy": _SANDBOX, "Cache-Control": _KEPT}
    first, end = _part(request.headers.get("range", ""), len(data))
    headers |= {"Accept-Ranges": "bytes"}
    if (first, end) != (0, len(data)):
        headers |= {"Content-Range": f"bytes {first}-{end - 1}/{len(data)}"}
    status = 206 if "Content-Range" in headers else 200
    return Response(data[first:end], status, media_type=kind or "application/octet-stream", headers=headers)


def _part(wanted: str, size: int) -> tuple[int, int]:
    """Return which bytes a player asks for: some play nothing without, and none can jump; all where it is unclear."""
    found = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", wanted, re.ASCII)
    first, last = found.groups() if found else ("", "")
    if not first:
        return (max(size - int(last), 0), size) if last and int(last) else (0, size)
    begin, end = int(first), min(int(last) + 1, size) if last else size
    return (begin, end) if begin < end else (0, size)
