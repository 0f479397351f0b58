"""The settings of the plugin, under `plugins: twilio:` in `lumiera.yaml`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from lumiera.durations import Duration
from lumiera_twilio.addresses import bare, prefixed

_MISSING = (
    "the address at which Twilio calls the bot is missing, and no signature can be checked without it. "
    "Set it to what stands before /webhooks/twilio in Twilio's console, such as https://bot.example"
)
_HOST = re.compile(r"\.?([a-z0-9-]+\.)+[a-z]{2,}")
# An origin of this machine is believed only where Twilio itself is one: no production comes into that.
_LOCAL, _LOCAL_API = re.compile(r"127\.0\.0\.1:[0-9]{1,5}"), re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}")


def _web_address(value: str) -> str:
    """Refuse what cannot be the base of an address; the error must not repeat a password that stands in it."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address such as https://bot.example")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("an address without query, fragment and password is needed")
    return value.rstrip("/")


def _public(value: str) -> str:
    if not value:
        raise ValueError(_MISSING)
    if "_" in (urlsplit(value).hostname or ""):
        raise ValueError("Twilio does not call hosts with an underscore in their name")
    return _web_address(value)


def _sender(value: str) -> str:
    if not bare(prefixed(value)):
        raise ValueError("expected a WhatsApp sender such as whatsapp:+14155238886 or +14155238886")
    return prefixed(value)


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


def _named(value: object) -> object:
    return "" if value is None else value


Secret = Annotated[SecretStr, Field(min_length=1)]
BaseAddress = Annotated[str, AfterValidator(_web_address)]
Sender = Annotated[str, AfterValidator(_sender)]
Tokens = Annotated[tuple[Secret, ...], BeforeValidator(_listed), Field(min_length=1)]


class TwilioSettings(BaseModel):
    """What the plugin takes in `lumiera.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$", description="Of the account that owns the sender.")
    auth_token: Tokens = Field(description="One token, or the old and the new one while they are rotated.")
    api_key: str | None = Field(default=None, description="For our calls, in place of the auth token.")
    api_secret: Secret | None = Field(default=None, description="The secret of `api_key`.")
    sender: Sender | None = Field(default=None, alias="from", description="Who sends, such as whatsapp:+14155238886.")
    messaging_service_sid: str | None = Field(
        default=None, pattern=r"^MG[0-9a-fA-F]{32}$", description="Who sends, in place of `from`."
    )
    public_url: Annotated[str, BeforeValidator(_named), AfterValidator(_public)] = Field(
        default="", validate_default=True, description="Where Twilio calls the bot, such as https://bot.example."
    )
    api_base_url: BaseAddress = Field(
        default="https://api.twilio.com", description="Another host: a region of Twilio's, or a fake."
    )
    content_base_url: BaseAddress = Field(
        default="https://content.twilio.com", description="Another host: a region of Twilio's, or a fake."
    )
    messaging_base_url: BaseAddress = Field(
        default="https://messaging.twilio.com", description="Another host: a region of Twilio's, or a fake."
    )
    timeout: Duration = Field(default=timedelta(seconds=10), description="Of one call; after it the fate is unknown.")
    menus: bool = Field(default=True, description="Buttons and lists; else choices go out as numbered text.")
    media_hosts: tuple[str, ...] = Field(
        default=(),
        description="More storages that Twilio may keep users' files in: media.example.com, or .example.com for all "
        "under it. With an api_base_url of this machine also an origin of this machine, 127.0.0.1:8001, for tests.",
    )

    @model_validator(mode="after")
    def _complete(self) -> TwilioSettings:
        if (self.sender is None) == (self.messaging_service_sid is None):
            raise ValueError("give either 'from' or 'messaging_service_sid'")
        if (self.api_key is None) != (self.api_secret is None):
            raise ValueError("give 'api_key' and 'api_secret' together, or neither")
        for host in self.media_hosts:
            if not (_HOST.fullmatch(host) or (_LOCAL.fullmatch(host) and _LOCAL_API.fullmatch(self.api_base_url))):
                raise ValueError("'media_hosts' takes names such as media.example.com or .example.com, in lower case")
        if self.timeout <= timedelta(0):
            raise ValueError("'timeout' must be more than 0: a call that never ends would hold its conversation")
        return self

    @property
    def credentials(self) -> tuple[str, str]:
        """Name and password of our own calls; the first auth token where there is no API key."""
        if self.api_key and self.api_secret:
            return self.api_key, self.api_secret.get_secret_value()
        return self.account_sid, self.auth_token[0].get_secret_value()
