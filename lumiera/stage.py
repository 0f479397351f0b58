"""A stage of the pipeline, its settings, and the health of a part."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from lumiera.durations import Duration
from lumiera.turn import Bot, Turn

When = Literal["always", "voice", "decided", "undecided"]
OnError = Literal["continue", "apologise", "escalate"]


class StageSettings(BaseModel):
    """What every stage takes in `lumiera.yaml`; a stage with more derives its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plugins: list[str] | None = None  # ask only these, in this order
    timeout: Duration | None = None
    on_error: OnError | None = None  # None: the stage's own default
    when: When = "always"


@dataclass(frozen=True)
class Health:
    """How well a part works; `reason` is for the operator."""

    ok: bool
    reason: str = ""


S = TypeVar("S", bound=StageSettings)


class Stage(ABC, Generic[S]):
    """One step of the pipeline. `lumiera.yaml` names it by `name`; `register_stages` returns the class."""

    name: ClassVar[str]
    Settings: ClassVar[type[StageSettings]] = StageSettings
    on_error: ClassVar[OnError] = "apologise"
    timeout: ClassVar[timedelta] = timedelta(seconds=30)

    def __init__(self, settings: S, bot: Bot) -> None:
        self.settings = settings
        self.bot = bot

    @abstractmethod
    async def run(self, turn: Turn) -> None:
        """Do the stage's work on the turn; raise `StopTurn` to go straight to `persistence`."""
