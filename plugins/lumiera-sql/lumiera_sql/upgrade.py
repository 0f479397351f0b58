"""Bringing the schema up to date: each plugin's revisions are a line of their own with a version table of their own.

So a plugin can be left out and come back, its tables untouched in between. Alembic (0.3 s to import) is not needed
when nothing is to do: the newest revision of a folder is read from its files.
"""

from __future__ import annotations

import ast
import logging
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, create_mock_engine, inspect, text
from sqlalchemy.schema import ExecutableDDLElement

from lumiera.errors import StoreError
from lumiera.records import Migrations
from lumiera_sql.schema import metadata

log = logging.getLogger(__name__)
OWN = Migrations(branch="sql", path=str(Path(__file__).parent / "migrations" / "versions"))


def upgrade(tx: Connection, migrations: Sequence[Migrations]) -> None:
    """Run the revisions that the database does not have yet."""
    for line in migrations:
        revisions = _revisions(line)
        current = _current(tx, line)
        if current is not None and current not in revisions:
            raise StoreError(
                f"the database is newer than this program: {line.branch!r} is at revision {current!r}, which "
                f"{line.path} does not have. Install the version that wrote it, or restore a backup"
            )
        head = _head(line, revisions)
        if current is None and line == OWN:
            _create(tx, line, head)
        elif current != head:
            _upgrade(tx, line)
            if current is not None:
                log.info("tables are brought up to date", extra={"branch": line.branch, "revision": head})


def version_table(line: Migrations) -> str:
    return f"{line.branch}_version"


def _current(tx: Connection, line: Migrations) -> str | None:
    table = version_table(line)
    if not inspect(tx).has_table(table):
        return None
    quoted = tx.dialect.identifier_preparer.quote(table)
    return tx.execute(text(f"SELECT version_num FROM {quoted}")).scalar()


def _revisions(line: Migrations) -> dict[str, str | None]:
    """Return each revision of the folder with the one before it."""
    found = {}
    for file in Path(line.path).glob("*.py"):
        names = _assignments(file, file.stat().st_mtime_ns)
        if "revision" in names:
            found[str(names["revision"])] = names.get("down_revision")
    if not found:
        raise StoreError(f"{line.path}: no revisions of {line.branch!r} there")
    return found


@lru_cache  # 2 ms a file: once for all the bots of a process
def _assignments(file: Path, changed_at: int) -> dict[str, str | None]:
    """Return the names that a file sets to a string or None."""
    values: dict[str, str | None] = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(node.value, ast.Constant):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and isinstance(node.value.value, str | None):
            values[target.id] = node.value.value
    return values


def _head(line: Migrations, revisions: dict[str, str | None]) -> str:
    heads = revisions.keys() - revisions.values()
    if len(heads) != 1:
        raise StoreError(f"{line.path}: the revisions of {line.branch!r} end in {sorted(heads)}, not in one")
    return heads.pop()


def _create(tx: Connection, line: Migrations, head: str) -> None:
    """Make the tables of today in a new database, which is what all the revisions come to, and ten times as quick."""
    version = Table(version_table(line), MetaData(), Column("version_num", String(32), primary_key=True))
    for statement in _statements(tx.dialect.name):
        tx.exec_driver_sql(statement)
    version.create(tx)
    tx.execute(version.insert().values(version_num=head))


@cache  # 15 ms: once for all the bots of a process
def _statements(dialect: str) -> Sequence[str]:
    """Return what makes the tables of today."""
    made: list[ExecutableDDLElement] = []
    engine = create_mock_engine(f"{dialect}://", lambda ddl, *_, **__: made.append(ddl))
    metadata.create_all(engine, checkfirst=False)
    return [str(one.compile(dialect=engine.dialect)) for one in made]


def _upgrade(tx: Connection, line: Migrations) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)  # else it tells of each part of itself
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.attributes.update(connection=tx, version_table=version_table(line))
    config.set_main_option("script_location", _escaped(str(Path(OWN.path).parent)))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", _escaped(line.path))
    command.upgrade(config, "head")


def _escaped(path: str) -> str:
    return path.replace("%", "%%")  # Alembic reads options as an INI file does
