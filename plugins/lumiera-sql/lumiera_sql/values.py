"""How values stand in columns: times as microseconds, payloads as JSON. The only place that converts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from lumiera.messages import Bubble, Choices, Message
from lumiera.questions import Asked

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MESSAGE, _BUBBLE, _ASKED = TypeAdapter(Message), TypeAdapter(Bubble), TypeAdapter(Asked)
_MESSAGES, _CHOICES = TypeAdapter(tuple[Message, ...]), TypeAdapter(Choices)


def micros(moment: datetime) -> int:
    """Return an aware time as a column has it."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    """Return a column as a time in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def moment_or_none(micros: int | None) -> datetime | None:
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)


def dump_message(message: Message) -> str:
    # Most fields of most messages are empty, and `seq`, which has a column, is not given yet.
    return _MESSAGE.dump_json(message, exclude_defaults=True).decode()


def load_message(body: str, seq: int) -> Message:
    message = _MESSAGE.validate_json(body)
    # The value is new and nobody has seen it yet: `replace` would build it a second time, at every message.
    object.__setattr__(message, "seq", seq)
    return message


def dump_messages(messages: tuple[Message, ...]) -> str:
    return _MESSAGES.dump_json(messages, exclude_defaults=True).decode()


def load_messages(text: str) -> tuple[Message, ...]:
    return _MESSAGES.validate_json(text)


def dump_bubble(bubble: Bubble) -> str:
    return _BUBBLE.dump_json(bubble, exclude_defaults=True).decode()


def load_bubble(text: str) -> Bubble:
    return _BUBBLE.validate_json(text)


def dump_asked(asked: Asked) -> str:
    return _ASKED.dump_json(asked).decode()


def load_asked(text: str | None) -> Asked | None:
    return None if text is None else _ASKED.validate_json(text)


def dump_choices(choices: Choices) -> str:
    return _CHOICES.dump_json(choices, exclude_defaults=True).decode()


def load_choices(text: str | None) -> Choices | None:
    return None if text is None else _CHOICES.validate_json(text)
