"""The load: users who write a message, wait for the reply and write the next one."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.wire import Connection, RestApi, number_of, webhook

SILENCE = 20.0  # seconds without a reply: the server is broken, and the run must end


@dataclass
class Times:
    """What users saw of their messages, in seconds."""

    acknowledged: list[float] = field(default_factory=list)
    replied: list[float] = field(default_factory=list)
    whole: float = 0.0


def share(values: Sequence[float], part: float) -> float:
    """Return the value below which `part` of the values lie."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


@dataclass
class Crowd:
    """Some users in front of one server; the REST API that the server calls tells them of their replies."""

    api_port: int
    replies: dict[str, int]
    waiting: dict[str, asyncio.Future[None]] = field(default_factory=dict)
    sent: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    acknowledged: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def unanswered(self) -> int:
        """Count the messages that were acknowledged and have no reply yet."""
        return sum(max(0, count - self.replies[number_of(user)]) for user, count in self.acknowledged.items())

    async def write(self, port: int, *, users: int, each: int) -> Times:
        """Let users write `each` messages, all at once; whoever comes again goes on with the same server."""
        requests = [[webhook(user, self.sent[user] + index) for index in range(each)] for user in range(users)]
        connections = [await self._connect(port) for _ in range(users)]
        times = Times()
        begun = time.perf_counter()
        await asyncio.gather(*(self._write(*one, times) for one in zip(range(users), connections, requests, strict=True)))
        times.whole = time.perf_counter() - begun
        for connection in connections:
            connection.transport.close()
        return times

    async def write_until_stopped(self, port: int, *, users: int) -> None:
        """Let users write until the server takes no more."""
        await asyncio.gather(*(self._write_on(user, await self._connect(port)) for user in range(users)))

    async def _write(self, user: int, connection: Connection, requests: Sequence[bytes], times: Times) -> None:
        for request in requests:
            begun = time.perf_counter()
            reply = self._reply_to(user)
            status = await connection.ask(request)
            times.acknowledged.append(time.perf_counter() - begun)
            assert status == 200, f"a message was answered with {status}"
            self.sent[user] += 1
            self.acknowledged[user] += 1
            async with asyncio.timeout(SILENCE):
                await reply
            times.replied.append(time.perf_counter() - begun)

    async def _write_on(self, user: int, connection: Connection) -> None:
        try:
            while True:
                reply = self._reply_to(user)
                request = webhook(user, self.sent[user])
                self.sent[user] += 1
                if await connection.ask(request) != 200:
                    return
                self.acknowledged[user] += 1
                async with asyncio.timeout(1):
                    await reply
        except (ConnectionError, TimeoutError):
            connection.transport.close()

    def _reply_to(self, user: int) -> asyncio.Future[None]:
        self.waiting[number_of(user)] = reply = asyncio.get_running_loop().create_future()
        return reply

    async def _connect(self, port: int) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
        return connection


@asynccontextmanager
async def gathered() -> AsyncIterator[Crowd]:
    """Open the REST API and give the crowd that listens to it."""
    replies: dict[str, int] = defaultdict(int)

    def arrived(number: str) -> None:
        replies[number] += 1
        reply = crowd.waiting.get(number)
        if reply is not None and not reply.done():
            reply.set_result(None)

    server = await asyncio.get_running_loop().create_server(lambda: RestApi(arrived), "127.0.0.1", 0)
    crowd = Crowd(server.sockets[0].getsockname()[1], replies)
    try:
        yield crowd
    finally:
        server.close()
