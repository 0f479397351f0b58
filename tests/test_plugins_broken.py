"""The zoo: every broken plugin is named with what is wrong and the way out, and harms no other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from lumiera.errors import ConfigError
from lumiera.loading import Document, read_config, read_document
from lumiera.plugins import PluginInfo, Plugins, load_plugins

ZOO = Path(__file__).parent / "broken"
WAY_OUT = "Reinstall it, leave it out (plugins: {x: false}) or go on without it (x: {critical: false})."
NO_OPTIONS = (
    "@hookimpl takes no options: plugins run in the order of lumiera.yaml, and a stage is what does something "
    "before or after others."
)
ENV = {"KEY": "hunter2"}
Read = Callable[[str], Document]
Zoo = Callable[..., Plugins]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> Document:
        Path("lumiera.yaml").write_text(text, encoding="utf-8")
        return read_document(Path("lumiera.yaml"), ENV)

    return write


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Read) -> Iterator[Zoo]:
    """Return a function that installs a file of the zoo as plugin `x` beside a good plugin `good`, and loads both."""

    def load(animal: str, settings: str = "") -> Plugins:
        site = tmp_path / "site"
        distribution = site / "lumiera_x-1.2.dist-info"
        distribution.mkdir(parents=True)
        attribute = ":Plugin" if "class Plugin" in (ZOO / f"{animal}.py").read_text("utf-8") else ""
        (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: lumiera-x\nVersion: 1.2\n")
        (distribution / "entry_points.txt").write_text(f"[lumiera]\nx = {animal}{attribute}\n")
        monkeypatch.syspath_prepend(site)
        monkeypatch.syspath_prepend(ZOO)
        document = read(f"language: fr\nplugins:\n  x: {settings}\n  good:\n")
        return load_plugins(document, {"good": ModuleType("good")})

    before = set(sys.modules)
    yield load
    for name in set(sys.modules) - before:
        del sys.modules[name]


BROKEN = {
    "import_error": [
        "could not be imported: ModuleNotFoundError: No module named 'a_module_that_nobody_has' (import_error.py:3). "
        + WAY_OUT
    ],
    "exits_at_import": [f"could not be imported: SystemExit: goodbye (exits_at_import.py:5). {WAY_OUT}"],
    "syntax_error": [
        f"could not be imported: SyntaxError: invalid syntax (syntax_error.py, line 3) (LINE). {WAY_OUT}",
    ],
    "misspelt_hook": ["there is no hook 'register_intent'. Did you mean 'register_intents'?"],
    "unknown_argument": [
        "detect_language: unknown argument 'turns'. Did you mean 'turn'? It may take: text, turn.",
        "register_routes: unknown argument 'bot'. It takes none.",
    ],
    "default_argument": [
        "transcribe_audio: argument 'turn' has a default or a star and would never get a value. Make it a plain one."
    ],
    "star_arguments": [
        "translate_text: unknown argument 'rest'. It may take: text, source, target, turn.",
        "translate_text: unknown argument 'others'. It may take: text, source, target, turn.",
    ],
    "keyword_only": [
        "classify_intent: argument 'turn' has a default or a star and would never get a value. Make it a plain one."
    ],
    "wrapper_hook": [f"register_intents: {NO_OPTIONS}"],
    "tryfirst_hook": ["there is no hook 'answer'. Did you mean 'answer_turn'?", f"answer_turn: {NO_OPTIONS}"],
    "sync_hook": ["detect_language must be async: write async def detect_language(...)."],
    "async_register": ["register_intents must be sync: write def register_intents(...)."],
    "bad_settings": ["missing key 'key'."],
    "settings_no_model": [
        "could not be built: AttributeError: 'dict' object has no attribute 'model_validate' "
        f"(loading.py:LINE). {WAY_OUT}"
    ],
    "raises_in_init": [f"could not be built: RuntimeError: cannot sign in with '' (raises_in_init.py:12). {WAY_OUT}"],
    "wants_settings": [
        "could not be built: TypeError: Plugin.__init__() missing 1 required positional argument: 'settings' "
        f"(plugins.py:LINE). {WAY_OUT}"
    ],
}


@pytest.mark.parametrize(("animal", "reasons"), BROKEN.items(), ids=BROKEN)
def test_a_broken_plugin_is_named_with_the_reason_and_the_line(zoo: Zoo, animal: str, reasons: list[str]) -> None:
    problems = [str(problem) for problem in zoo(animal).problems]
    assert len(problems) == len(reasons)
    for problem, reason in zip(problems, reasons, strict=True):
        before, marker, after = reason.partition("LINE")
        expected = f"lumiera.yaml:3: plugins.x: {before}"
        assert problem == expected if not marker else problem.startswith(expected) and problem.endswith(after)


@pytest.mark.parametrize("animal", BROKEN)
def test_a_broken_plugin_harms_no_other(zoo: Zoo, animal: str) -> None:
    plugins = zoo(animal)
    statuses = {info.name: info.status for info in plugins.infos}
    assert (statuses["x"], statuses["good"]) == ("failed", "loaded")
    assert plugins.named("failed") == ["x"]
    assert not [one for many in plugins.implementations.values() for one in many]


@pytest.mark.parametrize("animal", BROKEN)
def test_the_bot_starts_without_a_broken_plugin_that_is_not_critical(read: Read, zoo: Zoo, animal: str) -> None:
    plugins = zoo(animal, "{critical: false}")
    assert plugins.problems == []
    info = next(info for info in plugins.infos if info.name == "x")
    assert (info.status, info.distribution, info.version) == ("failed", "lumiera-x", "1.2")
    assert "plugins.x: " in info.reason
    assert read_config(read("plugins: {x: {critical: false}}"), plugins.problems).plugins == {"x": {"critical": False}}


@pytest.mark.parametrize("animal", BROKEN)
def test_the_bot_does_not_start_with_a_broken_plugin_that_is_critical(read: Read, zoo: Zoo, animal: str) -> None:
    plugins = zoo(animal, "{critical: true}")
    with pytest.raises(ConfigError, match=r"lumiera\.yaml:3: plugins\.x: ") as caught:
        read_config(read(""), plugins.problems)
    assert caught.value.problems == plugins.problems


@pytest.mark.parametrize("animal", BROKEN)
def test_a_broken_plugin_that_is_left_out_is_not_even_imported(zoo: Zoo, animal: str) -> None:
    plugins = zoo(animal, "false")
    assert plugins.problems == []
    assert next(info.status for info in plugins.infos if info.name == "x") == "disabled"
    assert animal not in sys.modules


@pytest.mark.parametrize("animal", ["raises_in_hook", "hangs", "raising_property", "wrong_return"])
def test_a_plugin_that_only_misbehaves_when_called_is_loaded(zoo: Zoo, animal: str) -> None:
    plugins = zoo(animal)
    assert plugins.problems == []
    assert plugins.named("loaded") == ["x", "good"]
    assert [one.plugin for one in plugins.implementations["detect_language"]] == ["x"]


def test_a_value_of_the_environment_is_not_repeated_when_a_plugin_raises_it(zoo: Zoo) -> None:
    (problem,) = zoo("raises_in_init", "{key: '${KEY}'}").problems
    assert str(problem) == (
        "lumiera.yaml:3: plugins.x: could not be built: RuntimeError: cannot sign in with '***' "
        f"(raises_in_init.py:12). {WAY_OUT}"
    )


def test_a_validator_that_breaks_is_blamed_on_its_plugin(zoo: Zoo) -> None:
    (problem,) = zoo("raises_in_validator", "{key: a}").problems
    assert "plugins.x: could not be built: AttributeError: 'str' object has no attribute 'nothing_of" in str(problem)


def test_settings_are_told_with_what_is_missing_in_the_environment(zoo: Zoo) -> None:
    problems = [problem.message for problem in zoo("raises_in_init", "{key: '${NOWHERE}', kee: 1}").problems]
    assert problems == [
        "plugins.x.key: environment variable 'NOWHERE' is not set. Set it, or give a default: ${NAME:-default}.",
        "plugins.x: unknown key 'kee'. Did you mean 'key'?",
    ]


def test_a_plugin_that_is_not_critical_may_lack_its_variable(read: Read) -> None:
    class Plugin:
        def __init__(self) -> None:
            raise AssertionError("nobody builds it")

    document = read("plugins:\n  x: {key: '${NOWHERE}', critical: false}\n")
    plugins = load_plugins(document, {"x": Plugin})
    assert isinstance(next(iter(plugins.infos)), PluginInfo)
    assert plugins.named("failed") == ["x"]
    assert read_config(document, plugins.problems).language == "fr"
