"""The plugin: brings the channel, the page and what stands behind it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from lumiera.channel import Channel
from lumiera.hookspecs import hookimpl
from lumiera.messages import Message
from lumiera.people import Escalation, User
from lumiera.records import Migrations
from lumiera.turn import Bot, Turn
from lumiera_simulator.settings import SimulatorSettings

if TYPE_CHECKING:
    from lumiera_simulator.parts import Parts

MIGRATIONS = Migrations(branch="simulator", path=str(Path(__file__).parent / "migrations" / "versions"))


class Simulator:
    """The page, and the phones in it."""

    Settings = SimulatorSettings

    def __init__(self, settings: SimulatorSettings) -> None:
        self._settings = settings

    @cached_property
    def parts(self) -> Parts:
        """Return what does the work, made when the bot is."""
        from lumiera_simulator.parts import Parts

        return Parts(self._settings)

    @hookimpl
    def register_migrations(self) -> list[Migrations]:
        return [MIGRATIONS]

    @hookimpl
    def register_channels(self) -> list[Channel]:
        return [self.parts.phone]

    @hookimpl
    def register_routes(self) -> list[BaseRoute]:
        return [*self.parts.routes()]

    @hookimpl
    async def startup(self, bot: Bot) -> None:
        await self.parts.open(bot)

    @hookimpl
    async def shutdown(self, bot: Bot) -> None:
        await self.parts.close()

    @hookimpl
    async def authenticate_user(self, message: Message, turn: Turn) -> User | None:
        return await self.parts.who(turn)

    @hookimpl
    async def on_turn_finished(self, turn: Turn) -> None:
        await self.parts.note_turn(turn)

    @hookimpl
    async def on_delivery_changed(self, channel: str, provider_id: str, state: str) -> None:
        if channel == self.parts.phone.name:
            await self.parts.note_delivery(provider_id, state)

    @hookimpl
    async def on_escalation_opened(self, escalation: Escalation) -> None:
        self.parts.events.publish("escalations", {})
