"""The session rule: when a stretch of talk ends and the next begins."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from lumiera.durations import Duration
from lumiera.stage import Stage, StageSettings
from lumiera.turn import Turn


class SessionSettings(StageSettings):
    """A new session after `idle`, and across the night.

    `boundary`: where the night lies between two messages; `literal`: at every message after one that came at night.
    """

    idle: Duration = Field(timedelta(hours=7), description="After how long without a message a session ends.")
    day: str = Field("06:00-20:00", description="The working day; a session does not outlast the night.")
    rule: Literal["boundary", "literal"] = Field("boundary", description="How the night ends a session.")
    timezone: str = Field("Europe/Paris", description="The time zone of the site.")

    @field_validator("day")
    @classmethod
    def _two_times(cls, value: str) -> str:
        try:
            start, end = (datetime.strptime(part, "%H:%M") for part in value.split("-"))  # noqa: DTZ007 - a time of day
        except ValueError:
            raise ValueError(f'expected two times such as "06:00-20:00", got {value!r}') from None
        if start >= end:
            raise ValueError(f"the day must begin before it ends, got {value!r}")
        return f"{start:%H:%M}-{end:%H:%M}"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError):
            raise ValueError(f'expected a time zone such as "Europe/Paris", got {value!r}') from None
        return value

    def begins_new(self, last: datetime, now: datetime) -> bool:
        """Say whether a message at `now` begins a new session after one at `last`."""
        if now - last > self.idle:
            return True
        zone = ZoneInfo(self.timezone)
        start, end = map(time.fromisoformat, self.day.split("-"))
        before, after = last.astimezone(zone), now.astimezone(zone)
        if self.rule == "literal":
            return not start <= before.time() < end
        morning = timedelta(hours=start.hour, minutes=start.minute)
        return (before - morning).date() < (after - morning).date()


class SessionStage(Stage[SessionSettings]):
    """Say which session the turn belongs to."""

    name = "session"
    Settings = SessionSettings

    async def run(self, turn: Turn) -> None:
        session = await self.bot.hooks.open_session(turn, self.settings.plugins) or turn.session
        if session is None or self.settings.begins_new(session.last_message_at, turn.now):
            session = await self.bot.store.open_session(turn.lease, turn.now)
        turn.session = session
