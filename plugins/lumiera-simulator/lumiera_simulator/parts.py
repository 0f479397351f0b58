"""What the plugin consists of once it is used; the plugin itself stays thin, as SQLAlchemy takes 0.2 s to import."""

from __future__ import annotations

from functools import partial

from starlette.routing import Route

from lumiera.people import User
from lumiera.turn import Bot, Turn
from lumiera_simulator import files, messages, outbox, people, team, traces
from lumiera_simulator.events import Events
from lumiera_simulator.guard import Guard
from lumiera_simulator.lab import Clock, Faults
from lumiera_simulator.messages import Status
from lumiera_simulator.phone import Phone
from lumiera_simulator.schema import CHANNEL
from lumiera_simulator.settings import SimulatorSettings
from lumiera_simulator.web import Pages

_STATUSES: dict[str, Status] = {"sent": "sent", "delivered": "delivered", "read": "read"}


class Parts:
    """The phones, the pages, and what stands behind them."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self.bot: Bot
        self.events = Events()
        self.clock = Clock(self.events.publish, is_real=settings.in_production)
        self.faults = Faults(self.events.publish)
        self.phone = Phone(self.events, self.faults)
        self.guard = Guard(settings)

    def routes(self) -> list[Route]:
        own = [*Pages(self).routes(), *files.routes(), *self.events.routes()]
        told = [*traces.routes(), *outbox.routes(), *team.routes(self.events.publish)]
        return self.guard.wrap([*own, *told, *self.clock.routes(), *self.faults.routes()])

    async def open(self, bot: Bot) -> None:
        """Take the bot in hand; raises `Exposed` where others would reach the page without a password."""
        self.guard.check_address(bot.config.web)
        self.bot = self.phone.bot = bot
        await self.clock.load(bot)
        await bot.store.run(partial(people.seed, languages=bot.config.languages, now=bot.now()))

    async def close(self) -> None:
        await self.clock.close()

    async def who(self, turn: Turn) -> User | None:
        """Say who writes on a phone of the page, until the store knows them."""
        if turn.conversation.channel != CHANNEL or turn.known_user is not None:
            return None
        person = await self.bot.store.read(partial(people.by_phone, phone=turn.conversation.address))
        return User(id=0, phone=person.phone, name=person.name, language=person.language) if person else None

    async def note_turn(self, turn: Turn) -> None:
        """Turn the ticks of a turn's messages blue, and tell the pages of it."""
        if turn.conversation.channel == CHANNEL:
            sids = [message.sid for message in turn.messages]
            await self.bot.store.run(partial(messages.move, sids=sids, status="read", turn=turn.id))
            self.events.wake()
        if turn.escalation or turn.hands_over or turn.resumes or turn.route == "team":
            self.events.publish("escalations", {})

    async def note_delivery(self, sid: str, state: str) -> None:
        if status := _STATUSES.get(state):
            await self.bot.store.run(partial(messages.arrived, sid=sid, status=status))
            self.events.wake()
