"""Migrations: the schema of the code and that of the database are one, and nobody opens a newer one."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from lumiera_sql.schema import metadata
from lumiera_sql.sqlite import SqliteRunner
from lumiera_sql.store import SqlStore
from sqlalchemy import Connection, inspect

from lumiera.errors import StoreError
from lumiera.records import Migrations

pytest_plugins = ["lumiera_sql.testing"]
REVISION = """
import sqlalchemy as sa
from alembic import op

revision: str = "{name}"
down_revision: str | None = {before}
branch_labels = {labels}
depends_on = None

def upgrade() -> None:
    op.create_table("{table}", sa.Column("id", sa.Integer(), primary_key=True))
"""


@pytest.fixture
def site(tmp_path: Path) -> Migrations:
    """Revisions of a plugin of ours, in a folder whose name is not made for INI files."""
    folder = tmp_path / "50% of a site, or more"
    folder.mkdir()
    write(folder, "site_0001", None, "site_projects")
    return Migrations(branch="site", path=str(folder))


def write(folder: Path, name: str, before: str | None, table: str) -> None:
    labels = '("site",)' if before is None else None
    source = REVISION.format(name=name, before=repr(before), labels=labels, table=table)
    (folder / f"{name}.py").write_text(source, encoding="utf-8")


async def opened(file: Path, *migrations: Migrations) -> list[str]:
    """Open and close a store and return its tables."""
    store = SqlStore(SqliteRunner(str(file)))
    await store.open(migrations)
    tables = await store.read(lambda tx: inspect(tx).get_table_names())
    await store.close()
    return tables


async def test_the_revisions_make_the_tables_of_the_code(tmp_path: Path) -> None:
    def differences(tx: Connection) -> list[Any]:
        context = MigrationContext.configure(tx, opts={"version_table": "sql_version", "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    store = SqlStore(SqliteRunner(str(tmp_path / "new.db")))
    await store.open()
    assert await store.read(differences) == []
    await store.close()


async def test_partial_indexes_of_the_revisions_are_those_of_the_code(store: SqlStore, tmp_path: Path) -> None:
    def indexes(tx: Connection) -> dict[str, str]:
        rows = tx.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'")
        return {row.name: row.sql for row in rows}

    runner = SqliteRunner(str(tmp_path / "created.db"))
    await runner.open()
    await runner.run(metadata.create_all)
    assert await runner.read(indexes) == await store.read(indexes)
    await runner.close()


async def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    tables = await opened(tmp_path / "s.db")
    assert await opened(tmp_path / "s.db") == tables


async def test_a_plugin_brings_its_tables(tmp_path: Path, site: Migrations) -> None:
    assert "site_projects" in await opened(tmp_path / "s.db", site)


async def test_a_plugin_s_next_revision_is_run_on_what_is_there(tmp_path: Path, site: Migrations) -> None:
    await opened(tmp_path / "s.db", site)
    write(Path(site.path), "site_0002", "site_0001", "site_tasks")
    assert {"site_projects", "site_tasks"} < set(await opened(tmp_path / "s.db", site))


async def test_a_plugin_may_be_left_out_and_come_back(tmp_path: Path, site: Migrations) -> None:
    await opened(tmp_path / "s.db", site)
    assert "site_projects" in await opened(tmp_path / "s.db")
    assert "site_projects" in await opened(tmp_path / "s.db", site)


@pytest.mark.parametrize("line", ["sql", "site"])
async def test_a_database_newer_than_the_code_is_refused(tmp_path: Path, site: Migrations, line: str) -> None:
    file = tmp_path / "s.db"
    await opened(file, site)
    with sqlite3.connect(file) as database:
        database.execute(f"UPDATE {line}_version SET version_num = 'from_the_future'")
    database.close()
    with pytest.raises(StoreError, match=f"newer than this program: '{line}' is at revision 'from_the_future'"):
        await opened(file, site)


async def test_two_ends_are_refused(tmp_path: Path, site: Migrations) -> None:
    write(Path(site.path), "site_0002a", "site_0001", "a")
    write(Path(site.path), "site_0002b", "site_0001", "b")
    with pytest.raises(StoreError, match=r"end in \['site_0002a', 'site_0002b'\], not in one"):
        await opened(tmp_path / "s.db", site)


async def test_a_folder_without_revisions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no revisions of 'empty'"):
        await opened(tmp_path / "s.db", Migrations(branch="empty", path=str(tmp_path)))


async def test_a_revision_that_fails_leaves_the_database_as_it_was(tmp_path: Path, site: Migrations) -> None:
    tables = await opened(tmp_path / "s.db", site)
    write(Path(site.path), "site_0002", "site_0001", "site_tasks")
    write(Path(site.path), "site_0003", "site_0002", "site_projects")
    with pytest.raises(StoreError, match="already exists"):
        await opened(tmp_path / "s.db", site)
    (Path(site.path) / "site_0003.py").unlink()
    (Path(site.path) / "site_0002.py").unlink()
    assert await opened(tmp_path / "s.db", site) == tables


async def test_two_stores_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    first, second = await asyncio.gather(opened(tmp_path / "s.db"), opened(tmp_path / "s.db"))
    assert first == second


async def test_a_database_that_is_up_to_date_does_not_need_alembic(sql_file: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from lumiera_sql.sqlite import SqliteRunner\n"
        "from lumiera_sql.store import SqlStore\n"
        "async def main():\n"
        "    store = SqlStore(SqliteRunner(sys.argv[1]))\n"
        "    await store.open()\n"
        "    await store.close()\n"
        "asyncio.run(main())\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(sql_file))
    assert await process.wait() == 0


async def test_a_file_that_cannot_be_opened_says_what_to_look_at(tmp_path: Path) -> None:
    store = SqlStore(SqliteRunner(str(tmp_path / "missing" / "s.db")))
    with pytest.raises(StoreError, match=r"missing/s.db.*Do folder and file exist"):
        await store.open()
