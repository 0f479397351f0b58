"""The human behind the bot: who waits, the answer, and the way back to the bot; on every channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import field_validator
from pydantic_core import to_jsonable_python
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lumiera.people import Escalation
from lumiera.turn import Bot
from lumiera_simulator.cases import all_cases
from lumiera_simulator.wire import Asked, Refused, read_as
from lumiera_simulator.writing import Words

Publish = Callable[[str, Mapping[str, Any]], None]


class Answer(Asked):
    """What a human says to the user, and whether the bot goes on after it."""

    text: Words
    close: bool = False

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text:
            raise ValueError("an answer needs words")
        return text


def routes(publish: Publish) -> list[Route]:
    async def show(request: Request) -> JSONResponse:
        return JSONResponse({"escalations": to_jsonable_python(await all_cases(_bot(request)))})

    async def answer(request: Request) -> Response:
        said = await read_as(request, Answer)
        one = await _open(request)
        await _answer(_bot(request), one, said)
        publish("escalations", {})
        return Response(status_code=204)

    async def close(request: Request) -> Response:
        await _close(_bot(request), await _open(request))
        publish("escalations", {})
        return Response(status_code=204)

    one = "/simulator/escalations/{id:int}"
    return [
        Route("/simulator/escalations", show),
        Route(f"{one}/answer", answer, methods=["POST"]),
        Route(f"{one}/close", close, methods=["POST"]),
    ]


async def _answer(bot: Bot, one: Escalation, said: Answer) -> None:
    """Say it; the words go out with the next sweep, whichever process serves the channel."""
    if one.conversation.stopped_at is not None:
        raise Refused(409, "The user has said STOP: nothing may be sent to them. Call them, then hand them back.")
    if not await bot.answer_escalation(one, said.text):
        raise Refused(409, "Somebody handed the user back meanwhile; nothing was sent.")
    if said.close:
        await bot.close_escalation(one)  # whoever was quicker has said the same


async def _close(bot: Bot, one: Escalation) -> None:
    if not await bot.close_escalation(one):
        raise Refused(409, "Somebody handed the user back already.")


async def _open(request: Request) -> Escalation:
    number = request.path_params["id"]
    found = await _bot(request).store.escalations(closed=True)
    one = next((one for one in found if one.id == number), None)
    if one is None:
        raise Refused(404, "There is no such escalation.")
    if one.closed_at is not None:
        raise Refused(409, "Somebody handed the user back already.")
    return one


def _bot(request: Request) -> Bot:
    bot: Bot = request.app.state.bot
    return bot
