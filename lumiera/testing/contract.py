"""What every plugin keeps to: one line in its tests, and each rule is a test of its own.

    test_contract = contract.of("depot_hours")

The plugin must be installed. What it needs to load is given as in its other tests, by the fixtures `lumiera_config` and
`lumiera_plugins`. A rule that fails names the file or key, and the way out.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from pydantic import BaseModel, SecretBytes, SecretStr

from lumiera.app import Lumiera
from lumiera.cli.proofread import missing, problems
from lumiera.cli.values import fields
from lumiera.errors import LumieraError
from lumiera.intents import Intent
from lumiera.loading import classes
from lumiera.testing.bot import TestBot
from lumiera.testing.talk import Talk
from lumiera.texts import Source, Texts

AGAIN = "then install it again: python -m pip install -e ."
SHOWN = 5  # keys in one message
_SECRET = re.compile(r"(token|secret|password)s?$")
_BOUND = re.compile(r"<|==|~=|@")  # the last one before an address, which is of one version


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A plugin under test."""

    name: str
    config: Mapping[str, Any]
    others: Mapping[str, object]
    folder: Path

    @property
    def entry(self) -> EntryPoint:
        """Return its entry point; the test fails where it has none."""
        found = list(entry_points(group="lumiera", name=self.name))
        if len(found) != 1:
            what = "no installed distribution has" if not found else f"{len(found)} installed distributions have"
            way = f"Write [project.entry-points.lumiera] {self.name} = ... in one pyproject.toml, {AGAIN}"
            pytest.fail(f"{what} the entry point {self.name!r} in the group 'lumiera'. {way}", pytrace=False)
        return found[0]

    @property
    def kit(self) -> TestBot:
        """Return a bot that has the plugin, not started."""
        plugins = {self.name: None, **self.config.get("plugins", {})}
        return TestBot(self.folder, config={**self.config, "plugins": plugins}, plugins=self.others)

    @cached_property
    def bot(self) -> Lumiera:
        """Return the bot as it is loaded; the test fails where it cannot be, or does without the plugin."""
        try:
            bot = Lumiera.load(self.kit.path, extra=self.others)
        except LumieraError as error:
            pytest.fail(error.message, pytrace=False)
        (info,) = [info for info in bot.plugins.infos if info.name == self.name]
        if info.status != "loaded":
            pytest.fail(f"{self.name!r} is not loaded: {info.reason}", pytrace=False)
        return bot

    @property
    def package(self) -> Path:
        """Return the folder where its texts and examples lie."""
        return self.bot.plugins.packages[self.name]


async def package(subject: Subject) -> AsyncIterator[str]:
    """Tell what its distribution lacks for those who install it."""
    entry = subject.entry
    if not re.fullmatch(r"[a-z][a-z0-9_]*", entry.name):
        yield f"the entry point {entry.name!r} is written in lumiera.yaml: use lower-case letters, digits and _."
    top = entry.module.partition(".")[0]
    spec = find_spec(top)
    if spec is None or not spec.origin or not spec.submodule_search_locations:
        yield f"{top} is no package: texts and examples lie in one. Make it {top}/__init__.py, {AGAIN}"
    elif not (typed := Path(spec.origin).parent / "py.typed").is_file():
        yield f"{typed} is missing: without it nobody's type checker sees the plugin. Write an empty one."
    if entry.dist is None:
        return
    about = entry.dist.metadata
    if not "".join(about.get_all("Description") or []).strip():
        yield f'pyproject.toml of {about["Name"]} names no README: write one, and readme = "README.md", {AGAIN}'
    for needed in entry.dist.requires or []:
        wanted, _, marker = needed.partition(";")
        if wanted.startswith("lumiera") and "extra ==" not in marker and not _BOUND.search(wanted):
            yield f"{needed!r} has no upper bound: a later one may not fit. Write one, such as <0.2 for 0.1, {AGAIN}"


async def hooks(subject: Subject) -> AsyncIterator[str]:
    """Tell why the bot cannot load it, or that it brings nothing; loading checks the signatures."""
    if not any(info.hooks for info in subject.bot.plugins.infos if info.name == subject.name):
        yield f"{subject.name!r} brings no hook: mark its functions or methods with @hookimpl."


