"""Finds commands: built-in ones by name, those of plugins only when nothing built-in fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from lumiera.cli.broken import stripped
from lumiera.cli.options import Mistake, Options
from lumiera.errors import ConfigError, LumieraError, PluginError, StoreError
from lumiera.hooks import Hooks
from lumiera.loading import suggest
from lumiera.plugins import load_plugins


@dataclass(frozen=True)
class Brought:
    """The commands of plugins by name, and why others are not there."""

    commands: Mapping[str, click.Command]
    broken: Sequence[str]


class CommandGroup(click.Group):
    """The commands of the core, a module of `lumiera.cli` each, and those that plugins register."""

    def __init__(self, *args: Any, built_in: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._built_in = built_in

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self._built_in, *sorted(_from_plugins(ctx).commands)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self._built_in:
            command: click.Command = import_module(f"lumiera.cli.{cmd_name}").command
            return command
        return _from_plugins(ctx).commands.get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            perhaps = "".join(f"\n{reason}" for reason in _from_plugins(ctx).broken)
            hint = suggest(args[0], self.list_commands(ctx)) or " 'lumiera --help' lists what there is."
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}{perhaps}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ConfigError, PluginError, StoreError) as error:
            raise Mistake.of(error) from error

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if broken := _from_plugins(ctx).broken:
            with formatter.section("Commands of plugins are missing"):
                for reason in (*broken, "'lumiera plugins' says what to do."):
                    formatter.write_text(reason)


def _from_plugins(ctx: click.Context) -> Brought:
    """Load the plugins for their commands, once; whatever is wrong with one takes nothing else with it."""
    if Brought.__name__ not in ctx.meta:
        options = Options(config=ctx.params.get("config"), without=ctx.params.get("without", ()))
        try:
            ctx.meta[Brought.__name__] = _ask_plugins(options)
        except (ConfigError, Mistake) as error:
            ctx.meta[Brought.__name__] = Brought({}, [error.message])
    brought: Brought = ctx.meta[Brought.__name__]
    return brought


def _ask_plugins(options: Options) -> Brought:
    commands: dict[str, click.Command] = {}
    plugins = load_plugins(options.read(), without=options.without)
    broken = [stripped(info.reason) for info in plugins.infos if info.status == "failed"]
    for implementation in plugins.implementations.get("register_commands", ()):
        try:
            for plugin, command in Hooks({"register_commands": [implementation]}).collect("register_commands"):
                if not isinstance(command, click.Command) or not command.name:
                    raise PluginError(plugin, f"register_commands brings {command!r}, which is no command")
                commands[command.name] = command
        except LumieraError as error:
            broken.append(error.message)
        except SystemExit as error:  # raised by a plugin, it must not end the commands of others
            broken.append(f"plugin {implementation.plugin!r}: register_commands exits: {error}")
    return Brought(commands, broken)
