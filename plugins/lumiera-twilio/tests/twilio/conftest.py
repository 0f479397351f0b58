"""What the tests of the plugin share: a bot that writes down what it is given, served behind a real port."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
import uvicorn
import yaml
from lumiera_twilio import Twilio, TwilioSettings
from lumiera_twilio.testing import FakeTwilio
from lumiera_twilio.testing.openapi import OpenApi
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from lumiera import Lumiera
from lumiera.config import PIPELINE, Config
from lumiera.media import MediaStore
from lumiera.messages import Message
from lumiera.records import OutboxLine, Receipt
from lumiera.turn import Bot

PUBLIC_URL = "https://bot.example"
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@dataclass
class Desk:
    """A bot that only takes things in, with the plugin in front of it."""

    plugin: Twilio
    url: str = ""
    messages: list[Message] = field(default_factory=list)
    deliveries: list[tuple[str, str, str, str]] = field(default_factory=list)
    again: list[tuple[float | None, bool]] = field(default_factory=list)  # of each delivery: `retry_after`, `stopped`
    failure: Exception | None = None
    config: Config = field(default_factory=Config)
    media: MediaStore | None = None

    def now(self) -> datetime:
        return NOW

    async def receive(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        if self.failure:
            raise self.failure
        self.messages += messages
        return []

    async def delivered(
        self,
        channel: str,
        provider_id: str,
        state: str,
        *,
        error: str = "",
        retry_after: float | None = None,
        stopped: bool = False,
    ) -> None:
        if self.failure:
            raise self.failure
        self.deliveries.append((channel, provider_id, state, error))
        self.again.append((retry_after, stopped))

    @property
    def message(self) -> Message:
        (message,) = self.messages
        return message

    @property
    def untouched(self) -> bool:
        return not self.messages and not self.deliveries


Open = Callable[..., Awaitable[Desk]]
Serve = Callable[[Sequence[BaseRoute], Any], AbstractAsyncContextManager[str]]


@asynccontextmanager
async def serving(routes: Sequence[BaseRoute], desk: Any) -> AsyncIterator[str]:
    app = Starlette(routes=list(routes))
    app.state.bot = desk
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    # The parts of `serve`, which looks only ten times a second whether it is to stop.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await server.startup([listening])
        host, port = listening.getsockname()
        yield f"http://{host}:{port}"
        server.force_exit = True
        await server.shutdown([listening])


@pytest.fixture
async def open_desk() -> AsyncIterator[Open]:
    """Serve a plugin with these settings; `mount` puts its routes under a path."""
    async with AsyncExitStack() as stack:

        async def opened(settings: dict[str, Any], *, mount: str = "") -> Desk:
            desk = Desk(Twilio(TwilioSettings.model_validate(settings)))
            bot = cast("Bot", desk)
            await desk.plugin.startup(bot)
            stack.push_async_callback(desk.plugin.shutdown, bot)
            routes = desk.plugin.register_routes()
            desk.url = await stack.enter_async_context(
                serving([Mount(mount, routes=routes)] if mount else routes, desk)
            )
            return desk

        yield opened


@pytest.fixture
def serve() -> Serve:
    """Serve routes with a bot behind them."""
    return serving


@pytest.fixture
def openapi() -> OpenApi:
    """Twilio's OpenAPI, where it is at hand."""
    judge = _openapi()
    if judge is None:
        pytest.skip(
            "Twilio's OpenAPI is not at hand: set LUMIERA_TWILIO_OPENAPI to the folder that holds messages.json"
        )
    return judge


@dataclass
class Clock:
    """The time at Twilio's, which a test may set."""

    at: datetime | None = None

    def __call__(self) -> datetime:
        return self.at or datetime.now(UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def twilio(clock: Clock) -> AsyncIterator[FakeTwilio]:
    """A fake Twilio that calls `PUBLIC_URL`; at the end each request to it is held against Twilio's OpenAPI."""
    async with FakeTwilio(public_url=PUBLIC_URL, now=clock) as twilio:
        yield twilio
    judge = _openapi()
    calls = [seen for seen in twilio.requests if "/Media/ME" not in seen.path]  # the files themselves are not described
    assert [problem for seen in calls for problem in (judge.problems(seen) if judge else [])] == []


@dataclass
class Site:
    """The whole bot, running behind a port, and the Twilio that it believes in."""

    bot: Lumiera
    twilio: FakeTwilio
    url: str

    async def says(self, body: str, *, sender: str = "+33600000001", **more: Any) -> None:
        answer = await self.twilio.inbound(self.url, sender, body, **more)
        assert (answer.status, answer.text) == (200, "<Response/>"), answer

    async def outbox(self) -> list[OutboxLine]:
        """Return the bubbles, oldest first."""
        return list(await self.bot.store.outbox())[::-1]


@pytest.fixture
def site_settings(tmp_path: Path, twilio: FakeTwilio) -> dict[str, Any]:
    """What `site` has as its lumiera.yaml; a test module may have others."""
    return {
        "plugins": {
            "sql": {"url": f"sqlite:///{tmp_path / 'lumiera.db'}"},
            "essentials": None,
            "twilio": twilio.settings(),
        },
        "pipeline": [{"limits": {"per_minute": 0}} if "limits" in stage else stage for stage in PIPELINE],
        "burst": {"text": 0, "media": 0, "max": 0},
    }


@pytest.fixture
def site_plugins() -> dict[str, object]:
    """The plugins of its own that a test module gives to `site`, by name."""
    return {}


@pytest.fixture
async def site(
    tmp_path: Path, twilio: FakeTwilio, serve: Serve, site_settings: dict[str, Any], site_plugins: dict[str, object]
) -> AsyncIterator[Site]:
    path = tmp_path / "lumiera.yaml"
    path.write_text(yaml.safe_dump(site_settings, sort_keys=False), encoding="utf-8")
    async with Lumiera.load(path, extra=site_plugins) as bot, serve(bot.routes, bot) as url:
        yield Site(bot, twilio, url)


@pytest.fixture
async def desk(twilio: FakeTwilio, open_desk: Open) -> Desk:
    return await open_desk(twilio.settings())


@cache
def _openapi() -> OpenApi | None:
    beside = Path(__file__).parents[4].parent / "shared" / "data" / "twilio"
    folder = Path(os.environ.get("LUMIERA_TWILIO_OPENAPI", beside))
    return OpenApi(folder) if (folder / "messages.json").is_file() else None
