"""A whole bot for tests: the real pipeline, store and dispatch, and a channel that a test holds both ends of."""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from lumiera.app import Lumiera
from lumiera.channel import Capabilities, Channel
from lumiera.config import PIPELINE
from lumiera.hookspecs import hookimpl
from lumiera.messages import Bubble, Location, Media, Message, Option, Tap
from lumiera.queue import LocalQueue, Queue
from lumiera.testing.conversation import ConversationLog
from lumiera.testing.replay import Replay, hours_ahead
from lumiera.turn import Bot, Turn

PHONE = "+33600000001"
PHOTO = base64.b64decode(  # of one pixel
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////"
    "////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z"
)
PATIENCE = 10.0  # seconds until a test that waits for a reply fails
_QUICK: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class Replied:
    """What came back on one `send`: the bubbles of the turn, and the turn itself for those who ask why."""

    bubbles: Sequence[Bubble]
    turn: Turn

    @property
    def text(self) -> str:
        return "\n\n".join(bubble.text for bubble in self.bubbles)

    @property
    def options(self) -> Sequence[Option]:
        return [option for bubble in self.bubbles for option in bubble.options]

    @property
    def choices(self) -> list[str]:
        return [option.title for option in self.options]

    @property
    def language(self) -> str:
        return self.turn.language

    @property
    def intent(self) -> str:
        return self.turn.match.intent if self.turn.match else ""

    @property
    def confidence(self) -> float:
        return self.turn.match.confidence if self.turn.match else 0.0

    @property
    def route(self) -> str:
        return self.turn.route or ""

    @property
    def stages(self) -> list[str]:
        return self.turn.trace.stages()


@dataclass
class KitChannel:
    """A channel that keeps what it is given. It draws buttons and lists unless told otherwise.

    Put exceptions into `faults` to make the next sends fail, and the bytes of `Media.url` into `files`.
    """

    name: str = "kit"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(buttons=3, rows=10))
    sent: list[tuple[str, Bubble]] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)  # any other one is a photo
    log: ConversationLog = field(default_factory=ConversationLog)

    async def send(self, address: str, bubble: Bubble) -> str:
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append((address, bubble))
        self.log.outbound(bubble)
        return f"kit-{len(self.sent)}"

    async def typing(self, message: Message) -> None:
        self.typed.append(message.sid)

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        data = self.files.get(media.url, PHOTO)
        for at in range(0, len(data), 65536):
            yield data[at : at + 65536]


class _Ears:
    """The plugin through which the kit sees turns and brings its channel and queue."""

    def __init__(self, channel: Channel, *, replay: bool) -> None:
        self.channel = channel
        self.replay = replay
        self.watch: Replay | None = None
        self.queue = LocalQueue()
        self.turns: list[Turn] = []

    @hookimpl
    def register_channels(self) -> list[Channel]:
        return [self.channel]

    @hookimpl
    def register_queues(self) -> list[Queue]:
        return [self.queue]

    @hookimpl
    async def startup(self, bot: Bot) -> None:
        self.watch = Replay(bot) if self.replay else None

    @hookimpl
    async def on_turn_finished(self, turn: Turn) -> None:
        self.turns.append(turn)
        if self.watch is not None:
            await self.watch.watch(turn)

    def tell(self) -> None:
        """Fail the test if a dialogue has broken a rule since this was last called."""
        if self.watch is not None and self.watch.problems:
            problems, self.watch.problems = self.watch.problems, []
            raise AssertionError("\n".join(problems))


