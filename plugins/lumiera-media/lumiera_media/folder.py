"""A folder in which every file lies under the hash of what is in it: whole, once, or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from lumiera.errors import MediaError
from lumiera_media.kinds import TYPES

SCARCE = 1024**3  # bytes free on the disk; below, the operator is warned
TRIES = 20  # of a write; others disturb it only when they start
_PART = ".part-"  # begins the name of a file that is being written
_ID = re.compile(rf"[0-9a-f]{{64}}\.({'|'.join(TYPES)})")


class Folder:
    """The files and the key. All methods wait for the disk: they are for threads.

    Several processes may share a folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def prepare(self) -> bytes:
        """Make the folder, remove what a crash left in it, and return its key, which is made once."""
        self.path.mkdir(mode=0o750, parents=True, exist_ok=True)
        for left in self.path.glob(f"{_PART}*"):
            left.unlink(missing_ok=True)
        place = self.path / ".key"
        if not place.exists():
            self._write(place, secrets.token_bytes(32), 0o600, _link)
        key = place.read_bytes()
        if len(key) != 32:
            raise MediaError(f"{place} is damaged: remove it, and the links that were given out are void")
        return key

    def add(self, extension: str, data: bytes) -> str:
        """Return the id under which the bytes lie, on the disk for good, from now on."""
        media_id = f"{hashlib.sha256(data).hexdigest()}.{extension}"
        place = self.place(media_id)
        if not place.exists():
            place.parent.mkdir(mode=0o750, exist_ok=True)
            self._write(place, data, 0o640, os.replace)
        return media_id

    def place(self, media_id: str) -> Path:
        """Return where a file lies; raises `MediaError` for what is no id."""
        if not _ID.fullmatch(media_id):
            raise MediaError("there is no such file")
        return self.path / media_id[:2] / media_id[2:]

    def read(self, media_id: str) -> bytes:
        try:
            return self.place(media_id).read_bytes()
        except FileNotFoundError:
            raise MediaError("there is no such file") from None

    def remove(self, media_id: str) -> None:
        self.place(media_id).unlink(missing_ok=True)

    def shortage(self) -> str:
        """Say what is scarce; raises `OSError` if nothing can be written."""
        with tempfile.TemporaryFile(dir=self.path) as file:
            file.write(b"writable")
        free = shutil.disk_usage(self.path).free
        return "" if free >= SCARCE else f"{free // 2**20} MB are free where media are kept"

    def _write(self, place: Path, data: bytes, mode: int, move: Callable[[str, Path], None]) -> None:
        for left in reversed(range(TRIES)):
            try:
                self._write_once(place, data, mode, move)
            except FileNotFoundError:  # a process that just started took the part for one that a crash left
                if not left:
                    raise
            else:
                return

    def _write_once(self, place: Path, data: bytes, mode: int, move: Callable[[str, Path], None]) -> None:
        descriptor, part = tempfile.mkstemp(prefix=_PART, dir=self.path)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(descriptor, mode)
                os.fsync(descriptor)
            move(part, place)
            for folder in {place.parent, self.path}:  # a name is durable when its folder is
                _sync(folder)
        finally:
            Path(part).unlink(missing_ok=True)


def _link(part: str, place: Path) -> None:
    """Give a file its place unless another process was first."""
    try:
        os.link(part, place)
    except FileExistsError:
        return


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
