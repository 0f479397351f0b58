"""The web application: the plugins' routes around one bot, and its health."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lumiera.app import Lumiera


async def health(request: Request) -> JSONResponse:
    """Answer 200 with the state of each plugin that has one, 503 if one of them is not well."""
    bot: Lumiera = request.app.state.bot
    parts = await bot.hooks.check_health()
    well = all(part.ok for part in parts.values())
    body = {name: "ok" if part.ok else f"failed: {part.reason}" for name, part in parts.items()}
    return JSONResponse({"status": "ok" if well else "degraded", "plugins": body}, status_code=200 if well else 503)


def create_app(bot: Lumiera) -> Starlette:
    """Return the ASGI application; its lifespan is the bot's, which starts before the first request and drains last."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with bot:
            yield

    app = Starlette(routes=[Route("/health", health), *bot.routes], lifespan=lifespan)
    app.state.bot = bot
    return app
