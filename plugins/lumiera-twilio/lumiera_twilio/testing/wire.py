"""Twilio's JSON and forms, as its API writes them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

CODES = {400: 21620, 401: 20003, 403: 20005, 404: 20404, 429: 20429, 500: 20500, 503: 20503}
_MESSAGES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21211: "The 'To' number is not a valid phone number.",
    21212: "The 'From' number is not a valid phone number, shortcode, or alphanumeric sender ID.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21617: "The concatenated message body exceeds the 1600 character limit.",
    21619: "A text message body or media urls must be specified.",
    21910: "Invalid From and To pair. From and To should be of the same channel",
}


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def error(status: int, code: int, *, told: str = "", headers: Mapping[str, str] | None = None) -> web.Response:
    body = {
        "code": code,
        "message": told or _MESSAGES.get(code, "Error"),
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return web.json_response(body, status=status, headers={**request_id(), **(headers or {})})


def request_id() -> dict[str, str]:
    return {"Twilio-Request-Id": new_sid("RQ")}


def message(account: str, sid: str, form: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """Return the resource of a message that was just taken."""
    uri = f"/2010-04-01/Accounts/{account}/Messages/{sid}"
    service = form.get("MessagingServiceSid")
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": form.get("Body", ""),
        "date_created": _date(at),
        "date_sent": None,
        "date_updated": _date(at),
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": form.get("From"),
        "messaging_service_sid": service,
        "num_media": "0",
        "num_segments": "0" if service else "1",
        "price": None,
        "price_unit": None,
        "sid": sid,
        "status": "accepted" if service else "queued",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": form.get("To"),
        "uri": f"{uri}.json",
    }


def page(account: str, messages: list[dict[str, Any]], size: int) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{account}/Messages.json?PageSize={size}&Page=0"
    return {
        "end": max(len(messages) - 1, 0),
        "first_page_uri": uri,
        "messages": messages,
        "next_page_uri": None,
        "page": 0,
        "page_size": size,
        "previous_page_uri": None,
        "start": 0,
        "uri": uri,
    }


def inbound(account: str, sid: str, sender: str, to: str, body: str) -> dict[str, str]:
    """Return the form of a text message from WhatsApp."""
    phone = {"WaId": sender.removeprefix("whatsapp:+")} if "+" in sender else {"ExternalUserId": sender}
    return {
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ProfileName": "Ana",
        "MessageType": "text",
        "SmsSid": sid,
        "SmsStatus": "received",
        "Body": body,
        "To": to,
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": sid,
        "AccountSid": account,
        "From": sender,
        "ApiVersion": "2010-04-01",
        **phone,
    }


def status(account: str, sid: str, state: str, sender: str, to: str) -> dict[str, str]:
    """Return the form of a status callback; `sender` is ours, `to` the user."""
    event = {"EventType": state.upper()} if state in ("read", "delivered") else {}
    return {
        "ChannelPrefix": "whatsapp",
        "ApiVersion": "2010-04-01",
        "MessageStatus": state,
        "SmsSid": sid,
        "SmsStatus": state,
        "ChannelInstallSid": "XE" + "0" * 32,
        "To": to,
        "From": sender,
        "MessageSid": sid,
        "AccountSid": account,
        "ChannelToAddress": to.removeprefix("whatsapp:")[:-4] + "XXXX",
        **event,
    }


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))
