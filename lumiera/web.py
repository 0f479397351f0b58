"""The web application: the plugins' routes around one bot, its health, and whether it takes messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lumiera.app import Lumiera
from lumiera.stage import Health


async def health(request: Request) -> JSONResponse:
    """Answer with the state of each part that has one, and the worst of them: 503 if one has failed."""
    bot: Lumiera = request.app.state.bot
    parts = await bot.hooks.check_health()
    if all(part.ok for part in parts.values()):  # else the store may hang, and there is worse to tell
        unheard = [one for one in await bot.store.escalations() if one.outcome in ("nobody", "quiet")]
        told = f"open escalations that have reached nobody of the team: {len(unheard)}"
        parts |= {"core": Health(ok=True, reason=told)} if unheard else {}
    said = {name: _said(part) for name, part in parts.items()}
    worst = next((word for word in ("failed", "degraded") if any(one.startswith(word) for one in said.values())), "ok")
    return JSONResponse({"status": worst, "plugins": said}, status_code=503 if worst == "failed" else 200)


async def ready(request: Request) -> JSONResponse:
    """Answer 200 while messages are taken: the bot is not stopping and its store works. No provider counts."""
    bot: Lumiera = request.app.state.bot
    keepers = await bot.hooks.check_health(bot.hooks.plugins_of("register_stores"))
    taken = not request.app.state.stopping and all(part.ok for part in keepers.values())
    return JSONResponse({"ready": taken}, status_code=200 if taken else 503)


def _said(part: Health) -> str:
    word = "failed" if not part.ok else "degraded" if part.reason else "ok"
    return f"{word}: {part.reason}" if part.reason else word


def create_app(bot: Lumiera) -> Starlette:
    """Return the ASGI application; its lifespan is the bot's, which starts before the first request and drains last.

    Whoever stops it sets `app.state.stopping` first.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with bot:
            yield

    routes = [Route("/health", health), Route("/ready", ready), *bot.routes]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.bot, app.state.stopping = bot, False
    return app
