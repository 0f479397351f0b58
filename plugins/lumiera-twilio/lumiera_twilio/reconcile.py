"""What became of a send without an answer: Twilio is asked which messages it took.

The list is not filtered by date: Twilio does so by the day on which a message was *sent*, and one that waits in its
queue, which is the one we look for, has no such day yet.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from lumiera.errors import ChannelError, SendAmbiguous
from lumiera.messages import Bubble
from lumiera.records import OutboxItem
from lumiera_twilio.addresses import prefixed
from lumiera_twilio.settings import TwilioSettings

LATITUDE = timedelta(seconds=5)  # between Twilio's clock, which shows whole seconds, and ours
PAGE_SIZE = 100
MOST_PAGES = 5


async def find_sent(client: Any, item: OutboxItem, settings: TwilioSettings) -> str | None:
    """Return the sid of the message that a bubble became, None if Twilio has none; a failed one counts as taken.

    Of several that it may be the oldest, one with the same words before one whose words tell nothing. Raises
    `SendAmbiguous` if Twilio cannot be asked.
    """
    by_words: list[Any] = []
    others: list[Any] = []
    try:
        async for message in _sent_since(client, item, settings):
            if message.sid in item.known:
                continue
            if _flat(message.body) in _words(item.bubble):
                by_words.append(message)
            elif _tells_nothing(item.bubble, _flat(message.body)):
                others.append(message)
    except ChannelError as error:
        raise SendAmbiguous(f"not found out yet: {error.message}", provider_code=error.provider_code) from error
    # Newest first as they come, and within a second their dates are the same.
    oldest = min(reversed(by_words or others), key=lambda message: message.date_created or item.since, default=None)
    return None if oldest is None else str(oldest.sid)


async def _sent_since(client: Any, item: OutboxItem, settings: TwilioSettings) -> AsyncIterator[Any]:
    """Yield our messages to the user since the first attempt, newest first."""
    since = item.since - LATITUDE
    listed = client.messages
    messages, following = await _page(listed.page_async(**_between(item.address, settings), page_size=PAGE_SIZE))
    for _ in range(MOST_PAGES):
        new = [message for message in messages if message.date_created is None or message.date_created >= since]
        for message in new:
            if message.direction == "outbound-api" and _is_ours(message, settings):
                yield message
        if not new or following is None:
            return
        messages, following = await _page(listed.get_page_async(following))
    raise SendAmbiguous("too many messages since")


async def _page(call: Any) -> tuple[list[Any], str | None]:
    """Return a page's messages, and the address of the next one."""
    try:
        page = await call
        return list(page), page.next_page_url
    except ChannelError:
        raise
    except Exception:
        # The SDK on an answer that is no list raises whatever it meets, with the messages' words in it: not chained.
        raise SendAmbiguous("Twilio answered with something else than a list") from None


def _between(address: str, settings: TwilioSettings) -> dict[str, str]:
    """Return the filter of the list; a messaging service chooses the sender late, so there it is none."""
    to = {"to": prefixed(address)}
    return to | {"from_": settings.sender} if settings.sender else to


def _is_ours(message: Any, settings: TwilioSettings) -> bool:
    return settings.sender is not None or message.messaging_service_sid == settings.messaging_service_sid


def _words(bubble: Bubble) -> set[str]:
    """Return what Twilio may show as the body; choices also go out as numbered text."""
    return {_flat(bubble.text), _flat(bubble.numbered)} - {""}


def _tells_nothing(bubble: Bubble, body: str) -> bool:
    """Say whether a bubble may have become a message with other words.

    Twilio shows a template in the template's words, a file without a caption and a menu perhaps with none.
    """
    if bubble.template:
        return True
    drawn = bubble.kind != "text" or bubble.media is not None
    return drawn and (not body or body.startswith(_flat(bubble.text)))


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())
