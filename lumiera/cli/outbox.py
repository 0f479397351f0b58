"""`lumiera outbox`: what was not delivered, and why.

Opens the store and nothing else: a running `serve` sends again what is queued here within a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, get_args

import click
from pydantic_core import to_json

from lumiera.cli.options import Mistake, Options, config_option
from lumiera.cli.tables import age, glimpse, table
from lumiera.cli.unbroken import open_store
from lumiera.records import OutboxState

if TYPE_CHECKING:
    from lumiera.messages import Bubble
    from lumiera.records import OutboxLine
    from lumiera.store import Store

STATES: tuple[OutboxState, ...] = get_args(OutboxState)
LOST: tuple[OutboxState, ...] = ("failed", "unknown")
WAITING: tuple[OutboxState, ...] = ("queued", "sending")
LONG = timedelta(minutes=1)  # to wait for being sent
HEADINGS = ("id", "state", "age", "tries", "conversation", "channel", "text", "reason")


def _states(_context: click.Context, _parameter: click.Parameter, value: str) -> list[OutboxState]:
    wanted = [state.strip() for state in value.split(",") if state.strip()]
    if unknown := set(wanted) - set(STATES):
        raise click.BadParameter(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(STATES)}.")
    return [state for state in STATES if state in wanted]


@click.group("outbox", short_help="Say what was not delivered, and why.", invoke_without_command=True)
@config_option
@click.option("--state", "states", default="", callback=_states, metavar="STATE,...",
              help="List the bubbles in these states. Default: what failed, is unknown, or long waits.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
@click.pass_context
def command(context: click.Context, states: list[OutboxState], *, as_json: bool) -> None:
    """Count the bubbles by state and list those that are not as they should be, newest first, a hundred at most."""
    if context.invoked_subcommand is None:
        asyncio.run(_show(context.obj, states, as_json=as_json))


@command.command("resend")
@config_option
@click.argument("number", metavar="ID", type=int)
@click.pass_obj
def resend(options: Options, number: int) -> None:
    """Send a bubble that failed, or of which nobody knows, once more. To a user who has said STOP it is not sent."""
    asyncio.run(_resend(options, number))


async def _show(options: Options, states: Sequence[OutboxState], *, as_json: bool) -> None:
    async with open_store(options) as bot:
        counts, now = await bot.store.count_outbox(), bot.now()
        found = await bot.store.outbox(states) if states else await _not_fine(bot.store, now)
    if as_json:
        bubbles = [_plain(line) for line in found]
        click.echo(to_json({"counts": counts, "bubbles": bubbles}, indent=2).decode())
        return
    click.echo(_counted(counts))
    if found:
        click.echo("\n" + "\n".join(table([HEADINGS, *(_row(line, now) for line in found)])))
    if not states and (more := sum(counts.get(state, 0) for state in LOST) - sum(one.state in LOST for one in found)):
        click.echo(f"and {more} more: lumiera outbox --state failed,unknown")


async def _not_fine(store: Store, now: datetime) -> Sequence[OutboxLine]:
    waiting = [line for line in await store.outbox(WAITING) if now - line.created_at >= LONG]
    return sorted([*await store.outbox(LOST), *waiting], key=lambda line: -line.id)


async def _resend(options: Options, number: int) -> None:
    async with open_store(options) as bot:
        if not await bot.store.resend(number, bot.now()):
            raise Mistake(f"There is no bubble {number} that failed or is unknown; 'lumiera outbox' lists them.")
    click.echo(f"Bubble {number} goes out again within a second, if 'lumiera serve' runs, else at its next start.")


def _counted(counts: Mapping[OutboxState, int]) -> str:
    return ", ".join(f"{counts[state]} {state}" for state in STATES if state in counts) or "Nothing was sent yet."


def _row(line: OutboxLine, now: datetime) -> tuple[str, ...]:
    waits = line.state in WAITING
    since = age(now - (line.created_at if waits else line.changed_at))
    who = str(line.conversation_id), line.channel
    return (str(line.id), line.state, since, str(line.attempts), *who, _said(line.bubble), line.error or "-")


def _plain(line: OutboxLine) -> dict[str, object]:
    return {
        "id": line.id,
        "state": line.state,
        "conversation": line.conversation_id,
        "channel": line.channel,
        "text": _said(line.bubble),
        "tries": line.attempts,
        "reason": line.error,
        "provider_id": line.provider_id,
        "created_at": line.created_at,
        "changed_at": line.changed_at,
    }


def _said(bubble: Bubble) -> str:
    return glimpse(bubble.text) or (bubble.media.content_type if bubble.media else "-")
