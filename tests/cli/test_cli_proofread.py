"""What `lumiera check` says of texts that a phone cannot show whole, and of texts that show one that is not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from lumiera.cli.proofread import problems
from lumiera.texts import Texts

Run = Callable[..., Result]
Install = Callable[..., None]


@pytest.fixture
def reword(run: Run) -> Callable[..., list[str]]:
    """Write overrides and return the warnings of `lumiera check` about them, without their places."""

    def check(**texts: str) -> list[str]:
        folder = Path("config/texts")
        folder.mkdir(parents=True)
        for language, text in texts.items():
            (folder / f"{language}.ftl").write_text(text, encoding="utf-8")
        result = run("check")
        assert result.exit_code == 0, result.output
        lines = [line for line in result.stdout.splitlines() if "config/texts/" in line]
        return [line.removeprefix("warning: ").partition("config/texts/")[2] for line in lines]

    return check


def test_a_reworded_text_within_the_limits_is_no_warning(reword: Callable[..., list[str]]) -> None:
    assert (
        reword(fr="yes = Bien sûr\nhelp-menu = ❓ Aide et horaires\ngreeting-what-next = Alors ?\nchoose = Voir\n")
        == []
    )


OTHERWISE = "its choices are drawn otherwise, or only written. Shorten it."


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("yes = Oui, je suis tout à fait d’accord", f"'yes' has 33 characters; a button holds 20: {OTHERWISE}"),
        (
            "help-menu = ❓ De l’aide pour se servir du robot",
            f"'help-menu' has 35 characters; a row holds 24: {OTHERWISE}",
        ),
        ("choose = Voir toutes les réponses", "'choose' has 24 characters; a button holds 20: it is cut. Shorten it."),
        ("more = ➡️ La suite de la liste ici", "'more' has 27 characters; a row holds 24: it is cut. Shorten it."),
    ],
)
def test_an_override_that_no_button_or_row_holds_is_a_warning(
    reword: Callable[..., list[str]], text: str, warning: str
) -> None:
    assert reword(fr=text) == [f"fr.ftl:1: text {warning}"]


def test_an_emoji_counts_as_whatsapp_counts_it(reword: Callable[..., list[str]]) -> None:
    (warning,) = reword(fr="yes = " + "👍" * 11)
    assert "'yes' has 22 characters" in warning


def test_a_long_word_for_typing_is_no_title(reword: Callable[..., list[str]]) -> None:
    assert reword(fr="yes =\n    .also = oui|je suis tout à fait d’accord avec cela\n") == []


def test_an_override_that_does_not_fit_over_choices_is_a_warning(reword: Callable[..., list[str]]) -> None:
    assert reword(fr=f"greeting-what-next = {'mot ' * 300}fin") == [
        "fr.ftl:1: text 'greeting-what-next' has 1203 characters: over 1024, choices go with its end only."
    ]


def test_a_title_of_a_plugin_is_measured_too(run: Run, install: Install) -> None:
    source = "from lumiera import Intent, hookimpl\n\n@hookimpl\ndef register_intents():\n"
    source += "    return [Intent('depot', None, menu='depot-menu')]\n"
    install("depot", source, **{"texts/fr.ftl": "depot-menu = Les horaires du dépôt de Lyon\n"})
    assert "'depot-menu' has 29 characters; a row holds 24" in run("check").stdout


def texts(folder: Path, **files: str) -> Texts:
    for language, text in files.items():
        (folder / f"{language}.ftl").write_text(text, encoding="utf-8")
    made = Texts(list(files), next(iter(files)))
    made.add("depot", folder)
    return made


def test_a_text_that_shows_one_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    (problem,) = problems(texts(tmp_path, fr="resume = Reprendre\nsilent = Écrivez « { resum } ».\n"))
    assert str(problem).endswith(
        "fr.ftl:2: text 'silent' shows the text 'resum', which there is not. Did you mean 'resume'?"
    )


def test_what_a_text_shows_has_to_be_in_its_own_language(tmp_path: Path) -> None:
    (problem,) = problems(texts(tmp_path, fr="a = A\nb = { a }\n", en="b = { a }\n"))
    assert "en.ftl:1: text 'b' shows the text 'a', which there is not." in str(problem)


@pytest.mark.parametrize(
    "text",
    [
        "a = A\nb = { a }, { $a } { NUMBER($a) } { \"x\" }\n",
        "-name = Depot\na = { -name } { -name(case: \"gen\") }\n",
        "a = A\n    .also = aa\nb = { a.also }\n",
        "a = { $n ->\n    [one] un\n   *[other] { b }\n }\nb = B { $n }\n",
        "# { nothing } in a comment\na = A\n",
    ],
)  # fmt: skip
def test_values_terms_attributes_and_comments_are_no_mistake(tmp_path: Path, text: str) -> None:
    assert problems(texts(tmp_path, fr=text)) == []


def test_an_override_may_show_a_text_of_a_plugin(reword: Callable[..., list[str]]) -> None:
    assert reword(fr="bot-resumed = Vous avez écrit { resume }.") == []


def test_an_override_that_shows_nothing_known_is_a_warning(reword: Callable[..., list[str]]) -> None:
    assert reword(fr="bot-resumed = { resumed }") == [
        "fr.ftl:1: text 'bot-resumed' shows the text 'resumed', which there is not. Did you mean 'resume'?"
    ]
