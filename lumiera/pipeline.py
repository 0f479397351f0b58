"""The pipeline: stages in the order of `lumiera.yaml`, each in a span, `persistence` always at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from lumiera.answering import Route
from lumiera.errors import PASSES_THROUGH, ErrorCode, LumieraError, Result, Silenced, StageError, StopTurn
from lumiera.messages import Reply
from lumiera.people import Opening
from lumiera.persistence import Persistence, ReplyStage
from lumiera.routing import is_decided, pending, threshold
from lumiera.stage import Stage, When
from lumiera.stages import Authenticate, ConsentStage, IntentStage
from lumiera.turn import Turn

log = logging.getLogger(__name__)
CANDIDATES = 5  # that are kept for those who ask why
STAGES: Sequence[type[Stage[Any]]] = (Authenticate, ConsentStage, IntentStage, Route, ReplyStage, Persistence)


class Pipeline:
    """A run of stages over a turn."""

    def __init__(self, stages: Sequence[Stage[Any]]) -> None:
        *self._stages, self._persistence = stages

    async def run(self, turn: Turn) -> Result[Reply]:
        """Run the stages and commit the turn.

        Raises `Fenced`, `StoreError` and `TransientError`, which are dispatch's business; every other failure is
        answered as the stage's `on_error` says and comes back as the result.
        """
        try:
            for stage in self._stages:
                if _applies(stage, turn):
                    await self._run(stage, turn)
        except StopTurn:
            pass
        except Silenced:
            turn.reply, turn.route = None, "silent"
        _note_decision(turn)
        with turn.trace.span("stage", self._persistence.name):
            await self._persistence.run(turn)
        if turn.failures:
            return Result.fail(turn.failures[-1].code, turn.failures[-1].message, turn.reply)
        return Result(turn.reply)

    async def _run(self, stage: Stage[Any], turn: Turn) -> None:
        limit = stage.settings.timeout or stage.timeout
        try:
            with turn.trace.span("stage", stage.name):
                async with asyncio.timeout(limit.total_seconds()):
                    await stage.run(turn)
        except PASSES_THROUGH:
            raise
        except Exception as error:  # the border of a stage: the user gets an answer, and the log the blame
            self._failed(stage, turn, error)

    def _failed(self, stage: Stage[Any], turn: Turn, error: Exception) -> None:
        ours = error if isinstance(error, LumieraError) else None
        code = ours.code if ours else ErrorCode.TIMEOUT if isinstance(error, TimeoutError) else ErrorCode.INTERNAL
        failure = StageError(stage.name, _blame(turn, error), code)
        failure.__cause__ = error
        turn.failures.append(failure)
        log.error("%s", failure.message, exc_info=error, extra={"stage": stage.name, "code": str(code)})
        policy = stage.settings.on_error or stage.on_error
        if policy == "continue":
            return
        if policy == "escalate":
            turn.escalation = Opening(reason="failed", details=turn.text, silent=False)
        turn.reply = Reply(turn.text_for((ours or failure).user_message))
        raise StopTurn from error


def _blame(turn: Turn, error: Exception) -> str:
    """Say what failed: for a time-out, what was being waited for."""
    if not isinstance(error, TimeoutError):
        return str(error) if isinstance(error, LumieraError) else f"{type(error).__name__}: {error}"
    hanging = next((span for span in reversed(turn.trace.spans) if span.facts.get("raised") == "CancelledError"), None)
    return f"timed out in {hanging.name} of plugin {hanging.facts.get('plugin', '?')!r}" if hanging else "timed out"


def _note_decision(turn: Turn) -> None:
    """Keep in the trace what the turn was taken for and why: who asks why has no turn any more."""
    match, question = turn.match, pending(turn)
    others = [one for one in turn.candidates if match is None or one.intent != match.intent]
    for one in [*([match] if match else []), *others[:CANDIDATES]]:
        needed, sure = threshold(turn.bot.config, one.intent), round(one.confidence, 3)
        turn.trace.span("decision", "intent", intent=one.intent, confidence=sure, source=one.source, needed=needed)
    if question is not None:
        fate = "answered" if turn.answer is not None else "missed" if turn.route == "question" else "kept"
        turn.trace.span("decision", "question", question=question.name, fate=fate)
    for change in turn.changes:
        asks = change.question.name if change.question else ""
        turn.trace.span("decision", "dialogue", dialogue=change.id, of=change.intent, status=change.status, asks=asks)


def _applies(stage: Stage[Any], turn: Turn) -> bool:
    when: When = stage.settings.when
    if when == "voice":
        return any(message.voice for message in turn.messages)
    return when == "always" or is_decided(turn) == (when == "decided")
