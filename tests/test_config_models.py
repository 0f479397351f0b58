"""The models of `lumiera.yaml`, and the two files that ship."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from lumiera.config import LANGUAGES, Config, Section
from lumiera.durations import parse_duration
from lumiera.loading import read_config, read_document

ROOT = Path(__file__).parent.parent
ENV = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a-token-of-nobody",
    "TWILIO_FROM": "whatsapp:+15550100",
    "PUBLIC_URL": "https://bot.example",
}


def _plain(value: object) -> object:
    """Turn a value of a model into what YAML would hold for it."""
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, timedelta):
        return value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return str(value) if isinstance(value, Path) else value


def _durations(value: object) -> object:
    """Read the durations, as 0.6s and 600ms are the same."""
    if isinstance(value, dict):
        return {key: _durations(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_durations(item) for item in value]
    return parse_duration(value) if isinstance(value, str) and re.fullmatch(r"[\d.]+(ms|[smhd])", value) else value


def test_the_file_that_ships_says_every_key_with_its_default() -> None:
    shipped = yaml.safe_load((ROOT / "lumiera.yaml").read_text("utf-8"))
    plugins = shipped.pop("plugins")
    defaults = _plain(Config())
    assert isinstance(defaults, dict)
    assert defaults.pop("plugins") == {}
    assert _durations(shipped) == _durations(defaults)
    assert plugins == {"sql": {"url": "sqlite:///lumiera.db"}, "simulator": None, "media": None, "essentials": None}


def test_the_file_that_ships_is_read_without_any_variable() -> None:
    document = read_document(ROOT / "lumiera.yaml", {})
    assert read_config(document, []).model_copy(update={"plugins": {}}) == Config()


def test_production_keeps_the_pipeline() -> None:
    config = read_config(read_document(ROOT / "config/production.yaml", ENV), [])
    assert config.pipeline == Config().pipeline


def test_production_listens_to_the_world_and_takes_its_secrets_from_the_environment() -> None:
    config = read_config(read_document(ROOT / "config/production.yaml", ENV), [])
    assert (config.web.host, config.web.public_url) == ("0.0.0.0", "https://bot.example")
    assert [name for name, given in config.plugins.items() if given is not False] == [
        "sql",
        "media",
        "essentials",
        "twilio",
    ]
    assert config.plugins["sql"] == {"url": "sqlite:///lumiera.db"}
    assert config.plugins["twilio"]["auth_token"] == "a-token-of-nobody"
    moved = read_config(read_document(ROOT / "config/production.yaml", ENV | {"DATABASE_URL": "sqlite:////d/b"}), [])
    assert moved.plugins["sql"] == {"url": "sqlite:////d/b"}


@pytest.mark.parametrize("name", ENV)
def test_production_names_each_variable_that_it_lacks(name: str) -> None:
    document = read_document(ROOT / "config/production.yaml", ENV | {name: ""})
    assert [what for _, what in document.findings if repr(name) in what]


def test_a_configuration_is_frozen_and_compares_by_value() -> None:
    config = Config()
    assert config == Config()
    with pytest.raises(ValidationError):
        config.language = "en"  # type: ignore[misc]


def test_stages_are_no_key_of_the_file() -> None:
    with pytest.raises(ValidationError, match="stages"):
        Config.model_validate({"stages": []})


def test_nine_languages_are_the_default() -> None:
    assert len(LANGUAGES) == 9
    assert Config().language in LANGUAGES


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("burst", {"text": 0}, timedelta(0)),
        ("burst", {"text": "600 ms"}, timedelta(milliseconds=600)),
        ("burst", {"text": "1.5s"}, timedelta(seconds=1.5)),
        ("burst", {"text": None}, timedelta(seconds=0.6)),
        ("web", {"port": "8001"}, 8001),
        ("web", {"public_url": "https://bot.example/"}, "https://bot.example"),
        ("media", {"path": "/srv/media"}, Path("/srv/media")),
        ("escalation", {"notify": ["+33612345678"]}, ("+33612345678",)),
        ("routing", {"intents": {"help": {"fast_path": 0.5}}}, 0.5),
        ("logging", {"file": None}, None),
    ],
)
def test_a_value_is_read_as_operators_write_it(key: str, value: dict[str, Any], expected: object) -> None:
    section = getattr(Config.model_validate({key: value}), key)
    got = getattr(section, next(iter(value)))
    assert (got["help"].fast_path if isinstance(got, dict) else got) == expected


@pytest.mark.parametrize("address", ["bot.example", "ftp://bot.example", "https://", "https://a?b=c", "https://a#b"])
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="expected a web address"):
        Config.model_validate({"web": {"public_url": address}})


def test_the_people_to_ring_are_shown_nowhere() -> None:
    config = Config.model_validate({"escalation": {"notify": ["+33612345678"]}})
    assert "33612345678" not in repr(config)


def test_every_section_is_strict_and_hides_what_it_was_given() -> None:
    sections: list[type[Section]] = [Config, *Section.__subclasses__()]
    for section in sections:
        assert section.model_config["extra"] == "forbid"
        assert section.model_config["frozen"]
        assert section.model_config["hide_input_in_errors"]
