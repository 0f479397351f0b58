"""What the core asks of a store: durable, ordered, fenced. The store is the truth, the queue only wakes.

Every method but `open` and `close` is one transaction. Those that take a `Lease` begin with
`UPDATE conversations ... WHERE id = ? AND epoch = ?` and raise `Fenced` if another worker has claimed since.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from lumiera.messages import Message
from lumiera.people import Escalation, Opening, Session, User
from lumiera.records import (
    Action,
    Channels,
    Claim,
    Consent,
    DeadLetter,
    DialogueRecord,
    Due,
    Entry,
    Failure,
    Lease,
    Line,
    Migrations,
    OutboxItem,
    OutboxLine,
    OutboxState,
    Outgoing,
    Receipt,
    Sent,
    Take,
    TurnLine,
    TurnRecord,
)
from lumiera.steps import Tx

R = TypeVar("R")


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
        escalation: Opening | None = None,
    ) -> Entry | None:
        """Commit a part of a dialogue in the middle of a turn, with the effect of a step in the same transaction.

        An `escalation` is opened, but the conversation handed over only by `finish`.

        Raises `Silenced`, writing nothing, if the user has said STOP or a human has taken over since the claim.
        """

    async def finish(self, lease: Lease, record: TurnRecord, now: datetime) -> None:
        """Commit the turn. If the conversation was silenced, its bubbles are stored as cancelled."""

    async def retry(self, lease: Lease, turn_id: str, at: datetime, failure: Failure, now: datetime) -> None:
        """Give the turn back, to be claimed again at `at`."""

    async def bury(
        self,
        lease: Lease,
        turn_id: str,
        failure: Failure,
        now: datetime,
        *,
        outbox: Sequence[Outgoing] = (),
        escalation: Opening | None = None,
    ) -> None:
        """Make the turn's messages dead letters, say so to the user, and open an escalation."""

    async def post(self, conversation_id: int, outbox: Sequence[Outgoing], now: datetime) -> None:
        """Put bubbles into the outbox outside a turn's commit; cancelled at once if the conversation is silenced."""

    async def begin_send(self, conversation_id: int, now: datetime) -> OutboxItem | datetime | None:
        """Mark the next bubble `sending` and return it; a time when it is later, None when there is none.

        A bubble that is `unknown` and to be looked for comes as it is, and holds those behind it.

        Checks STOP and a human's take-over again: what must not be sent is cancelled.
        """

    async def end_send(self, item: OutboxItem, sent: Sent, now: datetime) -> OutboxState | None:
        """Record how the send ended; returns the state that a status which came too early has moved it to, if one did.

        A bubble that failed for good opens the escalation `undelivered`, unless it belongs to one or the user stopped.
        """

    async def fold_status(self, channel: str, told: Sent, now: datetime) -> bool:
        """Move a bubble on, never back: queued < sending < sent < delivered < read; `failed` is final. True if moved.

        A status may come before `end_send` has stored the provider's id: it is kept until then. A failure with
        `retry_at` puts the bubble back instead, a few times; one for good opens an escalation as in `end_send`.
        """

    async def outbox(self, states: Collection[OutboxState] = (), limit: int = 100) -> Sequence[OutboxLine]:
        """Return the newest bubbles, those in the given states where there are any, newest first."""

    async def count_outbox(self) -> Mapping[OutboxState, int]:
        """Count the bubbles in each state."""

    async def resend(self, outbox_id: int, now: datetime) -> bool:
        """Queue a bubble that failed, or whose fate is unknown, once more; False if it is in another state."""

    async def due(self, now: datetime, channels: Channels = None) -> Due:
        """Find the conversations with something to do, whoever put it there."""

    async def recover(self, now: datetime, channels: Channels = None) -> int:
        """At start: make bubbles found `sending` `unknown`, to be looked for at once; return how many there were."""

    async def parking(self, before: datetime) -> Sequence[DialogueRecord]:
        """Return the dialogues, open or interrupted, that nobody has touched since `before`."""

    async def park(self, dialogue: DialogueRecord, now: datetime, *, escalation: Opening | None = None) -> None:
        """Park a dialogue, unless it was touched since it was read."""

    async def escalate(self, conversation_id: int, opening: Opening, now: datetime, until: datetime | None) -> bool:
        """Open an escalation outside a turn; False if one with its reason is open. A silent one hands over at once."""

    async def escalations(self, *, closed: bool = False) -> Sequence[Escalation]:
        """Return the open escalations, oldest first; with `closed` the last 100 closed ones, too."""

    async def ring(
        self, escalation: Escalation, address: str, ring: Outgoing, told: Sequence[Outgoing], now: datetime
    ) -> bool:
        """Put a ring into the outbox of somebody of the team, and words to the user; False if another was quicker.

        It goes out on the user's channel.
        """

    async def settle(self, escalation: Escalation, outcome: str, told: Sequence[Outgoing], now: datetime) -> bool:
        """Record what became of the rings, and tell the user; False if another was quicker."""

    async def answer(self, escalation_id: int, words: Outgoing, until: datetime, now: datetime) -> bool:
        """Put a human's words into the outbox and the history, and keep the conversation his; False if it is closed.

        Words with a `dedupe_key` that is there are said already.
        """

    async def close_escalation(self, escalation_id: int, by: str, told: Sequence[Outgoing], now: datetime) -> bool:
        """Hand the conversation back, with a note in its history; False if it was closed."""

    async def purge(self, now: datetime, unfinished: datetime) -> None:
        """Remove journals of dialogues that ended 7 days ago, and end those that were put aside before `unfinished`."""

    async def dialogue(self, dialogue_id: str) -> DialogueRecord | None:
        """Return a dialogue in whatever status."""

    async def history(self, conversation_id: int, limit: int) -> Sequence[Line]:
        """Return the last lines, oldest first."""

    async def turn(self, turn_id: str) -> TurnLine | None:
        """Return a finished turn."""

    async def turns(self, limit: int, *, conversation_id: int | None = None) -> Sequence[TurnLine]:
        """Return the last turns, newest first, without what was said in them."""

    async def dead_letters(self) -> Sequence[DeadLetter]:
        """Return the messages that no turn could finish, oldest first."""

    async def revive(self, dead_letter_id: int, now: datetime) -> bool:
        """Put a dead letter back into the inbox, to be answered in a turn of its own; False if it is none."""
