"""Escalations and their rings; dialogues put aside; bubbles of which nobody knows whether they went out."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "sql_0002"
down_revision = "sql_0001"
branch_labels = None
depends_on = None

WAITING = "state IN ('queued', 'sending') OR check_at IS NOT NULL"
ASIDE = "status IN ('interrupted', 'parked', 'offered')"
UNATTENDED = "status IN ('open', 'interrupted')"
OPEN = "closed_at IS NULL"


def upgrade() -> None:
    _outbox()
    _dialogues()
    _escalations()
    op.create_index("ix_turns_started_at", "turns", ["started_at"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup: dialogues put aside and open escalations have no place in sql_0001")


def _outbox() -> None:
    op.add_column("outbox", sa.Column("passes", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("outbox", sa.Column("begun_at", sa.BigInteger()))
    op.add_column("outbox", sa.Column("check_at", sa.BigInteger()))
    op.execute("UPDATE outbox SET passes = 'stop' WHERE after_stop")
    op.drop_index("ix_outbox_unfinished", "outbox")
    op.drop_column("outbox", "after_stop")
    op.add_column("early_statuses", sa.Column("retry_at", sa.BigInteger()))
    op.add_column("early_statuses", sa.Column("stopped", sa.Boolean()))
    op.create_index("ix_outbox_waiting", "outbox", ["conversation_id", "id"], **_where(WAITING))


def _dialogues() -> None:
    op.add_column("dialogue_entries", sa.Column("label", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("dialogues", sa.Column("changed_at", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.execute("UPDATE dialogues SET changed_at = COALESCE(ended_at, opened_at)")
    op.create_index("ix_dialogues_aside", "dialogues", ["conversation_id", "changed_at"], **_where(ASIDE))
    op.create_index("ix_dialogues_unattended", "dialogues", ["changed_at"], **_where(UNATTENDED))


def _escalations() -> None:
    op.create_table(
        "escalations",
        _id("escalations"),
        _of("escalations", "conversations"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("closed_by", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("id", name="pk_escalations"),
    )
    op.create_index("ux_escalations_open", "escalations", ["conversation_id", "reason"], unique=True, **_where(OPEN))
    op.create_table(
        "rings",
        _id("rings"),
        _of("rings", "escalations"),
        sa.Column("place", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("address", sa.Text(), nullable=False),
        _of("rings", "outbox"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rings"),
        sa.UniqueConstraint("escalation_id", "place", name="uq_rings_escalation_id_place"),
    )


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _id(table: str) -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _of(table: str, other: str) -> sa.Column[int]:
    name = f"{other.removesuffix('s')}_id"
    key = sa.ForeignKey(f"{other}.id", name=f"fk_{table}_{name}_{other}")
    return sa.Column(name, sa.BigInteger(), key, nullable=False)
