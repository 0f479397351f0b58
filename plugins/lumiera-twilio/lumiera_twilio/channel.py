"""The way out: replies and the typing indicator through Twilio's REST API."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

from lumiera.channel import Capabilities
from lumiera.errors import ChannelError, SendAmbiguous
from lumiera.messages import Bubble, Message
from lumiera_twilio.addresses import prefixed
from lumiera_twilio.failures import CredentialsRefused, Unreachable
from lumiera_twilio.settings import TwilioSettings

STATUS_PATH = "/webhooks/twilio/status"


class TwilioChannel:
    """WhatsApp as Twilio carries it; choices go out as numbered text."""

    name = "twilio"
    capabilities = Capabilities(text=1600)

    def __init__(self, settings: TwilioSettings) -> None:
        self._settings = settings
        self._opening: asyncio.Task[Any] | None = None
        self._envelope = {"status_callback": settings.public_url + STATUS_PATH}
        if settings.sender:
            self._envelope["from_"] = settings.sender
        else:
            self._envelope["messaging_service_sid"] = settings.messaging_service_sid or ""
        self.problem = ""  # what the last send failed of, for the health check

    def open(self) -> None:
        """Begin to load the SDK, which takes a second, beside the rest of the start; the first call waits for it."""
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())

    async def close(self) -> None:
        if self._opening is not None:
            await (await self._opening).http_client.close()
            self._opening = None

    async def send(self, address: str, bubble: Bubble) -> str:
        client = await self._client()
        try:
            sent = await client.messages.create_async(to=prefixed(address), body=bubble.text, **self._envelope)
            sid = sent.sid
        except ChannelError as error:
            # A recipient or a text that Twilio refuses is no illness of ours.
            self.problem = str(error) if isinstance(error, SendAmbiguous | CredentialsRefused | Unreachable) else ""
            raise
        except (ValueError, TypeError, AttributeError):
            sid = None  # how the SDK meets a success that is no JSON or no message
        self.problem = "" if sid else "Twilio answered a send with something else than a message"
        if not sid:
            raise SendAmbiguous(self.problem)
        return str(sid)

    async def typing(self, message: Message) -> None:
        client = await self._client()
        await client.messaging.v2.typing_indicator.create_async(channel="whatsapp", message_id=message.sid)

    async def _client(self) -> Any:
        self.open()
        assert self._opening is not None
        if self._opening.done():
            return self._opening.result()
        return await asyncio.shield(self._opening)  # a send that is given up must not stop the others' loading

    async def _open(self) -> Any:
        transport = await asyncio.to_thread(import_module, "lumiera_twilio.transport")
        return transport.connect(self._settings)
