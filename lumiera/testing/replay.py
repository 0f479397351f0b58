"""The watch over rule 4 of dialogues: what steers a handler is journaled.

After each turn that leaves a question open, the handler runs again over its journal, as in the next turn, while
everything that is live says something else: the user, the language, the clock, chance, what the store reads. It must
come to the same question with the same entries; no step runs and nothing is written.
"""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any, NoReturn

from lumiera.dialogue import view_of
from lumiera.intents import AGENT, Intent
from lumiera.journal import Journal, Misfit, Suspended
from lumiera.records import DialogueRecord, Entry
from lumiera.routing import is_answered
from lumiera.steps import in_handler
from lumiera.tracing import Trace
from lumiera.turn import Bot, Turn

LIMIT = 2.0  # seconds for a handler that runs no step
READS = ("read", "history", "dialogue", "escalations", "turns", "turn", "outbox", "count_outbox", "dead_letters")
WRITES = ("run", "post", "escalate", "answer", "resend", "revive", "close_escalation")


@dataclass(frozen=True, kw_only=True)
class World:
    """What is live in a replay: how a read value changes, and the seed of chance."""

    other: Callable[[Any], Any]
    seed: int


def changed(value: Any) -> Any:
    """Return another value of the same shape: reversed, one more, the opposite, other words."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, str):
        return f"{value}*"
    if isinstance(value, Mapping):
        return {key: changed(value[key]) for key in reversed(value)}
    if type(value) in (list, tuple):
        return type(value)(map(changed, reversed(value)))
    return _each_field(value, changed)


def emptied(value: Any) -> Any:
    """Return the empty value of the same kind; a record keeps its id."""
    if isinstance(value, bool | int | float | str | list | dict | set) or type(value) is tuple:
        return type(value)()
    return _each_field(value, emptied)


def _each_field(value: Any, other: Callable[[Any], Any]) -> Any:
    if not is_dataclass(value) or isinstance(value, type):
        return value
    names = [field.name for field in fields(value) if field.init and field.name != "id"]
    return replace(value, **{name: other(getattr(value, name)) for name in names})


# The first numbers of the two seeds lie at both ends: whatever a handler compares them with, one of them differs.
WORLDS = (World(other=changed, seed=8916), World(other=emptied, seed=12024))
_world: ContextVar[World | None] = ContextVar("world", default=None)


def hours_ahead() -> timedelta:
    """Return how far the clock of a replay is ahead; nothing outside of one."""
    return timedelta(0) if _world.get() is None else timedelta(hours=25, minutes=7)


class Rerun(Journal):
    """A journal to which nothing may be added."""

    async def _done_or_failed(self, name: str, *_: Any, **__: Any) -> NoReturn:
        raise Misfit(f"the step {name!r} runs, which did not run before")

    async def _commit(self, *entries: Entry, **_: Any) -> NoReturn:
        raise Misfit(f"{', '.join(entry.name for entry in entries) or 'something'} is written")

    def _add(self, entry: Entry) -> NoReturn:
        raise Misfit(f"{entry.name!r} is met, which was not met before")


class Replay:
    """Watches over the dialogues of a bot. `problems` are those found and not yet told."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self.problems: list[str] = []
        store: Any = bot.store  # its methods are wrapped in place: plugins hold it, too
        for name in READS:
            setattr(store, name, _reading(getattr(store, name)))
        for name in WRITES:
            setattr(store, name, _writing(name, getattr(store, name)))

    async def watch(self, turn: Turn) -> None:
        """Run the handlers again whose questions a turn has left open."""
        for dialogue in [change.id for change in turn.changes if change.status == "open" and change.question]:
            record = await self._bot.store.dialogue(dialogue)
            if record is not None and record.turn_id == turn.id and not is_answered(record):
                await self._check(turn, record)

    async def _check(self, turn: Turn, record: DialogueRecord) -> None:
        intent = self._bot.intents.get(record.intent)
        if record.intent == AGENT:
            intent = Intent(AGENT, lambda view: self._bot.hooks.answer_turn(view, None))  # type: ignore[arg-type,return-value]
        if intent is None or intent.version != record.version or record.question is None:
            return
        for world in WORLDS:
            with _other_world(world):
                problem = await _run(_elsewhere(turn, self._bot), intent, record)
            if problem:
                where = f"dialogue {record.id!r} does not come back to its question {record.question.name!r}"
                rule = "What steers a handler must be journaled: turn.once(...), or an answer."
                self.problems.append(f"{where} when what is live has changed: {problem}. {rule}")
                return


async def _run(turn: Turn, intent: Intent, record: DialogueRecord) -> str:
    """Return what goes wrong; empty if the handler comes to its question."""
    try:
        async with asyncio.timeout(LIMIT):
            await intent.handler(view_of(turn, Rerun(turn, intent, record)))
    except Suspended:  # at the pending question, with all entries met: the journal has seen to that
        return ""
    except Misfit as misfit:
        return str(misfit)
    except Exception as error:  # the border with the handler: whatever it raises, the next turn would raise it
        return f"it raised {type(error).__name__}: {error}"
    return "it ended without asking"


def _elsewhere(turn: Turn, bot: Bot) -> Turn:
    """Return the turn of another day, of the same user under another name and in another language."""
    other = copy.copy(turn)
    other.language = next((one for one in bot.config.languages if one != turn.language), turn.language)
    other.authenticated = other.known_user = replace(turn.user, name=f"{turn.user.name}*", language=other.language)
    other.conversation = replace(turn.conversation, turns=turn.conversation.turns + 1)
    other.id, other.attempt, other.trace, other.reply, other.answer = f"{turn.id}*", 1, Trace(), None, None
    other.transcripts, other.candidates, other.changes, other.translation = {}, [], [], ""
    return other


@contextmanager
def _other_world(world: World) -> Iterator[None]:
    chance, token, inside = random.getstate(), _world.set(world), in_handler.set(True)
    random.seed(world.seed)
    try:
        yield
    finally:
        random.setstate(chance)
        _world.reset(token)
        in_handler.reset(inside)


def _reading(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def read(*args: Any, **kwargs: Any) -> Any:
        world, value = _world.get(), await method(*args, **kwargs)
        return value if world is None else world.other(value)

    return read


def _writing(name: str, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    def write(*args: Any, **kwargs: Any) -> Awaitable[Any]:
        if _world.get() is not None:
            raise Misfit(f"store.{name} is called outside a step")
        return method(*args, **kwargs)

    return write
