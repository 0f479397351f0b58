"""The way out: the waiting bubbles of a conversation, one after the other, each sent once."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lumiera.channel import Channel
from lumiera.errors import RateLimited, SendAmbiguous, SendRefused, StoreError
from lumiera.queue import Queue
from lumiera.store import OutboxItem, Sent, Store

log = logging.getLogger(__name__)
LIMIT = 60.0  # seconds for one send: a channel that hangs must not keep its conversation, and a worker, for ever


@dataclass(frozen=True)
class Sender:
    """Sends what waits. `sending` is committed before a bubble goes out, how it ended after."""

    store: Store
    channels: Mapping[str, Channel]
    queue: Queue
    now: Callable[[], datetime]
    backoff: Callable[[int], timedelta]

    async def flush(self, conversation_id: int, at_most: int = 1000) -> None:
        """Send the waiting bubbles of a conversation, one after the other; a refused one stops the others behind it."""
        for _ in range(at_most):
            item = await self.store.begin_send(conversation_id, self.now())
            if item is None:
                return
            if isinstance(item, datetime):
                await self.queue.wake([conversation_id], at=item)
                return
            sent = await self._send(item)
            await self._record(item, sent)
            if sent.retry_at is not None:
                await self.queue.wake([conversation_id], at=sent.retry_at)
                return

    async def _record(self, item: OutboxItem, sent: Sent) -> None:
        """Record how a send ended, again and again if need be: a bubble left `sending` would block those behind it."""
        for attempt in itertools.count(1):
            try:
                await self.store.end_send(item, sent, self.now())
                break
            except StoreError:
                log.exception("the end of a send could not be stored", extra={"outbox": item.id, "attempt": attempt})
                await asyncio.sleep(self.backoff(attempt).total_seconds())

    async def _send(self, item: OutboxItem) -> Sent:
        channel = self.channels.get(item.channel)
        if channel is None:
            log.error("no plugin brings the channel of a bubble", extra={"channel": item.channel, "outbox": item.id})
            return Sent(state="failed", error=f"no channel {item.channel!r}")
        try:
            async with asyncio.timeout(LIMIT):
                return Sent(state="sent", provider_id=await channel.send(item.address, item.bubble))
        except RateLimited as error:
            wait = self.backoff(item.attempts)
            if error.retry_after is not None:
                wait = max(wait, timedelta(seconds=min(error.retry_after, 60)))
            return Sent(state="queued", error=error.message, retry_at=self.now() + wait)
        except SendRefused as error:
            facts = {"outbox": item.id, "code": error.provider_code}
            log.error("the provider refused a bubble", extra=facts)  # noqa: TRY400 - a traceback says nothing here
            return Sent(state="failed", error=error.provider_code or error.message)
        except Exception as error:  # the border with providers: whatever it was, the bubble may have gone out
            known = isinstance(error, SendAmbiguous)
            log.warning("nobody knows whether a bubble went out", extra={"outbox": item.id}, exc_info=not known)
            return Sent(state="unknown", error=type(error).__name__)
