"""One test for each `register_` hook: what a plugin brings by it takes part in a real message, start or command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest
from lumiera_sql.sqlite import SqliteRunner
from lumiera_sql.store import SqlStore
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Message as Event

from lumiera import (
    Bubble,
    Capabilities,
    Channel,
    Intent,
    Lumiera,
    Message,
    Migrations,
    PluginError,
    Reply,
    Stage,
    StageSettings,
    Store,
    Turn,
    hookimpl,
)
from lumiera.queue import LocalQueue, Queue
from lumiera.testing import KitChannel, TestBot
from lumiera.web import create_app

Start = Callable[..., Awaitable[TestBot]]
Pipeline = Callable[..., list[Any]]
REVISION = '''"""One table."""
from alembic import op

revision = "leaks_0001"
down_revision = None
branch_labels = ("leaks",)


def upgrade() -> None:
    op.execute("CREATE TABLE leaks (place TEXT)")


def downgrade() -> None:
    op.execute("DROP TABLE leaks")
'''


async def test_hook_register_channels(start: Start) -> None:
    @dataclass
    class Pager:
        name: str = "pager"
        capabilities: Capabilities = field(default_factory=Capabilities)
        sent: list[str] = field(default_factory=list)

        async def send(self, address: str, bubble: Bubble) -> str:
            self.sent.append(bubble.text)
            return "1"

        async def typing(self, message: Message) -> None: ...

    pager = Pager()

    class Brings:
        @hookimpl
        def register_channels(self) -> list[Channel]:
            return [pager]

    bot = await start(pager=Brings())
    await bot.deliver(bot.message("bonjour", channel="pager"))
    assert "1. ❓ Aide" in pager.sent[0]
    assert bot.channel.sent == []


async def test_hook_register_intents(start: Start) -> None:
    async def depot(turn: Turn) -> str:
        return "07:00"

    class Brings:
        @hookimpl
        def register_intents(self) -> list[Intent]:
            return [Intent("opening_hours", depot, examples={"fr": ["horaires"]})]

    bot = await start(depot=Brings())
    assert (await bot.send("horaires")).text == "07:00"


async def test_hook_register_stages(start: Start, pipeline: Pipeline) -> None:
    class Politeness(Stage[StageSettings]):
        name = "politeness"

        async def run(self, turn: Turn) -> None:
            assert turn.reply is not None
            turn.reply = Reply(turn.reply.text + " Merci !")

    class Brings:
        @hookimpl
        def register_stages(self) -> list[type[Stage[Any]]]:
            return [Politeness]

    stages = pipeline()
    bot = await start(polite=Brings(), config={"pipeline": [*stages[:-1], "politeness", stages[-1]]})
    assert (await bot.send("qwerty")).text.endswith(" Merci !")


async def test_hook_register_stores(tmp_path: Path, pipeline: Pipeline) -> None:
    claims: list[int] = []

    class Counting(SqlStore):
        async def claim(self, conversation_id: int, *args: Any) -> Any:
            claims.append(conversation_id)
            return await super().claim(conversation_id, *args)

    class Brings:
        @hookimpl
        def register_stores(self) -> list[Store]:
            return [Counting(SqliteRunner(str(tmp_path / "own.db")))]

    config = {"plugins": {"sql": False}, "pipeline": [item for item in pipeline() if "session" not in item]}
    async with TestBot(tmp_path, config=config, plugins={"own": Brings()}) as bot:
        assert (await bot.send("bonjour")).intent == "greeting"
    assert claims


async def test_hook_register_migrations(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "revisions"
    folder.mkdir()
    (folder / "leaks_0001.py").write_text(REVISION, encoding="utf-8")

    class Brings:
        @hookimpl
        def register_migrations(self) -> list[Migrations]:
            return [Migrations(branch="leaks", path=str(folder))]

        @hookimpl
        def register_intents(self) -> list[Intent]:
            return [Intent("leaks", self.count, examples={"fr": ["fuites"]})]

        async def count(self, turn: Turn) -> str:
            found = await turn.bot.store.read(lambda tx: tx.execute(text("SELECT count(*) FROM leaks")).scalar())
            return f"{found} fuites"

    bot = await start(leaks=Brings())
    assert (await bot.send("fuites")).text == "0 fuites"
    await bot.restart()
    assert (await bot.send("fuites")).text == "0 fuites"


async def test_hook_register_queues(tmp_path: Path) -> None:
    woken: list[int] = []

    class Bell(LocalQueue):
        async def wake(self, conversations: Any, *, at: Any = None) -> None:
            found = list(conversations)
            woken.extend(found)
            await super().wake(found, at=at)

    class Brings:
        def __init__(self) -> None:
            self.channel, self.queue = KitChannel(), Bell()

        @hookimpl
        def register_queues(self) -> list[Queue]:
            return [self.queue]

        @hookimpl
        def register_channels(self) -> list[Channel]:
            return [self.channel]

    kit = Brings()
    bot = TestBot(tmp_path)
    message = bot.message("bonjour")
    async with Lumiera.load(bot.path, extra={"kit": kit}) as lumiera:
        await lumiera.receive([message])
        await kit.queue.idle()
    assert woken[0] == 1
    assert kit.channel.sent


async def test_hook_register_routes(start: Start) -> None:
    async def inbound(request: Request) -> PlainTextResponse:
        message = bot.message((await request.body()).decode())
        await request.app.state.bot.receive([message])
        return PlainTextResponse("ok")

    class Brings:
        @hookimpl
        def register_routes(self) -> list[BaseRoute]:
            return [Route("/inbound", inbound, methods=["POST"])]

    bot = await start(routes=Brings())
    events: list[Event] = []

    async def receive() -> Event:
        return {"type": "http.request", "body": b"bonjour"}

    async def send(event: Event) -> None:
        events.append(event)

    scope = {"type": "http", "method": "POST", "path": "/inbound", "headers": [], "query_string": b""}
    await create_app(bot.lumiera)(scope, receive, send)
    assert events[0]["status"] == 200
    assert (await bot.send("aide")).intent == "help"  # in order behind the one that came by the route
    assert bot.channel.sent[0][1].text.startswith("Bonjour")


def test_hook_register_commands(tmp_path: Path) -> None:
    @click.command()
    def leaks() -> None:
        """List the leaks."""

    class Brings:
        @hookimpl
        def register_commands(self) -> list[click.Command]:
            return [leaks]

    lumiera = Lumiera.load(TestBot(tmp_path).path, extra={"leaks": Brings()})
    brought = lumiera.hooks.collect("register_commands")
    assert [(plugin, command.name) for plugin, command in brought if plugin == "leaks"] == [("leaks", "leaks")]


async def test_a_register_hook_that_raises_stops_the_start_and_names_the_plugin(start: Start) -> None:
    class Raising:
        @hookimpl
        def register_intents(self) -> list[Intent]:
            raise ValueError("a bug")

    with pytest.raises(PluginError, match="plugin 'bad': register_intents: ValueError: a bug"):
        await start(bad=Raising())


async def test_a_register_hook_that_returns_no_list_is_named(start: Start) -> None:
    class Wrong:
        @hookimpl
        def register_intents(self) -> list[Intent]:
            return "leak"  # type: ignore[return-value]

    with pytest.raises(PluginError, match="plugin 'bad': register_intents returned str, expected a list"):
        await start(bad=Wrong())
