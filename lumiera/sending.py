"""The way out: the waiting bubbles of a conversation, one after the other, each sent once."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lumiera.channel import Channel, Reconciles
from lumiera.errors import ChannelError, RateLimited, RecipientStopped, SendRefused, StoreError
from lumiera.queue import Queue
from lumiera.records import OutboxItem, Sent
from lumiera.turn import Bot

log = logging.getLogger(__name__)
LIMIT = 60.0  # seconds for one send: a channel that hangs must not keep its conversation, and a worker, for ever
SETTLED = timedelta(seconds=3)  # after an attempt: a provider may need it to list what it has taken
PATIENCE = timedelta(minutes=30)  # of looking in vain: by then the provider will not say it any more
MOST = 10  # attempts that nobody can vouch for, as each may have gone out


def backoff(first: timedelta, longest: timedelta, attempt: int) -> timedelta:
    """Return the wait after a failed attempt, counted from 1: doubled each time, at most `longest`."""
    return min(first * (1 << min(attempt - 1, 30)), longest)


@dataclass(frozen=True)
class Sender:
    """Sends what waits. `sending` is committed before a bubble goes out, how it ended after."""

    bot: Bot
    queue: Queue

    async def flush(self, conversation_id: int, at_most: int = 1000) -> None:
        """Send the waiting bubbles of a conversation, one after the other; one that must wait holds those behind it."""
        for _ in range(at_most):
            item = await self.bot.store.begin_send(conversation_id, self.bot.now())
            if item is None:
                return
            if isinstance(item, datetime):
                await self.queue.wake([conversation_id], at=item)
                return
            sent = await (self._send(item) if item.state == "sending" else self._look_for(item))
            await self._record(item, sent)
            if sent.retry_at is not None:
                await self.queue.wake([conversation_id], at=sent.retry_at)
                return

    async def _record(self, item: OutboxItem, sent: Sent) -> None:
        """Record how a send ended, again and again if need be: a bubble left `sending` would block those behind it."""
        for attempt in itertools.count(1):
            try:
                moved = await self.bot.store.end_send(item, sent, self.bot.now())
            except StoreError:
                log.exception("the end of a send could not be stored", extra={"outbox": item.id, "attempt": attempt})
                await asyncio.sleep(self._backoff(attempt).total_seconds())
            else:
                if moved is not None:
                    await self.bot.hooks.on_delivery_changed(item.channel, sent.provider_id, moved)
                return

    async def _send(self, item: OutboxItem) -> Sent:
        channel = self.bot.channels.get(item.channel)
        if channel is None:
            log.error("no plugin brings the channel of a bubble", extra={"channel": item.channel, "outbox": item.id})
            return Sent(state="failed", error=f"no channel {item.channel!r}")
        try:
            async with asyncio.timeout(LIMIT):
                sent = await channel.send(item.address, self._for_window(item, channel).bubble)
                return Sent(state="sent", provider_id=sent)
        except RateLimited as error:
            wait = self._wait(item.attempts, timedelta(seconds=min(error.retry_after or 0, 60)))
            return Sent(state="queued", error=error.message, retry_at=self.bot.now() + wait)
        except SendRefused as error:
            facts = {"outbox": item.id, "code": error.provider_code}
            log.error("the provider refused a bubble", extra=facts)  # noqa: TRY400 - a traceback says nothing here
            return Sent(state="failed", error=error.message, stopped=isinstance(error, RecipientStopped))
        except Exception as error:  # the border with providers: whatever it was, the bubble may have gone out
            return self._unsure(item, channel, error)

    def _unsure(self, item: OutboxItem, channel: Channel, error: Exception) -> Sent:
        reason, outage = _reason(error), isinstance(error, ChannelError | OSError)
        facts = {"outbox": item.id, "attempt": item.attempts, "reason": reason}
        log.warning("nobody knows whether a bubble went out", extra=facts, exc_info=not outage)
        if not isinstance(channel, Reconciles):
            return self._by_policy(item, reason)
        if not outage and item.attempts >= MOST:  # a mistake of the plugin's: it would hold the others for ever
            return Sent(state="failed", error=reason)
        return Sent(state="unknown", error=reason, retry_at=self.bot.now() + SETTLED * random.uniform(1, 1.25))

    async def _look_for(self, item: OutboxItem) -> Sent:
        """Find out what became of a bubble; where nobody can tell, the policy says."""
        channel, now = self.bot.channels.get(item.channel), self.bot.now()
        ended_at = item.ended_at or now
        if not isinstance(channel, Reconciles) or now - ended_at > PATIENCE:
            return self._by_policy(item, "")
        try:
            async with asyncio.timeout(LIMIT):
                provider_id = await channel.find(self._for_window(item, channel))
        except Exception as error:  # the border with providers: whatever it was, nothing is known yet
            log.warning("a bubble is still looked for", extra={"outbox": item.id, "reason": _reason(error)})
            return Sent(state="unknown", error=_reason(error), retry_at=now + self._wait(MOST))
        if provider_id is not None:
            return Sent(state="sent", provider_id=provider_id)
        if now < ended_at + SETTLED:
            return Sent(state="unknown", retry_at=ended_at + SETTLED)
        return Sent(state="queued")

    def _by_policy(self, item: OutboxItem, reason: str) -> Sent:
        if self.bot.config.outbox.unknown == "hold" or item.attempts >= MOST:
            return Sent(state="unknown", error=reason)
        log.warning("a bubble is sent again that may have gone out", extra={"outbox": item.id})
        at = None if item.state == "unknown" else self.bot.now() + self._wait(item.attempts)
        return Sent(state="queued", error=reason, retry_at=at)

    def _wait(self, attempt: int, asked: timedelta = timedelta(0)) -> timedelta:
        """Return the wait after a failed attempt, no two alike: a thousand must not come back at once."""
        return max(self._backoff(attempt) * random.uniform(0.5, 1), asked * random.uniform(1, 1.25))

    def _backoff(self, attempt: int) -> timedelta:
        return backoff(self.bot.config.retries.first, self.bot.config.outbox.longest, attempt)

    def _for_window(self, item: OutboxItem, channel: Channel) -> OutboxItem:
        """Leave the template out while the channel's window is open: the text says the same."""
        window, last = channel.capabilities.window, item.last_inbound_at
        if window is not None and (last is None or self.bot.now() - last >= window):
            return item
        return replace(item, bubble=replace(item.bubble, template="", variables=()))


def _reason(error: Exception) -> str:
    return error.message if isinstance(error, ChannelError) else type(error).__name__