async def settings(subject: Subject) -> AsyncIterator[str]:
    """Tell which of its settings are not strict, not described, or secrets that would be shown."""
    model = getattr(subject.entry.load(), "Settings", None)
    if model is not None:
        for problem in _settings(model):
            yield problem


def _settings(model: type[BaseModel]) -> Iterator[str]:
    strict = {"extra": "forbid", "frozen": True}
    if {name: model.model_config.get(name) for name in strict} != strict:
        yield f'{model.__name__} is not strict: write model_config = ConfigDict(extra="forbid", frozen=True) into it.'
    for key, field in fields(model).items():
        place = f"{model.__name__}.{key}"
        if not field.description and f"`{key}`" not in (model.__doc__ or ""):
            yield f'{place} is not described: Field(description="..."); `lumiera config explain` and editors show it.'
        kinds = list(classes(field.annotation))
        if _SECRET.search(key) and str in kinds and not {SecretStr, SecretBytes} & set(kinds):
            yield f"{place} looks like a secret and would be shown: make it a SecretStr."
        for kind in kinds:
            if issubclass(kind, BaseModel):
                yield from _settings(kind)


async def examples(subject: Subject) -> AsyncIterator[str]:
    """Tell which languages do not lead to its intents, and which examples lead to two."""
    bot = subject.bot
    written = {intent.name: intent.examples for _, intent in bot.hooks.collect("register_intents")}
    for intent in _intents(bot, subject.name):
        told, file = {language for language, _ in intent.phrases()}, written[intent.name]
        where = f"to {subject.package / file}" if isinstance(file, str) else "as examples={...}"
        for language in bot.config.languages:
            if language not in told:
                yield f"intent {intent.name!r}: no example in {language!r}. Add what users say {where}."
    for text, names in bot.intents.conflicts():
        if any(bot.intents[name].plugin == subject.name for name in names):
            yield f"{text!r} is an example of {' and '.join(map(repr, names))}: it decides for none. Leave it to one."


async def texts(subject: Subject) -> AsyncIterator[str]:
    """Tell which texts a language lacks, has with a mistake, or too long for a phone."""
    bot, folder = subject.bot, subject.package / "texts"
    own = Texts(bot.config.languages, bot.config.language)
    own.sources.append(Source.read(subject.name, folder))
    lacking = missing(own)
    for language in own.languages:
        if keys := [key for key, one in lacking if one == language]:
            more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
            yield f"{folder / language}.ftl lacks what others have: {', '.join(keys[:SHOWN])}{more}. Write it there."
    menu = {intent.menu for intent in bot.intents.values() if intent.menu}
    for problem in map(str, problems(bot.texts, menu)):
        if problem.startswith(str(folder)):
            yield problem
    for intent in _intents(bot, subject.name):
        if intent.menu and intent.menu not in bot.texts.messages(bot.config.language):
            yield f"intent {intent.name!r}: its title {intent.menu!r} is no text. Add it to the files in {folder}."


async def dialogues(subject: Subject) -> AsyncIterator[str]:
    """Tell which dialogues do not come to their end, in any language, or run otherwise when they run again."""
    subject.bot  # noqa: B018 - fails where it cannot be loaded
    async with subject.kit as bot:
        talk = Talk(bot)
        for intent in _intents(bot.lumiera, subject.name):
            for language in bot.lumiera.config.languages:
                async for problem in talk.walk(intent, language):
                    yield problem


def _intents(bot: Lumiera, plugin: str) -> list[Intent]:
    return [intent for intent in bot.intents.values() if intent.plugin == plugin]


Rule: TypeAlias = Callable[[Subject], AsyncIterator[str]]
RULES: tuple[Rule, ...] = (package, hooks, settings, examples, texts, dialogues)


def of(plugin: str) -> Callable[..., Awaitable[None]]:
    """Return the contract test of the plugin with this entry point."""

    async def contract(
        rule: Rule, tmp_path: Path, lumiera_config: Mapping[str, Any], lumiera_plugins: Mapping[str, object]
    ) -> None:
        subject = Subject(name=plugin, config=lumiera_config, others=lumiera_plugins, folder=tmp_path)
        found = [problem async for problem in rule(subject)]
        if found:
            pytest.fail("\n".join(found), pytrace=False)

    each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
    test: Callable[..., Awaitable[None]] = pytest.mark.asyncio(each_rule(contract))  # whatever mode the tests are in
    return test
