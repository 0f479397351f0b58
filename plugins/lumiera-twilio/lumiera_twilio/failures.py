"""What Twilio's error answers mean for a send: not taken, refused for good, or unknown.

An error carries Twilio's code and nothing of its text, which repeats the number that was written to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from lumiera.errors import ChannelError, RateLimited, SendAmbiguous, SendRefused

LONGEST_WAIT = 300.0  # seconds; whatever a Retry-After says, a reply is not put off for longer at a time
_COME_AGAIN = {"14107", "20429", "21611"}  # too many calls, or the sender's queue is full: not taken
_CREDENTIALS = {"20003", "20005", "20006", "20008"}


class Unreachable(RateLimited):
    """No connection: nothing was sent."""


class CredentialsRefused(SendRefused):
    """Twilio does not take our name and password, so it will take nothing at all."""


def failure(status: int, headers: Mapping[str, str], text: str) -> ChannelError:
    """Return the error for an answer that is no success."""
    code = _code(text) or str(status)
    if status == 429 or code in _COME_AGAIN:
        return RateLimited(_told("asks to wait", code), provider_code=code, retry_after=_wait(headers))
    if status >= 500 or status == 408:
        return SendAmbiguous(_told("failed", code), provider_code=code)
    if status in (401, 403) or code in _CREDENTIALS:
        return CredentialsRefused(_told("refuses our credentials", code), provider_code=code)
    return SendRefused(_told("refused", code), provider_code=code)


def _told(what: str, code: str) -> str:
    page = f", see https://www.twilio.com/docs/api/errors/{code}" if len(code) == 5 else ""
    return f"Twilio {what} (code {code}{page})"


def _code(text: str) -> str:
    try:
        answer = json.loads(text)
    except ValueError:
        return ""
    code = answer.get("code") if isinstance(answer, dict) else None
    return str(code) if isinstance(code, int) else ""


def _wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After; None without one, or with a date, which Twilio does not send."""
    value = headers.get("Retry-After", "")
    return min(float(value), LONGEST_WAIT) if value.isascii() and value.isdecimal() else None
