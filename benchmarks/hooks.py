"""What one hook call costs beside a plain await."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import cast

from lumiera.hooks import Hooks, Implementation
from lumiera.tracing import Trace
from lumiera.turn import Turn

CALLS = 20_000
ROUNDS = 5


async def hook_costs() -> tuple[float, float]:
    """Return the microseconds of a plain await and of the same function behind a hook, the best of some rounds."""

    async def detect(text: str, turn: Turn) -> None:
        return None

    trace = Trace()
    turn = cast("Turn", SimpleNamespace(trace=trace))
    hooks = Hooks({"detect_language": [Implementation("benchmark", detect, ("text", "turn"))]})
    plain = await _microseconds(lambda: detect("bonjour", turn), trace)
    return plain, await _microseconds(lambda: hooks.detect_language("bonjour", turn), trace)


async def _microseconds(call: Callable[[], Awaitable[object]], trace: Trace) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for _ in range(CALLS):
            await call()
        best = min(best, time.perf_counter() - begun)
        trace.spans.clear()  # a turn has some twenty
        await asyncio.sleep(0)
    return best / CALLS * 1e6
