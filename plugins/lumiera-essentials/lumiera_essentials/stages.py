"""The stages of every pipeline that the core can do without: how much a user may say, and in which language."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from lumiera import Reply, Stage, StageSettings, StopTurn, Turn
from lumiera.people import Allowance
from lumiera.routing import exact_language, exact_match, picked_option
from lumiera.stage import Guess


class LimitsSettings(StageSettings):
    """A bucket of `burst` messages that fills at `per_minute`; 0 switches it off."""

    per_minute: float = Field(10, description="How many messages of a user are served a minute; 0: all.")
    burst: float = Field(15, description="How many may come at once.")


class Limits(Stage[LimitsSettings]):
    """Turn away what comes too fast, with one word and then silence. Incidents pass: `Intent(never_limited=True)`."""

    name = "limits"
    Settings = LimitsSettings

    async def run(self, turn: Turn) -> None:
        rate, burst = self.settings.per_minute / 60, self.settings.burst
        if not (rate and burst):
            return
        before = turn.conversation.allowance or Allowance(tokens=burst, at=turn.now)
        passed = max(0.0, (turn.now - before.at).total_seconds())
        left = min(burst, before.tokens + passed * rate) - len(turn.messages)
        over = left < 0 and not self._never_limited(turn)
        told = before.told and left < burst / 2
        turn.allowance = Allowance(tokens=max(left, 0.0), at=turn.now, told=told or over)
        if over:
            turn.route = "limited"
            turn.reply = None if told else Reply(turn.text_for("limited"))
            raise StopTurn

    def _never_limited(self, turn: Turn) -> bool:
        match = exact_match(turn, picked_option(turn))
        names = (match.intent if match else "", turn.open_dialogue.intent if turn.open_dialogue else "")
        return any(self.bot.intents[name].never_limited for name in names if name in self.bot.intents)


class Language(Guess):
    """Say which language to answer in: of the example that the text is, else a detector's word, else the user's."""

    name = "language"

    async def run(self, turn: Turn) -> None:
        if not turn.text:
            return
        language, sure = exact_language(turn), True
        if not language:
            found = await self.bot.hooks.detect_language(turn.text, turn, self.settings.plugins)
            if found is None or found.language not in self.bot.config.languages:
                return
            language, sure = found.language, found.confidence >= 0.8
        turn.language = language
        if sure and language != turn.user.language:
            turn.user_language = language


class Transcription(Guess):
    """Turn voice notes into text."""

    name = "transcription"
    timeout = timedelta(seconds=20)

    async def run(self, turn: Turn) -> None:
        for message in turn.messages:
            if message.voice and message.sid not in turn.transcripts:
                heard = await self.bot.hooks.transcribe_audio(message.voice, turn, self.settings.plugins)
                if heard is not None:
                    turn.transcripts[message.sid] = heard


class Translation(Guess):
    """Translate the user's text into the internal language."""

    name = "translation"

    async def run(self, turn: Turn) -> None:
        internal = self.bot.config.language
        if turn.text and turn.language != internal and not turn.translation:
            found = await self.bot.hooks.translate_text(turn.text, turn.language, internal, turn, self.settings.plugins)
            turn.translation = found or ""
