"""The file of the log: one day each in UTC, kept for a while, whole whoever else writes in it."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lumiera.cli.logs import DailyFile, JsonFormatter

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
Open = Callable[..., DailyFile]


def day(number: int) -> datetime:
    """Return noon, so many days from now; the clock of the files stands still."""
    return NOON + timedelta(days=number)


def name(number: int) -> str:
    return f"bot.log.{day(number):%Y-%m-%d}"


def say(handler: logging.Handler, text: str, at: datetime) -> None:
    record = logging.makeLogRecord({"msg": text, "created": at.timestamp(), "levelname": "INFO"})
    handler.handle(record)


def kept(folder: Path) -> dict[str, list[str]]:
    """Return what the log files hold, by their names."""
    return {
        path.name: [json.loads(line)["message"] for line in path.read_text(encoding="utf-8").splitlines()]
        for path in sorted(folder.glob("*.log*"))
    }


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Open the log as a process does that begins now, or so many days ago."""
    handlers = []

    def begin(keep: timedelta = timedelta(days=90)) -> DailyFile:
        handler = DailyFile(tmp_path / "bot.log", keep)
        handler.setFormatter(JsonFormatter())
        handlers.append(handler)
        return handler

    yield begin
    for handler in handlers:
        handler.close()


def test_each_day_has_its_file(opened: Open, tmp_path: Path) -> None:
    log = opened()
    for number, text in ((0, "a"), (0, "b"), (1, "c"), (4, "d")):
        say(log, text, day(number))
    assert kept(tmp_path) == {"bot.log": ["d"], name(0): ["a", "b"], name(1): ["c"]}


def test_a_day_ends_at_midnight_in_utc(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    log, midnight = opened(), NOON + timedelta(hours=12)
    say(log, "before", midnight - timedelta(seconds=1))
    say(log, "after", midnight)
    assert kept(tmp_path) == {"bot.log": ["after"], name(0): ["before"]}


def test_a_line_that_comes_late_over_midnight_stays_in_the_new_day(opened: Open, tmp_path: Path) -> None:
    log = opened()
    say(log, "today", day(1))
    say(log, "yesterday", day(0))
    say(log, "today again", day(1))
    assert kept(tmp_path) == {"bot.log": ["today", "yesterday", "today again"]}


def test_a_restart_on_the_same_day_goes_on_with_the_file(opened: Open, tmp_path: Path) -> None:
    say(opened(), "a", day(0))
    say(opened(), "b", day(0))
    assert kept(tmp_path) == {"bot.log": ["a", "b"]}


def test_a_restart_on_another_day_puts_the_old_file_aside(opened: Open, tmp_path: Path) -> None:
    say(opened(), "old", day(-3))
    say(opened(), "new", day(0))
    assert kept(tmp_path) == {"bot.log": ["new"], name(-3): ["old"]}


@pytest.mark.parametrize("line", ["Traceback\n", "{}\n", "7\n", '{"time": "soon"}\n', '{"time": 3}\n'])
def test_a_file_that_does_not_begin_with_a_line_of_ours_has_the_day_of_its_last_change(
    opened: Open, tmp_path: Path, line: str
) -> None:
    path = tmp_path / "bot.log"
    path.write_text(line, encoding="utf-8")
    os.utime(path, (day(-2).timestamp(), day(-2).timestamp()))
    say(opened(), "new", day(0))
    assert (tmp_path / name(-2)).read_text(encoding="utf-8") == line


def test_a_file_without_a_line_is_not_put_aside(opened: Open, tmp_path: Path) -> None:
    log = opened()
    say(log, "new", day(7))
    assert kept(tmp_path) == {"bot.log": ["new"]}


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        (timedelta(days=90), 4),
        (timedelta(days=3), 4),
        (timedelta(days=2), 3),
        (timedelta(hours=12), 2),
        (timedelta(0), 1),
    ],
)
def test_days_are_removed_once_all_their_lines_are_old_enough(
    opened: Open, tmp_path: Path, keep: timedelta, left: int
) -> None:
    log = opened(keep)
    for number in range(4):
        say(log, str(number), day(number))
    assert len(kept(tmp_path)) == left


