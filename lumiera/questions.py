"""Questions: what a handler may ask, how it is shown, and how an answer is read against what was shown.

An answer is a tap, a number, a label in any language (written or spoken), or what the kind of question wants.
"""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from lumiera.intents import normalise
from lumiera.messages import Media, Message, Option, Reply

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Kind = Literal["choose", "yes_no", "confirm", "free_text", "photos", "number", "moment"]


@dataclass(frozen=True, kw_only=True)
class Question(Generic[T_co]):
    """A question of a handler; made by the functions below. `text` is the key of its text, and its name by default."""

    kind: Kind
    text: str
    answer: TypeAdapter[T_co]
    name: str
    args: Mapping[str, object] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    at_most: int = 0
    minimum: float | None = None
    maximum: float | None = None

    def accepts(self, value: str) -> bool:
        """Say whether a JSON value, of another run, could be an answer."""
        try:
            answer = self.answer.validate_json(value)
        except ValueError:
            return False
        return self.kind != "choose" or answer in {option.id for option in self.options}


_STRING, _BOOLEAN, _FLOAT = TypeAdapter(str), TypeAdapter(bool), TypeAdapter(float)
_MEDIA, _MOMENT = TypeAdapter(tuple[Media, ...]), TypeAdapter(datetime)
_SKIP = (Option(id="skip", text="skip"),)
_YES_NO = (Option(id="yes", text="yes"), Option(id="no", text="no"))
_CONFIRM = tuple(Option(id=i, text=t) for i, t in (("yes", "confirm"), ("correct", "correct"), ("no", "cancel")))
_MOMENTS = tuple(Option(id=name, text=f"moment-{name}") for name in ("now", "today", "yesterday"))


def _question(kind: Kind, text: str, answer: TypeAdapter[T], name: str, **fields: Any) -> Question[T]:
    return Question(kind=kind, text=text, answer=answer, name=name or text, **fields)


def choose(text: str, *, options: Iterable[Option], name: str = "", **args: object) -> Question[str]:
    """Ask for one of the options; the answer is its id."""
    return _question("choose", text, _STRING, name, options=tuple(options), args=args)


def yes_no(text: str, *, name: str = "", **args: object) -> Question[bool]:
    """Ask for yes or no."""
    return _question("yes_no", text, _BOOLEAN, name, options=_YES_NO, args=args)


def confirm(text: str, *, name: str = "", **args: object) -> Question[bool]:
    """Show what is about to happen and ask for a go; False is "cancel". "Correct" goes back to an earlier question."""
    return _question("confirm", text, _BOOLEAN, name, options=_CONFIRM, args=args)


def free_text(text: str, *, optional: bool = False, name: str = "", **args: object) -> Question[str]:
    """Ask for words, written or spoken; empty where `optional` and skipped."""
    return _question("free_text", text, _STRING, name, options=_SKIP if optional else (), args=args)


def photos(
    text: str, *, at_most: int = 10, optional: bool = False, name: str = "", **args: object
) -> Question[tuple[Media, ...]]:
    """Ask for one or more pictures; none where `optional` and skipped."""
    return _question("photos", text, _MEDIA, name, options=_SKIP if optional else (), at_most=at_most, args=args)


def number(
    text: str, *, minimum: float | None = None, maximum: float | None = None, name: str = "", **args: object
) -> Question[float]:
    """Ask for a number between the bounds, both included; `40 %`, `12,5`, `1 200` and Arabic digits are read.

    `1.200` is a thousand to some and not to others: it is asked again.
    """
    return _question("number", text, _FLOAT, name, minimum=minimum, maximum=maximum, args=args)


