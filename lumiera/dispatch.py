"""Dispatch: from the inbox to the worker, through the pipeline, to the outbox.

Messages are stored before they are acknowledged, taken in order, merged when they come in a burst, tried again with
backoff, and laid aside as dead letters when nothing helps. A user who waits is told so.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from lumiera.aside import lost, park_unattended
from lumiera.channel import Labels, render
from lumiera.config import Burst, Config
from lumiera.errors import ErrorCode, Fenced, LumieraError, TransientError
from lumiera.messages import Message, Reply
from lumiera.people import Opening
from lumiera.pipeline import Pipeline
from lumiera.questions import Asked
from lumiera.queue import Queue
from lumiera.records import Claim, Failure, Outgoing, Receipt, Waiting
from lumiera.routing import FREE, known_language
from lumiera.sending import Sender, backoff
from lumiera.tracing import Trace, turn_id
from lumiera.turn import Bot, Turn

log = logging.getLogger(__name__)
SWEEP = 1.0  # seconds: how late work of another process may be found
SWEEPS_PER_PURGE = 3600


class Dispatch:
    """The worker of a process."""

    def __init__(self, bot: Bot, pipeline: Pipeline, queue: Queue, sender: Sender) -> None:
        self._bot = bot
        self._pipeline = pipeline
        self._queue = queue
        self._sender = sender
        self._config: Config = bot.config
        self._sweeper: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> None:
        """Take up what an earlier process left, and begin to work."""
        if unsure := await self._bot.store.recover(self._bot.now(), self._bot.channels):
            log.warning("bubbles are looked for: a process ended while it sent them", extra={"bubbles": unsure})
        await self._queue.run(self._work, concurrency=self._config.workers.turns, now=self._bot.now)
        await self.sweep()
        self._sweeper = asyncio.create_task(self._sweep_for_ever())

    async def close(self) -> None:
        """Start no more turns, wait for those that run, then give them up: their messages stay in the inbox."""
        self._closing = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        await self._queue.close(self._config.workers.drain)

    async def receive(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        """Store messages; once this returns they survive everything."""
        consent = self._bot.intents.consent
        receipts = await self._bot.store.ingest([(message, consent(message.text)) for message in messages])
        await self._queue.wake({receipt.conversation_id for receipt in receipts if not receipt.duplicate})
        return receipts

    async def sweep(self) -> None:
        """Wake every conversation that has something to do, whoever put it there; park what nobody goes on with."""
        bot = self._bot
        await park_unattended(bot)
        due = await bot.store.due(bot.now(), bot.channels)
        await self._queue.wake({*due.inbox, *due.outbox})
        if due.escalations:
            ours = [one for one in await bot.store.escalations() if one.conversation.channel in bot.channels]
            await bot.hooks.on_escalations_found(ours, bot)
            due = await bot.store.due(bot.now(), bot.channels)
            await self._queue.wake(due.outbox)

    async def _sweep_for_ever(self) -> None:
        for sweeps in itertools.count():
            await asyncio.sleep(SWEEP)
            try:
                await self.sweep()
                if sweeps % SWEEPS_PER_PURGE == 0:
                    now = self._bot.now()
                    await self._bot.store.purge(now, now - self._config.dialogue.keep)
            except Exception:  # the sweep is the net under everything else: it must not end
                log.exception("the sweep failed")

    async def _work(self, conversation_id: int) -> None:
        """Run the waiting turns of a conversation and send what is in its outbox."""
        while not self._closing:
            claim = await self._bot.store.claim(conversation_id, secrets.token_hex(8), self._bot.now(), self._take)
            if isinstance(claim, datetime):
                await self._queue.wake([conversation_id], at=claim)
            if not isinstance(claim, Claim):
                await self._sender.flush(conversation_id)
                return
            await self._turn(claim)
            if not claim.more:
                return

    # a turn

    async def _turn(self, claim: Claim) -> None:
        turn = self._begin(claim)
        token = turn_id.set(turn.id)
        try:
            if claim.attempt > self._config.retries.tries:  # it would end the process for ever
                raise LumieraError(f"given up: {claim.attempt - 1} tries came to no end")  # noqa: TRY301 - one way out
            async with self._watched(turn):
                result = await self._pipeline.run(turn)
        except Fenced:
            log.warning("another worker has the conversation: this turn is thrown away")
        except Exception as error:  # the border of a turn: it is tried again, and in the end laid aside, never lost
            await self._again_or_never(turn, error)
        else:
            facts = {"conversation": turn.conversation.id, "route": turn.route, "language": turn.language}
            took = round((time.perf_counter() - turn.trace.started) * 1000)
            log.info("turn", extra={**facts, "intent": turn.intent, "code": result.code, "ms": took})
            await self._bot.hooks.on_turn_finished(turn)
            if turn.bubbles:
                await self._sender.flush(claim.lease.conversation_id, turn.bubbles)
        finally:
            turn_id.reset(token)

    def _begin(self, claim: Claim) -> Turn:
        turn = Turn(
            id=claim.turn_id, bot=self._bot, lease=claim.lease, conversation=claim.conversation,
            messages=claim.messages, now=claim.claimed_at, attempt=claim.attempt, trace=Trace(),
            open_dialogue=claim.dialogue, aside=claim.aside, menu=claim.menu, known_user=claim.user,
            session=claim.session,
        )  # fmt: skip
        turn.language = known_language(turn)
        return turn

    async def _again_or_never(self, turn: Turn, error: Exception) -> None:
        retries, now = self._config.retries, self._bot.now()
        code = error.code if isinstance(error, LumieraError) else ErrorCode.INTERNAL
        failure = Failure(code=code, message=f"{type(error).__name__}: {error}")
        wait = backoff(retries.first, retries.longest, turn.attempt)
        if isinstance(error, TransientError) and error.retry_after is not None:
            wait = max(wait, timedelta(seconds=error.retry_after))
        try:
            if turn.attempt < retries.tries:
                log.warning("the turn is tried again", exc_info=error, extra={"attempt": turn.attempt, "code": code})
                await self._bot.store.retry(turn.lease, turn.id, now + wait, failure, now)
                await self._queue.wake([turn.lease.conversation_id], at=now + wait)
            else:
                log.error("the turn is a dead letter", exc_info=error, extra={"attempt": turn.attempt, "code": code})
                told, call = self._words(turn, "turn-lost"), lost(turn)
                await self._bot.store.bury(turn.lease, turn.id, failure, now, outbox=told, escalation=call)
                await self._sender.flush(turn.lease.conversation_id)
        except Fenced:
            log.warning("another worker has the conversation: this turn is thrown away")

    # bursts

    def _take(self, waiting: Waiting) -> int | datetime:
        burst = self._config.burst
        for place, message in enumerate(waiting.messages):
            if not burst.max or self._stands_alone(waiting, message):
                return max(place, 1)
        ready = _ready_at(burst, waiting.messages)
        return len(waiting.messages) if ready <= self._bot.now() else ready

    def _stands_alone(self, waiting: Waiting, message: Message) -> bool:
        """Say whether a message waits for no others: a tap, a voice note, an exact text, an answer to a choice."""
        if message.tap or message.voice or self._bot.intents.exact(message.text):
            return True
        question: Asked | None = waiting.dialogue.question if waiting.dialogue else None
        if question is None:
            return message.text.strip().isdecimal()  # a number of the menu
        if question.kind in FREE:
            return False
        try:
            return question.read([message], message.text, self._bot.now()) is not None
        except Exception:  # whatever a message does to the reader: raised here, it would never be claimed at all
            log.exception("an answer could not be read")
            return True

    # words for those who wait

    @asynccontextmanager
    async def _watched(self, turn: Turn) -> AsyncIterator[None]:
        """Show typing, then a word, then an apology, while the turn runs.

        What earlier tries took counts, but one that ends before `typing` would show says nothing more.
        """
        config, loop = self._config.watchdog, asyncio.get_running_loop()
        signs, words = set[asyncio.Task[None]](), set[asyncio.Task[None]]()
        waited = self._bot.now() - turn.now

        def after(limit: timedelta) -> float:
            return max(limit - waited, min(limit, config.typing)).total_seconds()

        timers = [
            loop.call_later(config.typing.total_seconds(), lambda: signs.add(loop.create_task(self._type(turn)))),
            loop.call_later(after(config.notice), lambda: words.add(loop.create_task(self._tell(turn, "working")))),
            loop.call_later(after(config.apology), lambda: words.add(loop.create_task(self._tell(turn, "apology")))),
        ]
        try:
            yield
        finally:
            for timer in timers:
                timer.cancel()
            for sign in signs:
                sign.cancel()
            if begun := signs | words:
                await asyncio.wait(begun)

    async def _type(self, turn: Turn) -> None:
        if turn.route == "silent":
            return
        with contextlib.suppress(Exception):  # a courtesy: whatever it raises must not touch the turn
            await turn.channel.typing(turn.messages[-1])

    async def _tell(self, turn: Turn, key: str) -> None:
        try:
            await self._bot.store.post(turn.conversation.id, self._words(turn, key), self._bot.now())
            await self._sender.flush(turn.conversation.id)
            until = turn.conversation.handed_over_until
            if key == "apology" and (until is None or until <= turn.now):  # else a human is called already
                slow = Opening(reason="slow", details=turn.text, silent=False)
                await self._bot.escalate(turn.conversation.id, slow)
        except Exception:  # a courtesy: whatever it raises must not touch the turn
            log.exception("could not tell the user to wait", extra={"turn": turn.id})

    def _words(self, turn: Turn, key: str) -> list[Outgoing]:
        if turn.conversation.channel not in self._bot.channels:
            return []  # its plugin was taken out, and its conversations are still there
        bubbles = render(Reply(turn.text_for(key)), turn.channel.capabilities, Labels.of(turn))
        return [Outgoing(dedupe_key=f"{turn.id}/{key}", bubble=bubble) for bubble in bubbles[:1]]


def _ready_at(burst: Burst, messages: Sequence[Message]) -> datetime:
    """Return when a burst is complete: after a pause, longer after pictures, at the latest `max` after its first."""
    last = messages[-1]
    pause = burst.media if last.media else burst.text
    return min(last.received_at + pause, messages[0].received_at + burst.max)
