"""The fake's list of messages is like Twilio's, for whoever looks for one in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from lumiera_twilio.testing import FakeTwilio
from lumiera_twilio.testing.openapi import OpenApi

USER = "whatsapp:+33600000001"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Lister:
    """Sends to the fake and lists, as a program without the SDK does, at a time that it sets."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.at = NOON
        self.session = session
        self.twilio = FakeTwilio(now=lambda: self.at)
        self.auth = {"Authorization": aiohttp.encode_basic_auth(self.twilio.account_sid, self.twilio.auth_token)}

    @property
    def path(self) -> str:
        return f"/2010-04-01/Accounts/{self.twilio.account_sid}/Messages.json"

    async def create(self, body: str = "Bonjour", **changes: str) -> str:
        form = {"To": USER, "From": self.twilio.sender, "Body": body} | changes
        url = self.twilio.api_base_url + self.path
        async with self.session.post(url, data=form, headers=self.auth) as answer:
            return str((await answer.json())["sid"])

    async def get(self, uri: str) -> tuple[int, dict[str, Any]]:
        async with self.session.get(self.twilio.api_base_url + uri, headers=self.auth) as answer:
            return answer.status, await answer.json()

    async def page(self, **query: str) -> dict[str, Any]:
        status, page = await self.get(f"{self.path}?{urlencode(query)}")
        assert status == 200
        return page

    async def bodies(self, **query: str) -> list[str]:
        return [message["body"] for message in (await self.page(**query))["messages"]]


@pytest.fixture
async def lister() -> AsyncIterator[Lister]:
    async with aiohttp.ClientSession() as session:
        lister = Lister(session)
        async with lister.twilio:
            yield lister


async def test_pages_lead_from_the_newest_to_the_oldest(lister: Lister) -> None:
    for number in range(5):
        await lister.create(str(number))
    page = await lister.page(To=USER, PageSize="2")
    seen = [page]
    while page["next_page_uri"]:
        _, page = await lister.get(page["next_page_uri"])
        seen.append(page)
    assert [[message["body"] for message in page["messages"]] for page in seen] == [["4", "3"], ["2", "1"], ["0"]]
    assert [(page["start"], page["end"], page["page"]) for page in seen] == [(0, 1, 0), (2, 3, 1), (4, 4, 2)]


async def test_what_comes_while_paging_shifts_nothing(lister: Lister) -> None:
    for number in range(3):
        await lister.create(str(number))
    page = await lister.page(PageSize="2")
    await lister.create("new")
    _, page = await lister.get(page["next_page_uri"])
    assert [message["body"] for message in page["messages"]] == ["0"]


async def test_every_page_has_the_shape_of_twilios(lister: Lister, openapi: OpenApi) -> None:
    for number in range(3):
        await lister.create(str(number))
    first = await lister.page(To=USER, PageSize="2")
    _, last = await lister.get(first["next_page_uri"])
    empty = await lister.page(To="whatsapp:+33600000099")
    for page in (first, last, empty):
        assert openapi.answer_problems("GET", lister.path, 200, page) == []
    assert [problem for seen in lister.twilio.requests for problem in openapi.problems(seen)] == []
    assert empty["messages"] == []


async def test_to_and_from_are_both_kept(lister: Lister) -> None:
    await lister.create("1")
    await lister.create("2", To="whatsapp:+33600000002")
    await lister.create("3", From="whatsapp:+14155550000")
    assert await lister.bodies(To=USER, From=lister.twilio.sender) == ["1"]
    assert await lister.bodies(From=lister.twilio.sender) == ["2", "1"]
    assert await lister.bodies() == ["3", "2", "1"]


