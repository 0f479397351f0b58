"""The plugin: its settings, its store, its health."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from lumiera_sql import Sql, SqlSettings
from lumiera_sql.store import SqlStore
from lumiera_sql.testing import NOON, Desk
from pydantic import ValidationError
from sqlalchemy import Connection

from lumiera.errors import WriteOutsideStep
from lumiera.stage import Health
from lumiera.steps import in_handler
from lumiera.store import Store

pytest_plugins = ["lumiera_sql.testing"]
HEAVY = ("sqlalchemy", "alembic", "sqlite3", "lumiera_sql.store")


def plugin(file: Path) -> Sql:
    return Sql(SqlSettings(url=f"sqlite:///{file}"))


def test_importing_the_plugin_does_not_import_what_is_heavy() -> None:
    program = f"import sys, lumiera_sql; sys.exit(' '.join(name for name in {HEAVY} if name in sys.modules) or None)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///lumiera.db", "lumiera.db"),
        ("sqlite:///data/a b.db", "data/a b.db"),
        ("sqlite:////var/x.db", "/var/x.db"),
    ],
)
def test_a_url_names_a_file(url: str, path: str) -> None:
    assert SqlSettings(url=url).path == path


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://bot:geheim@db/lumiera", "Postgres is not supported yet"),
        ("postgresql+psycopg://bot:geheim@db/lumiera", "Postgres is not supported yet"),
        ("sqlite:///:memory:", "in memory is lost with the process"),
        ("sqlite://", "expected sqlite:///"),
        ("sqlite:///", "in memory is lost with the process"),
        ("sqlite:///x.db?mode=ro", "expected sqlite:///"),
        ("lumiera.db", "expected sqlite:///"),
        ("mysql://db/x", "expected sqlite:///"),
    ],
)
def test_any_other_url_is_refused_with_the_way_out(url: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SqlSettings(url=url)
    [error] = caught.value.errors()
    assert words in error["msg"]
    assert "geheim" not in error["msg"]


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        SqlSettings.model_validate({"pool": 3})


async def test_the_plugin_brings_one_store_that_works(tmp_path: Path) -> None:
    [store] = plugin(tmp_path / "s.db").register_stores()
    assert store.name == "sql"
    await store.open()
    [receipt] = await store.ingest([(Desk(store).message(), None)])  # type: ignore[arg-type]
    assert not receipt.duplicate
    await store.close()


async def test_a_store_that_reads_and_writes_is_healthy(tmp_path: Path) -> None:
    sql = plugin(tmp_path / "s.db")
    assert await sql.check_health() == Health(ok=False, reason="the store is not registered")
    [store] = sql.register_stores()
    assert await sql.check_health() == Health(ok=False, reason="the store is not open")
    await store.open()
    assert await sql.check_health() == Health(ok=True)
    await store.close()
    assert await sql.check_health() == Health(ok=False, reason="the store is not open")


@pytest.mark.parametrize(("synchronous", "level"), [("full", 2), ("normal", 1)])
async def test_commits_wait_for_the_disk_as_set(tmp_path: Path, synchronous: str, level: int) -> None:
    settings = SqlSettings.model_validate({"url": f"sqlite:///{tmp_path}/s.db", "synchronous": synchronous})
    [store] = Sql(settings).register_stores()
    await store.open()
    assert await store.run(lambda tx: tx.exec_driver_sql("PRAGMA synchronous").scalar()) == level
    assert await store.run(lambda tx: tx.exec_driver_sql("PRAGMA journal_mode").scalar()) == "wal"
    await store.close()


async def test_a_handler_writes_in_steps_only(store: SqlStore) -> None:
    token = in_handler.set(True)
    with pytest.raises(WriteOutsideStep, match=r"store\.run in a handler outside a step"):
        await store.run(lambda _: 1)
    assert await store.read(lambda _: 1) == 1
    in_handler.reset(token)
    assert await store.run(lambda _: 1) == 1


async def test_a_turn_in_a_handler_may_still_be_journaled(desk: Desk, store: Store) -> None:
    claim = await desk.begin()
    token = in_handler.set(True)
    await store.journal(claim.lease, claim.turn_id, desk.change(), desk.now)
    in_handler.reset(token)


async def plans(store: SqlStore, operation: object) -> list[str]:
    """Return the query plans of the statements that an operation runs."""
    found: list[str] = []

    def explain(tx: Connection) -> None:
        driver = tx.connection.driver_connection
        assert driver is not None
        statements: list[str] = []
        driver.set_trace_callback(statements.append)
        operation(tx)  # type: ignore[operator]
        driver.set_trace_callback(None)
        for statement in statements:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                found.extend(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}"))

    await store.run(explain)
    return found


async def test_looking_for_work_scans_only_what_is_unfinished(store: SqlStore) -> None:
    from lumiera_sql import claims

    found = await plans(store, lambda tx: claims.due(tx, NOON))
    scans = [line for line in found if line.startswith("SCAN")]
    assert len(scans) == 3
    assert "ix_inbox_new" in scans[0]
    assert "ix_outbox_waiting" in scans[1]
    assert "ux_escalations_open" in scans[2]


async def test_the_way_of_a_message_scans_no_table(desk: Desk, store: SqlStore) -> None:
    from lumiera_sql import claims, delivery, inbox, outbox, turns

    from lumiera.records import Claim, Failure, OutboxItem, Sent, TurnRecord

    def whole_way(tx: Connection) -> None:
        [receipt] = inbox.ingest(tx, [(desk.message(external_id="FR.1"), None)])
        claim = claims.claim(tx, receipt.conversation_id, "t1", NOON, lambda _: 1)
        assert isinstance(claim, Claim)
        inbox.retry(tx, claim.lease, "t1", NOON, Failure(code="x", message="y"), NOON)
        claim = claims.claim(tx, receipt.conversation_id, "t2", NOON, lambda _: 1)
        assert isinstance(claim, Claim)
        change = desk.change(opening=claim.messages)
        record = TurnRecord(
            id="t1", started_at=NOON, finished_at=NOON, outbox=(desk.outgoing("a"),), dialogues=(change,)
        )
        turns.finish(tx, claim.lease, record, NOON)
        item = outbox.begin_send(tx, receipt.conversation_id, NOON)
        assert isinstance(item, OutboxItem)
        delivery.end_send(tx, item, Sent(state="unknown", retry_at=NOON), NOON)
        item = outbox.begin_send(tx, receipt.conversation_id, NOON)
        assert isinstance(item, OutboxItem)
        assert item.state == "unknown"
        delivery.end_send(tx, item, Sent(state="sent", provider_id="P1"), NOON)
        delivery.fold_status(tx, "whatsapp", Sent(state="failed", provider_id="P1"), NOON)
        outbox.resend(tx, item.id, NOON)
        turns.history(tx, receipt.conversation_id, 5)

    assert [line for line in await plans(store, whole_way) if line.startswith("SCAN")] == []


async def test_statements_compile_on_postgres_too() -> None:
    from lumiera_sql import claims, conversations, delivery, dialogues, escalations, inbox, logs, outbox, rings, turns
    from lumiera_sql.statement import Statement
    from sqlalchemy.dialects import postgresql

    modules = (claims, conversations, delivery, dialogues, escalations, inbox, logs, outbox, rings, turns)
    statements = [value for module in modules for value in vars(module).values() if isinstance(value, Statement)]
    assert len(statements) > 40
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for statement in statements:
        statement.expression.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})


async def test_a_week_later_the_store_still_knows_the_conversation(desk: Desk) -> None:
    claim = await desk.begin()
    await desk.finish(claim)
    desk.later(days=7)
    assert (await desk.begin()).conversation.last_inbound_at == NOON + timedelta(days=7)
