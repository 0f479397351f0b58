"""`lumiera plugins`: what is loaded, what is not, why, and what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import click

from lumiera.cli.broken import failures, line_for, told
from lumiera.cli.options import Options, config_option
from lumiera.cli.tables import table
from lumiera.cli.unbroken import absent_stages
from lumiera.loading import Document
from lumiera.plugins import PluginInfo, load_plugins

HEADINGS = ("name", "status", "version", "distribution", "hooks")


@click.command("plugins", short_help="Say which plugins are loaded, and why not.")
@config_option
@click.pass_context
def command(context: click.Context) -> None:
    """List the plugins in the order in which they are asked, then those that are not loaded, with what to do.

    Works whatever else is wrong with the configuration. Exit code 2 if the bot cannot start because of one.
    """
    options: Options = context.obj
    document = options.read()
    plugins = load_plugins(document, without=options.without)
    options.check_names([info.name for info in plugins.infos])
    failed = failures(plugins)
    infos = sorted(plugins.infos, key=lambda info: info.status == "disabled")  # stable: the order is kept
    for line in table([HEADINGS, *(_row(info, failed) for info in infos)]):
        click.echo(line)
    for name, reason in failed.items():
        click.echo("\n" + "\n".join(told(name, reason)))
    absent = absent_stages(options, failed) if failed else ()
    for line in (*_ways_out(failed, plugins.named("loaded"), absent), *_not_loaded(infos, document, options)):
        click.echo(line)
    context.exit(2 if plugins.problems or set(failed) & set(plugins.named("loaded")) else 0)


def _row(info: PluginInfo, failed: Collection[str]) -> tuple[str, ...]:
    status = "failed" if info.name in failed else info.status
    cells = (info.name, status, info.version, info.distribution, ", ".join(info.hooks))
    return tuple(cell or "-" for cell in cells)


def _ways_out(failed: Collection[str], loaded: Collection[str], absent: Collection[str]) -> Iterator[str]:
    """Yield how to go on before what is wrong has been put right."""
    for name in failed:
        # What fails only when it is asked what it brings is no question of being critical: it stands half-way.
        or_else = "." if name in loaded else f", or '{name}: {{critical: false}}': to start without it while it fails."
        yield f"\nUntil then: lumiera --without {name} serve; or '{name}: false' under 'plugins:'{or_else}"
    if absent:
        yield f"Take out of 'pipeline:' as well what nobody else brings: {', '.join(absent)}."


def _not_loaded(infos: Collection[PluginInfo], document: Document, options: Options) -> Iterator[str]:
    """Yield who left plugins out, and the lines of those that nobody has named."""
    named = document.data.get("plugins")
    others = []
    for info in infos:
        if info.status == "disabled":
            if info.name in options.without:
                yield f"\n{info.name}: left out by --without"
            elif isinstance(named, dict) and info.name in named:
                yield f"\n{info.name}: left out at {document.place(('plugins', info.name))}"
            else:
                others.append(info.name)
    if others:
        yield "\nInstalled, but not named. To load one, add its line under 'plugins:':"
        yield from (f"  {line_for(name)}" for name in others)
