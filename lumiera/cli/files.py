"""Writing several files, or none of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from lumiera.cli.options import Mistake


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write the files, each in one go; none is touched before all have found their room. Raises `Mistake`."""
    beside = {path: path.with_name(f".{path.name}.new") for path in files}
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside[path].write_bytes(data)
        for path in files:
            beside[path].replace(path)
    except OSError as error:
        raise Mistake(f"{error.filename} cannot be written: {error.strerror}.") from error
    finally:
        for path in beside.values():
            with suppress(OSError):
                path.unlink()
