"""`lumiera explain`: what the bot did in a turn, and why. Opens the store and nothing else."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from pydantic_core import to_json

from lumiera.cli.options import Mistake, Options, config_option
from lumiera.cli.tables import table
from lumiera.cli.unbroken import open_store
from lumiera.tracing import redact

if TYPE_CHECKING:
    from lumiera.app import Lumiera
    from lumiera.records import Failure, TurnLine

SHOWN = 20  # turns in the list
BAR = 40  # characters for the whole of a turn
HEADINGS = ("turn", "time", "conversation", "intent", "route", "code", "ms")
MARKS = {"in": ">", "out": "<", "team": "team:", "note": "--"}
ROUTES = {
    "question": "it was taken for an answer to the open question",
    "fast_path": "an intent was sure enough",
    "clarify": "no intent was sure enough: the user was asked which one is meant",
    "agent": "no intent was sure enough: the agent answered",
    "undecided": "nothing was sure enough: the bot said so and offered the menu",
    "consent": "it was STOP or START",
    "limited": "the user wrote too much at once",
    "refused": "the user was not let in",
    "silent": "the bot was silent: the user said STOP, or a human has the conversation",
    "team": "somebody of the team answered a ring: it was passed on to the user who waits",
    "resumed": "the user called the bot back from the team",
    "": "no stage has decided it",
}


@click.command("explain", short_help="Say what the bot did in a turn, and why.")
@config_option
@click.argument("turn", required=False)
@click.option("--conversation", type=int, metavar="ID", help="Only the turns of this conversation.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
@click.pass_obj
def command(options: Options, turn: str | None, conversation: int | None, *, as_json: bool) -> None:
    """Explain TURN, by its id from the log, or `last`; without one, list the last turns. Works beside `serve`."""
    asyncio.run(_explain(options, turn, conversation, as_json=as_json))


async def _explain(options: Options, turn: str | None, conversation: int | None, *, as_json: bool) -> None:
    async with open_store(options) as bot:
        zone = ZoneInfo(bot.zone)
        if turn is None:
            found = await bot.store.turns(SHOWN, conversation_id=conversation)
            lines = [to_json([_summary(one) for one in found], indent=2).decode()] if as_json else _table(found, zone)
        else:
            one = await _find(bot, turn, conversation)
            lines = [to_json(_whole(one), indent=2).decode()] if as_json else [*_told(one, zone)]
    click.echo("\n".join(lines))


async def _find(bot: Lumiera, turn: str, conversation: int | None) -> TurnLine:
    if turn == "last":
        newest = await bot.store.turns(1, conversation_id=conversation)
        if not newest:
            raise Mistake("There is no turn yet." if conversation is None else "There is no turn in it yet.")
        turn = newest[0].id
    found = await bot.store.turn(turn)
    if found is None:
        raise Mistake(
            f"There is no finished turn {turn!r}. 'lumiera explain' lists the last ones; one that no try could finish "
            "is in 'lumiera dead list'."
        )
    return found


# --- the list --------------------------------------------------------------------------------------------------------


def _took(turn: TurnLine) -> int:
    return round((turn.finished_at - turn.started_at) / timedelta(milliseconds=1))


def _summary(turn: TurnLine) -> dict[str, object]:
    return {
        "turn": turn.id, "started_at": turn.started_at, "conversation": turn.conversation_id, "intent": turn.intent,
        "confidence": turn.confidence, "route": turn.route, "language": turn.language, "code": turn.code,
        "ms": _took(turn),
    }  # fmt: skip


def _table(turns: Sequence[TurnLine], zone: tzinfo) -> list[str]:
    if not turns:
        return ["There is no turn yet."]
    return table([HEADINGS, *(_row(turn, zone) for turn in turns)])


def _row(turn: TurnLine, zone: tzinfo) -> tuple[str, ...]:
    at = f"{turn.started_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    cells = (turn.id, at, str(turn.conversation_id), turn.intent, turn.route, turn.code, str(_took(turn)))
    return tuple(cell or "-" for cell in cells)


# --- one turn --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stretch:
    """A span of the trace, in milliseconds from the start of the turn's last try."""

    kind: str
    name: str
    at: float
    took: float
    facts: Mapping[str, Any]


def _trace(turn: TurnLine) -> list[Stretch]:
    return [Stretch(*span) for span in json.loads(turn.trace)]


