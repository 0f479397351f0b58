"""What follows when Twilio took a message and reports that it did not arrive."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from lumiera_twilio.codes import CODES, told
from lumiera_twilio.testing import FakeTwilio

from lumiera.messages import Bubble

if TYPE_CHECKING:
    from tests.twilio.conftest import Desk

USER = "+33600000001"


async def report(
    desk: Desk, twilio: FakeTwilio, code: str, state: str = "undelivered"
) -> tuple[str, float | None, bool]:
    """Return what the bot is told of a message that failed: error, seconds until it is sent again, user stopped."""
    sid = await desk.plugin.channel.send(USER, Bubble(text="Bonjour"))
    (answer,) = await twilio.report(twilio.sent[-1], state, to=desk.url, error_code=code)
    assert (answer.status, answer.text) == (204, "")
    channel, known, moved, error = desk.deliveries[-1]
    assert (channel, known, moved) == ("twilio", sid, "failed")
    return error, *desk.again[-1]


@pytest.mark.parametrize("state", ["failed", "undelivered"])
async def test_a_failure_is_told_in_plain_words(desk: Desk, twilio: FakeTwilio, state: str) -> None:
    for code, known in CODES.items():
        error, retry_after, stopped = await report(desk, twilio, code, state)
        assert (error, stopped) == (told(code), known.kind == "stopped")
        assert (retry_after is not None) is (known.kind in ("later", "ours", "media")), code


@pytest.mark.parametrize(
    ("code", "wait"), [("63012", 60.0), ("30001", 60.0), ("63018", 300.0), ("63038", 3600.0), ("63019", 30.0)]
)
async def test_what_may_go_better_later_is_sent_again(desk: Desk, twilio: FakeTwilio, code: str, wait: float) -> None:
    assert (await report(desk, twilio, code))[1] == wait


@pytest.mark.parametrize("code", ["21610", "63014"])
async def test_a_user_who_blocked_us_counts_as_stopped(desk: Desk, twilio: FakeTwilio, code: str) -> None:
    assert (await report(desk, twilio, code))[1:] == (None, True)


async def test_outside_the_window_it_stays_failed_and_says_so(desk: Desk, twilio: FakeTwilio) -> None:
    error, retry_after, stopped = await report(desk, twilio, "63016")
    assert error.startswith("63016 the user has not written for 24 hours")
    assert (retry_after, stopped) == (None, False)


@pytest.mark.parametrize("code", ["", "0", "abc", "six", "٦٣٠١٦", "-1"])
async def test_a_failure_without_a_code_is_final(desk: Desk, twilio: FakeTwilio, code: str) -> None:
    await desk.plugin.channel.send(USER, Bubble(text="Bonjour"))
    sent = twilio.sent[-1]
    form = {"MessageSid": sent.sid, "MessageStatus": "failed", "ErrorCode": code}
    ours = {"AccountSid": twilio.account_sid, "From": twilio.sender, "To": sent.to}
    assert (await twilio.post(desk.url, "/webhooks/twilio/status", (form | ours).items())).status == 204
    assert desk.deliveries[-1][3] == "failed, and Twilio does not say why"
    assert desk.again[-1] == (None, False)


async def test_a_code_that_is_not_known_is_final_and_logged(
    desk: Desk, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    error, retry_after, stopped = await report(desk, twilio, "69999")
    assert error == "69999 refused, see https://www.twilio.com/docs/api/errors/69999"
    assert (retry_after, stopped) == (None, False)
    (record,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert "69999" in record.getMessage()
    assert USER[1:] not in caplog.text


async def test_what_arrived_has_no_error_and_is_not_sent_again(desk: Desk, twilio: FakeTwilio) -> None:
    await desk.plugin.channel.send(USER, Bubble(text="Bonjour"))
    await twilio.report(twilio.sent[-1], "sent", "delivered", "read", to=desk.url)
    assert [(state, error) for _, _, state, error in desk.deliveries] == [("sent", ""), ("delivered", ""), ("read", "")]
    assert set(desk.again) == {(None, False)}


# --- health ----------------------------------------------------------------------------------------------------------


async def test_a_locked_account_is_bad_health_though_sends_are_taken(desk: Desk, twilio: FakeTwilio) -> None:
    error, retry_after, _ = await report(desk, twilio, "63051")
    assert retry_after == 300
    await desk.plugin.channel.send(USER, Bubble(text="Bonjour"))  # Twilio takes it: that shows nothing
    health = await desk.plugin.check_health()
    assert (health.ok, health.reason) == (False, error)
    assert "63051 our WhatsApp account is locked" in health.reason


async def test_health_is_good_again_once_a_message_gets_through(desk: Desk, twilio: FakeTwilio) -> None:
    await report(desk, twilio, "63051")
    await report(desk, twilio, "63024")  # another's trouble does not end ours
    assert not (await desk.plugin.check_health()).ok
    await twilio.report(twilio.sent[-1], "sent", to=desk.url)
    assert (await desk.plugin.check_health()).ok


@pytest.mark.parametrize("code", ["63024", "63016", "63014", "63012"])
async def test_one_users_trouble_is_not_bad_health(desk: Desk, twilio: FakeTwilio, code: str) -> None:
    await report(desk, twilio, code)
    assert (await desk.plugin.check_health()).ok
