"""`uv run python benchmarks/outage.py [--quick]`: what an outage of the provider does to the replies.

The real bot with lumiera-twilio, and the fake Twilio over HTTP, in one process. Ends with 1 if a target was missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from lumiera_twilio.testing import FakeTwilio
from lumiera_twilio.testing.server import ALWAYS
from starlette.applications import Starlette

from lumiera import Lumiera, Reply, Turn, hookimpl
from lumiera.records import OutboxItem, OutboxState
from lumiera.records import Sent as SendResult

RECOVERY = 5.0  # seconds after the end of an outage
PATIENCE = 60.0  # seconds for what is still missing then
CALLS = 1000  # more than the bot makes in one outage


def _too_many(twilio: FakeTwilio) -> None:
    twilio.fail(429, times=ALWAYS)
    twilio.fail(429, times=ALWAYS, on="list")


def _failing(twilio: FakeTwilio) -> None:
    for number in range(CALLS):
        twilio.fail(500, taken=number % 2 == 0)
    twilio.fail(500, times=ALWAYS, on="list")


def _hanging(twilio: FakeTwilio) -> None:
    for number in range(CALLS):
        twilio.hang(taken=number % 2 == 0)
    twilio.hang(times=ALWAYS, on="list")


def _dropping(twilio: FakeTwilio) -> None:
    for number in range(CALLS):
        twilio.drop(taken=number % 2 == 0)
    twilio.drop(times=ALWAYS, on="list")


OUTAGES: Mapping[str, Callable[[FakeTwilio], None]] = {
    "429": _too_many,
    "500, half of them taken": _failing,
    "hangs, half of them taken": _hanging,
    "drops, half of them taken": _dropping,
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many messages a second, from how many users, and how long before, in and after the outage, in seconds."""

    rate: float = 5.0
    users: int = 10
    before: float = 5.0
    outage: float = 20.0
    after: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an outage did: in messages, but for `recovery`, the seconds from its end to the last late reply."""

    messages: int
    lost: int
    doubled: int
    disordered: int
    held: int
    resent: int
    recovery: float

    @property
    def ok(self) -> bool:
        return not (self.lost or self.doubled or self.disordered) and self.recovery <= RECOVERY


class Echo:
    """Answers every message with its own words, so that each reply can be told from the others."""

    @hookimpl
    async def answer_turn(self, turn: Turn) -> Reply:
        return Reply(turn.text)


@dataclass
class Site:
    """A running bot behind a port, and the Twilio that it believes in."""

    bot: Lumiera
    twilio: FakeTwilio
    url: str
    written: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    at: dict[str, datetime] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)  # bubbles of which nobody knew whether they had gone out

    def __post_init__(self) -> None:
        end_send = self.bot.store.end_send

        async def counted(item: OutboxItem, sent: SendResult, now: datetime) -> OutboxState | None:
            if sent.state == "unknown":
                self.held.add(item.id)
            return await end_send(item, sent, now)

        self.bot.store.end_send = counted  # type: ignore[method-assign]

    async def write(self, plan: Plan, seconds: float) -> None:
        """Let users write, in turn and evenly."""
        begun = asyncio.get_running_loop().time()
        for number in range(round(seconds * plan.rate)):
            await asyncio.sleep(begun + number / plan.rate - asyncio.get_running_loop().time())
            serial = len(self.at)
            user, words = f"+336000000{serial % plan.users:02}", f"numéro {serial}"
            answer = await self.twilio.inbound(self.url, user, words)
            assert answer.status == 200
            self.written[user].append(words)
            self.at[words] = datetime.now(UTC)
        await asyncio.sleep(begun + seconds - asyncio.get_running_loop().time())

    async def settled(self) -> None:
        """Wait until every message has its reply, or for as long as nobody would wait."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while len(set(self.taken)) < len(self.at):  # noqa: ASYNC110 - nothing tells when
                    await asyncio.sleep(0.05)
        await asyncio.sleep(1)  # for those that come twice

    @property
    def taken(self) -> list[str]:
        return [sent.body for sent in self.twilio.sent]

    async def outcome(self, ended_at: datetime) -> Outcome:
        taken, first = Counter(self.taken), dict[str, datetime]()
        heard: dict[str, list[str]] = defaultdict(list)
        for sent in self.twilio.sent:
            if sent.body not in first:
                heard[sent.to.removeprefix("whatsapp:")].append(sent.body)
                first[sent.body] = sent.at
        late = [first[words] for words, at in self.at.items() if words in first and at <= ended_at]
        ((attempts,),) = await self.bot.store.read(
            lambda tx: tx.exec_driver_sql("SELECT sum(attempts - 1) FROM outbox").fetchall()
        )
        return Outcome(
            messages=len(self.at),
            lost=sum(words not in taken for words in self.at),
            doubled=sum(count - 1 for count in taken.values()),
            disordered=sum(
                words != said
                for user, written in self.written.items()
                for words, said in zip(written, heard[user], strict=False)
            ),
            held=len(self.held),
            resent=attempts,
            recovery=max((at - ended_at).total_seconds() for at in late),
        )


