"""The log of the process: JSON lines, redacted before they are written."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TextIO

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
                line[name] = redact(value) if isinstance(value, str) else value
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=lambda value: redact(str(value)))


def configure_logging(level: str, stream: TextIO) -> None:
    """Send the log of this process to `stream` as JSON lines; replaces the handlers that were there."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
