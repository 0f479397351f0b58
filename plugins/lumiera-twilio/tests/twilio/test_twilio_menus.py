"""Buttons and lists through the Content API: one content for a shape, and numbered text whenever that fails."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
from lumiera_twilio import contents
from lumiera_twilio.testing import FakeTwilio, Menu, Tappable

from lumiera import Intent, Option, Turn, choose, hookimpl
from lumiera.errors import RateLimited, SendAmbiguous, SendRefused
from lumiera.messages import Bubble

if TYPE_CHECKING:
    from lumiera_twilio.testing.openapi import OpenApi
    from tests.twilio.conftest import Desk, Open, Site

USER = "+33600000001"
NUMBERED = "Que faire ?\n\n1. Tâches\n2. Plans"


def buttons(text: str = "Que faire ?", *titles: str) -> Bubble:
    options = tuple(Option(id=f"q7:{n}", title=title) for n, title in enumerate(titles or ("Tâches", "Plans"), 1))
    return Bubble(text=text, kind="buttons", options=options, numbered=NUMBERED)


def rows(count: int, *, button: str = "Choisir", described: int = 0) -> Bubble:
    options = (
        Option(id=f"p{n}", title=f"Chantier {n}", description=f"Rue {n}" if n <= described else "")
        for n in range(1, count + 1)
    )
    return Bubble(text="Quel chantier ?", kind="list", options=tuple(options), button=button, numbered=NUMBERED)


def calls(twilio: FakeTwilio) -> list[str]:
    """Return the calls of the Content API, in order."""
    return [f"{seen.method} {seen.path}" for seen in twilio.requests if "Content" in seen.path]


LOOK, MAKE = "GET /v2/Content", "POST /v1/Content"


@pytest.fixture
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember failures for a moment only."""
    monkeypatch.setattr(contents, "PAUSE", 0.3)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the Content API for a moment only."""
    monkeypatch.setattr(contents, "PATIENCE", 0.2)


# --- what is seen


async def test_buttons_are_seen_as_they_were_meant(desk: Desk, twilio: FakeTwilio) -> None:
    sid = await desk.plugin.channel.send(USER, buttons())
    (sent,) = twilio.sent
    assert (sent.sid, sent.to) == (sid, f"whatsapp:{USER}")
    assert sent.menu == Menu(
        kind="buttons",
        body="Que faire ?",
        options=(Tappable(id="q7:1", title="Tâches"), Tappable(id="q7:2", title="Plans")),
    )


async def test_a_list_is_seen_as_it_was_meant(desk: Desk, twilio: FakeTwilio) -> None:
    await desk.plugin.channel.send(USER, rows(2, described=2))
    assert twilio.sent[0].menu == Menu(
        kind="list",
        body="Quel chantier ?",
        button="Choisir",
        options=(
            Tappable(id="p1", title="Chantier 1", description="Rue 1"),
            Tappable(id="p2", title="Chantier 2", description="Rue 2"),
        ),
    )


@pytest.mark.parametrize("described", [0, 1, 9, 10])
async def test_rows_are_described_or_not(desk: Desk, twilio: FakeTwilio, described: int) -> None:
    await desk.plugin.channel.send(USER, rows(10, described=described))
    menu = twilio.sent[0].menu
    assert menu is not None
    assert [option.description for option in menu.options] == [
        f"Rue {n}" if n <= described else "" for n in range(1, 11)
    ]


@pytest.mark.parametrize(
    "text",
    ["Ligne 1\nLigne 2\n\n*gras* {{t1}} {{x}}", "مرحبا \u2068PR-204\u2069", 'a "b" \\ c', "👷🏽‍♀️" * 100, "x" * 1024],
    ids=["lines", "arabic", "quotes", "emoji", "longest"],
)
async def test_every_character_of_a_menu_arrives(desk: Desk, twilio: FakeTwilio, text: str) -> None:
    await desk.plugin.channel.send(USER, buttons(text, "Oui ✅", "{{b}}"))
    menu = twilio.sent[0].menu
    assert menu is not None
    assert (menu.body, [one.title for one in menu.options]) == (text, ["Oui ✅", "{{b}}"])


async def test_long_runs_of_spaces_which_whatsapp_refuses_are_shortened(desk: Desk, twilio: FakeTwilio) -> None:
    await desk.plugin.channel.send(USER, buttons("Béton" + " " * 9 + "12 m3"))
    assert twilio.sent[0].body == "Béton    12 m3"


async def test_the_longest_of_everything_is_taken(desk: Desk, twilio: FakeTwilio) -> None:
    limits = desk.plugin.channel.capabilities
    options = tuple(
        Option(id=f"{n}" * 64, title=f"{n}" * limits.row_title, description="d" * limits.row_description)
        for n in range(limits.rows)
    )
    await desk.plugin.channel.send(
        USER, Bubble(text="b" * limits.body, kind="list", options=options, button="c" * limits.list_button)
    )
    three = tuple(Option(id="i" * n, title=f"{n}" * limits.button_title) for n in range(126, 126 + limits.buttons))
    short = tuple(Option(id=one.id, title=one.title[: limits.button_title]) for one in three)
    await desk.plugin.channel.send(USER, Bubble(text="b", kind="buttons", options=short))
    assert [sent.menu is not None for sent in twilio.sent] == [True, True]


# --- one content for a shape


async def test_a_shape_is_made_once(desk: Desk, twilio: FakeTwilio) -> None:
    for bubble in (buttons(), buttons("Et puis ?", "Oui", "Non"), buttons("سؤال؟", "نعم", "لا")):
        await desk.plugin.channel.send(USER, bubble)
    assert calls(twilio) == [LOOK, MAKE]
    assert len({sent.content_sid for sent in twilio.sent}) == 1
    assert [sent.choices for sent in twilio.sent] == [["Tâches", "Plans"], ["Oui", "Non"], ["نعم", "لا"]]


async def test_other_shapes_are_other_contents(desk: Desk, twilio: FakeTwilio) -> None:
    shapes = [
        buttons(),
        buttons("Oui ?", "Oui"),
        rows(2),
        rows(3),
        rows(3, described=1),
        rows(3, described=3),
        rows(3, button="Elegir"),
    ]
    for bubble in shapes * 2:
        await desk.plugin.channel.send(USER, bubble)
    assert calls(twilio) == [LOOK, MAKE] * len(shapes)
    assert len({sent.content_sid for sent in twilio.sent}) == len(shapes)


async def test_a_content_says_what_it_is_for_and_no_words_of_a_user(desk: Desk, twilio: FakeTwilio) -> None:
    await desk.plugin.channel.send(USER, rows(1, described=1))
    (made,) = [seen.json for seen in twilio.requests if seen.method == "POST" and seen.json]
    assert re.fullmatch("lumiera_[0-9a-f]{12}", made.pop("friendly_name"))
    assert made == {
        "language": "fr",
        "types": {
            "twilio/list-picker": {
                "body": "{{b}}",
                "button": "Choisir",
                "items": [{"item": "{{t1}}", "id": "{{i1}}", "description": "{{d1}}"}],
            }
        },
        "variables": {"b": "b", "t1": "t1", "i1": "i1", "d1": "d1"},
    }


async def test_a_content_that_is_there_is_found(twilio: FakeTwilio, open_desk: Open) -> None:
    for _ in range(3):
        desk = await open_desk(twilio.settings())
        await desk.plugin.channel.send(USER, buttons())
    assert calls(twilio) == [LOOK, MAKE, LOOK, LOOK]
    assert len({sent.content_sid for sent in twilio.sent}) == 1


async def test_a_content_whose_name_only_begins_alike_is_another(
    desk: Desk, twilio: FakeTwilio, open_desk: Open
) -> None:
    await desk.plugin.channel.send(USER, buttons())
    for content in twilio.contents:
        content["friendly_name"] += "_old"
    other = await open_desk(twilio.settings())
    await other.plugin.channel.send(USER, buttons())
    assert calls(twilio) == [LOOK, MAKE] * 2


async def test_sends_at_the_same_time_wait_for_one_creation(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.slow(0.05, on="content")
    await asyncio.gather(*(desk.plugin.channel.send(f"+3360000{n:04}", buttons()) for n in range(50)))
    assert calls(twilio) == [LOOK, MAKE]
    assert all(sent.menu for sent in twilio.sent)


async def test_a_send_that_is_given_up_does_not_stop_the_others(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.slow(0.1, on="content")
    first = asyncio.create_task(desk.plugin.channel.send(USER, buttons()))
    second = asyncio.create_task(desk.plugin.channel.send(USER, buttons()))
    await asyncio.sleep(0.02)
    first.cancel()
    await second
    assert twilio.sent[0].menu
    assert calls(twilio) == [LOOK, MAKE]


async def test_a_content_that_is_gone_is_made_anew_once(desk: Desk, twilio: FakeTwilio) -> None:
    await desk.plugin.channel.send(USER, buttons())
    twilio.forget_contents()
    await desk.plugin.channel.send(USER, buttons())
    await desk.plugin.channel.send(USER, buttons())
    assert calls(twilio) == [LOOK, MAKE] * 2
    assert all(sent.menu for sent in twilio.sent)
    assert len(twilio.sent) == 3


async def test_many_that_meet_a_lost_content_make_one_new(desk: Desk, twilio: FakeTwilio) -> None:
    await desk.plugin.channel.send(USER, buttons())
    twilio.forget_contents()
    await asyncio.gather(*(desk.plugin.channel.send(USER, buttons()) for _ in range(20)))
    assert calls(twilio) == [LOOK, MAKE] * 2
    assert all(sent.menu for sent in twilio.sent)


async def test_a_content_that_is_listed_and_not_taken_is_not_found_again(desk: Desk, twilio: FakeTwilio) -> None:
    await desk.plugin.channel.send(USER, buttons())
    twilio.fail(400, code=21655)
    await desk.plugin.channel.send(USER, buttons())
    assert calls(twilio) == [LOOK, MAKE] * 2
    first, second = twilio.sent
    assert second.menu
    assert first.content_sid != second.content_sid


# --- numbered text


@pytest.mark.parametrize("code", [21655, 21656, 63028])
async def test_a_menu_that_twilio_never_takes_goes_out_in_numbers(desk: Desk, twilio: FakeTwilio, code: int) -> None:
    twilio.fail(400, code=code, times=2 if code == 21655 else 1)
    await desk.plugin.channel.send(USER, buttons())
    (sent,) = twilio.sent
    assert (sent.body, sent.menu) == (NUMBERED, None)


@pytest.mark.parametrize("on", ["contents", "content"])
@pytest.mark.parametrize("way", ["500", "401", "429", "400", "html", "drop", "odd"])
async def test_a_failure_of_the_content_api_costs_no_message(
    desk: Desk, twilio: FakeTwilio, on: Any, way: str, briefly: None
) -> None:
    match way:
        case "html":
            twilio.html(200, on=on)
        case "drop":
            twilio.drop(on=on, times=2 if on == "contents" else 1)  # a dropped GET is asked once more by aiohttp
        case "odd":
            twilio.odd(on=on)
        case _:
            twilio.fail(int(way), on=on)
    await desk.plugin.channel.send(USER, buttons())
    assert [(sent.body, sent.menu) for sent in twilio.sent] == [(NUMBERED, None)]
    health = await desk.plugin.check_health()
    assert health.ok
    assert health.reason.startswith("menus go out as numbered text")
    await asyncio.sleep(0.31)
    await desk.plugin.channel.send(USER, buttons())
    assert twilio.sent[1].menu
    assert (await desk.plugin.check_health()).reason == ""


async def test_a_failure_is_remembered_for_a_while(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.fail(500, on="contents")
    for bubble in (buttons(), buttons(), rows(5)):
        await desk.plugin.channel.send(USER, bubble)
    assert calls(twilio) == [LOOK]
    assert [sent.menu for sent in twilio.sent] == [None] * 3


async def test_a_refused_shape_does_not_keep_back_the_others(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.fail(400, on="content")
    for bubble in (buttons(), buttons(), rows(5)):
        await desk.plugin.channel.send(USER, bubble)
    assert [sent.menu is not None for sent in twilio.sent] == [False, False, True]
    assert calls(twilio) == [LOOK, MAKE] * 2


async def test_an_api_that_hangs_is_not_waited_for(desk: Desk, twilio: FakeTwilio, impatient: None) -> None:
    await desk.plugin.channel.send(USER, Bubble(text="Bonjour"))
    twilio.slow(1, on="content")
    async with asyncio.timeout(0.9):
        await desk.plugin.channel.send(USER, buttons())
    assert twilio.sent[1].menu is None
    await asyncio.sleep(1.1)
    await desk.plugin.channel.send(USER, buttons())
    assert twilio.sent[2].menu  # what was begun went on
    assert calls(twilio) == [LOOK, MAKE]


async def test_a_bot_that_stops_waits_for_no_content(desk: Desk, twilio: FakeTwilio, impatient: None) -> None:
    twilio.hang(on="contents")
    await desk.plugin.channel.send(USER, buttons())
    async with asyncio.timeout(1):
        await desk.plugin.channel.close()


async def test_without_menus_nothing_is_asked_of_the_content_api(twilio: FakeTwilio, open_desk: Open) -> None:
    channel = (await open_desk(twilio.settings(menus=False))).plugin.channel
    assert (channel.capabilities.buttons, channel.capabilities.rows) == (0, 0)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [(429, None, RateLimited), (500, None, SendAmbiguous), (400, 21211, SendRefused), (400, 63016, SendRefused)],
)
async def test_other_failures_of_a_send_are_no_matter_of_the_menu(
    desk: Desk, twilio: FakeTwilio, status: int, code: int | None, error: type[Exception]
) -> None:
    twilio.fail(status, code=code)
    with pytest.raises(error):
        await desk.plugin.channel.send(USER, buttons())
    assert twilio.sent == []
    assert (await desk.plugin.check_health()).reason == "" or status == 500


async def test_the_contents_are_like_twilios(desk: Desk, twilio: FakeTwilio, openapi: OpenApi) -> None:
    await desk.plugin.channel.send(USER, rows(3, described=1))
    (content,) = twilio.contents
    assert openapi.answer_problems("POST", "/v1/Content", 201, content) == []


# --- with the whole bot

COLOURS = {2: "Rouge", 5: "Rouge", 25: "Rouge"}


class Colours:
    """Asks for one of many colours."""

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent(f"colours{n}", self.asker(n), examples={"fr": [f"couleurs {n}"]}) for n in (2, 5, 25)]

    def asker(self, count: int) -> Any:
        async def ask(turn: Turn) -> str:
            shades = [Option(id=f"c{n}", title=f"Nuance {n}") for n in range(1, count)]
            return f"<{await turn.ask(choose('choose', options=[*shades, Option(id='yes', text='yes')]))}>"

        return ask


@pytest.fixture
def site_plugins() -> dict[str, object]:
    return {"colours": Colours()}


@pytest.mark.parametrize("answer", ["tap", "number", "Oui", "yes", "tak"])
@pytest.mark.parametrize(("count", "page"), [(2, 1), (5, 1), (25, 1), (25, 3)])
@pytest.mark.parametrize("works", [True, False], ids=["menu", "numbers"])
async def test_an_answer_counts_however_it_was_shown_and_given(
    site: Site, answer: str, count: int, page: int, works: bool
) -> None:
    if not works:
        site.twilio.fail(500, on="contents", times=99)
    await site.says(f"couleurs {count}")
    await site.twilio.wait_for(1)
    for number in range(2, page + 1):
        await (site.twilio.tap(site.url, USER, "Suite") if works and number == 2 else site.says("suite"))
        await site.twilio.wait_for(number)
    last = site.twilio.sent[-1]
    assert (last.menu is not None) is works
    taps = answer == "tap" and any("Oui" in choice for choice in last.choices)
    if taps:
        await site.twilio.tap(site.url, USER, "Oui")
    else:
        await site.says(str(count) if answer in ("number", "tap") else answer)
    assert (await site.twilio.wait_for(page + 1))[-1].body == "<yes>"


async def test_an_outage_of_the_content_api_is_seen_in_the_health_and_not_by_the_user(site: Site) -> None:
    site.twilio.fail(503, on="contents")
    await site.says("bonjour")
    (sent,) = await site.twilio.wait_for(1)
    assert "1. ❓ Aide\n2. 🌐 Langue" in sent.body
    await site.says("1")
    await site.twilio.wait_for(2)
    assert len([seen for seen in site.twilio.requests if "Content" in seen.path]) == 1
