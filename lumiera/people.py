"""Who talks: users, their conversations and sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class User:
    """A person. `phone` is empty while the channel hides it."""

    id: int
    phone: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    language: str = ""  # empty until one is known
    status: Literal["active", "blocked"] = "active"


@dataclass(frozen=True, kw_only=True)
class Session:
    """A stretch of talk, ended by idleness or the night; dialogues live in the conversation and outlast it."""

    id: int
    started_at: datetime
    last_message_at: datetime


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """The token bucket of a conversation: messages still allowed at `at`, and whether the user was told of its end."""

    tokens: float
    at: datetime
    told: bool = False


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """One user on one channel."""

    id: int
    channel: str
    address: str = field(repr=False)  # where replies go
    external_id: str = field(default="", repr=False)
    user_id: int | None = None
    stopped_at: datetime | None = None  # STOP: nothing is sent until START
    handed_over_until: datetime | None = None  # a human has the conversation: the bot is silent
    allowance: Allowance | None = None
    turns: int = 0  # finished ones; 0 means first contact
    last_inbound_at: datetime | None = None
