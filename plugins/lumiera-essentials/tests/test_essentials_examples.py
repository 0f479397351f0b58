from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import lumiera_essentials
import pytest
import yaml
from fluent.syntax import FluentParser, ast, serialize
from lumiera_essentials import Essentials, EssentialsSettings
from lumiera_essentials.languages import NAMES, OWN_NAMES, find_language

import lumiera
from lumiera import Intent
from lumiera.intents import Intents, normalise
from lumiera.texts import Texts

LANGUAGES = ("fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar")
TALK = ("greeting", "help", "change_language", "escalate_to_human")
CONSENT = ("stop", "start")
PACKAGE = Path(lumiera_essentials.__file__).parent

# The word for "language", as it stands in examples that ask for another one and name none.
LANGUAGE_WORDS = {
    "fr": "langue", "en": "language", "es": "idioma", "pt": "lingua", "de": "sprache", "it": "lingua", "ro": "limba",
    "pl": "jezyk", "ar": "اللغة",
}  # fmt: skip

# What is said on site with another meaning: whoever writes it must not get a greeting, the help or silence.
IN_PASSING = (
    "fin", "fini", "annuler", "cancel", "basta", "end", "quit", "koniec", "gata", "aufhören", "abmelden", "abbestellen",
    "baja", "خلاص", "attends", "pause", "reprendre", "weiter", "continue", "ok", "oui", "non", "no", "si", "yes", "ja",
    "nein", "tak", "nie", "da", "نعم", "لا", "ça va", "tudo bem", "morgen", "morning", "evening", "dobry", "yo", "sal",
    "polish", "support", "guide", "commandes", "manuel", "instructions", "accueil", "inicio", "comment on fait",
    "merci", "comment faire", "labas", "stop all", "arrêtez tout", "1", "2", "je ne comprends pas", "salute", "viva",
    "أبدا", "أبدًا",
)  # fmt: skip
IN_DANGER = (
    "au secours", "à l'aide", "aidez-moi", "aide moi", "blessé", "accident", "help me", "emergency", "socorro",
    "auxilio", "ayúdame", "ayúdenme", "ajudem-me", "zu hilfe", "hilfe schnell", "notfall", "aiutatemi", "aiutami",
    "ajutați-mă", "săriți", "pomocy", "ratunku", "النجدة", "ساعدوني", "urgence", "danger",
)  # fmt: skip


def registered() -> list[Intent]:
    return Essentials(EssentialsSettings()).register_intents()


def examples_of(intent: Intent) -> dict[str, list[str]]:
    assert isinstance(intent.examples, str)
    loaded = yaml.safe_load((PACKAGE / intent.examples).read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def intents() -> Intents:
    """The intents of the plugin with their examples, as the core reads them at load."""
    return Intents(replace(intent, examples=examples_of(intent)) for intent in registered())


@pytest.fixture
def titles() -> Mapping[str, Sequence[str]]:
    """The titles of the menu rows in all languages, by key."""
    keys = [intent.menu for intent in registered() if intent.menu]
    found: dict[str, list[str]] = {key: [] for key in keys}
    for language in LANGUAGES:
        resource = FluentParser().parse((PACKAGE / "texts" / f"{language}.ftl").read_text(encoding="utf-8"))
        for entry in resource.body:
            if isinstance(entry, ast.Message) and entry.id.name in found:
                found[entry.id.name].append(serialize(ast.Resource([entry])).partition("=")[2].strip())
    return found


def test_the_plugin_brings_its_intents_in_the_order_of_the_menu(intents: Intents) -> None:
    assert list(intents) == ["greeting", "help", "change_language", "escalate_to_human", "stop", "start"]


def test_help_language_and_the_human_have_a_row_in_the_menu(intents: Intents) -> None:
    assert [(option.id, option.text) for option in intents.menu().options] == [
        ("intent:help", "help-menu"),
        ("intent:change_language", "language-menu"),
        ("intent:escalate_to_human", "human-menu"),
    ]


def test_stop_and_start_are_consents_and_with_the_human_never_limited(intents: Intents) -> None:
    assert {name: intent.consent for name, intent in intents.items() if intent.consent} == {
        "stop": "stop",
        "start": "start",
    }
    assert [name for name, intent in intents.items() if intent.never_limited] == [
        "escalate_to_human",
        "stop",
        "start",
    ]


def test_every_intent_describes_itself_to_models_that_rank(intents: Intents) -> None:
    assert [name for name, intent in intents.items() if not intent.description.endswith(".")] == []


def test_the_entry_point_names_the_class_with_its_settings() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (name, value), *others = project["entry-points"]["lumiera"].items()
    assert (name, others) == ("essentials", [])
    assert EntryPoint(name, value, "lumiera").load() is Essentials
    assert Essentials.Settings is EssentialsSettings


@pytest.mark.parametrize("name", TALK + CONSENT)
def test_examples_stand_in_nine_languages(intents: Intents, name: str) -> None:
    assert {language for language, _ in intents[name].phrases()} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TALK)
