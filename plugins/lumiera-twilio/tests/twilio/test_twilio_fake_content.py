"""The fake Content API refuses what Twilio and WhatsApp refuse, so that tests of menus mean something."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from lumiera_twilio.testing import FakeTwilio

from lumiera.errors import SendRefused
from lumiera.messages import Bubble, Option

if TYPE_CHECKING:
    from tests.twilio.conftest import Desk

USER = "+33600000001"


async def refusal(desk: Desk, twilio: FakeTwilio, variables: object, *, sid: str = "") -> str:
    """Return the code with which a message made of the first content is refused; empty when it is taken."""
    await desk.plugin.channel.send(USER, menu(2))
    client: Any = await desk.plugin.channel._client()
    written = variables if isinstance(variables, str) else json.dumps(variables)
    sid = sid or twilio.contents[0]["sid"]
    try:
        await client.messages.create_async(
            to=f"whatsapp:{USER}", from_=twilio.sender, content_sid=sid, content_variables=written
        )
    except SendRefused as error:
        return error.provider_code
    return ""


def menu(count: int, *, text: str = "Quel chantier ?", title: str = "Chantier", ids: str = "p") -> Bubble:
    options = tuple(Option(id=f"{ids}{n}", title=f"{title}{n}") for n in range(count))
    return Bubble(text=text, kind="list", options=options, button="Choisir", numbered="1. 2. 3.")


WHOLE = {"b": "Où ?", "t1": "A", "i1": "a", "t2": "B", "i2": "b"}


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        (WHOLE, ""),
        ({"b": "Où ?"}, ""),  # what is not given is as in the samples
        ({**WHOLE, "t1": ""}, "21656"),
        ({**WHOLE, "t1": " "}, "21656"),
        ({**WHOLE, "t1": None}, "21656"),
        (["A"], "21656"),
        ("{", "21656"),
        ({**WHOLE, "t1": "B"}, "63013"),
        ({**WHOLE, "i1": "b"}, "63013"),
        ({**WHOLE, "t1": "x" * 25}, "63013"),
        ({**WHOLE, "t1": "👷" * 13}, "63013"),
        ({**WHOLE, "b": "x" * 1025}, "63013"),
        ({**WHOLE, "i1": "x" * 129}, "63013"),
    ],
)
async def test_it_takes_variables_that_fit(desk: Desk, twilio: FakeTwilio, variables: object, code: str) -> None:
    assert await refusal(desk, twilio, variables) == code


async def test_it_does_not_know_other_contents(desk: Desk, twilio: FakeTwilio) -> None:
    assert await refusal(desk, twilio, WHOLE, sid="HX" + "0" * 32) == "21655"


@pytest.mark.parametrize("bubble", [menu(11), menu(2, title="Chantier des Lilas, bâtiment ")], ids=["rows", "title"])
async def test_what_whatsapp_would_not_draw_is_refused(desk: Desk, twilio: FakeTwilio, bubble: Bubble) -> None:
    with pytest.raises(SendRefused):
        await desk.plugin.channel.send(USER, bubble)
    assert twilio.sent == []


async def test_a_tap_needs_something_to_tap(desk: Desk, twilio: FakeTwilio) -> None:
    with pytest.raises(AssertionError, match="no option like 'Oui'"):
        await twilio.tap(desk.url, USER, "Oui")
    await desk.plugin.channel.send(USER, menu(2))
    await twilio.tap(desk.url, USER, "Chantier1")
    tap = desk.message.tap
    assert tap is not None
    assert (tap.id, tap.title) == ("p1", "Chantier1")
