"""The tables. Times are microseconds since 1970 in UTC, payloads JSON as text: both cheap, and the same everywhere.

What a table and a column mean stands with them, in `info["doc"]` and `doc`; docs/database.md is made of it.
"""

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
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, doc="its number")


def _of(table: str, doc: str = "", *, nullable: bool = False) -> Column[int]:
    one = table.removesuffix("s")
    key = ForeignKey(f"{table}.id")
    return Column(f"{one}_id", BigInteger, key, nullable=nullable, doc=doc or f"of which {one}")


def _time(name: str, doc: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable, doc=doc)


def _count(name: str, doc: str, start: int = 0) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text(str(start)), doc=doc)


def _text(name: str, doc: str, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=None if default is None else text(f"'{default}'"), doc=doc)


def _means(text: str) -> dict[str, str]:
    return {"doc": text}


def _partial(name: str, *columns: Column[int] | Column[str], where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


users = Table(
    "users",
    metadata,
    _id(),
    Column("phone", Text, unique=True, doc="E.164; NULL while the channel hides it"),
    _text("name", "as the user's profile or a plugin says", ""),
    _text("language", "what the user was last known to speak; empty: not known", ""),
    _text("status", "active, blocked", "active"),
    _time("created_at", "first seen"),
    info=_means("Who writes to the bot."),
)

conversations = Table(
    "conversations",
    metadata,
    _id(),
    _text("channel", "its name, such as twilio"),
    Column("address", Text, doc="where a reply goes; NULL once somebody else writes from it"),
    Column("external_id", Text, doc="the provider's lasting id of the user"),
    _of("users", "whose it is, once `authenticate` has said so", nullable=True),
    _count("next_seq", "of the next message", 1),
    _count("epoch", "raised by each claim; a commit with an older one is thrown away"),
    _time("stopped_at", "when the user said STOP; NULL: not, or START since", nullable=True),
    _time("handed_over_until", "a human has it until then", nullable=True),
    Column("allowance_tokens", Float, doc="what is left of the rate limit"),
    _time("allowance_at", "when that was counted", nullable=True),
    Column("allowance_told", Boolean, doc="whether the user was told"),
    Column("menu", Text, doc="JSON: what stands under the last reply"),
    _count("turns", "how many it has had"),
    _time("last_inbound_at", "opens the channel's window", nullable=True),
    Column("session_id", BigInteger, doc="the open one; no foreign key, sessions have theirs the other way"),
    _time("wake_at", "waiting messages are left alone until then; NULL: at once", nullable=True),
    UniqueConstraint("channel", "address"),
    UniqueConstraint("channel", "external_id"),
    info=_means("One user on one channel, and who may write for it."),
)

sessions = Table(
    "sessions",
    metadata,
    _id(),
    _of("conversations"),
    _time("started_at", "with its first message"),
    _time("last_message_at", "the last one so far"),
    _time("ended_at", "NULL: it is open", nullable=True),
    info=_means("Stretches of a conversation, by the rule of the stage `session`."),
)
_partial("ux_sessions_open", sessions.c.conversation_id, where="ended_at IS NULL", unique=True)

inbox = Table(
    "inbox",
    metadata,
    _id(),
    _text("channel", "by which it came"),
    _text("sid", "the provider's id, unique on the channel"),
    _of("conversations"),
    _count("seq", "its place in the conversation"),
    _text("body", "JSON of the message"),
    _time("received_at", "as the channel says"),
    _text("status", "new, done, dead", "new"),
    Column("turn_id", Text, doc="stamped by the claim: a re-run takes the same messages"),
    _count("attempts", "tries of its turn"),
    _time("claimed_at", "by the first attempt", nullable=True),
    _time("ready_at", "a retry waits until then", nullable=True),
    _time("ended_at", "when it was done or dead", nullable=True),
    _text("error", "why it is dead", ""),
    UniqueConstraint("channel", "sid"),
    UniqueConstraint("conversation_id", "seq"),
    info=_means("What came in: written before it is acknowledged, one row for each message."),
)
_partial("ix_inbox_new", inbox.c.conversation_id, inbox.c.seq, where="status = 'new'")
_partial("ix_inbox_dead", inbox.c.id, where="status = 'dead'")

messages = Table(
    "messages",
    metadata,
    _id(),
    _of("conversations"),
    _text("turn_id", "in which; empty outside of one"),
    _text("direction", "in, out, team, note"),
    _text("text", "as it was shown"),
    _text("language", "of the text"),
    _time("at", "when"),
    info=_means("The history: what was said, in order."),
)
Index(None, messages.c.conversation_id, messages.c.id)

dialogues = Table(
    "dialogues",
    metadata,
    Column("id", Text, primary_key=True, doc="conversation, place and intent of the message that opened it"),
    _of("conversations"),
    _text("intent", "whose handler it runs"),
    _count("version", "of that intent when it began"),
    _text("opening", "JSON of the messages that opened it"),
    _time("opened_at", "when"),
    _text("turn_id", "the last turn that wrote in it"),
    _text("status", "open, interrupted, parked, offered, done, cancelled, draft"),
    Column("question", Text, doc="JSON of what is asked, as it was shown"),
    _time("changed_at", "when something was last written"),
    _time("ended_at", "removed 7 days later", nullable=True),
    info=_means("Handlers that ask: where each stands."),
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
    Column("dialogue_id", Text, ForeignKey("dialogues.id"), nullable=False, doc="whose journal"),
    _text("name", "name, or name/key"),
    _text("kind", "answer, say, step, write"),
    _text("state", "started, done, failed"),
    _text("value", "JSON of the result"),
    _text("arguments", "a hash of what the step was called with"),
    _text("label", "what was asked and said", ""),
    UniqueConstraint("dialogue_id", "name"),
    info=_means("The journals: what was answered, said and done."),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("dedupe_key", Text, nullable=False, unique=True, doc="turn/ordinal, dialogue/entry or escalation/person"),
    _of("conversations"),
    _text("turn_id", "which said it; empty outside of one"),
    _text("bubble", "JSON of the bubble"),
    _text("passes", "the silence that it breaks: handover, stop", ""),
    _text("state", "queued, sending, sent, delivered, read, failed, unknown, cancelled"),
    _count("attempts", "of its send"),
    _time("created_at", "committed"),
    _time("ready_at", "waits until then"),
    _time("begun_at", "the first attempt", nullable=True),
    _time("check_at", "it is `unknown`, and is looked for then; it holds those behind it", nullable=True),
    _time("changed_at", "when its state last changed"),
    _text("provider_id", "the provider's id, once it is sent", ""),
    _text("error", "for the operator", ""),
    info=_means("What goes out: one row for each bubble, committed with the turn that says it."),
)
_partial(
    "ix_outbox_waiting",
    outbox.c.conversation_id,
    outbox.c.id,
    where="state IN ('queued', 'sending') OR check_at IS NOT NULL",
)
_partial("ix_outbox_provider_id", outbox.c.provider_id, where="provider_id <> ''")

early_statuses = Table(
    "early_statuses",
    metadata,
    Column("channel", Text, primary_key=True, doc="of the status"),
    Column("provider_id", Text, primary_key=True, doc="of the bubble"),
    _text("state", "what the provider tells"),
    _text("error", "the same, of a failure"),
    _time("retry_at", "when to send it again", nullable=True),
    Column("stopped", Boolean, doc="the user wants no more"),
    _time("at", "when it came"),
    info=_means("A provider's status that came before the answer to the send with its id."),
)
Index(None, early_statuses.c.at)

escalations = Table(
    "escalations",
    metadata,
    _id(),
    _of("conversations"),
    _text("reason", "one of a conversation and reason is open at a time"),
    _text("details", "what is told to the human"),
    Column("silent", Boolean, nullable=False, doc="the bot is silent meanwhile"),
    _time("opened_at", "when"),
    _text("outcome", "of its rings: reached, nobody, quiet; empty: being rung", ""),
    _time("closed_at", "NULL: it is open", nullable=True),
    _text("closed_by", "user, team, time", ""),
    info=_means("Conversations that need a human."),
)
_partial(
    "ux_escalations_open", escalations.c.conversation_id, escalations.c.reason, where="closed_at IS NULL", unique=True
)

rings = Table(
    "rings",
    metadata,
    _id(),
    _of("escalations"),
    _count("place", "in `escalation.notify`"),
    _text("address", "of the person"),
    _of("outbox", "the bubble that rings"),
    _time("at", "when"),
    UniqueConstraint("escalation_id", "place"),
    info=_means("Who was rung for an escalation."),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Text, primary_key=True, doc="as in the log"),
    _of("conversations"),
    Column("session_id", BigInteger, doc="in which"),
    Column("user_id", BigInteger, doc="whose"),
    _time("started_at", "of the first try"),
    _time("finished_at", "committed"),
    _text("language", "answered in"),
    _text("intent", "what was understood"),
    Column("confidence", Float, nullable=False, doc="of that, 0 to 1"),
    _text("route", "by which it was answered"),
    _text("code", "of its failure; empty: none"),
    _text("trace", "JSON of its spans"),
    info=_means("One trip through the pipeline each; what `lumiera explain` reads."),
)
Index(None, turns.c.conversation_id, turns.c.started_at)
Index(None, turns.c.started_at)

action_log = Table(
    "action_log",
    metadata,
    _id(),
    _of("conversations"),
    _text("turn_id", "in which"),
    _text("dialogue_id", "of which dialogue"),
    _text("name", "of the step or tool"),
    _text("kind", "as the step declares itself: store_operation, external_write"),
    _text("details", "JSON of plain values, never a user's words"),
    _time("at", "when"),
    info=_means("What was written in the name of users."),
)
Index(None, action_log.c.conversation_id, action_log.c.id)

error_log = Table(
    "error_log",
    metadata,
    _id(),
    _of("conversations"),
    _text("turn_id", "in which"),
    _text("code", "see errors.md"),
    _text("message", "for the operator"),
    _text("plugin", "whose"),
    _text("stage", "where"),
    _text("traceback", "of a bug"),
    _time("at", "when"),
    info=_means("What failed, with its blame."),
)
Index(None, error_log.c.at)

consents = Table(
    "consents",
    metadata,
    _id(),
    _of("conversations"),
    _text("kind", "stop, start"),
    _text("sid", "of the message that says so"),
    _time("at", "when"),
    info=_means("What users said about STOP, in full: rows are only ever added."),
)
Index(None, consents.c.conversation_id, consents.c.id)
