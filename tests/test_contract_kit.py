"""The contract of plugins: ours keep it, and one that breaks every rule is told how to put each right."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from lumiera.testing import contract

TWILIO = {
    "account_sid": f"AC{'0' * 32}",
    "auth_token": "0" * 32,
    "from": "+14155238886",
    "public_url": "https://bot.example",
}

test_essentials = contract.of("essentials")
test_media = contract.of("media")
test_simulator = contract.of("simulator")
test_sql = contract.of("sql")
test_twilio = contract.of("twilio")


@pytest.fixture
def lumiera_config(request: pytest.FixtureRequest) -> Mapping[str, object]:
    """Give the plugin under test the settings that it cannot be without."""
    return {"plugins": {"twilio": TWILIO}} if request.node.originalname == "test_twilio" else {}


# --- plugins that break it -----------------------------------------------------------------------------------------

Judge = Callable[..., Awaitable[str]]
NINE = ("fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar")


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Install the plugin `bad` and return what a rule of its contract, which must fail, says."""
    site, name = tmp_path / "site", f"bad_{uuid.uuid4().hex}"

    async def write(
        rule: str, files: Mapping[str, str], *, metadata: str = "", points: int = 1, settings: object = None
    ) -> str:
        for number in range(points):
            about = f"lumiera_bad{number}-1.0.dist-info"
            head = f"Metadata-Version: 2.1\nName: lumiera-bad{number}\nVersion: 1.0\n"
            point = f"[lumiera]\nbad = {name}:Plugin\n"
            files = {**files, f"{about}/METADATA": head + metadata, f"{about}/entry_points.txt": point}
        for path, text in files.items():
            place = site / path.replace("bad_plugin", name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(site)
        (wanted,) = [one for one in contract.RULES if one.__name__ == rule]
        with pytest.raises(pytest.fail.Exception) as told:
            await contract.of("bad")(wanted, tmp_path, {"plugins": {"bad": settings}}, {})
        return str(told.value).replace(f"{site}/", "").replace(name, "bad_plugin")

    return write


def package(source: str, **texts: str) -> dict[str, str]:
    """Return the files of a package in good shape."""
    head = "from lumiera import Intent, Turn, free_text, hookimpl, number\n"
    written = {f"bad_plugin/texts/{language}.ftl": text for language, text in texts.items()}
    return {"bad_plugin/__init__.py": head + source, "bad_plugin/py.typed": "", **written}


def intents(*handlers: str, examples: str = "{'fr': ['dire NAME']}", **fields: str) -> str:
    """Return the source of a plugin that has an intent for each handler."""
    more = "".join(f", {name}={value!r}" for name, value in fields.items())
    made = [f"Intent({one!r}, {one}, examples={examples.replace('NAME', one)}{more})" for one in handlers]
    hook = f"    @hookimpl\n    def register_intents(self) -> list[Intent]:\n        return [{', '.join(made)}]\n"
    return f"class Plugin:\n{hook}"


NOTHING = "class Plugin: ...\n"
SAYS = "async def say(turn: Turn) -> str:\n    return 'x'\n\n"


async def test_what_a_distribution_lacks_is_told_with_the_way_to_it(judge: Judge) -> None:
    files = package(NOTHING)
    del files["bad_plugin/py.typed"]
    told = await judge("package", files, metadata="Requires-Dist: lumiera-core>=0.1\n")
    assert "bad_plugin/py.typed is missing" in told
    assert 'pyproject.toml of lumiera-bad0 names no README: write one, and readme = "README.md"' in told
    assert "'lumiera-core>=0.1' has no upper bound" in told
    assert "then install it again: python -m pip install -e ." in told


@pytest.mark.parametrize(
    ("needed", "is_bound"),
    [
        ("lumiera-core==0.1.0", True),
        ("lumiera-sql[fast]~=0.1", True),
        ("lumiera-core @ file:///wheels/core.whl", True),
        ("lumiera-core<0.2,>=0.1 ; python_version > '3'", True),
        ("lumiera-core>=0.1 ; extra == 'dev'", True),
        ("lumiera-core>=0.1 ; python_version < '4'", False),
    ],
)
async def test_whatever_bounds_a_version_will_do(judge: Judge, needed: str, *, is_bound: bool) -> None:
    told = await judge("package", package(NOTHING), metadata=f"Requires-Dist: {needed}\n")
    assert ("has no upper bound" in told) != is_bound


async def test_a_module_is_no_package(judge: Judge) -> None:
    assert "bad_plugin is no package" in await judge("package", {"bad_plugin.py": NOTHING})


@pytest.mark.parametrize(
    ("points", "what"), [(0, "no installed distribution has"), (2, "2 installed distributions have")]
)
async def test_a_plugin_has_one_entry_point(judge: Judge, points: int, what: str) -> None:
    told = await judge("package", package(NOTHING), points=points)
    assert told.startswith(f"{what} the entry point 'bad' in the group 'lumiera'. Write ")


@pytest.mark.parametrize("rule", ["hooks", "examples", "texts", "dialogues"])
async def test_a_hook_that_is_misspelt_fails_every_rule_that_needs_the_bot(judge: Judge, rule: str) -> None:
    files = package("class Plugin:\n    @hookimpl\n    def register_intent(self) -> None: ...\n")
    assert "there is no hook 'register_intent'. Did you mean 'register_intents'?" in await judge(rule, files)


@pytest.mark.parametrize("rule", ["hooks", "texts"])
async def test_a_plugin_that_the_bot_starts_without_is_told_too(judge: Judge, rule: str) -> None:
    source = "raise OSError('no licence')\n"
    told = await judge(rule, package(source), settings={"critical": False})
    assert "'bad' is not loaded: " in told
    assert "OSError: no licence" in told


async def test_a_plugin_without_hooks_is_told_to_mark_them(judge: Judge) -> None:
    told = await judge("hooks", package("class Plugin:\n    def register_intents(self) -> None: ...\n"))
    assert "'bad' brings no hook: mark its functions or methods with @hookimpl." in told


SETTINGS = """
from pydantic import BaseModel, Field

class Inner(BaseModel):
    depth: int = Field(default=1, description="How deep.")

class Settings(BaseModel):
    "What may be set; `named` is told here."
    named: int = 1
    untold: int = 1
    auth_token: str = Field(default="", description="A secret.")
    inner: Inner = Field(default_factory=Inner, description="More.")

class Plugin:
    Settings = Settings
    def __init__(self, settings: Settings) -> None: ...
"""


async def test_settings_are_strict_described_and_masked(judge: Judge) -> None:
    told = await judge("settings", package(SETTINGS))
    for model in ("Settings", "Inner"):
        strict = f'{model} is not strict: write model_config = ConfigDict(extra="forbid", frozen=True) into it.'
        assert strict in told.splitlines()
    assert "Settings.untold is not described" in told
    assert "Settings.auth_token looks like a secret and would be shown: make it a SecretStr." in told
    assert "Settings.named" not in told


async def test_examples_lead_from_every_language_and_to_one_intent(judge: Judge) -> None:
    files = package(SAYS + intents("say", examples="'examples.yaml'"))
    told = await judge("examples", {**files, "bad_plugin/examples.yaml": "fr: [bonjour]\nen: [say it]\n"})
    for language in NINE[2:]:
        assert f"intent 'say': no example in {language!r}. Add what users say to bad_plugin/examples.yaml." in told
    assert "'bonjour' is an example of 'say' and 'greeting': it decides for none. Leave it to one." in told


async def test_an_example_that_leads_to_no_intent_is_told(judge: Judge) -> None:
    told = await judge("dialogues", package(SAYS + intents("say", examples="{'fr': ['bonjour']}")))
    assert told.startswith("intent 'say', opened by 'bonjour': this leads to no intent.")


async def test_texts_are_whole_and_without_mistakes(judge: Judge) -> None:
    complete = dict.fromkeys(NINE, "bad-said = Oui\nbad-title = Non\n")
    broken = {"pl": "bad-said = Tak\n", "de": "bad-said = Ja\nbad-title = {\n"}
    told = await judge("texts", package(SAYS + intents("say"), **{**complete, **broken}))
    assert "bad_plugin/texts/pl.ftl lacks what others have: bad-title. Write it there." in told
    assert "bad_plugin/texts/de.ftl:3: Expected" in told
    assert "/fr.ftl" not in told


async def test_a_title_that_no_row_holds_is_told(judge: Judge) -> None:
    texts = dict.fromkeys(NINE, f"bad-menu = {'long ' * 6}\n")
    told = await judge("texts", package(SAYS + intents("say", menu="bad-menu"), **texts))
    assert told.count("text 'bad-menu' has 29 characters; a row holds 24") == len(NINE)


async def test_a_title_that_there_is_not_is_told(judge: Judge) -> None:
    told = await judge("texts", package(SAYS + intents("say", menu="nowhere")))
    assert "intent 'say': its title 'nowhere' is no text. Add it to the files in bad_plugin/texts." in told


DIALOGUES = """
import random

async def endless(turn: Turn) -> str:
    for place in range(100):
        await turn.ask(number("bad-said", minimum=5, name=f"n{place}"))
    return "never"

async def broken(turn: Turn) -> str:
    await turn.ask(free_text("bad-said"))
    raise ValueError("out of order")

async def fickle(turn: Turn) -> str:
    if random.random() < 0.5:
        await turn.ask(free_text("bad-said", name="a"))
    await turn.ask(free_text("bad-said", name="b"))
    return "done"

async def silent(turn: Turn) -> str:
    return ""

async def wordless(turn: Turn) -> str:
    return turn.text_for("bad-unknown")
"""


async def test_dialogues_that_go_wrong_are_each_told_by_intent_and_example(judge: Judge) -> None:
    source = DIALOGUES + intents("endless", "broken", "fickle", "silent", "wordless")
    told = await judge("dialogues", package(source, **dict.fromkeys(NINE, "bad-said = Combien ?\n")))
    faults = {line.split("'")[1]: line for line in told.splitlines() if line.startswith("intent '")}
    assert list(faults) == ["endless", "broken", "fickle", "silent", "wordless"]
    assert "opened by 'dire endless': after 20 answers it still asks 'n19'." in faults["endless"]
    assert "out of order" in faults["broken"]
    assert "What steers a handler must be journaled" in faults["fickle"]
    assert "nothing is answered" in faults["silent"]
    assert "text 'bad-unknown' in 'fr': no language has it" in faults["wordless"]
