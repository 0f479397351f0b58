"""Web addresses of files that nobody can guess, and that expire."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote


@dataclass(frozen=True, kw_only=True)
class Link:
    """What an address says: a file, until when, and under which name it is shown."""

    media_id: str
    expires: int  # seconds since 1970
    filename: str = ""


@dataclass(frozen=True, kw_only=True)
class Links:
    """Makes and reads addresses under `base`, the address of `/media`."""

    key: bytes
    base: str
    lifetime: timedelta
    now: Callable[[], datetime]

    def make(self, media_id: str, filename: str) -> str:
        link = Link(media_id=media_id, expires=int((self.now() + self.lifetime).timestamp()), filename=filename)
        name = f"/{quote(filename, safe='')}" if filename else ""
        return f"{self.base}/{media_id}/{link.expires}/{self._signature(link)}{name}"

    def read(self, path: str) -> Link | None:
        """Return what the part of an address behind `base` says, None unless it is genuine and not expired."""
        media_id, expires, signature, filename = [*path.split("/", 3), "", "", ""][:4]
        if not (expires.isascii() and expires.isdigit() and len(expires) < 12):
            return None
        link = Link(media_id=media_id, expires=int(expires), filename=filename)
        is_genuine = hmac.compare_digest(signature.encode(), self._signature(link).encode())
        return link if is_genuine and self.left(link) > 0 else None

    def left(self, link: Link) -> int:
        """Return for how many seconds a link is good."""
        return link.expires - int(self.now().timestamp())

    def _signature(self, link: Link) -> str:
        said = f"{link.media_id}\n{link.expires}\n{link.filename}".encode("utf-8", "surrogatepass")
        return base64.urlsafe_b64encode(hmac.digest(self.key, said, "sha256")).decode().rstrip("=")
