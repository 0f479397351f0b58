"""The tables of the phones. Times are microseconds since 1970 in UTC, as in those of the store."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

CHANNEL = "simulator"
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _id() -> Column[int]:
    # SQLite gives row numbers to INTEGER keys only, not to BIGINT.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, doc="its number")


state = Table(
    "simulator_state",
    metadata,
    _id(),
    Column("revision", BigInteger, nullable=False, doc="of the last change of a message"),
    Column("ahead", BigInteger, nullable=False, doc="how far the clock was put forward, in microseconds"),
    info={"doc": "One row: where the phones and their clock are."},
)

people = Table(
    "simulator_people",
    metadata,
    _id(),
    Column("phone", Text, nullable=False, unique=True, doc="E.164"),
    Column("name", Text, nullable=False, doc="as their profile says"),
    Column("language", Text, nullable=False, doc="that was chosen in the page"),
    Column("created_at", BigInteger, nullable=False, doc="when"),
    info={"doc": "The pretended people of the page."},
)

messages = Table(
    "simulator_messages",
    metadata,
    _id(),
    Column("person_id", BigInteger, ForeignKey("simulator_people.id"), nullable=False, doc="on whose phone"),
    Column("revision", BigInteger, nullable=False, unique=True, doc="of its last change"),
    Column("direction", Text, nullable=False, doc="in: from the user to the bot, or out"),
    Column("sid", Text, nullable=False, unique=True, doc="its id, as a provider gives one"),
    Column("at", BigInteger, nullable=False, doc="when, on the clock of the page"),
    Column("status", Text, nullable=False, doc="sent, delivered, read"),
    Column("turn_id", Text, nullable=False, doc="empty until one has taken or said it"),
    Column("body", Text, nullable=False, doc="JSON: what the page draws"),
    Index("ix_simulator_messages_person_id_id", "person_id", "id"),
    info={"doc": "What each phone has sent and received."},
)

files = Table(
    "simulator_files",
    metadata,
    Column("id", Text, primary_key=True, doc="random"),
    Column("content_type", Text, nullable=False, doc="as the browser says"),
    Column("filename", Text, nullable=False, doc="as the browser says"),
    Column("size", BigInteger, nullable=False, doc="in bytes"),
    Column("data", LargeBinary, nullable=False, doc="the bytes"),
    info={"doc": "Files that people of the page have attached."},
)