def test_days_without_a_line_count_as_well(opened: Open, tmp_path: Path) -> None:
    log = opened(timedelta(days=90))
    say(log, "old", day(0))
    say(log, "new", day(30))
    say(log, "newer", day(92))
    assert kept(tmp_path) == {"bot.log": ["newer"], name(30): ["new"]}


@pytest.mark.parametrize(
    "other", ["bot.log.2001-13-40", "bot.log.2001-01-01.gz", "bot.log.bak", "robot.log.2001-01-01"]
)
def test_files_that_are_none_of_its_days_are_left_alone(opened: Open, tmp_path: Path, other: str) -> None:
    (tmp_path / other).write_text("")
    log = opened(timedelta(days=1))
    say(log, "a", day(0))
    say(log, "b", day(5))
    assert (tmp_path / other).exists()


def test_a_day_that_is_put_aside_twice_loses_nothing(opened: Open, tmp_path: Path) -> None:
    (tmp_path / name(0)).write_text('{"message":"first"}\n', encoding="utf-8")
    log = opened()
    say(log, "second", day(0))
    say(log, "new", day(1))
    assert kept(tmp_path) == {"bot.log": ["new"], name(0): ["first"], f"{name(0)}.1": ["second"]}


def test_two_that_share_the_file_put_it_aside_once(opened: Open, tmp_path: Path) -> None:
    one, two = opened(), opened()
    for number in range(3):
        say(one, f"one {number}", day(number))
        say(two, f"two {number}", day(number))
    assert kept(tmp_path) == {
        "bot.log": ["one 2", "two 2"], name(0): ["one 0", "two 0"], name(1): ["one 1", "two 1"],
    }  # fmt: skip


def write_days(path: str, process: int, begin: float) -> None:
    handler = DailyFile(Path(path), timedelta(days=90))
    handler.setFormatter(JsonFormatter())
    for number in range(5):
        for line in range(20):
            moment = datetime.fromtimestamp(begin, UTC) + timedelta(days=number)
            say(handler, f"{process}.{number}.{line}", moment)
    handler.close()


def test_processes_that_share_the_file_lose_no_line(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    arguments = [(str(tmp_path / "bot.log"), process, NOON.timestamp()) for process in range(3)]
    processes = [context.Process(target=write_days, args=each) for each in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    lines = [line for found in kept(tmp_path).values() for line in found]
    assert len(lines) == len(set(lines)) == 3 * 5 * 20


def test_a_file_that_cannot_be_put_aside_is_still_written(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = opened()
    say(log, "a", day(0))

    def refuse(*_: object) -> None:
        raise PermissionError("the folder is not ours")

    monkeypatch.setattr(Path, "rename", refuse)
    say(log, "b", day(1))
    say(log, "c", day(1))
    assert kept(tmp_path) == {"bot.log": ["a", "b", "c"]}
    assert capsys.readouterr().err.count("--- Logging error ---") == 1


def test_a_file_that_another_program_moved_is_made_anew(opened: Open, tmp_path: Path) -> None:
    log = opened()
    say(log, "a", day(0))
    (tmp_path / "bot.log").rename(tmp_path / "moved.log")
    say(log, "b", day(0))
    assert kept(tmp_path) == {"bot.log": ["b"], "moved.log": ["a"]}


def test_a_name_with_a_star_in_it_is_no_pattern(tmp_path: Path) -> None:
    other = tmp_path / "bots.log.2001-01-01"
    other.write_text("")
    log = DailyFile(tmp_path / "bot*.log", timedelta(days=1))
    log.setFormatter(JsonFormatter())
    say(log, "a", day(0))
    say(log, "b", day(1))
    log.close()
    assert other.exists()
