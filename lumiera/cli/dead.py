"""`lumiera dead`: messages that no turn could finish, and the way back into the inbox.

Opens the store and nothing else: a running `serve` takes up what is put back here within a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click
from pydantic_core import to_json

from lumiera.cli.options import Mistake, Options, config_option
from lumiera.cli.tables import age, glimpse, table
from lumiera.cli.unbroken import open_store

if TYPE_CHECKING:
    from lumiera.messages import Message
    from lumiera.records import DeadLetter

HEADINGS = ("id", "age", "conversation", "turn", "text", "error")


@click.group("dead", short_help="List and replay messages that could not be answered.")
def command() -> None:
    """List the messages that no turn could finish, and let them be answered once the cause is mended."""


@command.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
@click.pass_obj
def show(options: Options, *, as_json: bool) -> None:
    """List the dead letters, oldest first."""
    asyncio.run(_show(options, as_json=as_json))


@command.command("replay")
@config_option
@click.argument("numbers", metavar="[ID]...", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that there are.")
@click.pass_obj
def replay(options: Options, numbers: tuple[int, ...], *, everything: bool) -> None:
    """Let dead letters be answered next, in a turn of their own; messages that were one turn come back together."""
    if bool(numbers) == everything:
        raise click.UsageError("Name the dead letters by their ids, or say --all.")
    asyncio.run(_replay(options, numbers))


async def _show(options: Options, *, as_json: bool) -> None:
    async with open_store(options) as bot:
        letters, now = await bot.store.dead_letters(), bot.now()
    if as_json:
        click.echo(to_json([_plain(letter) for letter in letters], indent=2).decode())
    elif letters:
        click.echo("\n".join(table([HEADINGS, *(_row(letter, now) for letter in letters)])))
    else:
        click.echo("There are no dead letters.")


async def _replay(options: Options, numbers: Sequence[int]) -> None:
    async with open_store(options) as bot:
        letters = {letter.id: letter for letter in await bot.store.dead_letters()}
        if missing := [str(number) for number in numbers if number not in letters]:
            known = ", ".join(map(str, letters)) or "none"
            raise Mistake(f"There is no dead letter {', '.join(missing)}. There are: {known}.")
        turns = {letters[number].turn_id: number for number in numbers or letters}
        for number in turns.values():
            await bot.store.revive(number, bot.now())
    count = sum(letter.turn_id in turns for letter in letters.values())
    if not count:
        click.echo("There are no dead letters.")
        return
    what = "1 message is answered" if count == 1 else f"{count} messages are answered"
    click.echo(f"{what} within a second, if 'lumiera serve' runs, else at its next start.")


def _row(letter: DeadLetter, now: datetime) -> tuple[str, ...]:
    where = str(letter.conversation_id), letter.turn_id
    return (str(letter.id), age(now - letter.at), *where, _said(letter.message), glimpse(letter.error, 100))


def _plain(letter: DeadLetter) -> dict[str, object]:
    return {
        "id": letter.id,
        "at": letter.at,
        "received_at": letter.message.received_at,
        "conversation": letter.conversation_id,
        "channel": letter.message.channel,
        "turn": letter.turn_id,
        "text": _said(letter.message),
        "error": glimpse(letter.error, 1000),
    }


def _said(message: Message) -> str:
    tapped = message.tap.title if message.tap else ""
    return glimpse(message.text or tapped) or (message.media[0].content_type if message.media else "-")