def test_an_intent_has_25_to_40_examples_in_a_language(intents: Intents, name: str, language: str) -> None:
    assert 25 <= sum(spoken == language for spoken, _ in intents[name].phrases()) <= 40


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CONSENT)
def test_a_consent_has_2_to_6_words_in_a_language(intents: Intents, name: str, language: str) -> None:
    assert 2 <= sum(spoken == language for spoken, _ in intents[name].phrases()) <= 6


@pytest.mark.parametrize("name", TALK + CONSENT)
def test_every_example_is_a_short_text_with_letters(intents: Intents, name: str) -> None:
    for _, text in intents[name].phrases():
        assert isinstance(text, str)
        assert any(char.isalpha() for char in text)
        assert text == text.strip()
        assert len(text) <= 60


@pytest.mark.parametrize("name", TALK + CONSENT)
def test_no_example_stands_twice_in_a_language(intents: Intents, name: str) -> None:
    said = [(language, normalise(text)) for language, text in intents[name].phrases()]
    assert sorted(key for key in said if said.count(key) > 1) == []


def test_no_example_stands_in_two_intents(intents: Intents) -> None:
    assert list(intents.conflicts()) == []


def test_no_example_is_the_menu_title_of_another_intent(intents: Intents, titles: Mapping[str, Sequence[str]]) -> None:
    for intent in intents.values():
        for key, rows in titles.items():
            assert len(rows) == len(LANGUAGES)
            if key != intent.menu:
                assert {normalise(text) for _, text in intent.phrases()}.isdisjoint(map(normalise, rows))


@pytest.mark.parametrize(
    "key", ["yes", "no", "confirm", "cancel", "skip", "moment-now", "moment-today", "moment-yesterday"]
)
def test_what_answers_a_question_is_no_example(intents: Intents, key: str) -> None:
    texts = Texts(LANGUAGES, "fr")
    texts.add("core", Path(lumiera.__file__).parent / "locales")
    assert [label for label in texts.labels(key) if intents.exact(label)] == []
    assert texts.labels(key)


@pytest.mark.parametrize("text", IN_PASSING)
def test_what_is_said_in_passing_is_no_example(intents: Intents, text: str) -> None:
    assert intents.exact(text) == {}


@pytest.mark.parametrize("text", IN_DANGER)
def test_a_call_for_help_in_danger_is_no_example(intents: Intents, text: str) -> None:
    assert intents.exact(text) == {}


@pytest.mark.parametrize("text", ["slt", "Bjr !", "CC", "wesh", "Siema", "hejka", "Salam 3alaykom", "السَّلامُ عليكم 👋"])
def test_a_worker_is_greeted_back(intents: Intents, text: str) -> None:
    assert list(intents.exact(text)) == ["greeting"]


