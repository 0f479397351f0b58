"""What the tests of the plugin share: a whole bot behind a real port, asked as the page asks it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import uvicorn
import yaml
from starlette.applications import Starlette

from lumiera.app import Lumiera
from lumiera.config import PIPELINE
from lumiera.web import create_app

PATIENCE = 10.0  # seconds until a test that waits for something fails
FR, EN = 1, 2  # people of the page, by what they speak


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP; `data` is its JSON, None where it has none."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class Event:
    """A server-sent event; `id` is empty where it has none."""

    id: str
    name: str
    data: Any


@dataclass
class Stream:
    """An open stream of events; `seen` are those that came so far."""

    seen: list[Event] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, name: str, **facts: Any) -> Event:
        """Wait for an event with this name whose data has these facts, among those that came or come."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for event in self.seen:
                    if event.name == name and facts.items() <= event.data.items():
                        return event
                self.came.clear()
                await self.came.wait()

    def named(self, *names: str) -> list[Event]:
        return [event for event in self.seen if event.name in names]


@dataclass
class Site:
    """A running bot and the port of its page."""

    bot: Lumiera
    app: Starlette
    port: int

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Make a request as it stands, with the headers that a browser of this machine would send."""
        sent = {"Host": self.host, "Connection": "close", "Content-Length": str(len(body)), **(headers or {})}
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(head.encode() + b"\r\n" + body)
        async with asyncio.timeout(PATIENCE):
            answer = await _head(reader)
            received = await reader.read()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        return Answer(answer[0], answer[1], received)

    async def get(self, path: str) -> Any:
        """Return the JSON of a path of the page."""
        answer = await self.ask("GET", f"/simulator/{path}")
        assert answer.status == 200, answer
        return answer.data

    async def post(self, path: str, body: object = None) -> Answer:
        headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
        return await self.ask("POST", f"/simulator/{path}", json.dumps(body or {}).encode(), headers)

    async def says(self, text: str = "", *, person: int = FR, **more: Any) -> None:
        """Send something from the phone of a person."""
        answer = await self.post(f"people/{person}/messages", {"text": text, **more} if text else more)
        assert answer.status == 202, answer

    async def taps(self, title: str, *, person: int = FR) -> None:
        """Tap the newest option with this title on the phone of a person."""
        shown = [option for bubble in await self.phone(person) for option in bubble["options"]]
        (*_, option) = [option for option in shown if option["title"] == title]
        await self.says(person=person, tap={"id": option["id"], "title": title})

    async def phone(self, person: int = FR) -> list[dict[str, Any]]:
        """Return what the bot has sent to a person, oldest first."""
        found = (await self.get(f"people/{person}/messages"))["messages"]
        return [message for message in found if message["direction"] == "out"]

    async def thread(self, person: int = FR, query: str = "") -> list[dict[str, Any]]:
        """Return what stands on the phone of a person, of both sides, oldest first."""
        found: list[dict[str, Any]] = (await self.get(f"people/{person}/messages{query}"))["messages"]
        return found

    async def upload(self, data: bytes, kind: str = "image/jpeg", name: str = "photo.jpg") -> Answer:
        return await self.ask("POST", f"/simulator/files?filename={quote(name)}", data, {"Content-Type": kind})

    async def gets(self, count: int, *, person: int = FR) -> list[dict[str, Any]]:
        """Wait until the bot has sent so many messages to a person, and return them."""
        found: list[dict[str, Any]] = await self.until(lambda: self.phone(person), lambda seen: len(seen) >= count)
        return found

    async def outbox(self, person: int = FR) -> list[dict[str, Any]]:
        bubbles: list[dict[str, Any]] = (await self.get(f"people/{person}/outbox"))["bubbles"]
        return bubbles

    async def escalations(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.get("escalations"))["escalations"]
        return found

    async def turns(self, person: int = FR) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.get(f"people/{person}/turns"))["turns"]
        return found

    async def until(
        self, look: Callable[[], Awaitable[Any]], is_so: Callable[[Any], bool] = bool, patience: float = PATIENCE
    ) -> Any:
        """Look again and again until something is so, and return what was seen then."""
        found = None
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while True:
                    found = await look()
                    if is_so(found):
                        return found
                    await asyncio.sleep(0.02)
        raise AssertionError(f"not so within {patience:g} s: {found}")

    async def jump(self, **ahead: float) -> None:
        """Put the clock forward by the page, and let the timers ring that a second would."""
        answer = await self.post("clock", {"seconds": timedelta(**ahead).total_seconds()})
        assert answer.status == 200, answer
        await self.bot.sweep()

    @asynccontextmanager
    async def listen(self, *, after: int | None = None, last: str = "") -> AsyncIterator[Stream]:
        """Open the stream of events; it has begun when this returns."""
        query = "" if after is None else f"?after={after}"
        again = f"Last-Event-ID: {last}\r\n" if last else ""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /simulator/events{query} HTTP/1.1\r\nHost: {self.host}\r\n{again}\r\n".encode())
        status, headers = await _head(reader)
        assert (status, headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        stream = Stream()
        reading = asyncio.create_task(_read_events(reader, stream))
        await stream.until("hello")
        try:
            yield stream
        finally:
            reading.cancel()
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers


async def _read_events(reader: asyncio.StreamReader, stream: Stream) -> None:
    """Take events out of the chunks of an answer until it ends."""
    text = ""
    while size := int(await reader.readline() or b"0", 16):
        text += (await reader.readexactly(size + 2))[:-2].decode()
        *whole, text = text.split("\n\n")
        stream.seen += [_event(block) for block in whole if not block.startswith(":")]
        stream.came.set()


def _event(block: str) -> Event:
    said = dict(line.split(": ", 1) for line in block.split("\n"))
    return Event(said.get("id", ""), said["event"], json.loads(said["data"]))


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[int]:
    """Serve an application behind a port of this machine."""
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    # The parts of `serve`, which looks only ten times a second whether it is to stop.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await server.startup([listening])
        yield listening.getsockname()[1]
        app.state.stopping = server.force_exit = True
        await server.shutdown([listening])


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Site]]]:
    """Start a bot with plugins of the test and keys of the configuration; a second one has the same database."""
    async with AsyncExitStack() as stack:

        async def begin(config: Mapping[str, Any] | None = None, **plugins: object) -> Site:
            path = tmp_path / "lumiera.yaml"
            path.write_text(yaml.safe_dump(_settings(tmp_path, config or {}), allow_unicode=True), encoding="utf-8")
            bot = await stack.enter_async_context(Lumiera.load(path, extra=plugins))
            app = create_app(bot)
            return Site(bot, app, await stack.enter_async_context(serving(app)))

        yield begin


@pytest.fixture
async def site(start: Callable[..., Awaitable[Site]]) -> Site:
    """Start a bot as it comes: it greets, helps, changes the language, calls a human."""
    return await start()


def _settings(folder: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    pipeline: Sequence[Any] = [{"limits": {"per_minute": 0}} if "limits" in item else item for item in PIPELINE]
    store = {"url": f"sqlite:///{folder / 'lumiera.db'}", "synchronous": "normal"}
    return {
        "plugins": {"sql": store, "simulator": None, "media": None, "essentials": None},
        "pipeline": [dict(item) if isinstance(item, Mapping) else item for item in pipeline],
        "burst": {"text": 0, "media": 0, "max": 0},
        "retries": {"tries": 3, "first": "10ms", "longest": "50ms"},
        "media": {"path": str(folder / "media")},
        "texts": {"overrides": str(folder / "texts")},
        **config,
    }
