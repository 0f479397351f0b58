"""What all tests of the repository share: the number of processes, and what is done once for all of them."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoints, entry_points

import pytest

# Containers set this to stay small: here 200 processes would each compile everything again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_xdist_auto_num_workers() -> int:
    """Return one more than there are cores: tests of the page and of processes wait for a third of their time."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long ones, else one of them ends the run alone; the random order stays within both kinds."""
    items.sort(key=_is_short)


def _is_short(item: pytest.Item) -> bool:
    needs_browser = isinstance(item, pytest.Function) and "browser" in item.fixturenames
    return not needs_browser and item.get_closest_marker("slow") is None


def pytest_collection_finish() -> None:
    """Spare the garbage collector the 6,000 tests: they stay until the end, and it would look at them over and over."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _look_for_plugins_once() -> Iterator[None]:
    """Look for installed plugins once for each search path, where a bot would read 90 files: tests start thousands.

    What a test installs lies in a folder of its own that it adds to the path.
    """

    @cache
    def found(group: str, _path: tuple[str, ...]) -> EntryPoints:
        return entry_points(group=group)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lumiera.plugins.entry_points", lambda group: found(group, tuple(sys.path)))
        yield
