"""What `lumiera.yaml` may say: every key, its type and its default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from lumiera.durations import Duration

LANGUAGES = ("fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar")
PIPELINE: tuple[str | Mapping[str, Mapping[str, str | int]], ...] = (
    {"authenticate": {"unknown_users": "register"}}, "consent", {"limits": {"per_minute": 10, "burst": 15}},
    {"session": {"idle": "7h", "day": "06:00-20:00", "rule": "boundary", "timezone": "Europe/Paris"}},
    "language", {"transcription": {"timeout": "20s"}}, {"language": {"when": "voice"}}, "handover", "intent",
    {"translation": {"when": "undecided"}}, "route", "reply", "persistence",
)  # fmt: skip


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("expected a web address such as https://bot.example")
    return value.rstrip("/")


Share = Annotated[float, Field(ge=0, le=1)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class Section(BaseModel):
    """A mapping of `lumiera.yaml`. Unknown keys are errors; a key without a value has its default.

    Whatever a field with `repr=False` holds is shown nowhere, not even in the error about it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _nothing_said(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}


def _not_above(value: float | None, info: ValidationInfo) -> float | None:
    fast_path = info.data.get("fast_path")
    if value is not None and fast_path is not None and value > fast_path:
        raise ValueError(f"clarify ({value}) is above fast_path ({fast_path}). Lower it")
    return value


class Thresholds(Section):
    """Confidences of one intent in place of those of `routing`."""

    fast_path: Share | None = None
    clarify: Annotated[Share | None, AfterValidator(_not_above)] = None


class Routing(Section):
    """From which confidence on an intent is served, or offered for confirmation; below, it is undecided."""

    fast_path: Share = 0.90
    clarify: Annotated[Share, AfterValidator(_not_above), Field(validate_default=True)] = 0.60
    undecided: Literal["agent", "clarify"] = "agent"
    digression: Share = 0.95  # to serve another intent while a question with choices is open
    intents: dict[str, Thresholds] = {}


class Burst(Section):
    """How long to wait for more of a burst, after its last text or photo and in all; 0 is not at all."""

    text: Duration = timedelta(seconds=0.6)
    media: Duration = timedelta(seconds=3)
    max: Duration = timedelta(seconds=8)


class Dialogue(Section):
    """When an unanswered dialogue is parked, and for how long it can be resumed then."""

    park_after: Duration = timedelta(hours=2)
    keep: Duration = timedelta(hours=72)


class Watchdog(Section):
    """After how long a turn shows typing, says that it is still at work, and apologises."""

    typing: Duration = timedelta(seconds=1)
    notice: Duration = timedelta(seconds=10)
    apology: Duration = timedelta(seconds=60)


class Retries(Section):
    """How often a turn is tried, and how long it waits: `first`, then doubled up to `longest`."""

    tries: int = Field(default=6, ge=1)
    first: Duration = timedelta(seconds=1)
    longest: Duration = timedelta(seconds=60)


class Workers(Section):
    """How many turns run at a time, and how long a stop waits for those that do."""

    turns: int = Field(default=100, ge=1)
    drain: Duration = timedelta(seconds=25)


class Escalation(Section):
    """Whom to ring for a user who needs a human, by which approved template, and how long the bot is silent then."""

    notify: tuple[str, ...] = Field(default=(), repr=False)  # phone numbers
    template: str | None = None
    silence: Duration = timedelta(hours=7)


class MediaFiles(Section):
    """Where photos and voice notes are kept; `path` is relative to the working directory."""

    store: str = "folder"
    path: Path = Path("media")
    public_base_url: WebAddress | None = None


class TextFiles(Section):
    """Where operators reword the bot's texts; relative to the working directory."""

    overrides: Path = Path("config/texts")


class Logging(Section):
    """How much is logged, into which file (none: standard error), and for how long it is kept."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    file: Path | None = None
    keep: Duration = timedelta(days=90)


class Web(Section):
    """Where the bot listens, and the address at which the world sees it."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)  # 0: any free one
    public_url: WebAddress | None = None


def _listed(value: str, info: ValidationInfo) -> str:
    languages = info.data.get("languages", [value])
    if value not in languages:
        raise ValueError(f"the language {value!r} is not one of 'languages': {', '.join(languages)}")
    return value


class Config(Section):
    """The whole of `lumiera.yaml`."""

    languages: Annotated[tuple[str, ...], Field(min_length=1)] = LANGUAGES
    language: Annotated[str, AfterValidator(_listed), Field(validate_default=True)] = "fr"  # the internal one
    plugins: dict[str, Any] = Field(default={}, repr=False)  # as written: settings hold secrets
    pipeline: tuple[Any, ...] = PIPELINE  # as written
    routing: Routing = Routing()
    burst: Burst = Burst()
    dialogue: Dialogue = Dialogue()
    watchdog: Watchdog = Watchdog()
    retries: Retries = Retries()
    workers: Workers = Workers()
    escalation: Escalation = Escalation()
    media: MediaFiles = MediaFiles()
    texts: TextFiles = TextFiles()
    logging: Logging = Logging()
    web: Web = Web()
