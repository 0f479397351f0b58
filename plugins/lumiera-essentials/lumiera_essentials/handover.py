"""The stage `handover`: the bot is silent while a human has the conversation."""

from __future__ import annotations

from lumiera import Reply, Stage, StageSettings, StopTurn, Turn, normalise
from lumiera.escalations import answer, close
from lumiera.people import Escalation
from lumiera.routing import come_back, says
from lumiera_essentials.oncall import name_of


class Handover(Stage[StageSettings]):
    """Be silent while a human has the conversation, until the user calls the bot back.

    The human's side is here as well: who is on call answers by quoting the ring.
    """

    name = "handover"

    async def run(self, turn: Turn) -> None:
        passed_on = await self._hear(turn)
        if passed_on is not None:
            turn.reply, turn.route = passed_on, "team"
            raise StopTurn
        until = turn.conversation.handed_over_until
        if until is None or until <= turn.now:
            return
        labels = set(map(normalise, self.bot.texts.labels("resume")))
        said = [one.tap.title if one.tap else turn.said_in([one]) for one in turn.messages]
        turn.resumes = any(normalise(one) in labels for one in said)
        turn.route = "resumed" if turn.resumes else "silent"
        if turn.resumes:
            turn.reply = Reply(turn.text_for("bot-resumed"), self.bot.intents.menu())
            come_back(turn)
        raise StopTurn

    async def _hear(self, turn: Turn) -> Reply | None:
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
        if over:
            passed = await close(self.bot, one, "team")
        else:
            passed = await answer(self.bot, one, turn.text, turn.messages[0].sid)
        key = "escalation-passed-on" if passed and not over else "escalation-over"
        return Reply(turn.text_for(key, name=name_of(one)))


def _rung(one: Escalation) -> set[str]:
    return {ring.provider_id for ring in one.rings}
