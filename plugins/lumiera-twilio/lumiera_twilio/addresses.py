"""WhatsApp addresses: Twilio writes `whatsapp:+33600000001`, the bot `+33600000001`.

A user whose phone number is hidden has a business-scoped id, such as `US.13491208655302741918`, in its place.
"""

from __future__ import annotations

import re

_PREFIX = "whatsapp:"
_BARE = re.compile(r"\+[0-9]{6,15}|[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")


def bare(address: str) -> str:
    """Return Twilio's address as the bot writes it; empty when it is no WhatsApp address."""
    rest = address.removeprefix(_PREFIX)
    return rest if rest != address and _BARE.fullmatch(rest) else ""


def prefixed(address: str) -> str:
    """Return an address as Twilio wants it, with or without the prefix given."""
    return address if address.startswith(_PREFIX) else _PREFIX + address