async def test_what_was_not_sent_yet_has_no_day(lister: Lister) -> None:
    await lister.create()
    (message,) = (await lister.page())["messages"]
    assert (message["date_sent"], message["status"]) == (None, "queued")
    assert message["date_created"] == "Mon, 02 Mar 2026 12:00:00 +0000"
    assert await lister.bodies(**{"DateSent>": "2026-03-01"}) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"DateSent": "2026-03-02"}, ["2"]),
        ({"DateSent>": "2026-03-02"}, ["3", "2"]),
        ({"DateSent>": "2026-03-02T00:00:00Z"}, ["3", "2"]),
        ({"DateSent<": "2026-03-02"}, ["2", "1"]),
        ({"DateSent>": "2026-03-02", "DateSent<": "2026-03-02"}, ["2"]),
        ({"DateSent>": "2026-03-04"}, []),
    ],
)
async def test_the_filter_by_date_is_one_by_days_of_sending(
    lister: Lister, query: dict[str, str], found: list[str]
) -> None:
    for number in (1, 2, 3):
        lister.at = NOON + timedelta(days=number - 2)
        await lister.create(str(number))
        await lister.twilio.report(lister.twilio.sent[-1], "sent", to=lister.twilio.api_base_url)
    assert await lister.bodies(**query) == found


@pytest.mark.parametrize("size", ["0", "1001", "x", "-1"])
async def test_a_page_has_one_to_a_thousand(lister: Lister, size: str) -> None:
    status, error = await lister.get(f"{lister.path}?PageSize={size}")
    assert (status, error["code"]) == (400, 20001)


async def test_a_failed_message_is_listed_with_its_code(lister: Lister) -> None:
    await lister.create()
    await lister.twilio.report(lister.twilio.sent[0], "undelivered", to=lister.twilio.api_base_url, error_code="63016")
    (message,) = (await lister.page())["messages"]
    assert (message["status"], message["error_code"]) == ("undelivered", 63016)


async def test_what_users_write_is_in_the_same_list(lister: Lister, openapi: OpenApi) -> None:
    await lister.twilio.inbound(lister.twilio.api_base_url, USER, "salut", media=[("image/png", b"x")])
    (message,) = (await lister.page())["messages"]
    assert (message["direction"], message["status"], message["body"]) == ("inbound", "received", "salut")
    assert (message["from"], message["to"], message["num_media"]) == (USER, lister.twilio.sender, "1")
    assert openapi.answer_problems("GET", lister.path, 200, await lister.page()) == []


async def test_a_list_fails_on_demand_and_sends_go_on(lister: Lister) -> None:
    lister.twilio.fail(503, on="list")
    await lister.create()
    assert (await lister.get(lister.path))[0] == 503
    assert await lister.bodies() == ["Bonjour"]


async def test_a_send_that_was_taken_with_an_error_is_listed(lister: Lister) -> None:
    lister.twilio.fail(500, taken=True)
    with pytest.raises(KeyError):
        await lister.create("pris")
    assert await lister.bodies() == ["pris"]


# --- templates -------------------------------------------------------------------------------------------------------


async def test_a_template_is_listed_in_the_words_that_the_user_sees(lister: Lister) -> None:
    sid = lister.twilio.template("{{1}} a besoin de vous : {{2}}")
    await lister.create("", ContentSid=sid, ContentVariables='{"1": "Ana", "2": "sécurité"}')
    assert await lister.bodies() == ["Ana a besoin de vous : sécurité"]


@pytest.mark.parametrize(
    ("sid", "variables", "code"),
    [
        ("", '{"1": "x"}', 21654),
        ("HX" + "0" * 32, '{"1": "x"}', 21655),
        ("known", "", 21656),
        ("known", "{", 21656),
        ("known", "[]", 21656),
        ("known", '{"1": ""}', 21656),
        ("known", '{"1": null}', 21656),
        ("known", '{"1": "a\\nb"}', 21656),
        ("known", '{"1": "a     b"}', 21656),
        ("known", '{"1": "x", "2": "y"}', 21656),
        ("plain", "{}", 21656),
    ],
)
async def test_a_template_with_wrong_variables_is_refused(lister: Lister, sid: str, variables: str, code: int) -> None:
    texts = {"known": "Bonjour {{1}} !", "plain": "Bonjour !"}
    form = {
        "To": USER,
        "From": lister.twilio.sender,
        "ContentSid": lister.twilio.template(texts[sid]) if sid in texts else sid,
        "ContentVariables": variables,
        "Body": "" if sid else "x",
    }
    url = lister.twilio.api_base_url + lister.path
    async with lister.session.post(url, data=form, headers=lister.auth) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, code)
