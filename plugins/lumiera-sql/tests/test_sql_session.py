"""The rule that says when a session ends: idleness, and the night of the site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lumiera_sql.session import SessionSettings
from pydantic import ValidationError

from lumiera.config import PIPELINE
from lumiera.testing import TestBot

PARIS = ZoneInfo("Europe/Paris")
BOUNDARY, LITERAL = SessionSettings(), SessionSettings(rule="literal")


def paris(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold).astimezone(UTC)


@pytest.mark.parametrize("settings", [BOUNDARY, LITERAL])
@pytest.mark.parametrize(("seconds", "new"), [(-1, False), (0, False), (1, True)])
def test_a_session_ends_after_more_than_seven_idle_hours(settings: SessionSettings, seconds: int, new: bool) -> None:
    last = paris("2026-11-23T08:00:00")
    assert settings.begins_new(last, last + timedelta(hours=7, seconds=seconds)) is new


@pytest.mark.parametrize(
    ("last", "now", "new"),
    [
        ("2026-11-23T05:59:59", "2026-11-23T06:00:00", True),  # the night lies between
        ("2026-11-23T05:59:58", "2026-11-23T05:59:59", False),
        ("2026-11-23T06:00:00", "2026-11-23T06:00:01", False),
        ("2026-11-23T19:59:59", "2026-11-23T20:00:00", False),
        ("2026-11-23T20:00:00", "2026-11-23T20:00:01", False),
        ("2026-11-23T23:30:00", "2026-11-24T00:30:00", False),  # midnight is within the night
        ("2026-11-23T23:30:00", "2026-11-24T05:59:59", False),
        ("2026-11-23T23:30:00", "2026-11-24T06:00:00", True),
    ],
)
def test_by_the_rule_boundary_a_session_ends_where_the_night_lies_between(last: str, now: str, new: bool) -> None:
    assert BOUNDARY.begins_new(paris(last), paris(now)) is new


@pytest.mark.parametrize(
    ("last", "now", "new"),
    [
        ("2026-11-23T05:59:59", "2026-11-23T06:00:00", True),
        ("2026-11-23T05:59:58", "2026-11-23T05:59:59", True),  # the last one came at night
        ("2026-11-23T06:00:00", "2026-11-23T06:00:01", False),
        ("2026-11-23T19:59:59", "2026-11-23T20:00:00", False),
        ("2026-11-23T20:00:00", "2026-11-23T20:00:01", True),
        ("2026-11-23T20:02:00", "2026-11-23T20:05:00", True),
        ("2026-11-23T19:58:00", "2026-11-23T20:02:00", False),
    ],
)
def test_by_the_rule_literal_every_message_after_one_at_night_begins_a_session(last: str, now: str, new: bool) -> None:
    assert LITERAL.begins_new(paris(last), paris(now)) is new


@pytest.mark.parametrize(
    ("last", "fold", "now", "new"),
    [
        ("2026-03-29T01:59:59", 0, "2026-03-29T03:00:00", False),  # one second apart: the clocks go forward
        ("2026-03-28T22:30:00", 0, "2026-03-29T06:00:00", True),
        ("2026-03-29T05:59:59", 0, "2026-03-29T06:00:00", True),
        ("2026-10-25T02:30:00", 0, "2026-10-25T05:59:59", False),  # the clocks go back: the hour comes twice
        ("2026-10-25T02:30:00", 1, "2026-10-25T05:59:59", False),
        ("2026-10-25T02:30:00", 1, "2026-10-25T06:00:00", True),
    ],
)
def test_the_night_keeps_its_hours_when_the_clocks_change(last: str, fold: int, now: str, new: bool) -> None:
    assert BOUNDARY.begins_new(paris(last, fold), paris(now)) is new


def test_idleness_is_counted_in_real_hours_when_the_clocks_change() -> None:
    settings = SessionSettings(day="00:00-23:59")
    spring, autumn = paris("2026-03-29T01:00:00"), paris("2026-10-25T01:00:00")
    assert not settings.begins_new(spring, paris("2026-03-29T09:00:00"))  # 7 real hours
    assert settings.begins_new(autumn, paris("2026-10-25T07:00:01"))  # 7 real hours and a second


def test_the_night_is_that_of_the_site_not_of_the_server() -> None:
    last, now = datetime(2026, 11, 23, 4, 59, 59, tzinfo=UTC), datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert BOUNDARY.begins_new(last, now)
    assert not SessionSettings(timezone="UTC").begins_new(last, now)


def test_a_message_that_comes_late_begins_nothing() -> None:
    assert not BOUNDARY.begins_new(paris("2026-11-23T10:00:00"), paris("2026-11-22T10:00:00"))


@pytest.mark.parametrize("wrong", [{"day": "06:00"}, {"day": "20:00-06:00"}, {"timezone": "Mars/Base"}, {"idle": "7"}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"expected|must begin"):
        SessionSettings.model_validate(wrong)


async def test_a_session_goes_on_through_turns_and_a_restart_and_ends_when_idle(bot: TestBot) -> None:
    first = (await bot.send("bonjour")).turn.session
    await bot.restart()
    second = (await bot.send("bonjour")).turn.session
    await bot.travel(hours=7, seconds=2)
    third = (await bot.send("bonjour")).turn.session
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.id == second.id != third.id


async def test_idleness_counts_from_the_last_message(tmp_path: Path) -> None:
    session = {"session": {"day": "00:00-23:59", "idle": "1h", "rule": "literal"}}
    pipeline = [session if "session" in item else item for item in PIPELINE if "limits" not in item]
    ids = []
    async with TestBot(tmp_path, config={"pipeline": pipeline}) as bot:
        for _ in range(3):
            found = (await bot.send("bonjour")).turn.session
            assert found is not None
            ids.append(found.id)
            await bot.travel(minutes=45)
    assert len(set(ids)) == 1
