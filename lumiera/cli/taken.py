"""What a new plugin may not take from those that are installed: names of intents, phrases of users, keys of texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import yaml

from lumiera.app import LOCALES
from lumiera.cli.options import DEFAULT
from lumiera.cli.values import models
from lumiera.config import LANGUAGES
from lumiera.errors import LumieraError
from lumiera.hooks import Hooks
from lumiera.intents import Intent, normalise
from lumiera.loading import Document
from lumiera.plugins import Plugins, collect_examples, load_plugins
from lumiera.texts import Texts


def taken(name: str, files: Mapping[str, str]) -> str:
    """Say what the files of a plugin would take from another one; empty if nothing."""
    said = {normalise(one) for several in yaml.safe_load(files[f"{name}/examples.yaml"]).values() for one in several}
    keys = set(re.findall(r"^([\w-]+) =", files[f"{name}/texts/en.ftl"], re.MULTILINE))
    everything = {"plugins": dict.fromkeys(models())}
    plugins = load_plugins(Document(everything, [], {(): f"{DEFAULT}:1"}, [], DEFAULT, None))
    for intent in _intents(plugins):
        if intent.name == name or said & {normalise(text) for _, text in intent.phrases()}:
            return f"it is the name or an example of the intent {intent.name!r} of {intent.plugin!r}."
    texts = _texts(plugins)
    for key, entry in texts.messages("en").items():
        typed = texts.labels(key) if entry.attributes else ()
        if key in keys or said & set(map(normalise, typed)):
            return f"it is what users type for, or the beginning of, the text {key!r}."
    return ""


def _intents(plugins: Plugins) -> Iterator[Intent]:
    """Yield the intents of every plugin that has no mistake in them."""
    for implementation in plugins.implementations.get("register_intents", ()):
        try:
            for plugin, intent in Hooks({"register_intents": [implementation]}).collect("register_intents"):
                yield collect_examples(intent, plugin, plugins.package_of(plugin), LANGUAGES)
        except LumieraError:  # `lumiera check` says it
            continue


def _texts(plugins: Plugins) -> Texts:
    texts = Texts(LANGUAGES, "en")
    texts.add("core", LOCALES)
    for plugin, package in plugins.packages.items():
        texts.add(plugin, package / "texts")
    return texts
