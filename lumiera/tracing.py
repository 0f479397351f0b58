"""One span for each stage and call of a turn, and the log: JSON lines, redacted before they are written."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO

Plain = str | int | float | bool | None
turn_id: ContextVar[str] = ContextVar("turn_id", default="")
log = logging.getLogger("lumiera")


@dataclass
class Span:
    """A stretch of work: `at` and `took` in milliseconds, `at` from the start of the turn."""

    kind: str  # stage, hook, step, send
    name: str
    at: float
    took: float = 0.0
    facts: dict[str, Plain] = field(default_factory=dict)


@dataclass
class Trace:
    """What a turn did and why, in order of beginning. Facts are ids, names and numbers, never a user's words."""

    started: float = field(default_factory=time.perf_counter)
    spans: list[Span] = field(default_factory=list)

    @contextmanager
    def span(self, kind: str, name: str, /, **facts: Plain) -> Iterator[Span]:
        """Record a stretch of work; an exception leaves its class name in the span and goes on."""
        begun = time.perf_counter()
        span = Span(kind, name, round((begun - self.started) * 1000, 3), facts=dict(facts))
        self.spans.append(span)
        try:
            yield span
        except BaseException as error:
            span.facts["raised"] = type(error).__name__
            raise
        finally:
            span.took = round((time.perf_counter() - begun) * 1000, 3)

    def note(self, kind: str, name: str, /, **facts: Plain) -> None:
        """Record a decision, which takes no time."""
        at = round((time.perf_counter() - self.started) * 1000, 3)
        self.spans.append(Span(kind, name, at, facts=dict(facts)))

    def dump(self) -> str:
        return json.dumps([[s.kind, s.name, s.at, s.took, s.facts] for s in self.spans], separators=(",", ":"))

    def stages(self) -> list[str]:
        return [span.name for span in self.spans if span.kind == "stage"]


# What must never reach a log: numbers that reach people, addresses, keys, signed links.
_REDACTIONS = (
    (
        re.compile(r"(?i)\b(authorization|x-[a-z-]*(?:api-key|signature|token)|bearer|basic)\b(['\"]?\s*[:=]?\s*)\S+"),
        r"\1\2[secret]",
    ),
    (re.compile(r"(?i)([?&](?:token|key|sig|signature|secret|password|auth)=)[^&\s'\"]+"), r"\1[secret]"),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), "://[secret]@"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "[e-mail]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b"), "[iban]"),
    (re.compile(r"(?<![\w.:-])(?:\+|00)\d(?:[ .()-]?\d){7,14}(?!\w)"), "[phone]"),
    (re.compile(r"(?<![\w.:-])0\d(?:[ .-]?\d{2}){4}(?!\w)"), "[phone]"),
)


def redact(text: str) -> str:
    """Return `text` without phone numbers, e-mail addresses, IBANs, keys and signed links."""
    if len(text) < 7 or text.isidentifier():
        return text
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return text


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
