"""`lumiera chat`: talk to the bot in the terminal, or let a script do it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import sys
from collections.abc import Awaitable, Coroutine, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import click

from lumiera.cli.logs import configure_logging
from lumiera.cli.options import Options, config_option
from lumiera.cli.terminal import Terminal, draw, typed_lines
from lumiera.config import Burst

if TYPE_CHECKING:
    from lumiera.app import Lumiera
    from lumiera.messages import Bubble

T = TypeVar("T")
PATIENCE = 120.0  # seconds until a message counts as unanswered
NOW = timedelta(0)


def _phone(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"\+[1-9]\d{6,14}", value):
        raise click.BadParameter("expected a phone number with its country code, such as +33600000001.")
    return value


def _texts(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> list[str]:
    """Read arguments as UTF-8 whatever the locale says; without a text there is nothing to say."""
    texts = [os.fsencode(value).decode("utf-8", "replace").strip() for value in values]
    if not all(texts):
        raise click.BadParameter("expected some text.")
    return texts


@click.command("chat", short_help="Talk to the bot in the terminal.")
@config_option
@click.option("--as", "phone", default="+33600000000", callback=_phone, metavar="PHONE", show_default=True,
              help="The phone number of who is talking.")  # fmt: skip
@click.option("--say", "texts", multiple=True, callback=_texts, metavar="TEXT",
              help="Say this, wait for the reply, go on with the next --say. Numbers and titles tap.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="With --say: a JSON object a line for each reply.")
@click.option("--verbose", is_flag=True, help="Log as logging.level says, not only warnings.")
@click.pass_obj
def command(options: Options, phone: str, texts: list[str], as_json: bool, verbose: bool) -> None:
    """Talk to the bot in the terminal, on the same store as `lumiera serve`. /quit, Ctrl-D or Ctrl-C leave."""
    if as_json and not texts:
        raise click.UsageError("--json goes with --say.")
    screen = Screen(hidden=as_json, prompts=not texts and sys.stdin.isatty())
    terminal = Terminal(phone, screen.show)
    bot = options.load({"terminal": terminal})
    configure_logging(bot.config.logging.level if verbose else "warning", logging.StreamHandler())
    if texts:
        _run(_script(bot, terminal, screen, texts, as_json=as_json))
    else:
        _run(_talk(bot, terminal, screen))


def _run(main: Coroutine[object, object, None]) -> None:
    try:
        asyncio.run(main)
    except KeyboardInterrupt:
        click.echo()


class Screen:
    """What is written on the terminal: the transcript, and a prompt where somebody types."""

    def __init__(self, *, hidden: bool, prompts: bool) -> None:
        self._hidden = hidden
        self._prompts = prompts

    def show(self, bubble: Bubble) -> None:
        if not self._hidden:
            click.echo(("\r" if self._prompts else "") + draw(bubble))
            self.prompt()

    def prompt(self) -> None:
        if self._prompts:
            click.echo("> ", nl=False)

    def said(self, text: str) -> None:
        """Complete the transcript with what the user said; who types it sees it already."""
        if self._prompts:
            self.prompt()
        elif not self._hidden:
            click.echo(f"> {text}")


async def _script(bot: Lumiera, terminal: Terminal, screen: Screen, texts: Sequence[str], *, as_json: bool) -> None:
    """Say one text after the other; each is a turn of its own, so there is no burst to wait for."""
    bot.config = bot.config.model_copy(update={"burst": Burst(text=NOW, media=NOW, max=NOW)})
    async with bot:
        for text in texts:
            screen.said(text)
            answer = await _in_time(terminal.say(bot, text))
            if as_json:
                click.echo(json.dumps(answer.plain(), ensure_ascii=False))


async def _in_time(wait: Awaitable[T]) -> T:
    try:
        return await asyncio.wait_for(wait, PATIENCE)
    except TimeoutError:
        raise click.ClickException(f"no reply within {PATIENCE:g} s; --verbose shows the log.") from None


async def _talk(bot: Lumiera, terminal: Terminal, screen: Screen) -> None:
    """Let somebody type. Lines from a file or a pipe wait for each other's reply, and so read like a conversation."""
    is_typed = sys.stdin.isatty()
    async with bot:
        if is_typed:
            click.echo("Write to the bot; a number taps. /quit leaves.")
            screen.prompt()
        async for line in typed_lines(sys.stdin.fileno()):
            if line == "/quit":
                break
            if line:
                screen.said(line)
                await terminal.receive(bot, line)
                if not is_typed:
                    await _in_time(terminal.settle())
