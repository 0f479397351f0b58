"""The smallest plugin's test, as the README shows it."""

import opening_hours  # type: ignore[import-not-found]  # conftest.py puts it on the path
import pytest

from lumiera.testing import TestBot


@pytest.fixture
def lumiera_plugins() -> dict[str, object]:
    return {"opening_hours": opening_hours}


async def test_says_when_the_depot_is_open(bot: TestBot) -> None:
    assert "07:00" in (await bot.send("quels sont vos horaires ?")).text
