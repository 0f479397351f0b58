"""The terminal as a channel: what the bot sends is drawn, what is typed is received."""

from __future__ import annotations

import asyncio
import os
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from lumiera.channel import Capabilities, Channel
from lumiera.errors import RateLimited
from lumiera.hookspecs import hookimpl
from lumiera.messages import Bubble, Message, Option, Tap
from lumiera.turn import Bot, Turn

STRAGGLERS = 3.0  # seconds that a bubble may take after its turn; one that was cancelled never comes


@dataclass(frozen=True)
class Answer:
    """What came back on one message: the bubbles, and the turn for those who ask why."""

    bubbles: Sequence[Bubble]
    turn: Turn

    @property
    def text(self) -> str:
        return "\n\n".join(bubble.text for bubble in self.bubbles)

    @property
    def choices(self) -> list[str]:
        return [option.title for bubble in self.bubbles for option in bubble.options]

    def plain(self) -> dict[str, object]:
        """Return what `lumiera chat --json` prints."""
        turn, match = self.turn, self.turn.match
        return {
            "text": self.text,
            "choices": self.choices,
            "language": turn.language,
            "intent": turn.intent,
            "confidence": match.confidence if match else 0.0,
            "route": turn.route or "",
            "stages": turn.trace.stages(),
        }


class Terminal:
    """A channel with one user, and the plugin that brings it. It draws what WhatsApp would; numbers tap."""

    name = "terminal"
    capabilities = Capabilities(buttons=3, rows=10)

    def __init__(self, address: str, show: Callable[[Bubble], None]) -> None:
        self._address = address
        self._show = show
        self._bubbles: list[Bubble] = []
        self._asked: str = ""  # sid of the last message
        self._ended: dict[str, tuple[Turn, int]] = {}  # by sid: its turn, and how many bubbles there are when all came
        self._news = asyncio.Event()

    @hookimpl
    def register_channels(self) -> list[Channel]:
        return [self]

    @hookimpl
    async def on_turn_finished(self, turn: Turn) -> None:
        if turn.conversation.channel == self.name and turn.conversation.address == self._address:
            expected = len(self._bubbles) + turn.bubbles
            self._ended |= {message.sid: (turn, expected) for message in turn.messages}
            self._news.set()

    async def send(self, address: str, bubble: Bubble) -> str:
        if address != self._address:
            raise RateLimited("this user is not at the terminal now", retry_after=60)
        self._bubbles.append(bubble)
        self._show(bubble)
        self._news.set()
        return uuid.uuid4().hex

    async def typing(self, message: Message) -> None:
        """Show nothing: the terminal is the user's to write on."""

    async def receive(self, bot: Bot, text: str) -> None:
        """Hand what was typed to the bot; the number or title of an option that stands there last is a tap on it."""
        self._asked = uuid.uuid4().hex
        option = self._option(text)
        message = Message(
            sid=self._asked, channel=self.name, sender=self._address, received_at=bot.now(),
            text="" if option else text, tap=Tap(id=option.id, title=option.title) if option else None,
        )  # fmt: skip
        await bot.receive([message])

    async def say(self, bot: Bot, text: str) -> Answer:
        """Hand a text to the bot and wait for the end of its turn and of what it sends."""
        before = len(self._bubbles)
        await self.receive(bot, text)
        turn = await self.settle()
        return Answer(self._bubbles[before:], turn)

    async def settle(self) -> Turn:
        """Wait until the last message is answered."""
        while self._asked not in self._ended:
            await self._next()
        turn, expected = self._ended[self._asked]
        with suppress(TimeoutError):
            async with asyncio.timeout(STRAGGLERS):
                while len(self._bubbles) < expected:
                    await self._next()
        return turn

    async def _next(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _option(self, text: str) -> Option | None:
        options = self._bubbles[-1].options if self._bubbles else ()
        if text.isdecimal():
            return options[int(text) - 1] if 0 < int(text) <= len(options) else None
        return next((option for option in options if option.title.casefold() == text.casefold()), None)


def draw(bubble: Bubble) -> str:
    """Return a bubble as lines of text, its options numbered and its file named."""
    file = bubble.media
    kind = file.content_type.partition("/")[0].replace("application", "file") if file else ""
    shown = f"[{kind}: {file.filename or file.id}]" if file else ""
    first, *rest = "\n".join(filter(None, (shown, bubble.text))).split("\n")
    lines = [f"< {first}", *(f"  {line}".rstrip() for line in rest)]
    for number, option in enumerate(bubble.options, 1):
        description = f" - {option.description}" if option.description else ""
        lines.append(f"  {number:>2}. {option.title}{description}")
    return "\n".join(lines)


async def typed_lines(descriptor: int) -> AsyncIterator[str]:
    """Yield the lines that arrive, until the end of the input.

    A daemon thread reads the descriptor itself: one that hangs in `sys.stdin` keeps the interpreter from ending.
    """
    loop, arrived = asyncio.get_running_loop(), asyncio.Queue[bytes]()

    def read() -> None:
        chunk = b"-"
        while chunk:
            try:
                chunk = os.read(descriptor, 65536)
            except OSError:  # a terminal that went away
                chunk = b""
            with suppress(RuntimeError):  # the loop went away
                loop.call_soon_threadsafe(arrived.put_nowait, chunk)

    threading.Thread(target=read, name="typed lines", daemon=True).start()
    rest = b""
    while chunk := await arrived.get():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").strip()
    if rest:
        yield rest.decode("utf-8", "replace").strip()
