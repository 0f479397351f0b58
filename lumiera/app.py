"""Lumiera: where the parts meet. A configuration becomes a bot; entering it starts it, leaving it drains it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute

from lumiera import escalations
from lumiera.channel import Channel, Fetches
from lumiera.config import Config
from lumiera.dispatch import Dispatch
from lumiera.errors import ConfigError, MediaError, PluginError
from lumiera.hooks import Hooks
from lumiera.intents import Intent, Intents
from lumiera.loading import Document, Known, read_config, read_document, resolve_stages, suggest
from lumiera.media import MediaStore
from lumiera.messages import Media, Message
from lumiera.people import Escalation, Opening
from lumiera.pipeline import STAGES, Pipeline
from lumiera.plugins import Plugins, collect_examples, load_plugins
from lumiera.queue import LocalQueue
from lumiera.records import OutboxState, Receipt, Sent
from lumiera.sending import Sender
from lumiera.store import Store
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
        self.migrations = [migrations for _, migrations in self.hooks.collect("register_migrations")]
        self._queues = self.hooks.collect("register_queues")
        self.store = self._only_store()
        self.media = self._media_store()
        built_in = [("the core", kind) for kind in STAGES]
        kinds = _by_name([*built_in, *self.hooks.collect("register_stages")], "stage")
        self.known = Known(
            stages=kinds, intents=self.intents, plugins=plugins.named("loaded"),
            failed=plugins.named("failed"), left_out=plugins.named("disabled"),
        )  # fmt: skip
        self.stages = resolve_stages(document, config, self.known)
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

    async def reload(self) -> Config:
        """Take in what the files now say of texts and thresholds; returns all that they say.

        The rest of it wants a restart; prompts want nothing, as plugins read them when they use them. Raises
        `ConfigError`, or `OSError` for a file that cannot be read, and everything stays as it was.
        """
        config, texts = await asyncio.to_thread(self._read_again)
        taken = {"routing": config.routing, "texts": config.texts}
        self.texts, self.config = texts, self.config.model_copy(update=taken)
        return config

    def _read_again(self) -> tuple[Config, Texts]:
        document = read_document(self.document.path, self.document.env)
        config = read_config(document, ())
        resolve_stages(document, config, self.known)
        return config, self.texts.reworded(config.texts.overrides)

    @property
    def zone(self) -> str:
        sessions = (spec.settings.model_dump() for spec in self.stages if spec.name == "session")
        return next((settings["timezone"] for settings in sessions if "timezone" in settings), "UTC")

    async def __aenter__(self) -> Lumiera:
        """Open the store, start the plugins, take up what was left, begin to work."""
        async with AsyncExitStack() as stack:  # what has started is stopped if the rest does not
            await self.store.open(self.migrations)
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

    async def delivered(
        self,
        channel: str,
        provider_id: str,
        state: OutboxState,
        *,
        error: str = "",
        retry_after: float | None = None,
        stopped: bool = False,
    ) -> None:
        now = self.now()
        again = None if retry_after is None else now + timedelta(seconds=retry_after)
        told = Sent(state=state, provider_id=provider_id, error=error, retry_at=again, stopped=stopped)
        if await self.store.fold_status(channel, told, now):
            await self.hooks.on_delivery_changed(channel, provider_id, state)

    async def escalate(self, conversation_id: int, opening: Opening) -> None:
        now = self.now()
        await self.store.escalate(conversation_id, opening, now, now + self.config.escalation.silence)

    async def answer_escalation(self, escalation: Escalation, text: str) -> bool:
        return await escalations.answer(self, escalation, text)

    async def close_escalation(self, escalation: Escalation) -> bool:
        return await escalations.close(self, escalation, "team")

    def fetch(self, channel: str, media: Media) -> AsyncIterator[bytes]:
        source = self.channels.get(channel)
        if not isinstance(source, Fetches):
            raise MediaError(f"channel {channel!r} does not fetch files")
        return source.fetch(media)

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
        self._sender = Sender(self, queue)
        stages = [self.known.stages[spec.name](spec.settings, self) for spec in self.stages]
        return Dispatch(self, Pipeline(stages), queue, self._sender)

    def _only_store(self) -> Store:
        brought = self.hooks.collect("register_stores")
        if len(brought) != 1:
            names = ", ".join(plugin for plugin, _ in brought) or "none"
            raise ConfigError([self.document.problem(("plugins",), f"exactly one must bring the store; now: {names}.")])
        store: Store = brought[0][1]
        return store

    def _media_store(self) -> MediaStore | None:
        """Return the store that `media.store` names; without any plugin that brings one files stay with the channel."""
        brought: dict[str, MediaStore] = _by_name(self.hooks.collect("register_media_stores"), "media store")
        name = self.config.media.store
        if brought and name not in brought:
            what = f"unknown store {name!r}.{suggest(name, brought)}"
            raise ConfigError([self.document.problem(("media", "store"), what)])
        return brought.get(name)

    def _intents(self) -> Intents:
        brought = [(plugin, replace(one, plugin=plugin)) for plugin, one in self.hooks.collect("register_intents")]
        intents: dict[str, Intent] = _by_name(brought, "intent")
        package_of, languages = self.plugins.package_of, self.config.languages
        return Intents(collect_examples(one, one.plugin, package_of(one.plugin), languages) for one in intents.values())

    def _texts(self) -> Texts:
        texts = Texts(self.config.languages, self.config.language)
        texts.add("core", LOCALES)
        for name in self.plugins.named("loaded"):
            if package := self.plugins.package_of(name):
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
