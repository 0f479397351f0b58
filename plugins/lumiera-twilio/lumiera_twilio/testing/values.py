"""What the fake Twilio has seen, taken and been answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request that came to the fake's REST API, whatever became of it."""

    method: str
    path: str
    headers: Mapping[str, str]
    form: Pairs = ()
    query: Pairs = ()
    json: Any = None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Tappable:
    """A button or row as the user sees it."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Menu:
    """Buttons or a list as the user sees it; `button` opens the list."""

    kind: Literal["buttons", "list"]
    body: str
    options: tuple[Tappable, ...]
    button: str = ""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A message that Twilio took; `body` is its text, with a menu that over the options."""

    sid: str
    to: str
    from_: str
    body: str
    at: datetime
    status_callback: str = ""
    media_url: str = ""
    content_sid: str = ""
    menu: Menu | None = None

    @property
    def choices(self) -> list[str]:
        return [option.title for option in self.menu.options] if self.menu else []


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the bot answered to a webhook, and the webhook as it went over the wire."""

    status: int
    text: str
    content_type: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    sid: str = ""
