"""Channels: how a provider is spoken to, what it can draw, and the rendering of replies within its limits."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import accumulate, takewhile
from typing import Literal, Protocol, runtime_checkable

from lumiera.messages import Bubble, Media, Message, Option, Reply
from lumiera.records import OutboxItem
from lumiera.turn import Turn

Kind = Literal["text", "buttons", "list"]
MORE = "more"  # the key of the words for the next page, typed or tapped


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
    caption: int = 0  # of a picture; 0: it has none
    window: timedelta | None = None  # after the user's last message; then only templates may be sent


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


@runtime_checkable
class Reconciles(Protocol):
    """A channel that can find out what became of an ambiguous send."""

    async def find(self, item: OutboxItem) -> str | None:
        """Return the provider's id of a bubble, None if it certainly was not taken.

        Raises `SendAmbiguous` where that cannot be told now: it is asked again later.
        """


@runtime_checkable
class Fetches(Protocol):
    """A channel whose users send files."""

    def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """Yield the bytes of a file. Raises `MediaError` for one that is refused, `TransientError` to try again."""


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The core's own words on a drawn reply, in its language."""

    more: str  # the row that leads to the next page
    choose: str  # opens a list
    hint: str  # under numbered options

    @classmethod
    def of(cls, turn: Turn) -> Labels:
        return cls(more=turn.text_for(MORE), choose=turn.text_for("choose"), hint=turn.text_for("numbers-hint"))


def render(reply: Reply, capabilities: Capabilities, labels: Labels, *, page: int = 1) -> list[Bubble]:
    """Draw a reply whose titles are localised, as few bubbles as the channel's limits allow; its files come last.

    Options become buttons, a list, a paged list or numbered text, the first of these that shows every title whole:
    a shortened title could be another one's. A tap comes back as `ref:id`, the row to the next page as `ref:page:2`.
    A text without options that fits under a picture, the first of the files, is its caption.
    """
    said, files = _said(reply, capabilities, labels, page), [Bubble(text="", media=one) for one in reply.media]
    pictured = bool(files) and reply.media[0].content_type.startswith("image/")
    chosen = reply.choices is not None and reply.choices.options
    if pictured and not chosen and len(said) == 1 and units(said[0].text) <= capabilities.caption:
        files[0] = replace(files[0], text=said.pop().text)
    return [*said, *files]


def _said(reply: Reply, capabilities: Capabilities, labels: Labels, page: int) -> list[Bubble]:
    choices = reply.choices
    if choices is None or not choices.options:
        return _texts(reply.text, capabilities)
    options = [_on_one_line(option) for option in choices.options]
    kind = _kind(options, capabilities)
    if kind == "text":
        return _texts(_numbered(reply.text, enumerate(options, 1), labels.hint), capabilities)
    button = shorten(choices.button or labels.choose, capabilities.list_button)
    text = reply.text.strip() or button
    body = split(text, capabilities.body)[-1] if text else ""
    ahead = _texts(text.removesuffix(body), capabilities) if page == 1 else []
    shown = options if kind == "buttons" else _page(options, capabilities, labels.more, page)
    drawn = tuple(_drawn(option, choices.ref, capabilities) for option in shown)
    numbered, button = _in_one(body, options, shown, labels.hint, capabilities.text), button if kind == "list" else ""
    return [*ahead, Bubble(text=body, kind=kind, options=drawn, button=button, numbered=numbered)]


def _texts(text: str, capabilities: Capabilities) -> list[Bubble]:
    return [Bubble(text=part) for part in split(text, capabilities.text)]


def _kind(options: Sequence[Option], capabilities: Capabilities) -> Kind:
    """Choose the form that shows every title whole and tells them apart."""
    titles = [option.title for option in options]
    longest = max(map(units, titles))
    if len(set(titles)) < len(titles) or not all(titles):
        return "text"
    plain = not any(option.description for option in options)
    if plain and len(options) <= capabilities.buttons and longest <= capabilities.button_title:
        return "buttons"
    fits = len(options) <= capabilities.rows or capabilities.rows > 1  # the last row leads to the next page
    return "list" if fits and longest <= capabilities.row_title else "text"


