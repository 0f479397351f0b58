"""Plugins: found by entry points, checked before they are registered, and blamed by name.

A plugin that cannot be loaded leaves the others alone: its mistakes are `Plugins.problems`, for the caller to raise,
or only its `PluginInfo.reason` where it is `critical: false`.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, Literal

import pluggy
from pydantic import BaseModel, Field, create_model

from lumiera import hookspecs
from lumiera.config import LANGUAGES, Section
from lumiera.errors import ConfigError, PluginError, Problem
from lumiera.hooks import Implementation
from lumiera.intents import Examples, Intent
from lumiera.loading import UNREADABLE, Document, read_document, suggest, validate

Status = Literal["loaded", "disabled", "failed"]
_WAY_OUT = "Reinstall it, leave it out (plugins: {{{0}: false}}) or go on without it ({0}: {{critical: false}})."
_NO_OPTIONS = "plugins run in the order of lumiera.yaml, and a stage is what does something before or after others."


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

    `implementations` are those of each hook, in the order of `plugins:`.
    """

    infos: tuple[PluginInfo, ...]
    implementations: Mapping[str, Sequence[Implementation]]
    problems: Sequence[Problem]
    packages: Mapping[str, Path]

    def named(self, status: Status) -> list[str]:
        return [info.name for info in self.infos if info.status == status]

    def package_of(self, plugin: str) -> Path | None:
        """Return the folder where the plugin's `texts/` and examples lie."""
        return self.packages.get(plugin)


def load_plugins(
    document: Document, extra: Mapping[str, object] | None = None, without: Collection[str] = ()
) -> Plugins:
    """Load what `plugins:` names, but for those `without`; never raises.

    `extra` are plugins of this process: they hide installed ones, and come last where `plugins:` does not name them.
    """
    loading = _Loading(document, extra or {})
    named = document.data.get("plugins")
    wanted = named if isinstance(named, dict) else {}
    for name, given in {**wanted, **{name: wanted.get(name) for name in extra or ()}}.items():
        loading.load(name, False if name in without else given)
    return loading.result()


