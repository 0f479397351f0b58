"""Talks through an intent as a user who answers whatever is asked, and says what goes wrong."""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from lumiera.intents import Intent
from lumiera.messages import Tap
from lumiera.questions import Asked
from lumiera.testing.bot import Replied, TestBot

MOST = 20  # answers; a user gives up before
WORDS = "12 mm, B2"  # where words are asked for: an example of nothing


class Talk:
    """Conversations with a bot, each as somebody else."""

    def __init__(self, bot: TestBot) -> None:
        self._bot = bot
        self._numbers = itertools.count(10_000_000)

    async def walk(self, intent: Intent, language: str) -> AsyncIterator[str]:
        """Say the intent's first example in a language and answer until nothing is asked; yields what goes wrong."""
        example = next((text for spoken, text in intent.phrases() if spoken == language), None)
        if example is None:
            return
        where = f"intent {intent.name!r}, opened by {example!r}"
        with _complaints() as faults:
            try:
                faults += await self._to_the_end(intent, example)
            except AssertionError as error:  # of the kit: no reply, or a handler is steered by what is not journaled
                faults.append(str(error))
        for fault in faults:
            yield f"{where}: {fault}"

    async def _to_the_end(self, intent: Intent, example: str) -> list[str]:
        sender = f"+336{next(self._numbers)}"
        reply = await self._bot.send(example, sender=sender)
        if reply.intent != intent.name:
            elsewhere = f"the intent {reply.intent!r}" if reply.intent else "no intent"
            return [f"this leads to {elsewhere}. Leave the example to one intent."]
        asked = ""
        for _ in range(MOST):
            if reply.turn.failures:
                return [f"{reply.turn.failures[-1].message}. The log has the traceback."]
            if not reply.bubbles:
                return ["nothing is answered. Return a text, or a Reply that has one."]
            question = pending(reply)
            if question is None:
                return []
            asked = question.name
            reply = await self._answer(reply, question, sender)
        return [f"after {MOST} answers it still asks {asked!r}. Let the handler end when it knows what it needs."]

    async def _answer(self, reply: Replied, question: Asked, sender: str) -> Replied:
        options = [option for option in reply.options if option.id.startswith(f"{question.ref}:")]
        if options and question.kind in ("choose", "yes_no", "confirm", "moment"):
            return await self._bot.send(tap=Tap(id=options[0].id, title=options[0].title), sender=sender)
        match question.kind:
            case "photos":
                return await self._bot.photo(sender=sender)
            case "number":
                value = question.maximum if question.minimum is None else question.minimum
                return await self._bot.send(f"{1 if value is None else value:g}", sender=sender)
            case "free_text":
                return await self._bot.send(WORDS, sender=sender)
            case _:
                return await self._bot.send("1", sender=sender)  # its options are only written: the first by its number


def pending(reply: Replied) -> Asked | None:
    """Return the question that a reply leaves open."""
    asked = [record.question for record in reply.turn.changes if record.status == "open" and record.question]
    return asked[-1] if asked else None


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect what the log has of texts that are missing or lack a variable; each is told once."""
    found: list[str] = []
    handler, log = logging.Handler(logging.ERROR), logging.getLogger("lumiera.texts")
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    try:
        yield found
    finally:
        log.removeHandler(handler)