def _whole(turn: TurnLine) -> dict[str, object]:
    said = [{"direction": one.direction, "text": redact(one.text), "at": one.at} for one in turn.said]
    return _summary(turn) | {
        "finished_at": turn.finished_at, "user": turn.user_id, "session": turn.session_id, "said": said,
        "trace": [vars(one) for one in _trace(turn)],
        "failures": [vars(one) | {"message": redact(one.message)} for one in turn.failures],
        "bubbles": [{"state": state, "error": redact(error)} for state, error in turn.bubbles],
    }  # fmt: skip


def _told(turn: TurnLine, zone: tzinfo) -> Iterator[str]:
    trace, at = _trace(turn), turn.started_at.astimezone(zone)
    yield f"turn {turn.id}   {at:%Y-%m-%d %H:%M:%S %Z}, {_took(turn)} ms"
    ids = (("conversation", turn.conversation_id), ("user", turn.user_id), ("session", turn.session_id))
    yield ", ".join(f"{name} {number or '-'}" for name, number in ids) + f", language {turn.language or '-'}"
    parts = {
        "said": [
            f"{one.at.astimezone(zone):%H:%M:%S} {MARKS[one.direction]} {_indented(one.text)}" for one in turn.said
        ],
        "why": [*_why(turn, trace)],
        "what took how long, in ms": [*_bars(trace)],
        "what failed": [line for one in turn.failures for line in _failed(one)],
        "the reply": [f"{state}: {redact(error)}" if error else state for state, error in turn.bubbles],
    }
    for heading, lines in parts.items():
        if lines:
            yield from ("", heading, *(f"  {line}" for line in lines))


def _indented(text: str) -> str:
    """Return what was said without what steers a terminal, its further lines under the first."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]+", " ", redact(text)).replace("\n", "\n" + " " * 13)


def _why(turn: TurnLine, trace: Sequence[Stretch]) -> Iterator[str]:
    yield f"route {turn.route or '-'}: {ROUTES.get(turn.route, 'as a plugin decided')}"
    decided = [one.facts for one in trace if one.kind == "decision"]
    for facts in decided:
        if "question" in facts:
            yield f"the open question {facts['question']!r} was {facts['fate']}"
    candidates = [facts for facts in decided if "intent" in facts]
    if not candidates and turn.route in ("clarify", "agent", "undecided"):
        yield "no classifier named an intent, and the text is no example of one"
    width = max((len(facts["intent"]) for facts in candidates), default=0)
    for facts in candidates:
        chosen = "   <- taken" if facts["intent"] == turn.intent and turn.route in ("fast_path", "consent") else ""
        by = facts["source"] or "-"
        yield f"{facts['intent']:{width}}  {facts['confidence']:.2f} by {by}, needs {facts['needed']:.2f}{chosen}"
    for facts in decided:
        if "dialogue" in facts:
            asks = f" and asks {facts['asks']!r}" if facts["asks"] else ""
            yield f"dialogue {facts['dialogue']} of {facts['of']!r} is {facts['status']}{asks}"
    for one in trace:
        if "misfit" in one.facts:
            yield f"dialogue {one.name} does not fit its journal any more: {one.facts['misfit']}"


def _bars(trace: Sequence[Stretch]) -> Iterator[str]:
    """Draw stages, with the hooks and steps in them, as they follow each other."""
    shown = [one for one in trace if one.kind in ("stage", "hook", "step")]
    names = [f"{'' if one.kind == 'stage' else '  '}{one.name}{_by(one)}" for one in shown]
    whole = max((one.at + one.took for one in shown), default=0) or 1
    width = max(map(len, names), default=0)
    for name, one in zip(names, shown, strict=True):
        before, long = round(one.at / whole * BAR), max(round(one.took / whole * BAR), 1)
        raised = f"  raised {one.facts['raised']}" if "raised" in one.facts else ""
        yield f"{name:{width}} {one.took:9.1f}  {' ' * min(before, BAR - 1)}{'█' * min(long, BAR)}{raised}"


def _by(one: Stretch) -> str:
    return (
        f" of {one.facts['plugin']}"
        if "plugin" in one.facts
        else f" ({one.facts['kind']})"
        if "kind" in one.facts
        else ""
    )


def _failed(failure: Failure) -> Iterator[str]:
    blame = (("plugin", failure.plugin), ("stage", failure.stage))
    where = ", ".join(f"{what} {name}" for what, name in blame if name)
    yield f"{failure.code}{f' in {where}' if where else ''}: {redact(failure.message)}"
