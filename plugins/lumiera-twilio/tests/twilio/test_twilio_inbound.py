"""What Twilio posts, as the bot gets it. The bodies in `payloads/` are real ones, with the persons taken out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest
from lumiera_twilio.testing import Answer, FakeTwilio

from lumiera.errors import StoreError
from lumiera.messages import Location, Media, Tap

if TYPE_CHECKING:
    from tests.twilio.conftest import Desk, Open

USER = "+33600000001"
PAYLOADS = Path(__file__).parent / "payloads"
MEDIA = "https://api.twilio.com/2010-04-01/Accounts/ACa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1/Messages"


async def post(desk: Desk, twilio: FakeTwilio, name: str) -> Answer:
    body = (PAYLOADS / f"{name}.txt").read_text("utf-8").strip()
    return await twilio.post(desk.url, "/webhooks/twilio", parse_qsl(body, keep_blank_values=True))


async def test_a_text_is_taken_and_answered_with_an_empty_response(desk: Desk, twilio: FakeTwilio) -> None:
    answer = await post(desk, twilio, "text")
    assert (answer.status, answer.text) == (200, "<Response/>")
    assert answer.content_type.startswith("text/xml")
    message = desk.message
    assert message.sid == "SM7f1c0d3f5a1e4b6d9c8b7a6f5e4d3c2b"
    assert (message.channel, message.sender, message.profile_name) == ("twilio", USER, "Ana Pop 👷")
    assert message.text == "Bonjour, où en est le chantier ?\nMerci & bonne journée"
    assert message.received_at == desk.now()
    assert (message.media, message.tap, message.location, message.external_id, message.reply_to) == (
        (), None, None, "", "",
    )  # fmt: skip


async def test_a_photo_comes_with_its_caption_by_reference(desk: Desk, twilio: FakeTwilio) -> None:
    await post(desk, twilio, "photo")
    url = f"{MEDIA}/MM0a1b2c3d4e5f60718293a4b5c6d7e8f9/Media/MEb1b2c3d4e5f60718293a4b5c6d7e8f90"
    assert desk.message.media == (Media(url=url, content_type="image/jpeg"),)
    assert desk.message.text == "pęknięta rura na 2. piętrze"
    assert twilio.requests == []


async def test_a_voice_note_is_audio_without_text(desk: Desk, twilio: FakeTwilio) -> None:
    await post(desk, twilio, "voice")
    assert desk.message.voice is desk.message.media[0]
    assert desk.message.sender == "+351900000003"


async def test_a_tapped_row_has_its_id_and_title_and_no_text(desk: Desk, twilio: FakeTwilio) -> None:
    await post(desk, twilio, "list_tap")
    assert desk.message.tap == Tap(id="intent:list_projects", title="Mes chantiers")
    assert desk.message.text == ""
    assert desk.message.reply_to == "SM3f1c0d3f5a1e4b6d9c8b7a6f5e4d3c2b"


async def test_a_tapped_button_has_its_payload(desk: Desk, twilio: FakeTwilio) -> None:
    await post(desk, twilio, "button_tap")
    assert desk.message.tap == Tap(id="q7:yes", title="Oui")


async def test_a_location_is_read(desk: Desk, twilio: FakeTwilio) -> None:
    await post(desk, twilio, "location")
    assert desk.message.location == Location(
        latitude=48.856614, longitude=2.3522219, label="Base vie", address="1 place de l'Hôtel de Ville, Paris"
    )


async def test_a_user_who_hides_the_number_has_a_business_scoped_id(desk: Desk, twilio: FakeTwilio) -> None:
    await post(desk, twilio, "hidden_number")
    assert desk.message.sender == desk.message.external_id == "US.13491208655302741918"


async def test_a_number_may_come_with_its_business_scoped_id(desk: Desk, twilio: FakeTwilio) -> None:
    await twilio.inbound(desk.url, USER, "x", ExternalUserId="whatsapp:FR.ENT.a1B2")
    assert (desk.message.sender, desk.message.external_id) == (USER, "FR.ENT.a1B2")


@pytest.mark.parametrize("scoped", ["US.13491208655302741918", "US.ENT.11815799212886844830", "PL." + "a" * 128])
async def test_business_scoped_ids_of_every_form_are_senders(desk: Desk, twilio: FakeTwilio, scoped: str) -> None:
    await twilio.inbound(desk.url, scoped, "x")
    assert desk.message.sender == scoped


@pytest.mark.parametrize(
    "text",
    [
        "👷" * 800,
        "👩‍👩‍👧‍👦" * 145,
        "a" * 1600,
        "مرحبا بالعالم \u202eabc\u202c",
        "zero\u200bwidth\u200d\u200e\ufeff",
        "  kept \n\n as it came \t\n",
        "'; DROP TABLE users; -- <script>&amp;%41+",
        "",
    ],
    ids=["emoji", "families", "longest", "right to left", "zero width", "blanks", "code", "empty"],
)
async def test_a_text_is_kept_as_it_came(desk: Desk, twilio: FakeTwilio, text: str) -> None:
    assert (await twilio.inbound(desk.url, USER, text)).status == 200
    assert desk.message.text == text


async def test_sixteen_hundred_emoji_are_taken(desk: Desk, twilio: FakeTwilio) -> None:
    assert (await twilio.inbound(desk.url, USER, "😀" * 1600)).status == 200
    assert desk.message.text == "😀" * 1600


async def test_a_null_character_which_no_postgres_stores_is_left_out(desk: Desk, twilio: FakeTwilio) -> None:
    await twilio.inbound(desk.url, USER, "a\0b")
    assert desk.message.text == "ab"


async def test_unknown_fields_are_signed_and_ignored(desk: Desk, twilio: FakeTwilio) -> None:
    odd: dict[str, Any] = {"BrandNew": "1", "Forwarded": "true", "Blank": "", "Odd[]": "é"}
    answer = await twilio.inbound(desk.url, USER, "x", **odd)
    assert answer.status == 200
    assert desk.message.text == "x"


async def test_blank_values_are_signed_too(desk: Desk, twilio: FakeTwilio) -> None:
    assert (await twilio.inbound(desk.url, USER, "", Address="", ButtonText="", ListId="")).status == 200
    assert desk.message.tap is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ana\n\x1b[31mPop", "Ana[31mPop"),
        ("\u202egro.elpmaxe\u202c", "gro.elpmaxe"),
        ("\u2066Ana\u2069\u2028", "Ana"),
        ("  Zoë 👩🏽‍🔧 ", "Zoë 👩🏽‍🔧"),
        ("n" * 5000, "n" * 100),
        ("", ""),
    ],
)
async def test_a_name_is_cleaned_and_cut(desk: Desk, twilio: FakeTwilio, given: str, kept: str) -> None:
    await twilio.inbound(desk.url, USER, "x", ProfileName=given)
    assert desk.message.profile_name == kept


async def test_ten_media_are_taken_and_no_more(desk: Desk, twilio: FakeTwilio) -> None:
    await twilio.inbound(desk.url, USER, media=[("IMAGE/JPEG", b"x")] * 12)
    assert [item.content_type for item in desk.message.media] == ["image/jpeg"] * 10


@pytest.mark.parametrize("count", ["", "-1", "many", "99999999999999999999", "1e3", "٣", "2"])
async def test_a_count_of_media_that_cannot_be_true_does_no_harm(desk: Desk, twilio: FakeTwilio, count: str) -> None:
    assert (await twilio.inbound(desk.url, USER, "x", NumMedia=count)).status == 200
    assert desk.message.media == ()


@pytest.mark.parametrize(
    ("latitude", "longitude"), [("nan", "2"), ("inf", "2"), ("91", "2"), ("48", "-180.1"), ("", ""), ("x", "y")]
)
async def test_a_place_that_is_nowhere_is_none(desk: Desk, twilio: FakeTwilio, latitude: str, longitude: str) -> None:
    await twilio.inbound(desk.url, USER, "x", Latitude=latitude, Longitude=longitude)
    assert desk.message.location is None


@pytest.mark.parametrize("fields", [{"ListTitle": ""}, {"ListTitle": "", "ButtonText": "Chantiers"}])
async def test_the_title_of_a_tap_is_the_first_that_is_given(
    desk: Desk, twilio: FakeTwilio, fields: dict[str, Any]
) -> None:
    await twilio.inbound(desk.url, USER, row=("id", "Chantiers"), **fields)
    assert desk.message.tap == Tap(id="id", title="Chantiers")


async def test_a_row_goes_before_a_button(desk: Desk, twilio: FakeTwilio) -> None:
    await twilio.inbound(desk.url, USER, row=("row", "Row"), ButtonPayload="button", ButtonText="Button")
    assert desk.message.tap == Tap(id="row", title="Row")


async def test_a_button_of_a_template_without_payload_is_its_text(desk: Desk, twilio: FakeTwilio) -> None:
    await twilio.inbound(desk.url, USER, "Oui", ButtonText="Oui")
    assert (desk.message.tap, desk.message.text) == (None, "Oui")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("From", USER),
        ("From", "whatsapp:33600000001"),
        ("From", "messenger:123"),
        ("From", ""),
        ("From", "whatsapp:US."),
        ("From", "whatsapp:+33600000001\n"),
        ("MessageSid", ""),
        ("MessageSid", "SM123"),
        ("MessageSid", "../../etc/passwd"),
    ],
)
async def test_a_genuine_message_that_is_none_for_us_is_refused(
    desk: Desk, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture, field: str, value: str
) -> None:
    changed: dict[str, Any] = {field: value}
    assert (await twilio.inbound(desk.url, USER, "x", **changed)).status == 400
    assert desk.untouched
    assert "refused with 400" in caplog.text


@pytest.mark.parametrize("error", [StoreError("the disk is full"), RuntimeError(USER)])
async def test_a_message_that_cannot_be_stored_is_not_acknowledged(
    desk: Desk, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    desk.failure = error
    answer = await twilio.inbound(desk.url, USER, "x")
    assert (answer.status, answer.text) == (503, "")
    assert "could not be stored" in caplog.text
    assert USER not in caplog.text
    desk.failure = None
    (again,) = await twilio.replay(answer)
    assert again.status == 200
    assert desk.message.sid == answer.sid


async def test_a_webhook_that_comes_often_is_handed_on_each_time_for_the_store_to_tell(
    desk: Desk, twilio: FakeTwilio
) -> None:
    answer = await twilio.inbound(desk.url, USER, "x")
    again = await twilio.replay(answer, times=20)
    assert {each.status for each in again} == {200}
    assert {message.sid for message in desk.messages} == {answer.sid}


async def test_many_users_are_taken_at_once(desk: Desk, twilio: FakeTwilio) -> None:
    users = [f"+336000001{number:02}" for number in range(50)]
    answers = await asyncio.gather(*(twilio.inbound(desk.url, user, "bonjour") for user in users))
    assert {answer.status for answer in answers} == {200}
    assert {message.sender for message in desk.messages} == set(users)


async def test_a_bot_behind_a_messaging_service_takes_what_comes_to_any_of_its_senders(
    twilio: FakeTwilio, open_desk: Open
) -> None:
    desk = await open_desk(twilio.settings(messaging_service_sid="MG" + "b2" * 16) | {"from": None})
    assert (await twilio.inbound(desk.url, USER, "x", To="whatsapp:+14155550000")).status == 200
