from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path

import pytest

from lumiera.cli.proofread import missing, problems
from lumiera.texts import Texts, phone_language

NINE = ("fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar")
Write = Callable[[str, Mapping[str, str]], Path]
Make = Callable[..., Texts]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a folder of texts, `{"fr": "key = ..."}`, and return it."""

    def write_folder(name: str, files: Mapping[str, str]) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for language, text in files.items():
            (folder / f"{language}.ftl").write_text(text, encoding="utf-8")
        return folder

    return write_folder


@pytest.fixture
def make(write: Write) -> Make:
    """Make texts of one plugin, `depot`, and of the operator where `overrides` are given."""

    def make_texts(files: Mapping[str, str], overrides: Mapping[str, str] | None = None) -> Texts:
        texts = Texts(NINE, "fr")
        texts.add("depot", write("depot", files))
        texts.override(write("overrides", overrides or {}))
        return texts

    return make_texts


def said(texts: Texts) -> list[str]:
    """The problems, their places shortened to `folder/file:line`."""
    return ["/".join(str(problem).split("/")[-2:]) for problem in problems(texts)]


# --- formatting


def test_a_text_comes_in_the_language_with_its_variables(make: Make) -> None:
    texts = make({"fr": "hours = De { $open } à { $close }.", "en": "hours = From { $open } to { $close }."})
    assert texts.format("hours", "fr", {"open": "07:00", "close": "17:00"}) == "De 07:00 à 17:00."
    assert texts.format("hours", "en", {"open": "07:00", "close": "17:00"}) == "From 07:00 to 17:00."


@pytest.mark.parametrize(
    ("files", "overrides", "expected"),
    [
        ({"pl": "k = pl", "fr": "k = fr"}, {"pl": "k = own pl", "fr": "k = own fr"}, "own pl"),
        ({"pl": "k = pl", "fr": "k = fr"}, {"fr": "k = own fr"}, "pl"),
        ({"fr": "k = fr", "en": "k = en"}, {"fr": "k = own fr"}, "own fr"),
        ({"fr": "k = fr", "en": "k = en"}, {}, "fr"),
        ({"en": "k = en", "ar": "k = ar"}, {}, "en"),
        ({"ar": "k = ar"}, {}, "ar"),
    ],
)
def test_the_fallback_chain(make: Make, files: Mapping[str, str], overrides: Mapping[str, str], expected: str) -> None:
    assert make(files, overrides).format("k", "pl") == expected


@pytest.mark.parametrize(("language", "expected"), [("pt-BR", "pt"), ("xx", "fr"), ("", "fr"), ("fr-CA", "fr")])
def test_a_regional_or_unknown_language_finds_its_text(make: Make, language: str, expected: str) -> None:
    assert make({"fr": "k = fr", "pt": "k = pt"}).format("k", language) == expected


def test_a_later_plugin_wins_over_the_core(write: Write) -> None:
    texts = Texts(["fr"], "fr")
    texts.add("core", write("core", {"fr": "k = core"}))
    assert texts.format("k", "fr") == "core"
    texts.add("depot", write("depot", {"fr": "k = depot"}))
    assert texts.format("k", "fr") == "depot"


def test_a_key_that_nobody_has_is_logged_once_and_returned(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    texts = make({"fr": "k = fr"})
    assert {texts.format("nowhere", "pl") for _ in range(3)} == {"nowhere"}
    assert [record.getMessage() for record in caplog.records] == ["text 'nowhere' in 'pl': no language has it"]


def test_a_variable_that_is_not_given_is_logged_and_shown_as_a_gap(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    texts = make({"fr": "k = Chantier { $name }, { NUMBER($count) } tâches, { $name }."})
    assert texts.format("k", "fr") == "Chantier …, … tâches, …."
    assert "Unknown external: name" in caplog.text


def test_a_missing_selector_takes_the_default(make: Make) -> None:
    texts = make({"fr": "k =\n    { $count ->\n        [one] une tâche\n       *[other] des tâches\n    }"})
    assert texts.format("k", "fr") == "des tâches"


@pytest.mark.parametrize(
    ("broken", "fault"),
    [("k = Chez { -company }.", "Unknown term: -company"), ("k = Voir { k }.", "Cyclic reference")],
)
def test_a_text_that_cannot_be_formatted_gives_way_to_the_next_language(
    make: Make, caplog: pytest.LogCaptureFixture, broken: str, fault: str
) -> None:
    texts = make({"fr": broken, "en": "k = Welcome to { $name }."})
    assert {texts.format("k", "fr", {"name": "Lilas"}) for _ in range(3)} == {"Welcome to Lilas."}
    assert [record.getMessage() for record in caplog.records] == [f"text 'k' in 'fr': {fault}"]


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("+33600000001")


class HostileDate(date):
    @property
    def year(self) -> int:
        raise RuntimeError("+33600000001")


@pytest.mark.parametrize("value", [Hostile(), HostileDate(2026, 11, 22)])
def test_a_value_that_cannot_be_formatted_raises_nothing_and_is_not_logged(
    make: Make, caplog: pytest.LogCaptureFixture, value: object
) -> None:
    assert make({"fr": "k = Le { $day }"}).format("k", "fr", {"day": value}) == "k"
    assert "RuntimeError" in caplog.text
    assert "+336" not in caplog.text


def test_numbers_are_written_as_the_language_does(make: Make) -> None:
    texts = make(dict.fromkeys(NINE, "k = { $n }"))
    assert texts.format("k", "fr", {"n": 1234567.5}) == "1\u202f234\u202f567,5"
    assert texts.format("k", "en", {"n": 1234567.5}) == "1,234,567.5"
    assert texts.format("k", "de", {"n": 1234567.5}) == "1.234.567,5"


def test_years_and_ids_given_as_text_are_left_alone(make: Make) -> None:
    assert make({"fr": "k = { $year } { $id }"}).format("k", "fr", {"year": "2026", "id": "01234"}) == "2026 01234"


class Colour(StrEnum):
    RED = "rouge"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "()"),
        (True, "(True)"),
        (Colour.RED, "(rouge)"),
        (Path("a"), "(a)"),
        (date(2026, 11, 22), "(22 nov. 2026)"),
    ],
)
def test_any_value_can_be_given(make: Make, value: object, expected: str) -> None:
    assert make({"fr": "k = ({ $value })"}).format("k", "fr", {"value": value}) == expected


def test_a_long_value_comes_out_whole(make: Make) -> None:
    long = {"said": "mot " * 5000, "again": "x" * 9000}
    texts = make({"fr": "k = Vous : { $said }| { $again }"})
    assert texts.format("k", "fr", long) == f"Vous : {long['said']}| {long['again']}"


def test_braces_of_users_are_left_alone(make: Make) -> None:
    assert make({"fr": "k = Vous : { $said }"}).format("k", "fr", {"said": "{ $x } {y}"}) == "Vous : { $x } {y}"


# --- directions


def test_only_right_to_left_text_isolates_what_is_put_in(make: Make) -> None:
    texts = make({"fr": "k = Bonjour { $name }", "ar": "k = مرحبا { $name }"})
    assert texts.format("k", "fr", {"name": "Jean"}) == "Bonjour Jean"
    assert texts.format("k", "ar", {"name": "Jean"}) == "مرحبا \u2068Jean\u2069"


@pytest.mark.parametrize("control", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
def test_users_cannot_turn_the_direction_of_our_text(make: Make, control: str) -> None:
    assert make({"fr": "k = Bonjour { $name }."}).format("k", "fr", {"name": f"{control}Jean"}) == "Bonjour Jean."


def test_a_text_within_a_text_keeps_its_isolates(make: Make) -> None:
    texts = make({"ar": "inner = باب { $n }\nouter = موقع { $place } الآن"})
    inner = texts.format("inner", "ar", {"n": "B2"})
    assert texts.format("outer", "ar", {"place": inner}) == "موقع \u2068باب \u2068B2\u2069\u2069 الآن"


def test_joined_emoji_pass(make: Make) -> None:
    assert make({"fr": "k = { $name }"}).format("k", "fr", {"name": "👷🏽‍♀️"}) == "👷🏽‍♀️"


# --- plurals

PLURALS = {
    "pl": "[one] zadanie\n [few] zadania\n [many] zadań\n *[other] zadania",
    "ro": "[one] sarcină\n [few] sarcini\n *[other] de sarcini",
    "ar": "[one] مهمة\n [two] مهمتان\n [few] مهام\n [many] مهمةً\n *[other] مهمات",
    "fr": "[one] tâche\n *[other] tâches",
}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("pl", ["zadanie", "zadania", "zadań", "zadania", "zadań"]),
        ("ro", ["sarcină", "sarcini", "sarcini", "de sarcini", "de sarcini"]),
        ("ar", ["مهمة", "مهمتان", "مهام", "مهمةً", "مهمات"]),
        ("fr", ["tâche", "tâches", "tâches", "tâches", "tâches"]),
    ],
)
def test_the_plurals_of_1_2_5_22_and_100(make: Make, language: str, expected: list[str]) -> None:
    texts = make({one: f"tasks = {{ $n ->\n {forms}\n }}" for one, forms in PLURALS.items()})
    assert [texts.format("tasks", language, {"n": n}) for n in (1, 2, 5, 22, 100)] == expected


# --- labels


def test_labels_are_a_text_and_its_other_words_in_every_language(make: Make) -> None:
    texts = make({"fr": "yes = Oui\n    .also = o|| ouais |👍|", "en": "yes = Yes\n    .also = y|👍", "de": "yes = Ja"})
    assert texts.labels("yes") == ("Oui", "o", "ouais", "👍", "Yes", "y", "Ja")
    assert texts.labels("nowhere") == ()


def test_an_override_keeps_the_other_words_unless_it_brings_its_own(make: Make) -> None:
    files = {"fr": "yes = Oui\n    .also = ouais\nno = Non\n    .also = nan"}
    texts = make(files, {"fr": "yes = Bien sûr\nno = Jamais\n    .also = n"})
    assert texts.labels("yes") == ("Bien sûr", "ouais")
    assert texts.labels("no") == ("Jamais", "n")


def test_an_override_may_bring_other_words_alone(make: Make) -> None:
    texts = make({"fr": "yes = Oui\n    .also = ouais"}, {"fr": "yes =\n    .also = bah oui"})
    assert texts.labels("yes") == ("Oui", "bah oui")
    assert texts.format("yes", "fr") == "Oui"


# --- what there is


def test_missing_names_every_key_that_a_language_lacks(write: Write) -> None:
    texts = Texts(["fr", "en"], "fr")
    texts.add("depot", write("depot", {"fr": "a = 1\nb = 2\n-term = x", "en": "b = 2\nc = 3"}))
    assert sorted(missing(texts)) == [("a", "en"), ("c", "fr")]


# --- problems


def test_good_texts_have_no_problems(make: Make) -> None:
    texts = make(
        {"fr": "-brand = L\nhours = De { $open }, chez { -brand }.", "en": "hours = From { $open }."},
        {"fr": "-brand = M\n-own = N\nhours = Dès { $open }, chez { -own }."},
    )
    assert problems(texts) == []


def test_a_syntax_error_names_file_and_line_and_the_rest_works(make: Make) -> None:
    texts = make({"fr": "a = 1\n\nb = De { $open à midi\n\nc = 3"})
    assert said(texts) == ['depot/fr.ftl:3: Expected token: "}".']
    assert texts.format("c", "fr") == "3"
    assert texts.format("b", "fr") == "b"


def test_one_key_in_two_plugins_names_both_and_once(write: Write) -> None:
    texts = Texts(["fr", "en"], "fr")
    texts.add("depot", write("depot", {"fr": "menu = Dépôt", "en": "menu = Depot"}))
    texts.add("tools", write("tools", {"fr": "\nmenu = Outils", "en": "menu = Tools"}))
    assert said(texts) == ["tools/fr.ftl:2: text 'menu' of 'tools' is also one of 'depot'; rename one."]


def test_one_key_twice_in_a_file(make: Make) -> None:
    (problem,) = problems(make({"fr": "# hours\na = 1\n# more\na = 2"}))
    assert str(problem).endswith("depot/fr.ftl:2 already; remove one.")
    assert problem.place.endswith("depot/fr.ftl:4")


def test_an_unknown_override_suggests_the_known_one(make: Make) -> None:
    texts = make({"fr": "hours-answer = x"}, {"fr": "\nhours-anwser = y\nzzz = 1"})
    assert said(texts) == [
        "overrides/fr.ftl:2: unknown text 'hours-anwser'. Did you mean 'hours-answer'?",
        "overrides/fr.ftl:3: unknown text 'zzz'.",
    ]


def test_an_override_in_no_language_of_ours(make: Make) -> None:
    assert said(make({"fr": "a = 1"}, {"nl": "a = 1"})) == ["overrides/nl.ftl: 'nl' is none of the languages."]


def test_a_variable_that_the_others_do_not_have(make: Make) -> None:
    texts = make(
        {"fr": "k = { $open }", "en": "k = { $open }", "de": "# Uses $oben.\nk = { $opne }", "it": "z = { $w }"}
    )
    assert said(texts) == ["depot/de.ftl:2: text 'k': no other has the variable 'opne'. Did you mean 'open'?"]


def test_a_variable_of_an_override_that_the_plugin_does_not_give(make: Make) -> None:
    texts = make({"fr": "k = { $open }", "en": "k = { $open }"}, {"fr": "k = { $hour }", "en": "k = { $hour }"})
    assert said(texts) == [
        "overrides/fr.ftl:1: text 'k': no other has the variable 'hour'.",
        "overrides/en.ftl:1: text 'k': no other has the variable 'hour'.",
    ]


def test_a_file_that_is_not_utf_8(make: Make, tmp_path: Path) -> None:
    (tmp_path / "depot").mkdir()
    (tmp_path / "depot" / "en.ftl").write_bytes("a = 1\nb = caf\xe9\n".encode("latin-1"))
    texts = make({"fr": "a = 1"})
    assert said(texts) == ["depot/en.ftl:2: not UTF-8"]
    assert texts.format("a", "en") == "1"


def test_files_of_other_editors_are_read(make: Make, tmp_path: Path) -> None:
    (tmp_path / "depot").mkdir()
    (tmp_path / "depot" / "fr.ftl").write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n    .also = x|y\r\n")
    texts = make({})
    assert problems(texts) == []
    assert texts.labels("b") == ("2", "x", "y")


# --- overrides


def test_the_folder_of_overrides_may_be_missing(write: Write, tmp_path: Path) -> None:
    texts = Texts(["fr"], "fr")
    texts.add("depot", write("depot", {"fr": "k = fr"}))
    texts.override(tmp_path / "nowhere")
    assert texts.format("k", "fr") == "fr"


# --- cost


def test_one_language_does_not_parse_the_others(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import fluent.syntax

    parsed: list[str] = []
    parse = fluent.syntax.FluentParser.parse

    def spy(self: fluent.syntax.FluentParser, source: str) -> fluent.syntax.ast.Resource:
        parsed.append(source)
        return parse(self, source)

    monkeypatch.setattr(fluent.syntax.FluentParser, "parse", spy)
    texts = make({"fr": "k = fr", "pl": "k = pl"})
    assert parsed == []
    assert texts.format("k", "fr") == "fr"
    assert "k = pl" not in parsed


def test_the_library_is_imported_when_the_first_text_is_wanted() -> None:
    program = "import sys, lumiera.texts; sys.exit('fluent.runtime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_plain_text_takes_under_50_microseconds(make: Make) -> None:
    texts = make({"fr": "k = Bonjour."})
    texts.format("k", "pl")
    best = min(_time(texts) for _ in range(5))
    assert best < 50e-6


def _time(texts: Texts) -> float:
    begun = time.perf_counter()
    for _ in range(1000):
        texts.format("k", "pl", {})
    return (time.perf_counter() - begun) / 1000


def test_complaints_go_to_the_log_as_errors(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    make({}).format("nowhere", "fr")
    assert [(record.levelno, record.name) for record in caplog.records] == [(logging.ERROR, "lumiera.texts")]


# --- phones


@pytest.mark.parametrize(
    ("phone", "language"),
    [
        ("+33600000001", "fr"), ("+34600000001", "es"), ("+351900000001", "pt"), ("+5511900000001", "pt"),
        ("+491500000001", "de"), ("+436600000001", "de"), ("+41790000001", "de"), ("+393200000001", "it"),
        ("+40700000001", "ro"), ("+37360000001", "ro"), ("+48500000001", "pl"), ("+447700000001", "en"),
        ("+353800000001", "en"), ("+12125550001", "en"), ("+18095550001", "es"), ("+212600000001", "ar"),
        ("+21320000001", "ar"), ("+21620000001", "ar"), ("+201000000001", "ar"), ("+966500000001", "ar"),
        ("+971500000001", "ar"), ("+525500000001", "es"), ("+573000000001", "es"), ("+221700000001", "fr"),
        ("+237600000001", "fr"), ("+244900000001", "pt"), ("+240200000001", "es"),
    ],
)  # fmt: skip
def test_the_language_of_a_phone(phone: str, language: str) -> None:
    assert phone_language(phone, NINE) == language


@pytest.mark.parametrize("phone", ["", "+", "+8100000001", "33600000001", "0600000001", "U123"])
def test_a_phone_that_tells_nothing(phone: str) -> None:
    assert phone_language(phone, NINE) is None


def test_only_languages_of_the_bot_are_guessed() -> None:
    assert phone_language("+48500000001", ["fr", "en"]) is None
    assert phone_language("+18095550001", ["fr", "en"]) == "en"
