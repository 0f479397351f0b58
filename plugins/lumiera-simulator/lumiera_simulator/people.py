"""The people of the page, each with a phone; operations over the store's connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lumiera_sql.schema import conversations
from lumiera_sql.values import micros
from sqlalchemy import Connection, Select, and_, func, select
from sqlalchemy.dialects.postgresql import insert  # compiles on SQLite, too

from lumiera_simulator.messages import PhoneMessage
from lumiera_simulator.schema import CHANNEL, people

# Numbers that are nobody's: set apart for fiction in the United Kingdom, Germany and France. Where a country has set
# none apart, somebody has a French one, as on a French site.
FIRST = (
    ("+33639980101", "Camille Laurent", "fr"),
    ("+447700900102", "James Carter", "en"),
    ("+33639980103", "Lucía Fernández", "es"),
    ("+33639980104", "João Pereira", "pt"),
    ("+491713920015", "Markus Weber", "de"),
    ("+33639980106", "Giulia Ricci", "it"),
    ("+33639980107", "Andrei Popescu", "ro"),
    ("+33639980108", "Katarzyna Nowak", "pl"),
    ("+33639980109", "يوسف بن علي", "ar"),
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with a phone; `conversation_id` is the one on this channel, once there is one."""

    id: int
    phone: str = field(repr=False)
    name: str = field(repr=False)
    language: str
    conversation_id: int | None = None

    def plain(self, last: PhoneMessage | None = None, unread: int = 0) -> dict[str, Any]:
        """Return what the page is told."""
        own = {"id": self.id, "phone": self.phone, "name": self.name, "language": self.language}
        return {**own, "last": last and last.plain(), "unread": unread}


_THEIRS = and_(conversations.c.channel == CHANNEL, conversations.c.address == people.c.phone)
_ALL = (
    select(people.c.id, people.c.phone, people.c.name, people.c.language, conversations.c.id)
    .select_from(people.outerjoin(conversations, _THEIRS))
    .order_by(people.c.id)
)


def everybody(tx: Connection, after: int = 0) -> list[Person]:
    """Return the people that were made after the one with the id `after`."""
    return [_person(*row) for row in tx.execute(_ALL.where(people.c.id > after))]


def by_id(tx: Connection, person_id: int) -> Person | None:
    return _first(tx, _ALL.where(people.c.id == person_id))


def by_phone(tx: Connection, phone: str) -> Person | None:
    return _first(tx, _ALL.where(people.c.phone == phone))


def add(tx: Connection, phone: str, name: str, language: str, now: datetime) -> Person | None:
    """Add somebody; None if the phone is somebody's already."""
    values = {"phone": phone, "name": name, "language": language, "created_at": micros(now)}
    made = tx.execute(insert(people).values(values).on_conflict_do_nothing().returning(people.c.id)).scalar()
    return by_id(tx, made) if made else None


def seed(tx: Connection, languages: Sequence[str], now: datetime) -> None:
    """Add somebody for each language, unless there is anybody."""
    if not tx.execute(select(func.count()).select_from(people)).scalar():
        for phone, name, language in FIRST:
            if language in languages:
                add(tx, phone, name, language, now)


def _first(tx: Connection, query: Select[Any]) -> Person | None:
    row = tx.execute(query).first()
    return _person(*row) if row else None


def _person(number: int, phone: str, name: str, language: str, conversation: int | None) -> Person:
    return Person(id=number, phone=phone, name=name, language=language, conversation_id=conversation)