@asynccontextmanager
async def running(folder: Path, config: Mapping[str, Any], **twilio_settings: Any) -> AsyncIterator[Site]:
    """Start a fake Twilio, a bot that echoes, and a port for its webhooks; `config` is laid over the bot's own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with FakeTwilio(public_url=url) as twilio:
            settings: dict[str, Any] = {
                "plugins": {
                    "sql": {"url": f"sqlite:///{folder / 'lumiera.db'}"},
                    "essentials": None,
                    "twilio": twilio.settings(**twilio_settings),
                },
                "burst": {"max": 0},
                "pipeline": _PIPELINE,
                **config,
            }
            path = folder / "lumiera.yaml"
            path.write_text(yaml.safe_dump(settings), encoding="utf-8")
            async with Lumiera.load(path, extra={"echo": Echo()}) as bot, _serving(bot, listening):
                yield Site(bot, twilio, url)


_PIPELINE = ["authenticate", "consent", "session", "language", "handover", "intent", "route", "reply", "persistence"]


@asynccontextmanager
async def _serving(bot: Lumiera, listening: socket.socket) -> AsyncIterator[None]:
    app = Starlette(routes=list(bot.routes))
    app.state.bot = bot
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    # The parts of `serve`, which looks only ten times a second whether it is to stop.
    await server.startup([listening])
    yield
    server.force_exit = True
    await server.shutdown([listening])


async def suffer(outage: str, plan: Plan, config: Mapping[str, Any], **twilio_settings: Any) -> Outcome:
    """Let users write before, in and after an outage, and look at what became of their messages."""
    with tempfile.TemporaryDirectory(prefix="lumiera-outage-") as name:
        async with running(Path(name), config, **twilio_settings) as site:
            await site.write(plan, plan.before)
            OUTAGES[outage](site.twilio)
            await site.write(plan, plan.outage)
            site.twilio.heal()
            ended_at = datetime.now(UTC)
            await site.write(plan, plan.after)
            await site.settled()
            return await site.outcome(ended_at)


async def main(plan: Plan) -> bool:
    columns = ("messages", "lost", "doubled", "disordered", "held", "resent", "recovery, s")
    print(f"{'outage of ' + format(plan.outage, 'g') + ' s':27}" + "".join(name.rjust(13) for name in columns))
    outcomes = []
    for outage in OUTAGES:
        outcomes.append(one := await suffer(outage, plan, {}))
        figures = (one.messages, one.lost, one.doubled, one.disordered, one.held, one.resent, f"{one.recovery:.2f}")
        print(f"{outage:27}" + "".join(str(figure).rjust(13) for figure in figures) + ("" if one.ok else "  MISSED"))
    return all(one.ok for one in outcomes)


if __name__ == "__main__":
    logging.getLogger("lumiera").addHandler(logging.NullHandler())
    logging.getLogger("lumiera").propagate = False
    quick = Plan(before=2, outage=4, after=2)
    sys.exit(0 if asyncio.run(main(quick if "--quick" in sys.argv else Plan())) else 1)
