"""A bot that is killed by SIGKILL just before and just after each commit of a conversation, and started again.

`crash/victim.py` does it; these tests look at what every one of these crashes left behind.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
VICTIM = Path(__file__).parent / "crash" / "victim.py"
WRITES = {"ingest", "claim", "sign_in", "open_session", "journal", "finish", "begin_send", "end_send"}
TOLD = ("Où est-ce ?", "Les secours sont prévenus.", "Faut-il fermer la zone ?", "C’est noté : grue, fiche 1.")


@dataclass(frozen=True, kw_only=True)
class Crash:
    """What one crash and the run after it left."""

    folder: Path
    when: str

    def __str__(self) -> str:
        return f"{self.when} commit {self.folder.name} ({self.killed_at})"

    def lines(self, name: str) -> list[list[Any]]:
        path = self.folder / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def rows(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "bot.db")) as database:
            return database.execute(sql).fetchall()

    @property
    def killed_at(self) -> str:
        return str(self.lines("killed")[0][0])

    @property
    def sent(self) -> list[str]:
        return [text.partition("\n")[0] for _, text in self.lines("sent")]

    @property
    def in_the_air(self) -> bool:
        """True when a bubble had been sent and nobody had noted that yet."""
        return self.when == "before" and self.killed_at == "end_send"


@pytest.fixture(scope="module")
def crashes(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Crash]:
    folders = {when: tmp_path_factory.mktemp(when) for when in ("before", "after")}
    runs = {
        when: subprocess.Popen([sys.executable, str(VICTIM), "talk", str(folder), when], stderr=subprocess.PIPE)
        for when, folder in folders.items()
    }
    for when, run in runs.items():
        _, said = run.communicate(timeout=110)
        assert run.returncode == 0, f"{when}: {said.decode()}"
    return [
        Crash(folder=place, when=when)
        for when, folder in folders.items()
        for place in sorted(folder.iterdir())
        if place.name.isdecimal()
    ]


def test_every_commit_is_tried_and_every_crash_is_recovered_from(crashes: Sequence[Crash]) -> None:
    for when in ("before", "after"):
        tried = [crash for crash in crashes if crash.when == when]
        assert len(tried) >= 24
        assert {crash.killed_at for crash in tried} >= WRITES
        assert all(crash.lines("ended") == [[-9, 0]] for crash in tried)


def test_nothing_that_was_acknowledged_is_lost(crashes: Sequence[Crash]) -> None:
    for crash in crashes:
        assert crash.rows("SELECT sid, status FROM inbox ORDER BY seq") == [
            ("IN0", "done"), ("IN1", "done"), ("IN2", "done"),
        ], crash  # fmt: skip


def test_the_user_is_told_everything_in_order(crashes: Sequence[Crash]) -> None:
    for crash in crashes:
        assert tuple(text for text, _ in groupby(crash.sent)) == TOLD, crash


def test_only_a_bubble_in_the_air_is_sent_a_second_time(crashes: Sequence[Crash]) -> None:
    assert sum(crash.in_the_air for crash in crashes) == len(TOLD)
    for crash in crashes:
        assert len(crash.sent) == len(TOLD) + crash.in_the_air, crash
        assert crash.rows("SELECT count(*) FROM outbox WHERE state = 'sent'") == [(len(TOLD),)], crash


def test_a_bubble_sent_again_is_counted(crashes: Sequence[Crash]) -> None:
    for crash in crashes:
        ((again,),) = crash.rows("SELECT sum(attempts - 1) FROM outbox")
        # On a slow machine the first purge may fall between the commits around a send.
        assert again == 1 if crash.in_the_air else again <= (crash.killed_at in ("begin_send", "purge")), crash


def test_no_bubble_and_no_turn_is_stored_twice(crashes: Sequence[Crash]) -> None:
    for crash in crashes:
        (turns,) = crash.rows("SELECT count(*), count(DISTINCT id) FROM turns")
        (bubbles,) = crash.rows("SELECT count(*), count(DISTINCT dedupe_key) FROM outbox")
        assert (turns, bubbles) == ((3, 3), (4, 4)), crash
        assert crash.rows("SELECT count(*) FROM messages WHERE direction = 'in'") == [(3,)], crash


def test_a_store_operation_happened_exactly_once(crashes: Sequence[Crash]) -> None:
    for crash in crashes:
        assert crash.rows("SELECT place FROM counted") == [("grue",)], crash
        logged = crash.rows("SELECT name FROM action_log ORDER BY id")
        assert logged == [("count",), ("call_help",)], crash


def test_an_external_write_is_called_again_with_the_same_key(crashes: Sequence[Crash]) -> None:
    calls = [Counter(key for key, _ in crash.lines("called")) for crash in crashes]
    assert all(len(one) == 1 for one in calls), "a call had a key of its own"
    again = [crash for crash, one in zip(crashes, calls, strict=True) if one.total() == 2]
    assert [(crash.when, crash.killed_at) for crash in again] == [("before", "journal")], again


def test_recovery_takes_less_than_two_seconds(crashes: Sequence[Crash]) -> None:
    slowest, crash = max((float(crash.lines("recovered")[-1][0]), str(crash)) for crash in crashes)
    print(f"slowest of {len(crashes)} recoveries: {slowest * 1000:.0f} ms, {crash}")  # noqa: T201 - for `pytest -s`
    assert slowest < 2
