"""One span for each stage and call of a turn, and the redaction of what is logged."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

Plain = str | int | float | bool | None
turn_id: ContextVar[str] = ContextVar("turn_id", default="")


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
_NAMES = r"authorization|password|secret|token|signature|credential|(?:api|access)[_-]?key|\b(?:sig|key|auth)"
_REDACTIONS = (
    (
        re.compile(rf"(?i)((?:{_NAMES})['\"]?\s*[:=]\s*['\"]?)(?:(?:bearer|basic)\s+)?[^\s&'\",]+"),
        r"\1[secret]",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w+/=.~-]{8,}"), r"\1 [secret]"),
    (re.compile(r"\b(?:sk|pk|rk|ghp|gho|xox[abp])[-_][\w-]{16,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "[secret]"),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), "://[secret]@"),
    (re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+\.[\w.-]+"), "[e-mail]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b"), "[iban]"),
    (re.compile(r"(?:(?<!\d)(?:\+|%2B)|(?<![\w.-])00)\d(?:[\s.()/-]{0,2}\d){7,14}(?!\d)", re.IGNORECASE), "[phone]"),
    (re.compile(r"(?<![\w.-])0\d(?:[\s.-]?\d{2}){4}(?!\w)"), "[phone]"),
)


def redact(text: str) -> str:
    """Return `text` without phone numbers, e-mail addresses, IBANs, keys and signed links."""
    if len(text) < 7 or text.replace("_", "").isalpha():
        return text
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return text
