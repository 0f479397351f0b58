"""What happens, told to every open page as server-sent events.

Messages, people and turns are read from the tables, so a page that comes back catches up, and what another process
has done is seen within a second. The rest is told once, to the pages that are open.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from lumiera.errors import StoreError
from lumiera.store import Store
from lumiera_simulator import messages, people
from lumiera_simulator.messages import PhoneMessage
from lumiera_simulator.people import Person
from lumiera_simulator.wire import number

log = logging.getLogger(__name__)
POLL = 0.5  # seconds: how late the rows of another process are seen, and a stop
SILENCE = 15.0  # seconds until a comment says that the connection lives
AT_ONCE = 200  # messages of a catching-up page
MOST_WAITING = 1000  # events for a page that does not read: the oldest go


@dataclass(eq=False)
class Stream:
    """One open page."""

    rung: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))

    def take(self) -> list[str]:
        """Return what waits, which then waits no more."""
        taken = [*self.waiting]
        self.waiting.clear()
        return taken

    async def wait(self) -> None:
        """Wait until something has happened here, or may have happened elsewhere."""
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await self.rung.wait()
        self.rung.clear()


class Events:
    """The open pages of this process."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()

    @property
    def listening(self) -> int:
        """Count the pages that are open."""
        return len(self._streams)

    def publish(self, event: str, data: Mapping[str, Any]) -> None:
        """Tell every open page."""
        for stream in self._streams:
            stream.waiting.append(written(event, data))
        self.wake()

    def wake(self) -> None:
        """Have every open page look at once for what changed in the tables."""
        for stream in self._streams:
            stream.rung.set()

    def routes(self) -> list[Route]:
        return [Route("/simulator/events", self.listen)]

    async def listen(self, request: Request) -> StreamingResponse:
        """Answer with all that happens after `?after=` or `Last-Event-ID`; without either from now on."""
        app, store = request.app, request.app.state.bot.store
        now = await store.read(messages.revision)
        after = number(request, "after", now, now)
        last = request.headers.get("last-event-id", "")
        if last.isascii() and last.isdecimal() and len(last) < 19:  # of a page that comes back
            after = min(int(last), now)
        said = self._follow(store, after, lambda: app.state.stopping)
        headers = {"X-Accel-Buffering": "no"}  # proxies must not gather it
        return StreamingResponse(said, media_type="text/event-stream", headers=headers)

    async def _follow(self, store: Store, after: int, is_stopping: Callable[[], bool]) -> AsyncIterator[str]:
        """Yield what happens until the bot is going to stop; a store that fails ends it, too, and the page comes back.

        It begins with everybody: who was made while a page was away has no revision to be found by.
        """
        stream = Stream()
        self._streams.add(stream)
        known, told = 0, time.monotonic()
        try:
            yield written("hello", {"revision": after})
            while not is_stopping():
                changed, new = await store.read(partial(_changes, after=after, known=known))
                after, known = (changed[-1].revision if changed else after), (new[-1].id if new else known)
                news = [*_told(changed, new), *stream.take()]
                if not news and time.monotonic() - told >= SILENCE:
                    news = [": still here\n\n"]
                if news:
                    told = time.monotonic()
                    yield "".join(news)
                else:
                    await stream.wait()
        except StoreError:
            log.warning("the store does not say what happens: a page is let go")
        finally:
            self._streams.discard(stream)


def _told(changed: Sequence[PhoneMessage], new: Sequence[Person]) -> Iterator[str]:
    """Yield changes as they go over the wire, and the turns that have ended with them."""
    for person in new:
        yield written("person", person.plain())
    for message in changed:
        yield written("message", message.plain(), message.revision)
    # Of what a user has sent only its turn's end names the turn: it is in the store by then.
    ended = {one.turn: one.person for one in changed if one.direction == "in" and one.turn}
    for turn, whose in ended.items():
        yield written("turn", {"person": whose, "turn": turn})


def _changes(tx: Connection, after: int, known: int) -> tuple[list[PhoneMessage], list[Person]]:
    # In this order, so that nobody's message comes before its person.
    changed = messages.since(tx, after, AT_ONCE)
    return changed, people.everybody(tx, after=known)


def written(event: str, data: Mapping[str, Any], revision: int | None = None) -> str:
    """Return an event as it goes over the wire."""
    mark = "" if revision is None else f"id: {revision}\n"
    return f"{mark}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
