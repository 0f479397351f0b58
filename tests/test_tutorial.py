"""The tutorial's promises: how short the smallest plugin and its test are, and that it speaks nine languages."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from lumiera.cli.proofread import missing
from lumiera.testing import TestBot

TUTORIAL = Path(__file__).parent / "tutorial"
README = Path(__file__).parent.parent / "README.md"


@pytest.fixture
def lumiera_plugins(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, object]:
    monkeypatch.syspath_prepend(TUTORIAL)
    return {"opening_hours": importlib.import_module("opening_hours")}


def code(file: str) -> list[str]:
    """Return the lines of code: no blank ones, no docstring."""
    lines = (TUTORIAL / file).read_text(encoding="utf-8").splitlines()
    return [line.partition("  # ")[0] for line in lines if line.strip() and not line.startswith('"""')]


def test_the_plugin_has_at_most_15_lines() -> None:
    assert len(code("opening_hours/__init__.py")) <= 15


def test_its_test_has_at_most_6_lines_beside_imports() -> None:
    lines = [line for line in code("test_opening_hours.py") if not line.startswith(("import ", "from "))]
    assert len(lines) <= 6


@pytest.mark.parametrize("file", ["opening_hours/__init__.py", "test_opening_hours.py"])
def test_the_readme_shows_it_as_it_is(file: str) -> None:
    shown = README.read_text(encoding="utf-8")
    for line in code(file):
        assert line in shown, line


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Quels sont vos horaires ?", "Le dépôt ouvre de 07:00 à 17:00."),
        ("when are you open", "The depot is open from 07:00 to 17:00."),
        ("wann habt ihr geöffnet", "Das Lager ist von 07:00 bis 17:00 Uhr geöffnet."),
        ("w jakich godzinach jest otwarte?", "Magazyn jest otwarty od 07:00 do 17:00."),
        ("care este programul vostru", "Depozitul este deschis între 07:00 și 17:00."),
    ],
)
async def test_the_plugin_answers_in_the_language_of_the_question(bot: TestBot, question: str, answer: str) -> None:
    reply = await bot.send(question)
    assert reply.text == answer
    assert (reply.intent, reply.route, reply.confidence) == ("opening_hours", "fast_path", 1.0)


async def test_arabic_keeps_the_direction_of_the_hours(bot: TestBot) -> None:
    reply = await bot.send("ما هي ساعات العمل؟")
    assert reply.language == "ar"
    assert "\u206807:00\u2069" in reply.text


def test_the_plugin_lacks_no_text(bot: TestBot) -> None:
    assert [key for key, _ in missing(bot.lumiera.texts) if key == "hours-answer"] == []


def test_its_examples_are_nobody_elses(bot: TestBot) -> None:
    assert [text for text, names in bot.lumiera.intents.conflicts() if "opening_hours" in names] == []
