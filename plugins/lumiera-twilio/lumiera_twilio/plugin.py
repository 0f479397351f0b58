"""The plugin: its settings, its hooks, and what it holds."""

from __future__ import annotations

from starlette.routing import BaseRoute

from lumiera.channel import Channel
from lumiera.hookspecs import hookimpl
from lumiera.stage import Health
from lumiera.turn import Bot
from lumiera_twilio.channel import TwilioChannel
from lumiera_twilio.settings import TwilioSettings
from lumiera_twilio.webhooks import Webhooks


class Twilio:
    """WhatsApp through Twilio."""

    Settings = TwilioSettings

    def __init__(self, settings: TwilioSettings) -> None:
        self.channel = TwilioChannel(settings)
        self.webhooks = Webhooks(settings)

    @hookimpl
    def register_channels(self) -> list[Channel]:
        return [self.channel]

    @hookimpl
    def register_routes(self) -> list[BaseRoute]:
        return self.webhooks.routes()

    @hookimpl
    async def startup(self, bot: Bot) -> None:
        self.channel.open(bot)

    @hookimpl
    async def shutdown(self, bot: Bot) -> None:
        await self.channel.close()

    @hookimpl
    async def check_health(self) -> Health:
        """Say what the last calls to Twilio, and its last reports, came to; asks nothing of it."""
        problem = self.channel.problem or self.webhooks.problem
        return Health(ok=not problem, reason=problem or self.channel.degraded)
