from __future__ import annotations

from dataclasses import replace

import pytest

from lumiera.channel import Capabilities, Labels, render, units
from lumiera.messages import Choices, Option, Reply

TEXT_ONLY = Capabilities()
RICH = Capabilities(buttons=3, rows=10)
LABELS = Labels(more="➡️ Suite", choose="Choisir", hint="Répondez avec un numéro.")


def options(count: int, *, description: str = "") -> tuple[Option, ...]:
    return tuple(Option(id=f"p{n}", title=f"Chantier {n}", description=description) for n in range(1, count + 1))


def asking(*given: Option, text: str = "Quel chantier ?", ref: str = "", button: str = "") -> Reply:
    return Reply(text, Choices(options=given, ref=ref, button=button))


def ids(reply: Reply, page: int = 1, capabilities: Capabilities = RICH) -> list[str]:
    return [option.id for option in render(reply, capabilities, LABELS, page=page)[-1].options]


# --- text


@pytest.mark.parametrize("choices", [None, Choices(options=())])
def test_a_reply_without_options_is_text(choices: Choices | None) -> None:
    (bubble,) = render(Reply("Bonjour.", choices), RICH, LABELS)
    assert (bubble.text, bubble.kind, bubble.options, bubble.button) == ("Bonjour.", "text", (), "")


def test_an_empty_reply_is_no_bubble() -> None:
    assert render(Reply(" \n"), RICH, LABELS) == []


def test_a_long_text_is_split_within_the_channels_limit() -> None:
    bubbles = render(Reply("Une phrase. " * 300), TEXT_ONLY, LABELS)
    assert len(bubbles) == 3
    assert all(units(bubble.text) <= TEXT_ONLY.text for bubble in bubbles)


# --- buttons


def test_few_short_options_are_buttons() -> None:
    (bubble,) = render(asking(*options(3)), RICH, LABELS)
    assert (bubble.kind, bubble.text, bubble.button) == ("buttons", "Quel chantier ?", "")
    assert [(option.id, option.title) for option in bubble.options] == [
        ("p1", "Chantier 1"),
        ("p2", "Chantier 2"),
        ("p3", "Chantier 3"),
    ]


def test_a_title_of_exactly_twenty_units_is_a_button() -> None:
    assert render(asking(Option(id="a", title="a" * 20)), RICH, LABELS)[0].kind == "buttons"
    assert render(asking(Option(id="a", title="a" * 21)), RICH, LABELS)[0].kind == "list"


def test_emoji_count_as_two() -> None:
    assert render(asking(Option(id="a", title="👷" * 10)), RICH, LABELS)[0].kind == "buttons"
    assert render(asking(Option(id="a", title="👷" * 11)), RICH, LABELS)[0].kind == "list"


def test_a_description_asks_for_a_list() -> None:
    assert render(asking(*options(2, description="Rue des Lilas")), RICH, LABELS)[0].kind == "list"


# --- list


def test_more_options_are_a_list() -> None:
    (bubble,) = render(asking(*options(10)), RICH, LABELS)
    assert (bubble.kind, bubble.button, len(bubble.options)) == ("list", "Choisir", 10)


def test_a_list_without_buttons_serves_two_options() -> None:
    assert render(asking(*options(2)), Capabilities(rows=10), LABELS)[0].kind == "list"


def test_a_list_opens_with_the_button_of_the_choices() -> None:
    assert render(asking(*options(5), button="Mes chantiers"), RICH, LABELS)[0].button == "Mes chantiers"


def test_a_button_that_does_not_fit_is_shortened() -> None:
    assert render(asking(*options(5), button="Choisir mon chantier ici"), RICH, LABELS)[0].button == "Choisir mon…"


def test_descriptions_are_cut_at_a_word() -> None:
    (bubble,) = render(asking(*options(4, description="Rue des Lilas " * 8)), RICH, LABELS)
    description = bubble.options[0].description
    assert units(description) <= RICH.row_description
    assert description.endswith("Lilas…")


# --- ids


@pytest.mark.parametrize("count", [2, 5])
def test_a_tap_carries_its_question(count: int) -> None:
    assert ids(asking(*options(count), ref="q7"))[:2] == ["q7:p1", "q7:p2"]


def test_options_of_the_menu_keep_their_ids() -> None:
    assert ids(asking(Option.intent("help", title="Aide"))) == ["intent:help"]


# --- pages


@pytest.mark.parametrize(("ref", "row"), [("", "page:2"), ("q7", "q7:page:2")])
def test_the_last_row_of_a_full_list_leads_to_the_next_page(ref: str, row: str) -> None:
    (bubble,) = render(asking(*options(11), ref=ref), RICH, LABELS)
    assert len(bubble.options) == 10
    assert (bubble.options[-1].id, bubble.options[-1].title) == (row, "➡️ Suite")


@pytest.mark.parametrize("count", range(11, 60))
def test_the_pages_show_every_option_once_and_end(count: int) -> None:
    reply, seen, page = asking(*options(count)), list[str](), 1
    while page:
        shown = ids(reply, page)
        assert 1 < len(shown) <= 10
        *rows, last = shown
        page = int(last.removeprefix("page:")) if last.startswith("page:") else 0
        seen += rows if page else shown
    assert seen == [f"p{n}" for n in range(1, count + 1)]


def test_the_last_page_is_full_before_there_is_another() -> None:
    assert len(ids(asking(*options(19)), 2)) == 10
    assert ids(asking(*options(20)), 2)[-1] == "page:3"


@pytest.mark.parametrize(("page", "first"), [(99, "p19"), (0, "p1"), (-3, "p1")])
def test_a_page_that_is_not_there_is_the_nearest(page: int, first: str) -> None:
    assert ids(asking(*options(20)), page)[0] == first


