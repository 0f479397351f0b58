"""`lumiera config`: every value that is in effect, where it comes from, what it means, and nobody's secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from lumiera.cli.values import written
from lumiera.config import Config
from lumiera.durations import parse_duration
from lumiera.loading import read_config, read_document

Run = Callable[..., Result]
Install = Callable[..., None]
ROOT = Path(__file__).parents[2]
PROVIDER = """\
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from lumiera import Stage, StageSettings, hookimpl
from lumiera.durations import Duration

class Account(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    pin: SecretStr

class GuardSettings(StageSettings):
    strict: bool = Field(False, description="Whether nothing passes.")

class Guard(Stage[GuardSettings]):
    '''Keep out what does not belong here.'''
    name = "guard"
    Settings = GuardSettings
    async def run(self, turn): ...

class ProviderSettings(BaseModel):
    '''Where the provider is.'''
    model_config = ConfigDict(extra="forbid")
    token: SecretStr = Field(description="What it knows us by.")
    sender: str = Field("me", alias="from")
    hidden: str = Field("", repr=False)
    base: str = "https://provider.example"
    accounts: list[Account] = []
    timeout: Duration = "5s"

class Provider:
    '''The plugin.'''
    Settings = ProviderSettings
    def __init__(self, settings): ...
    @hookimpl
    def register_stages(self):
        return [Guard]
"""


@pytest.fixture
def provider(folder: Path, install: Install, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plugin with secrets and a stage, its class behind the entry point, configured with a token."""
    monkeypatch.setenv("TOKEN", "t0ken-of-nobody")
    install("provider", PROVIDER)
    [points] = Path("site").glob("*.dist-info/entry_points.txt")
    points.write_text(points.read_text().rstrip() + ":Provider\n")
    return folder


def settle(settings: str, more: str = "") -> None:
    text = f"plugins:\n  sql:\n  essentials:\n  provider: {settings}\n{more}"
    Path("lumiera.yaml").write_text(text, encoding="utf-8")


def shown(run: Run, *arguments: str) -> dict[str, Any]:
    result = run("config", "show", *arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    found: dict[str, Any] = yaml.safe_load(result.stdout)
    return found


def explained(run: Run, key: str) -> list[str]:
    result = run("config", "explain", key)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return [line.strip() for line in result.stdout.splitlines()]


# --- show


def test_every_key_is_shown_with_its_default(run: Run) -> None:
    whole = shown(run)
    assert list(whole) == list(Config.model_fields)
    assert whole["burst"] == {"text": "600ms", "media": "3s", "max": "8s"}
    assert whole["routing"] == {
        "fast_path": 0.9, "clarify": 0.6, "undecided": "agent", "digression": 0.95, "intents": {},
    }  # fmt: skip
    assert whole["plugins"]["sql"] == {"url": "sqlite:///lumiera.db", "synchronous": "full"}


def test_stages_are_shown_with_what_is_in_effect_for_them(run: Run) -> None:
    stages = [next(iter(one.items())) for one in shown(run)["pipeline"]]
    assert stages[0] == (
        "authenticate", {"unknown_users": "register", "timeout": "30s", "on_error": "apologise", "when": "always"},
    )  # fmt: skip
    assert dict(stages)["transcription"]["timeout"] == "20s"
    assert dict(stages)["route"]["timeout"] == "90s"


def test_what_is_written_is_shown_as_it_is_written(run: Run) -> None:
    Path("lumiera.yaml").write_text(
        "plugins: {sql: , essentials: }\nburst: {text: 1500ms}\nrouting: {intents: {}}\nweb:\n"
        "logging: {file: bot.log}\n"
    )
    whole = shown(run)
    assert whole["burst"]["text"] == "1500ms"
    assert whole["logging"]["file"] == "bot.log"
    assert whole["web"]["port"] == 8000
    assert list(whole["plugins"]) == ["sql", "essentials"]


def test_what_is_shown_is_a_configuration_that_means_the_same(run: Run) -> None:
    Path("lumiera.yaml").write_text((ROOT / "lumiera.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    Path("shown.yaml").write_text(run("config", "show").stdout, encoding="utf-8")
    before, after = (read_config(read_document(Path(f"{name}.yaml"), {}), []) for name in ("lumiera", "shown"))
    same: dict[str, Any] = {"plugins": {}, "pipeline": ()}
    assert after.model_copy(update=same) == before.model_copy(update=same)
    assert run("--config", "shown.yaml", "check").exit_code == 0
    assert run("--config", "shown.yaml", "config", "show").stdout == run("config", "show").stdout


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("token", ["t0ken-of-nobody", '"t0ken-of-nobody"', "${TOKEN}x", "${NONE:-t0ken-of-nobody}"])
def test_a_secret_is_never_shown(run: Run, token: str) -> None:
    settle(f"{{token: {token!r}, hidden: t0ken-of-nobody, accounts: [{{name: a, pin: t0ken-of-nobody}}]}}")
    for arguments in (["show"], ["show", "--json"], ["explain", "plugins"], ["explain", "plugins.provider.token"]):
        result = run("config", *arguments)
        assert result.exit_code == 0, result.output
        assert "t0ken" not in result.output
    assert shown(run)["plugins"]["provider"]["accounts"] == [{"name": "a", "pin": "***"}]


@pytest.mark.usefixtures("provider")
def test_what_comes_from_the_environment_is_shown_by_its_name(run: Run) -> None:
    settle("{token: '${TOKEN}', from: '${SENDER:-us}', hidden: '${TOKEN:-t0ken}'}")
    provider = shown(run)["plugins"]["provider"]
    assert (provider["token"], provider["from"], provider["hidden"]) == ("${TOKEN}", "${SENDER:-us}", "${TOKEN:-***}")
    assert (provider["base"], provider["timeout"]) == ("https://provider.example", "5s")


@pytest.mark.usefixtures("provider")
def test_a_password_within_an_address_is_masked(run: Run) -> None:
    settle("{token: '${TOKEN}', base: 'https://us:t0ken-of-nobody@provider.example/x'}")
    assert shown(run)["plugins"]["provider"]["base"] == "https://[secret]@provider.example/x"


def test_the_people_to_ring_are_masked(run: Run) -> None:
    Path("lumiera.yaml").write_text("plugins: {sql: , essentials: }\nescalation: {notify: ['+33612345678']}\n")
    assert shown(run)["escalation"]["notify"] == ["***"]
    assert "612345678" not in run("config", "explain", "escalation").output


def test_of_a_plugin_that_failed_nothing_is_shown_but_its_keys(run: Run) -> None:
    gone = "gone: {token: t0ken, critical: false, url: '${URL:-x}'}"
    Path("lumiera.yaml").write_text(f"plugins:\n  sql:\n  essentials:\n  {gone}\n")
    assert shown(run)["plugins"]["gone"] == {"token": "***", "critical": False, "url": "${URL:-***}"}


def test_a_plugin_that_is_left_out_is_shown_as_that(run: Run) -> None:
    Path("lumiera.yaml").write_text("plugins: {sql: , essentials: , media: false}\n")
    assert shown(run)["plugins"]["media"] is False


def test_json_is_the_same(run: Run) -> None:
    assert json.loads(run("config", "show", "--json").stdout) == shown(run)


def test_a_mistake_is_told_as_check_tells_it(run: Run) -> None:
    Path("lumiera.yaml").write_text("burts: {}\n")
    for arguments in (["config", "show"], ["config", "explain", "burst"], ["check"]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "lumiera.yaml:1: unknown key 'burts'. Did you mean 'burst'?" in result.stderr


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(0), 0), (timedelta(milliseconds=600), "600ms"), (timedelta(seconds=90), "90s"),
        (timedelta(hours=2), "2h"), (timedelta(days=90), "90d"), (timedelta(microseconds=1500), "2ms"),
    ],
)  # fmt: skip
def test_durations_are_shown_as_operators_write_them(duration: timedelta, text: str | int) -> None:
    assert written(duration) == text
    assert abs(timedelta(0) + parse_duration(text) - duration) < timedelta(milliseconds=1)  # type: ignore[operator]


# --- explain


def test_a_value_is_explained_with_its_place_and_meaning(run: Run) -> None:
    with Path("lumiera.yaml").open("a") as file:
        file.write("routing:\n  fast_path: 0.8\n")
    assert explained(run, "routing.fast_path") == [
        "routing.fast_path: 0.8",
        "set at lumiera.yaml:5",
        "From here on an intent is served. From 0 to 1.",
        "SIGHUP to `lumiera serve` takes in a change.",
    ]


def test_a_default_is_explained_as_one(run: Run) -> None:
    assert explained(run, "retries.tries") == [
        "retries.tries: 6", "default", "After so many tries a message is a dead letter. At least 1.",
        "A restart takes in a change.",
    ]  # fmt: skip


def test_a_value_of_the_file_below_is_explained_with_the_place_there(run: Run) -> None:
    Path("below.yaml").write_text("web: {port: 9000}\nplugins: {sql: , essentials: }\n")
    Path("lumiera.yaml").write_text("extends: below.yaml\nweb: {host: 0.0.0.0}\n")
    assert explained(run, "web.port")[1] == "set at below.yaml:1"
    assert explained(run, "web.host")[1] == "set at lumiera.yaml:2"


def test_a_section_is_explained_with_all_that_is_in_it(run: Run) -> None:
    assert explained(run, "dialogue") == [
        "dialogue:", "{park_after: 2h, keep: 3d}", "default",
        "When an unanswered dialogue is parked, and for how long it can be resumed then.",
        "A restart takes in a change.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "meaning"),
    [
        ("plugins.sql.synchronous", "full", "Whether a commit waits for the disk. One of: full, normal."),
        ("pipeline[3].session.idle", "7h", "After how long without a message a session ends. A duration such as"),
        ("pipeline[3].session.when", "always", "Which turns the stage is for. One of: always, voice, decided,"),
        ("languages[1]", "en", "The languages that the bot speaks."),
        ("language", "fr", "What the site speaks; reports are put into it."),
    ],
)
def test_every_kind_of_key_can_be_explained(run: Run, key: str, value: str, meaning: str) -> None:
    lines = explained(run, key)
    assert lines[0] == f"{key}: {value}"
    assert lines[2].startswith(meaning)


def test_a_stage_is_explained(run: Run) -> None:
    lines = explained(run, "pipeline[2]")
    assert lines[1].startswith("limits: {per_minute: 10, burst: 15,")
    assert lines[3].startswith("Turn away what comes too fast")


def test_a_threshold_of_an_intent_is_explained(run: Run) -> None:
    with Path("lumiera.yaml").open("a") as file:
        file.write("routing: {intents: {help: {fast_path: 0.5}}}\n")
    assert explained(run, "routing.intents.help.fast_path")[2].startswith("From here on this intent is served.")


@pytest.mark.usefixtures("provider")
def test_the_environment_is_named_where_a_value_comes_from_it(run: Run) -> None:
    settle("{token: '${TOKEN}', from: '${SENDER:-us}'}", "pipeline: [authenticate, guard, route, reply, persistence]\n")
    assert explained(run, "plugins.provider.token") == [
        "plugins.provider.token: ${TOKEN}", "set at lumiera.yaml:4, from the environment: TOKEN",
        "What it knows us by.", "A restart takes in a change.",
    ]  # fmt: skip
    assert explained(run, "plugins.provider.from")[1].endswith("from the environment: SENDER, which is not set")
    assert explained(run, "plugins.provider.timeout")[:2] == ["plugins.provider.timeout: 5s", "default"]
    assert explained(run, "plugins.provider")[3] == "Where the provider is."
    assert explained(run, "pipeline[1].guard.strict")[2] == "Whether nothing passes."


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("rooting", "rooting: there is no 'rooting' in the configuration. Did you mean 'routing'?"),
        ("routing.fast", "routing.fast: there is no 'fast' in routing. Did you mean 'fast_path'?"),
        ("web.port.x", "web.port.x: there is no 'x' in web.port. It is a single value."),
        ("web.zzz", "web.zzz: there is no 'zzz' in web. It has: host, port, public_url."),
        ("pipeline[99]", "pipeline[99]: there is no 99 in pipeline."),
        ("..", "..: there is no '..' in the configuration."),
        ("", ": there is no '' in the configuration."),
    ],
)
def test_a_key_that_is_not_there_is_told_with_the_way_out(run: Run, key: str, told: str) -> None:
    result = run("config", "explain", key)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(told)


