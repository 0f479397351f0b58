"""The store of Lumiera on a SQLite file: durable, ordered, fenced.

This module stays thin: SQLAlchemy costs 0.2 s to import, so the store is imported when it is registered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from lumiera.hookspecs import hookimpl
from lumiera.stage import Health, Stage
from lumiera_sql.session import SessionStage

if TYPE_CHECKING:
    from lumiera.store import Store
    from lumiera_sql.store import SqlStore

__all__ = ["Sql", "SqlSettings"]


class SqlSettings(BaseModel):
    """Where the database is, and whether a commit waits for the disk.

    `normal` keeps the database whole but may lose the last commits with the power: messages that were acknowledged.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field("sqlite:///lumiera.db", description="A file; a relative path starts at the working directory.")
    synchronous: Literal["full", "normal"] = Field("full", description="Whether a commit waits for the disk.")

    @field_validator("url")
    @classmethod
    def _names_a_file(cls, url: str) -> str:
        scheme, _, path = url.partition("://")
        if scheme.partition("+")[0] in ("postgres", "postgresql"):
            raise ValueError("Postgres is not supported yet; use a file: sqlite:///lumiera.db")
        if scheme != "sqlite" or not path.startswith("/") or "?" in path:
            raise ValueError("expected sqlite:///relative/path.db or sqlite:////absolute/path.db")
        if path in ("/", "/:memory:"):
            raise ValueError("a database in memory is lost with the process; use a file, in tests one of `tmp_path`")
        return url

    @property
    def path(self) -> str:
        return self.url.removeprefix("sqlite:///")


class Sql:
    """The plugin: brings the store, the stage `session`, and says how it is."""

    Settings = SqlSettings

    def __init__(self, settings: SqlSettings) -> None:
        self._settings = settings
        self._store: SqlStore | None = None

    @hookimpl
    def register_stores(self) -> list[Store]:
        from lumiera_sql.sqlite import SqliteRunner
        from lumiera_sql.store import SqlStore

        self._store = SqlStore(SqliteRunner(self._settings.path, synchronous=self._settings.synchronous))
        return [self._store]

    @hookimpl
    def register_stages(self) -> list[type[Stage[Any]]]:
        return [SessionStage]

    @hookimpl
    async def check_health(self) -> Health:
        if self._store is None:
            return Health(ok=False, reason="the store is not registered")
        return await self._store.check()
