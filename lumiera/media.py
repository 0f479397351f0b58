"""Files of users: where they are kept, and how they get there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from lumiera.messages import StoredMedia


class MediaStore(Protocol):
    """Keeps files by what is in them: the same bytes are kept once."""

    name: str  # as `media.store` in `lumiera.yaml` names it

    async def put(self, chunks: AsyncIterator[bytes], *, filename: str = "") -> StoredMedia:
        """Keep a file durably. Its type is read from its bytes; what tells where a picture was taken is removed.

        Raises `MediaError` for one that is too large, empty, or of a type that is not let in; then nothing is kept.
        """

    async def get(self, media_id: str) -> bytes:
        """Return the bytes; raises `MediaError` if there is no such file."""

    async def link(self, media: StoredMedia) -> str:
        """Return a web address that nobody can guess and that expires; raises `MediaError` if there is none."""

    async def delete(self, media_id: str) -> None:
        """Remove a file; one that is not there is removed already."""