# --- schema


@pytest.mark.usefixtures("provider")
def test_the_schema_has_the_settings_and_stages_of_every_installed_plugin(run: Run) -> None:
    settle("{token: '${TOKEN}'}")
    schema = json.loads(run("config", "schema").stdout)
    assert "provider" in schema["properties"]["plugins"]["properties"]
    assert "guard" in schema["properties"]["pipeline"]["items"]["anyOf"][0]["enum"]
    assert schema["$defs"]["GuardSettings"]["properties"]["strict"]["description"] == "Whether nothing passes."
    assert schema["$defs"]["ProviderSettings"]["required"] == ["token"]


def test_the_schema_is_printed_whatever_is_wrong_with_the_configuration(run: Run) -> None:
    good = run("config", "schema").stdout
    for text in ("plugins: [\n", "burts: {}\n", "plugins: 7\n"):
        Path("lumiera.yaml").write_text(text)
        assert run("config", "schema").stdout == good
    Path("lumiera.yaml").unlink()
    assert run("config", "schema").stdout == good


def test_the_schema_is_written_where_editors_look(run: Run) -> None:
    result = run("config", "schema", "--write")
    assert (result.exit_code, result.stdout) == (0, "config/lumiera.schema.json is written.\n")
    assert Path("config/lumiera.schema.json").read_text(encoding="utf-8") == run("config", "schema").stdout
