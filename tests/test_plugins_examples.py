"""Examples that an intent keeps in a file of its plugin."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumiera.errors import PluginError
from lumiera.intents import Intent, Intents
from lumiera.messages import Reply
from lumiera.plugins import collect_examples
from lumiera.turn import Turn


async def _answer(turn: Turn) -> Reply | str:
    return "07:00"


def _read(package: Path, text: str, languages: tuple[str, ...] = ("fr", "en")) -> Intent:
    (package / "examples.yaml").write_text(text, encoding="utf-8")
    return collect_examples(Intent("hours", _answer, examples="examples.yaml"), "acme", package, languages)


def test_examples_are_read_from_the_package_of_the_plugin(tmp_path: Path) -> None:
    intent = _read(tmp_path, "fr: [quand ouvre le dépôt, horaires]\nen:\n  - opening hours\n")
    assert intent.examples == {"fr": ("quand ouvre le dépôt", "horaires"), "en": ("opening hours",)}
    assert intent.plugin == "acme"
    assert list(Intents([intent]).exact("Horaires !")) == ["hours"]


def test_examples_that_are_given_in_code_stay_and_the_plugin_is_set(tmp_path: Path) -> None:
    intent = collect_examples(Intent("hours", _answer, examples={"fr": ["horaires"]}), "acme", None, ("fr",))
    assert (intent.examples, intent.plugin) == ({"fr": ["horaires"]}, "acme")


def test_examples_may_be_in_any_language_of_the_core_or_of_the_site(tmp_path: Path) -> None:
    intent = _read(tmp_path, "pl: [godziny]\nnl: [openingstijden]\n", languages=("fr", "nl"))
    assert set(intent.examples) == {"pl", "nl"}


def test_an_empty_file_has_no_examples(tmp_path: Path) -> None:
    assert _read(tmp_path, "# soon\n").examples == {}


def test_dollars_are_text_in_examples(tmp_path: Path) -> None:
    assert _read(tmp_path, "fr: ['${HOME}']").examples == {"fr": ("${HOME}",)}


MISTAKES = {
    "unknown language": ("fr: [a]\nfrr: [b]", "examples.yaml:2: unknown key 'frr'. Did you mean 'fr'?"),
    "not a list": ("fr: horaires", "examples.yaml:1: fr: expected a list, got 'horaires'."),
    "empty text": ("fr:\n  - a\n  - ' '", "examples.yaml:3: fr[1]: String should match pattern '\\S', got ' '."),
    "a yes that is true": ("en:\n  - yes", "examples.yaml:2: en[0]: expected text, got True. Put it in quotes."),
    "nothing": ("en:\n  - a\n  -", "examples.yaml:3: en[1]: expected text. Put it in quotes."),
    "a language twice": (
        "fr: [a]\nfr: [b]",
        "examples.yaml:2: fr: stands here twice, first at examples.yaml:1. Remove one.",
    ),
    "a list": ("- a", "examples.yaml:1: expected keys with values."),
    "no YAML": ("fr: [a", "examples.yaml:1: this is no YAML: expected ',' or ']', but got '<stream end>'."),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_examples_names_plugin_intent_and_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PluginError) as caught:
        _read(tmp_path, text)
    assert str(caught.value) == f"plugin 'acme': intent 'hours': examples: {message}"


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(PluginError) as caught:
        _read(tmp_path, "{frr: [''], fr: ['', 3],\nen: no}\n")
    assert str(caught.value).splitlines() == [
        "plugin 'acme': intent 'hours': examples: examples.yaml:1: fr[0]: String should match pattern '\\S', got ''.",
        "examples.yaml:1: fr[1]: expected text, got 3. Put it in quotes.",
        "examples.yaml:1: unknown key 'frr'. Did you mean 'fr'?",
        "examples.yaml:2: en: expected a list, got False.",
    ]


def test_a_file_that_is_missing_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(PluginError) as caught:
        collect_examples(Intent("hours", _answer, examples="hours.yaml"), "acme", tmp_path, ("fr",))
    assert str(caught.value) == (
        "plugin 'acme': intent 'hours': examples: hours.yaml: there is no such file. "
        f"Looked for {tmp_path / 'hours.yaml'}."
    )


def test_a_plugin_without_a_package_cannot_name_a_file() -> None:
    with pytest.raises(PluginError, match=r"'hours\.yaml' has no package to lie in"):
        collect_examples(Intent("hours", _answer, examples="hours.yaml"), "acme", None, ("fr",))
