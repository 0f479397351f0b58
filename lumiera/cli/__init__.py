"""The command line: `lumiera serve`, `chat`, `check`, `plugins`, and what plugins add.

Each command is a module, imported when it is called. A user's mistake is told on standard error without a traceback,
exit code 2; a bug of ours prints one.
"""

from __future__ import annotations

from pathlib import Path

import click

from lumiera.cli.group import CommandGroup
from lumiera.cli.options import Options, use_utf8

BUILT_IN = ("serve", "chat", "check", "plugins", "escalations", "explain", "config", "outbox", "dead", "texts", "new")


@click.group(cls=CommandGroup, built_in=BUILT_IN, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    is_eager=True,
    help="The configuration. Default: $LUMIERA_CONFIG, else lumiera.yaml in the working directory.",
)
@click.option("--without", multiple=True, is_eager=True, metavar="NAME", help="Leave a plugin out. Repeatable.")
@click.version_option(package_name="lumiera-core", message="%(package)s %(version)s")
@click.pass_context
def cli(context: click.Context, config: Path | None, without: tuple[str, ...]) -> None:
    """Run and inspect a Lumiera bot."""
    # Eager options are known to --help, which loads the plugins for their commands.
    context.obj = Options(config=config, without=without)


def main() -> None:
    """Run the command line and exit."""
    use_utf8()
    cli(prog_name="lumiera")
