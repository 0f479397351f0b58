from __future__ import annotations

import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast

import lumiera
from lumiera.channel import Capabilities, units
from lumiera.cli.proofread import missing, problems
from lumiera.errors import ErrorCode
from lumiera.intents import normalise
from lumiera.questions import Question, confirm, free_text, moment, photos, yes_no
from lumiera.texts import Texts

LOCALES = Path(lumiera.__file__).parent / "locales"
NINE = ("fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar")
OTHERS = NINE[1:]
LIMITS = Capabilities()
TYPED = ("yes", "no", "confirm", "cancel", "skip", "correct", "resume", "drop")
MOMENTS = ("moment-now", "moment-today", "moment-yesterday")
BUTTONS = (*TYPED, *MOMENTS, "choose", "draft-restart")
SENTENCES = (
    "numbers-hint", "undecided", "undecided-media", "clarify", "question-missed", "question-human", "choice-gone",
    "photo-added", "dialogue-cancelled", "dialogue-draft", "dialogue-dropped", "dialogue-failed", "correct-which",
    "correct-nothing", "voice-unheard", "limited", "refused", "blocked", "working", "apology", "turn-lost",
    "escalation-next", "escalation-expired", "escalation-handed-back", "bot-resumed",
    "media-too-large", "media-refused", "media-broken",
)  # fmt: skip
# Sentences that hold a value, a label, 112.
FILLED = ("dialogue-parked", "escalation-reached", "escalation-nobody", "escalation-passed-on", "escalation-over")
RING = "escalation-ring"
REASONS = tuple(
    f"escalation-reason-{reason}"
    for reason in ("asked", "task", "safety", "other", "slow", "undelivered", "failed", "unfinished")
)
VALUES = {"question": "7?", "time": "14:05", "name": "7", "phone": "7", "reason": "7", "details": "7", "id": "7"}
NAMES = tuple(f"language-name-{language}" for language in NINE)
ERRORS = tuple(f"error-{code.value.lower()}" for code in ErrorCode)
KEYS = (*BUTTONS, "more", *SENTENCES, *FILLED, RING, *REASONS, *NAMES, *ERRORS)
ALIKE = {("no", "es"), ("no", "it"), ("no", "en")}  # may read as in French


@pytest.fixture(scope="module")
def texts() -> Texts:
    core = Texts(NINE, "fr")
    core.add("core", LOCALES)
    return core


def words(texts: Texts, key: str, language: str) -> set[str]:
    """What may be typed for a title in one language, folded as it is compared."""
    alone = Texts([language], language)
    alone.add("core", LOCALES)
    return {normalise(label) for label in alone.labels(key)} - {""}


def whole(texts: Texts, language: str) -> str:
    return texts.format("escalation-nobody", language)


def is_neat(text: str, longest: int = 180) -> bool:
    return len(text) <= longest and text[-1] in ".?؟…:" and not re.search(r"  |\{|\}|\$|'|\"", text)


def keys_in_order(language: str) -> list[str]:
    body = FluentParser().parse((LOCALES / f"{language}.ftl").read_text(encoding="utf-8")).body
    return [entry.id.name for entry in body if isinstance(entry, ast.Message)]


def test_there_is_a_file_for_each_of_the_nine_languages() -> None:
    assert {path.stem for path in LOCALES.glob("*.ftl")} == set(NINE)


def test_the_files_have_no_mistakes_and_nothing_is_missing(texts: Texts) -> None:
    assert (problems(texts), missing(texts)) == ([], [])


@pytest.mark.parametrize("language", NINE)
def test_every_file_has_every_key_in_the_same_order(language: str) -> None:
    assert sorted(keys_in_order(language)) == sorted(KEYS)
    assert keys_in_order(language) == keys_in_order("fr")


@pytest.mark.parametrize("key", KEYS)
def test_a_text_has_the_same_variables_in_every_language(key: str) -> None:
    found = set()
    for language in NINE:
        text = (LOCALES / f"{language}.ftl").read_text(encoding="utf-8")
        (entry,) = re.findall(rf"^{re.escape(key)} =.*(?:\n\n?[ ]+.*)*", text, re.MULTILINE)
        found.add(frozenset(re.findall(r"\$([\w-]+)", entry)))
    assert len(found) == 1


