"""The tables: as the migration makes them, and as the program thinks that they are."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from lumiera_simulator import messages, people
from lumiera_simulator.messages import Attached, Body, Row
from lumiera_simulator.plugin import MIGRATIONS
from lumiera_simulator.schema import metadata
from lumiera_sql.sqlite import SqliteRunner
from lumiera_sql.store import SqlStore
from sqlalchemy import inspect

from lumiera.messages import Location, Tap


async def test_the_migration_makes_the_tables_of_the_program(site: Any) -> None:
    def look(tx: Any) -> dict[str, tuple[dict[str, bool], set[tuple[str, ...]]]]:
        found = inspect(tx)
        return {
            table: (
                {column["name"]: bool(column["nullable"]) for column in found.get_columns(table)},
                {
                    tuple(one["column_names"])
                    for one in [*found.get_indexes(table), *found.get_unique_constraints(table)]
                },
            )
            for table in found.get_table_names()
            if table.startswith("simulator_") and table != "simulator_version"
        }

    expected = {}
    for name, table in metadata.tables.items():
        unique = {(column.name,) for column in table.columns if column.unique}
        indexes = {tuple(column.name for column in index.columns) for index in table.indexes}
        expected[name] = ({column.name: bool(column.nullable) for column in table.columns}, unique | indexes)
    assert await site.bot.store.read(look) == expected


async def test_every_change_has_a_revision_of_its_own_whoever_makes_it(tmp_path: Path, site: Any) -> None:
    other = SqlStore(SqliteRunner(site.bot.config.plugins["sql"]["url"].removeprefix("sqlite:///")))
    await other.open([MIGRATIONS])

    def put(tx: Any) -> int:
        return messages.put(tx, 1, "out", f"S{messages.revision(tx)}", Body(text="a"), site.bot.now()).revision

    stores = [site.bot.store, other] * 20
    revisions = await asyncio.gather(*[store.run(put) for store in stores])
    assert sorted(revisions) == list(range(1, 41))
    await other.close()


async def test_a_status_never_goes_back(site: Any) -> None:
    def write(tx: Any) -> list[str]:
        messages.put(tx, 1, "out", "S1", Body(text="a"), site.bot.now())
        seen = []
        for status in ("read", "delivered", "sent", "read"):
            messages.move(tx, ["S1"], status)
            (message,) = messages.these(tx, ["S1"])
            seen.append(f"{message.status} {message.revision}")
        return seen

    assert await site.bot.store.run(write) == ["read 2"] * 4


async def test_a_body_comes_back_as_it_was(site: Any) -> None:
    body = Body(
        text="😀 أهلا",
        kind="list",
        options=(Row(id="a", title="b", description="c"),),
        button="d",
        numbered="e",
        sent_as="list picker",
        tap=Tap(id="f", title="g"),
        location=Location(latitude=1.5, longitude=-2.25, label="h"),
        reply_to="i",
        media=(Attached(url="/x", kind="image", content_type="image/png", filename="j", size=3),),
    )

    def write(tx: Any) -> Body:
        return messages.put(tx, 1, "in", "S1", body, site.bot.now()).body

    assert await site.bot.store.run(write) == body


async def test_two_processes_that_write_to_one_stranger_make_one_person(site: Any) -> None:
    def add(tx: Any) -> int | None:
        made = people.add(tx, "+33639980199", "", "fr", site.bot.now())
        return made.id if made else None

    assert sorted(map(bool, await asyncio.gather(*[site.bot.store.run(add) for _ in range(3)]))) == [False, False, True]
