"""The hooks as the core calls them: one typed method for each, with order, blame and isolation.

Decide hooks ask the plugins in turn until one answers; a plugin that raises is logged by name and passed over.
`only` names the plugins that a stage wants, in its order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from lumiera.errors import PASSES_THROUGH, HookError, PluginError
from lumiera.messages import IntentMatch, LanguageMatch, Media, Message, Reply, Transcript
from lumiera.people import Escalation, Session, User
from lumiera.stage import Health
from lumiera.turn import Bot, Turn

log = logging.getLogger(__name__)
T = TypeVar("T")
Only = Sequence[str] | None
Sure = Callable[[IntentMatch], bool]
FAILS_CLOSED = "authenticate_user"  # who cannot be checked does not get in


@dataclass(frozen=True)
class Implementation:
    """A plugin's implementation of a hook; `argnames` are those of the hook's arguments that it takes."""

    plugin: str
    function: Callable[..., Any]
    argnames: tuple[str, ...]

    def call(self, arguments: Mapping[str, object]) -> Any:
        return self.function(*[arguments[name] for name in self.argnames])


class Hooks:
    """Every hook as a method."""

    def __init__(self, implementations: Mapping[str, Sequence[Implementation]]) -> None:
        self._implementations = implementations

    def plugins_of(self, hook: str) -> list[str]:
        """Return the plugins that implement a hook, in order."""
        return [implementation.plugin for implementation in self._implementations.get(hook, ())]

    def collect(self, hook: str) -> list[tuple[str, Any]]:
        """Return what the plugins bring by a `register_` hook, each with its plugin; names the one that raises."""
        collected: list[tuple[str, Any]] = []
        for implementation in self._implementations.get(hook, ()):
            try:
                brought = implementation.call({})
            except Exception as error:  # the border with plugins: the start fails and names the plugin
                raise HookError(implementation.plugin, hook, f"{type(error).__name__}: {error}") from error
            if not isinstance(brought, list | tuple):
                raise PluginError(implementation.plugin, f"{hook} returned {type(brought).__name__}, expected a list")
            collected += [(implementation.plugin, thing) for thing in brought]
        return collected

    # lifecycle

    async def startup(self, bot: Bot) -> None:
        for implementation in self._implementations.get("startup", ()):
            try:
                await implementation.call({"bot": bot})
            except Exception as error:  # the border with plugins: name the one that keeps the bot from starting
                raise HookError(implementation.plugin, "startup", f"{type(error).__name__}: {error}") from error

    async def shutdown(self, bot: Bot) -> None:
        """Tell the plugins in reverse order."""
        await self._tell("shutdown", -1, bot=bot)

    # decide

    async def authenticate_user(self, message: Message, turn: Turn, only: Only = None) -> User | None:
        return await self._decide("authenticate_user", User, turn, only, message=message)

    async def open_session(self, turn: Turn, only: Only = None) -> Session | None:
        return await self._decide("open_session", Session, turn, only)

    async def detect_language(self, text: str, turn: Turn, only: Only = None) -> LanguageMatch | None:
        return await self._decide("detect_language", LanguageMatch, turn, only, text=text)

    async def transcribe_audio(self, media: Media, turn: Turn, only: Only = None) -> Transcript | None:
        return await self._decide("transcribe_audio", Transcript, turn, only, media=media)

    async def translate_text(self, text: str, source: str, target: str, turn: Turn, only: Only = None) -> str | None:
        return await self._decide("translate_text", str, turn, only, text=text, source=source, target=target)

    async def answer_turn(self, turn: Turn, only: Only = None) -> Reply | None:
        return await self._decide("answer_turn", Reply, turn, only)

    # classify

    async def classify_intent(self, text: str, turn: Turn, sure: Sure, only: Only = None) -> None:
        """Ask the classifiers in order until one is sure; `turn.candidates` gathers what they say, best first."""
        for implementation in self._asked("classify_intent", only):
            found = await self._call("classify_intent", implementation, turn, {"text": text, "turn": turn})
            matches = [replace(match, source=implementation.plugin) for match in found or ()]
            known = {match.intent for match in matches}
            kept = [match for match in turn.candidates if match.intent not in known]
            turn.candidates = sorted([*matches, *kept], key=lambda match: -match.confidence)
            if matches and sure(matches[0]):
                return

    # notify and gather

    async def on_turn_finished(self, turn: Turn) -> None:
        await self._tell("on_turn_finished", turn=turn)

    async def on_delivery_changed(self, channel: str, provider_id: str, state: str) -> None:
        await self._tell("on_delivery_changed", channel=channel, provider_id=provider_id, state=state)

    async def on_escalations_found(self, escalations: Sequence[Escalation], bot: Bot) -> None:
        await self._tell("on_escalations_found", escalations=escalations, bot=bot)

    async def on_escalation_opened(self, escalation: Escalation) -> None:
        await self._tell("on_escalation_opened", escalation=escalation)

    async def check_health(self, only: Only = None, within: float = 3.0) -> dict[str, Health]:
        """Ask the plugins in parallel; one that raises, or hangs for `within` seconds, is unhealthy."""

        async def ask(implementation: Implementation) -> Health:
            try:
                async with asyncio.timeout(within):
                    health: Health = await implementation.call({})
            except Exception as error:  # the border with plugins: a plugin that cannot say is not well
                return Health(ok=False, reason=type(error).__name__)
            return health

        asked = list(self._asked("check_health", only))
        answers = await asyncio.gather(*map(ask, asked))
        return {implementation.plugin: health for implementation, health in zip(asked, answers, strict=True)}

    # how each kind is called

    def _asked(self, hook: str, only: Only) -> Iterable[Implementation]:
        everybody = self._implementations.get(hook, ())
        return everybody if only is None else [one for name in only for one in everybody if one.plugin == name]

    async def _decide(self, hook: str, kind: type[T], turn: Turn, only: Only, **arguments: object) -> T | None:
        for implementation in self._asked(hook, only):
            answer = await self._call(hook, implementation, turn, {**arguments, "turn": turn})
            if isinstance(answer, kind):
                return answer
            if answer is not None:
                facts = {"hook": hook, "plugin": implementation.plugin}
                log.error("a hook answered with %s, expected %s", type(answer).__name__, kind.__name__, extra=facts)
        return None

    async def _call(
        self, hook: str, implementation: Implementation, turn: Turn, arguments: Mapping[str, object]
    ) -> Any:
        with turn.trace.span("hook", hook, plugin=implementation.plugin) as span:
            try:
                return await implementation.call(arguments)
            except PASSES_THROUGH:
                raise
            except Exception as error:  # the border with plugins: one that raises must not take the turn with it
                if hook == FAILS_CLOSED:
                    raise HookError(implementation.plugin, hook, type(error).__name__) from error
                span.facts["raised"] = type(error).__name__
                log.exception("a hook raised", extra={"hook": hook, "plugin": implementation.plugin})
                return None

    async def _tell(self, hook: str, step: int = 1, **arguments: object) -> None:
        for implementation in self._implementations.get(hook, ())[::step]:
            try:
                await implementation.call(arguments)
            except Exception:  # the border with plugins: the others still run
                log.exception("a hook raised", extra={"hook": hook, "plugin": implementation.plugin})
