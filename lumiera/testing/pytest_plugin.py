"""Fixtures for pytest, there as soon as the package is installed.

A plugin's whole test is six lines:

    @pytest.fixture
    def lumiera_plugins():
        return {"opening_hours": opening_hours}

    async def test_says_when_the_depot_is_open(bot):
        assert "07:00" in (await bot.send("quels sont vos horaires ?")).text
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

if TYPE_CHECKING:  # the kit imports the whole core: only the tests that use it shall pay, and coverage shall see it
    from lumiera.testing.bot import TestBot


@pytest.fixture
def lumiera_config() -> Mapping[str, Any]:
    """Override to lay settings over those of the kit, in the shape of `lumiera.yaml`."""
    return {}


@pytest.fixture
def lumiera_plugins() -> Mapping[str, object]:
    """Override to load plugins of the test: names to modules, classes or instances."""
    return {}


@pytest_asyncio.fixture
async def bot(
    tmp_path: Path, lumiera_config: Mapping[str, Any], lumiera_plugins: Mapping[str, object]
) -> AsyncIterator[TestBot]:
    """Start a whole bot on a store of its own and stop it after the test."""
    from lumiera.testing.bot import TestBot

    async with TestBot(tmp_path, config=lumiera_config, plugins=lumiera_plugins) as running:
        yield running
