"""The exception tree and the codes that a failed turn carries.

LumieraError
├── ConfigError            a mistake in YAML, a text file or an environment variable; names file and line
├── PluginError            a mistake of a plugin, which it names
│   └── HookError          one of its hooks raised
├── StageError             a stage of the pipeline failed
├── DialogueError          a handler broke the contract of dialogues
│   ├── DuplicateStep      one entry name met twice in one run
│   ├── WriteOutsideStep   a write handle used in a handler outside a step
│   └── EntryTooLarge      a journal entry, or the journal, over its limit
├── TransientError         worth trying again: the turn is retried with backoff
├── StoreError             the store could not do its work; the turn is retried
├── MediaError             a file of a user cannot be fetched, or is not let in
├── StepFailed             a step failed for good in an earlier run of the dialogue
└── ChannelError           the provider of a channel
    ├── RateLimited        refused and certainly not taken: send again after `retry_after`
    ├── SendRefused        refused for good
    │   └── RecipientStopped   the user wants no more messages, says the provider
    └── SendAmbiguous      nobody knows whether the provider took it

Control flow, no errors: `StopTurn` ends the run of the pipeline; `Fenced` says that another worker has the
conversation and that this work must be thrown away; `Silenced`, that the user said STOP or a human took over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")
Details = Mapping[str, object]


class ErrorCode(StrEnum):
    """Why a turn failed. Each code has a text for the user, `error-<code in lower case>`, in nine languages.

    The comments above a code are its entry in docs/errors.md: what it means, and what the operator does.
    """

    #: Nobody is known by this number, and a plugin wants somebody who is.
    #: Do: register the person in the system that the plugin asks.
    USER_NOT_FOUND = "USER_1001"
    #: The user is known and may not do this.
    #: Do: nothing, or give them the right where the plugin's system keeps it.
    USER_UNAUTHORIZED = "USER_1002"
    #: A plugin cannot make a phone number of what the channel says of the sender.
    #: Do: look the user up by the turn's id; correct the number.
    USER_INVALID_PHONE = "USER_1003"
    #: The user named a site that is none of theirs.
    #: Do: nothing, unless the person should have the site.
    PROJECT_NOT_FOUND = "PROJECT_2001"
    #: The user has no site at all.
    #: Do: give them one.
    PROJECT_NONE = "PROJECT_2002"
    #: The user named a site of somebody else; the words are those of an unknown one.
    #: Do: nothing; often in a row, ask who that is.
    PROJECT_ACCESS_DENIED = "PROJECT_2003"
    #: The task is not there, or no longer.
    #: Do: nothing; often, see whether the source of the site is up to date.
    TASK_NOT_FOUND = "PROJECT_2004"
    #: The document is not there, or no longer.
    #: Do: nothing; often, see whether the source of the site is up to date.
    DOCUMENT_NOT_FOUND = "PROJECT_2005"
    #: The store did not answer or could not write; the turn is tried again.
    #: Do: see that the disk is not full and the database can be written; then `lumiera dead`.
    DATABASE = "INTEGRATION_3001"
    #: The system that holds the site's data did not answer.
    #: Do: see that it is up and that its key is good.
    SITE_SOURCE = "INTEGRATION_3002"
    #: The provider of the channel refused a message or did not answer.
    #: Do: `lumiera outbox` says what the provider said, and what to do.
    CHANNEL = "INTEGRATION_3003"
    #: A translation did not come, or changed a number and was refused.
    #: Do: see the provider of the translator, by the log.
    TRANSLATION = "INTEGRATION_3004"
    #: A voice note could not be turned into text.
    #: Do: see the provider of the transcription, by the log.
    TRANSCRIPTION = "INTEGRATION_3005"
    #: What was understood names an intent that there is not.
    #: Do: tell the author of the plugin that classifies.
    INVALID_INTENT = "LOGIC_4001"
    #: A dialogue is open whose intent no plugin brings any more.
    #: Do: load the plugin again, or nothing: the dialogue is over.
    HANDLER_NOT_FOUND = "LOGIC_4002"
    #: A value or a file does not fit what is asked for.
    #: Do: nothing, unless the log shows it often for one plugin.
    VALIDATION = "LOGIC_4003"
    #: A handler found no session.
    #: Do: see that `session` stands before `route` in `pipeline:`.
    SESSION = "LOGIC_4004"
    #: A bug, of ours or of a plugin, which the log names.
    #: Do: `lumiera explain` with the turn's id; tell the author; `lumiera --without NAME` if it lasts.
    INTERNAL = "SYSTEM_5001"
    #: A stage took longer than its `timeout`; the log says what it was waiting for.
    #: Do: see that provider; raise the stage's `timeout` if it is only slow.
    TIMEOUT = "SYSTEM_5002"
    #: A mistake in the configuration, or a plugin that cannot be loaded.
    #: Do: `lumiera check` and `lumiera plugins` say what is wrong.
    CONFIGURATION = "SYSTEM_5003"
    #: The agent's model did not answer, or its budget is used up.
    #: Do: see the model's provider and the budgets; the fast path still works.
    AGENT = "SYSTEM_5004"


class LumieraError(Exception):
    """The root of the tree.

    `message` is for the operator and may name our inside; `user_message` is the key of a text for the user and
    defaults to the text of `code`; `details` holds plain values for the log, never a secret or a message body.
    """

    code: ErrorCode = ErrorCode.INTERNAL

    def __init__(
        self, message: str, *, code: ErrorCode | None = None, user_message: str = "", details: Details | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.user_message = user_message or f"error-{self.code.value.lower()}"
        self.details = details or {}


@dataclass(frozen=True)
class Problem:
    """One mistake in a configuration: `lumiera.yaml:12: pipeline[3].transcription: unknown key ...`."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ConfigError(LumieraError):
    """Every mistake that one pass of loading found, each with its place and the way out."""

    code = ErrorCode.CONFIGURATION

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class PluginError(LumieraError):
    """A plugin could not be imported, validated or started, or breaks a rule of the hooks."""

    code = ErrorCode.CONFIGURATION

    def __init__(self, plugin: str, message: str) -> None:
        super().__init__(f"plugin {plugin!r}: {message}")
        self.plugin = plugin


