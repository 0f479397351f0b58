"""What stands on the phones: messages, oldest first; operations over the store's connection.

Every insert and every change takes the next revision in the same transaction. So whoever has seen revision 7 asks for
what comes after it, and misses nothing, whichever process wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from lumiera_sql.schema import outbox
from lumiera_sql.values import micros, moment
from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, func, insert, select, update

from lumiera.messages import Location, Tap
from lumiera_simulator.schema import messages, state

Direction = Literal["in", "out"]  # in: from the user to the bot
Status = Literal["sent", "delivered", "read"]
SentAs = Literal[
    "text", "quick reply", "list picker", "numbered text", "media", "template", "location", "tap",
]  # fmt: skip
_RANKS: Mapping[str, int] = {"sent": 0, "delivered": 1, "read": 2}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A button, or a row of a list."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Attached:
    """A file with a message, and where the page finds it."""

    url: str
    kind: Literal["image", "audio", "video", "file"]
    content_type: str
    filename: str = ""
    size: int = 0
    caption: str = ""


@dataclass(frozen=True, kw_only=True)
class Body:
    """What a message says, and how it was sent; that of a picture with words has them as its `text`."""

    text: str = field(default="", repr=False)
    kind: Literal["text", "buttons", "list"] = "text"
    options: tuple[Row, ...] = ()
    button: str = ""
    numbered: str = field(default="", repr=False)
    sent_as: SentAs = "text"
    tap: Tap | None = None
    location: Location | None = None
    reply_to: str = ""
    media: tuple[Attached, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PhoneMessage:
    """A message on the phone of a person."""

    id: int
    person: int
    revision: int
    direction: Direction
    sid: str
    at: datetime
    status: Status
    turn: str
    body: Body

    def plain(self) -> dict[str, Any]:
        """Return what the page is told."""
        return {
            "id": self.id,
            "revision": self.revision,
            "person": self.person,
            "direction": self.direction,
            "sid": self.sid,
            "at": self.at.isoformat(),
            "status": self.status,
            "turn": self.turn,
            **asdict(self.body),
        }


_BODY = TypeAdapter(Body)
_m = messages.c
_COLUMNS = (_m.id, _m.person_id, _m.revision, _m.direction, _m.sid, _m.at, _m.status, _m.turn_id, _m.body)
_ALL = select(*_COLUMNS)
_NEXT = update(state).values(revision=state.c.revision + 1).returning(state.c.revision)


def put(tx: Connection, person: int, direction: Direction, sid: str, body: Body, at: datetime) -> PhoneMessage:
    """Put a message on a phone, as the newest."""
    status: Status = "sent"
    values = {
        "person_id": person,
        "revision": _next_revision(tx),
        "direction": direction,
        "sid": sid,
        "at": micros(at),
        "status": status,
        "turn_id": "",
        "body": _BODY.dump_json(body, exclude_defaults=True).decode(),
    }
    made = tx.execute(insert(messages).values(values).returning(*_COLUMNS)).one()
    return _message(made)


def move(tx: Connection, sids: Sequence[str], status: Status, turn: str = "") -> int | None:
    """Move messages on to a status, never back, and tie them to a turn; returns whose they are."""
    person = None
    for message in these(tx, sids):
        person = message.person
        better = max(message.status, status, key=_RANKS.__getitem__)
        _write(tx, message, better, turn or message.turn)
    return person


def arrived(tx: Connection, sid: str, status: Status) -> None:
    """Take down what the outbox has learnt of a bubble, and the turn that has said it."""
    turn = tx.execute(select(outbox.c.turn_id).where(outbox.c.provider_id == sid)).scalar()
    move(tx, [sid], status, turn or "")


def look_at(tx: Connection, person: int) -> list[str]:
    """Mark what the bot sent to a person as read; returns the sids of what was not."""
    unread = _found(tx, _ALL.where(_m.person_id == person, _m.direction == "out", _m.status != "read"))
    for message in unread:
        _write(tx, message, "read", message.turn)
    return [message.sid for message in unread]


def page(tx: Connection, person: int, before: int | None, limit: int) -> tuple[list[PhoneMessage], bool]:
    """Return the last messages of a person, those before an id where one is given, and whether there are more."""
    query = _ALL.where(_m.person_id == person).order_by(_m.id.desc()).limit(limit + 1)
    found = _found(tx, query if before is None else query.where(_m.id < before))
    return found[:limit][::-1], len(found) > limit


def these(tx: Connection, sids: Sequence[str]) -> list[PhoneMessage]:
    return _found(tx, _ALL.where(_m.sid.in_(sids)).order_by(_m.id))


def since(tx: Connection, revision: int, limit: int) -> list[PhoneMessage]:
    """Return what has changed after a revision, in the order of the changes."""
    return _found(tx, _ALL.where(_m.revision > revision).order_by(_m.revision).limit(limit))


def revision(tx: Connection) -> int:
    return int(tx.execute(select(state.c.revision)).scalar_one())


def last_ones(tx: Connection) -> dict[int, PhoneMessage]:
    """Return the last message of each person who has any."""
    newest = select(func.max(_m.id)).group_by(_m.person_id)
    return {message.person: message for message in _found(tx, _ALL.where(_m.id.in_(newest)))}


def unread(tx: Connection) -> dict[int, int]:
    """Count what each person has not read yet."""
    theirs = select(_m.person_id, func.count().label("unread")).where(_m.direction == "out", _m.status != "read")
    return {row.person_id: row.unread for row in tx.execute(theirs.group_by(_m.person_id))}


def unsent(tx: Connection, person: int) -> list[PhoneMessage]:
    """Return what the bot has not received yet, oldest first."""
    return _found(tx, _ALL.where(_m.person_id == person, _m.direction == "in", _m.status == "sent").order_by(_m.id))


def last_written(tx: Connection, person: int) -> datetime | None:
    """Return when the person has last written to the bot."""
    at = tx.execute(select(func.max(_m.at)).where(_m.person_id == person, _m.direction == "in")).scalar()
    return None if at is None else moment(at)


def received_since(tx: Connection, person: int, at: datetime) -> list[PhoneMessage]:
    """Return what the person was sent from a time on, oldest first."""
    return _found(tx, _ALL.where(_m.person_id == person, _m.direction == "out", _m.at >= micros(at)).order_by(_m.id))


def _write(tx: Connection, message: PhoneMessage, status: Status, turn: str) -> None:
    if (status, turn) != (message.status, message.turn):
        values = {"status": status, "turn_id": turn, "revision": _next_revision(tx)}
        tx.execute(update(messages).where(_m.id == message.id).values(values))


def _next_revision(tx: Connection) -> int:
    return int(tx.execute(_NEXT).scalar_one())


def _found(tx: Connection, query: Select[Any]) -> list[PhoneMessage]:
    return [_message(row) for row in tx.execute(query)]


def _message(row: Any) -> PhoneMessage:
    number, person, revised, direction, sid, at, status, turn, body = row
    return PhoneMessage(
        id=number, person=person, revision=revised, direction=direction, sid=sid, at=moment(at), status=status,
        turn=turn, body=_BODY.validate_json(body),
    )  # fmt: skip
