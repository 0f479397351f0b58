"""What became of a send without an answer: Twilio is asked which messages it took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from lumiera_twilio.testing import FakeTwilio

from lumiera.channel import Reconciles
from lumiera.errors import SendAmbiguous
from lumiera.messages import Bubble, Option, StoredMedia
from lumiera.records import OutboxItem

if TYPE_CHECKING:
    from tests.twilio.conftest import Clock, Desk, Open

USER = "+33600000001"
HELLO = Bubble(text="Bonjour Ana, que voulez-vous faire ?")
MENU = Bubble(
    text="Que voulez-vous faire ?",
    kind="buttons",
    options=(Option(id="a", title="Tâches"), Option(id="b", title="Plans")),
    numbered="Que voulez-vous faire ?\n\n1. Tâches\n2. Plans",
)
PHOTO = StoredMedia(id="f00", content_type="image/jpeg", size=3)
NIGHT = datetime(2026, 3, 1, 23, 59, 59, 600_000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def night(clock: Clock) -> None:
    clock.at = NIGHT


def item(bubble: Bubble = HELLO, *, since: datetime = NIGHT, known: tuple[str, ...] = (), to: str = USER) -> OutboxItem:
    return OutboxItem(
        id=1,
        conversation_id=1,
        channel="twilio",
        address=to,
        bubble=bubble,
        attempts=1,
        state="unknown",
        since=since,
        known=frozenset(known),
    )


async def found(desk: Desk, bubble: Bubble = HELLO, **changes: Any) -> str | None:
    channel = desk.plugin.channel
    assert isinstance(channel, Reconciles)
    return await channel.find(item(bubble, **changes))


async def send(desk: Desk, text: str = HELLO.text, *, to: str = USER) -> str:
    return await desk.plugin.channel.send(to, Bubble(text=text))


def others(twilio: FakeTwilio, count: int) -> None:
    """Let Twilio take other messages to the user, as another program of the account would send them."""
    like = next(iter(twilio.messages.values()))
    for number in range(count):
        sid = f"SM{number:032x}"
        twilio.messages[sid] = like | {"sid": sid, "body": "autre chose"}


# --- taken or not ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["500", "html", "drop"])
async def test_a_message_that_was_taken_without_an_answer_is_found(desk: Desk, twilio: FakeTwilio, way: str) -> None:
    match way:
        case "500":
            twilio.fail(500, taken=True)
        case "html":
            twilio.html(502, taken=True)
        case "drop":
            twilio.drop(taken=True)
    with pytest.raises(SendAmbiguous):
        await send(desk)
    assert await found(desk) == twilio.sent[0].sid


@pytest.mark.parametrize("way", ["500", "drop"])
async def test_a_message_that_was_not_taken_is_not_found(desk: Desk, twilio: FakeTwilio, way: str) -> None:
    twilio.fail(500) if way == "500" else twilio.drop()
    with pytest.raises(SendAmbiguous):
        await send(desk)
    assert await found(desk) is None


async def test_one_that_has_failed_since_was_taken_all_the_same(desk: Desk, twilio: FakeTwilio) -> None:
    sid = await send(desk)
    await twilio.report(twilio.sent[0], "failed", to=desk.url, error_code="63016")
    assert await found(desk) == sid


async def test_the_known_ones_are_others(desk: Desk, twilio: FakeTwilio) -> None:
    first, second, third = [await send(desk) for _ in range(3)]
    assert await found(desk, known=(first, third)) == second
    assert await found(desk, known=(first, second, third)) is None


async def test_of_two_that_fit_the_older_is_taken(desk: Desk, twilio: FakeTwilio) -> None:
    first, _ = await send(desk), await send(desk)
    assert await found(desk) == first


@pytest.mark.parametrize(
    ("text", "to"), [("autre chose", USER), (HELLO.text, "+33600000002"), (HELLO.text + " Oui", USER)]
)
async def test_other_words_and_other_users_are_not_ours(desk: Desk, text: str, to: str) -> None:
    await send(desk, text, to=to)
    assert await found(desk) is None


async def test_another_sender_of_the_account_is_not_ours(desk: Desk, twilio: FakeTwilio, open_desk: Open) -> None:
    other = await open_desk(twilio.settings() | {"from": "whatsapp:+14155550000"})
    await send(other)
    assert await found(desk) is None


@pytest.mark.parametrize("direction", ["inbound", "outbound-reply", "outbound-call"])
async def test_only_what_we_sent_ourselves_counts(desk: Desk, twilio: FakeTwilio, direction: str) -> None:
    twilio.messages[await send(desk)]["direction"] = direction
    assert await found(desk) is None


async def test_white_space_that_twilio_changes_does_not_matter(desk: Desk, twilio: FakeTwilio) -> None:
    sid = await send(desk, "Bonjour Ana,\n que voulez-vous  faire ? \n")
    assert await found(desk) == sid


async def test_a_hidden_number_is_looked_for_by_its_id(desk: Desk, twilio: FakeTwilio) -> None:
    sid = await send(desk, to="US.13491208655302741918")
    assert await found(desk, to="US.13491208655302741918") == sid


# --- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "seen"), [(-60, False), (-7, False), (-4, True), (0, True), (3, True), (90_000, True)]
)
async def test_only_what_came_since_the_first_attempt_counts(
    desk: Desk, twilio: FakeTwilio, clock: Clock, later: float, seen: bool
) -> None:
    clock.at = NIGHT + timedelta(seconds=later)
    sid = await send(desk)
    assert await found(desk) == (sid if seen else None)


async def test_a_message_that_waits_at_twilio_and_has_no_day_yet_is_found_over_midnight(
    desk: Desk, twilio: FakeTwilio, clock: Clock
) -> None:
    sid = await send(desk)
    assert twilio.messages[sid]["date_sent"] is None
    clock.at = NIGHT + timedelta(seconds=5)
    assert await found(desk) == sid
    assert not {"DateSent", "DateSent>", "DateSent<"} & set(dict(twilio.requests[-1].query))


# --- many ------------------------------------------------------------------------------------------------------------


async def test_it_is_found_behind_a_page_of_others(desk: Desk, twilio: FakeTwilio) -> None:
    sid = await send(desk)
    others(twilio, 150)
    assert await found(desk) == sid
    assert len([seen for seen in twilio.requests if seen.method == "GET"]) == 2


async def test_an_old_history_is_not_read(desk: Desk, twilio: FakeTwilio, clock: Clock) -> None:
    clock.at = NIGHT - timedelta(days=1)
    await send(desk)
    others(twilio, 250)
    assert await found(desk) is None
    assert len([seen for seen in twilio.requests if seen.method == "GET"]) == 1


async def test_too_many_to_look_through_is_not_taken_for_absent(desk: Desk, twilio: FakeTwilio) -> None:
    await send(desk)
    others(twilio, 501)
    with pytest.raises(SendAmbiguous, match="too many messages"):
        await found(desk)


async def test_a_messaging_service_is_asked_for_its_own_messages(twilio: FakeTwilio, open_desk: Open) -> None:
    ours, theirs = ("MG" + digit * 32 for digit in "ab")
    first = await open_desk(twilio.settings(messaging_service_sid=ours) | {"from": None})
    second = await open_desk(twilio.settings(messaging_service_sid=theirs) | {"from": None})
    await send(second)
    assert await found(first) is None
    sid = await send(first)
    assert await found(first) == sid
    assert "From" not in dict(twilio.requests[-1].query)


# --- what is not plain text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [MENU.text, MENU.numbered, "", None, MENU.text + " Tâches Plans"])
async def test_a_menu_is_found_whatever_twilio_shows_of_it(desk: Desk, twilio: FakeTwilio, body: str | None) -> None:
    sid = await send(desk, "x")
    twilio.messages[sid]["body"] = body
    assert await found(desk, MENU) == sid


async def test_a_menu_is_not_another_text(desk: Desk, twilio: FakeTwilio) -> None:
    await send(desk, "Bonjour")
    assert await found(desk, MENU) is None


async def test_the_same_menu_sent_before_is_known_by_its_sid(desk: Desk, twilio: FakeTwilio) -> None:
    before, now = await send(desk, MENU.text), await send(desk, MENU.text)
    assert await found(desk, MENU, known=(before,)) == now


@pytest.mark.parametrize(("text", "body"), [("Le plan", "Le plan"), ("", ""), ("Le plan", None)])
async def test_a_picture_is_found_with_its_caption_or_without(
    desk: Desk, twilio: FakeTwilio, text: str, body: str | None
) -> None:
    sid = await send(desk, "x")
    twilio.messages[sid]["body"] = body
    assert await found(desk, Bubble(text=text, media=PHOTO)) == sid


async def test_a_template_is_found_in_its_own_words(desk: Desk, twilio: FakeTwilio) -> None:
    ring = Bubble(text="Ana appelle", template=twilio.template("{{1}} a besoin de vous."), variables=("Ana",))
    sid = await desk.plugin.channel.send(USER, ring)
    assert twilio.messages[sid]["body"] == "Ana a besoin de vous."
    assert await found(desk, ring) == sid


async def test_a_template_that_went_out_as_text_is_found_by_its_words_first(desk: Desk, twilio: FakeTwilio) -> None:
    await send(desk, "quelque chose d’autre")
    sid = await send(desk, "Ana appelle")
    assert await found(desk, Bubble(text="Ana appelle", template="HX" + "1" * 32)) == sid


# --- Twilio cannot be asked ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503, 401, 404, 400])
async def test_a_refused_question_leaves_it_open(desk: Desk, twilio: FakeTwilio, status: int) -> None:
    sid = await send(desk)
    twilio.fail(status, on="list")
    with pytest.raises(SendAmbiguous, match="not found out yet"):
        await found(desk)
    assert await found(desk) == sid


@pytest.mark.parametrize("way", ["drop", "html", "hang"])
async def test_no_answer_leaves_it_open(twilio: FakeTwilio, open_desk: Open, way: str) -> None:
    desk = await open_desk(twilio.settings(timeout="300ms"))
    sid = await send(desk)
    match way:
        case "drop":
            twilio.drop(on="list", times=2)  # aiohttp asks again by itself where asking changes nothing
        case "html":
            twilio.html(200, on="list")
        case "hang":
            twilio.hang(on="list")
    with pytest.raises(SendAmbiguous, match="not found out yet"):
        await found(desk)
    assert await found(desk) == sid


async def test_a_fault_on_the_second_page_leaves_it_open(desk: Desk, twilio: FakeTwilio) -> None:
    await send(desk)
    others(twilio, 150)
    twilio.slow(0, on="list")
    twilio.fail(500, on="list")
    with pytest.raises(SendAmbiguous):
        await found(desk)


async def test_a_message_that_cannot_be_read_leaves_it_open(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.messages[await send(desk)]["date_created"] = ["?"]
    with pytest.raises(SendAmbiguous, match="something else than a list"):
        await found(desk)


@pytest.mark.parametrize("way", ["status", "html"])
async def test_what_could_not_be_found_out_names_nobody(desk: Desk, twilio: FakeTwilio, way: str) -> None:
    await send(desk)
    twilio.fail(401, on="list") if way == "status" else twilio.html(200, on="list")
    with pytest.raises(SendAmbiguous) as raised:
        await found(desk)
    shown = f"{raised.value!r} {raised.value.details} {raised.value.__cause__!r}"
    assert USER[1:] not in shown
    assert HELLO.text not in shown


async def test_a_message_without_a_date_may_be_the_one(desk: Desk, twilio: FakeTwilio) -> None:
    sid = await send(desk)
    twilio.messages[sid]["date_created"] = None
    assert await found(desk) == sid


async def test_the_older_one_is_taken_in_whatever_order_they_are_listed(
    desk: Desk, twilio: FakeTwilio, clock: Clock
) -> None:
    clock.at = NIGHT + timedelta(seconds=9)
    await send(desk)
    clock.at = NIGHT + timedelta(seconds=2)
    older = await send(desk)
    assert await found(desk) == older


async def test_asking_does_not_change_the_health(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.fail(500, on="list")
    with pytest.raises(SendAmbiguous):
        await found(desk)
    assert (await desk.plugin.check_health()).ok
