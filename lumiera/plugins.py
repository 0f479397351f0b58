"""Plugins: found by entry points, checked before they are registered, and blamed by name.

A plugin that cannot be loaded leaves the others alone: its mistakes are `Plugins.problems`, for the caller to raise,
or only its `PluginInfo.reason` where it is `critical: false`.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pluggy
from pydantic import BaseModel

from lumiera import hookspecs
from lumiera.config import LANGUAGES
from lumiera.document import Document, Node, read_nodes
from lumiera.errors import ConfigError, PluginError, Problem
from lumiera.hooks import Implementation
from lumiera.intents import Intent
from lumiera.loading import private_texts, suggest, validate

Status = Literal["loaded", "disabled", "failed"]
_WAY_OUT = "Reinstall it, leave it out (plugins: {{{0}: false}}) or go on without it ({0}: {{critical: false}})."
_OPTIONS = "Plugins run in the order of lumiera.yaml, and a stage is what does something before or after others."


@dataclass(frozen=True, kw_only=True)
class PluginInfo:
    """What became of a plugin; `reason` is why it is not loaded. In-process plugins have no distribution."""

    name: str
    distribution: str = ""
    version: str = ""
    status: Status = "disabled"
    reason: str = "not named in plugins:"
    hooks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plugins:
    """All plugins: those of `plugins:` in its order, then the other installed ones.

    `implementations` are those of each hook, in the order of `plugins:`. `errors` chain what a failed plugin raised.
    """

    infos: tuple[PluginInfo, ...]
    implementations: Mapping[str, Sequence[Implementation]]
    problems: Sequence[Problem] = ()
    errors: Mapping[str, PluginError]
    packages: Mapping[str, Path]

    def named(self, status: Status) -> list[str]:
        return [info.name for info in self.infos if info.status == status]

    def package_of(self, plugin: str) -> Path | None:
        """Return the folder where the plugin's `texts/` and examples lie."""
        return self.packages.get(plugin)


@dataclass(frozen=True)
class _Source:
    info: PluginInfo
    load: Callable[[], object]


class _Refused(Exception):
    """The plugin cannot be used; the arguments are the reasons."""


def load_plugins(
    document: Document, extra: Mapping[str, object] | None = None, without: Collection[str] = ()
) -> Plugins:
    """Load what `plugins:` names, but for those `without`; never raises.

    `extra` are plugins of this process: they hide installed ones, and come last where `plugins:` does not name them.
    """
    loading = _Loading(document, _sources(extra or {}))
    named = document.data.get("plugins")
    wanted = named if isinstance(named, dict) else {}
    for name, given in {**wanted, **{name: wanted.get(name) for name in extra or ()}}.items():
        if given is False or name in without:
            loading.leave_out(name)
        else:
            loading.load(name, given)
    return loading.result()


def _sources(extra: Mapping[str, object]) -> dict[str, list[_Source]]:
    sources: dict[str, list[_Source]] = {}
    for entry in entry_points(group="lumiera"):
        distribution, version = (entry.dist.name, entry.dist.version) if entry.dist else ("", "")
        info = PluginInfo(name=entry.name, distribution=distribution, version=version)
        sources.setdefault(entry.name, []).append(_Source(info, entry.load))
    own = {name: [_Source(PluginInfo(name=name), partial(_itself, thing))] for name, thing in extra.items()}
    return sources | own


def _itself(thing: object) -> object:
    return thing


