"""Twilio's form of an inbound message, read into a `Message`. Fields that are not read here are ignored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from lumiera.messages import Location, Media, Message, Tap
from lumiera_twilio.addresses import bare

MESSAGE_SID = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
MOST_MEDIA = 10
LONGEST_NAME = 100
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
Form = Mapping[str, str]


def read_message(form: Form, received_at: datetime) -> Message | None:
    """Return the message; None when the form has no sid or no WhatsApp sender."""
    sid, sender = form.get("MessageSid", ""), bare(form.get("From", ""))
    if not MESSAGE_SID.fullmatch(sid) or not sender:
        return None
    tap = _tap(form)
    return Message(
        sid=sid,
        channel="twilio",
        sender=sender,
        received_at=received_at,
        text="" if tap else _text(form, "Body"),
        media=_media(form),
        tap=tap,
        location=_location(form),
        profile_name=_name(form.get("ProfileName", "")),
        external_id=bare(form.get("ExternalUserId", "")) or ("" if sender.startswith("+") else sender),
        reply_to=_sid(form, "OriginalRepliedMessageSid"),
    )


def _text(form: Form, name: str) -> str:
    return form.get(name, "").replace("\0", "")  # Postgres stores every character but this one


def _sid(form: Form, name: str) -> str:
    value = form.get(name, "")
    return value if MESSAGE_SID.fullmatch(value) else ""


def _tap(form: Form) -> Tap | None:
    """Return the tapped row or button; Twilio repeats its title as the body."""
    tapped = _text(form, "ListId") or _text(form, "ButtonPayload")
    if not tapped:
        return None
    titles = (_text(form, name) for name in ("ListTitle", "ButtonText", "Body"))
    return Tap(id=tapped, title=next(filter(None, titles), ""))


def _media(form: Form) -> tuple[Media, ...]:
    count = form.get("NumMedia", "")
    items = range(min(int(count), MOST_MEDIA) if re.fullmatch("[0-9]{1,3}", count) else 0)
    urls = ((_text(form, f"MediaUrl{n}"), _text(form, f"MediaContentType{n}").strip().lower()) for n in items)
    return tuple(Media(url=url, content_type=kind) for url, kind in urls if url)


def _location(form: Form) -> Location | None:
    try:
        latitude, longitude = float(form["Latitude"]), float(form["Longitude"])
    except (KeyError, ValueError):
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # so written that NaN fails too
        return None
    return Location(latitude=latitude, longitude=longitude, label=_text(form, "Label"), address=_text(form, "Address"))


def _name(written: str) -> str:
    """Return a name that the user chose, without what could break a line of ours or turn it round."""
    kept = (char for char in written if char not in _OVERRIDES and unicodedata.category(char) not in ("Cc", "Cs"))
    return "".join(kept).strip()[:LONGEST_NAME]
