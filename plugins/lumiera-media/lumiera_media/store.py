"""The media store `folder`: takes files in under a cap, cleans them, keeps them, and serves them by link."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import IO

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse

from lumiera.errors import ErrorCode, MediaError, TransientError
from lumiera.messages import StoredMedia
from lumiera.stage import Health
from lumiera.turn import Bot
from lumiera_media.folder import Folder
from lumiera_media.kinds import TYPES, clean
from lumiera_media.links import Links
from lumiera_media.names import shown_name
from lumiera_media.refusals import broken, too_large

MB = 1024 * 1024
AT_ONCE = 2  # files that are cleaned: each may take the memory of its pixels
_SHOWN = ("image/", "audio/", "video/")  # the rest is downloaded; browsers show no PDF in a sandbox anyway
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_NO_ADDRESS = (
    "files cannot be linked: nobody has said at which address the world sees the bot. "
    "Set 'web.public_url' or 'media.public_base_url' in lumiera.yaml, such as https://bot.example"
)


class FolderStore:
    """Keeps files in the folder `media.path`. It is opened when the bot starts."""

    name = "folder"

    def __init__(self) -> None:
        self._folder: Folder
        self._links: Links | None = None
        self._largest = 0
        self._address: str | None = None
        self._cleaning = asyncio.Semaphore(AT_ONCE)

    async def open(self, bot: Bot) -> None:
        """Make the folder and its key, and remove what a crash left."""
        media, self._address = bot.config.media, bot.config.media.public_base_url or bot.config.web.public_url
        self._folder, self._largest = Folder(media.path), media.largest * MB
        key = await asyncio.to_thread(self._folder.prepare)
        self._links = Links(key=key, base=f"{self._address}/media", lifetime=media.links, now=bot.now)

    async def put(self, chunks: AsyncIterator[bytes], *, filename: str = "") -> StoredMedia:
        with _trying_again(), tempfile.TemporaryFile(dir=self._folder.path) as incoming:  # nameless: no crash leaves it
            await self._take(chunks, incoming)
            async with self._cleaning:
                media_id, size = await asyncio.to_thread(self._keep, incoming)
        extension = media_id.rpartition(".")[2]
        name = shown_name(filename, extension)
        return StoredMedia(id=media_id, content_type=TYPES[extension], size=size, filename=name)

    async def get(self, media_id: str) -> bytes:
        with _trying_again():
            return await asyncio.to_thread(self._folder.read, media_id)

    async def link(self, media: StoredMedia) -> str:
        if not self._address or not self._links:
            raise MediaError(_NO_ADDRESS, code=ErrorCode.CONFIGURATION)
        self._folder.place(media.id)
        return self._links.make(media.id, media.filename)

    async def delete(self, media_id: str) -> None:
        with _trying_again():
            await asyncio.to_thread(self._folder.remove, media_id)

    async def serve(self, request: Request) -> FileResponse:
        """Answer a link with its file, and whatever is wrong in the same way as an address that does not exist."""
        link = self._links.read(request.path_params["link"]) if self._links else None
        if not link or not self._links:
            raise HTTPException(404)
        place, extension = self._folder.place(link.media_id), link.media_id.rpartition(".")[2]
        if not await asyncio.to_thread(place.is_file):
            raise HTTPException(404)
        return FileResponse(
            place,
            media_type=TYPES[extension],
            filename=link.filename or f"{link.media_id[:12]}.{extension}",
            content_disposition_type="inline" if TYPES[extension].startswith(_SHOWN) else "attachment",
            headers={**_HEADERS, "Cache-Control": f"private, max-age={self._links.left(link)}"},
        )

    async def check(self) -> Health:
        """Write a little, and look how much room there is."""
        if not self._links:
            return Health(ok=True)  # another store is used
        try:
            return Health(ok=True, reason=await asyncio.to_thread(self._folder.shortage))
        except OSError as error:
            return Health(ok=False, reason=f"cannot write where media are kept: {error.strerror}")

    async def _take(self, chunks: AsyncIterator[bytes], incoming: IO[bytes]) -> None:
        """Write what comes, and no more than may be kept; whatever is behind that is not asked for."""
        size = 0
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > self._largest:
                    raise too_large(f"{self._largest // MB} MB")
                await asyncio.to_thread(incoming.write, chunk)
        finally:
            close: Callable[[], object] | None = getattr(chunks, "aclose", None)  # a generator holds a connection
            if close is not None:
                await close()  # type: ignore[misc]
        if not size:
            raise broken("file: it is empty")

    def _keep(self, incoming: IO[bytes]) -> tuple[str, int]:
        incoming.seek(0)
        extension, data = clean(incoming.read())
        return self._folder.add(extension, data), len(data)


@contextmanager
def _trying_again() -> Iterator[None]:
    """Have a disk that is full or away count as trouble that passes."""
    try:
        yield
    except OSError as error:
        raise TransientError(f"the media folder: {error.strerror}", code=ErrorCode.DATABASE) from error
