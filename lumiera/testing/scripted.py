"""A plugin that understands what a test tells it to, in place of detectors, classifiers, translators and agents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from lumiera.hookspecs import hookimpl
from lumiera.intents import normalise
from lumiera.messages import IntentMatch, LanguageMatch, Media, Message, Reply, Transcript
from lumiera.people import User
from lumiera.turn import Turn

V = TypeVar("V")


@dataclass
class Scripted:
    """Answers hooks from tables; texts are compared normalised. `calls` lists what was asked, in order.

    `intents` maps a text to `(intent, confidence)` pairs, best first; `transcripts` a media URL to what is spoken;
    `translations` a `(text, target language)`; `agent` is an `answer_turn`; `users` maps a sender to its user.
    """

    languages: Mapping[str, LanguageMatch] = field(default_factory=dict)
    intents: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict)
    transcripts: Mapping[str, Transcript] = field(default_factory=dict)
    translations: Mapping[tuple[str, str], str] = field(default_factory=dict)
    agent: Callable[[Turn], Awaitable[Reply | None]] | None = None
    users: Mapping[str, User] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)

    @hookimpl
    async def authenticate_user(self, message: Message) -> User | None:
        self.calls.append(("authenticate_user", message.sender))
        return self.users.get(message.sender)

    @hookimpl
    async def detect_language(self, text: str) -> LanguageMatch | None:
        self.calls.append(("detect_language", text))
        return _find(self.languages, text)

    @hookimpl
    async def transcribe_audio(self, media: Media) -> Transcript | None:
        self.calls.append(("transcribe_audio", media.url))
        return self.transcripts.get(media.url)

    @hookimpl
    async def classify_intent(self, text: str) -> list[IntentMatch]:
        self.calls.append(("classify_intent", text))
        return [IntentMatch(intent=name, confidence=sure) for name, sure in _find(self.intents, text) or ()]

    @hookimpl
    async def translate_text(self, text: str, target: str) -> str | None:
        self.calls.append(("translate_text", text))
        return self.translations.get((text, target))

    @hookimpl
    async def answer_turn(self, turn: Turn) -> Reply | None:
        self.calls.append(("answer_turn", turn.text))
        return await self.agent(turn) if self.agent else None


def _find(table: Mapping[str, V], text: str) -> V | None:
    said = normalise(text)
    return next((value for key, value in table.items() if normalise(key) == said), None)
