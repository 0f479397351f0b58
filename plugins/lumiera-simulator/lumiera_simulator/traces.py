"""What the bot did in each turn, and why: the stored trace as the page draws it. Knows no plugin by name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from pydantic_core import to_jsonable_python
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lumiera.questions import Asked
from lumiera.records import DialogueRecord, TurnLine
from lumiera.store import Store
from lumiera.tracing import redact
from lumiera.turn import Bot
from lumiera_simulator.web import person_of
from lumiera_simulator.wire import Refused, number

MOST = 200
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Stretch:
    """A span of the trace, in milliseconds from the start of the turn's last try."""

    kind: str
    name: str
    at: float
    took: float
    facts: dict[str, Any]


def routes() -> list[Route]:
    return [Route("/simulator/people/{id:int}/turns", _turns), Route("/simulator/turns/{id}", _turn)]


async def _turns(request: Request) -> JSONResponse:
    bot: Bot = request.app.state.bot
    limit, conversation = number(request, "limit", 50, MOST), (await person_of(request, bot)).conversation_id
    found = await bot.store.turns(limit, conversation_id=conversation) if conversation else ()
    return JSONResponse({"turns": to_jsonable_python([_summary(turn, _trace(turn)) for turn in found])})


async def _turn(request: Request) -> JSONResponse:
    store: Store = request.app.state.bot.store
    found = await store.turn(request.path_params["id"])
    if found is None:
        raise Refused(404, "There is no such turn, or it has not ended yet.")
    trace = _trace(found)
    dialogues = [await store.dialogue(dialogue_id) for dialogue_id in _dialogues_in(trace)]
    return JSONResponse(to_jsonable_python(_whole(found, trace, [one for one in dialogues if one is not None])))


def _trace(turn: TurnLine) -> list[Stretch]:
    return [Stretch(*span) for span in _spans(turn)]


def _spans(turn: TurnLine) -> Any:
    return json.loads(turn.trace, parse_constant=str)  # NaN, which a plugin may have come to, is no JSON for a browser


def _dialogues_in(trace: Sequence[Stretch]) -> list[str]:
    """Return the ids of the dialogues that a turn changed, each once."""
    changed = (one.facts.get("dialogue") for one in trace if one.kind == "decision")
    return list(dict.fromkeys(str(dialogue) for dialogue in changed if dialogue))


def _summary(turn: TurnLine, trace: Sequence[Stretch]) -> dict[str, Any]:
    return {
        "id": turn.id,
        "started_at": turn.started_at,
        "ms": round((turn.finished_at - turn.started_at) / _MILLISECOND),
        "intent": turn.intent,
        "confidence": turn.confidence,
        "route": turn.route,
        "language": turn.language,
        "code": turn.code,
        "cost": _cost(trace),
    }


def _cost(trace: Sequence[Stretch]) -> float | None:
    """Add up what the spans say of themselves; None where none says anything."""
    told = [one.facts["cost"] for one in trace if "cost" in one.facts]
    costs = [float(cost) for cost in told if isinstance(cost, int | float) and not isinstance(cost, bool)]
    return sum(costs) if costs else None


def _whole(turn: TurnLine, trace: Sequence[Stretch], dialogues: Sequence[DialogueRecord]) -> dict[str, Any]:
    raw = to_jsonable_python(_redacted(turn)) | {"trace": _spans(turn)}
    said = [{"direction": one.direction, "text": one.text, "at": one.at} for one in turn.said]
    return _summary(turn, trace) | {
        "session": turn.session_id,
        "user": turn.user_id,
        "said": said,
        "spans": [vars(one) for one in trace],
        "decisions": [{**one.facts, "what": one.name} for one in trace if one.kind == "decision"],
        "failures": [{key: one[key] for key in ("code", "message", "plugin", "stage")} for one in raw["failures"]],
        "bubbles": [{"state": state, "error": error} for state, error in raw["bubbles"]],
        "dialogues": [_journal(one) for one in dialogues],
        "raw": raw,
    }


def _redacted(turn: TurnLine) -> TurnLine:
    """Return a turn whose errors, which may quote a provider or a request, hold no secrets."""
    failures = tuple(replace(one, message=redact(one.message)) for one in turn.failures)
    return replace(turn, failures=failures, bubbles=tuple((state, redact(error)) for state, error in turn.bubbles))


def _journal(dialogue: DialogueRecord) -> dict[str, Any]:
    """Return a dialogue as it is by now, with what it has asked and done."""
    return {
        "id": dialogue.id,
        "intent": dialogue.intent,
        "status": dialogue.status,
        "version": dialogue.version,
        "opened_at": dialogue.opened_at,
        "question": _question(dialogue.question),
        "entries": [
            {"name": one.name, "kind": one.kind, "state": one.state, "label": one.label, "value": one.value}
            for one in dialogue.entries
        ],
    }


def _question(asked: Asked | None) -> dict[str, str] | None:
    return {"name": asked.name, "kind": asked.kind, "text": asked.shown.text} if asked else None