def _page(options: Sequence[Option], capabilities: Capabilities, more: str, page: int) -> Sequence[Option]:
    """Return the rows of a page; every page but the last gives one to `more`."""
    rows = max(capabilities.rows - 1, 1)
    last = max((len(options) - 2) // rows + 1, 1)
    page = min(max(page, 1), last)
    first = (page - 1) * rows
    if page == last:
        return options[first:]
    following = Option(id=f"page:{page + 1}", title=shorten(more, capabilities.row_title), text=MORE)
    return [*options[first : first + rows], following]


def _on_one_line(option: Option) -> Option:
    return replace(option, title=" ".join(option.title.split()), description=" ".join(option.description.split()))


def _drawn(option: Option, ref: str, capabilities: Capabilities) -> Option:
    tap = f"{ref}:{option.id}" if ref else option.id
    return replace(option, id=tap, description=shorten(option.description, capabilities.row_description))


def _numbered(text: str, rows: Iterable[tuple[int, Option]], hint: str) -> str:
    """Write options with their numbers; 0 stands for none."""
    titles = ((number, " - ".join(filter(None, (row.title, row.description)))) for number, row in rows)
    lines = "\n".join(f"{number}. {title}" if number else title for number, title in titles)
    return "\n\n".join(filter(None, (text, lines, hint)))


def _in_one(text: str, options: Sequence[Option], shown: Sequence[Option], hint: str, limit: int) -> str:
    """Write as much as one bubble holds: all options, else those of the page with their numbers in the whole."""
    page = [(options.index(one) + 1 if one in options else 0, one) for one in shown]
    plain = [(number, replace(one, description="")) for number, one in page]
    written = [_numbered(text, rows, hint) for rows in (list(enumerate(options, 1)), page, plain)]
    return next((one for one in written if units(one) <= limit), written[-1])


# Where a text may be cut, best first; the group is the white space that the cut swallows.
# A no-break space is none: French sets it before "!" and ":".
_BLANK = r"[^\S\u00a0\u202f]"
_BOUNDARIES = (
    re.compile(rf"({_BLANK}*\n{_BLANK}*\n)"),
    re.compile(rf"({_BLANK}*\n)"),
    re.compile(rf"[.!?…؟۔](?:[ \u00a0\u202f]?[»\"”’')\]])*({_BLANK}+)"),
    re.compile(rf"({_BLANK}+)"),
)
# What a cut spoils: code blocks, links, marked-up words, isolated stretches of the other direction.
_WHOLE = re.compile(
    r"```.+?```|(?:https?://|www\.)\S+|(?<!\w)([*_~`])(?=[^\s*_~`])[^\n]{1,200}?(?<=\S)\1(?!\w)|\u2068[^\u2069]*\u2069",
    re.DOTALL,
)


def units(text: str) -> int:
    """Return the length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int) -> list[str]:
    """Cut `text` into parts within `limit`: at paragraphs, lines, sentences, words, and only then at graphemes.

    Nothing but white space at the cuts is lost. Links, code blocks and marked-up words stay whole where they fit.
    """
    parts, rest = [], text.strip()
    while len(rest) > limit or units(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def shorten(text: str, limit: int) -> str:
    """Return `text` on one line within `limit`, cut at a word and ended with an ellipsis where it is longer."""
    text = " ".join(text.split())
    if units(text) <= limit:
        return text
    kept = text[: _fitting(text, limit - 1)]
    if text[len(kept)] != " ":
        kept = kept.rpartition(" ")[0] or split(text, limit - 1)[0]
    return kept.rstrip(" .,;:–-") + "…"


def _cut(text: str, limit: int) -> int:
    """Choose where the first part ends: a good place in the last half, any place, a place inside of what is whole."""
    end = _fitting(text, limit)
    whole = [found.span() for found in _WHOLE.finditer(text[: 2 * limit])]  # what ends later cannot stay whole
    for least, spared in ((end // 2, whole), (1, whole), (1, [])):
        for places in _places(text, end, graphemes=least == 1):
            usable = [place for place in places if max(least, 1) <= place <= end]
            free = [place for place in usable if not any(first < place < last for first, last in spared)]
            if free:
                return free[-1]
    return end


def _places(text: str, end: int, *, graphemes: bool) -> Iterator[list[int]]:
    for boundary in _BOUNDARIES:
        yield [found.start(1) for found in boundary.finditer(text, 0, end + 2)]
    if graphemes:
        import regex  # type: ignore[import-untyped]  # 80 ms, for the rare text without a place to breathe

        yield [found.start() for found in regex.finditer(r"\X", text, pos=0, endpos=end + 2)]


def _fitting(text: str, limit: int) -> int:
    """Count the characters that fit: at least one, or splitting would not end."""
    used = accumulate(units(char) for char in text)
    return max(sum(1 for _ in takewhile(lambda so_far: so_far <= limit, used)), 1)
