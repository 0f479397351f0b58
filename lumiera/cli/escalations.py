"""`lumiera escalations`: who waits for a human, and what the team says to them.

Opens the store and nothing else: a running `serve` sends what is written here within a second.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from pydantic_core import to_json

from lumiera.cli.options import Mistake, Options, config_option
from lumiera.cli.tables import age
from lumiera.cli.unbroken import open_store

if TYPE_CHECKING:
    from lumiera.app import Lumiera
    from lumiera.people import Escalation
    from lumiera.records import Line

BEFORE, AFTER = 4, 50  # lines of the conversation that are shown, before the call and since
MARKS = {"in": "> ", "out": "< ", "team": "team: ", "note": "-- "}
OUTCOMES = {"": "being rung", "reached": "reached", "nobody": "nobody reached", "quiet": "not rung"}


@dataclass(frozen=True)
class Case:
    """An escalation as it is shown, with what was said around it."""

    escalation: Escalation
    said: Sequence[Line]


@click.group("escalations", short_help="Answer the users who wait for a human.")
def command() -> None:
    """List the users who wait for a human, answer them, and hand them back to the bot."""


@command.command("list")
@config_option
@click.option("--all", "closed", is_flag=True, help="The last hundred closed ones, too.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
@click.pass_obj
def show(options: Options, *, closed: bool, as_json: bool) -> None:
    """Show who waits, since when, who was rung, and what was said; phone numbers included."""
    asyncio.run(_show(options, closed=closed, as_json=as_json))


@command.command("answer")
@config_option
@click.argument("number", metavar="ID", type=int)
@click.argument("text")
@click.option("--close", "closes", is_flag=True, help="Hand the user back to the bot with it.")
@click.pass_obj
def answer(options: Options, number: int, text: str, *, closes: bool) -> None:
    """Say something to the user. The bot is silent from now on, until the escalation is closed or its time is over."""
    asyncio.run(_answer(options, number, text, closes=closes))


@command.command("close")
@config_option
@click.argument("number", metavar="ID", type=int)
@click.pass_obj
def close(options: Options, number: int) -> None:
    """Hand the user back to the bot, which says so."""
    asyncio.run(_close(options, number))


async def _show(options: Options, *, closed: bool, as_json: bool) -> None:
    async with open_store(options) as bot:
        found = await bot.store.escalations(closed=closed)
        cases = [Case(one, await _said(bot, one)) for one in found]
        if as_json:
            click.echo(to_json([_plain(bot, case) for case in cases], indent=2).decode())
            return
        for case in cases:
            for line in _drawn(bot, case):
                click.echo(line)
        if not cases:
            click.echo("Nobody waits for a human.")


async def _answer(options: Options, number: int, text: str, *, closes: bool) -> None:
    if not text.strip():
        raise Mistake("An answer needs words.")
    async with open_store(options) as bot:
        one = await _open(bot, number)
        if one.conversation.stopped_at is not None:
            raise Mistake(f"The user of {number} has said STOP: nothing may be sent to them. Call them, then close it.")
        if not await bot.answer_escalation(one, text):
            raise Mistake(f"Escalation {number} was closed meanwhile; nothing was sent.")
        click.echo("The answer goes out within a second, if 'lumiera serve' runs.")
        if _is_shut(bot, one):
            click.echo("warning: the user has not written for so long that the channel may refuse it. Call them.")
        if closes:
            await _hand_back(bot, number)


async def _close(options: Options, number: int) -> None:
    async with open_store(options) as bot:
        await _hand_back(bot, number)


async def _hand_back(bot: Lumiera, number: int) -> None:
    if not await bot.close_escalation(await _open(bot, number)):
        raise Mistake(f"Escalation {number} is closed already.")
    click.echo(f"Escalation {number} is closed.")


async def _open(bot: Lumiera, number: int) -> Escalation:
    found = await bot.store.escalations()
    for one in found:
        if one.id == number:
            return one
    known = ", ".join(str(one.id) for one in found) or "none"
    raise Mistake(f"There is no open escalation {number}. Open ones: {known}.")


def _is_shut(bot: Lumiera, one: Escalation) -> bool:
    channel, last = bot.channels.get(one.conversation.channel), one.conversation.last_inbound_at
    window = channel.capabilities.window if channel else None
    return window is not None and (last is None or bot.now() - last >= window)


async def _said(bot: Lumiera, one: Escalation) -> Sequence[Line]:
    lines = await bot.store.history(one.conversation.id, BEFORE + AFTER)
    since = [line for line in lines if line.at >= one.opened_at]
    return [*[line for line in lines if line.at < one.opened_at][-BEFORE:], *since]


def _drawn(bot: Lumiera, case: Case) -> Iterator[str]:
    one, now = case.escalation, bot.now()
    reason = bot.texts.format(f"escalation-reason-{one.opening.reason}", bot.config.language)
    state = f"closed by {one.closed_by}" if one.closed_at else OUTCOMES[one.outcome]
    yield f"{one.id}  {age(now - one.opened_at)}  {_who(one)}  {reason} ({one.opening.reason})  {state}"
    for ring in one.rings:
        yield f"    rung {age(now - ring.at)} ago: {ring.address} {ring.state}"
    if one.conversation.stopped_at is not None:
        yield "    has said STOP: nothing may be sent to them"
    if one.opening.details:
        yield f"    {_clean(one.opening.details)}"
    for line in case.said:
        yield f"    {_clock(bot, line.at)} {MARKS[line.direction]}{_clean(line.text)}"
    yield ""


def _plain(bot: Lumiera, case: Case) -> dict[str, object]:
    one = case.escalation
    return {
        "id": one.id,
        "opened_at": one.opened_at,
        "name": one.user.name if one.user else "",
        "phone": _phone(one),
        "channel": one.conversation.channel,
        "language": one.user.language if one.user else "",
        "stopped": one.conversation.stopped_at is not None,
        "reason": one.opening.reason,
        "details": one.opening.details,
        "outcome": one.outcome,
        "silent_until": one.conversation.handed_over_until if one.opening.silent else None,
        "rings": [{"address": ring.address, "state": ring.state, "at": ring.at} for ring in one.rings],
        "closed_at": one.closed_at,
        "closed_by": one.closed_by,
        "said": [{"direction": line.direction, "text": line.text, "at": line.at} for line in case.said],
    }


def _phone(one: Escalation) -> str:
    return (one.user.phone if one.user else "") or one.conversation.address


def _who(one: Escalation) -> str:
    name = _clean(one.user.name) if one.user else ""
    return f"{name} {_phone(one)}" if name else _phone(one)


def _clock(bot: Lumiera, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(bot.zone)):%d/%m %H:%M}"


def _clean(text: str) -> str:
    """Put what a user wrote on one line, without what a terminal would obey."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", text).split())
