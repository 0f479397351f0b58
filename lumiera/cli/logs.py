"""The log of the process: JSON lines, redacted before they are written, in a file a day where it goes to a file."""

from __future__ import annotations

import contextlib
import glob
import itertools
import json
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from logging.handlers import WatchedFileHandler
from pathlib import Path

from pydantic_core import to_json

from lumiera.tracing import redact, turn_id


class JsonFormatter(logging.Formatter):
    """A record as one JSON line: time, level, logger, message, the turn's id and what was passed as `extra`."""

    _OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if turn := getattr(record, "turn", "") or turn_id.get():
            line["turn"] = turn
        for name, value in record.__dict__.items():
            if name not in self._OWN and name != "turn":
                line[name] = _plain(value)
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return to_json(line).decode()


def _plain(value: object) -> object:
    """Return a value as JSON has it, redacted to the bottom."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(name)): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return redact(str(value))


class DailyFile(WatchedFileHandler):
    """A file that holds one day, in UTC; earlier days are beside it as `<file>.2026-11-23`, kept for `keep`.

    The library's `TimedRotatingFileHandler` counts files instead of days, and where two processes have the file the
    second to rotate it destroys the day that the first has put aside.
    """

    def __init__(self, path: Path, keep: timedelta) -> None:
        super().__init__(path, encoding="utf-8")
        self._path, self._keep = Path(self.baseFilename), keep
        self._day = self._begun() or date.min

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; the first one of a day puts the file of an earlier day aside."""
        today = datetime.fromtimestamp(record.created, UTC).date()
        if today > self._day:  # never back: the records of two threads meet at midnight
            try:
                self._put_aside(today)
            except OSError:  # the line counts for more than the name of its file
                self.handleError(record)
        super().emit(record)

    def _put_aside(self, today: date) -> None:
        self._day = today
        self.reopenIfNeeded()
        assert self.stream is not None, "it is opened when the handler is made"
        with _alone(self.stream.fileno()):
            begun = self._begun() if self._is_in_place() else None
            if begun and begun < today:
                self._path.rename(self._free(f"{self._path}.{begun}"))
        for day, path in self._earlier():
            if today - day >= self._keep + timedelta(days=1):  # its last line may be from the end of its day
                path.unlink(missing_ok=True)

    def _begun(self) -> date | None:
        """Return the day of the first line, which is that of all; None while there is none."""
        with self._path.open(encoding="utf-8", errors="replace") as file:
            first = file.readline()
        try:
            return date.fromisoformat(json.loads(first)["time"][:10])
        except (ValueError, TypeError, KeyError):  # no line of ours
            return datetime.fromtimestamp(self._path.stat().st_mtime, UTC).date() if first else None

    def _is_in_place(self) -> bool:
        """Say whether the name still leads to our file: another process may have put it aside."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return False
        return (found.st_dev, found.st_ino) == (self.dev, self.ino)

    def _free(self, name: str) -> str:
        names = itertools.chain([name], (f"{name}.{number}" for number in itertools.count(1)))
        return next(one for one in names if not Path(one).exists())

    def _earlier(self) -> Iterator[tuple[date, Path]]:
        for path in self._path.parent.glob(f"{glob.escape(self._path.name)}.*"):
            if found := re.fullmatch(r"\.(\d{4}-\d{2}-\d{2})(?:\.\d+)?", path.name.removeprefix(self._path.name)):
                with contextlib.suppress(ValueError):  # no day of any month
                    yield date.fromisoformat(found[1]), path


@contextlib.contextmanager
def _alone(file: int) -> Iterator[None]:
    """Keep other processes, which have the same file open, from putting it aside at the same time."""
    try:
        import fcntl
    except ImportError:  # Windows, where an open file cannot be renamed at all
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def configure_logging(level: str, handler: logging.Handler) -> None:
    """Send the log of this process to `handler` as JSON lines, in place of all that were there."""
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
