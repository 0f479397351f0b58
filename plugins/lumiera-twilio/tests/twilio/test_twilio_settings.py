"""The settings: what is needed, what is refused and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from lumiera_twilio import TwilioSettings
from pydantic import ValidationError

GOOD: dict[str, Any] = {
    "account_sid": "AC" + "a1" * 16,
    "auth_token": "t0p-secret",
    "from": "whatsapp:+14155238886",
    "public_url": "https://bot.example",
}


def problems(**changes: Any) -> list[tuple[str, str]]:
    """Return place and message of each error that the changed settings give; `None` takes a key out."""
    settings = {name.rstrip("_"): value for name, value in (GOOD | changes).items() if value is not ...}
    with pytest.raises(ValidationError) as raised:
        TwilioSettings.model_validate(settings)
    assert "t0p-secret" not in str(raised.value)
    return [(".".join(map(str, error["loc"])), error["msg"]) for error in raised.value.errors()]


def test_four_lines_are_enough() -> None:
    settings = TwilioSettings.model_validate(GOOD)
    assert settings.api_base_url == "https://api.twilio.com"
    assert settings.timeout.total_seconds() == 10
    assert settings.credentials == (GOOD["account_sid"], "t0p-secret")


def test_an_api_key_is_used_for_our_calls() -> None:
    settings = TwilioSettings.model_validate(GOOD | {"api_key": "SK1", "api_secret": "s"})
    assert settings.credentials == ("SK1", "s")


def test_the_first_of_two_tokens_is_used_for_our_calls() -> None:
    settings = TwilioSettings.model_validate(GOOD | {"auth_token": ["new", "old"]})
    assert settings.credentials[1] == "new"


@pytest.mark.parametrize("sender", ["+14155238886", "whatsapp:+14155238886"])
def test_the_sender_may_be_written_with_or_without_its_prefix(sender: str) -> None:
    assert TwilioSettings.model_validate(GOOD | {"from": sender}).sender == "whatsapp:+14155238886"


@pytest.mark.parametrize("value", [None, "", ...])
def test_without_a_public_address_nothing_starts(value: object) -> None:
    ((place, message),) = problems(public_url=value)
    assert place == "public_url"
    assert "no signature can be checked without it" in message
    assert "https://bot.example" in message


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"account_sid": "AC123"}, "account_sid", "pattern"),
        ({"account_sid": ...}, "account_sid", "required"),
        ({"auth_token": ...}, "auth_token", "required"),
        ({"auth_token": []}, "auth_token", "at least 1"),
        ({"auth_token": ""}, "auth_token.0", "at least 1"),
        ({"auth_token": ["t0p-secret", ""]}, "auth_token.1", "at least 1"),
        ({"from": "14155238886"}, "from", "expected a WhatsApp sender such as"),
        ({"from": ...}, "", "give either 'from' or 'messaging_service_sid'"),
        ({"messaging_service_sid": "MG" + "b" * 32}, "", "give either 'from' or 'messaging_service_sid'"),
        ({"messaging_service_sid": "XX", "from": ...}, "messaging_service_sid", "pattern"),
        ({"api_key": "SK1"}, "", "give 'api_key' and 'api_secret' together"),
        ({"api_secret": "t0p-secret"}, "", "give 'api_key' and 'api_secret' together"),
        ({"public_url": "bot.example"}, "public_url", "expected an address such as"),
        ({"public_url": "ftp://bot.example"}, "public_url", "expected an address such as"),
        ({"public_url": "https://bot.example/#rc=2"}, "public_url", "without query, fragment and password"),
        ({"public_url": "https://u:t0p-secret@bot.example"}, "public_url", "without query, fragment and password"),
        ({"public_url": "https://my_bot.example"}, "public_url", "underscore"),
        ({"public_url": 7}, "public_url", "valid string"),
        ({"api_base_url": "api.twilio.com"}, "api_base_url", "expected an address"),
        ({"timeout": "10"}, "timeout", "expected a duration such as"),
        ({"timeout": "0s"}, "", "'timeout' must be more than 0"),
        ({"auth_tokn": "t0p-secret"}, "auth_tokn", "not permitted"),
    ],
)
def test_a_mistake_is_named_with_its_place(changes: dict[str, Any], place: str, message: str) -> None:
    ((found, told),) = problems(**changes)
    assert found == place
    assert message in told


def test_no_secret_is_shown() -> None:
    settings = TwilioSettings.model_validate(GOOD | {"api_key": "SK1", "api_secret": "s3cret"})
    for shown in (repr(settings), str(settings), settings.model_dump_json(by_alias=True)):
        assert "t0p-secret" not in shown
        assert "s3cret" not in shown
