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


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A call for a human. One of a conversation and reason is open at a time.

    `reason` is the word under which texts and operators know it: `escalation-reason-<reason>`. `details` is what the
    human needs to know, in the user's words. `silent`: the human has the conversation from the end of the turn on.
    """

    reason: str
    details: str = field(default="", repr=False)
    silent: bool = True


@dataclass(frozen=True, kw_only=True)
class Ring:
    """One try to reach somebody of the team; `state` is that of its bubble."""

    address: str = field(repr=False)
    state: str
    at: datetime
    provider_id: str = ""  # who answers quotes it


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """A conversation that needs a human.

    `outcome` is what became of the rings: empty while nobody has been reached, `reached`, `nobody` once everybody on
    call was tried, `quiet` when it was not to be rung at all.
    """

    id: int
    opening: Opening
    opened_at: datetime
    conversation: Conversation
    user: User | None
    rings: tuple[Ring, ...] = ()
    outcome: Literal["", "reached", "nobody", "quiet"] = ""
    closed_at: datetime | None = None
    closed_by: str = ""  # user, team, time
