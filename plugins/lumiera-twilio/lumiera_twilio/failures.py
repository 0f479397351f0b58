"""What Twilio's errors mean for a bubble: wait, refused for good, or unknown.

An error carries Twilio's code and words of ours, none of Twilio's: those repeat the number that was written to.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from lumiera.errors import ChannelError, RateLimited, RecipientStopped, SendAmbiguous, SendRefused
from lumiera_twilio.codes import CODES, WAITS, meaning, told

log = logging.getLogger("lumiera.twilio")
LONGEST_WAIT = 300.0  # seconds; whatever a Retry-After says, a reply is not put off for longer at a time
MENDING = 60.0  # seconds between two tries while we are set up wrongly
# Answers without a code of Twilio's that say that no message of ours can get through.
_NOT_LET_IN = {301, 302, 303, 307, 308, 401, 403, 404, 405, 407}


class Unreachable(RateLimited):
    """No connection: nothing was sent."""


class Misconfigured(RateLimited):
    """Twilio takes nothing from us as we are set up. Nothing is lost: the bubble waits until that is mended."""


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A message that Twilio could not deliver; it is sent again after `retry_after` seconds where those are set."""

    error: str  # for the operator
    retry_after: float | None = None
    stopped: bool = False
    ours: bool = False  # we are set up wrongly


def failure(status: int, headers: Mapping[str, str], text: str) -> ChannelError:
    """Return the error for an answer that is no success."""
    code = _code(text)
    known = CODES.get(code)
    kind = known.kind if known else "ours" if not code and status in _NOT_LET_IN else "final"
    if status == 429 or (kind == "later" and status < 500):
        wait = _wait(headers) if known is None or known.wait is None else known.wait
        words = told(code) if known else f"{code or status} Twilio asks to wait"
        return RateLimited(words, provider_code=code or str(status), retry_after=wait)
    if status >= 500 or status == 408:
        return SendAmbiguous(f"{code or status} Twilio failed", provider_code=code or str(status))
    if kind == "ours":
        words = told(code) if known else f"{status} what answers is not Twilio's API (check 'api_base_url')"
        return Misconfigured(words, provider_code=code or str(status), retry_after=MENDING)
    if not known:
        log.warning("Twilio refused with a code that is not known here, taken for final: %s", code or status)
    refused = RecipientStopped if kind == "stopped" else SendRefused
    return refused(told(code or str(status)), provider_code=code or str(status))


def illness(error: ChannelError, before: str) -> str:
    """Return what keeps messages in general from going out, for the health check.

    `before` is what did so until now: a recipient or text that is refused shows that it is over, "too many at once"
    shows nothing.
    """
    if isinstance(error, SendAmbiguous | Misconfigured | Unreachable):
        return error.message
    return before if isinstance(error, RateLimited) else ""


def undelivered(code: str) -> Failed:
    """Return what to do about a message of which Twilio reports that it failed; `code` may be empty."""
    if not (code.isascii() and code.isdecimal()) or code == "0":
        return Failed(error="failed, and Twilio does not say why")
    if code not in CODES:
        log.warning("Twilio reports a failure with a code that is not known here, taken for final: %.10s", code)
    found = meaning(code)
    wait = WAITS.get(found.kind) if found.wait is None else found.wait
    return Failed(error=told(code), retry_after=wait, stopped=found.kind == "stopped", ours=found.kind == "ours")


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
