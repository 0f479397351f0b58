"""Files of users are fetched from our account at Twilio and from nowhere else; ours go out by a link."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from lumiera_twilio import TwilioSettings, files
from lumiera_twilio.files import PublicResolver, is_public
from lumiera_twilio.testing import FakeTwilio

from lumiera.config import Config, MediaFiles
from lumiera.errors import MediaError, RateLimited, SendRefused, TransientError
from lumiera.messages import Bubble, Media, StoredMedia

if TYPE_CHECKING:
    from tests.twilio.conftest import Desk, Open

USER = "+33600000001"
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 1000
ACCOUNT, MESSAGE, MEDIA = "AC" + "a1" * 16, "MM" + "b2" * 16, "ME" + "c3" * 16
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{MESSAGE}/Media/{MEDIA}"
PICTURE = StoredMedia(id="p1", content_type="image/jpeg", size=10)
Names = dict[str, list[str]]


def photo(url: str) -> Media:
    return Media(url=url, content_type="image/jpeg")


async def received(desk: Desk, twilio: FakeTwilio, content: bytes = JPEG) -> Media:
    """Return the medium of a photo that a user has just sent."""
    await twilio.inbound(desk.url, USER, media=[("image/jpeg", content)])
    return desk.messages[-1].media[0]


async def read(desk: Desk, media: Media, into: list[bytes] | None = None) -> bytes:
    chunks: list[bytes] = [] if into is None else into
    async for chunk in desk.plugin.channel.fetch(media):
        chunks.append(chunk)  # noqa: PERF401 - what came before an error is looked at, too
    return b"".join(chunks)


class Wire:
    """Who was called, and what names stand for: nothing leaves this machine."""

    def __init__(self) -> None:
        self.called: list[tuple[str, int]] = []
        self.asked: list[str] = []
        self.names: Names = {}

    def lookup(self, host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        found = self.names[host]
        kinds = (socket.AF_INET6 if ":" in address else socket.AF_INET for address in found)
        return [(kind, socket.SOCK_STREAM, 6, "", (at, port)) for kind, at in zip(kinds, found, strict=True)]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch, twilio: FakeTwilio) -> Wire:
    wire, loop = Wire(), asyncio.selector_events.BaseSelectorEventLoop
    connect = loop.sock_connect

    async def spied(self: Any, sock: Any, address: Any) -> Any:
        wire.called.append((address[0], address[1]))
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError
        return await connect(self, sock, address)

    monkeypatch.setattr(loop, "sock_connect", spied)
    monkeypatch.setattr(socket, "getaddrinfo", wire.lookup)
    return wire


def place(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


# --- the way in


async def test_a_photo_comes_from_twilio_with_our_password_on_the_first_hop_only(
    desk: Desk, twilio: FakeTwilio
) -> None:
    # The storage of the fake refuses whoever shows a password.
    assert await read(desk, await received(desk, twilio)) == JPEG
    (asked,) = [seen for seen in twilio.requests if "/Media/" in seen.path]
    assert asked.headers["Authorization"].startswith("Basic ")


async def test_a_file_that_twilio_serves_itself_is_read(twilio: FakeTwilio, open_desk: Open) -> None:
    async def serve(request: web.Request) -> web.Response:
        return web.Response(body=JPEG) if "Authorization" in request.headers else web.Response(status=401)

    async with serving(serve) as base:
        desk = await open_desk(twilio.settings(api_base_url=base))
        assert await read(desk, photo(f"https://api.twilio.com{PATH}")) == JPEG
        assert await read(desk, photo(f"{base}{PATH}")) == JPEG


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/",
        f"http://api.twilio.com{PATH}",
        f"//api.twilio.com{PATH}",
        f"https://api.twilio.com:443{PATH}",
        f"https://api.twilio.com.evil.example{PATH}",
        f"https://evil.example/?https://api.twilio.com{PATH}",
        f"https://evil.example{PATH}",
        f"https://user:pass@api.twilio.com{PATH}",
        f"https://api.twilio.com@evil.example{PATH}",
        f"https://api.twilio.com\\@evil.example{PATH}",
        f"HTTPS://API.TWILIO.COM{PATH}",
        f"https://api%2etwilio%2ecom{PATH}",
        f"https://api.twilio.com.{PATH}",
        f"https://аpi.twilio.com{PATH}",
        f"https://api.twilio.com{PATH}?x=1",
        f"https://api.twilio.com{PATH}#x",
        f"https://api.twilio.com{PATH}/",
        f"https://api.twilio.com{PATH}\n",
        f" https://api.twilio.com{PATH}",
        f"https://api.twilio.com{PATH}.json",
        f"https://api.twilio.com{PATH}/../../../..",
        f"https://api.twilio.com/%2e%2e{PATH}",
        f"https://api.twilio.com{PATH}".replace(ACCOUNT, "AC" + "0" * 32),
        f"https://api.twilio.com{PATH}".replace(ACCOUNT, ACCOUNT.lower()),
        f"https://api.twilio.com{PATH}".replace(MESSAGE, "XX" + "b2" * 16),
        f"https://api.twilio.com{PATH}".replace(MEDIA, MEDIA + "0"),
        f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
    ],
)
async def test_an_address_that_is_not_of_our_account_is_refused_without_a_call(
    desk: Desk, twilio: FakeTwilio, wire: Wire, url: str
) -> None:
    with pytest.raises(MediaError):
        await read(desk, photo(url))
    assert (wire.called, wire.asked) == ([], [])


TRAP = "127.0.0.1:{port}"
REDIRECTS = [
    "",
    "/etc/passwd",
    PATH,
    "//mms.twiliocdn.com/x",
    "https:mms.twiliocdn.com/x",
    "https:///mms.twiliocdn.com/x",
    "file:///etc/passwd",
    "ftp://mms.twiliocdn.com/x",
    "http://mms.twiliocdn.com/x",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://metadata.google.internal/",
    f"http://{TRAP}/",
    f"https://{TRAP}/",
    "http://127.0.0.1/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://[::1]/",
    "http://[::1]:{port}/",
    "https://[::ffff:127.0.0.1]/",
    "https://localhost/",
    "https://twiliocdn.com/x",
    "https://eviltwiliocdn.com/x",
    "https://mms.twiliocdn.com.evil.example/x",
    "https://mms.twiliocdn.com:{port}/x",
    "https://mms.twiliocdn.com:443/x",
    "https://user:pass@mms.twiliocdn.com/x",
    "https://mms.twiliocdn.com@" + TRAP + "/x",
    "https://mms.twiliocdn.com\\@" + TRAP + "/x",
    "https://mms.twiliocdn.com#@" + TRAP + "/x",
    "https://mms.twiliocdn.com?@" + TRAP + "/x",
    "https://" + TRAP + "#.twiliocdn.com/",
    "https://" + TRAP + "/.twiliocdn.com/",
    "https://MMS.TWILIOCDN.COM/x",
    "https://mms%2etwiliocdn%2ecom/x",
    "https://127.0.0.1%2f.twiliocdn.com/x",
    "https://mms.twiliocdn.com./x",
    "https://mms。twiliocdn。com/x",
    "https://s3.amazonaws.com/x",
    "https://evil.s3-external-1.amazonaws.com/x",
    "https://s3-external-1.amazonaws.com.evil.example/x",
]


@pytest.mark.parametrize("location", REDIRECTS)
async def test_a_redirect_that_is_not_to_the_storage_is_refused_without_a_call(
    desk: Desk, twilio: FakeTwilio, wire: Wire, location: str, caplog: pytest.LogCaptureFixture
) -> None:
    media = await received(desk, twilio)
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        port = trap.getsockname()[1]
        twilio.fail(302, location=location.format(port=port), on="media")
        wire.called.clear()
        with pytest.raises(MediaError):
            await read(desk, media)
        with pytest.raises(BlockingIOError):
            trap.accept()
    assert wire.called == [place(twilio.api_base_url)]
    assert wire.asked == []
    assert [record.levelname for record in caplog.records if record.name == "lumiera.twilio"] == ["ERROR"]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["172.16.3.4"],
        ["192.168.1.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["240.0.0.1"],
        ["::1"],
        ["::"],
        ["fe80::1"],
        ["fd00::1"],
        ["ff02::1"],
        ["::ffff:127.0.0.1"],
        ["::ffff:169.254.169.254"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["93.184.216.34", "127.0.0.1"],
        ["2606:2800:220:1::1", "::1"],
    ],
)
async def test_a_storage_in_a_private_network_is_not_called(
    desk: Desk, twilio: FakeTwilio, wire: Wire, addresses: list[str]
) -> None:
    media = await received(desk, twilio)
    wire.names["mms.twiliocdn.com"] = addresses
    twilio.fail(307, location="https://mms.twiliocdn.com/AC/x?Signature=s", on="media")
    wire.called.clear()
    with pytest.raises(MediaError):
        await read(desk, media)
    assert wire.called == [place(twilio.api_base_url)]


@pytest.mark.parametrize("host", ["mms.twiliocdn.com", "media-eu.twiliocdn.com", "s3-external-1.amazonaws.com"])
async def test_a_name_is_looked_up_once_and_what_was_checked_is_called(
    desk: Desk, twilio: FakeTwilio, wire: Wire, host: str
) -> None:
    media = await received(desk, twilio)
    wire.names[host] = ["93.184.216.34"]
    twilio.fail(302, location=f"https://{host}/AC/x?Expires=1&Signature=a~b%2Fc", on="media")
    with pytest.raises(TransientError):  # the test lets nothing out
        await read(desk, media)
    assert wire.asked == [host]
    assert wire.called[-1] == ("93.184.216.34", 443)


@pytest.mark.parametrize(("given", "found"), [("media.example.com", True), (".example.com", True), ("", False)])
async def test_a_storage_may_be_added(twilio: FakeTwilio, open_desk: Open, wire: Wire, given: str, found: bool) -> None:
    desk = await open_desk(twilio.settings(media_hosts=[given] if given else []))
    media = await received(desk, twilio)
    wire.names["media.example.com"] = ["93.184.216.34"]
    twilio.fail(302, location="https://media.example.com/x", on="media")
    with pytest.raises(TransientError if found else MediaError):
        await read(desk, media)
    assert (("93.184.216.34", 443) in wire.called) is found


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", ".com", "com", "Example.com", "*.example.com", "https://example.com", "example.com:443",
     "10.0.0.1:80", "localhost:80", "[::1]", "[::1]:80", "user@example.com", "example.com/x", "", "127.0.0.1:"],
)  # fmt: skip
@pytest.mark.parametrize("base", ["https://api.twilio.com", "http://127.0.0.1:8001"])
def test_what_is_no_host_name_is_no_storage(host: str, base: str) -> None:
    with pytest.raises(ValueError, match="media_hosts"):
        settings(base, host)


@pytest.mark.parametrize(
    "base", ["https://api.twilio.com", "https://127.0.0.1:8001", "http://localhost:8001", "http://10.0.0.1:8001"]
)
def test_no_storage_on_this_machine_where_twilio_is_elsewhere(base: str) -> None:
    with pytest.raises(ValueError, match="media_hosts"):
        settings(base, "127.0.0.1:8002")
    assert settings("http://127.0.0.1:8001", "127.0.0.1:8002").media_hosts


def settings(base: str, host: str) -> TwilioSettings:
    given = {"account_sid": ACCOUNT, "auth_token": "t", "from": USER, "public_url": "https://bot.example"}
    return TwilioSettings.model_validate({**given, "api_base_url": base, "media_hosts": [host]})


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "64:ff9b::808:808"])
def test_addresses_of_the_open_internet_may_be_called(address: str) -> None:
    assert is_public(address)


async def test_a_resolver_gives_what_the_connection_needs(wire: Wire) -> None:
    wire.names["mms.twiliocdn.com"] = ["93.184.216.34", "2606:2800:220:1::1"]
    resolver = PublicResolver()
    found = await resolver.resolve("mms.twiliocdn.com", 443)
    await resolver.close()
    assert [(one["host"], one["family"], one["port"]) for one in found] == [
        ("93.184.216.34", socket.AF_INET, 443),
        ("2606:2800:220:1::1", socket.AF_INET6, 443),
    ]


# --- answers of the storage

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Serve) -> AsyncIterator[str]:
    """Serve every path by one handler."""
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def stored_at(handler: Serve, twilio: FakeTwilio, open_desk: Open) -> AsyncIterator[tuple[Desk, Media]]:
    """Give a desk and a medium that Twilio redirects to the handler."""
    async with serving(handler) as base:
        desk = await open_desk(twilio.settings(media_hosts=[base.removeprefix("http://")]))
        desk.config = Config(media=MediaFiles(largest=1))
        media = await received(desk, twilio)
        twilio.fail(302, location=f"{base}/x", on="media")
        yield desk, media


@pytest.mark.parametrize("on", ["media", "storage"])
@pytest.mark.parametrize("status", [404, 429, 500, 503])
async def test_what_may_be_there_later_is_tried_again(desk: Desk, twilio: FakeTwilio, on: Any, status: int) -> None:
    media = await received(desk, twilio)
    twilio.fail(status, on=on)
    with pytest.raises(TransientError):
        await read(desk, media)
    assert await read(desk, media) == JPEG


@pytest.mark.parametrize(("on", "statuses"), [("media", (400, 401, 403, 410)), ("storage", (400, 403, 301, 302, 307))])
async def test_what_is_refused_for_good_is_not_tried_again(
    desk: Desk, twilio: FakeTwilio, on: Any, statuses: tuple[int, ...]
) -> None:
    media = await received(desk, twilio)
    for status in statuses:
        twilio.fail(status, on=on, location="https://mms.twiliocdn.com/x" if status < 400 else "")
        with pytest.raises(MediaError):
            await read(desk, media)


@pytest.mark.parametrize("on", ["media", "storage"])
async def test_a_connection_that_drops_is_tried_again(desk: Desk, twilio: FakeTwilio, on: Any) -> None:
    media = await received(desk, twilio)
    twilio.drop(on=on, times=2)
    with pytest.raises(TransientError):
        await read(desk, media)


async def test_an_endless_file_is_cut_off(twilio: FakeTwilio, open_desk: Open) -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 100_000)

    got: list[bytes] = []
    async with stored_at(flood, twilio, open_desk) as (desk, media):
        with pytest.raises(MediaError):
            await read(desk, media, got)
    assert 0 < sum(map(len, got)) <= 1024 * 1024


@pytest.mark.parametrize(("size", "taken"), [(1024 * 1024, True), (1024 * 1024 + 1, False)])
async def test_a_file_may_be_as_large_as_the_limit(twilio: FakeTwilio, open_desk: Open, size: int, taken: bool) -> None:
    async def serve(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * size)

    async with stored_at(serve, twilio, open_desk) as (desk, media):
        if taken:
            assert len(await read(desk, media)) == size
        else:
            with pytest.raises(MediaError):
                await read(desk, media)


async def test_a_file_whose_declared_length_is_too_large_is_not_read(twilio: FakeTwilio, open_desk: Open) -> None:
    async def declare(_: web.Request) -> web.Response:
        return web.Response(headers={"Content-Length": "99999999"}, body=b"x")

    async with stored_at(declare, twilio, open_desk) as (desk, media):
        with pytest.raises(MediaError):
            await read(desk, media)


async def test_a_bomb_is_not_unpacked(twilio: FakeTwilio, open_desk: Open) -> None:
    async def bomb(_: web.Request) -> web.Response:
        return web.Response(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"\0" * 50_000_000))

    async with stored_at(bomb, twilio, open_desk) as (desk, media):
        with pytest.raises(MediaError):
            await read(desk, media)


async def test_a_file_that_trickles_is_given_up(
    twilio: FakeTwilio, open_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.5)

    async def trickle(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x")
            await asyncio.sleep(0.05)

    async with stored_at(trickle, twilio, open_desk) as (desk, media), asyncio.timeout(3):
        with pytest.raises(TransientError):
            await read(desk, media)


async def test_a_file_that_breaks_off_is_tried_again(twilio: FakeTwilio, open_desk: Open) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"x" * 500)
        assert request.transport is not None
        request.transport.abort()
        return answer

    async with stored_at(break_off, twilio, open_desk) as (desk, media):
        with pytest.raises(TransientError):
            await read(desk, media)


async def test_refusals_name_no_user_and_no_signed_address(
    desk: Desk, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "lumiera.twilio")
    media = await received(desk, twilio)
    twilio.fail(302, location="https://elsewhere.example/AC/x?Signature=secret", on="media")
    with pytest.raises(MediaError) as refused:
        await read(desk, media)
    assert "elsewhere.example" in caplog.text
    for private in ("secret", "Signature", USER, twilio.auth_token, media.url.rpartition("/")[2]):
        assert private not in caplog.text + str(refused.value)


# --- the way out


class Shelf:
    """A media store that has nothing but links, or none."""

    name = "shelf"

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.linked: list[str] = []

    async def put(self, chunks: AsyncIterator[bytes], *, filename: str = "") -> StoredMedia:
        raise NotImplementedError

    async def get(self, media_id: str) -> bytes:
        raise NotImplementedError

    async def link(self, media: StoredMedia) -> str:
        if self.failure:
            raise self.failure
        self.linked.append(media.id)
        return f"https://bot.example/media/{media.id}/{len(self.linked)}"

    async def delete(self, media_id: str) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("image/jpeg", "La fuite", "La fuite"),
        ("image/png", "", ""),
        ("application/pdf", "Le plan", ""),
        ("audio/ogg", "Écoutez", ""),
        ("video/mp4", "Voyez", ""),
    ],
)
async def test_a_file_goes_out_by_a_link_and_a_text_with_pictures_only(
    desk: Desk, twilio: FakeTwilio, kind: str, text: str, shown: str
) -> None:
    desk.media = Shelf()
    await desk.plugin.channel.send(USER, Bubble(text=text, media=StoredMedia(id="p1", content_type=kind, size=9)))
    (sent,) = twilio.sent
    assert (sent.media_url, sent.body) == ("https://bot.example/media/p1/1", shown)


async def test_each_try_has_a_fresh_link(desk: Desk, twilio: FakeTwilio) -> None:
    desk.media = shelf = Shelf()
    twilio.fail(429)
    with pytest.raises(RateLimited):
        await desk.plugin.channel.send(USER, Bubble(text="", media=PICTURE))
    await desk.plugin.channel.send(USER, Bubble(text="", media=PICTURE))
    assert twilio.sent[0].media_url.endswith("/2")
    assert shelf.linked == ["p1", "p1"]


async def test_a_file_without_a_public_address_is_refused_and_the_operator_told(desk: Desk, twilio: FakeTwilio) -> None:
    desk.media = Shelf(MediaError("no public address: set media.public_base_url"))
    with pytest.raises(SendRefused, match=r"set media\.public_base_url"):
        await desk.plugin.channel.send(USER, Bubble(text="", media=PICTURE))
    health = await desk.plugin.check_health()
    assert (health.ok, "set media.public_base_url" in health.reason) == (True, True)
    await desk.plugin.channel.send(USER, Bubble(text="Bonjour"))
    assert (await desk.plugin.check_health()).reason
    desk.media = Shelf()
    await desk.plugin.channel.send(USER, Bubble(text="", media=PICTURE))
    assert (await desk.plugin.check_health()).reason == ""


async def test_a_file_without_a_store_is_refused(desk: Desk, twilio: FakeTwilio) -> None:
    with pytest.raises(SendRefused, match="no plugin brings a media store"):
        await desk.plugin.channel.send(USER, Bubble(text="", media=PICTURE))
    assert twilio.requests == []


async def test_a_store_that_fails_delays_the_file(desk: Desk, twilio: FakeTwilio) -> None:
    desk.media = Shelf(OSError("the disk is away"))
    with pytest.raises(RateLimited):
        await desk.plugin.channel.send(USER, Bubble(text="", media=PICTURE))
    assert twilio.requests == []
