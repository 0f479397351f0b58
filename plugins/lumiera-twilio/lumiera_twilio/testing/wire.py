"""Twilio's JSON and forms, as its API writes them."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

LARGEST_PAGE = 1000
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
    21654: "ContentSid Required",
    21655: "The ContentSid is Invalid",
    21656: "The ContentVariables Parameter is invalid",
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


def fits(template: str, variables: str) -> bool:
    """Say whether Twilio and WhatsApp take these variables: all that are asked for, none empty, each on one line."""
    wanted = set(re.findall(r"\{\{(\w+)\}\}", template))
    try:
        values = json.loads(variables or "{}")
    except ValueError:
        return False
    if not isinstance(values, dict) or set(values) != wanted or bool(variables) != bool(wanted):
        return False
    return all(isinstance(value, str) and value and not re.search(r"[\n\t]| {5}", value) for value in values.values())


def filled(template: str, variables: str) -> str:
    """Return a template as the user sees it."""
    values = json.loads(variables)
    return re.sub(r"\{\{(\w+)\}\}", lambda found: str(values[found[1]]), template)


def report(message: dict[str, Any], state: str, code: str, at: datetime) -> None:
    """Write into a message's resource what a status callback tells."""
    message |= {"status": state, "date_updated": _date(at)}
    message["date_sent"] = message["date_sent"] or (None if state == "queued" else _date(at))
    if code:
        message |= {"error_code": int(code), "error_message": _MESSAGES.get(int(code), "Error")}


def received(form: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """Return the resource of a message from a user, who is in the same list."""
    more = {"direction": "inbound", "status": "received", "date_sent": _date(at), "num_media": form["NumMedia"]}
    return message(form["AccountSid"], form["MessageSid"], form, at) | more


def matches(message: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    """Say whether a message is in a list; days are those of Greenwich, and what was not sent yet has none."""
    if any(message[name.lower()] != query[name] for name in ("To", "From") if name in query):
        return False
    wanted = {name: query[name][:10] for name in ("DateSent", "DateSent<", "DateSent>") if name in query}
    if not wanted:
        return True
    day = parsedate_to_datetime(message["date_sent"]).strftime("%Y-%m-%d") if message["date_sent"] else ""
    first, last = wanted.get("DateSent>", ""), wanted.get("DateSent<", "9999")
    return bool(day) and wanted.get("DateSent", day) == day and first <= day <= last


def token_of(message: Mapping[str, Any]) -> str:
    """Return the token of the page that begins after a message."""
    return f"PA{message['sid']}"


def page(path: str, query: Mapping[str, str], found: list[dict[str, Any]], start: int, size: int) -> dict[str, Any]:
    """Return a page of a list from the message at `start` on."""
    shown, number = found[start : start + size], start // size
    asked = {name: value for name, value in query.items() if name not in ("Page", "PageSize", "PageToken")}
    more = {"Page": str(number + 1), "PageToken": token_of(shown[-1])} if start + size < len(found) else {}

    def uri(place: Mapping[str, str]) -> str:
        return f"{path}?{urlencode({**asked, 'PageSize': size, **place})}"

    return {
        "end": start + max(len(shown) - 1, 0),
        "first_page_uri": uri({"Page": "0"}),
        "messages": shown,
        "next_page_uri": uri(more) if more else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": None,
        "start": start,
        "uri": f"{path}?{urlencode(query)}",
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
