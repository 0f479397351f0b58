"""`lumiera plugins`: what is loaded, what is not, and why."""

from __future__ import annotations

import click

from lumiera.cli.options import Options, config_option
from lumiera.cli.tables import table
from lumiera.plugins import PluginInfo, load_plugins

HEADINGS = ("name", "status", "version", "distribution", "hooks")


@click.command("plugins", short_help="Say which plugins are loaded, and why not.")
@config_option
@click.pass_context
def command(context: click.Context) -> None:
    """List the plugins in the order in which they are asked, then those that are not loaded, with the reason.

    Works whatever else is wrong with the configuration. Exit code 2 if the bot cannot start without one that failed.
    """
    options: Options = context.obj
    plugins = load_plugins(options.read(), without=options.without)
    options.check_names([info.name for info in plugins.infos])
    infos = sorted(plugins.infos, key=lambda info: info.status == "disabled")  # stable: the order is kept
    for line in table([HEADINGS, *map(_row, infos)]):
        click.echo(line)
    for info in infos:
        if info.reason:
            click.echo(f"\n{info.reason if info.status == 'failed' else f'{info.name}: {info.reason}'}")
    context.exit(2 if plugins.problems else 0)


def _row(info: PluginInfo) -> tuple[str, ...]:
    cells = (info.name, info.status, info.version, info.distribution, ", ".join(info.hooks))
    return tuple(cell or "-" for cell in cells)
