"""Tools: typed functions that the agent may call. Identity is bound by the server and never a parameter."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from lumiera.turn import Turn

Effect = Literal["read", "write"]
ToolFunction = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool: what the model sees (name, description, parameters) and the function behind it."""

    name: str
    description: str
    function: ToolFunction
    parameters: type[BaseModel]
    effect: Effect
    confirm: bool
    allow: Callable[[Turn], bool] | None

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the parameters; other keys are refused."""
        return self.parameters.model_json_schema()

    async def call(self, turn: Turn, arguments: dict[str, Any]) -> Any:
        """Validate what the model gave and call the function; raises pydantic's `ValidationError`."""
        valid = self.parameters.model_validate(arguments)
        return await self.function(turn, **{name: getattr(valid, name) for name in type(valid).model_fields})


def tool(
    *, effect: Effect, confirm: bool | None = None, allow: Callable[[Turn], bool] | None = None
) -> Callable[[ToolFunction], Tool]:
    """Declare a tool: its docstring is the description, its parameters but the first, the `Turn`, are the model's.

    Writes are confirmed by the user unless `confirm=False`.
    """

    def declare(function: ToolFunction) -> Tool:
        description = inspect.getdoc(function)
        if not description:
            raise TypeError(f"tool {function.__qualname__!r} has no docstring; it is what the model reads")
        hints = get_type_hints(function, include_extras=True)
        _, *names = inspect.signature(function).parameters.values()
        fields: dict[str, Any] = {
            item.name: (hints[item.name], ... if item.default is item.empty else item.default) for item in names
        }
        parameters = create_model(function.__name__, __config__=ConfigDict(extra="forbid"), **fields)
        return Tool(
            name=function.__name__, description=description, function=function, parameters=parameters, effect=effect,
            confirm=effect == "write" if confirm is None else confirm, allow=allow,
        )  # fmt: skip

    return declare
