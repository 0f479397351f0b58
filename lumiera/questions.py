"""Questions: what a handler may ask, how it is shown, and how an answer is read against what was shown.

An answer is a tap, a number, a label in any language (written or spoken), or what the kind of question wants.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from lumiera.intents import normalise
from lumiera.messages import Media, Message, Option, Reply

T = TypeVar("T")
Kind = Literal["choose", "yes_no", "confirm", "free_text", "photos", "number", "moment"]


@dataclass(frozen=True, kw_only=True)
class Question(Generic[T]):
    """A question of a handler; made by the functions below. `text` is the key of its text, and its name by default."""

    kind: Kind
    text: str
    answer: TypeAdapter[T]
    name: str
    args: Mapping[str, object] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    optional: bool = False
    at_most: int = 0
    minimum: float | None = None
    maximum: float | None = None


_STRING, _BOOLEAN, _FLOAT = TypeAdapter(str), TypeAdapter(bool), TypeAdapter(float)
_MEDIA, _MOMENT = TypeAdapter(tuple[Media, ...]), TypeAdapter(datetime)
_SKIP = Option(id="skip", text="skip")
_YES_NO = (Option(id="yes", text="yes"), Option(id="no", text="no"))
_CONFIRM = (Option(id="yes", text="confirm"), Option(id="no", text="cancel"))
_MOMENTS = tuple(Option(id=name, text=f"moment-{name}") for name in ("now", "today", "yesterday"))


def choose(text: str, *, options: Iterable[Option], name: str = "", **args: object) -> Question[str]:
    """Ask for one of the options; the answer is its id."""
    return Question(kind="choose", text=text, answer=_STRING, name=name or text, args=args, options=tuple(options))


def yes_no(text: str, *, name: str = "", **args: object) -> Question[bool]:
    """Ask for yes or no."""
    return Question(kind="yes_no", text=text, answer=_BOOLEAN, name=name or text, args=args, options=_YES_NO)


def confirm(text: str, *, name: str = "", **args: object) -> Question[bool]:
    """Show what is about to happen and ask for a go; False is "cancel"."""
    return Question(kind="confirm", text=text, answer=_BOOLEAN, name=name or text, args=args, options=_CONFIRM)


def free_text(text: str, *, optional: bool = False, name: str = "", **args: object) -> Question[str]:
    """Ask for words, written or spoken; empty where `optional` and skipped."""
    return Question(
        kind="free_text", text=text, answer=_STRING, name=name or text, args=args, optional=optional,
        options=(_SKIP,) if optional else (),
    )  # fmt: skip


def photos(
    text: str, *, at_most: int = 10, optional: bool = False, name: str = "", **args: object
) -> Question[tuple[Media, ...]]:
    """Ask for one or more pictures; none where `optional` and skipped."""
    return Question(
        kind="photos", text=text, answer=_MEDIA, name=name or text, args=args, optional=optional, at_most=at_most,
        options=(_SKIP,) if optional else (),
    )  # fmt: skip


def number(
    text: str, *, minimum: float | None = None, maximum: float | None = None, name: str = "", **args: object
) -> Question[float]:
    """Ask for a number between the bounds, both included; `40 %`, `12,5` and Arabic digits are read."""
    return Question(
        kind="number", text=text, answer=_FLOAT, name=name or text, args=args, minimum=minimum, maximum=maximum
    )


def moment(text: str, *, name: str = "", **args: object) -> Question[datetime]:
    """Ask when something happened: now, today, yesterday, `14h30`, `22/11`, `22/11 14:30`; answered in UTC."""
    return Question(kind="moment", text=text, answer=_MOMENT, name=name or text, args=args, options=_MOMENTS)


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

    def read(self, messages: Sequence[Message], text: str, now: datetime) -> object:
        """Return the answer as a JSON value, or None if these messages hold none. `text` has the transcripts in it."""
        later = [message for message in messages if message.seq > self.after_seq]
        if not later:
            return None
        picked = self._tapped(later)
        if picked is None and not any(message.tap for message in later):
            picked = self._picked(text)
        return _READERS[self.kind](self, picked, later, text, now)

    def missed(self) -> Asked:
        return replace(self, misses=self.misses + 1)

    def _tapped(self, messages: Sequence[Message]) -> str | None:
        prefix = f"{self.ref}:"
        taps = (message.tap.id.removeprefix(prefix) for message in messages if message.tap and self.ref
                and message.tap.id.startswith(prefix))  # fmt: skip
        return next((tap for tap in taps if tap in self.labels), None)

    def _picked(self, text: str) -> str | None:
        """Find the option whose label, in any language, or whose number the text is."""
        if not self.labels or not (said := normalise(text)):
            return None
        for option, labels in self.labels.items():
            if any(normalise(label) == said for label in labels):
                return option
        if self.kind in ("choose", "yes_no", "confirm") and said.isdecimal() and 0 < int(said) <= len(self.labels):
            return list(self.labels)[int(said) - 1]
        return None


def _read_choice(asked: Asked, picked: str | None, _messages: object, _text: str, _now: datetime) -> object:
    return picked


def _read_yes(asked: Asked, picked: str | None, _messages: object, _text: str, _now: datetime) -> object:
    return None if picked is None else picked == "yes"


def _read_text(asked: Asked, picked: str | None, _messages: object, text: str, _now: datetime) -> object:
    return "" if picked == "skip" else text.strip() or None


def _read_photos(asked: Asked, picked: str | None, messages: Sequence[Message], text: str, _now: datetime) -> object:
    if picked == "skip":
        return []
    pictures = [item for message in messages for item in message.media if item.kind in ("image", "video")]
    if pictures and text:
        pictures[0] = replace(pictures[0], caption=text)
    return _MEDIA.dump_python(tuple(pictures[: asked.at_most]), mode="json") or None


def _read_number(asked: Asked, _picked: object, _messages: object, text: str, _now: datetime) -> object:
    digits = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    found = re.findall(r"-?\d+(?:[.,\u066b]\d+)?", digits)
    if len(found) != 1:
        return None
    value = float(re.sub(r"[,\u066b]", ".", found[0]))
    low = asked.minimum is not None and value < asked.minimum
    high = asked.maximum is not None and value > asked.maximum
    return None if low or high else value


_DATE = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?\b")
_TIME = re.compile(r"\b(\d{1,2})\s?(?:h|:|uhr)\s?(\d{2})?\b", re.IGNORECASE)


def _read_moment(asked: Asked, picked: str | None, _messages: object, text: str, now: datetime) -> object:
    local = now.astimezone(ZoneInfo(asked.zone))
    if picked is not None:
        day = local - timedelta(days=picked == "yesterday")
        return (local if picked == "now" else day.replace(hour=12, minute=0, second=0, microsecond=0)).isoformat()
    date = _DATE.search(text)
    clock = _TIME.search(text[: date.start()] + " " + text[date.end() :] if date else text)
    if date is None and clock is None:
        return None
    try:
        if date:
            year = int(date[3]) % 100 + 2000 if date[3] else local.year
            local = local.replace(year=year, month=int(date[2]), day=int(date[1]))
        hour, minute = (int(clock[1]), int(clock[2] or 0)) if clock else (12, 0)
        local = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError:
        return None
    if local.astimezone(now.tzinfo) > now and date and not date[3]:
        local = local.replace(year=local.year - 1)
    return local.isoformat()


_Reader = Callable[[Asked, Any, Any, str, datetime], object]
_READERS: Mapping[Kind, _Reader] = {
    "choose": _read_choice,
    "yes_no": _read_yes,
    "confirm": _read_yes,
    "free_text": _read_text,
    "photos": _read_photos,
    "number": _read_number,
    "moment": _read_moment,
}
