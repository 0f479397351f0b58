"""What plugin authors import stays where it is."""

from __future__ import annotations

import inspect

import lumiera
import lumiera.testing


def test_all_is_complete_and_sorted() -> None:
    public = sorted(
        name for name, value in vars(lumiera).items() if not name.startswith("_") and not inspect.ismodule(value)
    )
    assert lumiera.__all__ == sorted(lumiera.__all__)
    assert sorted(lumiera.__all__) == public


def test_everything_in_all_is_there_and_documented() -> None:
    for name in lumiera.__all__:
        value = getattr(lumiera, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), f"lumiera.{name} has no docstring"


def test_the_test_kit_is_public_too() -> None:
    assert lumiera.testing.__all__ == sorted(lumiera.testing.__all__)
    for name in lumiera.testing.__all__:
        assert inspect.getdoc(getattr(lumiera.testing, name))
