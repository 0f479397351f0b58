"""Asking for a human: what it is about, the call, and the truth about who comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from lumiera import Bot, Conversation, Option, Turn, free_text, read

REASONS = ("task", "safety", "other")
ABOUT = tuple(Option(id=reason, text=f"human-{reason}") for reason in REASONS)
BARE = ("exact", "menu", "tap")  # ways of asking that say nothing but "a human"


@dataclass(frozen=True)
class Desk:
    """Where the team's open calls lie."""

    bot: Bot

    @read
    async def called_at(self, conversation: Conversation) -> datetime | None:
        """Return when the team was called for a user who waits for it; None for nobody who does."""
        found = await self.bot.store.escalations()
        ours = [one for one in found if one.conversation.id == conversation.id and one.opening.silent]
        return ours[0].opened_at if ours else None


async def escalate_to_human(turn: Turn) -> str:
    """Call the team. Whatever is answered to the question counts, and reaches them with what was said before it."""
    called_at = await turn.once("called-at", Desk(turn.bot).called_at, turn.conversation)
    if called_at is not None:
        return turn.text_for("human-already", time=_clock(turn, called_at))
    answer = await turn.ask(replace(free_text("human-about"), options=ABOUT))
    reason, words = (answer, "") if answer in REASONS else ("other", answer)
    before = "" if turn.match and turn.match.source in BARE else turn.text
    if reason == "safety":
        await turn.say("human-danger")
    await turn.escalate(reason, "\n".join(filter(None, (before, words))))
    key = "human-called" if turn.bot.config.escalation.notify else "human-kept"
    return turn.text_for(key, time=_clock(turn, turn.bot.now()))


def _clock(turn: Turn, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(turn.bot.zone)):%H:%M}"