class _Loading:
    """One run of `load_plugins`."""

    def __init__(self, document: Document, extra: Mapping[str, object]) -> None:
        self._document, self._extra, self._installed = document, extra, entry_points(group="lumiera")
        self._manager = pluggy.PluginManager("lumiera")
        self._manager.add_hookspecs(hookspecs)
        self._infos: dict[str, PluginInfo] = {}
        self._problems: list[Problem] = []
        self._packages: dict[str, Path] = {}

    def load(self, name: str, given: object) -> None:
        info = replace(self._info(name), reason="left out")
        try:
            if given is not False:
                info = replace(info, status="loaded", reason="", hooks=self._loaded(name, given))
        except ConfigError as error:
            problems = list(dict.fromkeys([*self._document.told(("plugins", name)), *error.problems]))
            info = replace(info, status="failed", reason="\n".join(problem.message for problem in problems))
            if not (isinstance(given, dict) and given.get("critical") is False):
                self._problems += problems
        self._infos[name] = info

    def result(self) -> Plugins:
        others = [self._info(name) for name in sorted(self._installed.names - self._infos.keys())]
        implementations = {
            name: [Implementation(one.plugin_name, one.function, one.argnames) for one in caller.get_hookimpls()]
            for name, caller in vars(self._manager.hook).items()
        }
        infos = (*self._infos.values(), *others)
        return Plugins(infos=infos, implementations=implementations, problems=self._problems, packages=self._packages)

    def _info(self, name: str) -> PluginInfo:
        for entry in self._installed.select(name=name):
            if entry.dist and name not in self._extra:
                return PluginInfo(name=name, distribution=entry.dist.name, version=entry.dist.version)
        return PluginInfo(name=name)

    def _refusal(self, name: str, *reasons: str) -> ConfigError:
        return ConfigError([self._document.problem(("plugins", name), reason) for reason in reasons])

    def _loaded(self, name: str, given: object) -> tuple[str, ...]:
        """Import, check, build and register a plugin; returns its hooks, raises `ConfigError` with its mistakes."""
        settings = {} if given is None or given is UNREADABLE else given
        if not isinstance(settings, dict) or not isinstance(settings.get("critical", True), bool):
            raise self._refusal(name, "expected settings ('critical' is true or false), or false to leave it out.")
        own = {key: value for key, value in settings.items() if key != "critical"}
        doing = "imported"
        try:
            thing = self._import(name)
            doing = "built"
            return self._register(name, self._build(name, thing, own))
        except ConfigError:
            raise
        except (Exception, SystemExit) as error:  # the border with plugins: one that raises must not stop the others
            where = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
            raise self._refusal(name, f"could not be {doing}: {said}. {_WAY_OUT.format(name)}") from error

    def _import(self, name: str) -> object:
        if name in self._extra:
            return self._extra[name]
        found = list(self._installed.select(name=name))
        if not found:
            hint = suggest(name, self._installed.names) or f" If it is lumiera-{name}: pip install lumiera-{name}."
            raise self._refusal(name, f"no such plugin is installed.{hint}")
        if len(found) > 1:
            brought = " and ".join(repr(entry.dist.name) for entry in found if entry.dist)
            raise self._refusal(name, f"several distributions bring this plugin: {brought}. Uninstall all but one.")
        return found[0].load()

    def _build(self, name: str, thing: Any, own: Mapping[str, object]) -> object:
        if file := getattr(inspect.getmodule(thing), "__file__", None):
            self._packages[name] = Path(file).parent
        kind: Any = thing if inspect.isclass(thing) else None
        model = getattr(kind, "Settings", None)
        settings = validate(self._document, ("plugins", name), model or Section, own)
        return kind(settings) if model else (kind() if kind else thing)

    def _register(self, name: str, plugin: object) -> tuple[str, ...]:
        """Check the hooks of a plugin, then register it: pluggy would keep what it refuses half-way."""
        specs = {hook: function for hook, function in vars(hookspecs).items() if hasattr(function, "lumiera_spec")}
        hooks = [attribute for attribute in dir(plugin) if self._manager.parse_hookimpl_opts(plugin, attribute)]
        reasons = [what for hook in hooks for what in _refusals(hook, getattr(plugin, hook), specs)]
        if reasons:
            raise self._refusal(name, *reasons)
        self._manager.register(plugin, name)
        return tuple(hook for hook in specs if hook in hooks)


def _refusals(hook: str, function: Any, specs: Mapping[str, Callable[..., object]]) -> Iterator[str]:
    if hook not in specs:
        yield f"there is no hook {hook!r}.{suggest(hook, specs)}"
        return
    allowed = list(inspect.signature(specs[hook]).parameters)
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in allowed:
            takes = f"It may take: {', '.join(allowed)}." if allowed else "It takes none."
            yield f"{hook}: unknown argument {name!r}.{suggest(name, allowed)} {takes}"
        elif parameter.default is not parameter.empty or parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            yield f"{hook}: argument {name!r} has a default or a star and would never get a value. Make it a plain one."
    if any(function.lumiera_impl.values()):
        yield f"{hook}: @hookimpl takes no options: {_NO_OPTIONS}"
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
    path = package / intent.examples
    try:
        changed_at = path.stat().st_mtime_ns if path.exists() else 0
        examples = _read_examples(path, changed_at, intent.examples, (*LANGUAGES, *languages))
    except ConfigError as error:
        raise PluginError(plugin, f"intent {intent.name!r}: examples: {error}") from error
    return replace(intent, examples=examples, plugin=plugin)


@lru_cache  # 15 ms a file: once for all the bots of a process
def _read_examples(path: Path, changed_at: int, shown: str, languages: tuple[str, ...]) -> Examples:
    document = read_document(path, None, shown)
    return validate(document, (), _examples_model(languages), document.data).model_dump(exclude_unset=True)


@cache
def _examples_model(languages: tuple[str, ...]) -> type[BaseModel]:
    texts = tuple[Annotated[str, Field(pattern=r"\S")], ...]
    fields: Any = dict.fromkeys(languages, (texts, ()))
    return create_model("Examples", **fields)
