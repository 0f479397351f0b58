"""The REST API of the fake Twilio: messages, media and the typing indicator, with a memory."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from lumiera_twilio.addresses import bare
from lumiera_twilio.testing import wire
from lumiera_twilio.testing.faults import Faults, Handler, On
from lumiera_twilio.testing.values import Pairs, Seen, Sent

LONGEST_BODY = 1600


class Rest:
    """What Twilio keeps of one account, and the calls that change or show it."""

    def __init__(self, account: str, credentials: dict[str, str]) -> None:
        self.requests: list[Seen] = []
        self.sent: list[Sent] = []
        self.messages: dict[str, dict[str, Any]] = {}
        self.typing: list[str] = []  # sids of the messages that it was shown for
        self.media: dict[str, tuple[str, bytes]] = {}  # path: content type and bytes
        self.media_host = ""
        self.faults = Faults()
        self.on_sent: Callable[[], None] = lambda: None
        self._account = account
        self._credentials = credentials

    def app(self) -> web.Application:
        base = f"/2010-04-01/Accounts/{self._account}"
        app = web.Application(middlewares=[self._gate])
        app.router.add_post(f"{base}/Messages.json", self._faulty("messages", self._create))
        app.router.add_get(f"{base}/Messages.json", self._list)
        app.router.add_get(base + "/Messages/{sid}.json", self._fetch)
        app.router.add_get(base + "/Messages/{sid}/Media/{media}", self._media)
        app.router.add_post("/v2/Indicators/Typing.json", self._faulty("typing", self._typing))
        return app

    def media_app(self) -> web.Application:
        """Return the second host, which serves the bytes to whoever has the link and wants no password."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._bytes)
        return app

    def _faulty(self, on: On, handler: Handler) -> Handler:
        async def faulty(request: web.Request) -> web.StreamResponse:
            return await self.faults.through(request, on, handler)

        return faulty

    @web.middleware
    async def _gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append(
            Seen(
                method=request.method,
                path=request.path,
                headers=dict(request.headers),
                form=await _form(request),
                query=tuple(request.query.items()),
                at=datetime.now(UTC),
            )
        )
        if not self._known(request.headers.get("Authorization", "")):
            return wire.error(401, 20003)
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return wire.error(404, 20404)

    def _known(self, authorization: str) -> bool:
        try:
            name, _, password = b64decode(authorization.removeprefix("Basic "), validate=True).decode().partition(":")
        except ValueError:
            return False
        return self._credentials.get(name) == password

    async def _create(self, request: web.Request) -> web.StreamResponse:
        form = dict(await _form(request))
        if code := _mistake(form):
            return wire.error(400, code)
        sid, at = wire.new_sid("SM"), datetime.now(UTC)
        self.messages[sid] = wire.message(self._account, sid, form, at)
        self.sent.append(
            Sent(
                sid=sid,
                to=form["To"],
                from_=form.get("From", ""),
                body=form.get("Body", ""),
                at=at,
                status_callback=form.get("StatusCallback", ""),
            )
        )
        self.on_sent()
        return web.json_response(self.messages[sid], status=201, headers=wire.request_id())

    async def _list(self, request: web.Request) -> web.StreamResponse:
        wanted = {name.lower(): value for name, value in request.query.items() if name in ("To", "From")}
        found = [
            message
            for message in reversed(self.messages.values())  # Twilio lists the newest first
            if all(message[name] == value for name, value in wanted.items())
        ]
        size = int(request.query.get("PageSize", "50"))
        return web.json_response(wire.page(self._account, found[:size], size), headers=wire.request_id())

    async def _fetch(self, request: web.Request) -> web.StreamResponse:
        message = self.messages.get(request.match_info["sid"])
        return web.json_response(message, headers=wire.request_id()) if message else wire.error(404, 20404)

    async def _typing(self, request: web.Request) -> web.StreamResponse:
        form = dict(await _form(request))
        if form.get("channel") != "whatsapp" or not re.fullmatch("(SM|MM)[0-9a-f]{32}", form.get("messageId", "")):
            return wire.error(400, 20001, told="Invalid parameter")
        self.typing.append(form["messageId"])
        return web.json_response({"success": True}, headers=wire.request_id())

    async def _media(self, request: web.Request) -> web.StreamResponse:
        if request.path not in self.media:
            return wire.error(404, 20404)
        return web.Response(status=302, headers={"Location": f"{self.media_host}{request.path}?Signature=fake"})

    async def _bytes(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:  # the storage behind Twilio allows one way to sign in, the link's own
            return web.Response(status=400, text="Only one auth mechanism allowed")
        content_type, content = self.media.get(request.path, ("", b""))
        return web.Response(body=content, content_type=content_type) if content_type else web.Response(status=404)


async def _form(request: web.Request) -> Pairs:
    if request.content_type != "application/x-www-form-urlencoded":
        return ()
    return tuple(parse_qsl((await request.read()).decode(), keep_blank_values=True))


def _mistake(form: dict[str, str]) -> int | None:
    """Return the code with which Twilio refuses a message, None where it takes it."""
    to, sender, service = form.get("To", ""), form.get("From", ""), form.get("MessagingServiceSid", "")
    checks = (
        (21604, not to),
        (21603, not sender and not service),
        (21211, not bare(to)),
        (21910, bool(sender) and not sender.startswith("whatsapp:")),
        (21212, bool(sender) and not bare(sender)),
        (21619, not any(form.get(name) for name in ("Body", "MediaUrl", "ContentSid"))),
        (21617, len(form.get("Body", "").encode("utf-16-le")) // 2 > LONGEST_BODY),
    )
    return next((code for code, wrong in checks if wrong), None)
