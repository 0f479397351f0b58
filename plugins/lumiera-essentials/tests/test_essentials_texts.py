from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import lumiera_essentials
import pytest
import yaml
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentParser, ast, visitor
from lumiera_essentials.languages import find_language

import lumiera
from lumiera import Capabilities
from lumiera.cli.proofread import missing, problems
from lumiera.intents import normalise
from lumiera.texts import Texts as BotTexts

LANGUAGES = ("fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar")
OTHERS = LANGUAGES[1:]
KEYS = {
    "greeting-hello",
    "greeting-hello-nameless",
    "greeting-who",
    "greeting-what-next",
    "help-menu",
    "help-answer",
    "language-menu",
    "language-which",
    "language-changed",
    "stop-answer",
    "start-answer",
    "human-menu",
    "human-about",
    "human-task",
    "human-safety",
    "human-other",
    "human-called",
    "human-kept",
    "human-danger",
    "human-already",
}
BUTTONS = ("human-task", "human-safety", "human-other")
TOLD = ("human-called", "human-kept", "human-already")
LONGEST = {"name": "N" * 60, "bot": "B" * 60, "time": "22/11 14:05"}
CORE = Path(lumiera.__file__).parent / "locales"  # a plugin's texts may name the core's labels
Texts = Mapping[str, str]


class Variables(visitor.Visitor):
    """Collects the names of the variables of a message."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802 - fluent names it
        self.names.add(node.id.name)


def source(language: str) -> str:
    return (Path(lumiera_essentials.__file__).parent / "texts" / f"{language}.ftl").read_text(encoding="utf-8")


def messages(language: str) -> dict[str, ast.Message]:
    body = FluentParser().parse(source(language)).body
    assert all(isinstance(entry, ast.Message) for entry in body), (
        f"{language}.ftl holds more than messages, or an error"
    )
    return {entry.id.name: entry for entry in body if isinstance(entry, ast.Message)}


def variables(message: ast.Message) -> set[str]:
    found = Variables()
    found.visit(message)
    return found.names


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def commands(text: str) -> list[str]:
    """Return what the text tells the user to write: it stands in bold."""
    return re.findall(r"\*(.+?)\*", text)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def texts(language: str) -> Texts:
    """All texts of a language, their variables filled with the longest values."""
    bundle = FluentBundle([language], use_isolating=language == "ar")
    bundle.add_resource(FluentResource((CORE / f"{language}.ftl").read_text(encoding="utf-8")))
    bundle.add_resource(FluentResource(source(language)))
    filled = {}
    for key in KEYS:
        pattern = bundle.get_message(key).value
        assert pattern is not None
        text, errors = bundle.format_pattern(pattern, LONGEST)
        assert not errors
        filled[key] = str(text)
    return filled


@pytest.fixture(scope="module")
def consent_words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The words of STOP and START, by intent and language."""
    folder = Path(lumiera_essentials.__file__).parent / "examples"
    return {name: yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("stop", "start")}


def test_every_language_has_every_text_and_no_other(language: str) -> None:
    assert set(messages(language)) == KEYS


def test_the_core_finds_no_problem_in_the_files() -> None:
    texts = BotTexts(LANGUAGES, "fr")
    texts.add("core", CORE)
    texts.add("essentials", Path(lumiera_essentials.__file__).parent / "texts")
    assert [str(problem) for problem in problems(texts)] == []
    assert missing(texts) == []


def test_no_text_stands_twice_in_a_file(language: str) -> None:
    keys = re.findall(r"^([a-z-]+) =", source(language), re.MULTILINE)
    assert len(keys) == len(set(keys))


def test_texts_take_the_same_variables_in_every_language(language: str) -> None:
    french, translated = messages("fr"), messages(language)
    assert {key: variables(message) for key, message in translated.items()} == {
        key: variables(message) for key, message in french.items()
    }


def test_variables_are_those_that_the_handlers_give() -> None:
    found = {key: variables(message) for key, message in messages("fr").items()}
    assert {key: names for key, names in found.items() if names} == {
        "greeting-hello": {"name"},
        "greeting-who": {"bot"},
        **{key: {"time"} for key in TOLD},
    }


@pytest.mark.parametrize("other", OTHERS)
def test_no_french_is_left_in_another_language(other: str) -> None:
    french, translated = messages("fr"), messages(other)
    assert [key for key in KEYS if french[key].equals(translated[key])] == []


@pytest.mark.parametrize("other", OTHERS)
def test_no_line_of_the_help_is_left_in_french(other: str) -> None:
    lines = [set(map(str.strip, source(language).splitlines())) - {"", "help-answer ="} for language in ("fr", other)]
    assert lines[0] & lines[1] == set()