def test_a_word_that_all_languages_use_leaves_the_language_as_it_is(intents: Intents) -> None:
    assert set(intents.exact("menu")["greeting"]) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("text", "language"),
    [("bonjour", "fr"), ("hello", "en"), ("hola", "es"), ("bom dia", "pt"), ("guten Tag", "de"), ("buongiorno", "it"),
     ("bună ziua", "ro"), ("cześć", "pl"), ("salam", "ar"), ("مرحبا", "ar"), ("help", "en"), ("ajutor", "ro")],
)  # fmt: skip
def test_a_greeting_tells_the_language(intents: Intents, text: str, language: str) -> None:
    assert list(intents.exact(text).values()) == [[language]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_stop_and_start_work_in_every_language(intents: Intents, language: str) -> None:
    assert language in intents.exact("stop")["stop"]
    assert language in intents.exact("start")["start"]


@pytest.mark.parametrize("text", ["STOP", "Stop.", "ARRÊT", "arret", "Stopp!", "alto", "PARAR", "توقف", "désabonner"])
def test_stop_words_stop(intents: Intents, text: str) -> None:
    assert intents.consent(text) == "stop"


@pytest.mark.parametrize("text", ["START", "unstop", "Démarrer", "اشتراك", "reprendre les messages"])
def test_start_words_start(intents: Intents, text: str) -> None:
    assert intents.consent(text) == "start"


@pytest.mark.parametrize("text", ["stop le chantier", "arrêt de travail", "on stoppe le béton ?", "توقف العمل"])
def test_a_sentence_with_a_stop_word_in_it_does_not_stop(intents: Intents, text: str) -> None:
    assert intents.consent(text) is None


def test_an_example_of_a_change_names_one_language_or_the_word_language(intents: Intents) -> None:
    unclear = [
        (language, text)
        for language, text in intents["change_language"].phrases()
        if not find_language(text) and LANGUAGE_WORDS[language] not in normalise(text)
    ]
    assert unclear == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_ask_for_every_language_in_several_ways(intents: Intents, language: str) -> None:
    asked = [find_language(text) for spoken, text in intents["change_language"].phrases() if spoken == language]
    assert {code: count for code in LANGUAGES if (count := asked.count(code)) < 4} == {}
    assert asked.count("") == 3


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("parle anglais", "en"),
        ("Speak English please", "en"),
        ("en français s'il te plaît", "fr"),
        ("PO POLSKU", "pl"),
        ("po włosku", "it"),
        ("po wlosku", "it"),
        ("بالعربية", "ar"),
        ("بالعربيه", "ar"),
        ("الإنكليزية", "en"),
        ("بولونية", "pl"),
        ("تكلم بالالمانية", "de"),
        ("kannst du Rumaenisch?", "ro"),
        ("prefiro falar em espanhol", "es"),
        ("vorbiți portugheza?", "pt"),
        ("parles-tu l’allemand ?", "de"),
    ],
)
def test_a_language_is_found(text: str, language: str) -> None:
    assert find_language(text) == language


@pytest.mark.parametrize(
    "text", ["", "🌐 Langue", "changer de langue", "en", "russe", "pas anglais, français", "englishman"]
)
def test_no_or_several_languages_find_none(text: str) -> None:
    assert find_language(text) == ""


def test_the_finder_knows_nine_languages() -> None:
    assert tuple(NAMES) == tuple(OWN_NAMES) == LANGUAGES


def test_no_name_stands_for_two_languages() -> None:
    names = [name for text in NAMES.values() for name in text.split()]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


def test_names_are_written_as_they_are_compared() -> None:
    names = [name for text in NAMES.values() for name in text.split()]
    assert [name for name in names if normalise(name) != name] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_found_by_its_own_name(intents: Intents, language: str) -> None:
    assert find_language(OWN_NAMES[language]) == language
    assert language in intents.exact(OWN_NAMES[language])["change_language"]
