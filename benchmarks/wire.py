"""Both ends of the wire in one process: signed webhooks as Twilio posts them, and the REST API that replies go to."""

from __future__ import annotations

import asyncio
import hmac
import re
from base64 import b64encode
from collections.abc import Callable
from typing import cast
from urllib.parse import urlencode

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "benchmark"
SENDER = "whatsapp:+14155238886"
PUBLIC_URL = "https://bot.example"
WEBHOOK = "/webhooks/twilio"

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RECIPIENT = re.compile(rb"\bTo=whatsapp(?:%3A|:)%2B(\d+)")


def number_of(user: int) -> str:
    return f"336{user:08}"


def webhook(user: int, serial: int) -> bytes:
    """Return the whole request that tells of the `serial`-th message of a user, signed."""
    sid, number = f"SM{user:016x}{serial:016x}", number_of(user)
    form = {
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ProfileName": "Ana Costa",
        "MessageType": "text",
        "SmsSid": sid,
        "WaId": number,
        "SmsStatus": "received",
        "Body": "bonjour",
        "To": SENDER,
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": f"whatsapp:+{number}",
        "ApiVersion": "2010-04-01",
    }
    signed = PUBLIC_URL + WEBHOOK + "".join(name + value for name, value in sorted(form.items()))
    signature = b64encode(hmac.digest(TOKEN.encode(), signed.encode(), "sha1")).decode()
    body = urlencode(form)
    head = (
        f"POST {WEBHOOK} HTTP/1.1\r\nHost: bot.example\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
        f"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nContent-Length: {len(body)}\r\n"
        f"X-Twilio-Signature: {signature}\r\n\r\n"
    )
    return (head + body).encode()


class _Http(asyncio.Protocol):
    """The side of a connection that reads whole HTTP messages and nothing else of the standard."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(_HEAD_END)) >= 0:
            length = _LENGTH.search(self._buffer, 0, end)
            whole = end + len(_HEAD_END) + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            message, self._buffer = self._buffer[:whole], self._buffer[whole:]
            self.received(message)

    def received(self, message: bytes) -> None:
        raise NotImplementedError


class Connection(_Http):
    """A keep-alive connection to the server, one request at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._answer: asyncio.Future[int] | None = None

    async def ask(self, request: bytes) -> int:
        """Send a request and return the status of its answer; raises `ConnectionError` where none comes."""
        if self.transport.is_closing():
            raise ConnectionResetError
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    def received(self, message: bytes) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(int(message[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())


class RestApi(_Http):
    """Takes every message as Twilio does and tells the number that it is for."""

    def __init__(self, arrived: Callable[[str], None]) -> None:
        super().__init__()
        self._arrived = arrived

    def received(self, message: bytes) -> None:
        recipient = _RECIPIENT.search(message)
        assert recipient is not None, "every call sends a message"
        number = recipient[1].decode()
        self.transport.write(_created(number))
        self._arrived(number)


def _created(number: str) -> bytes:
    """Return Twilio's answer to a message that it takes, as long as the real one."""
    sid = f"SM{int(number):032x}"
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}"
    body = (
        f'{{"account_sid": "{ACCOUNT}", "api_version": "2010-04-01", "body": "Bonjour", "date_created": '
        '"Sun, 22 Nov 2026 20:00:00 +0000", "date_sent": null, "date_updated": "Sun, 22 Nov 2026 20:00:00 +0000", '
        f'"direction": "outbound-api", "error_code": null, "error_message": null, "from": "{SENDER}", '
        '"messaging_service_sid": null, "num_media": "0", "num_segments": "1", "price": null, "price_unit": null, '
        f'"sid": "{sid}", "status": "queued", "subresource_uris": {{"media": "{path}/Media.json"}}, '
        f'"to": "whatsapp:+{number}", "uri": "{path}.json"}}'
    )
    return (
        f"HTTP/1.1 201 CREATED\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        f"Twilio-Request-Id: RQ00000000000000000000000000000001\r\nConnection: keep-alive\r\n\r\n{body}"
    ).encode()
