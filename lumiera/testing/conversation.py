"""A conversation as text, for tests that read like one."""

from __future__ import annotations

from dataclasses import dataclass, field

from lumiera.messages import Bubble, Message


@dataclass
class ConversationLog:
    """What was said, line by line: `> ` the user, `< ` the bot, options in brackets behind.

    Compare it whole: `assert str(bot.log) == '''...'''`.
    """

    lines: list[str] = field(default_factory=list)

    def inbound(self, message: Message) -> None:
        parts = [message.text, *(f"({item.kind})" for item in message.media)]
        if message.tap:
            parts.append(f"[{message.tap.title or message.tap.id}]")
        if message.location:
            parts.append("(location)")
        self._add("> ", " ".join(part for part in parts if part))

    def outbound(self, bubble: Bubble) -> None:
        self._add("< ", bubble.text + "".join(f" [{option.title}]" for option in bubble.options))

    def clear(self) -> None:
        self.lines.clear()

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def _add(self, mark: str, text: str) -> None:
        first, *rest = text.split("\n")
        self.lines += [mark + first, *("  " + line if line else "" for line in rest)]
