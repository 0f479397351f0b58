"""What a stranger may post, and that nothing comes of it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp
import pytest
from lumiera_twilio.testing import FakeTwilio

if TYPE_CHECKING:
    from tests.twilio.conftest import Desk, Open

USER = "+33600000001"
PATH = "/webhooks/twilio"
STATUS = "/webhooks/twilio/status"
PUBLIC = "https://bot.example"
FORM = "application/x-www-form-urlencoded"
SID = "SM" + "0f" * 16


def form(twilio: FakeTwilio, **fields: str) -> dict[str, str]:
    return {
        "MessageSid": SID,
        "AccountSid": twilio.account_sid,
        "From": f"whatsapp:{USER}",
        "To": twilio.sender,
        "Body": "bonjour",
        "NumMedia": "0",
        "MessageStatus": "delivered",
    } | fields


async def posted(
    desk: Desk, body: bytes, *, signature: str | None = None, path: str = PATH, content_type: str = FORM, **headers: str
) -> int:
    """Post raw bytes and return the status."""
    sent = {"Content-Type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    if signature is not None:
        sent["X-Twilio-Signature"] = signature
    async with aiohttp.ClientSession() as session, session.post(desk.url + path, data=body, headers=sent) as answer:
        assert await answer.text() == ("<Response/>" if answer.status == 200 else "")
        return answer.status


@pytest.fixture(params=[PATH, STATUS])
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    "signature",
    [None, "", "wrong", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "A" * 10_000, "\xe9\xff", "=" * 28],
    ids=["missing", "empty", "wrong", "another's", "long", "not ascii", "padding"],
)
async def test_a_signature_that_is_not_twilios(
    desk: Desk, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture, path: str, signature: str | None
) -> None:
    assert await posted(desk, urlencode(form(twilio)).encode(), path=path, signature=signature) == 403
    assert desk.untouched
    (record,) = [record for record in caplog.records if record.name == "lumiera.twilio"]
    assert record.levelname == "WARNING"
    assert "signature" in record.getMessage()
    for private in (USER[1:], "bonjour", twilio.auth_token, SID):
        assert private not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "http://bot.example{path}",
        "https://evil.example{path}",
        "https://bot.example{path}/",
        "https://bot.example{path}?a=1",
        "https://bot.example/other",
        "https://user:password@bot.example{path}",
        "https://bot.example:8443{path}",
    ],
)
async def test_a_signature_for_another_address(desk: Desk, twilio: FakeTwilio, path: str, url: str) -> None:
    fields = form(twilio)
    signature = twilio.sign(url.format(path=path), fields.items())
    assert await posted(desk, urlencode(fields).encode(), path=path, signature=signature) == 403
    assert desk.untouched


@pytest.mark.parametrize(
    "change",
    [
        {"Body": "transfer everything"},
        {"From": "whatsapp:+33600000009"},
        {"MediaUrl0": "http://169.254.169.254/", "NumMedia": "1"},
        {"Extra": ""},
        {"MessageSid": "SM" + "1e" * 16},
    ],
    ids=["altered", "other sender", "extra", "extra blank", "other sid"],
)
async def test_a_form_that_was_changed_after_signing(
    desk: Desk, twilio: FakeTwilio, path: str, change: dict[str, Any]
) -> None:
    signature = twilio.sign(PUBLIC + path, form(twilio, Extra="x").items())
    body = urlencode(form(twilio, Extra="x") | change).encode()
    assert await posted(desk, body, path=path, signature=signature) == 403
    assert desk.untouched


async def test_a_field_that_was_taken_out_after_signing(desk: Desk, twilio: FakeTwilio) -> None:
    fields = form(twilio, Blank="x")
    signature = twilio.sign(PUBLIC + PATH, fields.items())
    del fields["Blank"]
    assert await posted(desk, urlencode(fields).encode(), signature=signature) == 403


@pytest.mark.parametrize("header", ["X_Forwarded_Host", "X_Forwarded_Proto", "Forwarded", "X_Original_URL", "Host"])
async def test_a_request_does_not_choose_the_address_that_is_checked(
    desk: Desk, twilio: FakeTwilio, header: str
) -> None:
    value = {"X_Forwarded_Proto": "http", "Forwarded": "host=evil.example;proto=https", "X_Original_URL": PATH}
    fields = form(twilio)
    headers = {header: value.get(header, "evil.example"), "X_Forwarded_Port": "443"}
    for url in ("https://evil.example" + PATH, "http://bot.example" + PATH, "http://evil.example" + PATH):
        signature = twilio.sign(url, fields.items())
        assert await posted(desk, urlencode(fields).encode(), signature=signature, **headers) == 403
    right = twilio.sign(PUBLIC + PATH, fields.items())
    assert await posted(desk, urlencode(fields).encode(), signature=right, **headers) == 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"Body": "bonjour"}'),
        ("application/json", b""),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("text/plain", b"Body=bonjour"),
        ("", b"Body=bonjour"),
    ],
)
async def test_a_body_that_is_no_form(
    desk: Desk, twilio: FakeTwilio, path: str, content_type: str, body: bytes
) -> None:
    signature = twilio.sign(PUBLIC + path, [])
    assert await posted(desk, body, path=path, signature=signature, content_type=content_type) == 415
    assert desk.untouched


async def test_a_json_body_signed_by_its_hash_is_not_taken_for_a_form(desk: Desk, twilio: FakeTwilio) -> None:
    query = "?bodySHA256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    signature = twilio.sign(PUBLIC + PATH + query, [])
    assert await posted(desk, urlencode(form(twilio)).encode(), path=PATH + query, signature=signature) == 403


async def test_an_empty_body_even_when_it_is_signed(desk: Desk, twilio: FakeTwilio, path: str) -> None:
    assert await posted(desk, b"", path=path) == 403
    assert await posted(desk, b"", path=path, signature=twilio.sign(PUBLIC + path, [])) == 403
    assert desk.untouched


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe\xfd", b"Body=%ff%fe&MessageSid=%00", b"%", b"&&&===&", b"a=b;c=d", b"x" * 60_000, b"a&" * 30_000],
    ids=["not utf-8", "not utf-8 escaped", "lone percent", "separators", "semicolon", "one name", "many names"],
)
async def test_bytes_that_make_no_sense(desk: Desk, path: str, body: bytes) -> None:
    assert await posted(desk, body, path=path, signature="x") == 403
    assert desk.untouched


async def test_invalid_utf8_in_a_signed_form_is_replaced(desk: Desk, twilio: FakeTwilio) -> None:
    signature = twilio.sign(PUBLIC + PATH, form(twilio, Body="a\ufffdb").items())
    body = urlencode(form(twilio, Body="HERE")).encode().replace(b"HERE", b"a%ffb")
    assert await posted(desk, body, signature=signature) == 200
    assert desk.message.text == "a\ufffdb"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
async def test_another_method_than_post(desk: Desk, path: str, method: str) -> None:
    async with aiohttp.ClientSession() as session, session.request(method, desk.url + path) as answer:
        assert answer.status == 405
    assert desk.untouched


@pytest.mark.parametrize(
    ("at", "changed"),
    [
        (PATH, {"AccountSid": "AC" + "9" * 32}),
        (PATH, {"AccountSid": ""}),
        (PATH, {"To": "whatsapp:+14155550000"}),
        (PATH, {"To": ""}),
        (STATUS, {"AccountSid": "AC" + "9" * 32}),
        (STATUS, {"From": "whatsapp:+14155550000"}),
    ],
)
async def test_a_genuine_webhook_that_is_not_for_us(
    desk: Desk, twilio: FakeTwilio, at: str, changed: dict[str, Any]
) -> None:
    ours = {"From": twilio.sender, "To": f"whatsapp:{USER}"} if at == STATUS else {}
    answer = await twilio.post(desk.url, at, (form(twilio) | ours | changed).items())
    assert (answer.status, answer.text) == (403, "")
    assert desk.untouched


# --- duplicate names -------------------------------------------------------------------------------------------------


async def test_a_name_that_was_doubled_after_signing(desk: Desk, twilio: FakeTwilio) -> None:
    fields = form(twilio)
    signature = twilio.sign(PUBLIC + PATH, fields.items())
    for doubled in ([("Body", "evil"), *fields.items()], [*fields.items(), ("Body", "evil")]):
        assert await posted(desk, urlencode(doubled).encode(), signature=signature) == 403
    assert desk.untouched


async def test_the_order_of_doubled_names_is_not_signed_and_decides_nothing(desk: Desk, twilio: FakeTwilio) -> None:
    pairs = [*form(twilio).items(), ("Body", "second")]
    signature = twilio.sign(PUBLIC + PATH, pairs)
    for order in (pairs, pairs[::-1]):
        assert await posted(desk, urlencode(order).encode(), signature=signature) == 200
    first, second = desk.messages
    assert first == second


# --- size ------------------------------------------------------------------------------------------------------------


async def stream(desk: Desk, head: str, body: bytes) -> tuple[bytes, int]:
    """Write a request slowly, as far as the bot reads it; return the answer and how much was written."""
    host, port = desk.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST {PATH} HTTP/1.1\r\nHost: bot.example\r\nContent-Type: {FORM}\r\n{head}\r\n\r\n".encode())
    written = 0
    with contextlib.suppress(ConnectionError):
        while written < len(body) and not reader.at_eof():
            writer.write(body[written : written + 65_536])
            await writer.drain()
            written += 65_536
            await asyncio.sleep(0)
    with contextlib.suppress(ConnectionError):
        answer = await asyncio.wait_for(reader.readline(), 5)
        writer.close()
        return answer, written
    return b"", written


async def test_ten_megabytes_are_not_read_to_the_end(desk: Desk) -> None:
    answer, written = await stream(desk, f"Content-Length: {10 * 1024 * 1024}", b"x" * (10 * 1024 * 1024))
    assert answer in (b"HTTP/1.1 413 Request Entity Too Large\r\n", b"HTTP/1.1 413 Content Too Large\r\n", b"")
    assert written < 10 * 1024 * 1024
    assert desk.untouched


async def test_a_body_without_a_length_is_cut_as_well(desk: Desk) -> None:
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    answer, _ = await stream(desk, "Transfer-Encoding: chunked", chunk * 3)
    assert answer.startswith(b"HTTP/1.1 413")


async def test_a_body_just_over_the_limit_and_one_just_within(desk: Desk, twilio: FakeTwilio) -> None:
    for size, status in ((65_536, 403), (65_537, 413)):
        assert await posted(desk, b"a=" + b"x" * (size - 2), signature="x") == status
    assert desk.untouched


async def test_a_length_that_lies_gives_no_message(desk: Desk, twilio: FakeTwilio) -> None:
    body = urlencode(form(twilio)).encode()
    signature = twilio.sign(PUBLIC + PATH, form(twilio).items())
    answer, _ = await stream(desk, f"X-Twilio-Signature: {signature}\r\nContent-Length: 10", body[:10])
    assert answer.startswith(b"HTTP/1.1 403")
    assert desk.untouched


async def test_a_connection_that_breaks_off_leaves_nothing(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    host, port = desk.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 500\r\n\r\na=b".encode())
    await writer.drain()
    await asyncio.sleep(0.02)
    writer.close()
    await writer.wait_closed()
    async with asyncio.timeout(2):
        while "broke off" not in caplog.text:  # noqa: ASYNC110 - the log has no event to wait for
            await asyncio.sleep(0.01)
    assert desk.untouched
    assert "Traceback" not in caplog.text


# --- the address -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signed", ["https://bot.example", "https://bot.example:443"])
async def test_twilio_may_sign_with_the_port_or_without(desk: Desk, twilio: FakeTwilio, signed: str) -> None:
    signature = twilio.sign(signed + PATH, form(twilio).items())
    assert await posted(desk, urlencode(form(twilio)).encode(), signature=signature) == 200


async def test_a_query_is_signed_as_it_came(desk: Desk, twilio: FakeTwilio) -> None:
    path = PATH + "?site=b%C3%A2t%20A&x=1+2&blank="
    signature = twilio.sign(PUBLIC + path, form(twilio).items())
    body = urlencode(form(twilio)).encode()
    host, port = desk.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\nX-Twilio-Signature: {signature}"
    writer.write(f"POST {path} HTTP/1.1\r\nHost: 10.0.0.7:8000\r\n{head}\r\n\r\n".encode() + body)
    assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    writer.close()


async def test_a_path_is_signed_with_its_escapes(open_desk: Open) -> None:
    async with FakeTwilio(public_url="https://bot.example") as twilio:
        desk = await open_desk(twilio.settings(), mount="/mes bots")
        answer = await twilio.post(desk.url, "/mes%20bots" + PATH, form(twilio).items())
        assert answer.status == 200


async def test_a_public_address_may_have_a_path_that_the_proxy_takes_off(twilio: FakeTwilio, open_desk: Open) -> None:
    desk = await open_desk(twilio.settings(public_url="https://bot.example/a%20b/"))
    fields = form(twilio)
    signature = twilio.sign("https://bot.example/a%20b" + PATH, fields.items())
    assert await posted(desk, urlencode(fields).encode(), signature=signature) == 200


async def test_both_tokens_are_good_while_they_are_rotated(twilio: FakeTwilio, open_desk: Open) -> None:
    desk = await open_desk(twilio.settings(auth_token=["the-new-one", twilio.auth_token]))
    assert (await twilio.inbound(desk.url, USER, "x")).status == 200
    async with FakeTwilio(auth_token="the-new-one", public_url=PUBLIC) as rotated:
        assert (await rotated.inbound(desk.url, USER, "x")).status == 200
    async with FakeTwilio(auth_token="a-third-one", public_url=PUBLIC) as other:
        assert (await other.inbound(desk.url, USER, "x")).status == 403
