"""The built-in stages that answer: the route, the reply and its commit."""

from __future__ import annotations

import traceback
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from lumiera.channel import Labels, render
from lumiera.dialogue import late_photos, run_dialogue
from lumiera.errors import ErrorCode, LumieraError, PluginError, StageError
from lumiera.intents import AGENT, Intent
from lumiera.messages import Bubble, Choices, Reply
from lumiera.routing import again, candidates_to_choose, come_back, is_answered, is_sure, localised
from lumiera.stage import OnError, Stage, StageSettings
from lumiera.store import DialogueRecord, Failure, Line, Outgoing, TurnRecord
from lumiera.tracing import redact
from lumiera.turn import Turn

Said = tuple[Literal["in", "out"], str, datetime]


class Route(Stage[StageSettings]):
    """Answer: go on with the dialogue, the fast path, a choice between the likeliest, the agent, or an honest word."""

    name = "route"
    timeout: ClassVar[timedelta] = timedelta(seconds=90)

    async def run(self, turn: Turn) -> None:
        record = turn.open_dialogue
        if turn.reply is not None:
            return
        if turn.route == "question" and record is not None:
            turn.reply = await self._go_on(turn, record)
        elif turn.match is not None and is_sure(turn, turn.match):
            turn.route = "fast_path"
            turn.reply = await run_dialogue(turn, self.bot.intents[turn.match.intent], given=turn.draft)
        else:
            turn.reply = await self._undecided(turn)
        if turn.route != "question":
            come_back(turn)

    async def _go_on(self, turn: Turn, record: DialogueRecord) -> Reply | None:
        intent = self._agent() if record.intent == AGENT else self.bot.intents.get(record.intent)
        if intent is None:
            turn.changes.append(replace(record, status="cancelled", question=None, entries=()))
            raise LumieraError(f"no plugin has the intent {record.intent!r} any more", code=ErrorCode.HANDLER_NOT_FOUND)
        question, is_again = record.question, record.turn_id == turn.id
        joined = None
        if not is_again and (question is None or question.kind != "photos"):
            joined = late_photos(record, turn.messages, turn.text if turn.answer is None else "")
        if turn.answer is not None or is_again or question is None or is_answered(record):
            return await run_dialogue(turn, intent, record, [joined] if joined else ())
        if joined is not None:
            turn.changes.append(replace(record, entries=(joined,)))
            return again(question, turn.text_for("photo-added"))
        turn.changes.append(replace(record, question=replace(question, misses=question.misses + 1), entries=()))
        return again(question, turn.text_for("question-missed"))

    async def _undecided(self, turn: Turn) -> Reply | None:
        routing = self.bot.config.routing
        if routing.undecided == "agent" and self.bot.hooks.plugins_of("answer_turn"):
            turn.route = "agent"
            if (reply := await run_dialogue(turn, self._agent())) is not None:
                return reply
        if len(options := candidates_to_choose(turn)) > 1:
            turn.route = "clarify"
            return Reply(turn.text_for("clarify"), Choices(options=tuple(options)))
        turn.route = "undecided"
        unheard = any(message.voice for message in turn.messages) and not turn.text
        media = any(message.media for message in turn.messages)
        key = "voice-unheard" if unheard else "undecided-media" if media and not turn.text else "undecided"
        return Reply(turn.text_for(key), self.bot.intents.menu())

    def _agent(self) -> Intent:
        return Intent(AGENT, lambda view: self.bot.hooks.answer_turn(view, self.settings.plugins))  # type: ignore[arg-type,return-value]


class ReplyStage(Stage[StageSettings]):
    """Bring the reply into the turn's language."""

    name = "reply"
    on_error: ClassVar[OnError] = "continue"
    timeout: ClassVar[timedelta] = timedelta(seconds=10)

    async def run(self, turn: Turn) -> None:
        reply = turn.reply
        if reply is None or reply.user_language or reply.language in ("", turn.language):
            return
        text = await self.bot.hooks.translate_text(
            reply.text, reply.language, turn.language, turn, self.settings.plugins
        )
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
        outbox = [
            Outgoing(dedupe_key=f"{turn.id}/{place}", bubble=bubble, after_stop=turn.route == "consent")
            for place, bubble in enumerate(bubbles)
        ]
        return TurnRecord(
            id=turn.id, started_at=turn.now, finished_at=now, session_id=turn.session.id if turn.session else None,
            user_id=turn.authenticated.id if turn.authenticated else None, user_language=turn.user_language,
            language=turn.language, intent=turn.intent, confidence=match.confidence if match else 0.0,
            route=turn.route or "", code=turn.failures[-1].code if turn.failures else "", trace=turn.trace.dump(),
            history=self._history(turn, reply, now), dialogues=tuple(turn.changes), outbox=tuple(outbox),
            failures=tuple(map(_failure, turn.failures)), allowance=turn.allowance, menu=self._menu(turn, reply),
        )  # fmt: skip

    def _history(self, turn: Turn, reply: Reply | None, now: datetime) -> tuple[Line, ...]:
        said: list[Said] = [("in", turn.said_in([one]), one.received_at) for one in turn.messages]
        said += [("out", reply.text, now)] if reply else []
        return tuple(Line(direction=way, text=text, language=turn.language, at=at) for way, text, at in said if text)

    def _menu(self, turn: Turn, reply: Reply | None) -> Choices | None:
        """Remember what stands under the last reply, so that a number finds it; questions remember their own."""
        if reply is None:
            return None
        if reply.choices is not None and not reply.choices.ref:
            return reply.choices
        return Choices(options=()) if turn.menu is not None and turn.menu.options else None


def _failure(error: StageError) -> Failure:
    cause, told = error.__cause__, redact("".join(traceback.format_exception(error)))
    plugin = cause.plugin if isinstance(cause, PluginError) else ""
    return Failure(code=error.code, message=error.message, plugin=plugin, stage=error.stage, traceback=told)


ANSWERING = (Route, ReplyStage, Persistence)