class _Loading:
    """One run of `load_plugins`."""

    def __init__(self, document: Document, sources: Mapping[str, list[_Source]]) -> None:
        self._document = document
        self._sources = sources
        self._manager = pluggy.PluginManager("lumiera")
        self._manager.add_hookspecs(hookspecs)
        self._infos: dict[str, PluginInfo] = {}
        self._problems: list[Problem] = []
        self._errors: dict[str, PluginError] = {}
        self._packages: dict[str, Path] = {}

    def leave_out(self, name: str) -> None:
        self._became(name, "disabled", "left out")

    def load(self, name: str, given: object) -> None:
        loc = ("plugins", name)
        problems = [problem for at, problem in self._document.findings if at[:2] == loc]
        try:
            plugin = self._build(name, given, unfit=bool(problems))
            hooks = _register(self._manager, name, plugin)
        except ConfigError as error:
            problems += error.problems
            cause: BaseException | None = error
        except _Refused as refused:
            problems += [self._document.problem(loc, reason) for reason in refused.args]
            cause = refused.__cause__
        else:
            self._became(name, "loaded", hooks=hooks)
            return
        reason = "\n".join(problem.message for problem in problems)
        self._became(name, "failed", reason)
        self._errors[name] = PluginError(name, reason)
        self._errors[name].__cause__ = cause
        if not (isinstance(given, dict) and given.get("critical") is False):
            self._problems += problems

    def result(self) -> Plugins:
        unnamed = [found[0].info for name, found in sorted(self._sources.items()) if name not in self._infos]
        implementations = {
            name: [Implementation(one.plugin_name, one.function, one.argnames) for one in caller.get_hookimpls()]
            for name, caller in vars(self._manager.hook).items()
        }
        return Plugins(
            infos=(*self._infos.values(), *unnamed), implementations=implementations, problems=self._problems,
            errors=self._errors, packages=self._packages,
        )  # fmt: skip

    def _became(self, name: str, status: Status, reason: str = "", hooks: tuple[str, ...] = ()) -> None:
        info = self._sources[name][0].info if name in self._sources else PluginInfo(name=name)
        self._infos[name] = replace(info, status=status, reason=reason, hooks=hooks)

    def _build(self, name: str, given: object, *, unfit: bool) -> object:
        settings = {} if given is None else given
        if not isinstance(settings, dict):
            raise _Refused("expected settings, nothing, or false to leave the plugin out.")
        if not isinstance(settings.get("critical", True), bool):
            raise _Refused("'critical' is either true or false.")
        thing = self._import(name)
        if package := _package(thing):
            self._packages[name] = package
        own = {key: value for key, value in settings.items() if key != "critical"}
        try:
            return self._make(name, thing, own, unfit=unfit)
        except (ConfigError, _Refused):
            raise
        except (Exception, SystemExit) as error:  # the border with plugins: one that raises must not stop the others
            said = _said(error)
            if any(text in said for text in private_texts(own)):
                said = f"{type(error).__name__} (its text holds a value of the environment and is not shown)"
            raise _Refused(f"could not be built: {said}. {_WAY_OUT.format(name)}") from error

    def _import(self, name: str) -> object:
        found = self._sources.get(name, [])
        if not found:
            hint = suggest(name, self._sources) or f" If it is lumiera-{name}: pip install lumiera-{name}."
            raise _Refused(f"no such plugin is installed.{hint}")
        if len(found) > 1:
            brought = " and ".join(repr(source.info.distribution) for source in found)
            raise _Refused(f"{len(found)} distributions bring a plugin of this name: {brought}. Uninstall one.")
        try:
            return found[0].load()
        except (Exception, SystemExit) as error:  # the border with plugins: one that raises must not stop the others
            raise _Refused(f"could not be imported: {_said(error)}. {_WAY_OUT.format(name)}") from error

    def _make(self, name: str, thing: object, own: dict[str, Any], *, unfit: bool) -> object:
        loc = ("plugins", name)
        kind: Any = thing if inspect.isclass(thing) else None
        model = getattr(kind, "Settings", None)
        if model is None:
            if own:
                raise _Refused(f"it takes no settings, got {', '.join(map(repr, own))}. Remove that.")
            return kind() if kind else thing
        if not (inspect.isclass(model) and issubclass(model, BaseModel)):
            raise _Refused("its 'Settings' is no pydantic model.")
        settings, problems = validate(self._document, loc, model, own, "critical")
        if problems or unfit:
            raise ConfigError(problems)
        return kind(settings)


def _said(error: BaseException) -> str:
    """Say an exception with the line that raised it; a syntax error knows its own."""
    frames = [] if isinstance(error, SyntaxError) else traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


def _package(thing: object) -> Path | None:
    owner = thing if inspect.isclass(thing) else type(thing)
    module = thing if isinstance(thing, ModuleType) else sys.modules.get(owner.__module__)
    file = getattr(module, "__file__", None)
    return Path(file).parent if file else None


# --- hooks -----------------------------------------------------------------------------------------------------------


