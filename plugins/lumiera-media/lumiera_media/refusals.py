"""Why a file is not kept: in the operator's words, with the text that the user gets."""

from __future__ import annotations

from lumiera.errors import MediaError


def too_large(limit: str) -> MediaError:
    return MediaError(f"the file is over {limit}", user_message="media-too-large")


def refused(what: str) -> MediaError:
    """Make the refusal of a file of a kind that is not let in."""
    return MediaError(f"{what} is not let in", user_message="media-refused")


def broken(what: str) -> MediaError:
    """Make the refusal of a file that is not whole, or not what it begins as."""
    return MediaError(f"the file is not a sound {what}", user_message="media-broken")
