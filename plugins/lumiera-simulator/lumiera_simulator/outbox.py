"""What somebody has not got yet, and why."""

from __future__ import annotations

from functools import partial
from typing import Any

from lumiera_sql.schema import conversations, outbox
from lumiera_sql.values import load_bubble, moment
from pydantic_core import to_jsonable_python
from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lumiera.messages import Bubble
from lumiera.tracing import redact
from lumiera.turn import Bot
from lumiera_simulator.schema import CHANNEL
from lumiera_simulator.web import person_of

AWAY = ("queued", "sending", "unknown", "failed", "cancelled")
MOST = 50
_o, _c = outbox.c, conversations.c


def routes() -> list[Route]:
    return [Route("/simulator/people/{id:int}/outbox", _away)]


async def _away(request: Request) -> JSONResponse:
    bot: Bot = request.app.state.bot
    person = await person_of(request, bot)
    found = await bot.store.read(partial(_find, phone=person.phone))
    return JSONResponse({"bubbles": to_jsonable_python(found)})


def _find(tx: Connection, phone: str) -> list[dict[str, Any]]:
    """Return what is not on the phone, newest last; whoever was only rung has a conversation, too."""
    newest = (
        select(_o.id, _o.bubble, _o.state, _o.attempts, _o.error, _o.created_at, _o.changed_at)
        .join(conversations, _c.id == _o.conversation_id)
        .where(_c.channel == CHANNEL, _c.address == phone, _o.state.in_(AWAY))
        .order_by(_o.id.desc())
        .limit(MOST)
    )
    return [
        {
            "id": row.id,
            "text": _text(load_bubble(row.bubble)),
            "state": row.state,
            "attempts": row.attempts,
            "error": redact(row.error),
            "created_at": moment(row.created_at),
            "changed_at": moment(row.changed_at),
        }
        for row in reversed(tx.execute(newest).all())
    ]


def _text(bubble: Bubble) -> str:
    """Return what it says; of a file without words its name, or what it is."""
    return bubble.text or (bubble.media.filename or bubble.media.content_type if bubble.media else "")
