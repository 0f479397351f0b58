"""Twelve forged webhooks against the whole bot: each is refused with 403 and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp
import pytest
from lumiera_twilio.testing import FakeTwilio
from sqlalchemy import Connection, text

if TYPE_CHECKING:
    from tests.twilio.conftest import Site

USER = "whatsapp:+33600000001"
PATH = "/webhooks/twilio"
STATUS = PATH + "/status"
PUBLIC = "https://bot.example"


@dataclass(frozen=True, kw_only=True)
class Forgery:
    """A request: what it sends, and what its signature, where it has one, was made over."""

    form: dict[str, str]
    signed: dict[str, str] | None
    url: str = PUBLIC + PATH
    path: str = PATH
    body: bytes | None = None
    signature: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def genuine(twilio: FakeTwilio) -> Forgery:
    """Return the request that the others are made from; it asks for a photo to be fetched, too."""
    form = {
        "MessageSid": "MM" + "0f" * 16,
        "AccountSid": twilio.account_sid,
        "From": USER,
        "To": twilio.sender,
        "Body": "bonjour",
        "NumMedia": "1",
        "MediaUrl0": f"https://api.twilio.com/2010-04-01/Accounts/{twilio.account_sid}/Messages/MM{'0f' * 16}"
        f"/Media/ME{'0f' * 16}",
        "MediaContentType0": "image/jpeg",
    }
    return Forgery(form=form, signed=form)


FORGERIES: dict[str, Callable[[Forgery, FakeTwilio], Forgery]] = {
    "no signature": lambda one, _: replace(one, signed=None),
    "a wrong signature": lambda one, _: replace(one, signature="RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    "the signature of another token": lambda one, _: replace(
        one, signature=FakeTwilio(auth_token="another").sign(one.url, one.form.items())
    ),
    "signed for another address": lambda one, _: replace(one, url="https://evil.example" + PATH),
    "signed for another path": lambda one, _: replace(one, url=PUBLIC + STATUS),
    "a parameter altered": lambda one, _: replace(one, form=one.form | {"Body": "STOP"}),
    "a parameter added": lambda one, _: replace(one, form=one.form | {"ButtonPayload": "intent:human"}),
    "a parameter taken out": lambda one, _: replace(
        one, form={name: value for name, value in one.form.items() if name != "MediaUrl0"}
    ),
    "signed for http": lambda one, _: replace(one, url=one.url.replace("https:", "http:")),
    "its own host in the headers": lambda one, _: replace(
        one,
        url="https://evil.example" + PATH,
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Host": "evil.example"},
    ),
    "an empty body": lambda one, _: replace(one, signed={}, body=b""),
    "a JSON body": lambda one, _: replace(
        one, body=json.dumps(one.form).encode(), headers={"Content-Type": "application/json"}
    ),
}


async def post(site: Site, one: Forgery) -> tuple[int, str]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | one.headers
    if one.signed is not None:
        headers["X-Twilio-Signature"] = one.signature or site.twilio.sign(one.url, one.signed.items())
    body = urlencode(one.form).encode() if one.body is None else one.body
    async with (
        aiohttp.ClientSession() as session,
        session.post(site.url + one.path, data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


def rows(tx: Connection) -> dict[str, int]:
    """Count the rows of every table."""
    tables = [row[0] for row in tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))]
    return {table: tx.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() for table in tables}


def test_there_are_twelve() -> None:
    assert len(FORGERIES) == 12


@pytest.mark.parametrize("at", [PATH, STATUS])
async def test_a_forged_webhook_is_refused_and_leaves_nothing(
    site: Site, caplog: pytest.LogCaptureFixture, at: str
) -> None:
    before = await site.bot.store.read(rows)
    for name, forge in FORGERIES.items():
        one = genuine(site.twilio)
        if at == STATUS:
            told = {"From": site.twilio.sender, "To": USER, "MessageStatus": "failed", "ErrorCode": "21610"}
            form = one.form | told
            one = replace(one, form=form, signed=form, path=STATUS, url=PUBLIC + STATUS)
        made = forge(one, site.twilio)
        if name == "signed for another path" and at == STATUS:
            made = replace(made, url=PUBLIC + PATH)
        assert (name, await post(site, made)) == (name, (403, ""))
    assert await site.bot.store.read(rows) == before
    assert (site.twilio.sent, site.twilio.requests) == ([], [])  # nothing sent, nothing fetched
    for private in (USER[-11:], "bonjour", site.twilio.auth_token):
        assert private not in caplog.text


async def test_the_request_that_they_were_made_from_is_good(site: Site) -> None:
    assert await post(site, genuine(site.twilio)) == (200, "<Response/>")
    assert (await site.bot.store.read(rows))["inbox"] == 1
    await site.twilio.wait_for(1)
    site.twilio.requests.clear()  # the photo is asked for at an address that is in no description
