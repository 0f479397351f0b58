"""The web application: its lifespan is the bot's, its routes are the plugins', its health that of all parts.

Balancers ask `/ready`, people and monitors `/health`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lumiera import Health, Message, Store, hookimpl
from lumiera.people import Opening
from lumiera.testing import TestBot
from lumiera.web import create_app


class Hangs(Exception):
    """In place of a health that never comes."""


class Door:
    """A plugin with a webhook and an opinion of its health."""

    def __init__(self) -> None:
        self.health: Health | Exception = Health(ok=True)

    @hookimpl
    def register_routes(self) -> list[BaseRoute]:
        return [Route("/door", self.take_in, methods=["POST"])]

    @hookimpl
    async def check_health(self) -> Health:
        if isinstance(self.health, Hangs):
            await asyncio.Event().wait()
        if isinstance(self.health, Exception):
            raise self.health
        return self.health

    async def take_in(self, request: Request) -> Response:
        text = (await request.body()).decode()
        now = datetime.now(UTC)
        message = Message(sid="IN1", channel="kit", sender="+33600000001", received_at=now, text=text)
        await request.app.state.bot.receive([message])
        return Response()


async def call(app: Starlette, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """Make a request of the application as a server does, without a port."""
    answer: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(event: MutableMapping[str, Any]) -> None:
        answer.append(event)

    scope = {"type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
             "root_path": "", "scheme": "http", "query_string": b"", "headers": []}  # fmt: skip
    await app(scope, receive, send)
    return answer[0]["status"], b"".join(event.get("body", b"") for event in answer)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def kit(tmp_path: Path, door: Door) -> TestBot:
    return TestBot(tmp_path, plugins={"door": door})


@pytest.fixture
async def app(kit: TestBot) -> AsyncIterator[Starlette]:
    async with kit:
        yield create_app(kit.lumiera)


async def test_a_message_that_comes_through_a_route_of_a_plugin_is_answered(app: Starlette, kit: TestBot) -> None:
    assert await call(app, "POST", "/door", b"bonjour") == (200, b"")
    async with asyncio.timeout(5):
        while not kit.channel.sent:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.002)
    assert kit.channel.sent[0][1].text.startswith("Bonjour")


async def test_what_no_plugin_serves_is_not_found(app: Starlette) -> None:
    status, _ = await call(app, "GET", "/nothing")
    assert status == 404


async def test_health_is_well_when_every_part_is(app: Starlette) -> None:
    status, body = await call(app, "GET", "/health")
    assert status == 200
    assert json.loads(body) == {"status": "ok", "plugins": {"sql": "ok", "door": "ok"}}


async def test_health_names_the_part_that_is_degraded_and_is_still_well(app: Starlette, door: Door) -> None:
    door.health = Health(ok=True, reason="slow")
    status, body = await call(app, "GET", "/health")
    assert status == 200
    assert json.loads(body) == {"status": "degraded", "plugins": {"sql": "ok", "door": "degraded: slow"}}


@pytest.mark.parametrize(
    ("health", "said"),
    [(Health(ok=False, reason="no answer"), "failed: no answer"), (RuntimeError("secret"), "failed: RuntimeError")],
    ids=["unwell", "raising"],
)
async def test_health_names_the_part_that_is_not_well(
    app: Starlette, door: Door, health: Health | Exception, said: str
) -> None:
    door.health = health
    status, body = await call(app, "GET", "/health")
    assert status == 503
    assert json.loads(body) == {"status": "failed", "plugins": {"sql": "ok", "door": said}}


async def test_calls_for_help_that_reached_nobody_degrade_the_health(app: Starlette, kit: TestBot) -> None:
    await kit.send("bonjour")
    await kit.lumiera.escalate(kit.turns[0].conversation.id, Opening(reason="asked", silent=False))
    await kit.travel(seconds=2)
    status, body = await call(app, "GET", "/health")
    assert status == 200
    assert json.loads(body)["status"] == "degraded"
    assert json.loads(body)["plugins"]["core"] == "degraded: open escalations that have reached nobody of the team: 1"
    [open_one] = await kit.lumiera.store.escalations()
    await kit.lumiera.store.close_escalation(open_one.id, "team", [], kit.now())
    assert json.loads((await call(app, "GET", "/health"))[1])["status"] == "ok"


async def test_it_is_ready_while_the_bot_runs(app: Starlette) -> None:
    assert await call(app, "GET", "/ready") == (200, b'{"ready":true}')


@pytest.mark.parametrize("health", [Health(ok=False, reason="no answer"), RuntimeError("secret")])
async def test_a_part_that_fails_does_not_take_the_bot_out_of_the_balancer(
    app: Starlette, door: Door, health: Health | Exception
) -> None:
    door.health = health
    assert (await call(app, "GET", "/ready"))[0] == 200


async def test_it_is_not_ready_without_its_store(app: Starlette, kit: TestBot) -> None:
    await kit.lumiera.store.close()
    assert await call(app, "GET", "/ready") == (503, b'{"ready":false}')


async def test_it_is_not_ready_once_it_is_going_to_stop(app: Starlette) -> None:
    app.state.stopping = True
    assert await call(app, "GET", "/ready") == (503, b'{"ready":false}')


async def test_a_part_that_hangs_does_not_keep_the_balancer_waiting(app: Starlette, door: Door) -> None:
    door.health = Hangs()
    async with asyncio.timeout(1):
        assert (await call(app, "GET", "/ready"))[0] == 200


async def test_the_bot_runs_as_long_as_the_application(tmp_path: Path, door: Door) -> None:
    kit = TestBot(tmp_path, plugins={"door": door})
    async with kit:
        pass
    bot, app = kit.lumiera, create_app(kit.lumiera)
    async with app.router.lifespan_context(app):
        store: Store = bot.store
        assert await store.dead_letters() == []
    status, _ = await call(app, "GET", "/health")
    assert status == 503
