"""A stage of the pipeline, its settings, and the health of a part."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from lumiera.durations import Duration
from lumiera.turn import Bot, Turn

When = Literal["always", "voice", "decided", "undecided"]
OnError = Literal["continue", "apologise", "escalate"]


class StageSettings(BaseModel):
    """What every stage takes in `lumiera.yaml`; a stage with more derives its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plugins: list[str] | None = Field(None, description="The plugins that are asked, in this order; else all.")
    timeout: Duration | None = Field(None, description="After how long the stage is given up.")
    on_error: OnError | None = Field(None, description="What a failure of the stage does to the turn.")
    when: When = Field("always", description="Which turns the stage is for.")


@dataclass(frozen=True)
class Health:
    """How well a part works; `reason` is for the operator. One that is ok and has a reason is degraded."""

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


class Guess(Stage[StageSettings]):
    """A stage without which the turn can go on: it helps to understand, or to be understood."""

    on_error: ClassVar[OnError] = "continue"
    timeout: ClassVar[timedelta] = timedelta(seconds=10)
