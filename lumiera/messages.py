"""What travels: inbound messages, understandings of them, replies. Frozen values, free of any provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

LONGEST_ID = 100  # of an option: providers carry 128 in a tap, with the question's own


@dataclass(frozen=True, kw_only=True)
class Media:
    """A picture, voice note or file that came with a message, by reference: the bytes are fetched when needed."""

    url: str  # where the channel fetches it; opaque to everybody else
    content_type: str  # as the provider declares it, in lower case
    size: int | None = None  # bytes
    filename: str = ""
    caption: str = ""

    @property
    def kind(self) -> Literal["image", "audio", "video", "file"]:
        major = self.content_type.partition("/")[0]
        return major if major in ("image", "audio", "video") else "file"  # type: ignore[return-value]


@dataclass(frozen=True, kw_only=True)
class StoredMedia:
    """A file in the media store. `content_type` is what its bytes are, whatever the sender declared."""

    id: str  # opaque to everybody but the store; the same bytes have the same one
    content_type: str
    size: int  # bytes
    filename: str = ""  # to show, never a path


@dataclass(frozen=True, kw_only=True)
class Tap:
    """A tapped button or row: `id` as the channel was given it, `title` as the user saw it."""

    id: str
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Location:
    """A shared position in WGS 84 degrees."""

    latitude: float
    longitude: float
    label: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One inbound item of one user on one channel."""

    sid: str  # the provider's id, unique on the channel
    channel: str
    sender: str  # where a reply goes: a phone number in E.164 form where the channel knows it
    received_at: datetime
    text: str = ""
    media: tuple[Media, ...] = ()
    tap: Tap | None = None
    location: Location | None = None
    profile_name: str = ""  # written by the user: data, never trusted
    external_id: str = ""  # the provider's lasting id of the user, kept when a phone number is hidden or changes
    reply_to: str = ""  # provider id of the message that this one quotes
    seq: int = 0  # place in its conversation, given by the store

    @property
    def voice(self) -> Media | None:
        """The voice note to transcribe: audio that came without any text."""
        return next((item for item in self.media if item.kind == "audio"), None) if not self.text else None


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """A voice note as text; `confidence` from 0 to 1."""

    text: str
    confidence: float = 1.0
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class LanguageMatch:
    """A detected language with the detector's confidence from 0 to 1."""

    language: str
    confidence: float = 1.0


@dataclass(frozen=True, kw_only=True)
class IntentMatch:
    """A candidate: an intent, how sure its source is (0 to 1), and what it read from the message."""

    intent: str
    confidence: float
    source: str = ""  # the plugin that says so, or `exact`, `menu`, `tap`; set by the pipeline
    language: str = ""  # of the example that matched, where there was one
    slots: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing to choose. Give `text`, the key of its title, where the title is ours; `title` where it is data.

    With both, `title` is shown, and what `text` says in any language is taken for it too.

    `id` comes back in the answer and is at most 100 characters; `Option.intent` makes a tap start that intent.
    """

    id: str
    title: str = ""
    text: str = ""
    description: str = ""

    @classmethod
    def intent(cls, name: str, *, text: str = "", title: str = "", description: str = "") -> Option:
        return cls(id=f"intent:{name}", text=text, title=title, description=description)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Options under a reply; the channel draws them as buttons, a list or numbered text.

    `button` is the label that opens a list, in the reply's language; empty means the core's own.
    `ref` ties a tap to the question that it answers; empty for a menu of intents.
    """

    options: tuple[Option, ...]
    button: str = ""
    ref: str = ""

    def __post_init__(self) -> None:
        """Raise `ValueError` where an id is too long for a tap to carry it with its question."""
        if wrong := next((one for one in self.options if len(one.id) > LONGEST_ID), None):
            raise ValueError(f"the id of option {wrong.title or wrong.text!r} is over {LONGEST_ID} characters")


@dataclass(frozen=True)
class Reply:
    """What the bot says: text, and choices under it.

    `language` is that of the text, empty when it is the turn's; `user_language` becomes the user's from now on.
    `media` are sent after the text, a bubble each.
    """

    text: str
    choices: Choices | None = None
    media: tuple[StoredMedia, ...] = field(default=(), kw_only=True)
    language: str = field(default="", kw_only=True)
    user_language: str = field(default="", kw_only=True)


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """One message as a channel sends it, within its limits.

    `kind` says how the options are drawn: `text` has none (numbered ones stand in the text), `buttons` and `list`
    have them apart. `button` opens a list. `numbered` says the same as text, for when they cannot be drawn.

    `template` is the provider's id of an approved text, filled with `variables`: it may be sent when the channel's
    window is closed. `text` then says the same, for an open window.
    """

    text: str
    kind: Literal["text", "buttons", "list"] = "text"
    options: tuple[Option, ...] = ()
    button: str = ""
    numbered: str = ""
    media: StoredMedia | None = None
    template: str = ""
    variables: tuple[str, ...] = ()
