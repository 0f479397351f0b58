"""Escalations: what the team says to a user, and what the user is told of the call. Plugins do the calling."""

from __future__ import annotations

import secrets
from typing import Literal
from zoneinfo import ZoneInfo

from lumiera.channel import split
from lumiera.messages import Bubble
from lumiera.people import Escalation
from lumiera.records import Outgoing
from lumiera.texts import phone_language
from lumiera.turn import Bot

ANSWER = 1500  # characters of a bubble, on any channel


async def answer(bot: Bot, one: Escalation, text: str, key: str = "") -> bool:
    """Say a human's words to the user, whose conversation is the team's from now on; False if it is closed.

    Words with a `key` are said once.
    """
    now, said = bot.now(), key or secrets.token_hex(8)
    until = now + bot.config.escalation.silence
    for place, part in enumerate(split(text, ANSWER)):
        dedupe = f"escalation/{one.id}/answer/{said}/{place}"
        words = Outgoing(dedupe_key=dedupe, bubble=Bubble(text=part), passes="handover")
        if not await bot.store.answer(one.id, words, until, now):
            return False
    return True


async def close(bot: Bot, one: Escalation, by: Literal["team", "time"], what: str = "handed-back") -> bool:
    """Give the conversation back to the bot and tell the user; False if it is closed."""
    return await bot.store.close_escalation(one.id, by, told(bot, one, what), bot.now())


def told(bot: Bot, one: Escalation, what: str, key: str = "") -> list[Outgoing]:
    """Say what became of the call, to a user who waits for a human."""
    if not one.opening.silent:
        return []
    time = f"{bot.now().astimezone(ZoneInfo(bot.zone)):%H:%M}"
    text = bot.texts.format(f"escalation-{what}", _language(bot, one), {"time": time})
    dedupe = f"escalation/{one.id}/told/{key or what}"
    return [Outgoing(dedupe_key=dedupe, bubble=Bubble(text=text), passes="handover")]


def _language(bot: Bot, one: Escalation) -> str:
    spoken, user = bot.config.languages, one.user
    own = user.language if user and user.language in spoken else phone_language(one.conversation.address, spoken)
    return own or bot.config.language
