"""What is said before the command, and how a user's mistake is told."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from lumiera.errors import HookError, LumieraError
from lumiera.loading import Document, read_document, suggest

if TYPE_CHECKING:
    from lumiera.app import Lumiera

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT = Path("lumiera.yaml")


class Mistake(click.ClickException):
    """Something that the user can put right: told as it is, exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file or sys.stderr)

    @classmethod
    def of(cls, error: LumieraError) -> Mistake:
        """Say an error; one that a plugin raised, with the line that raised it."""
        if not isinstance(error, HookError) or error.__cause__ is None:
            return cls(error.message)
        *_, frame = traceback.extract_tb(error.__cause__.__traceback__)
        return cls(f"{error.message} ({Path(frame.filename).name}:{frame.lineno})")


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of the whole command line; commands of plugins have them by `click.pass_obj`."""

    config: Path | None = None
    without: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Return the configuration's file; raises `Mistake` where none is named and none is here."""
        if named := self.config or os.environ.get("LUMIERA_CONFIG"):
            return Path(named)
        if not DEFAULT.is_file():
            raise Mistake(
                f"There is no {DEFAULT} in {Path.cwd()}. Go to the folder that has it, "
                "or name it: lumiera --config FILE (or set LUMIERA_CONFIG)."
            )
        return DEFAULT

    def read(self) -> Document:
        return read_document(self.path, os.environ)

    def load(self, extra: Mapping[str, object] | None = None) -> Lumiera:
        """Load the bot, with `extra` plugins of this process; nothing is started."""
        from lumiera.app import Lumiera

        bot = Lumiera.load(self.path, extra=extra, without=self.without)
        self.check_names([info.name for info in bot.plugins.infos])
        return bot

    def check_names(self, known: list[str]) -> None:
        """Refuse a `--without` that names no plugin: it would leave nothing out."""
        for name in self.without:
            if name not in known:
                raise Mistake(f"--without {name}: there is no such plugin.{suggest(name, known)}")


def config_option(command: F) -> F:
    """Let `--config` stand after the command, too."""

    def take(context: click.Context, _: click.Parameter, value: Path | None) -> None:
        if value is not None:
            context.obj = replace(context.obj, config=value)

    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        expose_value=False,
        callback=take,
        help="The configuration, as before the command.",
    )(command)


def use_utf8() -> None:
    """Write UTF-8 whatever the locale says: the bot speaks nine languages."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
