"""Finding, ordering and building plugins that are fine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel, SecretStr

from lumiera.hooks import Implementation
from lumiera.hookspecs import hookimpl
from lumiera.intents import Intent
from lumiera.loading import read_config, read_document
from lumiera.messages import LanguageMatch, Reply
from lumiera.plugins import Plugins, load_plugins
from lumiera.turn import Turn


async def _hours(turn: Turn) -> Reply | str:
    return "07:00"


class Early:
    @hookimpl
    async def detect_language(self, text: str) -> LanguageMatch | None:
        return None

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("early", _hours)]


class Late:
    @hookimpl
    async def detect_language(self, turn: Turn, text: str) -> LanguageMatch | None:
        return LanguageMatch(language="fr")

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent("late", _hours)]

    @staticmethod
    @hookimpl
    async def on_turn_finished(turn: Turn) -> None: ...


class WiredSettings(BaseModel):
    url: str = "here"
    key: SecretStr = SecretStr("")


class Wired:
    """A plugin with settings."""

    Settings = WiredSettings

    def __init__(self, settings: WiredSettings) -> None:
        self.settings = settings

    @hookimpl
    def register_intents(self) -> list[Intent]:
        return [Intent(self.settings.url, _hours)]


def _intents(plugins: Plugins) -> list[str]:
    return [intent.name for one in plugins.implementations["register_intents"] for intent in one.call({})]


Load = Callable[..., Plugins]
Install = Callable[..., None]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Return a function that loads the plugins of a YAML text, with plugins of this process."""
    monkeypatch.chdir(tmp_path)

    def load(text: str, without: tuple[str, ...] = (), **extra: object) -> Plugins:
        Path("lumiera.yaml").write_text(text, encoding="utf-8")
        return load_plugins(read_document(Path("lumiera.yaml"), {"KEY": "hunter2"}), extra, without)

    return load


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that puts a distribution with one plugin on disk, as pip would."""
    before = set(sys.modules)

    def install(distribution: str, plugin: str, files: dict[str, str], target: str, version: str = "1.0") -> None:
        site = tmp_path / "site" / distribution
        info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[lumiera]\n{plugin} = {target}\n")
        for name, text in files.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(site)

    yield install
    for name in set(sys.modules) - before:
        del sys.modules[name]


HOURS = "from lumiera import hookimpl\n\n@hookimpl\ndef register_intents():\n    return []\n"


def test_an_installed_plugin_that_the_file_names_is_loaded(install: Install, load: Load) -> None:
    install("acme-hours", "hours", {"acme_hours/__init__.py": HOURS}, "acme_hours", version="2.1")
    plugins = load("plugins: {hours: }")
    info = plugins.infos[0]
    assert (info.name, info.distribution, info.version, info.status) == ("hours", "acme-hours", "2.1", "loaded")
    assert info.hooks == ("register_intents",)
    assert info.reason == ""
    assert plugins.problems == []


def test_an_installed_plugin_that_the_file_does_not_name_is_disabled_and_not_imported(
    install: Install, load: Load
) -> None:
    install("acme-hours", "hours", {"acme_hours.py": "raise RuntimeError"}, "acme_hours")
    plugins = load("plugins: {}")
    info = next(info for info in plugins.infos if info.name == "hours")
    assert (info.status, info.reason, info.distribution) == ("disabled", "not named in plugins:", "acme-hours")
    assert "acme_hours" not in sys.modules
    assert plugins.named("loaded") == []


def test_two_distributions_with_one_name_are_both_named(install: Install, load: Load) -> None:
    install("acme-hours", "hours", {"acme_hours.py": HOURS}, "acme_hours")
    install("other-hours", "hours", {"other_hours.py": HOURS}, "other_hours")
    (problem,) = load("plugins:\n  hours:\n").problems
    assert str(problem).startswith("lumiera.yaml:2: plugins.hours: several distributions bring this plugin: ")
    assert "'acme-hours'" in str(problem)
    assert "'other-hours'" in str(problem)
    assert str(problem).endswith("Uninstall all but one.")


def test_two_distributions_with_one_name_do_no_harm_while_nobody_asks_for_it(install: Install, load: Load) -> None:
    install("acme-hours", "hours", {"acme_hours.py": HOURS}, "acme_hours")
    install("other-hours", "hours", {"other_hours.py": HOURS}, "other_hours")
    assert load("plugins: {hours: false}").problems == []


def test_a_plugin_that_is_not_installed_is_told_with_the_nearest_one_or_with_pip(install: Install, load: Load) -> None:
    install("acme-hours", "hours", {"acme_hours.py": HOURS}, "acme_hours")
    problems = [str(problem) for problem in load("plugins:\n  huors:\n  barometer:\n").problems]
    assert problems == [
        "lumiera.yaml:2: plugins.huors: no such plugin is installed. Did you mean 'hours'?",
        "lumiera.yaml:3: plugins.barometer: no such plugin is installed. "
        "If it is lumiera-barometer: pip install lumiera-barometer.",
    ]


def test_an_entry_point_that_names_nothing_is_told(install: Install, load: Load) -> None:
    install("acme-hours", "hours", {"acme_hours.py": HOURS}, "acme_hours:Hours")
    (problem,) = load("plugins: {hours: }").problems
    assert "plugins.hours: could not be imported: AttributeError: module 'acme_hours' has no" in str(problem)


def test_plugins_are_asked_in_the_order_of_the_file(load: Load) -> None:
    for text, order in (("plugins: {b: , a: }", ["b", "a"]), ("plugins: {a: , b: }", ["a", "b"])):
        plugins = load(text, a=Early, b=Late)
        assert [one.plugin for one in plugins.implementations["detect_language"]] == order
        assert _intents(plugins) == [{"a": "early", "b": "late"}[name] for name in order]
        assert plugins.named("loaded") == order


def test_an_implementation_says_which_arguments_it_takes_in_its_own_order(load: Load) -> None:
    implementations = load("plugins: {a: , b: }", a=Early, b=Late).implementations["detect_language"]
    assert all(isinstance(one, Implementation) for one in implementations)
    assert [one.argnames for one in implementations] == [("text",), ("turn", "text")]


def test_hooks_are_listed_in_the_order_in_which_they_fire(load: Load) -> None:
    info = load("plugins: {late: }", late=Late).infos[0]
    assert info.hooks == ("register_intents", "detect_language", "on_turn_finished")


def test_a_module_a_class_and_an_instance_are_plugins(load: Load) -> None:
    module = ModuleType("opening")
    exec(HOURS, vars(module))
    plugins = load("plugins: {module: , kind: , instance: }", module=module, kind=Early, instance=Late())
    assert plugins.problems == []
    assert plugins.named("loaded") == ["module", "kind", "instance"]


def test_plugins_of_this_process_come_last_where_the_file_does_not_name_them(load: Load) -> None:
    plugins = load("plugins: {b: }", a=Early, b=Late)
    assert plugins.named("loaded") == ["b", "a"]
    assert load("", a=Early).named("loaded") == ["a"]


def test_a_plugin_of_this_process_hides_an_installed_one(install: Install, load: Load) -> None:
    install("acme-hours", "hours", {"acme_hours.py": "raise RuntimeError"}, "acme_hours")
    info = load("plugins: {hours: }", hours=Early).infos[0]
    assert (info.status, info.distribution, info.version) == ("loaded", "", "")


def test_a_plugin_may_be_left_out_by_the_file_or_by_the_caller(load: Load) -> None:
    plugins = load("plugins: {a: false, b: }", ("b",), a=Early, b=Late)
    assert plugins.named("loaded") == []
    assert {info.name: info.reason for info in plugins.infos if info.name in ("a", "b")} == {
        "a": "left out",
        "b": "left out",
    }


def test_a_plugin_gets_its_settings(load: Load) -> None:
    plugins = load("plugins: {w: {url: there, key: '${KEY}', critical: true}}", w=Wired)
    assert plugins.problems == []
    assert _intents(plugins) == ["there"]


def test_a_plugin_without_a_word_has_its_default_settings(load: Load) -> None:
    assert _intents(load("plugins: {w: }", w=Wired)) == ["here"]


def test_one_object_cannot_be_two_plugins(load: Load) -> None:
    plugin = Early()
    plugins = load("plugins: {a: , b: }", a=plugin, b=plugin)
    (problem,) = plugins.problems
    assert str(problem).startswith(
        "lumiera.yaml:1: plugins.b: could not be built: ValueError: Plugin already registered"
    )
    assert [one.plugin for one in plugins.implementations["detect_language"]] == ["a"]


def test_a_refused_plugin_leaves_nothing_behind(load: Load) -> None:
    class Half:
        @hookimpl
        async def detect_language(self, text: str) -> None: ...

        @hookimpl
        def registre_intents(self) -> list[Intent]:
            return []

    plugins = load("plugins: {half: }", half=Half)
    assert plugins.named("failed") == ["half"]
    assert not plugins.implementations["detect_language"]
    assert "registre_intents" not in plugins.implementations


def test_the_package_of_a_plugin_is_the_folder_of_its_entry_point(install: Install, load: Load, tmp_path: Path) -> None:
    install("acme-hours", "hours", {"acme_hours/__init__.py": HOURS}, "acme_hours")
    single = HOURS + "class Plugin: ...\n"
    install("acme-single", "single", {"acme_single.py": single}, "acme_single:Plugin")
    plugins = load("plugins: {hours: , single: , bare: }", bare=ModuleType("bare"))
    assert plugins.package_of("hours") == tmp_path / "site/acme-hours/acme_hours"
    assert plugins.package_of("single") == tmp_path / "site/acme-single"
    assert plugins.package_of("bare") is None
    assert plugins.package_of("nobody") is None


def test_no_secret_stands_in_the_repr_of_what_was_loaded(load: Load, tmp_path: Path) -> None:
    plugins = load("plugins: {w: {key: '${KEY}'}, x: {key: '${KEY}'}}", w=Wired)
    document = read_document(tmp_path / "lumiera.yaml", {"KEY": "hunter2"})
    assert "hunter2" not in repr((plugins, document, read_config(document, [])))
