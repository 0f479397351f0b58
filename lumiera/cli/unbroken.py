"""The bot as far as it can be loaded, for commands that start nothing: no plugin that fails keeps them from working."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from lumiera.cli.broken import failures
from lumiera.cli.options import Options
from lumiera.config import PIPELINE
from lumiera.errors import LumieraError
from lumiera.hooks import Hooks
from lumiera.loading import Document, read_config
from lumiera.plugins import load_plugins

if TYPE_CHECKING:
    from lumiera.app import Lumiera


def load_unbroken(options: Options) -> Lumiera:
    """Load the bot, or what there is of it without the plugins that fail; says on standard error what is left out.

    Its pipeline may then not be the one that is written. Raises the error of the whole bot where even that fails.
    """
    try:
        return options.load()
    except LumieraError as error:
        names = list(failures(load_plugins(options.read(), without=options.without)))
        try:
            bot = _load_bare(replace(options, without=(*options.without, *names)))
        except LumieraError:  # the mistakes are elsewhere
            raise error from None
    for name in names:
        click.echo(f"{name!r} is left out, because it failed: 'lumiera plugins' says what to do.", err=True)
    if not names:
        check = " ".join(["lumiera", *(f"--without {name}" for name in options.without), "check"])
        click.echo(f"The configuration has mistakes that do not matter here: '{check}' tells them.", err=True)
    return bot


@asynccontextmanager
async def open_store(options: Options) -> AsyncIterator[Lumiera]:
    """Load the bot and open its store, beside a running `serve` or without one; nothing is started."""
    bot = load_unbroken(options)
    await bot.store.open(bot.migrations)
    try:
        yield bot
    finally:
        await bot.store.close()


def absent_stages(options: Options, failed: Collection[str]) -> list[str]:
    """Return the stages that the pipeline names and nobody brings without the plugins that fail."""
    from lumiera.pipeline import STAGES

    document = options.read()
    hooks = Hooks(load_plugins(document, without=(*options.without, *failed)).implementations)
    kinds = [*STAGES, *(kind for _, kind in hooks.collect("register_stages"))]
    brought, named = {kind.name for kind in kinds}, document.data.get("pipeline", PIPELINE)
    names = dict.fromkeys(map(_name_of, named if isinstance(named, list | tuple) else ()))
    return [name for name in names if name and name not in brought]


def _load_bare(options: Options) -> Lumiera:
    """Load the bot with no more of a pipeline than the core and the store bring."""
    from lumiera.app import Lumiera, utc_now

    document = _bare(options.read())
    plugins = load_plugins(document, without=options.without)
    bot = Lumiera(document, read_config(document, plugins.problems), plugins, utc_now)
    options.check_names([info.name for info in plugins.infos])
    return bot


def _bare(document: Document) -> Document:
    """Return a configuration that names nothing of plugins but the session, whose time zone is the bot's.

    A pipeline that cannot be read stays as it is, and is refused.
    """
    data, stages = dict(document.data), document.data.get("pipeline", ["session"])
    if isinstance(stages, list) and all(map(_name_of, stages)):
        sessions = [one for one in stages if _name_of(one) == "session"]
        data["pipeline"] = ["authenticate", *sessions, "route", "reply", "persistence"]
    if isinstance(routing := data.get("routing"), dict):
        data["routing"] = {key: value for key, value in routing.items() if key != "intents"}
    return replace(document, data=data)


def _name_of(stage: object) -> str:
    """Return the name of an item of the pipeline; empty for what is none."""
    if isinstance(stage, dict) and len(stage) == 1:
        [(name, settings)] = stage.items()
        return str(name) if isinstance(settings, dict | None) else ""
    return stage if isinstance(stage, str) else ""