def test_a_page_of_a_short_list_is_the_list() -> None:
    assert ids(asking(*options(5)), 2) == ["p1", "p2", "p3", "p4", "p5"]


def test_a_next_page_does_not_repeat_the_text_that_went_ahead() -> None:
    reply = asking(*options(20), text="Une phrase. " * 200 + "\n\nQuel chantier ?")
    *ahead, first = render(reply, RICH, LABELS)
    (second,) = render(reply, RICH, LABELS, page=2)
    assert len(ahead) == 2
    assert second.text == first.text
    assert second.text.endswith("Quel chantier ?")


# --- numbered text


def test_a_channel_without_buttons_numbers_the_options() -> None:
    (bubble,) = render(asking(*options(2, description="Rue des Lilas"), ref="q7"), TEXT_ONLY, LABELS)
    assert (bubble.kind, bubble.options) == ("text", ())
    assert bubble.text == (
        "Quel chantier ?\n\n1. Chantier 1 - Rue des Lilas\n2. Chantier 2 - Rue des Lilas\n\nRépondez avec un numéro."
    )


@pytest.mark.parametrize(
    "capabilities", [Capabilities(buttons=3), Capabilities(buttons=3, rows=1), Capabilities(rows=1)]
)
def test_what_neither_buttons_nor_a_list_can_hold_is_numbered(capabilities: Capabilities) -> None:
    assert render(asking(*options(4)), capabilities, LABELS)[0].text.endswith(
        "4. Chantier 4\n\nRépondez avec un numéro."
    )


@pytest.mark.parametrize("count", [2, 5, 30])
def test_a_title_that_does_not_fit_is_never_shortened(count: int) -> None:
    long = "Résidence des Lilas, bâtiment B"
    bubbles = render(asking(*options(count - 1), Option(id="b", title=long)), RICH, LABELS)
    assert [bubble.kind for bubble in bubbles] == ["text"]
    assert f"{count}. {long}" in bubbles[0].text


def test_titles_that_are_alike_are_told_apart_by_number() -> None:
    twins = (Option(id="a", title="Lilas", description="Lyon"), Option(id="b", title="Lilas", description="Paris"))
    assert "1. Lilas - Lyon\n2. Lilas - Paris" in render(asking(*twins), RICH, LABELS)[0].text


def test_an_option_without_a_title_is_numbered() -> None:
    assert render(asking(*options(1), Option(id="x")), RICH, LABELS)[0].kind == "text"


def test_a_title_is_drawn_on_one_line() -> None:
    (bubble,) = render(asking(Option(id="a", title="Les\nLilas ")), RICH, LABELS)
    assert bubble.options[0].title == "Les Lilas"


def test_words_of_ours_that_do_not_fit_are_shortened() -> None:
    labels = replace(LABELS, more="Page suivante des chantiers", choose="Choisir un chantier ici")
    (bubble,) = render(asking(*options(11)), RICH, labels)
    assert (bubble.kind, bubble.button, bubble.options[-1].title) == (
        "list",
        "Choisir un chantier…",
        "Page suivante des…",
    )


def test_numbered_text_stays_in_one_bubble_where_it_fits() -> None:
    assert len(render(asking(*options(40)), TEXT_ONLY, LABELS)) == 1


def test_numbers_go_on_over_bubbles_and_no_option_is_torn() -> None:
    bubbles = render(asking(*options(150)), TEXT_ONLY, LABELS)
    assert len(bubbles) == 2
    assert all(units(bubble.text) <= TEXT_ONLY.text for bubble in bubbles)
    lines = [line for bubble in bubbles for line in bubble.text.splitlines() if line[:1].isdigit()]
    assert lines == [f"{n}. Chantier {n}" for n in range(1, 151)]


def test_numbered_options_need_no_text_over_them() -> None:
    assert render(asking(*options(1), text=""), TEXT_ONLY, LABELS)[0].text.startswith("1. Chantier 1\n\n")


# --- a long text over options


@pytest.mark.parametrize("count", [2, 8])
def test_a_long_text_goes_ahead_and_its_last_part_carries_the_options(count: int) -> None:
    text = "Une phrase. " * 110 + "\n\nEst-ce juste ?"
    ahead, last = render(asking(*options(count), text=text), RICH, LABELS)
    assert (ahead.kind, ahead.options, len(last.options)) == ("text", (), count)
    assert last.text.endswith("Une phrase. \n\nEst-ce juste ?")
    assert f"{ahead.text} {last.text}" == text


def test_a_text_of_exactly_the_body_is_one_bubble() -> None:
    assert len(render(asking(*options(2), text="x" * 1024), RICH, LABELS)) == 1
    assert len(render(asking(*options(2), text="x" * 1025), RICH, LABELS)) == 2


@pytest.mark.parametrize("length", [1025, 1600, 2700, 9000])
@pytest.mark.parametrize("word", ["x", "mot ", "Une phrase. ", "Un paragraphe.\n\n", "👷"])
def test_nothing_of_a_long_text_is_lost(word: str, length: int) -> None:
    text = word * (length // len(word) + 1)
    *ahead, last = render(asking(*options(3), text=text), RICH, LABELS)
    assert "".join("".join(b.text.split()) for b in (*ahead, last)) == "".join(text.split())
    assert all(bubble.kind == "text" and units(bubble.text) <= RICH.text for bubble in ahead)
    assert last.kind == "buttons"
    assert 0 < units(last.text) <= RICH.body


@pytest.mark.parametrize("text", ["", "  "])
def test_options_without_text_are_headed_by_the_cores_word(text: str) -> None:
    (bubble,) = render(asking(*options(2), text=text), RICH, LABELS)
    assert bubble.text == "Choisir"
