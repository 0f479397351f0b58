"""Phones: people, what they sent and received, their files, and how far the clock was put forward."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "simulator_0001"
down_revision = None
branch_labels = ("simulator",)
depends_on = None


def upgrade() -> None:
    state = _table("state", _number("revision"), _number("ahead"))
    op.bulk_insert(state, [{"id": 1, "revision": 0, "ahead": 0}])
    _table(
        "people",
        *map(_text, ("phone", "name", "language")),
        _number("created_at"),
        sa.UniqueConstraint("phone", name="uq_simulator_people_phone"),
    )
    _table(
        "messages",
        _number("person_id"),
        _number("revision"),
        *map(_text, ("direction", "sid")),
        _number("at"),
        *map(_text, ("status", "turn_id", "body")),
        sa.ForeignKeyConstraint(["person_id"], ["simulator_people.id"], name="fk_simulator_messages_person_id"),
        sa.UniqueConstraint("revision", name="uq_simulator_messages_revision"),
        sa.UniqueConstraint("sid", name="uq_simulator_messages_sid"),
    )
    op.create_index("ix_simulator_messages_person_id_id", "simulator_messages", ["person_id", "id"])
    op.create_table(
        "simulator_files",
        *map(_text, ("id", "content_type", "filename")),
        _number("size"),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_simulator_files"),
    )


def downgrade() -> None:
    for table in ("files", "messages", "people", "state"):
        op.drop_table(f"simulator_{table}")


def _table(name: str, *parts: sa.schema.SchemaItem) -> sa.Table:
    key = sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)
    return op.create_table(f"simulator_{name}", key, *parts, sa.PrimaryKeyConstraint("id", name=f"pk_simulator_{name}"))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