class TestBot:
    """A running bot with a test's hands on it. `config` is laid over the kit's own: no burst wait, no rate limit.

    With `replay` a test fails whose handler is steered by what is not journaled; see `lumiera.testing.replay`.
    """

    __test__ = False  # no test class, whatever its name looks like to pytest

    def __init__(
        self,
        folder: Path,
        *,
        config: Mapping[str, Any] | None = None,
        plugins: Mapping[str, object] | None = None,
        channel: KitChannel | None = None,
        phone: str = PHONE,
        replay: bool = True,
    ) -> None:
        self.replay = replay
        self.channel = channel or KitChannel()
        self.phone = phone
        self.plugins = dict(plugins or {})
        self.path = folder / "lumiera.yaml"
        settings = yaml.dump(_settings(folder, config or {}), Dumper=_QUICK, allow_unicode=True)
        self.path.write_text(settings, encoding="utf-8")
        self._ahead = timedelta(0)
        self._sids = itertools.count(1)
        self._run = 0
        self._ears = _Ears(self.channel, replay=replay)
        self.lumiera: Lumiera

    async def __aenter__(self) -> TestBot:
        self._run += 1
        self._ears = _Ears(self.channel, replay=self.replay)
        self.lumiera = Lumiera.load(self.path, extra={**self.plugins, "kit": self._ears}, now=self.now)
        await self.lumiera.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.lumiera.__aexit__()
        if not any(error):
            self._ears.tell()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead + hours_ahead()

    @property
    def log(self) -> ConversationLog:
        return self.channel.log

    @property
    def turns(self) -> Sequence[Turn]:
        """The turns since the last (re)start, in order of their end."""
        return self._ears.turns

    async def restart(self) -> None:
        """Stop the bot and start a fresh one on the same store."""
        await self.__aexit__()
        await self.__aenter__()

    async def travel(self, **ahead: float) -> None:
        """Go forward in time, as in `timedelta(**ahead)`; due timers ring."""
        self._ahead += timedelta(**ahead)
        await self.lumiera.sweep()
        await self._ears.queue.idle()

    def message(self, text: str = "", *, sender: str = "", **fields: Any) -> Message:
        """Make an inbound message with a sid of its own; `fields` are those of `Message`."""
        base = Message(sid=f"IN{self._run}-{next(self._sids)}", channel=self.channel.name,
                       sender=sender or self.phone, received_at=self.now(), text=text)  # fmt: skip
        return replace(base, **fields)

    async def send(
        self,
        text: str = "",
        *,
        sender: str = "",
        media: Sequence[Media] = (),
        tap: Tap | None = None,
        location: Location | None = None,
        name: str = "",
    ) -> Replied:
        """Send one message and wait for the end of its turn and of what it sends."""
        message = self.message(text, sender=sender, media=tuple(media), tap=tap, location=location, profile_name=name)
        return await self.deliver(message)

    async def photo(self, text: str = "", *, sender: str = "", url: str = "kit://photo.jpg") -> Replied:
        return await self.send(text, sender=sender, media=[Media(url=url, content_type="image/jpeg")])

    async def voice(self, url: str = "kit://voice.ogg", *, sender: str = "") -> Replied:
        return await self.send(sender=sender, media=[Media(url=url, content_type="audio/ogg")])

    async def tap(self, choice: str, *, sender: str = "") -> Replied:
        """Tap the option with this title, or part of it, that was shown last; fails if there is none."""
        shown = [option for _, bubble in reversed(self.channel.sent) for option in bubble.options]
        option = next((one for one in shown if choice in one.title), None)
        assert option is not None, f"no option like {choice!r} was shown; the last were {[one.title for one in shown]}"
        return await self.send(tap=Tap(id=option.id, title=option.title), sender=sender)

    async def deliver(self, *messages: Message) -> Replied:
        """Hand messages to the bot as a channel does and wait for the end of the turn that has the last of them."""
        before = len(self.channel.sent)
        for message in messages:
            self.log.inbound(message)
        await self.lumiera.receive(messages)
        turn = await self._turn_of(messages[-1].sid)
        await self._ears.queue.idle()
        self._ears.tell()
        address = messages[-1].sender
        return Replied([bubble for to, bubble in self.channel.sent[before:] if to == address], turn)

    async def _turn_of(self, sid: str) -> Turn:
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    for turn in self._ears.turns:
                        if any(message.sid == sid for message in turn.messages):
                            return turn
                    await asyncio.sleep(0.002)
        except TimeoutError:
            raise AssertionError(f"no turn with {sid} has ended within {PATIENCE:g} s; see the log") from None


def _settings(folder: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    pipeline = [{"limits": {"per_minute": 0}} if "limits" in item else item for item in PIPELINE]
    kit: dict[str, Any] = {
        "plugins": {"sql": {"url": f"sqlite:///{folder / 'lumiera.db'}", "synchronous": "normal"}, "essentials": None},
        "pipeline": [dict(item) if isinstance(item, Mapping) else item for item in pipeline],
        "burst": {"text": 0, "media": 0, "max": 0},
        "retries": {"tries": 3, "first": "10ms", "longest": "50ms"},
        "media": {"path": str(folder / "media")},
        "texts": {"overrides": str(folder / "texts")},
    }
    plugins = {**kit["plugins"], **config.get("plugins", {})}
    return {**kit, **config, "plugins": {name: value for name, value in plugins.items() if value is not False}}
