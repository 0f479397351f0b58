"""Ways in which the fake Twilio fails, on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, get_args

from aiohttp import web

from lumiera_twilio.testing import wire

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
On = Literal["messages", "list", "typing", "content", "contents", "media", "storage"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to fail. `taken`: the message is taken all the same, and only the answer goes wrong."""

    kind: Literal["status", "html", "odd", "hang", "drop", "slow"]
    status: int = 500
    code: int | None = None
    retry_after: int | None = None
    location: str = ""
    seconds: float = 0.0
    taken: bool = False


class Faults:
    """The faults to come, in order, for each kind of call."""

    def __init__(self) -> None:
        self._coming: dict[On, list[tuple[Fault, float]]] = {on: [] for on in get_args(On)}
        self._healed = asyncio.Event()

    def add(self, fault: Fault, times: float, on: On) -> None:
        self._healed.clear()
        self._coming[on].append((fault, times))

    def heal(self) -> None:
        """Forget the faults that are left and let go of hanging calls, which are dropped."""
        for coming in self._coming.values():
            coming.clear()
        self._healed.set()

    async def through(self, request: web.Request, on: On, handler: Handler) -> web.StreamResponse:
        """Answer a call by its handler, or by the fault whose turn it is."""
        fault = self._next(on)
        if fault is None:
            return await handler(request)
        if fault.kind == "slow":
            answer = await handler(request) if fault.taken else None
            await asyncio.sleep(fault.seconds)
            return answer or await handler(request)
        if fault.taken:
            await handler(request)
        return await self._failed(request, fault)

    def _next(self, on: On) -> Fault | None:
        coming = self._coming[on]
        if not coming:
            return None
        fault, times = coming.pop(0)
        if times > 1:
            coming.insert(0, (fault, times - 1))
        return fault

    async def _failed(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.kind == "hang":
            await self._healed.wait()
        if fault.kind in ("hang", "drop"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.kind == "odd":
            return web.json_response(["odd"])
        if fault.kind == "html":
            page = "<html><body><h1>Bad gateway</h1></body></html>"
            return web.Response(status=fault.status, text=page, content_type="text/html")
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        headers |= {"Location": fault.location} if fault.location else {}
        return wire.error(fault.status, fault.code or wire.CODES.get(fault.status, 20500), headers=headers)