class HookError(PluginError):
    """A hook of a plugin raised; the cause is chained."""

    code = ErrorCode.INTERNAL

    def __init__(self, plugin: str, hook: str, message: str) -> None:
        super().__init__(plugin, f"{hook}: {message}")
        self.hook = hook


class StageError(LumieraError):
    """A stage failed; the cause is chained."""

    def __init__(self, stage: str, message: str, code: ErrorCode = ErrorCode.INTERNAL) -> None:
        super().__init__(f"stage {stage!r}: {message}", code=code)
        self.stage = stage


class DialogueError(LumieraError):
    """A handler broke the contract of dialogues."""


class DuplicateStep(DialogueError):
    """One entry name was met twice in one run without `key=`."""


class WriteOutsideStep(DialogueError):
    """A handler wrote outside a step, where a re-run would write again."""


class EntryTooLarge(DialogueError):
    """A journal entry is over 64 KiB, or the journal over 200 entries or 1 MiB."""


class TransientError(LumieraError):
    """Worth trying again: the turn is retried, after `retry_after` seconds where that is known."""

    def __init__(self, message: str, *, retry_after: float | None = None, code: ErrorCode | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class StoreError(LumieraError):
    """The store could not do its work."""

    code = ErrorCode.DATABASE


class MediaError(LumieraError):
    """A file cannot be fetched, is too large, or of a type that is not let in."""

    code = ErrorCode.VALIDATION


class StepFailed(LumieraError):
    """A step failed for good in an earlier run: it is told again, and not tried again."""


class ChannelError(LumieraError):
    """The provider of a channel refused or failed."""

    code = ErrorCode.CHANNEL

    def __init__(self, message: str, *, provider_code: str = "") -> None:
        super().__init__(message, details={"provider_code": provider_code})
        self.provider_code = provider_code


class RateLimited(ChannelError):
    """The provider certainly did not take the message: sending it again is safe."""

    def __init__(self, message: str, *, provider_code: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, provider_code=provider_code)
        self.retry_after = retry_after


class SendRefused(ChannelError):
    """The provider will never take this message."""


class RecipientStopped(SendRefused):
    """The user has blocked us or withdrawn at the provider: it counts as STOP."""


class SendAmbiguous(ChannelError):
    """A time-out, a dropped connection or a 5xx: the provider may have taken the message."""


class StopTurn(Exception):
    """Raised by a stage that has decided the turn; the pipeline goes on at `persistence`."""


class Fenced(Exception):
    """Another worker has claimed the conversation since; whatever this one did must be thrown away."""


class Silenced(Exception):
    """The user has said STOP, or a human has taken over, since the turn began: nothing more is written or sent."""


# What belongs to the turn and to dispatch, and goes through hooks and stages untouched.
PASSES_THROUGH = (StopTurn, Fenced, Silenced, StoreError, TransientError)


@dataclass(frozen=True)
class Result(Generic[T]):
    """What a run of the pipeline came to: `data`, or the code and message of its failure."""

    data: T | None = None
    code: ErrorCode | None = None
    message: str = ""

    @classmethod
    def ok(cls, data: T) -> Result[T]:
        return cls(data)

    @classmethod
    def fail(cls, code: ErrorCode, message: str, data: T | None = None) -> Result[T]:
        return cls(data, code, message)
