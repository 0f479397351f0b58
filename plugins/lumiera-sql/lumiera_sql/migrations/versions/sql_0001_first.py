"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "sql_0001"
down_revision = None
branch_labels = ("sql",)
depends_on = None


def upgrade() -> None:
    _people()
    _inbox_and_outbox()
    _dialogues()
    _records()


def downgrade() -> None:
    for table in (
        "consents", "error_log", "action_log", "turns", "messages", "dialogue_entries", "dialogues",
        "early_statuses", "outbox", "inbox", "sessions", "conversations", "users",
    ):  # fmt: skip
        op.drop_table(table)


def _people() -> None:
    _table(
        "users",
        _optional("phone", sa.Text()),
        _text("name", ""),
        _text("language", ""),
        _text("status", "active"),
        _number("created_at"),
        sa.UniqueConstraint("phone", name="uq_users_phone"),
    )
    _table(
        "conversations",
        _text("channel"),
        _optional("address", sa.Text()),
        _optional("external_id", sa.Text()),
        _optional("user_id"),
        _number("next_seq", 1),
        _number("epoch", 0),
        _optional("stopped_at"),
        _optional("handed_over_until"),
        _optional("allowance_tokens", sa.Float()),
        _optional("allowance_at"),
        _optional("allowance_told", sa.Boolean()),
        _optional("menu", sa.Text()),
        _number("turns", 0),
        _optional("last_inbound_at"),
        _optional("session_id"),
        _optional("wake_at"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_conversations_user_id"),
        sa.UniqueConstraint("channel", "address", name="uq_conversations_channel_address"),
        sa.UniqueConstraint("channel", "external_id", name="uq_conversations_channel_external_id"),
    )
    _table(
        "sessions",
        *_conversation("sessions"),
        _number("started_at"),
        _number("last_message_at"),
        _optional("ended_at"),
    )
    _index("ux_sessions_open", "sessions", ["conversation_id"], "ended_at IS NULL", unique=True)


def _inbox_and_outbox() -> None:
    _table(
        "inbox",
        _text("channel"),
        _text("sid"),
        *_conversation("inbox"),
        _number("seq", 0),
        _text("body"),
        _number("received_at"),
        _text("status", "new"),
        _optional("turn_id", sa.Text()),
        _number("attempts", 0),
        _optional("claimed_at"),
        _optional("ready_at"),
        _optional("ended_at"),
        _text("error", ""),
        sa.UniqueConstraint("channel", "sid", name="uq_inbox_channel_sid"),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_inbox_conversation_id_seq"),
    )
    _index("ix_inbox_new", "inbox", ["conversation_id", "seq"], "status = 'new'")
    _index("ix_inbox_dead", "inbox", ["id"], "status = 'dead'")
    _table(
        "outbox",
        _text("dedupe_key"),
        *_conversation("outbox"),
        _text("turn_id"),
        _text("bubble"),
        sa.Column("after_stop", sa.Boolean(), nullable=False),
        _text("state"),
        _number("attempts", 0),
        _number("created_at"),
        _number("ready_at"),
        _number("changed_at"),
        _text("provider_id", ""),
        _text("error", ""),
        sa.UniqueConstraint("dedupe_key", name="uq_outbox_dedupe_key"),
    )
    _index("ix_outbox_unfinished", "outbox", ["conversation_id", "id"], "state IN ('queued', 'sending')")
    _index("ix_outbox_provider_id", "outbox", ["provider_id"], "provider_id <> ''")
    op.create_table(
        "early_statuses",
        _text("channel"),
        _text("provider_id"),
        _text("state"),
        _text("error"),
        _number("at"),
        sa.PrimaryKeyConstraint("channel", "provider_id", name="pk_early_statuses"),
    )
    _index("ix_early_statuses_at", "early_statuses", ["at"])


def _dialogues() -> None:
    op.create_table(
        "dialogues",
        _text("id"),
        *_conversation("dialogues"),
        _text("intent"),
        _number("version", 0),
        _text("opening"),
        _number("opened_at"),
        _text("turn_id"),
        _text("status"),
        _optional("question", sa.Text()),
        _optional("ended_at"),
        sa.PrimaryKeyConstraint("id", name="pk_dialogues"),
    )
    _index("ux_dialogues_open", "dialogues", ["conversation_id"], "status = 'open'", unique=True)
    _index("ix_dialogues_ended", "dialogues", ["ended_at"], "ended_at IS NOT NULL")
    _index("ix_dialogues_turn_id", "dialogues", ["turn_id"])
    _table(
        "dialogue_entries",
        _text("dialogue_id"),
        _text("name"),
        _text("kind"),
        _text("state"),
        _text("value"),
        _text("arguments"),
        sa.ForeignKeyConstraint(["dialogue_id"], ["dialogues.id"], name="fk_dialogue_entries_dialogue_id"),
        sa.UniqueConstraint("dialogue_id", "name", name="uq_dialogue_entries_dialogue_id_name"),
    )


def _records() -> None:
    _table(
        "messages",
        *_conversation("messages"),
        _text("turn_id"),
        _text("direction"),
        _text("text"),
        _text("language"),
        _number("at"),
    )
    op.create_table(
        "turns",
        _text("id"),
        *_conversation("turns"),
        _optional("session_id"),
        _optional("user_id"),
        _number("started_at"),
        _number("finished_at"),
        _text("language"),
        _text("intent"),
        sa.Column("confidence", sa.Float(), nullable=False),
        _text("route"),
        _text("code"),
        _text("trace"),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
    )
    _index("ix_turns_conversation_id_started_at", "turns", ["conversation_id", "started_at"])
    _table(
        "action_log",
        *_conversation("action_log"),
        _text("turn_id"),
        _text("dialogue_id"),
        _text("name"),
        _text("kind"),
        _text("details"),
        _number("at"),
    )
    _table(
        "error_log",
        *_conversation("error_log"),
        _text("turn_id"),
        _text("code"),
        _text("message"),
        _text("plugin"),
        _text("stage"),
        _text("traceback"),
        _number("at"),
    )
    _index("ix_error_log_at", "error_log", ["at"])
    _table("consents", *_conversation("consents"), _text("kind"), _text("sid"), _number("at"))
    for table in ("messages", "action_log", "consents"):
        _index(f"ix_{table}_conversation_id_id", table, ["conversation_id", "id"])


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    key = sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)
    op.create_table(name, key, *parts, sa.PrimaryKeyConstraint("id", name=f"pk_{name}"))


def _conversation(table: str) -> tuple[sa.schema.SchemaItem, sa.schema.SchemaItem]:
    name = f"fk_{table}_conversation_id"
    return _number("conversation_id"), sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=name)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text(), nullable=False, server_default=None if default is None else sa.text(f"'{default}'")
    )


def _number(name: str, default: int | None = None) -> sa.Column[int]:
    return sa.Column(
        name, sa.BigInteger(), nullable=False, server_default=None if default is None else sa.text(str(default))
    )


def _optional(name: str, kind: sa.types.TypeEngine[Any] | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind or sa.BigInteger(), nullable=True)


def _index(name: str, table: str, columns: list[str], where: str = "", *, unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
