"""What Twilio tells about the messages that were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lumiera_twilio.testing import FakeTwilio, Sent

from lumiera.errors import StoreError
from lumiera.messages import Bubble

if TYPE_CHECKING:
    from tests.twilio.conftest import Desk, Open

USER = "+33600000001"


async def sent(desk: Desk, twilio: FakeTwilio) -> Sent:
    await desk.plugin.channel.send(USER, Bubble(text="Bonjour"))
    return twilio.sent[-1]


async def states(desk: Desk, twilio: FakeTwilio, *told: str, error_code: str = "") -> list[tuple[str, str]]:
    """Return what the bot was told of a sent message, state and error."""
    reply = await sent(desk, twilio)
    answers = await twilio.report(reply, *told, to=desk.url, error_code=error_code)
    assert {(answer.status, answer.text) for answer in answers} == {(204, "")}
    assert {(channel, sid) for channel, sid, _, _ in desk.deliveries} <= {("twilio", reply.sid)}
    return [(state, error) for _, _, state, error in desk.deliveries]


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("partially_delivered", "delivered"),
        ("read", "read"),
    ],
)
async def test_a_status_moves_the_bubble_on(desk: Desk, twilio: FakeTwilio, told: str, state: str) -> None:
    assert await states(desk, twilio, told) == [(state, "")]


@pytest.mark.parametrize("told", ["queued", "sending", "accepted", "scheduled", "receiving", "brand-new", ""])
async def test_a_status_that_says_nothing_new_is_acknowledged_and_left(
    desk: Desk, twilio: FakeTwilio, told: str
) -> None:
    assert await states(desk, twilio, told) == []


@pytest.mark.parametrize("told", ["undelivered", "failed", "canceled"])
async def test_a_failure_brings_twilios_code(desk: Desk, twilio: FakeTwilio, told: str) -> None:
    ((state, error),) = await states(desk, twilio, told, error_code="63016")
    assert state == "failed"
    assert error.startswith("63016 ")


async def test_statuses_are_handed_on_in_the_order_in_which_they_come(desk: Desk, twilio: FakeTwilio) -> None:
    told = await states(desk, twilio, "read", "sent", "delivered", "delivered")
    assert [state for state, _ in told] == ["read", "sent", "delivered", "delivered"]


async def test_shuffled_reports_all_arrive(desk: Desk, twilio: FakeTwilio) -> None:
    reply = await sent(desk, twilio)
    await twilio.report(reply, "sent", "delivered", "read", to=desk.url, shuffled=True)
    assert {state for _, _, state, _ in desk.deliveries} == {"sent", "delivered", "read"}


async def test_a_report_goes_where_the_send_asked_for_it(open_desk: Open) -> None:
    async with FakeTwilio() as twilio:
        desk = await open_desk(twilio.settings(public_url="https://bot.example"))
        reply = await sent(desk, twilio)
        assert reply.status_callback == "https://bot.example/webhooks/twilio/status"
        (answer,) = await twilio.report(reply, "sent", to=desk.url)
        assert answer.status == 403  # signed for the port of this machine, not for the public address


async def test_a_status_signed_wrongly_is_refused(desk: Desk, twilio: FakeTwilio) -> None:
    (answer,) = await twilio.report(await sent(desk, twilio), "failed", to=desk.url, signature="wrong")
    assert answer.status == 403
    assert desk.untouched


async def test_a_status_without_a_sid_is_refused(desk: Desk, twilio: FakeTwilio) -> None:
    form = {"AccountSid": twilio.account_sid, "From": twilio.sender, "MessageStatus": "read", "MessageSid": "1"}
    assert (await twilio.post(desk.url, "/webhooks/twilio/status", form.items())).status == 400
    assert desk.untouched


async def test_a_status_that_cannot_be_stored_is_not_acknowledged(
    desk: Desk, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await sent(desk, twilio)
    desk.failure = StoreError("the disk is full")
    (answer,) = await twilio.report(reply, "delivered", to=desk.url)
    assert answer.status == 503
    assert "StoreError" in caplog.text
