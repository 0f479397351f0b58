"""Every hook keeps the form that its callers, its docs and its authors rely on."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lumiera import hooks, hookspecs

ROOT = Path(__file__).parent.parent
SPECS = {name: function for name, function in vars(hookspecs).items() if hasattr(function, "lumiera_spec")}
LIFECYCLE = {"startup", "shutdown", "check_health"}


def kind_of(function: Callable[..., Any]) -> str:
    found = re.search(r"Kind: ([a-z]+)", inspect.getdoc(function) or "")
    assert found, f"{function.__name__} does not say its kind"
    return found[1]


@pytest.mark.parametrize("name", SPECS)
def test_a_hook_is_annotated_without_defaults_stars_or_more_than_four_parameters(name: str) -> None:
    signature = inspect.signature(SPECS[name])
    hints = typing.get_type_hints(SPECS[name])
    assert len(signature.parameters) <= 4
    assert "return" in hints
    for parameter in signature.parameters.values():
        assert parameter.default is parameter.empty
        assert parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        assert parameter.name in hints


@pytest.mark.parametrize("name", SPECS)
def test_a_hook_is_documented_in_the_form_of_the_house(name: str) -> None:
    document = inspect.getdoc(SPECS[name]) or ""
    first, blank, *rest = document.split("\n")
    assert first.endswith(".") or "." in first
    assert blank == ""
    for line in ("Kind: ", "When: ", "Return: ", "Raise: "):
        assert line in "\n".join(rest), f"{name}: the docstring lacks {line!r}"


@pytest.mark.parametrize("name", SPECS)
def test_the_name_of_a_hook_says_its_kind(name: str) -> None:
    kind = kind_of(SPECS[name])
    if name.startswith("register_"):
        assert kind == "collect"
        assert not inspect.iscoroutinefunction(SPECS[name])
        return
    assert inspect.iscoroutinefunction(SPECS[name])
    if name.startswith("on_"):
        assert kind == "notify"
    elif name not in LIFECYCLE:
        assert kind in ("decide", "classify")
        assert re.fullmatch(r"[a-z]+_[a-z]+", name)


def test_the_same_argument_has_the_same_type_everywhere() -> None:
    seen: dict[str, object] = {}
    for function in SPECS.values():
        for argument, kind in typing.get_type_hints(function).items():
            if argument != "return":
                assert seen.setdefault(argument, kind) == kind


@pytest.mark.parametrize("name", [name for name in SPECS if not name.startswith("register_")])
def test_the_facade_has_a_method_of_the_same_name_and_type_for_every_hook(name: str) -> None:
    method = getattr(hooks.Hooks, name)
    taken = list(inspect.signature(method).parameters)[1:]
    assert taken[: len(inspect.signature(SPECS[name]).parameters)] == list(inspect.signature(SPECS[name]).parameters)
    assert inspect.iscoroutinefunction(method) == inspect.iscoroutinefunction(SPECS[name])


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_is_documented_under_a_heading_of_its_own_with_its_signature(name: str) -> None:
    page = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
    arguments = ", ".join(inspect.signature(SPECS[name]).parameters)
    assert re.search(rf"^### `{name}\({re.escape(arguments)}\)`$", page, re.MULTILINE), f"docs/hooks.md lacks {name}"


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_has_a_test_that_sends_it_something(name: str) -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/test_hook_*.py"))
    assert re.search(rf"^async def test_hook_{name}\b|^def test_hook_{name}\b", tests, re.MULTILINE)
