"""Numbers and moments, as workers write them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lumiera import Message, Reply, moment, number
from lumiera.questions import Asked
from lumiera.testing import TestBot

Ask = Callable[..., Awaitable[TestBot]]


# --- numbers ---


NUMBERS = {
    "40": 40.0,
    "40 %": 40.0,
    "12,5": 12.5,
    "12.5 m": 12.5,
    "environ 7 ouvriers": 7.0,
    "٤٠٪": 40.0,
    "٣٫٥": 3.5,
    "5️⃣": 5.0,
    "4️⃣0️⃣": 40.0,
    "-3": -3.0,
    "1 200": 1200.0,
    "1\u202f200,50": 1200.5,
    "0.125": 0.125,
}


async def test_a_number_is_read_as_workers_write_it(ask: Ask) -> None:
    bot = await ask(number("how-many"))
    for said, value in NUMBERS.items():
        assert (await bot.send(said)).text == f"<{value!r}>", said
        await bot.send("fuite")


async def test_what_is_no_single_number_within_the_bounds_is_asked_again(ask: Ask) -> None:
    bot = await ask(number("how-many", minimum=0, maximum=50))
    for said in ("beaucoup", "3 ou 4", "3-4", "", "99", "-1", "1.200", "9" * 400):
        assert (await bot.send(said)).text.endswith("\n\nCombien ?"), said


async def test_the_bounds_of_a_number_are_included(ask: Ask) -> None:
    bot = await ask(number("how-many", minimum=0, maximum=100))
    assert (await bot.send("100%")).text == "<100.0>"


# --- moments; the site is in Paris ---


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("14h30", "2026-11-22T14:30"),
        ("14:30", "2026-11-22T14:30"),
        ("9h", "2026-11-22T09:00"),
        ("16 Uhr", "2026-11-22T16:00"),
        ("22h15", "2026-11-21T22:15"),  # it has happened, so it was yesterday
        ("22/11", "2026-11-22T12:00"),
        ("3/11 14:30", "2026-11-03T14:30"),
        ("24/12 à 8h", "2025-12-24T08:00"),  # it has happened, so it was last year
        ("24/12/2024", "2024-12-24T12:00"),
        ("24.12.24 8h05", "2024-12-24T08:05"),
        ("aujourd'hui", "2026-11-22T12:00"),
        ("wczoraj", "2026-11-21T12:00"),
        ("hier à 14h", "2026-11-21T14:00"),
        ("gestern 7:45", "2026-11-21T07:45"),
        ("Maintenant", "2026-11-22T18:00"),
    ],
)
def test_a_moment_is_read_on_the_clock_of_the_site(said: str, expected: str) -> None:
    assert read_moment(said) == datetime.fromisoformat(expected).replace(tzinfo=ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize("said", ["bientôt", "25h", "31/02", "14h75", "99/99", "12"])
def test_what_is_no_moment_is_none(said: str) -> None:
    assert read_moment(said) is None


def test_the_29th_of_february_of_no_year_is_none_rather_than_an_error() -> None:
    assert read_moment("29/02", datetime(2028, 1, 10, 17, 0, tzinfo=UTC)) is None


async def test_a_moment_is_answered_in_utc(ask: Ask) -> None:
    bot = await ask(moment("when"))
    assert "datetime.timezone.utc" in (await bot.tap("Maintenant")).text or "TzInfo(0)" in bot.log.lines[-1]


def read_moment(said: str, now: datetime = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)) -> datetime | None:
    labels = {"now": ("Maintenant",), "today": ("Aujourd’hui",), "yesterday": ("Hier", "Gestern", "Wczoraj")}
    asked = Asked(
        dialogue_id="d", name="when", kind="moment", shown=Reply("Quand ?"), labels=labels, zone="Europe/Paris"
    )
    message = Message(sid="s", channel="kit", sender="+33600000001", received_at=now, text=said, seq=1)
    answer = asked.read([message], said, now)
    return None if answer is None else datetime.fromisoformat(str(answer))


def _date_in(answer: str) -> object:
    year, month, day = (int(part) for part in answer.split("(")[1].split(",")[:3])
    return datetime(year, month, day, 11, tzinfo=UTC).date()


async def test_a_number_counts_the_moments_too(ask: Ask) -> None:
    bot = await ask(moment("when"))
    answer = (await bot.send("3")).text
    assert _date_in(answer) == (bot.now().astimezone(ZoneInfo("Europe/Paris")) - timedelta(days=1)).date()
