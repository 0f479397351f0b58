"""What Twilio's codes mean for a bubble, as the answer to a send, and what the operator reads."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, get_args

import pytest
from lumiera_twilio.codes import CODES, Kind, told
from lumiera_twilio.failures import Misconfigured
from lumiera_twilio.testing import FakeTwilio

from lumiera.errors import ChannelError, RateLimited, RecipientStopped, SendAmbiguous, SendRefused
from lumiera.messages import Bubble

if TYPE_CHECKING:
    from tests.twilio.conftest import Desk

USER = "+33600000001"
HELLO = Bubble(text="Bonjour Ana, que voulez-vous faire ?")
EXPECTED: dict[Kind, type[ChannelError]] = {
    "later": RateLimited,
    "ours": Misconfigured,
    "media": SendRefused,
    "final": SendRefused,
    "stopped": RecipientStopped,
    "unreachable": SendRefused,
    "window": SendRefused,
    "content": SendRefused,
}


async def refusal(desk: Desk, twilio: FakeTwilio, status: int, code: int | None = None) -> ChannelError:
    """Return what a send raises that Twilio answers like this."""
    twilio.fail(status, code=code)
    with pytest.raises(ChannelError) as raised:
        await desk.plugin.channel.send(USER, HELLO)
    return raised.value


# --- the table -------------------------------------------------------------------------------------------------------


def test_every_class_of_codes_is_in_the_table() -> None:
    assert {known.kind for known in CODES.values()} == set(get_args(Kind)) == set(EXPECTED)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("later", "20429 14107 21611 30001 63010 63012 63017 63018 63023 63038"),
        ("ours", "20003 63007 21212 21606 21408 63051"),
        ("final", "21617 21658 14103 63005 63013 63021 63030 63032 63049"),
        ("stopped", "21610 63014"),
        ("unreachable", "21211 21614 63003 63024"),
        ("window", "63016"),
        ("content", "21654 21655 21656 63027 63028 63040 63041 63042"),
        ("media", "21620 63019 11751"),
    ],
)
def test_the_codes_that_matter_have_their_class(kind: Kind, codes: str) -> None:
    assert {CODES[code].kind for code in codes.split()} == {kind}


def test_an_operator_reads_the_code_and_a_plain_sentence() -> None:
    for code in CODES:
        assert re.fullmatch(rf"{code} [A-Za-z][^{{}}]{{10,140}}", told(code))


def test_a_code_that_is_not_known_leads_to_twilios_page() -> None:
    assert told("69999") == "69999 refused, see https://www.twilio.com/docs/api/errors/69999"


# --- answers to a send -----------------------------------------------------------------------------------------------


async def test_a_refused_send_is_told_by_class(desk: Desk, twilio: FakeTwilio) -> None:
    for code, known in CODES.items():
        error = await refusal(desk, twilio, 400, int(code))
        assert (type(error), error.message, error.provider_code) == (EXPECTED[known.kind], told(code), code)


@pytest.mark.parametrize(("status", "code"), [(401, None), (403, None), (404, None), (400, 63007), (400, 21408)])
async def test_while_we_are_set_up_wrongly_a_bubble_waits_and_health_says_why(
    desk: Desk, twilio: FakeTwilio, status: int, code: int | None
) -> None:
    error = await refusal(desk, twilio, status, code)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 60
    health = await desk.plugin.check_health()
    assert (health.ok, health.reason) == (False, error.message)


async def test_health_is_bad_until_one_goes_through(desk: Desk, twilio: FakeTwilio) -> None:
    await refusal(desk, twilio, 401)
    await refusal(desk, twilio, 429)  # too many at once: that says nothing of our credentials
    assert not (await desk.plugin.check_health()).ok
    await desk.plugin.channel.send(USER, HELLO)
    assert (await desk.plugin.check_health()).ok


async def test_a_refused_recipient_shows_that_we_are_set_up_well(desk: Desk, twilio: FakeTwilio) -> None:
    await refusal(desk, twilio, 401)
    await refusal(desk, twilio, 400, 21211)
    assert (await desk.plugin.check_health()).ok


async def test_a_page_of_a_proxy_is_no_refusal_of_the_message(desk: Desk, twilio: FakeTwilio) -> None:
    twilio.html(404)
    with pytest.raises(Misconfigured, match="404 what answers is not Twilio's API"):
        await desk.plugin.channel.send(USER, HELLO)


@pytest.mark.parametrize(("status", "code"), [(500, 20500), (503, 20503), (500, 63012), (408, None)])
async def test_a_failure_inside_of_twilio_leaves_it_open_whatever_its_code(
    desk: Desk, twilio: FakeTwilio, status: int, code: int | None
) -> None:
    error = await refusal(desk, twilio, status, code)
    assert type(error) is SendAmbiguous
    assert re.match(r"\d+ Twilio failed", error.message)


async def test_429_is_not_taken_whatever_its_code(desk: Desk, twilio: FakeTwilio) -> None:
    for code in (20429, 21617, 69999):
        assert type(await refusal(desk, twilio, 429, code)) is RateLimited


async def test_the_messages_of_the_day_being_used_up_is_waited_for_long(desk: Desk, twilio: FakeTwilio) -> None:
    error = await refusal(desk, twilio, 429, 63038)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 3600


async def test_a_code_that_is_not_known_is_final_and_logged(
    desk: Desk, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    error = await refusal(desk, twilio, 400, 69999)
    assert type(error) is SendRefused
    (record,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert "not known here, taken for final: 69999" in record.getMessage()


@pytest.mark.parametrize("code", [20429, 63007, 21211, 21610, 63016, 69999])
async def test_neither_number_nor_words_of_twilio_are_in_an_error(desk: Desk, twilio: FakeTwilio, code: int) -> None:
    error = await refusal(desk, twilio, 400, code)
    shown = f"{error!r} {error.details}"
    assert USER[1:] not in shown
    assert "The 'To' number" not in shown
    assert HELLO.text not in shown
