"""The built-in stages that find out who talks and what is wanted, in the order of the default pipeline."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from pydantic import Field

from lumiera import routing
from lumiera.aside import corrects, take_up
from lumiera.channel import MORE
from lumiera.dialogue import draft_of, run_dialogue
from lumiera.errors import StopTurn
from lumiera.intents import AGENT
from lumiera.messages import IntentMatch, Reply
from lumiera.people import Allowance, User
from lumiera.questions import Asked
from lumiera.records import DialogueRecord
from lumiera.stage import Guess, Stage, StageSettings
from lumiera.turn import Turn

REFUSALS_EVERY = timedelta(hours=24)


class AuthenticateSettings(StageSettings):
    """`register` makes a user of an unknown number; `refuse` turns it away, once in 24 hours with a word."""

    unknown_users: Literal["register", "refuse"] = Field("register", description="What becomes of an unknown number.")
    on_error: Literal["apologise", "escalate"] | None = Field(None, description="Nobody goes on unknown.")


class Authenticate(Stage[AuthenticateSettings]):
    """Say who sent the message: a plugin, else the store. A plugin that raises closes the door."""

    name = "authenticate"
    Settings = AuthenticateSettings

    async def run(self, turn: Turn) -> None:
        turn.language = routing.known_language(turn)
        user = await self.bot.hooks.authenticate_user(turn.messages[0], turn, self.settings.plugins) or turn.known_user
        on_call = turn.conversation.address in self.bot.config.escalation.notify
        if user is None and self.settings.unknown_users == "refuse" and not on_call:
            self._refuse(turn, "refused")
        blocked = user is not None and user.status == "blocked"  # a plugin may know better than the store
        if user is None or turn.known_user is None or user.id != turn.known_user.id:
            new = User(id=0, phone=routing.phone_of(turn), name=turn.messages[0].profile_name)
            user = await self.bot.store.sign_in(turn.lease, user or new, self.bot.now())
        if blocked or user.status == "blocked":
            self._refuse(turn, "blocked")
        turn.authenticated = user
        turn.language = routing.known_language(turn)

    def _refuse(self, turn: Turn, text: str) -> None:
        before = turn.conversation.allowance
        turn.route = "refused"
        if before is None or not before.told or turn.now - before.at >= REFUSALS_EVERY:
            turn.reply = Reply(turn.text_for(text))
            turn.allowance = Allowance(tokens=0, at=turn.now, told=True)
        raise StopTurn


class ConsentStage(Stage[StageSettings]):
    """Obey STOP and START before anything else; say nothing to those who said STOP."""

    name = "consent"

    async def run(self, turn: Turn) -> None:
        kind = self.bot.intents.consent(turn.text)
        if kind is not None:
            turn.language = routing.exact_language(turn) or turn.language
            turn.match = routing.exact_match(turn, "")
            turn.route = "consent"
            if turn.match:
                turn.reply = await run_dialogue(turn, self.bot.intents[turn.match.intent])
            if kind == "start":
                routing.come_back(turn)
            raise StopTurn
        if turn.conversation.stopped_at is not None:
            turn.route = "silent"
            raise StopTurn


class IntentStage(Guess):
    """Say what the user wants: an answer to the pending question, an exact match, else what the classifiers say."""

    name = "intent"

    async def run(self, turn: Turn) -> None:
        record = turn.open_dialogue
        if record is not None and record.turn_id == turn.id:
            turn.route = "question"  # a re-run of a turn that has written in this dialogue: the route is recorded
            return
        option = routing.picked_option(turn)
        known = record is not None and (record.intent in self.bot.intents or record.intent == AGENT)
        question = record.question if record is not None and known else None
        mine = record is not None and question is not None and self._is_for(turn, record, question, option)
        if mine or await self._picks(turn, option, question):
            return
        turn.match = routing.exact_match(turn, option)
        if record is not None and question is not None:
            await self._interrupts(turn, record, question, option)
        elif turn.match is None and turn.text:
            turn.match = await self._classified(turn)

    async def _classified(self, turn: Turn, least: float = 0.0) -> IntentMatch | None:
        text, plugins = turn.translation or turn.text, self.settings.plugins
        await self.bot.hooks.classify_intent(text, turn, lambda one: routing.is_sure(turn, one, least), plugins)
        return next(iter(turn.candidates), None)

    async def _interrupts(self, turn: Turn, record: DialogueRecord, question: Asked, option: str) -> None:
        """Let another intent interrupt the dialogue, or leave the turn to its question (rule 10).

        A tap and a title always may. Words may if they do not answer: on choices, and only above one dialogue.
        """
        if not (option.startswith("intent:") or routing.is_answered(record)):
            if question.kind in routing.FREE or (turn.aside and turn.aside.status == "interrupted"):
                turn.match = None
            elif turn.match is None and turn.text:
                least = self.bot.config.routing.digression
                found = await self._classified(turn, least)
                turn.match = found if found and routing.is_sure(turn, found, least) else None
        same = turn.match is not None and turn.match.intent == record.intent
        if same and not routing.is_answered(record):
            turn.reply = Reply("")  # nothing is served: the question is asked again, as it is
        if turn.match is None or same:
            turn.match, turn.route = None, "question"

    def _is_for(self, turn: Turn, record: DialogueRecord, question: Asked, option: str) -> bool:
        """Offer the turn to the pending question first."""
        if corrects(turn, record, question, option):
            return True
        free = question.kind in routing.FREE
        if free and option.startswith("intent:"):
            return False
        later = question.later(turn.messages)
        closed = routing.is_answered(record) or (free and routing.says(turn, "cancel"))
        answer = None if closed else question.read(later, turn.said_in(later), turn.now)
        if answer is not None:
            turn.answer, turn.route = answer, "question"
        elif routing.says(turn, "cancel"):
            turn.changes.append(replace(record, status="cancelled", question=None, entries=()))
            turn.reply, turn.route = Reply(turn.text_for("dialogue-cancelled")), "question"
        return turn.route is not None

    async def _picks(self, turn: Turn, option: str, question: Asked | None) -> bool:
        """Serve what is no intent: another page of choices, a draft to start again from, a tap that is too old."""
        ref, _, rest = option.rpartition("page:")
        asked = bool(question and question.ref and ref == f"{question.ref}:")
        if rest.isdecimal() and (asked or not ref):
            rows = [one for one in turn.menu.options if one.text != MORE] if turn.menu else []
            menu = replace(turn.menu, options=tuple(rows)) if turn.menu and rows else self.bot.intents.menu()
            turn.reply = question.shown if question and asked else Reply(turn.text_for("choose"), menu)
            turn.page, turn.route = int(rest), "question" if question else "fast_path"
            # Touched, the dialogue below is not asked for again: a page is all that was wanted.
            turn.changes += [replace(turn.open_dialogue, entries=())] if turn.open_dialogue else []
        elif option.startswith(f"draft:{turn.conversation.id}."):
            draft = await self.bot.store.dialogue(option.removeprefix("draft:"))
            if draft is not None and draft.status == "draft":
                turn.draft = draft_of(draft)
                turn.match = routing.exact_match(turn, f"intent:{draft.intent}")
        else:
            await take_up(turn, option)
        if option and not (option.startswith("intent:") or turn.route or turn.match):
            turn.reply = Reply(turn.text_for("choice-gone"), None if question else self.bot.intents.menu())
            turn.route = "question" if question else "undecided"
        return turn.route is not None or turn.match is not None
