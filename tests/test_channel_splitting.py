from __future__ import annotations

import random
import time

import pytest
import regex  # type: ignore[import-untyped]

from lumiera.channel import shorten, split, units

FAMILY = "👨‍👩‍👧‍👦"
FRANCE = "🇫🇷"
WORDS = (
    "béton", "dalle", "l’échafaudage", "Gerüst", "żelbet", "موقع", "البناء", "👷🏽", FAMILY, FRANCE, "e\u0301tage",
    "https://example.org/plans/42?page=1#top", "*attention*", "_urgent_", "`A-12`", "12,5", "?", "!", "fin.", "…",
)  # fmt: skip
SPACES = (" ", " ", " ", " ", "\n", "\n\n", " \n \n", "\t", "\u00a0")


@pytest.fixture(params=range(40))
def mixed(request: pytest.FixtureRequest) -> str:
    """A text of everything, the same for a seed."""
    dice = random.Random(request.param)
    return "".join(dice.choice(WORDS) + dice.choice(SPACES) for _ in range(dice.randint(1, 400))).strip()


def without_space(text: str) -> str:
    return "".join(text.split())


def test_units_are_those_of_utf_16() -> None:
    for text in ("", "abc", "é", "👷", FAMILY, FRANCE):
        assert units(text) == len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("limit", [20, 60, 333, 1600])
def test_nothing_is_lost_nothing_doubled_and_every_part_fits(mixed: str, limit: int) -> None:
    parts = split(mixed, limit)
    assert without_space("".join(parts)) == without_space(mixed)
    assert all(0 < units(part) <= limit for part in parts)


@pytest.mark.parametrize("limit", [40, 333])
def test_parts_stand_in_the_text_as_they_were(mixed: str, limit: int) -> None:
    at = 0
    for part in split(mixed, limit):
        found = mixed.index(part, at)
        assert not mixed[at:found].strip()
        at = found + len(part)
    assert at == len(mixed)


@pytest.mark.parametrize("limit", [60, 333])
def test_no_cut_goes_through_a_link_a_marked_word_or_a_grapheme(mixed: str, limit: int) -> None:
    parts = split(mixed, limit)
    for whole in ("https://example.org/plans/42?page=1#top", "*attention*", "_urgent_", "`A-12`", FAMILY, FRANCE):
        assert sum(part.count(whole) for part in parts) == mixed.count(whole)
    assert [g for part in parts for g in regex.findall(r"\X", part) if g.strip()] == [
        g for g in regex.findall(r"\X", mixed) if g.strip()
    ]


def test_a_text_that_fits_is_one_part() -> None:
    assert split("Bonjour.\n\nÇa va ?", 100) == ["Bonjour.\n\nÇa va ?"]


@pytest.mark.parametrize("blank", ["", " ", "\n\n\t "])
def test_a_blank_text_has_no_parts(blank: str) -> None:
    assert split(blank, 10) == []


def test_a_paragraph_is_the_best_place() -> None:
    text = "Première ligne.\nDeuxième ligne.\n\nUn autre paragraphe. Avec deux phrases."
    assert split(text, 55) == ["Première ligne.\nDeuxième ligne.", "Un autre paragraphe. Avec deux phrases."]


def test_then_a_line() -> None:
    assert split("Première ligne. Et plus.\nDeuxième ligne, longue", 40) == [
        "Première ligne. Et plus.",
        "Deuxième ligne, longue",
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Le béton est prêt. La grue arrive demain matin", "Le béton est prêt."),
        ("Il a dit « attention ! » La grue arrive demain", "Il a dit « attention ! »"),
        ("Wirklich fertig? Dann kommt der Kran morgen früh", "Wirklich fertig?"),
        ("هل الخرسانة جاهزة؟ تصل الرافعة غدا صباحا", "هل الخرسانة جاهزة؟"),
    ],
)
def test_then_a_sentence(text: str, first: str) -> None:
    assert split(text, 30)[0] == first


def test_then_a_word() -> None:
    assert split("un deux trois quatre cinq", 12) == ["un deux", "trois quatre", "cinq"]


def test_a_place_too_early_is_passed_over_for_a_worse_one_later() -> None:
    parts = split("Oui.\n\n" + "mot " * 30, 60)
    assert parts[0].startswith("Oui.\n\nmot mot")


