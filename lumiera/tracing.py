"""One span for each stage and call of a turn, and the redaction of what is logged."""

from __future__ import annotations

import re
import time
from contextvars import ContextVar
from dataclasses import dataclass, field

from pydantic_core import to_json

Plain = str | int | float | bool | None
turn_id: ContextVar[str] = ContextVar("turn_id", default="")


@dataclass
class Span:
    """A stretch of work: `at` by the clock, `took` in seconds. An exception leaves its class name and goes on."""

    kind: str  # stage, hook, step, send, decision
    name: str
    facts: dict[str, Plain]
    at: float = field(default_factory=time.perf_counter)
    took: float = 0.0

    def __enter__(self) -> Span:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.facts["raised"] = kind.__name__
        self.took = time.perf_counter() - self.at


@dataclass
class Trace:
    """What a turn did and why, in order of beginning. Facts are ids, names and numbers, never a user's words."""

    started: float = field(default_factory=time.perf_counter)
    spans: list[Span] = field(default_factory=list)

    def span(self, kind: str, name: str, /, **facts: Plain) -> Span:
        """Record a stretch of work, which is entered at once; a decision takes no time and is not."""
        span = Span(kind, name, facts)
        self.spans.append(span)
        return span

    def dump(self) -> str:
        """Return the spans as JSON, times in milliseconds from the start of the turn."""
        times = ((round((s.at - self.started) * 1000, 3), round(s.took * 1000, 3)) for s in self.spans)
        return to_json([[s.kind, s.name, *ms, s.facts] for s, ms in zip(self.spans, times, strict=True)]).decode()

    def stages(self) -> list[str]:
        return [span.name for span in self.spans if span.kind == "stage"]


# What must never reach a log: numbers that reach people, addresses, keys, signed links.
_NAMES = r"authorization|password|secret|token|signature|credential|(?:api|access)[_-]?key|\b(?:sig|key|auth)"
_NAMED = rf"((?:{_NAMES})['\"]?\s*[:=]\s*['\"]?)(?:(?:bearer|basic)\s+)?[^\s&'\",]{{2,}}"
_REDACTIONS = (
    (re.compile(r"(/media/[\w.]{64,70}/\d+/)[\w-]+\S*"), r"\1[secret]"),
    (re.compile(_NAMED, re.IGNORECASE), r"\1[secret]"),
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
