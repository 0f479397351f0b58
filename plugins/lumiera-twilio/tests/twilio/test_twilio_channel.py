"""Replies through Twilio's REST API, and what each way of failing means for a send."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from lumiera_twilio import Twilio, TwilioSettings
from lumiera_twilio.testing import FakeTwilio

from lumiera.channel import Channel
from lumiera.errors import ChannelError, RateLimited, SendAmbiguous, SendRefused
from lumiera.messages import Bubble, Message

if TYPE_CHECKING:
    from tests.twilio.conftest import Desk, Open

USER = "+33600000001"
HELLO = Bubble(text="Bonjour Ana, que voulez-vous faire ?")


def message(sid: str) -> Message:
    return Message(sid=sid, channel="twilio", sender=USER, received_at=datetime.now(UTC))


async def test_a_bubble_is_sent_and_its_sid_returned(desk: Desk, twilio: FakeTwilio) -> None:
    sid = await desk.plugin.channel.send(USER, HELLO)
    (sent,) = twilio.sent
    assert (sent.sid, sent.to, sent.from_, sent.body) == (sid, f"whatsapp:{USER}", twilio.sender, HELLO.text)


async def test_delivery_is_reported_to_the_public_address(desk: Desk, twilio: FakeTwilio) -> None:
    await desk.plugin.channel.send(USER, HELLO)
    assert twilio.sent[0].status_callback == "https://bot.example/webhooks/twilio/status"


async def test_a_hidden_number_is_answered_by_its_business_scoped_id(desk: Desk, twilio: FakeTwilio) -> None:
    await desk.plugin.channel.send("US.13491208655302741918", HELLO)
    assert twilio.sent[0].to == "whatsapp:US.13491208655302741918"


async def test_a_messaging_service_chooses_the_sender(twilio: FakeTwilio, open_desk: Open) -> None:
    service = "MG" + "b2" * 16
    desk = await open_desk(twilio.settings(messaging_service_sid=service) | {"from": None})
    await desk.plugin.channel.send(USER, HELLO)
    form = dict(twilio.requests[0].form)
    assert form["MessagingServiceSid"] == service
    assert "From" not in form


@pytest.mark.parametrize(
    "text",
    [
        "مرحبا، ماذا تريد أن تفعل؟ \u2068PR-204\u2069",
        "1️⃣ Zażółć gęślą jaźń\n2️⃣ ação & reação = 100 % + plus; #1",
        "a\u200bb\u200d👷🏽‍♀️ 'quoted' \"twice\" <b>%41</b>",
        "x" * 1600,
    ],
    ids=["arabic", "marks", "joined emoji", "longest"],
)
async def test_every_character_arrives(desk: Desk, twilio: FakeTwilio, text: str) -> None:
    await desk.plugin.channel.send(USER, Bubble(text=text))
    assert twilio.sent[0].body == text


async def test_what_the_channel_draws_fits_what_twilio_takes(desk: Desk, twilio: FakeTwilio) -> None:
    channel: Channel = desk.plugin.channel
    limits = channel.capabilities
    await channel.send(USER, Bubble(text="😀" * (limits.text // 2)))
    with pytest.raises(SendRefused) as refused:
        await channel.send(USER, Bubble(text="😀" * (limits.text // 2) + "!"))
    assert refused.value.provider_code == "21617"
    twilio.requests.pop()


async def test_our_calls_are_signed_in_with_the_api_key(open_desk: Open) -> None:
    async with FakeTwilio(api_key="SK" + "c3" * 16, api_secret="k-secret") as twilio:
        desk = await open_desk(twilio.settings(public_url="https://bot.example"))
        await desk.plugin.channel.send(USER, HELLO)
        assert len(twilio.sent) == 1


async def test_the_typing_indicator_is_shown_for_a_message(desk: Desk, twilio: FakeTwilio) -> None:
    sid = "SM" + "d4" * 16
    await desk.plugin.channel.typing(message(sid))
    assert twilio.typing == [sid]


async def test_one_connection_carries_many_sends(desk: Desk, twilio: FakeTwilio) -> None:
    await asyncio.gather(*(desk.plugin.channel.send(USER, HELLO) for _ in range(20)))
    assert len({sent.sid for sent in twilio.sent}) == 20


# --- failures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (429, None, RateLimited),
        (429, 20429, RateLimited),
        (400, 21611, RateLimited),
        (500, None, SendAmbiguous),
        (503, 20503, SendAmbiguous),
        (408, 20408, SendAmbiguous),
        (401, None, RateLimited),  # we are set up wrongly: nothing is lost
        (403, None, RateLimited),
        (400, 21211, SendRefused),
        (400, 63016, SendRefused),
        (404, None, RateLimited),
    ],
)
async def test_an_error_of_twilio_says_whether_the_message_was_taken(
    desk: Desk, twilio: FakeTwilio, status: int, code: int | None, error: type[ChannelError]
) -> None:
    twilio.fail(status, code=code)
    with pytest.raises(error) as raised:
        await desk.plugin.channel.send(USER, HELLO)
    assert raised.value.provider_code.isdigit()
    assert code is None or raised.value.provider_code == str(code)
    assert len(twilio.requests) == 1


@pytest.mark.parametrize(("given", "wait"), [(7, 7.0), (86_400, 300.0), (0, 0.0), (None, None)])
async def test_the_wait_that_twilio_asks_for_is_kept_within_reason(
    desk: Desk, twilio: FakeTwilio, given: int | None, wait: float | None
) -> None:
    twilio.fail(429, retry_after=given)
    with pytest.raises(RateLimited) as raised:
        await desk.plugin.channel.send(USER, HELLO)
    assert raised.value.retry_after == wait


async def test_a_dropped_connection_is_ambiguous_and_not_tried_again(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.drop(taken=True)
    with pytest.raises(SendAmbiguous):
        await desk.plugin.channel.send(USER, HELLO)
    assert len(twilio.sent) == len(twilio.requests) == 1


async def test_a_connection_that_was_used_before_and_drops_is_not_tried_again(desk: Desk, twilio: FakeTwilio) -> None:
    await desk.plugin.channel.send(USER, HELLO)
    twilio.drop()
    with pytest.raises(SendAmbiguous):
        await desk.plugin.channel.send(USER, HELLO)
    assert len(twilio.requests) == 2


@pytest.mark.parametrize(("status", "error"), [(200, SendAmbiguous), (502, SendAmbiguous), (404, RateLimited)])
async def test_a_page_in_place_of_json(desk: Desk, twilio: FakeTwilio, status: int, error: type[ChannelError]) -> None:
    twilio.html(status, taken=status == 200)
    with pytest.raises(error):
        await desk.plugin.channel.send(USER, HELLO)


@pytest.mark.parametrize("status", [301, 302, 307])
async def test_a_redirect_is_not_followed_with_our_password(desk: Desk, twilio: FakeTwilio, status: int) -> None:
    async with FakeTwilio() as elsewhere:
        twilio.fail(status, location=f"{elsewhere.api_base_url}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json")
        with pytest.raises(SendRefused):
            await desk.plugin.channel.send(USER, HELLO)
        assert elsewhere.requests == []


async def test_an_answer_that_does_not_come_ends_with_the_timeout(twilio: FakeTwilio, open_desk: Open) -> None:
    desk = await open_desk(twilio.settings(timeout="200ms"))
    await desk.plugin.channel.typing(message("SM" + "e5" * 16))  # the SDK is loaded by now
    twilio.hang(taken=True)
    begun = time.monotonic()
    with pytest.raises(SendAmbiguous):
        await desk.plugin.channel.send(USER, HELLO)
    assert 0.15 < time.monotonic() - begun < 1.5


async def test_a_slow_answer_within_the_timeout_is_waited_for(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.slow(0.1)
    assert await desk.plugin.channel.send(USER, HELLO) == twilio.sent[0].sid


async def test_a_refused_connection_means_that_nothing_was_sent(twilio: FakeTwilio, open_desk: Open) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        desk = await open_desk(twilio.settings(api_base_url=f"http://127.0.0.1:{unused.getsockname()[1]}"))
        with pytest.raises(RateLimited):
            await desk.plugin.channel.send(USER, HELLO)


async def test_a_host_that_cannot_be_reached_in_time_means_that_nothing_was_sent(
    twilio: FakeTwilio, open_desk: Open
) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]  # fill the queue, so that the next connection hangs
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        desk = await open_desk(
            twilio.settings(api_base_url=f"http://127.0.0.1:{full.getsockname()[1]}", timeout="400ms")
        )
        with pytest.raises(RateLimited):
            await desk.plugin.channel.send(USER, HELLO)
        for client in waiting:
            client.close()


async def test_an_unknown_host_means_that_nothing_was_sent(twilio: FakeTwilio, open_desk: Open) -> None:
    desk = await open_desk(twilio.settings(api_base_url="http://nowhere.invalid"))
    with pytest.raises(RateLimited):
        await desk.plugin.channel.send(USER, HELLO)


async def test_with_wrong_credentials_messages_wait(twilio: FakeTwilio, open_desk: Open) -> None:
    desk = await open_desk(twilio.settings(auth_token="not-the-token"))
    with pytest.raises(RateLimited) as raised:
        await desk.plugin.channel.send(USER, HELLO)
    assert raised.value.provider_code == "20003"


async def test_the_environment_does_not_move_the_calls(
    twilio: FakeTwilio, open_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    desk = await open_desk(twilio.settings())
    await desk.plugin.channel.send(USER, HELLO)
    assert len(twilio.sent) == 1


# --- health and secrets ----------------------------------------------------------------------------------------------


async def test_health_follows_the_last_send(desk: Desk, twilio: FakeTwilio) -> None:
    assert (await desk.plugin.check_health()).ok
    twilio.fail(500)
    with pytest.raises(SendAmbiguous):
        await desk.plugin.channel.send(USER, HELLO)
    sick = await desk.plugin.check_health()
    assert not sick.ok
    assert "20500" in sick.reason
    await desk.plugin.channel.send(USER, HELLO)
    assert (await desk.plugin.check_health()).ok


@pytest.mark.parametrize(("status", "code", "ok"), [(400, 21211, True), (429, 20429, True), (401, 20003, False)])
async def test_a_refused_recipient_is_no_illness_and_refused_credentials_are(
    desk: Desk, twilio: FakeTwilio, status: int, code: int, ok: bool
) -> None:
    twilio.fail(status, code=code)
    with pytest.raises(ChannelError):
        await desk.plugin.channel.send(USER, HELLO)
    assert (await desk.plugin.check_health()).ok is ok


@pytest.mark.parametrize("way", ["fine", "status", "drop", "html", "refused"])
async def test_no_log_and_no_error_holds_a_number_a_text_or_a_secret(
    desk: Desk, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    caplog.set_level(logging.DEBUG)
    match way:
        case "status":
            twilio.fail(400, code=21211)
        case "drop":
            twilio.drop()
        case "html":
            twilio.html(200)
        case "refused":
            twilio.fail(401)
    told = ""
    try:
        await desk.plugin.channel.send(USER, HELLO)
    except ChannelError as error:
        told = f"{error!r} {error.details} {error.__cause__!r} {error.__context__!r}"
    for private in (USER, USER[1:], HELLO.text, twilio.auth_token, twilio.sender[-11:], "Basic "):
        assert private not in told
        assert private not in caplog.text


async def test_the_request_id_of_twilio_is_logged_for_their_support(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "lumiera.twilio")
    await desk.plugin.channel.send(USER, HELLO)
    assert "Messages.json: 201, request RQ" in caplog.text


async def test_a_send_before_startup_opens_the_channel(twilio: FakeTwilio) -> None:
    plugin = Twilio(TwilioSettings.model_validate(twilio.settings()))
    try:
        await plugin.channel.send(USER, HELLO)
    finally:
        await plugin.channel.close()
    assert len(twilio.sent) == 1


async def test_a_send_given_up_while_the_sdk_loads_does_not_stop_the_next(twilio: FakeTwilio) -> None:
    plugin = Twilio(TwilioSettings.model_validate(twilio.settings()))
    first = asyncio.create_task(plugin.channel.send(USER, HELLO))
    await asyncio.sleep(0)
    first.cancel()
    try:
        assert await plugin.channel.send(USER, HELLO)
    finally:
        await plugin.channel.close()


async def test_a_channel_that_was_never_opened_closes() -> None:
    settings = {"account_sid": "AC" + "f" * 32, "auth_token": "t", "from": USER, "public_url": "https://bot.example"}
    await Twilio(TwilioSettings.model_validate(settings)).channel.close()
