"""The channel `simulator`: what the bot sends appears on the phones of the page, by WhatsApp's rules."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

from sqlalchemy import Connection

from lumiera.channel import Capabilities
from lumiera.errors import MediaError, SendRefused
from lumiera.messages import Bubble, Media, Message, StoredMedia
from lumiera.records import OutboxItem
from lumiera.steps import in_handler
from lumiera.texts import phone_language
from lumiera.turn import Bot
from lumiera_simulator import files, messages, people
from lumiera_simulator.events import Events
from lumiera_simulator.lab import Faults
from lumiera_simulator.messages import Attached, Body, Row, SentAs
from lumiera_simulator.schema import CHANNEL

WINDOW = timedelta(hours=24)
CHUNK = 64 * 1024
_SENT_AS: dict[str, SentAs] = {"buttons": "quick reply", "list": "list picker", "text": "text"}


class Phone:
    """The provider of the page: it draws, holds to the window of 24 hours, and can be asked what it took."""

    name = CHANNEL
    capabilities = Capabilities(text=1600, body=1024, caption=1024, buttons=3, rows=10, window=WINDOW)

    def __init__(self, events: Events, faults: Faults) -> None:
        self._events = events
        self._faults = faults
        self.bot: Bot

    async def send(self, address: str, bubble: Bubble) -> str:
        """Put a bubble on the phone with this number; whoever has it becomes a person of the page."""
        with _as_provider():
            drawn = await self._faults.before_send(bubble)
            sid = new_sid()
            body, language = self._body(bubble, drawn), self._language_of(address)
            take = partial(
                _take, address=address, language=language, sid=sid, body=body, free=bool(bubble.template),
                now=self.bot.now(),
            )  # fmt: skip
            taken = await self.bot.store.run(take)
            self._events.wake()
            if not taken:
                told = "more than 24 hours after the user's last message only a template may be sent"
                raise SendRefused(told, provider_code="63016")
            await self.bot.delivered(CHANNEL, sid, "delivered")  # comes back by `on_delivery_changed`
            await self._faults.after_send()
            return sid

    async def typing(self, message: Message) -> None:
        with _as_provider():
            person = await self.bot.store.run(partial(messages.move, sids=[message.sid], status="read"))
            self._events.publish("typing", {"person": person})

    async def find(self, item: OutboxItem) -> str | None:
        return await self.bot.store.read(partial(_find, item=item))

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        found = await self.bot.store.read(partial(files.find, file_id=media.url.rpartition("/")[2]))
        if found is None:
            raise MediaError("the file is not on the phone any more")
        for at in range(0, len(found.data), CHUNK):
            yield found.data[at : at + CHUNK]

    def _language_of(self, address: str) -> str:
        return phone_language(address, self.bot.config.languages) or self.bot.config.language

    def _body(self, bubble: Bubble, drawn: Bubble) -> Body:
        return Body(
            text=drawn.text,
            kind=drawn.kind,
            options=tuple(Row(id=one.id, title=one.title, description=one.description) for one in drawn.options),
            button=drawn.button,
            numbered=bubble.numbered,
            sent_as=self._sent_as(bubble, drawn),
            media=(_attached(drawn.media),) if drawn.media else (),
        )

    def _sent_as(self, bubble: Bubble, drawn: Bubble) -> SentAs:
        if bubble.template:
            return "template"
        if drawn.media:
            return "media"
        hints = self.bot.texts.labels("numbers-hint")  # stands under choices that were drawn as text
        numbered = drawn.kind == "text" and (bubble.kind != "text" or drawn.text.endswith(hints))
        return "numbered text" if numbered else _SENT_AS[drawn.kind]


def new_sid() -> str:
    return f"SIM{uuid.uuid4().hex}"


@contextmanager
def _as_provider() -> Iterator[None]:
    """Let the phone write where a handler says something urgent: what was sent is no effect of the handler's."""
    inside = in_handler.set(False)
    try:
        yield
    finally:
        in_handler.reset(inside)


def _take(tx: Connection, address: str, language: str, sid: str, body: Body, now: datetime, *, free: bool) -> bool:
    """Put a bubble on the phone with this number, unless the window is shut; `free` is what may always come."""
    person = people.add(tx, address, "", language, now) or people.by_phone(tx, address)
    assert person is not None
    last = messages.last_written(tx, person.id)
    if not free and (last is None or now - last >= WINDOW):
        return False
    messages.put(tx, person.id, "out", sid, body, now)
    return True


def _find(tx: Connection, item: OutboxItem) -> str | None:
    """Return the sid of the oldest bubble that the item may have become and no other one of the outbox has."""
    person = people.by_phone(tx, item.address)
    bubble = item.bubble
    texts, urls = {bubble.text, bubble.numbered or bubble.text}, [_url(bubble.media)] if bubble.media else []
    for found in messages.received_since(tx, person.id, item.since) if person else ():
        same = found.body.text in texts and [one.url for one in found.body.media] == urls
        if same and found.sid not in item.known:
            return found.sid
    return None


def _attached(media: StoredMedia) -> Attached:
    kind = Media(url="", content_type=media.content_type).kind
    return Attached(
        url=_url(media), kind=kind, content_type=media.content_type, filename=media.filename, size=media.size
    )


def _url(media: StoredMedia) -> str:
    return f"/simulator/media/{quote(media.id)}"
