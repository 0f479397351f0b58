"""Lumiera: where the parts meet. A configuration becomes a bot; entering it starts it, leaving it drains it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute

from lumiera.channel import Channel
from lumiera.config import Config
from lumiera.dispatch import Dispatch, backoff
from lumiera.errors import PluginError
from lumiera.hooks import Hooks
from lumiera.intents import Intent, Intents
from lumiera.loading import Document, Known, read_config, read_document, resolve_stages
from lumiera.messages import Message
from lumiera.pipeline import STAGES, Pipeline
from lumiera.plugins import Plugins, collect_examples, load_plugins
from lumiera.queue import LocalQueue
from lumiera.sending import Sender
from lumiera.store import OutboxState, Receipt, Store
from lumiera.texts import Texts

utc_now = partial(datetime.now, UTC)
LOCALES = Path(__file__).parent / "locales"


class Lumiera:
    """A bot. It is a value: several can live in one process."""

    def __init__(self, document: Document, config: Config, plugins: Plugins, now: Callable[[], datetime]) -> None:
        self.document = document
        self.config = config
        self.plugins = plugins
        self.now = now
        self.hooks = Hooks(plugins.implementations)
        self.channels: Mapping[str, Channel] = _by_name(self.hooks.collect("register_channels"), "channel")
        self.intents = self._intents()
        self.texts = self._texts()
        self.routes: Sequence[BaseRoute] = [route for _, route in self.hooks.collect("register_routes")]
        self._migrations = [migrations for _, migrations in self.hooks.collect("register_migrations")]
        self._queues = self.hooks.collect("register_queues")
        self.store = self._only_store()
        loaded, failed = plugins.named("loaded"), plugins.named("failed")
        known = Known(stages=self._kinds(), plugins=loaded, intents=self.intents, failed=failed)
        self.stages = resolve_stages(document, config, known)
        self._dispatch: Dispatch | None = None
        self._stack = AsyncExitStack()

    @classmethod
    def load(
        cls,
        path: Path | str = "lumiera.yaml",
        *,
        env: Mapping[str, str] = os.environ,
        extra: Mapping[str, object] | None = None,
        without: Sequence[str] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> Lumiera:
        """Read a configuration and load its plugins; raises `ConfigError` with every mistake of a pass.

        `extra` brings plugins of this process beside those of the file, `without` leaves some of the file out.
        """
        document = read_document(Path(path), env)
        plugins = load_plugins(document, extra, without)
        return cls(document, read_config(document, plugins.problems), plugins, now)

    @property
    def zone(self) -> str:
        sessions = (spec.settings.model_dump() for spec in self.stages if spec.name == "session")
        return next((settings["timezone"] for settings in sessions if "timezone" in settings), "UTC")

    async def __aenter__(self) -> Lumiera:
        """Open the store, start the plugins, take up what was left, begin to work."""
        async with AsyncExitStack() as stack:  # what has started is stopped if the rest does not
            await self.store.open(self._migrations)
            stack.push_async_callback(self.store.close)
            stack.push_async_callback(self.hooks.shutdown, self)
            await self.hooks.startup(self)
            self._dispatch = self._assemble()
            stack.push_async_callback(self._dispatch.close)
            await self._dispatch.start()
            # Parsing nine languages takes a fifth of a second: not in the way of the first message.
            warm = asyncio.create_task(asyncio.to_thread(self.texts.labels, "cancel"))
            stack.push_async_callback(asyncio.wait, [warm])
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what runs, stop the plugins, close the store. What was not finished is in the inbox."""
        await self._stack.aclose()

    async def receive(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return await self._running.receive(messages)

    async def delivered(self, channel: str, provider_id: str, state: OutboxState, *, error: str = "") -> None:
        if await self.store.fold_status(channel, provider_id, state, error, self.now()):
            await self.hooks.on_delivery_changed(channel, provider_id, state)

    async def flush(self, conversation_id: int) -> None:
        await self._sender.flush(conversation_id)

    async def sweep(self) -> None:
        """Look at once for work that a timer or another process has left."""
        await self._running.sweep()

    @property
    def _running(self) -> Dispatch:
        if self._dispatch is None:
            raise RuntimeError("the bot is not running: use it inside `async with`")
        return self._dispatch

    def _assemble(self) -> Dispatch:
        queue = self._queues[0][1] if self._queues else LocalQueue()
        kinds, retries = self._kinds(), self.config.retries
        waits = partial(backoff, retries.first, retries.longest)
        self._sender = Sender(self.store, self.channels, queue, self.now, waits)
        stages = [kinds[spec.name](spec.settings, self) for spec in self.stages]
        return Dispatch(self, Pipeline(stages), queue, self._sender)

    def _kinds(self) -> dict[str, type[Any]]:
        built_in = [("the core", kind) for kind in STAGES]
        return _by_name([*built_in, *self.hooks.collect("register_stages")], "stage")

    def _only_store(self) -> Store:
        brought = self.hooks.collect("register_stores")
        if len(brought) != 1:
            names = ", ".join(plugin for plugin, _ in brought) or "none does"
            raise PluginError(names, "exactly one plugin must bring the store; leave the others out under 'plugins:'")
        store: Store = brought[0][1]
        return store

    def _intents(self) -> Intents:
        brought = [(plugin, replace(one, plugin=plugin)) for plugin, one in self.hooks.collect("register_intents")]
        intents: dict[str, Intent] = _by_name(brought, "intent")
        package_of, languages = self.plugins.package_of, self.config.languages
        return Intents(collect_examples(one, one.plugin, package_of(one.plugin), languages) for one in intents.values())

    def _texts(self) -> Texts:
        texts = Texts(self.config.languages, self.config.language)
        texts.add("core", LOCALES)
        for name in self.plugins.named("loaded"):
            package = self.plugins.package_of(name)
            if package is not None and (package / "texts").is_dir():
                texts.add(name, package / "texts")
        texts.override(self.config.texts.overrides)
        return texts


def _by_name(brought: Sequence[tuple[str, Any]], what: str) -> dict[str, Any]:
    """Index what plugins bring; two with one name are an error that names both plugins."""
    found: dict[str, Any] = {}
    owners: dict[str, str] = {}
    for plugin, thing in brought:
        if thing.name in found:
            raise PluginError(plugin, f"its {what} {thing.name!r} is also one of {owners[thing.name]!r}; leave one out")
        found[thing.name], owners[thing.name] = thing, plugin
    return found
