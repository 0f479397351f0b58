"""Channels: how a provider is spoken to, what it can draw, and the rendering of replies within its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lumiera.messages import Bubble, Message


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a channel can draw. Lengths are in UTF-16 units, as WhatsApp counts; 0 buttons or rows: it has none."""

    text: int = 1600  # a bubble without choices
    body: int = 1024  # the text over buttons or a list
    buttons: int = 0
    button_title: int = 20
    rows: int = 0
    row_title: int = 24
    row_description: int = 72
    list_button: int = 20


class Channel(Protocol):
    """A way to users. Inbound messages reach the bot through `bot.receive`, from a route or a loop of the plugin."""

    name: str
    capabilities: Capabilities

    async def send(self, address: str, bubble: Bubble) -> str:
        """Send one bubble and return the provider's id of it.

        Raises `RateLimited` where the provider certainly did not take it, `SendRefused` where it never will,
        `SendAmbiguous` where nobody knows; does not try again by itself.
        """

    async def typing(self, message: Message) -> None:
        """Show the user that the bot is at work on the message; whatever this raises is ignored."""
