"""What if: another time, and a channel that fails. The clock is everybody's, the fault that of this process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import Connection, select, update
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lumiera.aside import park_unattended
from lumiera.errors import RateLimited, SendAmbiguous, SendRefused, StoreError
from lumiera.messages import Bubble
from lumiera.turn import Bot
from lumiera_simulator.schema import state
from lumiera_simulator.wire import Asked, Refused, read_as

LOOK = 1.0  # seconds: how late a jump of another process is seen
FARTHEST = timedelta(days=3650)
SLOW = 12.0  # seconds for each send
_MICROSECOND = timedelta(microseconds=1)
Publish = Callable[[str, Mapping[str, Any]], None]


class Jump(Asked):
    """How far to put the clock forward."""

    seconds: float = Field(gt=0, le=FARTHEST.total_seconds(), allow_inf_nan=False)


class Clock:
    """The time as the bot has it: that of the machine, and how far it was put forward.

    How far stands in a table, so a restart and a second process on the same database agree. Nothing goes back in time.
    """

    def __init__(self, publish: Publish, *, is_real: bool) -> None:
        self.ahead = timedelta(0)
        self._publish = publish
        self._is_real = is_real  # users of other channels live by it, and there is no way back
        self._bot: Bot
        self._looking: asyncio.Task[None] | None = None

    async def load(self, bot: Bot) -> None:
        """Put the bot's clock where an earlier process left it. Belongs in `startup`: the worker takes it after."""
        self._bot, machine = bot, bot.now
        self.ahead = await bot.store.read(_ahead)
        bot.now = lambda: machine() + self.ahead
        self._looking = asyncio.create_task(self._look_for_ever())

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    def plain(self) -> dict[str, Any]:
        return {"now": self._bot.now().isoformat(), "ahead": self.ahead.total_seconds()}

    async def jump(self, by: timedelta) -> None:
        """Put the clock forward; raises `Refused` in production and where that is too far.

        What time does to dialogues on the way is done: they are put aside, and ended if that was long ago. The other
        timers ring with the next sweep, within a second.
        """
        if self._is_real:
            raise Refused(403, "The clock of a bot in production is not put forward: it is that of all its users.")
        if self.ahead + by > FARTHEST:
            raise Refused(400, f"The clock goes {FARTHEST.days} days ahead at most. A new database begins today.")
        store, dialogue = self._bot.store, self._bot.config.dialogue
        stop = min(by, dialogue.park_after)
        for part in filter(None, (stop, by - stop)):
            self.ahead = await store.run(partial(_put_forward, by=part))
            await park_unattended(self._bot)
        now = self._bot.now()
        await store.purge(now, now - dialogue.keep)
        self._publish("clock", self.plain())

    def routes(self) -> list[Route]:
        return [Route("/simulator/clock", self._asked, methods=["POST"])]

    async def _asked(self, request: Request) -> JSONResponse:
        asked = await read_as(request, Jump)
        await self.jump(timedelta(seconds=asked.seconds))
        return JSONResponse(self.plain())

    async def _look_for_ever(self) -> None:
        """See the jumps of other processes."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                ahead = await self._bot.store.read(_ahead)
            except StoreError:  # the bot's own sweep says so
                continue
            if ahead > self.ahead:
                self.ahead = ahead
                self._publish("clock", self.plain())


def _ahead(tx: Connection) -> timedelta:
    return _MICROSECOND * int(tx.execute(select(state.c.ahead)).scalar_one())


def _put_forward(tx: Connection, by: timedelta) -> timedelta:
    jump = update(state).values(ahead=state.c.ahead + by // _MICROSECOND).returning(state.c.ahead)
    return _MICROSECOND * int(tx.execute(jump).scalar_one())


class Fault(Asked):
    """What the channel does with a bubble, and whether it draws buttons and lists.

    `busy`: turned away, to be sent later. `refused`: never taken. `lost`: it broke off before the provider had it.
    `doubtful`: it broke off after that. `slow`: it takes its time.
    """

    send: Literal["none", "busy", "refused", "lost", "doubtful", "slow"] = "none"
    menus: bool = True


class Faults:
    """The fault that is on, until another is chosen or the process ends."""

    def __init__(self, publish: Publish) -> None:
        self._on = Fault()
        self._publish = publish

    async def before_send(self, bubble: Bubble) -> Bubble:
        """Return the bubble as it is to be drawn, or raise as a channel's `send` does: the phone has not got it."""
        match self._on.send:
            case "busy":
                raise RateLimited("busy, as the page wants it", provider_code="429")
            case "refused":
                raise SendRefused("refused, as the page wants it")
            case "lost":
                raise SendAmbiguous("the connection was lost, as the page wants it")
            case "slow":
                await asyncio.sleep(SLOW)
        return bubble if self._on.menus else _numbered(bubble)

    async def after_send(self) -> None:
        """Raise where nobody is to know that the phone has the bubble."""
        if self._on.send == "doubtful":
            raise SendAmbiguous("the answer was lost, as the page wants it")

    def plain(self) -> dict[str, Any]:
        return self._on.model_dump()

    def routes(self) -> list[Route]:
        return [Route("/simulator/faults", self._asked, methods=["POST"])]

    async def _asked(self, request: Request) -> JSONResponse:
        self._on = await read_as(request, Fault)
        self._publish("faults", self.plain())
        return JSONResponse(self.plain())


def _numbered(bubble: Bubble) -> Bubble:
    if bubble.kind == "text":
        return bubble
    return replace(bubble, text=bubble.numbered or bubble.text, kind="text", options=(), button="")
