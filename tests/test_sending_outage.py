"""The provider fails for two seconds in every way that it has: no reply is lost, doubled or out of order.

`benchmarks/outage.py` is the same with the real times.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from benchmarks.outage import OUTAGES, Outcome, Plan, suffer

pytestmark = pytest.mark.slow
PLAN = Plan(rate=20, users=4, before=0.2, outage=2, after=0.5)
TENFOLD: dict[str, Any] = {"retries": {"first": "100ms"}, "outbox": {"longest": "400ms"}}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """Suffer all outages at the same time, each with a bot and a provider of its own, ten times as fast."""

    async def all_at_once() -> list[Outcome]:
        return await asyncio.gather(*(suffer(outage, PLAN, TENFOLD, timeout="1s") for outage in OUTAGES))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lumiera.sending.SETTLED", timedelta(seconds=0.3))
        return dict(zip(OUTAGES, asyncio.run(all_at_once()), strict=True))


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_loses_doubles_and_disorders_nothing(outcomes: dict[str, Outcome], outage: str) -> None:
    outcome = outcomes[outage]
    assert outcome.messages == 54
    assert (outcome.lost, outcome.doubled, outcome.disordered) == (0, 0, 0)


@pytest.mark.parametrize("outage", OUTAGES)
def test_the_outage_was_one(outcomes: dict[str, Outcome], outage: str) -> None:
    outcome = outcomes[outage]
    assert outcome.resent > 0
    assert bool(outcome.held) == (outage != "429")


@pytest.mark.parametrize("outage", OUTAGES)
def test_what_waited_is_out_soon_after_the_end(outcomes: dict[str, Outcome], outage: str) -> None:
    assert outcomes[outage].recovery < 5
