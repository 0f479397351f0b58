"""Approved templates, the one way to write to a user who has not written for 24 hours."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from lumiera_twilio.testing import FakeTwilio

from lumiera.errors import SendRefused
from lumiera.messages import Bubble

if TYPE_CHECKING:
    from tests.twilio.conftest import Desk

USER = "+33600000002"
RING = "{{1}} a besoin de quelqu’un : {{2}}"


async def fields(desk: Desk, twilio: FakeTwilio, *variables: str, text: str = RING) -> dict[str, str]:
    """Return the form of a template's send."""
    bubble = Bubble(text="Ana a besoin de quelqu’un", template=twilio.template(text), variables=variables)
    await desk.plugin.channel.send(USER, bubble)
    return dict(twilio.requests[-1].form)


async def test_a_template_is_sent_with_its_variables_and_no_body(desk: Desk, twilio: FakeTwilio) -> None:
    form = await fields(desk, twilio, "Ana", "question de sécurité")
    assert form["ContentSid"].startswith("HX")
    assert json.loads(form["ContentVariables"]) == {"1": "Ana", "2": "question de sécurité"}
    assert "Body" not in form
    assert form["To"] == f"whatsapp:{USER}"
    assert form["StatusCallback"].endswith("/webhooks/twilio/status")


async def test_a_template_without_variables_is_sent_without_them(desk: Desk, twilio: FakeTwilio) -> None:
    assert "ContentVariables" not in await fields(desk, twilio, text="Quelqu’un a besoin de vous.")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("", "-"),
        ("  \n ", "-"),
        ("une\nligne\r\net\tune autre", "une ligne et une autre"),
        ("a      b", "a b"),
        ('\u00e9\u202f! 👷🏽‍♀️ "x" {{2}}', '\u00e9 ! 👷🏽‍♀️ "x" {{2}}'),
    ],
    ids=["empty", "blank", "lines", "spaces", "signs"],
)
async def test_a_value_is_written_as_whatsapp_takes_it(
    desk: Desk, twilio: FakeTwilio, value: str, written: str
) -> None:
    form = await fields(desk, twilio, value, "x")
    assert json.loads(form["ContentVariables"])["1"] == written


async def test_a_long_value_is_shortened(desk: Desk, twilio: FakeTwilio) -> None:
    form = await fields(desk, twilio, "Ana", "mot " * 1000)
    assert len(json.loads(form["ContentVariables"])["2"]) <= 500


async def test_a_bubble_without_a_template_has_a_body(desk: Desk, twilio: FakeTwilio) -> None:
    await desk.plugin.channel.send(USER, Bubble(text="Bonjour"))
    form = dict(twilio.requests[-1].form)
    assert form["Body"] == "Bonjour"
    assert not {"ContentSid", "ContentVariables"} & set(form)


@pytest.mark.parametrize(
    ("template", "variables", "code"),
    [("HX" + "0" * 32, ("Ana", "x"), "21655"), ("", ("Ana",), "21656"), ("", ("Ana", "x", "y"), "21656")],
    ids=["unknown", "too few", "too many"],
)
async def test_a_template_that_does_not_fit_is_refused_and_the_operator_told(
    desk: Desk, twilio: FakeTwilio, template: str, variables: tuple[str, ...], code: str
) -> None:
    bubble = Bubble(text="Ana", template=template or twilio.template(RING), variables=variables)
    with pytest.raises(SendRefused, match=f"{code} .*check the template in Twilio's console"):
        await desk.plugin.channel.send(USER, bubble)
    assert twilio.sent == []


def test_the_window_is_a_day(desk: Desk) -> None:
    assert desk.plugin.channel.capabilities.window == timedelta(hours=24)
