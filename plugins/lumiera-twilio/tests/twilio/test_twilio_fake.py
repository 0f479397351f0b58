"""The fake Twilio is like Twilio, so that other tests may stand on it."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from lumiera_twilio.testing import FakeTwilio, Seen
from lumiera_twilio.testing.openapi import OpenApi

from lumiera.messages import Bubble

if TYPE_CHECKING:
    from tests.twilio.conftest import Desk

USER = "whatsapp:+33600000001"
GOOD = {"To": USER, "From": "whatsapp:+14155238886", "Body": "Bonjour"}


class Caller:
    """Calls the fake as a program without the SDK does."""

    def __init__(self, twilio: FakeTwilio, session: aiohttp.ClientSession) -> None:
        self.twilio = twilio
        self.session = session
        self.base = f"/2010-04-01/Accounts/{twilio.account_sid}"

    async def call(
        self, method: str, path: str, *, token: str = "", json: bool = True, **options: Any
    ) -> tuple[int, Any]:
        credentials = f"{self.twilio.account_sid}:{token or self.twilio.auth_token}"
        headers = {"Authorization": "Basic " + b64encode(credentials.encode()).decode()}
        url = self.twilio.api_base_url + path
        async with self.session.request(method, url, headers=headers, allow_redirects=False, **options) as answer:
            return answer.status, await answer.json() if json else answer.headers

    async def create(self, **changes: str) -> tuple[int, Any]:
        return await self.call("POST", f"{self.base}/Messages.json", data=GOOD | changes)


async def arrived(twilio: FakeTwilio) -> None:
    """Wait for the first call."""
    async with asyncio.timeout(5):
        while not twilio.requests:  # noqa: ASYNC110 - a call that hangs is no event of the fake's
            await asyncio.sleep(0.001)


@pytest.fixture
async def caller() -> Any:
    async with FakeTwilio() as twilio, aiohttp.ClientSession() as session:
        yield Caller(twilio, session)


async def test_its_answers_have_the_shape_of_twilios(caller: Caller, openapi: OpenApi) -> None:
    path = f"{caller.base}/Messages.json"
    status, created = await caller.create()
    assert openapi.answer_problems("POST", path, status, created) == []
    one = f"{caller.base}/Messages/{created['sid']}.json"
    status, fetched = await caller.call("GET", one)
    assert fetched == created
    assert openapi.answer_problems("GET", one, status, fetched) == []
    status, page = await caller.call("GET", f"{path}?To=whatsapp%3A%2B33600000001&PageSize=20")
    assert openapi.answer_problems("GET", path, status, page) == []
    assert page["messages"] == [created]
    assert [problem for seen in caller.twilio.requests for problem in openapi.problems(seen)] == []


async def test_it_lists_the_newest_first_and_only_what_is_asked_for(caller: Caller) -> None:
    for body, to in (("1", USER), ("2", "whatsapp:+33600000002"), ("3", USER)):
        await caller.create(Body=body, To=to)
    _, page = await caller.call("GET", f"{caller.base}/Messages.json?To=whatsapp%3A%2B33600000001")
    assert [message["body"] for message in page["messages"]] == ["3", "1"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"To": "whatsapp:hello"}, 21211),
        ({"To": "+33600000001"}, 21211),
        ({"From": "+14155238886"}, 21910),
        ({"From": "whatsapp:x"}, 21212),
        ({"Body": ""}, 21619),
        ({"Body": "x" * 1601}, 21617),
        ({"Body": "😀" * 801}, 21617),
    ],
)
async def test_it_refuses_what_twilio_refuses(caller: Caller, changes: dict[str, str], code: int) -> None:
    status, error = await caller.create(**changes)
    assert (status, error["status"], error["code"]) == (400, 400, code)
    assert set(error) == {"code", "message", "more_info", "status"}
    assert caller.twilio.sent == []


async def test_it_takes_hidden_numbers_and_messaging_services(caller: Caller) -> None:
    status, created = await caller.create(To="whatsapp:US.123abc", From="", MessagingServiceSid="MG" + "b" * 32)
    assert (status, created["status"]) == (201, "accepted")


async def test_it_wants_a_password(caller: Caller) -> None:
    status, error = await caller.call("POST", f"{caller.base}/Messages.json", token="wrong", data=GOOD)
    assert (status, error["code"]) == (401, 20003)
    async with caller.session.post(f"{caller.twilio.api_base_url}{caller.base}/Messages.json", data=GOOD) as answer:
        assert answer.status == 401
    assert len(caller.twilio.requests) == 2


@pytest.mark.parametrize("path", ["/2010-04-01/Accounts/AC0/Messages.json", "/nowhere"])
async def test_it_knows_what_it_does_not_have(caller: Caller, path: str) -> None:
    status, error = await caller.call("GET", path)
    assert (status, error["code"]) == (404, 20404)
    status, error = await caller.call("GET", f"{caller.base}/Messages/SM{'0' * 32}.json")
    assert (status, error["code"]) == (404, 20404)


async def test_it_remembers_what_it_reported(desk: Desk, twilio: FakeTwilio) -> None:
    sid = await desk.plugin.channel.send("+33600000001", Bubble(text="Bonjour"))
    await twilio.report(twilio.sent[0], "sent", "delivered", to=desk.url)
    async with aiohttp.ClientSession() as session:
        caller = Caller(twilio, session)
        _, message = await caller.call("GET", f"{caller.base}/Messages/{sid}.json")
    assert message["status"] == "delivered"


async def test_media_are_fetched_from_a_second_host_without_the_password(desk: Desk, twilio: FakeTwilio) -> None:
    await twilio.inbound(desk.url, "+33600000001", media=[("image/png", b"\x89PNG")])
    path = desk.message.media[0].url.removeprefix("https://api.twilio.com")
    async with aiohttp.ClientSession() as session:
        caller = Caller(twilio, session)
        status, headers = await caller.call("GET", path, json=False)
        assert status == 302
        assert not headers["Location"].startswith(twilio.api_base_url)
        async with session.get(headers["Location"]) as answer:
            assert (answer.content_type, await answer.read()) == ("image/png", b"\x89PNG")
        async with session.get(headers["Location"], headers={"Authorization": "Basic eA=="}) as answer:
            assert answer.status == 400
        status, _ = await caller.call("GET", path[:-1] + "x")
        assert status == 404
    twilio.requests.clear()  # fetching the bytes is in none of Twilio's descriptions


async def test_faults_come_one_after_the_other_and_end(caller: Caller) -> None:
    caller.twilio.fail(429, retry_after=3, times=2)
    caller.twilio.fail(503)
    assert [(await caller.create())[0] for _ in range(4)] == [429, 429, 503, 201]


async def test_a_fault_may_last_until_it_is_healed(caller: Caller) -> None:
    caller.twilio.fail(500, times=float("inf"))
    assert [(await caller.create())[0] for _ in range(5)] == [500] * 5
    caller.twilio.heal()
    assert (await caller.create())[0] == 201


async def test_a_message_may_be_taken_although_the_answer_is_an_error(caller: Caller) -> None:
    caller.twilio.fail(500, taken=True)
    assert (await caller.create())[0] == 500
    assert len(caller.twilio.sent) == 1


async def test_a_fault_of_messages_does_not_touch_typing(caller: Caller) -> None:
    caller.twilio.fail(500)
    form = {"channel": "whatsapp", "messageId": "SM" + "a" * 32}
    assert await caller.call("POST", "/v2/Indicators/Typing.json", data=form) == (200, {"success": True})
    caller.twilio.fail(503, on="typing")
    assert (await caller.call("POST", "/v2/Indicators/Typing.json", data=form))[0] == 503


async def test_typing_wants_a_message(caller: Caller) -> None:
    form = {"channel": "whatsapp", "messageId": "x"}
    assert (await caller.call("POST", "/v2/Indicators/Typing.json", data=form))[0] == 400


async def test_healing_lets_go_of_hanging_calls(caller: Caller) -> None:
    caller.twilio.hang()
    call = asyncio.create_task(caller.create())
    await arrived(caller.twilio)
    assert not call.done()
    caller.twilio.heal()
    with pytest.raises(aiohttp.ClientError):
        await call


async def test_it_stops_at_once_though_calls_hang() -> None:
    begun = time.monotonic()
    async with aiohttp.ClientSession() as session:
        async with FakeTwilio() as twilio:
            twilio.hang()
            call = asyncio.create_task(Caller(twilio, session).create())
            await arrived(twilio)
        with pytest.raises(aiohttp.ClientError):
            await call
    assert time.monotonic() - begun < 2


async def test_waiting_says_how_much_came(caller: Caller) -> None:
    await caller.create()
    with pytest.raises(TimeoutError, match="1 of 2 messages came"):
        await caller.twilio.wait_for(2, timeout=0.05)
    waiting = asyncio.create_task(caller.twilio.wait_for(2))
    await caller.create(Body="second")
    assert [sent.body for sent in await waiting] == ["Bonjour", "second"]


async def test_the_judge_finds_what_is_wrong_with_a_request(caller: Caller, openapi: OpenApi) -> None:
    await caller.create(Colour="red", StatusCallback="x", ValidityPeriod="soon", MessagingServiceSid="MG1")
    found = " ".join(openapi.problems(caller.twilio.requests[0]))
    for word in ("Colour", "ValidityPeriod", "MessagingServiceSid"):
        assert word in found
    nowhere = Seen(method="PATCH", path="/x", headers={}, at=caller.twilio.requests[0].at)
    assert openapi.problems(nowhere) == ["PATCH /x is not in Twilio's OpenAPI"]


async def test_the_judge_wants_a_form(caller: Caller, openapi: OpenApi) -> None:
    await caller.call("POST", f"{caller.base}/Messages.json", data="{}")
    assert "content type" in openapi.problems(caller.twilio.requests[0])[0]


async def test_the_judge_knows_lists_numbers_and_doubled_names(caller: Caller, openapi: OpenApi) -> None:
    body = [*GOOD.items(), ("MediaUrl", "https://a/1"), ("MediaUrl", "https://a/2"), ("SmartEncoded", "true")]
    path = f"{caller.base}/Messages.json"
    await caller.call("POST", path, data=aiohttp.FormData([*body, ("ValidityPeriod", "60")]))
    await caller.call("POST", path, data=aiohttp.FormData([*body, ("Body", "twice")]))
    right, doubled = caller.twilio.requests
    assert openapi.problems(right) == []
    assert openapi.problems(doubled) == ["'Body' comes twice"]
