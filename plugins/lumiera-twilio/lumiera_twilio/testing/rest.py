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
from lumiera_twilio.testing.content import ContentApi
from lumiera_twilio.testing.faults import Faults, Handler, On
from lumiera_twilio.testing.values import Menu, Pairs, Seen, Sent

LONGEST_BODY = 1600


class Rest:
    """What Twilio keeps of one account, and the calls that change or show it."""

    def __init__(self, account: str, credentials: dict[str, str]) -> None:
        self.requests: list[Seen] = []
        self.sent: list[Sent] = []
        self.messages: dict[str, dict[str, Any]] = {}
        self.templates: dict[str, str] = {}  # content sid: text with {{1}}, {{2}}
        self.typing: list[str] = []  # sids of the messages that it was shown for
        self.media: dict[str, tuple[str, bytes]] = {}  # path: content type and bytes
        self.media_host = ""
        self.faults = Faults()
        self.content = ContentApi(account, self.faults)
        self.on_sent: Callable[[], None] = lambda: None
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._account = account
        self._credentials = credentials

    def app(self) -> web.Application:
        base = f"/2010-04-01/Accounts/{self._account}"
        app = web.Application(middlewares=[self._gate])
        app.router.add_post(f"{base}/Messages.json", self._faulty("messages", self._create))
        app.router.add_get(f"{base}/Messages.json", self._faulty("list", self._list))
        app.router.add_get(base + "/Messages/{sid}.json", self._fetch)
        app.router.add_get(base + "/Messages/{sid}/Media/{media}", self._faulty("media", self._media))
        self.content.add_to(app)
        app.router.add_post("/v2/Indicators/Typing.json", self._faulty("typing", self._typing))
        return app

    def media_app(self) -> web.Application:
        """Return the second host, which serves the bytes to whoever has the link and wants no password."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._faulty("storage", self._bytes))
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
                json=await request.json() if request.content_type == "application/json" else None,
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
        if code := _mistake(form) or self._content_mistake(form):
            return wire.error(400, code)
        sid, at = wire.new_sid("SM"), self.now()
        self.messages[sid] = wire.message(self._account, sid, form, at)
        if template := self.templates.get(form.get("ContentSid", "")):
            self.messages[sid]["body"] = wire.filled(template, form.get("ContentVariables", "{}"))
        if menu := self._menu(form):
            self.messages[sid]["body"] = menu.body
        self.sent.append(
            Sent(
                sid=sid,
                to=form["To"],
                from_=form.get("From", ""),
                body=menu.body if menu else form.get("Body", ""),
                at=at,
                status_callback=form.get("StatusCallback", ""),
                media_url=form.get("MediaUrl", ""),
                content_sid=form.get("ContentSid", ""),
                menu=menu,
            )
        )
        self.on_sent()
        return web.json_response(self.messages[sid], status=201, headers=wire.request_id())

    def _content_mistake(self, form: dict[str, str]) -> int | None:
        sid, variables = form.get("ContentSid", ""), form.get("ContentVariables", "")
        if not sid:
            return 21654 if variables else None
        if sid not in self.templates:
            return self.content.mistake(sid, variables)
        return None if wire.fits(self.templates[sid], variables) else 21656

    def _menu(self, form: dict[str, str]) -> Menu | None:
        sid = form.get("ContentSid", "")
        return self.content.menu(sid, form.get("ContentVariables", "")) if sid in self.content.resources else None

    async def _list(self, request: web.Request) -> web.StreamResponse:
        size, token = request.query.get("PageSize", "50"), request.query.get("PageToken", "")
        if not size.isdecimal() or not 1 <= int(size) <= wire.LARGEST_PAGE:
            return wire.error(400, 20001, told="Page size must be between 1 and 1000")
        # Twilio lists the newest first, and goes on after the message that the token names, whatever came since.
        found = [message for message in reversed(self.messages.values()) if wire.matches(message, request.query)]
        start = next((place for place, message in enumerate(found, 1) if token == wire.token_of(message)), 0)
        page = wire.page(request.path, request.query, found, start, int(size))
        return web.json_response(page, headers=wire.request_id())

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