@pytest.mark.parametrize("key", ["help-menu", "language-menu", "human-menu"])
def test_a_menu_row_fits_and_begins_with_an_emoji(texts: Texts, key: str) -> None:
    assert utf16(texts[key]) <= Capabilities().row_title
    emoji, space, title = texts[key].partition(" ")
    assert space
    assert not emoji.isascii()
    assert not any(char.isalnum() for char in emoji)
    assert normalise(title)


@pytest.mark.parametrize("key", BUTTONS)
def test_a_button_fits_and_has_other_words(texts: Texts, key: str, language: str) -> None:
    assert utf16(texts[key]) <= Capabilities().button_title
    (also,) = messages(language)[key].attributes
    assert also.id.name == "also"


def test_no_word_says_two_of_the_reasons() -> None:
    bot = BotTexts(LANGUAGES, "fr")
    bot.add("essentials", Path(lumiera_essentials.__file__).parent / "texts")
    said = [normalise(label) for key in BUTTONS for label in {normalise(one) for one in bot.labels(key)}]
    assert "" not in said
    assert len(said) == len(set(said))


@pytest.mark.parametrize("key", ["human-called", "human-kept"])
def test_a_text_of_ours_names_the_core_label_that_calls_the_bot_back(texts: Texts, key: str, language: str) -> None:
    core = BotTexts([language], language)
    core.add("core", CORE)
    core.add("essentials", Path(lumiera_essentials.__file__).parent / "texts")
    said = core.format(key, language, {"time": "14:05"})
    assert core.format("resume", language) in re.findall(r"[«“„][ \u2068]?(.+?)[ \u2069]?[»”“]", said)
    assert utf16(said) <= 250
    assert "14:05" in said


@pytest.mark.parametrize("key", ["resume", "drop", "correct", "cancel", "yes", "no", "confirm", "skip", "more"])
def test_no_label_of_the_core_is_stop_or_start(
    key: str, consent_words: Mapping[str, Mapping[str, Sequence[str]]]
) -> None:
    core = BotTexts(LANGUAGES, "fr")
    core.add("core", CORE)
    said = {normalise(word) for words in consent_words.values() for some in words.values() for word in some}
    assert said & {normalise(label) for label in core.labels(key)} == set()


def test_danger_has_its_number(texts: Texts) -> None:
    assert "112" in texts["human-danger"]


def test_the_longest_first_greeting_fits_over_a_list(texts: Texts) -> None:
    whole = f"{texts['greeting-hello']} {texts['greeting-who']}\n\n{texts['greeting-what-next']}"
    assert utf16(whole) <= Capabilities().body


def test_every_text_fits_over_a_list(texts: Texts) -> None:
    assert [key for key, text in texts.items() if utf16(text) > Capabilities().body] == []


def test_the_help_is_short(texts: Texts) -> None:
    heading, *lines = texts["help-answer"].splitlines()
    assert len(lines) == 4
    assert all(utf16(line) <= 110 for line in (heading, *lines))


def test_the_help_says_whom_to_call_in_danger(texts: Texts) -> None:
    assert "112" in texts["help-answer"].splitlines()[-1]


@pytest.mark.parametrize("key", ["greeting-who", "help-answer"])
def test_the_stop_word_that_a_text_names_works_in_its_language(
    texts: Texts, key: str, language: str, consent_words: Mapping[str, Mapping[str, Sequence[str]]]
) -> None:
    assert commands(texts[key])[-1] in consent_words["stop"][language]


def test_the_greeting_and_the_help_name_the_same_stop_word(texts: Texts) -> None:
    assert commands(texts["greeting-who"])[-1] == commands(texts["help-answer"])[-1]


def test_the_start_word_that_a_text_names_works_in_its_language(
    texts: Texts, language: str, consent_words: Mapping[str, Mapping[str, Sequence[str]]]
) -> None:
    (word,) = commands(texts["stop-answer"])
    assert word in consent_words["start"][language]


def test_the_language_that_the_help_names_is_another_one_and_is_found(texts: Texts, language: str) -> None:
    assert find_language(commands(texts["help-answer"])[0]) not in ("", language)


def test_the_confirmation_names_the_new_language(texts: Texts, language: str) -> None:
    assert find_language(texts["language-changed"]) == language


def test_texts_hold_no_straight_apostrophe_or_stray_space(language: str) -> None:
    assert "'" not in source(language)
    assert re.search(r"(?<=\S)  +|[ \t]$|\u00a0", source(language), re.MULTILINE) is None
