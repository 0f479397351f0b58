"""The smallest plugin: says when the depot is open."""

from lumiera import Intent, Turn, hookimpl


async def opening_hours(turn: Turn) -> str:
    return turn.text_for("hours-answer", open="07:00", close="17:00")


@hookimpl
def register_intents() -> list[Intent]:
    return [Intent("opening_hours", opening_hours, examples="examples.yaml")]
