"""What the core asks of a store: durable, ordered, fenced. The store is the truth, the queue only wakes.

Every method but `open` and `close` is one transaction. Those that take a `Lease` begin with
`UPDATE conversations ... WHERE id = ? AND epoch = ?` and raise `Fenced` if another worker has claimed since.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from lumiera.messages import Bubble, Choices, Message
from lumiera.people import Allowance, Conversation, Session, User
from lumiera.questions import Asked
from lumiera.steps import Tx

R = TypeVar("R")
Consent = Literal["stop", "start"]
Channels = Collection[str] | None  # names of those that a process serves; None: every one
DialogueStatus = Literal["open", "done", "cancelled", "draft"]
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
    """One entry of a journal. `value` is JSON; `arguments` a hash of what a step was called with."""

    name: str  # `name` or `name/key`
    kind: Literal["answer", "say", "step"]
    state: Literal["started", "done", "failed"] = "done"
    value: str = "null"
    arguments: str = ""


@dataclass(frozen=True, kw_only=True)
class DialogueRecord:
    """A dialogue as the store has it; where one is written, `entries` are the new and changed ones.

    The store sets `turn_id` when it writes, and `question.after_seq`: the last message that it had by then.
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


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A bubble to send; a second one with the same `dedupe_key` is dropped."""

    dedupe_key: str
    bubble: Bubble
    after_stop: bool = False  # sent although the user said STOP: the confirmation of it


@dataclass(frozen=True, kw_only=True)
class OutboxItem:
    """A bubble on its way."""

    id: int
    conversation_id: int
    channel: str
    address: str
    bubble: Bubble
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How a send ended. `queued` with `retry_at` puts the bubble back, before all later ones of its conversation."""

    state: Literal["sent", "queued", "failed", "unknown"]
    provider_id: str = ""
    error: str = ""
    retry_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the history of a conversation."""

    direction: Literal["in", "out"]
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
class TurnRecord:
    """The one commit of a turn: messages done, history, session, dialogues, outbox, actions, errors, trace."""

    id: str
    started_at: datetime
    finished_at: datetime
    session_id: int | None = None
    user_id: int | None = None
    user_language: str = ""  # set on the user unless empty
    language: str = ""
    intent: str = ""
    confidence: float = 0.0
    route: str = ""
    code: str = ""
    trace: str = "[]"
    history: tuple[Line, ...] = ()
    dialogues: tuple[DialogueRecord, ...] = ()
    outbox: tuple[Outgoing, ...] = ()
    actions: tuple[Action, ...] = ()
    failures: tuple[Failure, ...] = ()
    allowance: Allowance | None = None
    menu: Choices | None = None  # what now stands under the last reply; None leaves it


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
    menu: Choices | None = None  # what stands under the last reply


@dataclass(frozen=True, kw_only=True)
class Due:
    """Conversations with something to do: messages waiting or a turn to retry, and bubbles to send."""

    inbox: tuple[int, ...] = ()
    outbox: tuple[int, ...] = ()
    next_at: datetime | None = None  # when the next timer rings, if one is set


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message that no turn could finish."""

    message: Message
    conversation_id: int
    turn_id: str
    error: str
    at: datetime


class Store(Protocol):
    """The contract of a store. Times are UTC and always passed in: stores never ask the clock."""

    name: str

    async def open(self, migrations: Sequence[Migrations] = ()) -> None:
        """Connect and bring the schema up to date."""

    async def close(self) -> None:
        """Finish what was begun and disconnect."""

    async def run(self, operation: Callable[[Tx], R]) -> R:
        """Commit an operation: no I/O, no commit, under 5 ms, re-runnable. Refused in a handler outside a step."""

    async def read(self, operation: Callable[[Tx], R]) -> R:
        """Run an operation that only reads, on a reader connection."""

    async def ingest(self, messages: Sequence[tuple[Message, Consent | None]]) -> Sequence[Receipt]:
        """Store inbound messages durably and in order; a consent sets or lifts STOP in the same transaction."""

    async def claim(self, conversation_id: int, turn_id: str, now: datetime, take: Take) -> Claim | datetime | None:
        """Fence the conversation and give its next turn; a time when that is later, None when nothing waits."""

    async def sign_in(self, lease: Lease, user: User, now: datetime) -> User:
        """Link the conversation to the user with this phone (or this id), creating it as given; returns it as stored.

        A user without id and phone is created afresh.
        """

    async def open_session(self, lease: Lease, now: datetime) -> Session:
        """Close the conversation's session, if one is open, and open a new one."""

    async def journal(
        self,
        lease: Lease,
        turn_id: str,
        change: DialogueRecord,
        now: datetime,
        *,
        operation: Callable[[Tx], Entry] | None = None,
        action: Action | None = None,
        outbox: Sequence[Outgoing] = (),
    ) -> Entry | None:
        """Commit a part of a dialogue in the middle of a turn, with the effect of a step in the same transaction.

        Raises `Silenced`, writing nothing, if the user has said STOP or a human has taken over since the claim.
        """

    async def finish(self, lease: Lease, record: TurnRecord, now: datetime) -> None:
        """Commit the turn. If the conversation was silenced, its bubbles are stored as cancelled."""

    async def retry(self, lease: Lease, turn_id: str, at: datetime, failure: Failure, now: datetime) -> None:
        """Give the turn back, to be claimed again at `at`."""

    async def bury(
        self, lease: Lease, turn_id: str, failure: Failure, now: datetime, *, outbox: Sequence[Outgoing] = ()
    ) -> None:
        """Make the turn's messages dead letters, and say so to the user."""

    async def post(self, conversation_id: int, outbox: Sequence[Outgoing], now: datetime) -> None:
        """Put bubbles into the outbox outside a turn's commit; cancelled at once if the conversation is silenced."""

    async def begin_send(self, conversation_id: int, now: datetime) -> OutboxItem | datetime | None:
        """Mark the next bubble `sending` and return it; a time when it is later, None when there is none.

        Checks STOP and a human's take-over again: what must not be sent is cancelled.
        """

    async def end_send(self, item: OutboxItem, sent: Sent, now: datetime) -> None:
        """Record how the send ended."""

    async def fold_status(self, channel: str, provider_id: str, state: OutboxState, error: str, now: datetime) -> bool:
        """Move a bubble on, never back: queued < sending < sent < delivered < read; `failed` is final. True if moved.

        A status may come before `end_send` has stored the provider's id: it is kept until then.
        """

    async def due(self, now: datetime, channels: Channels = None) -> Due:
        """Find the conversations with something to do, whoever put it there."""

    async def recover(self, now: datetime, channels: Channels = None) -> int:
        """At start: put bubbles found `sending` back, before all later ones; return how many there were.

        Nobody knows whether they went out. An answer that comes twice is better than none.
        """

    async def purge(self, now: datetime) -> None:
        """Remove journals of dialogues that ended 7 days ago."""

    async def dialogue(self, dialogue_id: str) -> DialogueRecord | None:
        """Return a dialogue in whatever status."""

    async def history(self, conversation_id: int, limit: int) -> Sequence[Line]:
        """Return the last lines, oldest first."""

    async def dead_letters(self) -> Sequence[DeadLetter]:
        """Return the messages that no turn could finish, oldest first."""
