"""The built-in stages that answer: the route, the reply and its commit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from lumiera.aside import offer
from lumiera.dialogue import late_photos, run_dialogue
from lumiera.errors import ErrorCode, LumieraError
from lumiera.intents import AGENT, Intent
from lumiera.messages import Choices, Option, Reply
from lumiera.records import DialogueRecord
from lumiera.routing import again, candidates_to_choose, come_back, is_answered, is_sure
from lumiera.stage import Stage, StageSettings
from lumiera.turn import Turn

MISSES = 3  # from this one in a row on a human is offered


class Route(Stage[StageSettings]):
    """Answer: go on with the dialogue, the fast path, a choice between the likeliest, the agent, or an honest word."""

    name = "route"
    timeout: ClassVar[timedelta] = timedelta(seconds=90)

    async def run(self, turn: Turn) -> None:
        if turn.reply is None:
            await self._answer(turn)
        come_back(turn)
        offer(turn)

    async def _answer(self, turn: Turn) -> None:
        record = turn.open_dialogue
        if turn.route == "question" and record is not None:
            turn.reply = await self._go_on(turn, record)
        elif turn.match is not None and is_sure(turn, turn.match):
            turn.route = "fast_path"
            turn.reply = await run_dialogue(turn, self.bot.intents[turn.match.intent], given=turn.draft)
        else:
            turn.reply = await self._undecided(turn)

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
            return await run_dialogue(turn, intent, record, [*turn.draft, *([joined] if joined else ())])
        if joined is not None:
            turn.changes.append(replace(record, entries=(joined,)))
            return again(question, turn.text_for("photo-added"))
        missed = replace(question, misses=question.misses + 1)
        turn.changes.append(replace(record, question=missed, entries=()))
        humans = (one for one in self.bot.intents.values() if one.leads_to_human and one.menu and one != intent)
        if missed.misses < MISSES or (human := next(humans, None)) is None:
            return again(question, turn.text_for("question-missed"))
        words, drawn = turn.text_for("question-human"), turn.channel.capabilities
        if question.kind == "number" and not (drawn.buttons or drawn.rows):  # a number under it would be the answer
            return again(question, f"{words}\n👉 {turn.text_for(human.menu)}")
        return again(question, words, also=[Option.intent(human.name, text=human.menu)])

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
