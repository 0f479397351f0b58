"""The fake Twilio: its ports, the webhooks that it posts, and what a test asks of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from lumiera_twilio.addresses import prefixed
from lumiera_twilio.channel import STATUS_PATH
from lumiera_twilio.testing import wire
from lumiera_twilio.testing.faults import Fault, On
from lumiera_twilio.testing.rest import Rest
from lumiera_twilio.testing.values import Answer, Seen, Sent
from lumiera_twilio.webhooks import INBOUND_PATH

ALWAYS = float("inf")
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "User-Agent": "TwilioProxy/1.1"}


class FakeTwilio:
    """A Twilio account on a port of this machine, for as long as the `async with` lasts.

    async with FakeTwilio() as twilio:
        settings = twilio.settings(public_url="https://bot.example")    # for `plugins: twilio:`
        ...                                                             # start the bot with them
        answer = await twilio.inbound("http://127.0.0.1:8000", "+33600000001", "bonjour")
        assert answer.status == 200
        (reply,) = await twilio.wait_for(1)
        await twilio.report(reply, "sent", "delivered", "read", to="http://127.0.0.1:8000")

    Sends are in `sent`, every REST call in `requests`. It fails on demand: `twilio.fail(429, retry_after=1)`,
    `twilio.drop(taken=True)`, `twilio.hang()`, `twilio.html()`, `twilio.slow(0.2)`, each for the next `times` calls,
    `ALWAYS` until `heal()`.
    """

    def __init__(
        self,
        *,
        account_sid: str = "AC" + "a1" * 16,
        auth_token: str = "5ec2e7" * 5 + "00",
        api_key: str = "",
        api_secret: str = "",
        sender: str = "whatsapp:+14155238886",
        public_url: str = "",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """Webhooks are signed for `public_url`, or for the address they are posted to when that is empty."""
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.sender = sender
        self.public_url = public_url
        self.api_base_url = ""
        self._keys = (api_key, api_secret) if api_key else None
        self._rest = Rest(account_sid, dict([(account_sid, auth_token), *([self._keys] if self._keys else [])]))
        self._rest.now = now or self._rest.now
        self._arrived = asyncio.Event()
        self._runners: list[web.AppRunner] = []

    async def __aenter__(self) -> Self:
        self._rest.on_sent = self._arrived.set
        self.api_base_url = await self._serve(self._rest.app())
        self._rest.media_host = await self._serve(self._rest.media_app())
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=15), cookie_jar=aiohttp.DummyCookieJar()
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.heal()
        await self._session.close()
        for runner in self._runners:
            await runner.cleanup()

    # --- what came ---------------------------------------------------------------------------------------------------

    @property
    def sent(self) -> list[Sent]:
        """The messages that were taken, in order."""
        return self._rest.sent

    @property
    def messages(self) -> dict[str, dict[str, Any]]:
        """Every message by its sid, as the API shows it, those of users too; a test may change them."""
        return self._rest.messages

    @property
    def requests(self) -> list[Seen]:
        """Every REST call, the refused ones too."""
        return self._rest.requests

    @property
    def typing(self) -> list[str]:
        """The sids for which the typing indicator was shown."""
        return self._rest.typing

    @property
    def contents(self) -> list[dict[str, Any]]:
        """The resources of the Content API, which a test may change."""
        return list(self._rest.content.resources.values())

    def forget_contents(self) -> None:
        """Delete all contents, as somebody may in Twilio's console."""
        self._rest.content.resources.clear()

    async def wait_for(self, count: int, *, timeout: float = 5) -> list[Sent]:  # noqa: ASYNC109 - it names both numbers
        """Return what was sent once there are `count` messages; `TimeoutError` says how many came instead."""
        try:
            async with asyncio.timeout(timeout):
                while len(self.sent) < count:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise TimeoutError(f"{len(self.sent)} of {count} messages came within {timeout} s") from None
        return self.sent

    # --- settings ----------------------------------------------------------------------------------------------------

    def settings(self, *, public_url: str = "", **others: Any) -> dict[str, Any]:
        """Return the plugin's settings, as in YAML, that lead here."""
        keys = {"api_key": self._keys[0], "api_secret": self._keys[1]} if self._keys else {}
        return {
            "account_sid": self.account_sid,
            "auth_token": self.auth_token,
            "from": self.sender,
            "public_url": public_url or self.public_url,
            "api_base_url": self.api_base_url,
            "content_base_url": self.api_base_url,
            "messaging_base_url": self.api_base_url,
            "media_hosts": [] if "api_base_url" in others else [self._rest.media_host.removeprefix("http://")],
            **keys,
            **others,
        }

    def template(self, text: str) -> str:
        """Keep an approved template, its variables written {{1}}, and return its sid."""
        sid = wire.new_sid("HX")
        self._rest.templates[sid] = text
        return sid

    # --- webhooks ----------------------------------------------------------------------------------------------------

    async def inbound(
        self,
        base_url: str,
        sender: str,
        body: str = "",
        *,
        sid: str = "",
        media: Sequence[tuple[str, bytes]] = (),
        row: tuple[str, str] | None = None,
        button: tuple[str, str] | None = None,
        location: tuple[float, float] | None = None,
        signature: str | None = None,
        **fields: str,
    ) -> Answer:
        """Post a message of a WhatsApp user to the bot at `base_url` and return its answer.

        `media` has content types and bytes; `row` and `button` are taps, (id, title); `signature` stands in for the
        right one, and empty leaves it out; `fields` are more of Twilio's, or others than usual: `AccountSid="AC..."`.
        """
        sid = sid or wire.new_sid("MM" if media else "SM")
        form = wire.inbound(self.account_sid, sid, prefixed(sender), self.sender, body)
        if row:
            form |= {"ListId": row[0], "ListTitle": row[1], "Body": row[1], "MessageType": "interactive"}
        if button:
            form |= {"ButtonPayload": button[0], "ButtonText": button[1], "Body": button[1], "MessageType": "button"}
        if location:
            form |= {"Latitude": str(location[0]), "Longitude": str(location[1]), "MessageType": "location"}
        form |= self._keep(sid, media) | fields
        self._rest.messages.setdefault(sid, wire.received(form, self._rest.now()))
        return await self.post(base_url, INBOUND_PATH, form.items(), signature=signature)

    async def tap(self, base_url: str, sender: str, title: str) -> Answer:
        """Tap the button or row with this title, or a part of it, on the user's last message that has one."""
        menus = [sent.menu for sent in reversed(self.sent) if sent.to == prefixed(sender) and sent.menu]
        found = [(menu.kind, option) for menu in menus for option in menu.options if title in option.title]
        if not found:
            raise AssertionError(f"no option like {title!r} was shown; the last were {menus[:1]}")
        kind, option = found[0]
        tapped = (option.id, option.title)
        row, button = (tapped, None) if kind == "list" else (None, tapped)
        return await self.inbound(base_url, sender, row=row, button=button)

    async def report(
        self,
        sent: Sent,
        *states: str,
        to: str = "",
        error_code: str = "",
        shuffled: bool = False,
        signature: str | None = None,
    ) -> list[Answer]:
        """Post status callbacks for a sent message, one after the other; `shuffled` as they come on a bad day.

        They go to the bot at `to`, or to the address that the bot gave when that is empty.
        """
        order = random.sample(states, len(states)) if shuffled else states
        base = to or sent.status_callback.removesuffix(STATUS_PATH)
        answers = []
        for state in order:
            wire.report(self._rest.messages[sent.sid], state, error_code, self._rest.now())
            form = wire.status(self.account_sid, sent.sid, state, sent.from_, sent.to)
            form |= {"ErrorCode": error_code, "ChannelStatusMessage": "Error"} if error_code else {}
            answers.append(await self.post(base, STATUS_PATH, form.items(), signature=signature))
        return answers

    async def post(
        self, base_url: str, path: str, form: Iterable[tuple[str, str]], *, signature: str | None = None
    ) -> Answer:
        """Post any form, signed for `public_url` or `base_url`; a name may come twice."""
        pairs = list(form)
        body = urlencode(pairs).encode()
        right = self.sign((self.public_url or base_url).rstrip("/") + path, pairs)
        signed = right if signature is None else signature
        headers = {**_HEADERS, "I-Twilio-Idempotency-Token": wire.new_sid("")}
        headers |= {"X-Twilio-Signature": signed} if signed else {}
        return await self._posted(base_url.rstrip("/") + path, headers, body, dict(pairs).get("MessageSid", ""))

    async def replay(self, answer: Answer, *, times: int = 1) -> list[Answer]:
        """Post a webhook again, the same bytes, all at once."""
        again = (self._posted(answer.url, answer.headers, answer.body, answer.sid) for _ in range(times))
        return await asyncio.gather(*again)

    def sign(self, url: str, form: Iterable[tuple[str, str]]) -> str:
        """Return Twilio's signature of a form that is posted to `url`."""
        return str(RequestValidator(self.auth_token).compute_signature(url, _MultiDict(form)))

    # --- faults ------------------------------------------------------------------------------------------------------

    def fail(
        self,
        status: int,
        *,
        code: int | None = None,
        retry_after: int | None = None,
        location: str = "",
        taken: bool = False,
        times: float = 1,
        on: On = "messages",
    ) -> None:
        """Answer with an error in Twilio's JSON, by default with the code that goes with the status."""
        fault = Fault(kind="status", status=status, code=code, retry_after=retry_after, location=location, taken=taken)
        self._rest.faults.add(fault, times, on)

    def html(self, status: int = 502, *, taken: bool = False, times: float = 1, on: On = "messages") -> None:
        """Answer with a page, as a proxy in between does."""
        self._rest.faults.add(Fault(kind="html", status=status, taken=taken), times, on)

    def odd(self, *, times: float = 1, on: On = "messages") -> None:
        """Answer with JSON that is nothing of Twilio's."""
        self._rest.faults.add(Fault(kind="odd"), times, on)

    def hang(self, *, taken: bool = False, times: float = 1, on: On = "messages") -> None:
        """Do not answer until `heal()`, then hang up."""
        self._rest.faults.add(Fault(kind="hang", taken=taken), times, on)

    def drop(self, *, taken: bool = False, times: float = 1, on: On = "messages") -> None:
        """Hang up without an answer."""
        self._rest.faults.add(Fault(kind="drop", taken=taken), times, on)

    def slow(self, seconds: float, *, taken: bool = False, times: float = 1, on: On = "messages") -> None:
        """Answer late; `taken`: what was asked for is done at once."""
        self._rest.faults.add(Fault(kind="slow", seconds=seconds, taken=taken), times, on)

    def heal(self) -> None:
        """End all faults."""
        self._rest.faults.heal()

    # -----------------------------------------------------------------------------------------------------------------

    async def _serve(self, app: web.Application) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def _posted(self, url: str, headers: Any, body: bytes, sid: str) -> Answer:
        async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            return Answer(
                status=answer.status,
                text=await answer.text(),
                content_type=answer.headers.get("Content-Type", ""),
                url=url,
                headers=headers,
                body=body,
                sid=sid,
            )

    def _keep(self, sid: str, media: Sequence[tuple[str, bytes]]) -> dict[str, str]:
        """Keep media for fetching and return the fields that name them, in the form of Twilio's own addresses."""
        fields = {"NumMedia": str(len(media))} if media else {}
        for number, (content_type, content) in enumerate(media):
            path = f"/2010-04-01/Accounts/{self.account_sid}/Messages/{sid}/Media/{wire.new_sid('ME')}"
            self._rest.media[path] = (content_type, content)
            fields |= {
                f"MediaUrl{number}": f"https://api.twilio.com{path}",
                f"MediaContentType{number}": content_type,
                "MessageType": content_type.partition("/")[0],
            }
        return fields


class _MultiDict(dict[str, str]):
    """A form as the SDK's signature wants it, with the values of names that come twice."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = list(pairs)
        super().__init__(self._pairs)

    def getall(self, name: str) -> list[str]:
        return [value for found, value in self._pairs if found == name]