def moment(text: str, *, name: str = "", **args: object) -> Question[datetime]:
    """Ask when something happened: now, today, yesterday, `14h30`, `hier 14h`, `22/11 14:30`; answered in UTC."""
    return _question("moment", text, _MOMENT, name, options=_MOMENTS, args=args)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question as it was shown; answers are read against this, whatever the code says by then."""

    dialogue_id: str
    name: str
    kind: Kind
    shown: Reply
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # option id -> its labels in every language
    at_most: int = 0
    minimum: float | None = None
    maximum: float | None = None
    zone: str = "UTC"
    after_seq: int = 0  # only later messages answer
    misses: int = 0

    @property
    def ref(self) -> str:
        return self.shown.choices.ref if self.shown.choices else ""

    def later(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Return the messages that came after the question was shown: only they may answer it."""
        return [message for message in messages if message.seq > self.after_seq]

    def read(self, messages: Sequence[Message], text: str, now: datetime) -> object:
        """Return the answer as a JSON value, or None if these messages hold none. `text` has the transcripts in it."""
        later = self.later(messages)
        tapped = any(message.tap for message in later)
        picked = self._tapped(later) if tapped else self._picked(text)
        if not later or (tapped and picked is None):
            return None
        match self.kind:
            case "choose":
                return picked
            case "yes_no" | "confirm":
                return {"yes": True, "no": False}.get(picked or "")
            case "free_text":
                return "" if picked == "skip" else picked or text.strip() or None
            case "photos":
                return [] if picked == "skip" else self._pictures(later, text)
            case "number":
                return self._number(text)
            case "moment":
                return self._moment(now.astimezone(ZoneInfo(self.zone)), picked, text)

    def wants_correction(self, messages: Sequence[Message], text: str) -> bool:
        picked = self._tapped(messages) if any(message.tap for message in messages) else self._picked(text)
        return self.kind == "confirm" and picked == "correct"

    def label(self, value: Any) -> str:
        """Say for a human what was asked, and on a second line what `value`, an answer as JSON has it, means."""
        titles = {one.id: one.title for one in self.shown.choices.options} if self.shown.choices else {}
        if self.kind in ("yes_no", "confirm"):
            said = titles["yes" if value else "no"]
        elif self.kind == "photos" and value:
            said = photos_label(len(value))
        elif self.kind == "moment":
            said = f"{datetime.fromisoformat(value).astimezone(ZoneInfo(self.zone)):%d/%m/%Y %H:%M}"
        else:
            said = f"{value:g}" if self.kind == "number" else titles.get(value or "skip", value)
        question = next(iter(self.shown.text.strip().splitlines()), "")
        return f"{textwrap.shorten(question, 72, placeholder='…')}\n{textwrap.shorten(said, 1000, placeholder='…')}"

    def _tapped(self, messages: Sequence[Message]) -> str | None:
        ids = [message.tap.id for message in messages if message.tap]
        return next((option for option in self.labels if f"{self.ref}:{option}" in ids), None)

    def _picked(self, text: str) -> str | None:
        """Find the one option whose label, in any language, or whose number the text is."""
        said = normalise(text)
        found = [option for option, labels in self.labels.items() if said and said in map(normalise, labels)]
        place = int(said) if said.isdecimal() and not found else 0
        found += list(self.labels)[place - 1 : place] if place else []
        return found[0] if len(found) == 1 else None

    def _pictures(self, messages: Sequence[Message], text: str) -> object:
        found = [item for message in messages for item in message.media if item.kind in ("image", "video")]
        if found and text:
            found[0] = replace(found[0], caption=text)
        return _MEDIA.dump_python(tuple(found[: self.at_most]), mode="json") or None

    def _number(self, text: str) -> float | None:
        kept = (char for char in text if unicodedata.category(char) not in ("Mn", "Me", "Cf"))  # keycaps are digits too
        digits = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in kept)
        found = _NUMBER.findall(digits)
        sure = len(found) == 1 and not _AMBIGUOUS.fullmatch(found[0])
        value = float(re.sub(r"[,\u066b]", ".", re.sub(r"[ \u00a0\u202f'’]", "", found[0]))) if sure else math.nan
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        return value if low <= value <= high else None

    def _moment(self, now: datetime, picked: str | None, text: str) -> str | None:
        """Read a moment that has been, on the clock of the site; noon where only the day is said."""
        if picked == "now":
            return now.astimezone(UTC).isoformat()
        date = _DATE.search(text)
        clock = _TIME.search(text[: date.start()] + " " + text[date.end() :] if date else text)
        if picked is None and date is None and clock is None:
            return None
        hour, minute = (int(clock[1]), int(clock[2] or 0)) if clock else (12, 0)
        try:
            said = (_day(now, date) if date else now).replace(hour=hour, minute=minute, second=0, microsecond=0)
        except ValueError:
            return None
        words = f" {normalise(text)} "
        yesterday = picked == "yesterday" or any(f" {normalise(one)} " in words for one in self.labels["yesterday"])
        if date is None and (yesterday or (clock and said > now)):
            said -= timedelta(days=1)
        return (said if clock else min(said, now)).astimezone(UTC).isoformat()


def photos_label(count: int) -> str:
    return f"{count} photo{'s' * (count > 1)}"


_NUMBER = re.compile(r"-?(?:\d{1,3}(?:[ \u00a0\u202f'’]\d{3}\b)+|\d{1,12})(?:[.,\u066b]\d+)?")
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
_DATE = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?\b")
_TIME = re.compile(r"\b(\d{1,2})\s?(?:h|:|uhr)\s?(\d{2})?\b", re.IGNORECASE)


def _day(now: datetime, date: re.Match[str]) -> datetime:
    """Return the day that was named; without a year, the last of that name."""
    year = int(date[3]) % 100 + 2000 if date[3] else now.year
    day = now.replace(year=year, month=int(date[2]), day=int(date[1]))
    return day.replace(year=year - 1) if day > now and not date[3] else day
