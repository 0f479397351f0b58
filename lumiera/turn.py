"""The turn: one trip through the pipeline, the only mutable object, its fields in the order of the stages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar, TypeVarTuple

from lumiera.errors import ErrorCode, LumieraError, StageError
from lumiera.messages import Choices, IntentMatch, Media, Message, Reply, StoredMedia, Transcript
from lumiera.people import Allowance, Conversation, Escalation, Opening, Session, User
from lumiera.tracing import Trace

if TYPE_CHECKING:
    from lumiera.channel import Channel
    from lumiera.config import Config
    from lumiera.hooks import Hooks
    from lumiera.intents import Intents
    from lumiera.journal import Journal
    from lumiera.media import MediaStore
    from lumiera.questions import Question
    from lumiera.records import DialogueRecord, Entry, Lease, OutboxState, Receipt
    from lumiera.steps import Step
    from lumiera.store import Store
    from lumiera.texts import Texts

Ts = TypeVarTuple("Ts")
T = TypeVar("T")
R = TypeVar("R")
Route = Literal[
    "question", "fast_path", "clarify", "agent", "undecided", "consent", "limited", "refused", "silent", "resumed",
    "team",
]  # fmt: skip


class Bot(Protocol):
    """The running bot as plugins, stages and handlers see it; `Lumiera` in `app` is the one there is."""

    config: Config
    hooks: Hooks
    intents: Intents
    store: Store
    texts: Texts
    channels: Mapping[str, Channel]
    media: MediaStore | None
    now: Callable[[], datetime]  # in UTC; tests travel in it, so nothing else asks the system

    @property
    def zone(self) -> str:
        """The time zone of the site, as the stage `session` has it."""

    async def receive(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        """Store messages durably and wake their conversations; on return they may be acknowledged."""

    async def delivered(
        self,
        channel: str,
        provider_id: str,
        state: OutboxState,
        *,
        error: str = "",
        retry_after: float | None = None,
        stopped: bool = False,
    ) -> None:
        """Move a sent bubble on to the state that the provider tells; late and repeated tidings change nothing.

        A failure is sent again after `retry_after` seconds where that is given; `stopped` counts as the user's STOP.
        """

    async def escalate(self, conversation_id: int, opening: Opening) -> None:
        """Call a human to a conversation, outside a turn; handlers have `turn.escalate`."""

    async def answer_escalation(self, escalation: Escalation, text: str) -> bool:
        """Say a human's words to the user, whose conversation is the team's from now on; False if it is closed."""

    async def close_escalation(self, escalation: Escalation) -> bool:
        """Give the conversation back to the bot and tell the user; False if it is closed already."""

    def fetch(self, channel: str, media: Media) -> AsyncIterator[bytes]:
        """Yield the bytes of a file that a user of the channel sent. Raises `MediaError` and `TransientError`."""

    async def flush(self, conversation_id: int) -> None:
        """Send what waits in the outbox of a conversation."""


@dataclass(kw_only=True)
class Turn:
    """One message, or a merged burst, on its way through the pipeline."""

    id: str
    bot: Bot = field(repr=False)
    lease: Lease
    conversation: Conversation
    messages: tuple[Message, ...] = field(repr=False)
    now: datetime  # of the turn, not of the clock: a re-run has the same
    attempt: int = 1
    trace: Trace = field(repr=False)
    open_dialogue: DialogueRecord | None = field(default=None, repr=False)  # as the store has it
    aside: DialogueRecord | None = field(default=None, repr=False)  # the latest that is interrupted, parked or offered
    menu: Choices | None = field(default=None, repr=False)  # what stands under the last reply
    known_user: User | None = None  # whom the store has linked to the conversation
    authenticated: User | None = None
    session: Session | None = None
    allowance: Allowance | None = None
    language: str = ""
    transcripts: dict[str, Transcript] = field(default_factory=dict, repr=False)  # by sid of the message
    candidates: list[IntentMatch] = field(default_factory=list)
    match: IntentMatch | None = None
    answer: object = None  # to the pending question, read by the stage `intent`
    translation: str = field(default="", repr=False)  # of `text` into the internal language
    route: Route | None = None
    draft: Sequence[Entry] = field(default=(), repr=False)  # answers of a dialogue to start again from
    reply: Reply | None = field(default=None, repr=False)
    page: int = 1  # of the reply's choices
    bubbles: int = 0  # that the turn has put into the outbox
    changes: list[DialogueRecord] = field(default_factory=list, repr=False)
    user_language: str = ""  # to be stored on the user
    escalation: Opening | None = None  # a human is called by the turn's commit
    hands_over: bool = False  # from the end of the turn on a human has the conversation
    resumes: bool = False  # the user called the bot back
    tools_called: list[str] = field(default_factory=list)
    failures: list[StageError] = field(default_factory=list, repr=False)
    dialogue: Journal | None = field(default=None, repr=False)  # bound while a handler runs

    @property
    def user(self) -> User:
        if self.authenticated is None:
            raise LumieraError("turn.user is read before the stage 'authenticate'", code=ErrorCode.USER_NOT_FOUND)
        return self.authenticated

    @property
    def text(self) -> str:
        """What the user wrote or said, a line for each message of the burst."""
        return self.said_in(self.messages)

    def said_in(self, messages: Sequence[Message]) -> str:
        """Return what was written or said in some messages of the turn."""
        heard = self.transcripts
        parts = (one.text or (heard[one.sid].text if one.sid in heard else "") for one in messages)
        return "\n".join(filter(None, parts))

    @property
    def intent(self) -> str:
        """What the turn is about: the intent that was matched, else that of the open dialogue."""
        return self.match.intent if self.match else self.open_dialogue.intent if self.open_dialogue else ""

    @property
    def channel(self) -> Channel:
        return self.bot.channels[self.conversation.channel]

    def text_for(self, key: str, **args: object) -> str:
        """Return the text `key` in the turn's language; `args` fill its variables."""
        return self.bot.texts.format(key, self.language, args)

    async def ask(self, question: Question[T]) -> T:
        """Return the answer from the journal, or send the question and suspend the handler until there is one."""
        return await self._journal.ask(question)

    async def once(self, name: str, step: Step[*Ts, R], *args: *Ts, key: str = "") -> R:
        """Run a step once in the life of the dialogue and return its result, on re-runs from the journal.

        `key` tells apart the runs of one name, in loops and in `gather`.
        """
        return await self._journal.once(name, step, *args, key=key)

    async def say(self, text: str, *, urgent: bool = False, **args: object) -> None:
        """Say the text `text` once; it joins the next question or the reply, unless `urgent` sends it now."""
        await self._journal.say(text, urgent=urgent, **args)

    async def gather(self, *runs: Awaitable[R]) -> list[R]:
        """Run steps in parallel and return their results in order; waits for all of them, whatever one raises."""
        return await self._journal.gather(*runs)

    async def escalate(self, reason: str, details: str = "", *, silent: bool = True) -> None:
        """Call a human now, once; with `silent` the bot says nothing more after this turn, until it is called back."""
        await self._journal.escalate(Opening(reason=reason, details=details, silent=silent))

    async def keep(self, media: Media) -> StoredMedia:
        """Fetch a file that the user sent and keep it in the media store, once. Raises `MediaError`."""
        return await self._journal.keep(media)

    @property
    def _journal(self) -> Journal:
        if self.dialogue is None:
            raise LumieraError("ask, once, say and gather belong to handlers", code=ErrorCode.VALIDATION)
        return self.dialogue


Handler = Callable[[Turn], Awaitable["Reply | str"]]
