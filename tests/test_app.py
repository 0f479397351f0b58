"""A bot as a value: what starts is stopped, whatever happens; what plugins bring must fit together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lumiera import Bot, Channel, Intent, Lumiera, Message, PluginError, Reply, Store, StoreError, Turn, hookimpl
from lumiera.errors import ConfigError, HookError
from lumiera.queue import LocalQueue, Queue
from lumiera.testing import KitChannel, TestBot

SETTINGS = """
plugins: {{sql: {{url: "sqlite:///{folder}/bot.db"}}, essentials: }}
burst: {{text: 0, media: 0, max: 0}}
workers: {{drain: 0}}
"""


@dataclass
class Part:
    """A plugin that writes down when it is started and stopped, and fails when told to."""

    name: str
    log: list[str]
    fails: set[str] = field(default_factory=set)

    @hookimpl
    async def startup(self, bot: Bot) -> None:
        self.log.append(f"{self.name} up")
        if "startup" in self.fails:
            raise RuntimeError("no such model")

    @hookimpl
    async def shutdown(self, bot: Bot) -> None:
        self.log.append(f"{self.name} down")
        if "shutdown" in self.fails:
            raise RuntimeError("cannot let go")


def load(tmp_path: Path, **plugins: object) -> Lumiera:
    path = tmp_path / "lumiera.yaml"
    path.write_text(SETTINGS.format(folder=tmp_path), encoding="utf-8")
    return Lumiera.load(path, extra={"kit": Kit(), **plugins})


@dataclass
class Kit:
    """A plugin with a channel."""

    channel: KitChannel = field(default_factory=KitChannel)

    @hookimpl
    def register_channels(self) -> list[Channel]:
        return [self.channel]


def message(sid: str, text: str = "bonjour") -> Message:
    return Message(sid=sid, channel="kit", sender="+33600000001", received_at=datetime.now(UTC), text=text)


async def sent(channel: KitChannel, count: int) -> Sequence[str]:
    async with asyncio.timeout(10):
        while len(channel.sent) < count:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.002)
    return [bubble.text for _, bubble in channel.sent]


async def test_plugins_start_in_order_and_stop_in_reverse_with_the_store_open(tmp_path: Path) -> None:
    log: list[str] = []

    class Reader(Part):
        @hookimpl
        async def shutdown(self, bot: Bot) -> None:
            assert await bot.store.dead_letters() == []
            await super().shutdown(bot)

    async with load(tmp_path, one=Reader("one", log), two=Reader("two", log)):
        assert log == ["one up", "two up"]
    assert log[2:] == ["two down", "one down"]


async def test_a_start_that_fails_names_the_plugin_and_stops_what_has_started(tmp_path: Path) -> None:
    log: list[str] = []
    broken = Part("two", log, {"startup"})
    bot = load(tmp_path, one=Part("one", log), two=broken)
    with pytest.raises(HookError, match=r"(?s)'two'.*startup.*no such model"):
        await bot.__aenter__()
    assert log[:2] == ["one up", "two up"]
    assert "one down" in log
    with pytest.raises(StoreError):
        await bot.store.dead_letters()
    broken.fails.clear()
    async with bot:
        assert await bot.store.dead_letters() == []


async def test_a_plugin_that_cannot_stop_keeps_no_other_from_it(tmp_path: Path) -> None:
    log: list[str] = []
    async with load(tmp_path, one=Part("one", log), two=Part("two", log, {"shutdown"})) as bot:
        pass
    assert log[2:] == ["two down", "one down"]
    with pytest.raises(StoreError):
        await bot.store.dead_letters()


async def test_a_queue_that_cannot_close_does_not_leave_the_store_open(tmp_path: Path) -> None:
    class Stuck(LocalQueue):
        async def close(self, drain: timedelta) -> None:
            await super().close(drain)
            raise ConnectionError("the broker is gone")

    class Brings:
        @hookimpl
        def register_queues(self) -> list[Queue]:
            return [Stuck()]

    log: list[str] = []
    bot = load(tmp_path, one=Part("one", log), queue=Brings())
    await bot.__aenter__()
    with pytest.raises(ConnectionError):
        await bot.__aexit__()
    assert log == ["one up", "one down"]
    with pytest.raises(StoreError):
        await bot.store.dead_letters()


async def test_a_bot_that_does_not_run_says_so(tmp_path: Path) -> None:
    bot = load(tmp_path)
    with pytest.raises(RuntimeError, match="async with"):
        await bot.receive([message("IN1")])


async def test_a_bot_can_be_started_again(tmp_path: Path) -> None:
    kit = Kit()
    bot = load(tmp_path, kit=kit)
    for sid in ("IN1", "IN2"):
        async with bot:
            await bot.receive([message(sid)])
            await sent(kit.channel, int(sid[-1]))


async def test_two_bots_in_one_process_share_nothing(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    async with TestBot(folders[0]) as one, TestBot(folders[1]) as two:
        await one.send("bonjour")
        assert two.channel.sent == []
        await two.send("STOP")
        assert (await one.send("bonjour")).bubbles


async def test_what_is_received_is_stored_when_receive_returns(tmp_path: Path) -> None:
    bot = load(tmp_path)
    async with bot:
        (receipt,) = await bot.receive([message("IN1")])
        (again,) = await bot.receive([message("IN1")])
    assert (receipt.duplicate, again.duplicate) == (False, True)
    assert receipt.conversation_id == again.conversation_id


class TwoOfOneName:
    @hookimpl
    def register_channels(self) -> list[Channel]:
        return [KitChannel()]

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("greeting", greet)]


async def greet(turn: Turn) -> Reply | str:
    return "hello"


class GreetsToo:
    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("greeting", greet)]


@pytest.mark.parametrize(
    ("plugin", "said"),
    [(TwoOfOneName(), "'other'.*channel 'kit'.*'kit'"), (GreetsToo(), "'other'.*intent 'greeting'.*'essentials'")],
)
def test_two_things_of_one_name_are_refused_with_both_plugins(tmp_path: Path, plugin: object, said: str) -> None:
    with pytest.raises(PluginError, match=said):
        load(tmp_path, other=plugin)


def test_a_bot_without_a_store_is_refused(tmp_path: Path) -> None:
    load(tmp_path)
    with pytest.raises(ConfigError, match=r"lumiera.yaml:2: plugins: exactly one must bring the store; now: none\."):
        Lumiera.load(tmp_path / "lumiera.yaml", without=["sql"])


def test_a_bot_with_two_stores_is_refused_with_both_plugins(tmp_path: Path) -> None:
    stores = load(tmp_path).store

    class Second:
        @hookimpl
        def register_stores(self) -> list[Store]:
            return [stores]

    with pytest.raises(ConfigError, match=r"exactly one must bring the store; now: sql, second\."):
        load(tmp_path, second=Second())