def _register(manager: pluggy.PluginManager, name: str, plugin: object) -> tuple[str, ...]:
    """Check the hooks of a plugin, then register it: pluggy would keep what it refuses half-way."""
    specs = {hook: function for hook, function in vars(hookspecs).items() if hasattr(function, "lumiera_spec")}
    refusals: list[str] = []
    hooks: list[str] = []
    for attribute in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, attribute)
        if options is not None:
            hooks.append(attribute)
            refusals += _refusals(attribute, getattr(plugin, attribute), options, specs)
        elif attribute in specs and _is_own(plugin, attribute):
            refusals.append(f"{attribute} is named like a hook and lacks @hookimpl. Add it, or rename the function.")
    if refusals:
        raise _Refused(*refusals)
    try:
        manager.register(plugin, name)
    except (ValueError, pluggy.PluginValidationError) as error:
        raise _Refused("it is the same object as another plugin, or pluggy refuses it.") from error
    return tuple(hook for hook in specs if hook in hooks)


def _is_own(plugin: object, attribute: str) -> bool:
    """Say whether a plugin defines this function itself, other than by importing it."""
    function = inspect.getattr_static(plugin, attribute)
    return inspect.isroutine(function) and (
        not isinstance(plugin, ModuleType) or getattr(function, "__module__", "") == plugin.__name__
    )


def _refusals(
    hook: str, function: Callable[..., Any], options: Mapping[str, Any], specs: Mapping[str, Callable[..., Any]]
) -> Iterator[str]:
    if hook not in specs:
        yield f"there is no hook {hook!r}.{suggest(hook, specs)}"
        return
    for option in ("wrapper", "hookwrapper", "tryfirst", "trylast", "optionalhook", "specname"):
        if options.get(option):
            yield f"{hook}: @hookimpl({option}=...) is refused. {_OPTIONS}"
    allowed = list(inspect.signature(specs[hook]).parameters)
    takes = f"It may take: {', '.join(allowed)}." if allowed else "It takes none."
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            yield f"{hook}: '{parameter}' receives nothing. {takes}"
        elif name not in allowed:
            yield f"{hook}: unknown argument {name!r}.{suggest(name, allowed)} {takes}"
        elif parameter.default is not parameter.empty:
            yield f"{hook}: argument {name!r} has a default and would never get a value. Remove the default."
        elif parameter.kind is parameter.KEYWORD_ONLY:
            yield f"{hook}: argument {name!r} is keyword-only and would never get a value. Remove the '*'."
    wants_async = inspect.iscoroutinefunction(specs[hook])
    if inspect.iscoroutinefunction(function) != wants_async:
        yield f"{hook} must be {'async: write async def' if wants_async else 'sync: write def'} {hook}(...)."


# --- examples --------------------------------------------------------------------------------------------------------


def collect_examples(intent: Intent, plugin: str, package: Path | None, languages: Collection[str]) -> Intent:
    """Return the intent with its plugin's name and its examples, read where it names a file of the package.

    Languages of the file may be `languages` and those of the core. Raises `PluginError` with every mistake of the
    file, each with its line.
    """
    if not isinstance(intent.examples, str):
        return replace(intent, plugin=plugin)
    if package is None:
        raise PluginError(plugin, f"intent {intent.name!r}: examples: {intent.examples!r} has no package to lie in.")
    try:
        node, findings = read_nodes(package / intent.examples, intent.examples)
    except ConfigError as error:
        raise PluginError(plugin, f"intent {intent.name!r}: examples: {error}") from error
    problems = [*(problem for _, problem in findings), *_mistakes(node, {*LANGUAGES, *languages})]
    if problems:
        raise PluginError(plugin, f"intent {intent.name!r}: examples: " + "\n".join(map(str, problems)))
    examples = {language: tuple(text.value for text in texts.value) for language, texts in node.value.items()}
    return replace(intent, examples=examples, plugin=plugin)


def _mistakes(root: Node, known: Collection[str]) -> Iterator[Problem]:
    if not isinstance(root.value, dict):
        yield Problem(root.place, "expected languages, each with a list of texts.")
        return
    for language, texts in root.value.items():
        if language not in known:
            yield Problem(texts.place, f"unknown language {language!r}.{suggest(language, known)}")
        if not isinstance(texts.value, list):
            yield Problem(texts.place, f"{language}: expected a list of texts.")
            continue
        for index, text in enumerate(texts.value):
            if not isinstance(text.value, str):
                yield Problem(text.place, f"{language}[{index}]: expected text. Put it in quotes.")
            elif not text.value.strip():
                yield Problem(text.place, f"{language}[{index}]: this text is empty. Remove it.")
