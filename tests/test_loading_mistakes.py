"""Broken files, each with exactly what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

from lumiera.durations import Duration
from lumiera.errors import ConfigError
from lumiera.loading import Known, read_config, read_document, resolve_stages
from lumiera.plugins import load_plugins
from lumiera.stage import Stage, StageSettings
from lumiera.turn import Turn


class Crane(BaseModel):
    height: int
    load: float = 1


class DepotSettings(BaseModel):
    """A model without `extra="forbid"`: the core is strict all the same."""

    url: str
    token: SecretStr | None = None
    phone: str = Field(default="", alias="from", repr=False)
    size: Annotated[int, Field(ge=1, lt=100)] = 3
    mode: Literal["open", "closed"] = "open"
    timeout: Duration = timedelta(seconds=3)
    cranes: list[Crane] = []
    gate: Crane | int | None = None
    codes: Annotated[list[str], Field(max_length=2)] = []
    name: Annotated[str, Field(min_length=2, max_length=5, pattern="^[a-z]+$")] = "depot"
    deep: dict[str, dict[str, Crane]] = {}

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith("tk_"):
            raise ValueError(f"{value.get_secret_value()} is no token")
        return value

    @field_validator("url")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        if "://" not in value:
            raise ValueError(f"{value} is no address. Write https://...")
        return value

    @model_validator(mode="after")
    def _fits(self) -> DepotSettings:
        if self.size == 13:
            raise ValueError(f"no depot at {self.url} has 13 places")
        return self


class Depot:
    Settings = DepotSettings

    def __init__(self, settings: DepotSettings) -> None:
        self.settings = settings


class Plain:
    """A plugin without settings."""


class Idle(Stage[StageSettings]):
    async def run(self, turn: Turn) -> None: ...


class LimitsSettings(StageSettings):
    per_minute: float = 10
    burst: float = 15


class Authenticate(Idle):
    class Settings(StageSettings):
        unknown_users: Literal["register", "refuse"] = "register"


class Limits(Idle):
    Settings = LimitsSettings


NAMES = (
    "consent", "session", "language", "transcription", "handover", "intent", "translation", "route", "reply",
    "persistence",
)  # fmt: skip
KINDS: Mapping[str, type[Stage[Any]]] = {
    "authenticate": Authenticate,
    "limits": Limits,
    **dict.fromkeys(NAMES, Idle),
}
ENV = {"SECRET": "hunter2", "EMPTY": "", "NUMBER": "0777", "WORD": "closd", "SHORT": "bot"}
Messages = Callable[[str], list[str]]


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Messages:
    """Return a function that loads a file as the bot does and returns every line of the error."""
    monkeypatch.chdir(tmp_path)

    def load(text: str) -> list[str]:
        Path("lumiera.yaml").write_text(text, encoding="utf-8")
        try:
            document = read_document(Path("lumiera.yaml"), ENV)
            plugins = load_plugins(document, {"depot": Depot, "plain": Plain})
            config = read_config(document, plugins.problems)
            known = Known(
                stages=KINDS,
                plugins=plugins.named("loaded"),
                intents=["report_incident", "help"],
                failed=plugins.named("failed"),
            )
            resolve_stages(document, config, known)
        except ConfigError as error:
            return [str(problem) for problem in error.problems]
        return []

    return load


def _pipeline(*items: str) -> str:
    return "\n".join(["plugins: {depot: {url: 'https://a'}}", "pipeline:", *(f"  - {item}" for item in items)])


ENDS = ("authenticate", "route", "reply", "persistence")
FRAME = (
    "pipeline: it wants 'authenticate' first and 'persistence' last, each once, and 'route' and 'reply' between them."
)

FIRST_PASS = {
    "unknown key at the top": (
        "language: fr\nlangauges: [fr]\nplugins: {depot: {url: 'https://a'}}",
        ["lumiera.yaml:2: unknown key 'langauges'. Did you mean 'languages'?"],
    ),
    "unknown key in a section": (
        "plugins: {depot: {url: 'https://a'}}\nweb:\n  host: localhost\n  prot: 80",
        ["lumiera.yaml:4: web: unknown key 'prot'. Did you mean 'port'?"],
    ),
    "unknown key that resembles none": (
        "plugins: {depot: {url: 'https://a'}}\nburst: {zzz: 1s}",
        ["lumiera.yaml:2: burst: unknown key 'zzz'. Known: text, media, max."],
    ),
    "unknown key without a value": (
        "plugins: {depot: {url: 'https://a'}}\nbrust:",
        ["lumiera.yaml:2: unknown key 'brust'. Did you mean 'burst'?"],
    ),
    "not a number": (
        "plugins: {depot: {url: 'https://a'}}\nweb: {port: eighty}",
        ["lumiera.yaml:2: web.port: expected a whole number, got 'eighty'."],
    ),
    "number out of range": (
        "plugins: {depot: {url: 'https://a'}}\nweb: {port: 80000}",
        ["lumiera.yaml:2: web.port: expected less than or equal to 65535, got 80000."],
    ),
    "threshold above one": (
        "plugins: {depot: {url: 'https://a'}}\nrouting:\n  fast_path: 90",
        ["lumiera.yaml:3: routing.fast_path: expected less than or equal to 1, got 90."],
    ),
    "clarify above fast_path": (
        "plugins: {depot: {url: 'https://a'}}\nrouting:\n  fast_path: 0.7\n  clarify: 0.8",
        ["lumiera.yaml:4: routing.clarify: clarify (0.8) is above fast_path (0.7). Lower it."],
    ),
    "clarify by default above fast_path": (
        "plugins: {depot: {url: 'https://a'}}\nrouting:\n  fast_path: 0.5",
        ["lumiera.yaml:2: routing: clarify (0.6) is above fast_path (0.5). Lower it."],
    ),
    "clarify of an intent above its fast_path": (
        "plugins: {depot: {url: 'https://a'}}\nrouting:\n  intents:\n    help: {fast_path: 0.7, clarify: 0.8}",
        ["lumiera.yaml:4: routing.intents.help.clarify: clarify (0.8) is above fast_path (0.7). Lower it."],
    ),
    "not one of the words": (
        "plugins: {depot: {url: 'https://a'}}\nrouting: {undecided: agnt}",
        ["lumiera.yaml:2: routing.undecided: expected 'agent' or 'clarify', got 'agnt'. Did you mean 'agent'?"],
    ),
    "not a duration": (
        "plugins: {depot: {url: 'https://a'}}\nburst: {text: soon}",
        ["lumiera.yaml:2: burst.text: expected a duration such as 600ms, 3s, 5m, 7h or 90d, got 'soon'."],
    ),
    "a duration without unit": (
        "plugins: {depot: {url: 'https://a'}}\nretries: {first: 3}",
        ["lumiera.yaml:2: retries.first: expected a duration such as 600ms, 3s, 5m, 7h or 90d, got 3."],
    ),
    "internal language not listed": (
        "language: nl\nplugins: {depot: {url: 'https://a'}}\nlanguages: [fr, en]",
        ["lumiera.yaml:1: language: the language 'nl' is not one of 'languages': fr, en."],
    ),
    "internal language by default not listed": (
        "plugins: {depot: {url: 'https://a'}}\nlanguages: [en]",
        ["lumiera.yaml:1: the language 'fr' is not one of 'languages': en."],
    ),
    "a language that YAML takes for false": (
        "plugins: {depot: {url: 'https://a'}}\nlanguages: [fr, no]",
        ["lumiera.yaml:2: languages[1]: expected text, got False. Put it in quotes."],
    ),
    "no languages": (
        "plugins: {depot: {url: 'https://a'}}\nlanguages: []",
        ["lumiera.yaml:2: languages: Tuple should have at least 1 item after validation, not 0."],
    ),
    "a word in place of a section": (
        "plugins: {depot: {url: 'https://a'}}\nweb: localhost",
        ["lumiera.yaml:2: web: expected keys with values, got 'localhost'."],
    ),
    "a mapping in place of a list": (
        "plugins: {depot: {url: 'https://a'}}\npipeline: {route: }",
        ["lumiera.yaml:2: pipeline: expected a list."],
    ),
    "plugins as a list": (
        "plugins: [depot]",
        [
            "lumiera.yaml:1: plugins.depot: missing key 'url'.",
            "lumiera.yaml:1: plugins: expected keys with values.",
        ],
    ),
    "an address without scheme": (
        "plugins: {depot: {url: 'https://a'}}\nweb: {public_url: bot.example}",
        ["lumiera.yaml:2: web.public_url: expected a web address such as https://bot.example."],
    ),
    "a phone number that lost its quotes": (
        "plugins: {depot: {url: 'https://a'}}\nescalation:\n  notify:\n    - +33612345678",
        ["lumiera.yaml:4: escalation.notify[0]: expected text. Put it in quotes."],
    ),
    "settings missing": (
        "plugins:\n  depot:",
        ["lumiera.yaml:2: plugins.depot: missing key 'url'."],
    ),
    "settings that are none": (
        "plugins:\n  depot: https://a",
        ["lumiera.yaml:2: plugins.depot: expected settings ('critical' is true or false), or false to leave it out."],
    ),
    "critical that is no boolean": (
        "plugins:\n  depot:\n    url: https://a\n    critical: perhaps",
        ["lumiera.yaml:2: plugins.depot: expected settings ('critical' is true or false), or false to leave it out."],
    ),
    "unknown setting of a plugin": (
        "plugins:\n  depot:\n    url: https://a\n    siez: 4",
        ["lumiera.yaml:4: plugins.depot: unknown key 'siez'. Did you mean 'size'?"],
    ),
    "misspelt critical": (
        "plugins:\n  depot:\n    url: https://a\n    critcal: false",
        ["lumiera.yaml:4: plugins.depot: unknown key 'critcal'. Did you mean 'critical'?"],
    ),
    "unknown key by its alias": (
        "plugins:\n  depot:\n    url: https://a\n    form: you",
        ["lumiera.yaml:4: plugins.depot: unknown key 'form'. Did you mean 'from'?"],
    ),
    "settings for a plugin without": (
        "plugins:\n  depot: {url: 'https://a'}\n  plain: {colour: red}",
        ["lumiera.yaml:3: plugins.plain: unknown key 'colour'. Known: critical."],
    ),
    "mistakes deep in a list": (
        "plugins:\n  depot:\n    url: https://a\n    cranes:\n      - {height: 30}\n"
        "      - hight: 40\n        load: [1]",
        [
            "lumiera.yaml:6: plugins.depot.cranes[1]: missing key 'height'.",
            "lumiera.yaml:6: plugins.depot.cranes[1]: unknown key 'hight'. Did you mean 'height'?",
            "lumiera.yaml:7: plugins.depot.cranes[1].load: expected a number.",
        ],
    ),
    "mistakes in a mapping of mappings": (
        "plugins:\n  depot:\n    url: https://a\n    deep:\n      north:\n        big: {height: tall}",
        ["lumiera.yaml:6: plugins.depot.deep.north.big.height: expected a whole number, got 'tall'."],
    ),
    "none of a union": (
        "plugins:\n  depot:\n    url: https://a\n    gate: {height: x}",
        [
            "lumiera.yaml:4: plugins.depot.gate.height: expected a whole number, got 'x'.",
            "lumiera.yaml:4: plugins.depot.gate: expected a whole number.",
        ],
    ),
    "limits of a plugin's model": (
        "plugins:\n  depot:\n    url: https://a\n    size: 100\n    codes: [a, b, c]\n    name: A",
        [
            "lumiera.yaml:4: plugins.depot.size: expected less than 100, got 100.",
            "lumiera.yaml:5: plugins.depot.codes: List should have at most 2 items after validation, not 3.",
            "lumiera.yaml:6: plugins.depot.name: String should have at least 2 characters, got 'A'.",
        ],
    ),
    "text of the wrong form": (
        "plugins:\n  depot:\n    url: https://a\n    name: ABC",
        ["lumiera.yaml:4: plugins.depot.name: String should match pattern '^[a-z]+$', got 'ABC'."],
    ),
    "a plugin's own word": (
        "plugins:\n  depot: {url: here}",
        ["lumiera.yaml:2: plugins.depot.url: here is no address. Write https://..."],
    ),
    "a plugin's own word on all of it": (
        "plugins:\n  depot: {url: 'https://a', size: 13}",
        ["lumiera.yaml:2: plugins.depot: no depot at https://a has 13 places."],
    ),
    "no secret is repeated": (
        "plugins:\n  depot:\n    url: https://a\n    token: abcdef",
        ["lumiera.yaml:4: plugins.depot.token: *** is no token."],
    ),
    "no secret number is repeated": (
        "plugins:\n  depot:\n    url: https://a\n    token: 123456",
        ["lumiera.yaml:4: plugins.depot.token: expected text. Put it in quotes."],
    ),
    "no secret of the environment is repeated": (
        "plugins:\n  depot:\n    url: ${SECRET}\n    token: ${SECRET}\n    mode: ${WORD}\n    size: ${SECRET}",
        [
            "lumiera.yaml:3: plugins.depot.url: *** is no address. Write https://...",
            "lumiera.yaml:4: plugins.depot.token: *** is no token.",
            "lumiera.yaml:5: plugins.depot.mode: expected 'open' or 'closed', got '***'. Did you mean 'closed'?",
            "lumiera.yaml:6: plugins.depot.size: expected a whole number, got '***'.",
        ],
    ),
    "no value of the environment in a model's word": (
        "plugins:\n  depot:\n    url: https://${SECRET}\n    size: 13",
        ["lumiera.yaml:2: plugins.depot: no depot at https://*** has 13 places."],
    ),
    "no value of the environment in a duration": (
        "plugins: {depot: {url: 'https://a'}}\nburst: {text: '${SECRET}'}",
        ["lumiera.yaml:2: burst.text: expected a duration such as 600ms, 3s, 5m, 7h or 90d, got '***'."],
    ),
    "a short value does not hide the hint": (
        "plugins: {depot: {url: 'https://a'}}\nweb: {public_url: '${SHORT}'}",
        ["lumiera.yaml:2: web.public_url: expected a web address such as https://bot.example."],
    ),
    "variables that are not set": (
        "plugins:\n  depot:\n    url: ${NOWHERE}\n    token: ${EMPTY}\n    size: ${NOWHERE}\n"
        "logging: {level: '${LEVEL}'}",
        [
            "lumiera.yaml:3: plugins.depot.url: environment variable 'NOWHERE' is not set. "
            "Set it, or give a default: ${NAME:-default}.",
            "lumiera.yaml:4: plugins.depot.token: environment variable 'EMPTY' is not set. "
            "Set it, or give a default: ${NAME:-default}.",
            "lumiera.yaml:5: plugins.depot.size: environment variable 'NOWHERE' is not set. "
            "Set it, or give a default: ${NAME:-default}.",
            "lumiera.yaml:6: logging.level: environment variable 'LEVEL' is not set. "
            "Set it, or give a default: ${NAME:-default}.",
        ],
    ),
    "a variable without a name": (
        "plugins: {depot: {url: 'https://a'}}\nweb: {host: '${MY HOST}'}",
        [
            "lumiera.yaml:2: web.host: environment variable 'MY HOST' is not set. "
            "Set it, or give a default: ${NAME:-default}."
        ],
    ),
    "the same key twice": (
        "plugins: {depot: {url: 'https://a'}}\nweb:\n  port: 1\n  host: a\n  port: 2\nburst: {}\nburst:",
        [
            "lumiera.yaml:5: web.port: stands here twice, first at lumiera.yaml:3. Remove one.",
            "lumiera.yaml:7: burst: stands here twice, first at lumiera.yaml:6. Remove one.",
        ],
    ),
    "a plugin named twice": (
        "plugins:\n  depot: {url: 'https://a'}\n  plain:\n  depot: {url: 'https://b'}",
        [
            "lumiera.yaml:4: plugins.depot: stands here twice, first at lumiera.yaml:2. Remove one.",
            "lumiera.yaml:4: plugins.depot: missing key 'url'.",
        ],
    ),
    "a key that is a list": (
        "plugins: {depot: {url: 'https://a'}}\nburst:\n  ? [a, b]\n  : c",
        ["lumiera.yaml:3: burst: unknown key '?'. Known: text, media, max."],
    ),
    "a tag of another language": (
        "plugins: {depot: {url: 'https://a'}}\nweb: {host: !!python/object/apply:os.system [ls]}\nlanguage: !secret x",
        [
            "lumiera.yaml:2: web.host: expected text. Put it in quotes.",
            "lumiera.yaml:3: language: this value cannot be read. Put it in quotes.",
        ],
    ),
    "a date that is none": (
        "plugins: {depot: {url: 'https://a'}}\nmedia: {store: 2026-13-45}",
        ["lumiera.yaml:2: media.store: this value cannot be read. Put it in quotes."],
    ),
    "a tab": (
        "web:\n\tport: 1",
        ["lumiera.yaml:2: this is no YAML: found character '\\t' that cannot start any token."],
    ),
    "a bracket left open": (
        "language: fr\nlanguages: [fr, en\nweb: {}",
        ["lumiera.yaml:3: this is no YAML: expected ',' or ']', but got ':'."],
    ),
    "two documents": (
        "language: fr\n---\nlanguage: en",
        ["lumiera.yaml:2: this is no YAML: but found another document."],
    ),
    "a control character": (
        "language: f\x01r",
        ["lumiera.yaml:1: this is no YAML: unacceptable character #x0001: special characters are not allowed."],
    ),
    "a list at the top": ("- language: fr", ["lumiera.yaml:1: expected keys with values."]),
    "a word at the top": ("hello", ["lumiera.yaml:1: expected keys with values."]),
}

SECOND_PASS = {
    "unknown stage": (
        _pipeline("authenticate", "route", "replly", "persistence"),
        ["lumiera.yaml:5: pipeline[2]: unknown stage 'replly'. Did you mean 'reply'?"],
    ),
    "unknown stage with settings": (
        _pipeline("authenticate", "telepathy: {range: 3}", *ENDS[1:]),
        ["lumiera.yaml:4: pipeline[1]: unknown stage 'telepathy'."],
    ),
    "unknown setting of a stage": (
        _pipeline("authenticate", "consent", "limits", "transcription: {timout: 20s}", *ENDS[1:]),
        ["lumiera.yaml:6: pipeline[3].transcription: unknown key 'timout'. Did you mean 'timeout'?"],
    ),
    "bad setting of a stage": (
        _pipeline("authenticate: {unknown_users: ignore}", "limits:\n      per_minute: many", *ENDS[1:]),
        [
            "lumiera.yaml:3: pipeline[0].authenticate.unknown_users: expected 'register' or 'refuse', got 'ignore'.",
            "lumiera.yaml:5: pipeline[1].limits.per_minute: expected a number, got 'many'.",
        ],
    ),
    "settings of a stage that are none": (
        _pipeline("authenticate", "limits: 10", *ENDS[1:]),
        ["lumiera.yaml:4: pipeline[1].limits: expected keys with values, got 10."],
    ),
    "settings not indented": (
        _pipeline("authenticate", "limits:\n    per_minute: 10", "7", *ENDS[1:]),
        [
            "lumiera.yaml:4: pipeline[1]: expected one stage, its settings indented below its name.",
            "lumiera.yaml:6: pipeline[2]: expected one stage, its settings indented below its name.",
        ],
    ),
    "unknown plugin of a stage": (
        _pipeline("authenticate", "intent:\n      plugins: [depot,\n        dpot, claude]", *ENDS[1:]),
        [
            "lumiera.yaml:6: pipeline[1].intent.plugins[1]: unknown plugin 'dpot'. Did you mean 'depot'?",
            "lumiera.yaml:6: pipeline[1].intent.plugins[2]: unknown plugin 'claude'.",
        ],
    ),
    **{
        what: (_pipeline(*items), [f"lumiera.yaml:2: {FRAME}"])
        for what, items in {
            "authenticate not first": ("consent", *ENDS),
            "authenticate twice": ("authenticate", *ENDS),
            "persistence not last": ("authenticate", "route", "persistence", "reply"),
            "persistence twice": (*ENDS, "persistence"),
            "no reply": ("authenticate", "route", "persistence"),
            "one stage": ("authenticate",),
        }.items()
    },
    "nothing in the pipeline": (
        "plugins: {depot: {url: 'https://a'}}\npipeline: []",
        [f"lumiera.yaml:2: {FRAME}"],
    ),
    "unknown intent": (
        _pipeline(*ENDS) + "\nrouting:\n  intents:\n    help: {fast_path: 1}\n    report_incidnt: {}",
        [
            "lumiera.yaml:10: routing.intents.report_incidnt: unknown intent 'report_incidnt'. "
            "Did you mean 'report_incident'?"
        ],
    ),
}


@pytest.mark.parametrize(("text", "messages"), FIRST_PASS.values(), ids=FIRST_PASS)
def test_a_mistake_of_the_first_pass_is_told_exactly(said: Messages, text: str, messages: list[str]) -> None:
    assert said(text) == messages


@pytest.mark.parametrize(("text", "messages"), SECOND_PASS.values(), ids=SECOND_PASS)
def test_a_mistake_of_the_second_pass_is_told_exactly(said: Messages, text: str, messages: list[str]) -> None:
    assert said(text) == messages


@pytest.mark.parametrize("text", [text for text, _ in (FIRST_PASS | SECOND_PASS).values()])
def test_no_message_holds_a_value_of_the_environment(said: Messages, text: str) -> None:
    assert not [line for line in said(text) for value in ENV.values() if len(value) > 3 and value in line]


def test_an_alias_within_itself_is_no_yaml(said: Messages) -> None:
    (line,) = said("plugins: {depot: {url: 'https://a'}}\nescalation: &e\n  notify: [*e]")
    assert line.startswith("lumiera.yaml:1: this is no YAML: maximum recursion depth exceeded")


def test_all_mistakes_of_a_pass_are_told_at_once_in_the_order_of_the_file(said: Messages) -> None:
    text = "web: {prot: 1}\nplugins:\n  depot: {siez: 3}\n  nowhere:\nlanguage: ${MISSING}\nlogging: {level: loud}\n"
    assert said(text) == [
        "lumiera.yaml:1: web: unknown key 'prot'. Did you mean 'port'?",
        "lumiera.yaml:3: plugins.depot: missing key 'url'.",
        "lumiera.yaml:3: plugins.depot: unknown key 'siez'. Did you mean 'size'?",
        "lumiera.yaml:4: plugins.nowhere: no such plugin is installed. "
        "If it is lumiera-nowhere: pip install lumiera-nowhere.",
        "lumiera.yaml:5: language: environment variable 'MISSING' is not set. "
        "Set it, or give a default: ${NAME:-default}.",
        "lumiera.yaml:6: logging.level: expected 'debug', 'info', 'warning' or 'error', got 'loud'.",
    ]


def test_the_second_pass_waits_for_the_first(said: Messages) -> None:
    both = _pipeline("consent").replace("url", "ulr")
    assert said(both) == [
        "lumiera.yaml:1: plugins.depot: missing key 'url'.",
        "lumiera.yaml:1: plugins.depot: unknown key 'ulr'. Did you mean 'url'?",
    ]
    assert all("pipeline" in line for line in said(_pipeline("consent")))


def test_an_unknown_name_is_perhaps_from_a_plugin_that_failed(said: Messages) -> None:
    text = (
        "plugins:\n  depot: {url: 'https://a'}\n  whisper: {critical: false}\nrouting: {intents: {dictate: {}}}\n"
        "pipeline:\n  - authenticate\n  - telepathy\n  - transcription: {plugins: [whisper]}\n"
        "  - route\n  - reply\n  - persistence\n"
    )
    assert said(text) == [
        "lumiera.yaml:4: routing.intents.dictate: unknown intent 'dictate'. Perhaps from 'whisper', which failed.",
        "lumiera.yaml:7: pipeline[1]: unknown stage 'telepathy'. Perhaps from 'whisper', which failed.",
    ]
