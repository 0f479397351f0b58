"""Alembic runs this file: it takes the connection of the store, in the transaction that is open there."""

from __future__ import annotations

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    version_table=attributes["version_table"],
    transactional_ddl=True,  # ours is: a group of operations opens with BEGIN IMMEDIATE
)
context.run_migrations()
