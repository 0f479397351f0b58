"""The load: users who write a message, wait for the reply and write the next one."""

from __future__ import annotations

import asyncio
import contextlib
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
    """Users with a connection each; the REST API that the server calls tells them of their replies."""

    api_port: int
    replies: dict[str, int]
    waiting: dict[str, asyncio.Future[None]] = field(default_factory=dict)
    sent: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    acknowledged: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    connections: dict[int, Connection] = field(default_factory=dict)

    @property
    def unanswered(self) -> list[int]:
        """The users who wrote a message that was acknowledged and has no reply yet."""
        return [user for user, count in self.acknowledged.items() if self.replies[number_of(user)] < count]

    async def meet(self, port: int, *, users: int) -> None:
        """Connect users to a server that has just started, and let each write once: the first message costs more."""
        for user in range(users):
            _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
            self.connections[user] = connection
            if user % 25 == 24:
                await asyncio.sleep(0.01)  # a server that is flooded with connections takes one for each round
        await self.write(users=users, each=1)

    async def write(self, *, users: int, each: int) -> Times:
        """Let users write `each` messages, all users at once."""
        requests = [[webhook(user, self.sent[user] + index) for index in range(each)] for user in range(users)]
        times = Times()
        begun = time.perf_counter()
        await asyncio.gather(*(self._write(user, messages, times) for user, messages in enumerate(requests)))
        times.whole = time.perf_counter() - begun
        return times

    async def write_until_stopped(self, *, users: int) -> None:
        """Let users write until the server takes no more."""
        await asyncio.gather(*map(self._write_on, range(users)))

    async def listen(self, within: float) -> None:
        """Wait for the replies that are still to come."""
        if late := [self._reply_to(user) for user in self.unanswered]:
            await asyncio.wait(late, timeout=within)

    async def _write(self, user: int, requests: Sequence[bytes], times: Times) -> None:
        for request in requests:
            begun = time.perf_counter()
            reply = self._reply_to(user)
            status = await self._say(user, request)
            times.acknowledged.append(time.perf_counter() - begun)
            assert status == 200, f"a message was answered with {status}"
            async with asyncio.timeout(SILENCE):
                await reply
            times.replied.append(time.perf_counter() - begun)

    async def _write_on(self, user: int) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            status = 200
            while status == 200:
                reply = self._reply_to(user)
                status = await self._say(user, webhook(user, self.sent[user]))
                async with asyncio.timeout(1):
                    await reply

    async def _say(self, user: int, request: bytes) -> int:
        self.sent[user] += 1
        status = await self.connections[user].ask(request)
        self.acknowledged[user] += status == 200
        return status

    def _reply_to(self, user: int) -> asyncio.Future[None]:
        self.waiting[number_of(user)] = reply = asyncio.get_running_loop().create_future()
        return reply


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
        for connection in crowd.connections.values():
            connection.transport.close()
        server.close()