@pytest.mark.parametrize("language", OTHERS)
def test_no_french_is_left_in_the_others(texts: Texts, language: str) -> None:
    same = [key for key in KEYS if texts.format(key, language, VALUES) == texts.format(key, "fr", VALUES)]
    assert [key for key in same if (key, language) not in ALIKE] == []


@pytest.mark.parametrize("language", NINE)
def test_a_text_is_in_the_script_of_its_language(texts: Texts, language: str) -> None:
    for key in KEYS:
        said = texts.format(key, language, VALUES).partition("lumiera ")[0]  # a command is in no language
        letters = [char for char in said if char.isalpha()]
        arabic = sum("\u0600" <= char <= "\u06ff" for char in letters)
        assert letters
        assert arabic == (len(letters) if language == "ar" else 0), key


@pytest.mark.parametrize("language", NINE)
def test_titles_fit_buttons_and_rows(texts: Texts, language: str) -> None:
    assert [key for key in BUTTONS if units(texts.format(key, language)) > LIMITS.button_title] == []
    assert [key for key in ("more", *NAMES) if units(texts.format(key, language)) > LIMITS.row_title] == []
    assert units(texts.format("choose", language)) <= LIMITS.list_button


@pytest.mark.parametrize("language", NINE)
def test_sentences_are_short_and_end(texts: Texts, language: str) -> None:
    for key in (*SENTENCES, *ERRORS):
        assert is_neat(texts.format(key, language)), key


@pytest.mark.parametrize("language", NINE)
def test_sentences_with_values_are_short_and_end(texts: Texts, language: str) -> None:
    for key in FILLED:
        assert is_neat(texts.format(key, language, VALUES), longest=210), key


@pytest.mark.parametrize("language", NINE)
def test_a_text_that_names_a_label_shows_it_as_it_is(texts: Texts, language: str) -> None:
    assert texts.format("resume", language) in re.findall(r"[«“„](.+?)[»”“]", nobody := whole(texts, language))[0]
    assert "112" in nobody


@pytest.mark.parametrize("language", NINE)
def test_a_ring_names_the_person_the_reason_and_the_way_to_answer(texts: Texts, language: str) -> None:
    for reason in REASONS:
        why = texts.format(reason, language)
        assert why[-1].isalpha()  # it stands in the middle of the sentence
        assert units(why) <= 60
        given = {"name": "Ana", "phone": "+33600000009", "reason": why, "details": "Mur fissuré", "id": "e-12345"}
        rung = texts.format(RING, language, given)
        first, blank, command = rung.translate(dict.fromkeys([0x2068, 0x2069])).splitlines()
        assert not blank
        assert all(value in first for name, value in given.items() if name != "id")
        assert command.endswith('lumiera escalations answer e-12345 "..."')


@pytest.mark.parametrize("language", NINE)
def test_no_text_shows_our_inside(texts: Texts, language: str) -> None:
    inside = re.compile(
        r"\b(plugin|server|database|timeout|json|api|intent|pipeline|handler|agent|bot|error)\b|\d", re.I
    )
    assert [key for key in (*SENTENCES, *ERRORS) if inside.search(texts.format(key, language))] == []


@pytest.mark.parametrize("language", NINE)
def test_what_is_forbidden_reads_as_what_is_not_there(texts: Texts, language: str) -> None:
    assert texts.format("error-project_2003", language) == texts.format("error-project_2001", language)


@pytest.mark.parametrize("language", NINE)
def test_the_names_of_languages_differ(texts: Texts, language: str) -> None:
    assert len({texts.format(name, language) for name in NAMES}) == len(NINE)


# --- what people type


@pytest.mark.parametrize("language", NINE)
@pytest.mark.parametrize("key", [*TYPED, *MOMENTS])
def test_a_title_has_other_words(texts: Texts, key: str, language: str) -> None:
    assert len(words(texts, key, language)) >= 4


