"""Who is on call: somebody of the team is rung for who needs a human; the user is told the truth at each step."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from lumiera import Bot, Bubble, Escalation
from lumiera.channel import shorten
from lumiera.escalations import close, told
from lumiera.records import Outgoing

log = logging.getLogger(__name__)
AUTOMATIC = ("slow", "undelivered", "failed")  # opened by the bot itself: in an outage, for many users at once
PAUSE = timedelta(minutes=10)  # between the rings for two of those
ARRIVED, LOST = ("delivered", "read"), ("failed", "cancelled")
VARIABLE = 200  # characters of a template's variable
LOOKED_AT = 100  # lines of the history
PATIENCE = 10  # seconds for plugins to take note


@dataclass(frozen=True)
class OnCall:
    """The bell. Whatever it does is guarded by the store: any number of processes may do it at once."""

    bot: Bot

    async def attend(self, found: Sequence[Escalation]) -> None:
        """Ring, find out what became of earlier rings, and hand back what was the team's for long enough."""
        now = self.bot.now()
        rung = [ring.at for one in found if one.opening.reason in AUTOMATIC for ring in one.rings]
        for one in found:
            is_news = one.opening.reason in AUTOMATIC and not one.rings
            if one.opening.silent and self._until(one) <= now:
                await self._expire(one)
            elif one.outcome in ("", "nobody"):
                await self._reach(one, now, quiet=is_news and any(now - at < PAUSE for at in rung))
                rung += [now] * is_news

    def _until(self, one: Escalation) -> datetime:
        """Return until when the bot is silent; its turn may have come to no end, and then nothing was handed over."""
        until = one.conversation.handed_over_until
        return until if until and until >= one.opened_at else one.opened_at + self.bot.config.escalation.silence

    async def _expire(self, one: Escalation) -> None:
        lines = await self.bot.store.history(one.conversation.id, LOOKED_AT)
        answered = any(line.direction == "team" and line.at >= one.opened_at for line in lines)
        await close(self.bot, one, "time", "handed-back" if answered else "expired")

    async def _reach(self, one: Escalation, now: datetime, *, quiet: bool) -> None:
        notify, last = self.bot.config.escalation.notify, one.rings[-1] if one.rings else None
        if any(ring.state in ARRIVED for ring in one.rings):
            await self._settle(one, "reached")
        elif one.outcome or (last and last.state not in LOST and now - last.at < self.bot.config.escalation.next_after):
            return
        elif last is None and (quiet or not notify):
            await self._settle(one, "quiet")
        elif len(one.rings) < len(notify):
            await self._ring(one, notify[len(one.rings)], now)
        else:
            await self._settle(one, "nobody")

    async def _ring(self, one: Escalation, address: str, now: datetime) -> None:
        place = len(one.rings)
        ring = Outgoing(dedupe_key=f"escalation/{one.id}/{place}", bubble=self._bell(one), passes="handover")
        words = told(self.bot, one, "next", f"next/{place}") if place else []
        if await self.bot.store.ring(one, address, ring, words, now) and not place:
            await self._noted(one)

    async def _settle(self, one: Escalation, outcome: Literal["reached", "nobody", "quiet"]) -> None:
        words = [] if outcome == "quiet" else told(self.bot, one, outcome)
        if not await self.bot.store.settle(one, outcome, words, self.bot.now()):
            return
        facts = {"escalation": one.id, "reason": one.opening.reason, "rings": len(one.rings)}
        if outcome == "nobody":
            log.error("nobody of the team could be reached", extra=facts)
        elif outcome == "quiet":
            why = "another was, a moment ago" if self.bot.config.escalation.notify else "escalation.notify is empty"
            log.warning("nobody is rung for an escalation: %s; see 'lumiera escalations list'", why, extra=facts)
            await self._noted(one)

    async def _noted(self, one: Escalation) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self.bot.hooks.on_escalation_opened(one)
        except TimeoutError:  # the sweep, which everything waits for, must not
            log.error("on_escalation_opened took too long", extra={"escalation": one.id})  # noqa: TRY400

    def _bell(self, one: Escalation) -> Bubble:
        """Draw a ring, as a template too: its variables stand on one line each, and none is empty."""
        texts, language = self.bot.texts, self.bot.config.language
        reason = texts.format(f"escalation-reason-{one.opening.reason}", language)
        said = name_of(one), reason, one.opening.details
        name, reason, details = (shorten(value, VARIABLE) for value in said)
        args = {"name": name, "phone": _phone(one), "reason": reason, "details": details, "id": str(one.id)}
        text, template = texts.format("escalation-ring", language, args), self.bot.config.escalation.template
        return Bubble(text=text, template=template or "", variables=(name, reason, details or "-") if template else ())


def name_of(one: Escalation) -> str:
    return (one.user.name if one.user else "") or _phone(one)


def _phone(one: Escalation) -> str:
    return (one.user.phone if one.user else "") or one.conversation.address
