"""Our signature and the SDK's are the same."""

from __future__ import annotations

import random

import pytest
from lumiera_twilio.signature import Signatures
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

DOCUMENTED = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}


def test_the_vector_of_twilios_documentation() -> None:
    signatures = Signatures("https://mycompany.com", ["12345"])
    form = sorted(DOCUMENTED.items())
    assert signatures.match(b"/myapp.php?foo=1&bar=2", form, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    assert not signatures.match(b"/myapp.php?foo=1&bar=3", form, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    assert not Signatures("https://mycompany.com", ["12346"]).match(
        b"/myapp.php?foo=1&bar=2", form, "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    )


@pytest.mark.parametrize(
    ("public_url", "signed"),
    [
        ("https://bot.example", "https://bot.example"),
        ("https://bot.example", "https://bot.example:443"),
        ("https://bot.example:443", "https://bot.example"),
        ("https://bot.example:8443", "https://bot.example"),
        ("https://bot.example:8443/base", "https://bot.example:8443/base"),
        ("http://bot.example", "http://bot.example:80"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[::1]:8000", "http://[::1]"),
    ],
)
def test_the_port_may_be_there_or_not(public_url: str, signed: str) -> None:
    signature = RequestValidator("token").compute_signature(signed + "/x", {"a": "1"})
    assert Signatures(public_url, ["token"]).match(b"/x", [("a", "1")], signature)


def test_any_form_is_signed_as_the_sdk_signs_it() -> None:
    chance = random.Random(7)
    letters = "abAB01 +&=%é\u202e😀\n"
    for _ in range(300):
        pairs = [
            ("".join(chance.choices(letters, k=chance.randint(1, 3))), "".join(chance.choices(letters, k=4)))
            for _ in range(chance.randint(0, 8))
        ]
        form = dict(pairs)
        signature = RequestValidator("token").compute_signature("https://bot.example/hook", form)
        assert Signatures("https://bot.example", ["token"]).match(b"/hook", sorted(form.items()), signature)


def test_a_public_address_is_taken_as_it_is_written() -> None:
    signature = RequestValidator("token").compute_signature("https://Bot.Example/x", {})
    assert Signatures("https://Bot.Example", ["token"]).match(b"/x", [], signature)
