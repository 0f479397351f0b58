"""What a reply becomes beside its first form: the same as numbered text, and its files."""

from __future__ import annotations

import pytest

from lumiera.channel import Capabilities, Labels, render, units
from lumiera.cli.terminal import draw
from lumiera.messages import Bubble, Choices, Option, Reply, StoredMedia

RICH = Capabilities(buttons=3, rows=10, caption=1024)
LABELS = Labels(more="➡️ Suite", choose="Choisir", hint="Répondez avec un numéro.")
PICTURE = StoredMedia(id="a1", content_type="image/jpeg", size=1000, filename="fuite.jpg")
PLAN = StoredMedia(id="b2", content_type="application/pdf", size=1000, filename="plan.pdf")
VOICE = StoredMedia(id="c3", content_type="audio/ogg", size=1000)


def asking(count: int, *, text: str = "Quel chantier ?", description: str = "", ref: str = "q7") -> Reply:
    options = (Option(id=f"p{n}", title=f"Chantier {n}", description=description) for n in range(1, count + 1))
    return Reply(text, Choices(options=tuple(options), ref=ref))


def last(reply: Reply, page: int = 1, capabilities: Capabilities = RICH) -> Bubble:
    return render(reply, capabilities, LABELS, page=page)[-1]


# --- numbered


@pytest.mark.parametrize(("count", "kind"), [(2, "buttons"), (5, "list")])
def test_what_is_drawn_is_also_there_as_numbered_text(count: int, kind: str) -> None:
    bubble = last(asking(count))
    assert bubble.kind == kind
    assert bubble.numbered.startswith("Quel chantier ?\n\n1. Chantier 1\n2. Chantier 2\n")
    assert bubble.numbered.endswith(f"{count}. Chantier {count}\n\nRépondez avec un numéro.")
    assert "Suite" not in bubble.numbered


def test_text_is_numbered_only_once() -> None:
    assert last(asking(5), capabilities=Capabilities()).numbered == ""
    assert last(Reply("Bonjour")).numbered == ""


def test_descriptions_stand_beside_the_titles() -> None:
    assert "2. Chantier 2 - Rue des Lilas\n" in last(asking(3, description="Rue des Lilas")).numbered


@pytest.mark.parametrize("page", [1, 2])
def test_a_long_list_that_fits_is_numbered_whole_on_every_page(page: int) -> None:
    numbered = last(asking(30), page).numbered
    assert [line for line in numbered.splitlines() if line.startswith(("1. ", "30. "))] == [
        "1. Chantier 1",
        "30. Chantier 30",
    ]
    assert "Suite" not in numbered


@pytest.mark.parametrize(("page", "first", "end"), [(1, 1, 9), (2, 10, 18), (12, 100, 108)])
def test_a_list_that_does_not_fit_shows_its_page_with_the_numbers_of_the_whole(page: int, first: int, end: int) -> None:
    *lines, _, hint = last(asking(150), page).numbered.splitlines()
    assert lines == ["Quel chantier ?", "", *(f"{n}. Chantier {n}" for n in range(first, end + 1)), "➡️ Suite"]
    assert hint == LABELS.hint


def test_the_last_page_leads_nowhere() -> None:
    assert "Suite" not in last(asking(150), 17).numbered
    assert "150. Chantier 150" in last(asking(150), 17).numbered


@pytest.mark.parametrize("count", [3, 10, 40, 150])
@pytest.mark.parametrize("length", [10, 1024, 3000])
@pytest.mark.parametrize("description", ["", "Rue des Lilas " * 10])
def test_numbered_text_fits_one_bubble(count: int, length: int, description: str) -> None:
    reply = asking(count, text="👷" * (length // 2), description=description)
    for page in (1, 2):
        numbered = last(reply, page).numbered
        assert 0 < units(numbered) <= RICH.text
        assert "1. Chantier 1" in numbered or page == 2


def test_numbered_text_without_room_loses_descriptions_and_no_option() -> None:
    numbered = last(asking(10, text="Une phrase. " * 85, description="Rue des Lilas " * 5)).numbered
    assert all(f"{n}. Chantier {n}\n" in numbered for n in range(1, 11))


# --- files


@pytest.mark.parametrize("file", [PICTURE, PLAN, VOICE])
@pytest.mark.parametrize("text", ["", "  "])
def test_a_file_needs_no_text(file: StoredMedia, text: str) -> None:
    assert render(Reply(text, media=(file,)), RICH, LABELS) == [Bubble(text="", media=file)]


def test_a_text_that_fits_is_the_caption_of_the_picture() -> None:
    bubbles = render(Reply("Voici la fuite.", media=(PICTURE, PLAN, PICTURE)), RICH, LABELS)
    assert bubbles == [
        Bubble(text="Voici la fuite.", media=PICTURE),
        Bubble(text="", media=PLAN),
        Bubble(text="", media=PICTURE),
    ]


@pytest.mark.parametrize(
    ("text", "files", "capabilities"),
    [
        ("Voici le plan.", (PLAN,), RICH),
        ("Voici le plan.", (PLAN, PICTURE), RICH),
        ("Écoutez.", (VOICE,), RICH),
        ("x" * 1025, (PICTURE,), RICH),
        ("Voici la fuite.", (PICTURE,), Capabilities(buttons=3, rows=10)),
    ],
    ids=["file", "picture later", "voice", "long", "no captions"],
)
def test_else_the_text_goes_ahead(text: str, files: tuple[StoredMedia, ...], capabilities: Capabilities) -> None:
    first, *others = render(Reply(text, media=files), capabilities, LABELS)
    assert (first.text, first.media) == (text, None)
    assert others == [Bubble(text="", media=one) for one in files]


@pytest.mark.parametrize("capabilities", [RICH, Capabilities(caption=1024)])
def test_choices_keep_their_text(capabilities: Capabilities) -> None:
    question, picture = render(Reply("Est-ce là ?", asking(2).choices, media=(PICTURE,)), capabilities, LABELS)
    assert question.text.startswith("Est-ce là ?")
    assert question.media is None
    assert picture == Bubble(text="", media=PICTURE)


def test_a_text_in_two_bubbles_is_no_caption() -> None:
    bubbles = render(Reply("Une phrase. " * 200, media=(PICTURE,)), RICH, LABELS)
    assert [bubble.media is None for bubble in bubbles] == [True, True, False]


@pytest.mark.parametrize(
    ("bubble", "drawn"),
    [
        (Bubble(text="", media=PICTURE), "< [image: fuite.jpg]"),
        (Bubble(text="La fuite\nce matin", media=PICTURE), "< [image: fuite.jpg]\n  La fuite\n  ce matin"),
        (Bubble(text="", media=PLAN), "< [file: plan.pdf]"),
        (Bubble(text="", media=VOICE), "< [audio: c3]"),
    ],
)
def test_a_terminal_names_files(bubble: Bubble, drawn: str) -> None:
    assert draw(bubble) == drawn
