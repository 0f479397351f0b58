"""The way in: what Twilio posts, checked before anything of it is believed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lumiera.records import OutboxState
from lumiera.turn import Bot
from lumiera_twilio.channel import STATUS_PATH
from lumiera_twilio.failures import undelivered
from lumiera_twilio.inbound import MESSAGE_SID, Form, read_message
from lumiera_twilio.settings import TwilioSettings
from lumiera_twilio.signature import Signatures

INBOUND_PATH = "/webhooks/twilio"
LARGEST_BODY = 64 * 1024
MOST_FIELDS = 1000
DELIVERY: dict[str, OutboxState] = {
    "sent": "sent",
    "delivered": "delivered",
    "partially_delivered": "delivered",
    "read": "read",
}
FAILED = ("failed", "undelivered", "canceled")
log = logging.getLogger("lumiera.twilio")


class Refused(Exception):
    """A request that is turned away; the reason is for our log, the sender learns the status alone."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Webhooks:
    """The routes that Twilio calls."""

    def __init__(self, settings: TwilioSettings) -> None:
        self._account = settings.account_sid
        self._sender = settings.sender
        self._signatures = Signatures(settings.public_url, [token.get_secret_value() for token in settings.auth_token])
        self.problem = ""  # of ours, that keeps messages which Twilio took from arriving; for the health check

    def routes(self) -> list[BaseRoute]:
        return [
            Route(INBOUND_PATH, self._endpoint(self._inbound, ours="To"), methods=["POST"]),
            Route(STATUS_PATH, self._endpoint(self._status, ours="From"), methods=["POST"]),
        ]

    def _endpoint(
        self, accept: Callable[[Form, Bot], Awaitable[Response]], *, ours: str
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return an endpoint that checks, accepts and answers; `ours` names the field that holds our sender."""

        async def endpoint(request: Request) -> Response:
            try:
                return await accept(await self._checked(request, ours), request.app.state.bot)
            except Refused as refused:
                log.warning("webhook %s refused with %d: %s", request.url.path, refused.status, refused.reason)
                # What is left of the body is not wanted, so the connection cannot be used again.
                return Response(status_code=refused.status, headers={"Connection": "close"})

        return endpoint

    async def _inbound(self, form: Form, bot: Bot) -> Response:
        message = read_message(form, bot.now())
        if message is None:
            raise Refused(400, "no MessageSid, or From is no WhatsApp address")
        try:
            await bot.receive([message])
        except Exception as error:
            # Whatever kept it from being stored: a 503 brings Twilio's retry or fallback, a 200 would lose the message.
            raise _unstored(error) from error
        return Response("<Response/>", media_type="text/xml")

    async def _status(self, form: Form, bot: Bot) -> Response:
        sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
        if not MESSAGE_SID.fullmatch(sid):
            raise Refused(400, "no MessageSid")
        try:
            if status in FAILED:
                await self._failed(sid, form.get("ErrorCode", ""), bot)
            elif state := DELIVERY.get(status):
                await bot.delivered("twilio", sid, state)
                self.problem = ""
        except Exception as error:
            # As for messages: what is not stored is not acknowledged.
            raise _unstored(error) from error
        return Response(status_code=204)

    async def _failed(self, sid: str, code: str, bot: Bot) -> None:
        """Tell the bot that a message which Twilio took did not arrive, and what follows from the code."""
        failed = undelivered(code)
        self.problem = failed.error if failed.ours else self.problem
        await bot.delivered(
            "twilio", sid, "failed", error=failed.error, retry_after=failed.retry_after, stopped=failed.stopped
        )

    async def _checked(self, request: Request, ours: str) -> Form:
        """Return the form of a request that Twilio made for our account and sender."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_form = kind == "application/x-www-form-urlencoded"
        try:
            # Sorted and each pair once, as they are signed: their order is not, so nothing may hang on it. Of a body
            # that is no form nothing is signed but the address.
            body = await _body(request)
            pairs = sorted(set(_parse(body))) if is_form else []
            genuine = self._signatures.match(_target(request), pairs, request.headers.get("x-twilio-signature", ""))
        except Refused:
            raise
        except Exception as error:
            # A stranger's bytes: whatever they do to the parsers, it is no request of Twilio's.
            raise Refused(403, f"it cannot be read: {type(error).__name__}") from error
        if not genuine:
            raise Refused(403, "the signature is missing or wrong; is public_url the address that Twilio calls?")
        if not is_form:
            raise Refused(415, "the body is no form")
        form = dict(pairs)
        if form.get("AccountSid") != self._account:
            raise Refused(403, "it is for another account")
        if self._sender and form.get(ours) != self._sender:
            raise Refused(403, f"{ours} is not our sender")
        return form


async def _body(request: Request) -> bytes:
    """Return the body; stops reading where it grows too large, whatever its declared length."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise Refused(413, "the body is over 64 KiB")
    except ClientDisconnect as error:
        raise Refused(400, "it broke off") from error
    return bytes(body)


def _parse(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(
        body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS
    )


def _target(request: Request) -> bytes:
    """Return path and query as they came over the wire: `request.url` has them decoded."""
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return path + b"?" + query if query else path


def _unstored(error: Exception) -> Refused:
    return Refused(503, f"it could not be stored: {type(error).__name__}")
