"""Escalations: somebody of the team is rung for who needs a human; the user is told the truth at each step."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from lumiera.channel import shorten, split
from lumiera.messages import Bubble, Reply
from lumiera.people import Escalation
from lumiera.records import Outgoing
from lumiera.routing import says
from lumiera.texts import phone_language
from lumiera.turn import Bot, Turn

log = logging.getLogger(__name__)
AUTOMATIC = ("slow", "undelivered", "failed")  # opened by the bot itself: in an outage, for many users at once
PAUSE = timedelta(minutes=10)  # between the rings for two of those
ARRIVED, LOST = ("delivered", "read"), ("failed", "cancelled")
VARIABLE = 200  # characters of a template's variable
ANSWER = 1500  # characters of a bubble, on any channel
LOOKED_AT = 100  # lines of the history
PATIENCE = 10  # seconds for plugins to take note


@dataclass(frozen=True)
class Escalations:
    """The open escalations. Whatever it does is guarded by the store: any number of processes may do it at once."""

    bot: Bot

    async def sweep(self) -> None:
        """Ring, find out what became of earlier rings, and hand back what was the team's for long enough."""
        now = self.bot.now()
        found = [one for one in await self.bot.store.escalations() if one.conversation.channel in self.bot.channels]
        rung = [ring.at for one in found if one.opening.reason in AUTOMATIC for ring in one.rings]
        for one in found:
            is_news = one.opening.reason in AUTOMATIC and not one.rings
            if one.opening.silent and self._until(one) <= now:
                await self._expire(one)
            elif one.outcome in ("", "nobody"):
                await self._reach(one, now, quiet=is_news and any(now - at < PAUSE for at in rung))
                rung += [now] * is_news

    async def hear(self, turn: Turn) -> Reply | None:
        """Pass on what somebody on call says who quotes a ring; None for everything else.

        With the word to resume the conversation is handed back.
        """
        quoted = {message.reply_to for message in turn.messages if message.reply_to}
        if not quoted or turn.conversation.address not in self.bot.config.escalation.notify or not turn.text:
            return None
        found = [one for one in await self.bot.store.escalations(closed=True) if quoted & _rung(one)]
        if not found:
            return None
        one, over = found[-1], says(turn, "resume")
        passed = await (self.close(one, "team") if over else self.answer(one, turn.text, turn.messages[0].sid))
        key = "escalation-passed-on" if passed and not over else "escalation-over"
        return Reply(turn.text_for(key, name=_name(one)))

    async def answer(self, one: Escalation, text: str, key: str = "") -> bool:
        """Say a human's words to the user, whose conversation is the team's from now on; False if it is closed.

        Words with a `key` are said once.
        """
        now, said = self.bot.now(), key or secrets.token_hex(8)
        until = now + self.bot.config.escalation.silence
        for place, part in enumerate(split(text, ANSWER)):
            dedupe = f"escalation/{one.id}/answer/{said}/{place}"
            words = Outgoing(dedupe_key=dedupe, bubble=Bubble(text=part), passes="handover")
            if not await self.bot.store.answer(one.id, words, until, now):
                return False
        return True

    async def close(self, one: Escalation, by: Literal["team", "time"], what: str = "handed-back") -> bool:
        """Give the conversation back to the bot and tell the user; False if it is closed."""
        return await self.bot.store.close_escalation(
            one.id, by, f"handed back: {by}", self._told(one, what), self.bot.now()
        )

    def _until(self, one: Escalation) -> datetime:
        """Return until when the bot is silent; its turn may have come to no end, and then nothing was handed over."""
        until = one.conversation.handed_over_until
        return until if until and until >= one.opened_at else one.opened_at + self.bot.config.escalation.silence

    async def _expire(self, one: Escalation) -> None:
        lines = await self.bot.store.history(one.conversation.id, LOOKED_AT)
        answered = any(line.direction == "team" and line.at >= one.opened_at for line in lines)
        await self.close(one, "time", "handed-back" if answered else "expired")

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
        place, channel = len(one.rings), one.conversation.channel
        ring = Outgoing(dedupe_key=f"escalation/{one.id}/{place}", bubble=self._bell(one), passes="handover")
        told = self._told(one, "next", f"next/{place}") if place else []
        if await self.bot.store.ring(one, channel, address, ring, told, now) and not place:
            await self._noted(one)

    async def _settle(self, one: Escalation, outcome: Literal["reached", "nobody", "quiet"]) -> None:
        told = [] if outcome == "quiet" else self._told(one, outcome)
        if not await self.bot.store.settle(one, outcome, told, self.bot.now()):
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

    # words

    def _told(self, one: Escalation, what: str, key: str = "") -> list[Outgoing]:
        """Say what became of the call, to a user who waits for a human."""
        if not one.opening.silent:
            return []
        time = f"{self.bot.now().astimezone(ZoneInfo(self.bot.zone)):%H:%M}"
        text = self.bot.texts.format(f"escalation-{what}", self._language(one), {"time": time})
        key = f"escalation/{one.id}/told/{key or what}"
        return [Outgoing(dedupe_key=key, bubble=Bubble(text=text), passes="handover")]

    def _language(self, one: Escalation) -> str:
        spoken, user = self.bot.config.languages, one.user
        own = user.language if user and user.language in spoken else phone_language(one.conversation.address, spoken)
        return own or self.bot.config.language

    def _bell(self, one: Escalation) -> Bubble:
        """Draw a ring, as a template too: its variables stand on one line each, and none is empty."""
        texts, language = self.bot.texts, self.bot.config.language
        phone = _phone(one)
        reason = texts.format(f"escalation-reason-{one.opening.reason}", language)
        said = _name(one), reason, one.opening.details
        name, reason, details = (shorten(value, VARIABLE) for value in said)
        args = {"name": name, "phone": phone, "reason": reason, "details": details, "id": str(one.id)}
        text, template = texts.format("escalation-ring", language, args), self.bot.config.escalation.template
        return Bubble(text=text, template=template or "", variables=(name, reason, details or "-") if template else ())


def _phone(one: Escalation) -> str:
    return (one.user.phone if one.user else "") or one.conversation.address


def _rung(one: Escalation) -> set[str]:
    return {ring.provider_id for ring in one.rings}


def _name(one: Escalation) -> str:
    return (one.user.name if one.user else "") or _phone(one)
