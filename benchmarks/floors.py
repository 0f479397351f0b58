"""What no bot can be faster than, as a server: `python benchmarks/floors.py PORT API_PORT [DATABASE]`.

Floor A verifies a webhook, answers it and sends one message. Floor B, which has a database, stores the message
before it answers.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlencode

import aiohttp
import uvicorn
from lumiera_twilio.signature import Signatures
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.wire import ACCOUNT, PUBLIC_URL, SENDER, TOKEN, WEBHOOK

REPLY = "Bonjour Ana Costa ! Que voulez-vous faire ?\n\n1. Aide\n2. Changer de langue\n\nRépondez par un numéro."


class Floor:
    """The shortest way from a webhook to a REST call."""

    def __init__(self, api_port: int, database: str) -> None:
        self._url = f"http://127.0.0.1:{api_port}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        self._signatures = Signatures(PUBLIC_URL, [TOKEN])
        self._database = _opened(database) if database else None
        self._sending: set[asyncio.Task[None]] = set()

    def app(self) -> Starlette:
        routes = [Route(WEBHOOK, self._inbound, methods=["POST"]), Route("/health", self._health)]
        return Starlette(routes=routes, lifespan=self._connected)

    @asynccontextmanager
    async def _connected(self, _: Starlette) -> AsyncIterator[None]:
        headers = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT, TOKEN)}
        async with aiohttp.ClientSession(headers=headers, cookie_jar=aiohttp.DummyCookieJar()) as self._http:
            yield

    async def _health(self, _: Request) -> Response:
        return Response()

    async def _inbound(self, request: Request) -> Response:
        body = await request.body()
        pairs = sorted(set(parse_qsl(body.decode(), keep_blank_values=True)))
        if not self._signatures.match(WEBHOOK.encode(), pairs, request.headers.get("x-twilio-signature", "")):
            return Response(status_code=403)
        form = dict(pairs)
        if self._database is not None:
            self._database.execute("INSERT INTO inbox (sid, body) VALUES (?, ?)", (form["MessageSid"], body))
        task = asyncio.create_task(self._send(form["From"]))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return Response("<Response/>", media_type="text/xml")

    async def _send(self, recipient: str) -> None:
        data = urlencode({"To": recipient, "From": SENDER, "Body": REPLY})
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        async with self._http.post(self._url, data=data, headers=form) as answer:
            assert (await answer.json())["sid"]


def _opened(database: str) -> sqlite3.Connection:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, sid TEXT UNIQUE, body TEXT)")
    return connection


if __name__ == "__main__":
    port, api_port, database = (*sys.argv[1:], "")[:3]
    app = Floor(int(api_port), database).app()
    uvicorn.run(app, port=int(port), ws="none", log_config=None, access_log=False, server_header=False, backlog=2048)
