"""The built-in stages that end a turn: the reply in the user's language, and the one commit."""

from __future__ import annotations

import traceback
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Literal

from lumiera.channel import MORE, Labels, render
from lumiera.errors import PluginError, StageError
from lumiera.messages import Bubble, Choices, Message, Reply
from lumiera.records import Failure, Line, Outgoing, TurnRecord
from lumiera.routing import localised
from lumiera.stage import Guess, Stage, StageSettings
from lumiera.tracing import redact
from lumiera.turn import Turn

Passes = Literal["", "handover", "stop"]


class ReplyStage(Guess):
    """Bring the reply into the turn's language."""

    name = "reply"

    async def run(self, turn: Turn) -> None:
        reply = turn.reply
        if reply is None or reply.user_language or reply.language in ("", turn.language):
            return
        hooks, only = self.bot.hooks, self.settings.plugins
        text = await hooks.translate_text(reply.text, reply.language, turn.language, turn, only)
        if text is not None:
            turn.reply = replace(reply, text=text, language=turn.language)


class Persistence(Stage[StageSettings]):
    """Draw the reply within the channel's limits and commit the turn, in one transaction."""

    name = "persistence"

    async def run(self, turn: Turn) -> None:
        reply = turn.reply
        if reply is not None and reply.user_language:
            turn.language = turn.user_language = reply.user_language
        if reply is not None and reply.choices is not None:
            reply = turn.reply = replace(reply, choices=localised(turn, reply.choices))
        bubbles = [] if reply is None else render(reply, turn.channel.capabilities, Labels.of(turn), page=turn.page)
        await self.bot.store.finish(turn.lease, self._record(turn, reply, bubbles), self.bot.now())
        turn.bubbles = len(bubbles)

    def _record(self, turn: Turn, reply: Reply | None, bubbles: list[Bubble]) -> TurnRecord:
        match, now = turn.match, self.bot.now()
        hands_over = turn.hands_over or (turn.escalation is not None and turn.escalation.silent)
        passes: Passes = "stop" if turn.route == "consent" else "handover" if hands_over or turn.resumes else ""
        keyed = ((f"{turn.id}/{place}", bubble) for place, bubble in enumerate(bubbles))
        outbox = [Outgoing(dedupe_key=key, bubble=bubble, passes=passes) for key, bubble in keyed]
        until = now + self.bot.config.escalation.silence if hands_over else None
        return TurnRecord(
            id=turn.id, started_at=turn.now, finished_at=now, session_id=turn.session.id if turn.session else None,
            user_id=turn.authenticated.id if turn.authenticated else None, user_language=turn.user_language,
            language=turn.language, intent=turn.intent, confidence=match.confidence if match else 0.0,
            route=turn.route or "", code=turn.failures[-1].code if turn.failures else "", trace=turn.trace.dump(),
            history=self._history(turn, reply, now), dialogues=tuple(turn.changes), outbox=tuple(outbox),
            failures=tuple(map(_failure, turn.failures)), allowance=turn.allowance,
            menu=self._menu(turn, reply, bubbles),
            escalation=turn.escalation, handed_over_until=until, resumed=turn.resumes,
        )  # fmt: skip

    def _history(self, turn: Turn, reply: Reply | None, now: datetime) -> tuple[Line, ...]:
        line = partial(Line, language=turn.language)
        lines = [line(direction="in", text=_line(turn, one), at=one.received_at) for one in turn.messages]
        lines += [line(direction="out", text=reply.text, at=now)] if reply else []
        return tuple(one for one in lines if one.text)

    def _menu(self, turn: Turn, reply: Reply | None, bubbles: list[Bubble]) -> Choices | None:
        """Remember what stands under the last reply, so that a number finds it; questions remember their own.

        The row to the next page is remembered of both: whoever cannot tap types its words.
        """
        if reply is None:
            return None
        menu = reply.choices if reply.choices is not None and not reply.choices.ref else Choices(options=())
        more = [one for bubble in bubbles for one in bubble.options if one.text == MORE]
        if menu.options or more or (turn.menu is not None and turn.menu.options):
            return replace(menu, options=(*menu.options, *more))
        return None


def _line(turn: Turn, message: Message) -> str:
    """Say in one line what a message was, for a human to read; pictures have no words of their own."""
    said = turn.said_in([message])
    tapped = f"[{message.tap.title or message.tap.id}]" if message.tap else ""
    shown = [f"({item.kind})" for item in message.media if not said or item is not message.voice]
    return " ".join(filter(None, (said, tapped, *shown, "(location)" if message.location else "")))


def _failure(error: StageError) -> Failure:
    cause, told = error.__cause__, redact("".join(traceback.format_exception(error)))
    plugin = cause.plugin if isinstance(cause, PluginError) else ""
    return Failure(code=error.code, message=error.message, plugin=plugin, stage=error.stage, traceback=told)
