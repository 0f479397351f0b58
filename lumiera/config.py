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
PhoneNumber = Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")]


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


def _not_above(value: float, info: ValidationInfo) -> float:
    fast_path = info.data.get("fast_path")
    if fast_path is not None and value > fast_path:
        raise ValueError(f"clarify ({value}) is above fast_path ({fast_path}). Lower it")
    return value


Lower = Annotated[Share, AfterValidator(_not_above)]


class Thresholds(Section):
    """Confidences of one intent in place of those of `routing`."""

    fast_path: Share | None = Field(None, description="From here on this intent is served.")
    clarify: Lower | None = Field(None, description="Offered from here on, where no agent is.")


class Routing(Section):
    """From which confidence on an intent is served, or offered for confirmation; below, it is undecided."""

    fast_path: Share = Field(0.90, description="From here on an intent is served.")
    clarify: Lower = Field(0.60, validate_default=True, description="Offered from here on, where no agent is.")
    undecided: Literal["agent", "clarify"] = Field("agent", description="Where the rest goes: the agent, or a choice.")
    digression: Share = Field(0.95, description="From here on another intent interrupts an open question.")
    intents: dict[str, Thresholds] = Field({}, description="Thresholds of single intents, by their names.")


class Burst(Section):
    """How long to wait for more of a burst, after its last text or photo and in all; 0 is not at all."""

    text: Duration = Field(timedelta(seconds=0.6), description="How long to wait after a text.")
    media: Duration = Field(timedelta(seconds=3), description="How long to wait after a photo or file.")
    max: Duration = Field(timedelta(seconds=8), description="How long to wait in all, from the first message.")


class Dialogue(Section):
    """When an unanswered dialogue is parked, and for how long it can be resumed then."""

    park_after: Duration = Field(timedelta(hours=2), description="After how long an open question is parked.")
    keep: Duration = Field(timedelta(hours=72), description="For how long it can be resumed then.")


class Watchdog(Section):
    """After how long a turn shows typing, says that it is still at work, and apologises."""

    typing: Duration = Field(timedelta(seconds=1), description="After how long the bot is seen typing.")
    notice: Duration = Field(timedelta(seconds=10), description="After how long it says that it is at work.")
    apology: Duration = Field(timedelta(seconds=60), description="After how long it apologises and calls a human.")


class Retries(Section):
    """How often a turn is tried, and how long it waits: `first`, then doubled up to `longest`."""

    tries: int = Field(6, ge=1, description="After so many tries a message is a dead letter.")
    first: Duration = Field(timedelta(seconds=1), description="The wait before the second try; then doubled.")
    longest: Duration = Field(timedelta(seconds=60), description="The longest wait between two tries.")


class Workers(Section):
    """How many turns run at a time, and how long a stop waits for those that do."""

    turns: int = Field(100, ge=1, description="How many turns run at a time.")
    drain: Duration = Field(timedelta(seconds=25), description="How long a stop waits for those that run.")


class Outbox(Section):
    """How long a send that was put off waits at most, and what becomes of one whose fate nobody can find out."""

    longest: Duration = Field(timedelta(seconds=4), description="The longest wait between two tries of a send.")
    unknown: Literal["resend", "hold"] = Field("resend", description="Of a send whose fate is unknown.")


class Escalation(Section):
    """Whom to ring for a user who needs a human, by which approved template, and how long the bot is silent then.

    The next of `notify` is rung when a ring has not arrived after `next_after`.
    """

    notify: tuple[PhoneNumber, ...] = Field((), repr=False, description="The phone numbers to ring, in this order.")
    template: str | None = Field(None, description="The approved text for whoever has not written today, by its id.")
    silence: Duration = Field(timedelta(hours=7), description="How long the bot leaves the talk to the human.")
    next_after: Duration = Field(timedelta(minutes=2), description="When the next is rung if a ring has not arrived.")


class MediaFiles(Section):
    """Where photos and voice notes are kept, how large they may be, and for how long links to them are good."""

    store: str = Field("folder", description="The media store that is used, by its name.")
    path: Path = Field(Path("media"), description="Its folder, relative to the working directory.")
    public_base_url: WebAddress | None = Field(None, description="Where links to files lead; else `web.public_url`.")
    largest: int = Field(16, ge=1, description="The largest file that is kept, in MB.")
    links: Duration = Field(timedelta(minutes=10), description="For how long a link to a file is good.")


class TextFiles(Section):
    """Where operators reword the bot's texts."""

    overrides: Path = Field(Path("config/texts"), description="Their folder, relative to the working directory.")


class Logging(Section):
    """How much is logged, into which file, and for how long it is kept."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    file: Path | None = Field(None, description="Where the log goes, a new file each day; else to stderr.")
    keep: Duration = Field(timedelta(days=90), description="How long the files of earlier days are kept.")


class Web(Section):
    """Where the bot listens, and the address at which the world sees it."""

    host: str = Field("127.0.0.1", description="Where the bot listens.")
    port: int = Field(8000, ge=0, le=65535, description="Where the bot listens; 0 is any free port.")
    public_url: WebAddress | None = Field(None, description="The address at which the world sees the bot.")


def _listed(value: str, info: ValidationInfo) -> str:
    languages = info.data.get("languages", [value])
    if value not in languages:
        raise ValueError(f"the language {value!r} is not one of 'languages': {', '.join(languages)}")
    return value


Listed = Annotated[str, AfterValidator(_listed)]


class Config(Section):
    """The whole of `lumiera.yaml`."""

    languages: tuple[str, ...] = Field(LANGUAGES, min_length=1, description="The languages that the bot speaks.")
    language: Listed = Field("fr", validate_default=True, description="What the site speaks; reports are put into it.")
    # As written, both; settings hold secrets.
    plugins: dict[str, Any] = Field({}, repr=False, description="The plugins, in the order in which they are asked.")
    pipeline: tuple[Any, ...] = Field(PIPELINE, description="The stages that a message goes through, in this order.")
    routing: Routing = Routing()
    burst: Burst = Burst()
    dialogue: Dialogue = Dialogue()
    watchdog: Watchdog = Watchdog()
    retries: Retries = Retries()
    workers: Workers = Workers()
    outbox: Outbox = Outbox()
    escalation: Escalation = Escalation()
    media: MediaFiles = MediaFiles()
    texts: TextFiles = TextFiles()
    logging: Logging = Logging()
    web: Web = Web()
