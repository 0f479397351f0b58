"""Escalations as the team sees them: who waits, for what, who was rung, and what was said around it.

The facts are those of `lumiera escalations list --json`, and a test holds the two together: a plugin imports nothing of
the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lumiera.people import Conversation, Escalation
from lumiera.records import Line
from lumiera.turn import Bot

BEFORE, AFTER = 4, 50  # lines of the conversation that are shown, before the call and since
CLOSED = 20  # of those that are over


async def all_cases(bot: Bot) -> list[dict[str, Any]]:
    """Return the open ones, oldest first, then the last closed ones, newest first."""
    found = await bot.store.escalations(closed=True)
    waiting = [one for one in found if one.closed_at is None]
    over = sorted((one for one in found if one.closed_at), key=lambda one: str(one.closed_at), reverse=True)
    return [_case(bot, one, await _said(bot, one)) for one in (*waiting, *over[:CLOSED])]


async def _said(bot: Bot, one: Escalation) -> Sequence[Line]:
    lines = await bot.store.history(one.conversation.id, BEFORE + AFTER)
    since = [line for line in lines if line.at >= one.opened_at]
    return [*[line for line in lines if line.at < one.opened_at][-BEFORE:], *since]


def _case(bot: Bot, one: Escalation, said: Sequence[Line]) -> dict[str, Any]:
    opening, conversation, user = one.opening, one.conversation, one.user
    return {
        "id": one.id,
        "opened_at": one.opened_at,
        "name": user.name if user else "",
        "phone": (user.phone if user else "") or conversation.address,
        "channel": conversation.channel,
        "conversation_id": conversation.id,
        "language": user.language if user else "",
        "stopped": conversation.stopped_at is not None,
        "reachable": _is_reachable(bot, conversation),
        "reason": opening.reason,
        "reason_text": bot.texts.format(f"escalation-reason-{opening.reason}", bot.config.language),
        "details": opening.details,
        "outcome": one.outcome,
        "silent_until": conversation.handed_over_until if opening.silent else None,
        "rings": [{"address": ring.address, "state": ring.state, "at": ring.at} for ring in one.rings],
        "closed_at": one.closed_at,
        "closed_by": one.closed_by,
        "said": [{"direction": line.direction, "text": line.text, "at": line.at} for line in said],
    }


def _is_reachable(bot: Bot, conversation: Conversation) -> bool:
    """Say whether the channel still takes a text: only for a while after the user's last message."""
    channel, last = bot.channels.get(conversation.channel), conversation.last_inbound_at
    window = channel.capabilities.window if channel else None
    return window is None or (last is not None and bot.now() - last < window)
