"""The tables. Times are microseconds since 1970 in UTC, payloads JSON as text: both cheap, and the same everywhere."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

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
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _of(table: str, *, nullable: bool = False) -> Column[int]:
    return Column(f"{table.removesuffix('s')}_id", BigInteger, ForeignKey(f"{table}.id"), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _count(name: str, start: int = 0) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text(str(start)))


def _text(name: str, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=None if default is None else text(f"'{default}'"))


def _partial(name: str, *columns: Column[int] | Column[str], where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


users = Table(
    "users",
    metadata,
    _id(),
    Column("phone", Text, unique=True),  # NULL while the channel hides it
    _text("name", ""),
    _text("language", ""),
    _text("status", "active"),
    _time("created_at"),
)

conversations = Table(
    "conversations",
    metadata,
    _id(),
    _text("channel"),
    Column("address", Text),  # NULL once somebody else writes from it
    Column("external_id", Text),
    _of("users", nullable=True),
    _count("next_seq", 1),
    _count("epoch"),
    _time("stopped_at", nullable=True),
    _time("handed_over_until", nullable=True),
    Column("allowance_tokens", Float),
    _time("allowance_at", nullable=True),
    Column("allowance_told", Boolean),
    Column("menu", Text),  # what stands under the last reply
    _count("turns"),
    _time("last_inbound_at", nullable=True),
    Column("session_id", BigInteger),  # the open one; no foreign key, sessions have theirs the other way
    _time("wake_at", nullable=True),  # waiting messages are left alone until then; NULL: at once
    UniqueConstraint("channel", "address"),
    UniqueConstraint("channel", "external_id"),
)

sessions = Table(
    "sessions",
    metadata,
    _id(),
    _of("conversations"),
    _time("started_at"),
    _time("last_message_at"),
    _time("ended_at", nullable=True),
)
_partial("ux_sessions_open", sessions.c.conversation_id, where="ended_at IS NULL", unique=True)

inbox = Table(
    "inbox",
    metadata,
    _id(),
    _text("channel"),
    _text("sid"),
    _of("conversations"),
    _count("seq"),
    _text("body"),
    _time("received_at"),
    _text("status", "new"),  # new, done, dead
    Column("turn_id", Text),  # stamped by the claim: a re-run takes the same messages
    _count("attempts"),
    _time("claimed_at", nullable=True),  # by the first attempt
    _time("ready_at", nullable=True),  # a retry waits until then
    _time("ended_at", nullable=True),
    _text("error", ""),
    UniqueConstraint("channel", "sid"),
    UniqueConstraint("conversation_id", "seq"),
)
_partial("ix_inbox_new", inbox.c.conversation_id, inbox.c.seq, where="status = 'new'")
_partial("ix_inbox_dead", inbox.c.id, where="status = 'dead'")

messages = Table(
    "messages",
    metadata,
    _id(),
    _of("conversations"),
    _text("turn_id"),
    _text("direction"),
    _text("text"),
    _text("language"),
    _time("at"),
)
Index(None, messages.c.conversation_id, messages.c.id)

dialogues = Table(
    "dialogues",
    metadata,
    Column("id", Text, primary_key=True),
    _of("conversations"),
    _text("intent"),
    _count("version"),
    _text("opening"),
    _time("opened_at"),
    _text("turn_id"),
    _text("status"),
    Column("question", Text),
    _time("changed_at"),
    _time("ended_at", nullable=True),
)
_partial("ux_dialogues_open", dialogues.c.conversation_id, where="status = 'open'", unique=True)
_partial("ix_dialogues_ended", dialogues.c.ended_at, where="ended_at IS NOT NULL")
Index(None, dialogues.c.turn_id)
_partial(
    "ix_dialogues_aside",
    dialogues.c.conversation_id,
    dialogues.c.changed_at,
    where="status IN ('interrupted', 'parked', 'offered')",
)
_partial("ix_dialogues_unattended", dialogues.c.changed_at, where="status IN ('open', 'interrupted')")

dialogue_entries = Table(
    "dialogue_entries",
    metadata,
    _id(),
    Column("dialogue_id", Text, ForeignKey("dialogues.id"), nullable=False),
    _text("name"),
    _text("kind"),
    _text("state"),
    _text("value"),
    _text("arguments"),
    _text("label", ""),  # what was asked and said
    UniqueConstraint("dialogue_id", "name"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("dedupe_key", Text, nullable=False, unique=True),
    _of("conversations"),
    _text("turn_id"),
    _text("bubble"),
    _text("passes", ""),  # the silence that it breaks: handover, stop
    _text("state"),
    _count("attempts"),
    _time("created_at"),
    _time("ready_at"),
    _time("begun_at", nullable=True),  # the first attempt
    _time("check_at", nullable=True),  # it is `unknown`, and is looked for then; it holds those behind it
    _time("changed_at"),
    _text("provider_id", ""),
    _text("error", ""),
)
_partial(
    "ix_outbox_waiting",
    outbox.c.conversation_id,
    outbox.c.id,
    where="state IN ('queued', 'sending') OR check_at IS NOT NULL",
)
_partial("ix_outbox_provider_id", outbox.c.provider_id, where="provider_id <> ''")

early_statuses = Table(  # a provider's status that came before the answer to the send with its id
    "early_statuses",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("provider_id", Text, primary_key=True),
    _text("state"),
    _text("error"),
    _time("retry_at", nullable=True),
    Column("stopped", Boolean),
    _time("at"),
)
Index(None, early_statuses.c.at)

escalations = Table(
    "escalations",
    metadata,
    _id(),
    _of("conversations"),
    _text("reason"),
    _text("details"),
    Column("silent", Boolean, nullable=False),
    _time("opened_at"),
    _text("outcome", ""),  # of its rings: reached, nobody, quiet
    _time("closed_at", nullable=True),
    _text("closed_by", ""),
)
_partial(
    "ux_escalations_open", escalations.c.conversation_id, escalations.c.reason, where="closed_at IS NULL", unique=True
)

rings = Table(
    "rings",
    metadata,
    _id(),
    _of("escalations"),
    _count("place"),  # in `escalation.notify`
    _text("address"),
    _of("outbox"),
    _time("at"),
    UniqueConstraint("escalation_id", "place"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Text, primary_key=True),
    _of("conversations"),
    Column("session_id", BigInteger),
    Column("user_id", BigInteger),
    _time("started_at"),
    _time("finished_at"),
    _text("language"),
    _text("intent"),
    Column("confidence", Float, nullable=False),
    _text("route"),
    _text("code"),
    _text("trace"),
)
Index(None, turns.c.conversation_id, turns.c.started_at)
Index(None, turns.c.started_at)

action_log = Table(
    "action_log",
    metadata,
    _id(),
    _of("conversations"),
    _text("turn_id"),
    _text("dialogue_id"),
    _text("name"),
    _text("kind"),
    _text("details"),
    _time("at"),
)
Index(None, action_log.c.conversation_id, action_log.c.id)

error_log = Table(
    "error_log",
    metadata,
    _id(),
    _of("conversations"),
    _text("turn_id"),
    _text("code"),
    _text("message"),
    _text("plugin"),
    _text("stage"),
    _text("traceback"),
    _time("at"),
)
Index(None, error_log.c.at)

consents = Table(  # what users said about STOP, in full: rows are only ever added
    "consents",
    metadata,
    _id(),
    _of("conversations"),
    _text("kind"),
    _text("sid"),
    _time("at"),
)
Index(None, consents.c.conversation_id, consents.c.id)