def test_a_no_break_space_is_no_place() -> None:
    assert split("Vous êtes prêt\u00a0?", 15) == ["Vous êtes", "prêt\u00a0?"]


@pytest.mark.parametrize("limit", [11, 15, 30, 100, 1600])
def test_emoji_stay_whole(limit: int) -> None:
    parts = split((FAMILY + FRANCE) * 400, limit)
    assert "".join(parts) == (FAMILY + FRANCE) * 400
    assert {grapheme for part in parts for grapheme in regex.findall(r"\X", part)} == {FAMILY, FRANCE}


def test_sixteen_hundred_emoji_fill_two_bubbles() -> None:
    assert [len(part) for part in split("😀" * 1600, 1600)] == [800, 800]


def test_a_surrogate_pair_is_never_halved() -> None:
    for part in split("😀" * 100, 7):
        assert part.encode("utf-16-le").decode("utf-16-le") == "😀" * 3 or len(part) == 1


def test_a_grapheme_over_the_limit_is_cut_rather_than_lost() -> None:
    zalgo = "e" + "\u0301" * 50
    assert "".join(split(zalgo, 20)) == zalgo


def test_a_limit_under_one_character_ends() -> None:
    assert split("😀😀", 1) == ["😀", "😀"]


def test_a_link_goes_to_the_next_part_whole() -> None:
    text = "Le plan est ici : https://example.org/a/very/long/path/to/the/plan.pdf merci"
    assert split(text, 60) == ["Le plan est ici :", "https://example.org/a/very/long/path/to/the/plan.pdf merci"]


def test_a_link_after_letters_without_a_space_stays_whole() -> None:
    assert split("字" * 30 + "https://example.org/plan", 40) == ["字" * 30, "https://example.org/plan"]


def test_a_link_longer_than_a_part_is_cut() -> None:
    link = "https://example.org/" + "a" * 100
    assert "".join(split(link, 50)) == link


def test_a_code_block_stays_whole() -> None:
    text = "Voici la liste des codes :\n```\nA-12\n\nB-13\n```\nMerci bien à vous"
    assert split(text, 43) == ["Voici la liste des codes :", "```\nA-12\n\nB-13\n```\nMerci bien à vous"]


def test_a_bold_stretch_stays_whole() -> None:
    assert split("Portez le casque et *les chaussures de sécurité* partout", 40) == [
        "Portez le casque et",
        "*les chaussures de sécurité* partout",
    ]


def test_a_lone_star_protects_nothing() -> None:
    assert split("2 * 3 et puis 4 * 5 et puis 6", 15) == ["2 * 3 et puis 4", "* 5 et puis 6"]


def test_a_name_isolated_in_arabic_text_stays_whole() -> None:
    name = "\u2068Jean de la Tour\u2069"
    assert any(name in part for part in split(f"مرحبًا بك يا {name} في الموقع", 25))


@pytest.mark.parametrize(
    "text", ["mot " * 20_000, "x" * 50_000, "*a " * 10_000, "``` a\n" * 5_000, "*a _b ~c " * 5_000]
)
def test_long_and_nasty_texts_are_quick(text: str) -> None:
    begun = time.process_time()
    split(text, 1600)
    assert time.process_time() - begun < 2


def test_a_short_text_is_not_shortened() -> None:
    assert shorten("Rue des Lilas", 13) == "Rue des Lilas"


def test_a_text_is_shortened_at_a_word() -> None:
    assert shorten("12 rue des Lilas, bâtiment B", 20) == "12 rue des Lilas…"
    assert shorten("un deux trois", 8) == "un deux…"


def test_a_text_is_shortened_over_a_sentence() -> None:
    assert shorten("Fini. La suite vient demain matin", 20) == "Fini. La suite…"


def test_a_long_word_is_shortened_at_a_grapheme() -> None:
    assert shorten("x" * 30, 10) == "x" * 9 + "…"
    assert shorten(FAMILY * 5, 25) == FAMILY * 2 + "…"


def test_a_shortened_text_is_on_one_line() -> None:
    assert shorten("Rue\ndes  Lilas", 20) == "Rue des Lilas"


def test_shortened_texts_fit(mixed: str) -> None:
    assert units(shorten(mixed, 72)) <= 72
