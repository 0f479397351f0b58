"""The log of the process: JSON lines, redacted before they are written."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from pydantic_core import to_json

from lumiera.tracing import redact, turn_id


class JsonFormatter(logging.Formatter):
    """A record as one JSON line: time, level, logger, message, the turn's id and what was passed as `extra`."""

    _OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if turn := getattr(record, "turn", "") or turn_id.get():
            line["turn"] = turn
        for name, value in record.__dict__.items():
            if name not in self._OWN and name != "turn":
                line[name] = _plain(value)
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return to_json(line).decode()


def _plain(value: object) -> object:
    """Return a value as JSON has it, redacted to the bottom."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(name)): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return redact(str(value))


def configure_logging(level: str, stream: TextIO) -> None:
    """Send the log of this process to `stream` as JSON lines; replaces the handlers that were there."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
