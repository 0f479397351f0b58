"""Fixtures of the core's own tests: bots that serve the handler which a test writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from lumiera import Intent, Question, Turn, hookimpl
from lumiera.config import PIPELINE
from lumiera.testing import TestBot
from lumiera.testing.bot import PHONE
from lumiera.turn import Handler

TEXTS = {
    "fr": "where = Où ?\nwhat = Quoi ?\nwhich = Lequel ?\nsure = Sûr ?\nhow-many = Combien ?\nwhen = Quand ?\n"
    "pictures = Des photos ?\ncall-112 = Appelez le 112.\nleak-title = Fuite\nred = Rouge\nblue = Bleu\n",
    "en": "where = Where?\nwhat = What?\nwhich = Which?\nsure = Sure?\nhow-many = How many?\nwhen = When?\n"
    "pictures = Photos?\ncall-112 = Call 112.\nleak-title = Leak\nred = Red\nblue = Blue\n",
    "pl": "leak-title = Przeciek\nred = Czerwony\nblue = Niebieski\n",
}


class Bringing:
    """A plugin that brings intents."""

    def __init__(self, *intents: Intent) -> None:
        self.intents = list(intents)

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return self.intents


@pytest.fixture
def brings() -> Callable[..., object]:
    """Make a plugin that brings the given intents."""
    return Bringing


@pytest.fixture
def leak() -> Callable[..., object]:
    """Make a plugin whose intent `leak`, said `fuite` or `leak`, has the given handler."""

    def make(handler: Handler, **fields: Any) -> object:
        return Bringing(Intent("leak", handler, **{"examples": {"fr": ["fuite"], "en": ["leak"]}, **fields}))

    return make


@pytest.fixture
def pipeline() -> Callable[..., list[Any]]:
    """Return the default pipeline with other settings for some of its stages; limits are off unless given."""

    def make(**changed: Mapping[str, Any]) -> list[Any]:
        settings: dict[str, Mapping[str, Any]] = {"limits": {"per_minute": 0}, **changed}
        names = [item if isinstance(item, str) else next(iter(item)) for item in PIPELINE]
        given = [{} if isinstance(item, str) else dict(item[name]) for item, name in zip(PIPELINE, names, strict=True)]
        return [{name: {**own, **settings.get(name, {})}} for name, own in zip(names, given, strict=True)]

    return make


@pytest_asyncio.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[TestBot]]]:
    """Start a bot with plugins, a configuration and a phone; it stops after the test."""
    async with AsyncExitStack() as stack:

        async def begin(*, config: Mapping[str, Any] | None = None, phone: str = PHONE, **plugins: object) -> TestBot:
            folder = tmp_path / "texts"
            folder.mkdir(exist_ok=True)
            for language, text in TEXTS.items():
                (folder / f"{language}.ftl").write_text(text, encoding="utf-8")
            bot = TestBot(tmp_path, config=config, plugins=plugins, phone=phone)
            return await stack.enter_async_context(bot)

        yield begin


@pytest.fixture
def ask(start: Callable[..., Awaitable[TestBot]], leak: Callable[..., object]) -> Callable[..., Awaitable[TestBot]]:
    """Start a bot that has just asked the given question; the answer comes back as `repr`."""

    async def begin(question: Question[object], **plugins: object) -> TestBot:
        async def handler(turn: Turn) -> str:
            return f"<{await turn.ask(question)!r}>"

        bot = await start(site=leak(handler), **plugins)
        await bot.send("fuite")
        return bot

    return begin
