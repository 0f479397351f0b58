"""Escalations and plugins: one may reach the team in its own way, and all hear that a human is called, once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from lumiera import Bot, hookimpl
from lumiera.people import Escalation, Opening
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]
NOTIFY = {"escalation": {"notify": ["+33700000001", "+33700000002"]}}


class Pager:
    """A plugin that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Escalation] = []

    @hookimpl
    async def on_escalation_opened(self, escalation: Escalation) -> None:
        self.told.append(escalation)


@pytest.mark.parametrize("config", [NOTIFY, {}], ids=["somebody is rung", "nobody is on call"])
async def test_hook_on_escalation_opened(start: Start, config: dict[str, Any]) -> None:
    pager = Pager()
    bot = await start(config=config, pager=pager)
    await bot.send("je veux parler au chef", name="Ana")
    await bot.send("le mur penche")
    for _ in range(4):
        await bot.travel(minutes=3)
    (told,) = pager.told
    assert (told.opening.reason, told.opening.details, told.opening.silent) == ("other", "le mur penche", True)
    assert told.user is not None
    assert (told.user.name, told.conversation.address, told.closed_at) == ("Ana", bot.phone, None)


async def test_hook_on_escalations_found(start: Start) -> None:
    class Radio:
        """A plugin that reaches the team in its own way."""

        def __init__(self) -> None:
            self.found: list[tuple[str, str]] = []

        @hookimpl
        async def on_escalations_found(self, escalations: Sequence[Escalation], bot: Bot) -> None:
            self.found += [(one.opening.reason, bot.channels[one.conversation.channel].name) for one in escalations]
            for one in escalations:
                await bot.answer_escalation(one, "On arrive.")
                await bot.close_escalation(one)

    radio = Radio()
    bot = await start(radio=radio)
    await bot.send("bonjour")
    await bot.travel(seconds=1)
    assert radio.found == []
    await bot.lumiera.escalate(1, Opening(reason="other"))
    await bot.travel(seconds=1)
    await bot.travel(seconds=1)
    assert radio.found == [("other", "kit")]
    assert "< On arrive." in bot.log.lines


async def test_a_pager_that_raises_keeps_nobody_from_being_rung(start: Start) -> None:
    class Broken:
        @hookimpl
        async def on_escalation_opened(self) -> None:
            raise RuntimeError("no paper")

    pager = Pager()
    bot = await start(config=NOTIFY, broken=Broken(), pager=pager)
    await bot.send("bonjour")
    await bot.lumiera.escalate(1, Opening(reason="slow", silent=False))
    await bot.travel(seconds=1)
    assert len(pager.told) == 1
    assert bot.channel.sent[-1][0] == "+33700000001"


async def test_a_plugin_that_is_told_sees_no_phone_number_when_it_logs_the_escalation(start: Start) -> None:
    pager = Pager()
    bot = await start(config=NOTIFY, pager=pager)
    await bot.send("bonjour", name="Ana")
    await bot.lumiera.escalate(1, Opening(reason="slow", details="bonjour", silent=False))
    await bot.travel(seconds=1)
    shown = repr(pager.told[0])
    assert bot.phone not in shown
    assert "Ana" not in shown
    assert "bonjour" not in shown
