"""However choices are drawn, on whatever page, and however they are answered: the answer is the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from lumiera import Intent, Option, Reply, Turn, choose
from lumiera.channel import Capabilities
from lumiera.messages import Choices, Tap
from lumiera.testing import TestBot

Start = Callable[..., Awaitable[TestBot]]
DRAWN = {
    "buttons": Capabilities(buttons=3, rows=10),
    "list": Capabilities(rows=10),
    "text": Capabilities(),
}
BLUE = Option(id="blue", text="blue")


def palette(count: int, blue_at: int) -> list[Option]:
    """Return options, of which the one at `blue_at`, counted from 1, is blue."""
    return [BLUE if n == blue_at else Option(id=f"o{n}", title=f"Ocre {n}") for n in range(1, count + 1)]


async def asked(start: Start, leak: Callable[..., object], drawn: Capabilities, options: list[Option]) -> TestBot:
    async def handler(turn: Turn) -> str:
        return f"<{await turn.ask(choose('which', options=options))}>"

    bot = await start(site=leak(handler))
    bot.channel.capabilities = drawn
    await bot.send("fuite")
    return bot


async def by_number(bot: TestBot, number: int) -> str:
    return (await bot.send(f" {number}. ")).text


async def by_title(bot: TestBot, number: int, *, title: str = "bleu") -> str:
    return (await bot.send(title)).text


TYPED = [by_number, by_title, partial(by_title, title="BLUE"), partial(by_title, title="Niebieski")]
TYPED_IDS = ["number", "title", "English title", "Polish title"]


@pytest.mark.parametrize(("kind", "count"), [("buttons", 3), ("list", 7), ("text", 3), ("text", 12)])
@pytest.mark.parametrize("answer", TYPED, ids=TYPED_IDS)
async def test_what_is_typed_counts_however_it_was_shown(
    start: Start, leak: Callable[..., object], kind: str, count: int, answer: Any
) -> None:
    bot = await asked(start, leak, DRAWN[kind], palette(count, 2))
    assert bot.channel.sent[-1][1].kind == kind
    assert await answer(bot, 2) == "<blue>"


@pytest.mark.parametrize(("kind", "count"), [("buttons", 3), ("list", 7)])
async def test_a_tap_counts_as_what_is_typed(start: Start, leak: Callable[..., object], kind: str, count: int) -> None:
    bot = await asked(start, leak, DRAWN[kind], palette(count, 2))
    assert (await bot.tap("Bleu")).text == "<blue>"


@pytest.mark.parametrize("shown", [1, 2, 3])
@pytest.mark.parametrize("place", [4, 12, 24])
@pytest.mark.parametrize("answer", TYPED, ids=TYPED_IDS)
async def test_what_is_typed_counts_on_every_page_of_a_list(
    start: Start, leak: Callable[..., object], shown: int, place: int, answer: Any
) -> None:
    bot = await asked(start, leak, DRAWN["buttons"], palette(25, place))
    for _ in range(shown - 1):
        await bot.tap("Suite")
    assert await answer(bot, place) == "<blue>"


@pytest.mark.parametrize("more", ["tap", "➡️ Suite", "suivant", "plus", "More", "next"])
@pytest.mark.parametrize("place", [12, 24])
async def test_the_next_page_is_tapped_or_asked_for(
    start: Start, leak: Callable[..., object], more: str, place: int
) -> None:
    bot = await asked(start, leak, DRAWN["buttons"], palette(25, place))
    for page in range(2, 3 if place == 12 else 4):
        shown = await (bot.tap("Suite") if more == "tap" else bot.send(more))
        assert shown.text == "Lequel ?"
        assert shown.choices[0] == f"Ocre {(page - 1) * 9 + 1}"
    assert (await bot.tap("Bleu")).text == "<blue>"


async def test_there_is_no_page_after_the_last(start: Start, leak: Callable[..., object]) -> None:
    bot = await asked(start, leak, DRAWN["buttons"], palette(12, 12))
    await bot.send("suite")
    again = await bot.send("suite")
    assert again.route == "question"
    assert again.choices[0] == "Ocre 1"  # it is no answer, so the question is asked again


async def test_the_page_that_was_shown_survives_a_restart(start: Start, leak: Callable[..., object]) -> None:
    bot = await asked(start, leak, DRAWN["buttons"], palette(30, 30))
    await bot.send("suite")
    await bot.restart()
    bot.channel.capabilities = DRAWN["buttons"]
    assert (await bot.send("suite")).choices[0] == "Ocre 19"


async def test_the_word_for_more_means_nothing_once_something_else_was_said(
    start: Start, leak: Callable[..., object]
) -> None:
    bot = await asked(start, leak, DRAWN["buttons"], palette(12, 3))
    assert (await bot.send("bleu")).text == "<blue>"
    after = await bot.send("suite")
    assert "Ocre 10" not in after.choices
    assert after.route == "undecided"


@pytest.fixture
def crowd(brings: Callable[..., object]) -> object:
    """Thirteen intents, and one that offers them."""

    async def served(turn: Turn, *, name: str) -> str:
        return f"<{name}>"

    async def offer(turn: Turn) -> Reply:
        options = [Option.intent(f"i{n}", title=f"Outil {n}") for n in range(1, 14)]
        return Reply("Quel outil ?", Choices(options=tuple(options)))

    intents = [Intent(f"i{n}", partial(served, name=f"i{n}")) for n in range(1, 14)]
    return brings(Intent("offer", offer, examples={"fr": ["outils"]}), *intents)


@pytest.mark.parametrize(("said", "page"), [("11", 1), ("Outil 11", 1), ("11", 2), ("Outil 11", 2), ("tap", 2)])
async def test_a_menu_has_pages_too(start: Start, crowd: object, said: str, page: int) -> None:
    bot = await start(tools=crowd)
    assert (await bot.send("outils")).choices[-1] == "➡️ Suite"
    if page == 2:
        assert (await bot.send("suite")).choices == ["Outil 10", "Outil 11", "Outil 12", "Outil 13"]
    answer = await (bot.tap("Outil 11") if said == "tap" else bot.send(said))
    assert answer.text == "<i11>"


async def test_an_old_row_for_more_leads_to_the_menu_of_now(start: Start, crowd: object) -> None:
    bot = await start(tools=crowd)
    await bot.send("outils")
    await bot.send("aide")
    shown = await bot.send(tap=Tap(id="page:2", title="➡️ Suite"))
    assert "➡️ Suite" not in shown.choices
    assert shown.choices


async def test_an_id_that_no_tap_can_carry_is_refused_by_name(start: Start, leak: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match="the id of option 'Gros œuvre' is over 100 characters"):
        Choices(options=(Option(id="x" * 101, title="Gros œuvre"),))
    assert Choices(options=(Option(id="x" * 100, title="Gros œuvre"),)).options
    bot = await asked(start, leak, DRAWN["buttons"], [Option(id="x" * 101, title="Gros œuvre")])
    assert not any("Lequel" in bubble.text for _, bubble in bot.channel.sent)
    assert bot.channel.sent  # an apology: nobody is left in silence
