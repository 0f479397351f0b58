"""What the fake Twilio has seen, taken and been answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request that came to the fake's REST API, whatever became of it."""

    method: str
    path: str
    headers: Mapping[str, str]
    form: Pairs = ()
    query: Pairs = ()
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A message that Twilio took."""

    sid: str
    to: str
    from_: str
    body: str
    at: datetime
    status_callback: str = ""


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
