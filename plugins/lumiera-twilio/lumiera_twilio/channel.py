"""The way out: replies, menus, files and the typing indicator through Twilio's REST API; and files on their way in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lumiera.channel import Capabilities
from lumiera.errors import ChannelError, MediaError, RateLimited, SendAmbiguous, SendRefused
from lumiera.messages import Bubble, Media, Message, StoredMedia
from lumiera.records import OutboxItem
from lumiera.turn import Bot
from lumiera_twilio.addresses import prefixed
from lumiera_twilio.codes import meaning
from lumiera_twilio.contents import Contents
from lumiera_twilio.failures import illness
from lumiera_twilio.reconcile import find_sent
from lumiera_twilio.settings import TwilioSettings
from lumiera_twilio.templates import template_fields

if TYPE_CHECKING:
    from lumiera_twilio.files import Files

STATUS_PATH = "/webhooks/twilio/status"
WINDOW = timedelta(hours=24)
MEGABYTE = 1024 * 1024


class TwilioChannel:
    """WhatsApp as Twilio carries it."""

    name = "twilio"

    def __init__(self, settings: TwilioSettings) -> None:
        menus = {"buttons": 3, "rows": 10} if settings.menus else {}
        self.capabilities = Capabilities(text=1600, body=1024, caption=1024, window=WINDOW, **menus)
        self._settings = settings
        self._bot: Bot | None = None
        self._opening: asyncio.Task[Any] | None = None
        self._contents = Contents(self._client)
        self._envelope = {"status_callback": settings.public_url + STATUS_PATH}
        if settings.sender:
            self._envelope["from_"] = settings.sender
        else:
            self._envelope["messaging_service_sid"] = settings.messaging_service_sid or ""
        self.problem = ""  # what the last send failed of, for the health check
        self._unlinked = ""  # why files do not go out

    @property
    def degraded(self) -> str:
        """What works by halves; empty when all is well."""
        return self._contents.problem or self._unlinked

    def open(self, bot: Bot | None = None) -> None:
        """Begin to load the SDK, which takes a second, beside the rest of the start; the first call waits for it."""
        if bot is not None:
            self._bot, self._contents.language = bot, bot.config.language
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())

    async def close(self) -> None:
        await self._contents.close()
        if self._opening is not None:
            await (await self._opening).http_client.close()
            self._opening = None

    async def send(self, address: str, bubble: Bubble) -> str:
        try:
            if bubble.template:
                sid = await self._create(address, template_fields(bubble))
            elif bubble.media is not None:
                sid = await self._create(address, await self._file_fields(bubble, bubble.media))
            elif bubble.kind != "text":
                sid = await self._send_menu(address, bubble)
            else:
                sid = await self._create(address, {"body": bubble.text})
        except ChannelError as error:
            self.problem = illness(error, self.problem)
            raise
        self.problem = ""
        return sid

    async def find(self, item: OutboxItem) -> str | None:
        return await find_sent(await self._client(), item, self._settings)

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        async for chunk in (await self._files()).fetch(media):
            yield chunk

    async def typing(self, message: Message) -> None:
        client = await self._client()
        await client.messaging.v2.typing_indicator.create_async(channel="whatsapp", message_id=message.sid)

    async def _send_menu(self, address: str, bubble: Bubble) -> str:
        """Send buttons or a list; numbered text where Twilio does not have them or does not take them."""
        for again in (False, True):
            fields = await self._contents.fields(bubble)
            if fields is None:
                break
            try:
                return await self._create(address, fields)
            except SendRefused as error:
                if meaning(error.provider_code).kind != "content":
                    raise
                self._contents.refused(bubble, fields, error, again=again)
        return await self._create(address, {"body": bubble.numbered or bubble.text})

    async def _file_fields(self, bubble: Bubble, media: StoredMedia) -> dict[str, Any]:
        """Return what a message with a file has; WhatsApp shows a text with pictures only."""
        try:
            link = await self._link(media)
        except MediaError as error:
            self._unlinked = f"files do not go out: {error.message}"
            raise SendRefused(self._unlinked) from error
        except Exception as error:
            # A store of somebody else's may raise anything; nothing was sent, so the bubble waits.
            self._unlinked = f"files do not go out: {type(error).__name__}"
            raise RateLimited(self._unlinked) from error
        self._unlinked = ""
        caption = {"body": bubble.text} if bubble.text and media.content_type.startswith("image/") else {}
        return {"media_url": [link], **caption}

    async def _link(self, media: StoredMedia) -> str:
        store = self._bot.media if self._bot else None
        if store is None:
            raise MediaError("no plugin brings a media store")
        return await store.link(media)

    async def _create(self, address: str, fields: dict[str, Any]) -> str:
        client = await self._client()
        try:
            sent = await client.messages.create_async(to=prefixed(address), **fields, **self._envelope)
            sid = str(sent.sid or "")
        except (ValueError, TypeError, AttributeError):
            sid = ""  # how the SDK meets a success that is no JSON or no message
        if not sid:
            raise SendAmbiguous("Twilio answered a send with something else than a message")
        return sid

    async def _files(self) -> Files:
        await self._client()
        from lumiera_twilio.files import Files  # needs aiohttp, which is loaded by now

        largest = self._bot.config.media.largest if self._bot else 16
        return Files(self._settings, largest * MEGABYTE)

    async def _client(self) -> Any:
        self.open()
        assert self._opening is not None
        if self._opening.done():
            return self._opening.result()
        return await asyncio.shield(self._opening)  # a send that is given up must not stop the others' loading

    async def _open(self) -> Any:
        transport = await asyncio.to_thread(import_module, "lumiera_twilio.transport")
        return transport.connect(self._settings)