@pytest.mark.parametrize(
    ("said", "key", "language"),
    [
        ("Oui", "yes", "fr"), ("d'accord", "yes", "fr"), ("O", "yes", "fr"), ("ouais !", "yes", "fr"),
        ("n", "no", "fr"), ("nope", "no", "en"), ("Y", "yes", "en"), ("si", "yes", "es"), ("s", "yes", "it"),
        ("nao", "no", "pt"), ("s", "yes", "pt"), ("j", "yes", "de"), ("nö", "no", "de"), ("da", "yes", "ro"),
        ("nu", "no", "ro"), ("t", "yes", "pl"), ("tak", "yes", "pl"), ("نعم", "yes", "ar"), ("لا", "no", "ar"),
        ("ايوه", "yes", "ar"), ("oui", "confirm", "fr"), ("tak", "confirm", "pl"), ("annule", "cancel", "fr"),
        ("never mind", "cancel", "en"), ("rien", "skip", "fr"), ("aujourd'hui", "moment-today", "fr"),
        ("dzis", "moment-today", "pl"), ("ieri", "moment-yesterday", "ro"), ("امس", "moment-yesterday", "ar"),
        ("Corrige", "correct", "fr"), ("je me suis trompe", "correct", "fr"), ("edit", "correct", "en"),
        ("aendern", "correct", "de"), ("me equivoque", "correct", "es"), ("صحح", "correct", "ar"),
        ("reprends", "resume", "fr"), ("continuer", "resume", "fr"), ("continuar", "resume", "es"),
        ("weitermachen", "resume", "de"), ("wznow", "resume", "pl"), ("متابعه", "resume", "ar"),
        ("efface", "drop", "fr"), ("remove", "drop", "en"), ("borrar", "drop", "es"), ("loschen", "drop", "de"),
        ("usun", "drop", "pl"), ("sterge", "drop", "ro"),
    ],
)  # fmt: skip
def test_what_people_type_is_known(texts: Texts, said: str, key: str, language: str) -> None:
    assert normalise(said) in words(texts, key, language)


@pytest.mark.parametrize("key", ["yes", "no", "confirm"])
def test_a_thumb_is_a_label(texts: Texts, key: str) -> None:
    assert ("👎" if key == "no" else "👍") in texts.labels(key)


@pytest.mark.parametrize(
    "question", [yes_no("q"), confirm("q"), moment("q"), free_text("q", optional=True), photos("q", optional=True)]
)
def test_no_word_answers_a_question_in_two_ways(texts: Texts, question: Question[object]) -> None:
    labels = [{normalise(label) for label in texts.labels(option.text)} - {""} for option in question.options]
    assert all(labels)
    for place, some in enumerate(labels):
        assert [some & others for others in labels[:place] if some & others] == []


def test_what_cancels_a_dialogue_can_answer_no_question(texts: Texts) -> None:
    cancels = {normalise(label) for label in texts.labels("cancel")}
    assert "" not in cancels  # or a photo without words would cancel
    for key in ("yes", "no", "confirm", "skip", *MOMENTS):
        assert cancels & {normalise(label) for label in texts.labels(key)} == set()


MEANINGS = ("correct", "cancel", "resume", "drop", "yes", "no", "skip", "more")


@pytest.mark.parametrize("key", ["correct", "cancel", "resume", "drop"])
def test_a_word_that_acts_on_a_dialogue_has_one_meaning(texts: Texts, key: str) -> None:
    own = {normalise(label) for label in texts.labels(key)}
    others = {other: {normalise(label) for label in texts.labels(other)} for other in MEANINGS if other != key}
    assert "" not in own
    assert {other: own & words for other, words in others.items() if own & words} == {}
    assert own & {normalise(label) for moment in MOMENTS for label in texts.labels(moment)} == set()


@pytest.mark.parametrize(
    "said",
    ["je reprends", "je continue", "continue", "go on", "ok", "oui", "weiter", "sigo", "reviens", "torna", "volta"],
)
def test_what_people_say_to_each_other_does_not_call_the_bot_back(texts: Texts, said: str) -> None:
    assert normalise(said) not in {normalise(label) for label in texts.labels("resume")}


def test_stop_is_no_word_of_ours(texts: Texts) -> None:
    stops = {normalise(word) for word in ("stop", "stopp", "parar", "alto", "arrêt", "توقف")}
    for key in (*TYPED, *MOMENTS, "more", "choose"):
        assert stops & {normalise(label) for label in texts.labels(key)} == set()


@pytest.mark.parametrize("language", NINE)
def test_other_words_are_no_copies(texts: Texts, language: str) -> None:
    alone = Texts([language], language)
    alone.add("core", LOCALES)
    for key in (*TYPED, *MOMENTS, "more"):
        folded = [normalise(label) for label in alone.labels(key) if normalise(label)]
        assert len(folded) == len(set(folded)), (key, folded)
