"""What a store takes and gives: frozen records, times in UTC."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lumiera.messages import Bubble, Choices, Message
from lumiera.people import Allowance, Conversation, Opening, Session, User
from lumiera.questions import Asked

Consent = Literal["stop", "start"]
Channels = Collection[str] | None  # names of those that a process serves; None: every one
# `interrupted`: another one is served above it. `parked`: put aside by a timer; `offered`: the user was asked about it.
DialogueStatus = Literal["open", "interrupted", "parked", "offered", "done", "cancelled", "draft"]
OutboxState = Literal["queued", "sending", "sent", "delivered", "read", "failed", "unknown", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class Migrations:
    """A folder of Alembic revisions that a plugin brings; `branch` is its label, its first revision has no parent."""

    branch: str
    path: str


@dataclass(frozen=True)
class Receipt:
    """What became of an inbound message; `duplicate` when its sid was there already."""

    conversation_id: int
    duplicate: bool


@dataclass(frozen=True)
class Lease:
    """The right to write for a conversation, until somebody claims it with a higher epoch."""

    conversation_id: int
    epoch: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a journal. `value` is JSON; `arguments` a hash of what a step was called with.

    A `write` is a step, a word or a call for a human that has left the bot: no correction goes back before it.
    """

    name: str  # `name` or `name/key`
    kind: Literal["answer", "say", "step", "write"]
    state: Literal["started", "done", "failed"] = "done"
    value: str = "null"
    arguments: str = ""
    label: str = ""  # of an answer, for a human to read: what was asked, and on a second line what was said


@dataclass(frozen=True, kw_only=True)
class DialogueRecord:
    """A dialogue as the store has it.

    Where one is written, `entries` are the new and changed ones, `dropped` the names of those that go. The
    store sets `turn_id` when it writes, and `question.after_seq`: the last message that it had by then.
    """

    id: str
    intent: str
    version: int
    opening: tuple[Message, ...]
    opened_at: datetime
    turn_id: str  # the last turn that wrote in it: a re-run of that turn goes on with it
    status: DialogueStatus
    question: Asked | None
    entries: tuple[Entry, ...]
    dropped: tuple[str, ...] = ()
    changed_at: datetime | None = None  # set by the store


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A bubble to send; a second one with the same `dedupe_key` is dropped.

    `passes` says which silence it breaks: none, that of a human's take-over (what the team or its bell says), or even
    STOP (the confirmation of it).
    """

    dedupe_key: str
    bubble: Bubble
    passes: Literal["", "handover", "stop"] = ""


@dataclass(frozen=True, kw_only=True)
class OutboxItem:
    """A bubble to send, or, with the state `unknown`, one of which to find out whether it went out.

    `since` is when its first attempt began; `ended_at`, of one to find out about, when its last one ended; `known` are
    the provider's ids of the conversation's other bubbles.
    """

    id: int
    conversation_id: int
    channel: str
    address: str
    bubble: Bubble
    attempts: int
    state: Literal["sending", "unknown"] = "sending"
    since: datetime
    ended_at: datetime | None = None
    last_inbound_at: datetime | None = None
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How a send ended, or what the provider tells of it later.

    `queued` with `retry_at` puts the bubble back, before all later ones of its conversation.
    `unknown` with `retry_at` holds it, and those behind it, until it is looked for; without, it is given up as it is.
    `stopped`: the user wants no more messages. `error` is for the operator.
    """

    state: OutboxState
    provider_id: str = ""
    error: str = ""
    retry_at: datetime | None = None
    stopped: bool = False


@dataclass(frozen=True, kw_only=True)
class OutboxLine:
    """A bubble of the outbox, for operators."""

    id: int
    conversation_id: int
    channel: str
    bubble: Bubble
    state: OutboxState
    attempts: int
    error: str
    provider_id: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the history: from the user, the bot or the team, or a `note` that nobody was sent."""

    direction: Literal["in", "out", "team", "note"]
    text: str
    language: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Action:
    """An effect for the action log: a step that wrote, a tool that was called."""

    name: str
    kind: str
    dialogue_id: str = ""
    details: str = "{}"  # JSON of plain values, never a user's words


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A row of the error log."""

    code: str
    message: str
    plugin: str = ""
    stage: str = ""
    traceback: str = ""


@dataclass(frozen=True, kw_only=True)
class TurnFacts:
    """What is kept of a turn for those who ask why."""

    id: str
    started_at: datetime
    finished_at: datetime
    session_id: int | None = None
    user_id: int | None = None
    language: str = ""
    intent: str = ""
    confidence: float = 0.0
    route: str = ""
    code: str = ""
    trace: str = "[]"  # JSON: see `Trace.dump`
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TurnRecord(TurnFacts):
    """The one commit of a turn: messages done, history, session, dialogues, outbox, actions, errors, trace."""

    user_language: str = ""  # set on the user unless empty
    history: tuple[Line, ...] = ()
    dialogues: tuple[DialogueRecord, ...] = ()
    outbox: tuple[Outgoing, ...] = ()
    actions: tuple[Action, ...] = ()
    allowance: Allowance | None = None
    menu: Choices | None = None  # what now stands under the last reply; None leaves it
    escalation: Opening | None = None  # to be opened
    handed_over_until: datetime | None = None  # a human has the conversation once this is committed
    resumed: bool = False  # the user called the bot back: open escalations that are silent end


@dataclass(frozen=True, kw_only=True)
class TurnLine(TurnFacts):
    """A finished turn, for operators; `said` is its part of the history."""

    conversation_id: int
    said: tuple[Line, ...] = ()
    bubbles: tuple[tuple[OutboxState, str], ...] = ()  # of its reply: the state, and the error where there is one


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What a claim found, handed to `Take`: the messages without a turn, in order."""

    messages: tuple[Message, ...]
    conversation: Conversation
    dialogue: DialogueRecord | None


# How many of the waiting messages make the next turn, or until when to wait for more of the burst. Pure and quick.
Take = Callable[[Waiting], int | datetime]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A turn to run: its messages are stamped with its id, so a re-run takes the same ones."""

    lease: Lease
    turn_id: str
    attempt: int  # 1 at first
    claimed_at: datetime  # of the first attempt
    messages: tuple[Message, ...]
    conversation: Conversation
    user: User | None
    session: Session | None
    dialogue: DialogueRecord | None  # the open one, or the one that this turn has already written in
    aside: DialogueRecord | None = None  # the latest that is interrupted, parked or offered
    menu: Choices | None = None  # what stands under the last reply
    more: bool = False  # messages wait that are for a later turn


@dataclass(frozen=True, kw_only=True)
class Due:
    """Conversations with something to do: messages waiting or a turn to retry, and bubbles to send."""

    inbox: tuple[int, ...] = ()
    outbox: tuple[int, ...] = ()
    escalations: bool = False  # there is something to do for one
    next_at: datetime | None = None  # when the next timer rings, if one is set


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message that no turn could finish."""

    id: int
    message: Message
    conversation_id: int
    turn_id: str
    error: str
    at: datetime
