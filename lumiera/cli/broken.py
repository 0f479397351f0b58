"""What is wrong with a plugin, and what to do about it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from inspect import isclass
from typing import Any, TypeAlias, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr

from lumiera.cli.options import Mistake
from lumiera.errors import LumieraError
from lumiera.hooks import Hooks
from lumiera.loading import classes
from lumiera.plugins import Plugins

Say: TypeAlias = Callable[[EntryPoint, "re.Match[str]"], Iterator[str]]
NAMES = r"[\w.]+"
# What the core says in general, and where in the core or in Python it came up: here is said what fits the cause.
_GENERAL = re.compile(
    r" Reinstall it, leave it out .*$| \(<frozen [^)]*\)| \((?:plugins|loading)\.py:\d+\)", re.MULTILINE
)


def failures(plugins: Plugins) -> dict[str, str]:
    """Return why plugins are not loaded, or keep the bot from starting though they are, by name."""
    found = {info.name: info.reason for info in plugins.infos if info.status == "failed"}
    for hook, implementations in plugins.implementations.items():
        for implementation in implementations if hook.startswith("register_") else ():
            try:
                Hooks({hook: [implementation]}).collect(hook)
            except LumieraError as error:
                found.setdefault(implementation.plugin, Mistake.of(error).message)
            except SystemExit as error:  # raised by a plugin, it must not end the command that looks for it
                found.setdefault(implementation.plugin, f"plugin {implementation.plugin!r}: {hook} exits: {error}")
    return found


def stripped(reason: str) -> str:
    """Return what is wrong with a plugin without the ways out that the core has for all."""
    return _GENERAL.sub("", reason)


def told(name: str, reason: str) -> Iterator[str]:
    """Yield what is wrong with a plugin, then what to do, a line each."""
    yield from stripped(reason).splitlines()
    for entry in entry_points(group="lumiera", name=name):
        for pattern, say in _RULES:
            if found := re.search(pattern, reason):
                yield from (f"  {line}" for line in say(entry, found))
                return


def settings_of(name: str) -> type[BaseModel] | None:
    """Return the model of a plugin's settings; None for one that has none or cannot be imported."""
    for entry in entry_points(group="lumiera", name=name):
        try:
            model = getattr(entry.load(), "Settings", None)
        except (Exception, SystemExit):  # the border with plugins: what is wrong is told where it is loaded
            return None
        return model if isclass(model) and issubclass(model, BaseModel) else None
    return None


def line_for(name: str) -> str:
    """Return the line that names a plugin in `lumiera.yaml`, with an example of each setting that it must have."""
    model = settings_of(name)
    fields = model.model_fields if model else {}
    wanted = {field.alias or key: field for key, field in fields.items() if field.is_required()}
    settings = [f"{key}: {_example(name, key, field.annotation)}" for key, field in wanted.items()]
    return f"{name}: {{{', '.join(settings)}}}" if settings else f"{name}:"


def _example(plugin: str, key: str, annotation: Any) -> str:
    kinds = [*classes(annotation), *classes(get_origin(annotation))]
    if any(issubclass(kind, SecretStr | SecretBytes) for kind in kinds):
        return f"${{{plugin.upper()}_{key.upper()}}}"
    examples = ((list, "[]"), (tuple, "[]"), (dict, "{}"), (bool, "true"), (int, "1"), (float, "0.5"))
    return next((example for kind, example in examples for one in kinds if issubclass(one, kind)), '"..."')


def _file(entry: EntryPoint) -> str:
    """Return the file of a plugin's code as far as it was imported, else its module."""
    module = sys.modules.get(entry.value.partition(":")[0].strip())
    return str(getattr(module, "__file__", None) or entry.value)


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.name


# --- what to do, by what was said ------------------------------------------------------------------------------------


def _missing_module(entry: EntryPoint, found: re.Match[str]) -> Iterator[str]:
    module, distribution = found[1].partition(".")[0], _distribution(entry)
    declared = [re.split(r"[\s;]", one)[0] for one in (entry.dist and entry.dist.requires) or ()]
    if module == entry.value.partition(":")[0].partition(".")[0].strip():
        yield f"Its code is not there: pip install --force-reinstall {distribution}"
    elif wanted := [one for one in declared if _plain(one) == _plain(module)]:
        yield f"It needs a package that is not installed: pip install '{wanted[0]}'"
    elif declared:
        yield f"It needs a package that is not installed. Have all that it declares: pip install {distribution}"
        yield f"If {module!r} is none of these, it forgot to: pip install {module}"
    else:
        yield f"It needs a package that it does not declare: pip install {module}"


def _plain(requirement: str) -> str:
    """Return the name in a requirement, as it is compared."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~(]", requirement)[0]).lower()


def _wrong_import(entry: EntryPoint, found: re.Match[str]) -> Iterator[str]:
    of = found[1].partition(".")[0]
    other = "lumiera-core" if of == "lumiera" else of
    yield f"It and {other} do not fit together: pip install --upgrade {_distribution(entry)} {other}"


def _wrong_entry(entry: EntryPoint, _: re.Match[str]) -> Iterator[str]:
    yield f"Its entry point names {entry.value!r}: mend it in its pyproject.toml and install it again."


def _syntax(entry: EntryPoint, _: re.Match[str]) -> Iterator[str]:
    wants = str(entry.dist.metadata["Requires-Python"] or "") if entry.dist else ""
    least = re.search(r">=?\s*3\.(\d+)", wants)
    if least and int(least[1]) > sys.version_info.minor:
        yield f"It wants Python {wants}; this is {sys.version.split()[0]}. Install the bot with that one."
    else:
        yield "Mend the line, or tell its author."


def _settings(entry: EntryPoint, _: re.Match[str]) -> Iterator[str]:
    yield f"Give it what it must have, under 'plugins:': {line_for(entry.name)}"


def _several(_: EntryPoint, found: re.Match[str]) -> Iterator[str]:
    yield f"Keep one of them: pip uninstall {' or '.join(found[1].replace(chr(39), '').split(' and '))}"


def _code(entry: EntryPoint, _: re.Match[str]) -> Iterator[str]:
    yield f"Mend it in {_file(entry)}, or tell its author; docs/hooks.md has every hook."


def _say(line: str) -> Say:
    return lambda entry, found: iter((line,))


_RULES: tuple[tuple[str, Say], ...] = (
    (r"several distributions bring this plugin: (.*)\. Uninstall", _several),
    (rf"ModuleNotFoundError: No module named '({NAMES})'", _missing_module),
    (rf"ImportError: cannot import name '\w+' from '({NAMES})'", _wrong_import),
    (r"imported: AttributeError: module '[\w.]+' has no attribute", _wrong_entry),
    (r"imported: \w*(?:Syntax|Indentation|Tab)Error", _syntax),
    (r"missing key '", _settings),
    (
        r"has no attribute 'model_validate'",
        _say("Its `Settings` must be a pydantic model: class Settings(BaseModel): ..."),
    ),
    (
        r"built: TypeError: .*missing \d+ required positional argument",
        _say("A plugin that takes settings names their model in its class: Settings = MySettings"),
    ),
    (
        r"built: TypeError: .*(?:takes no arguments|positional arguments? but)",
        _say("A plugin with `Settings` takes them: def __init__(self, settings: Settings) -> None"),
    ),
    (r"there is no hook|unknown argument|a default or a star|takes no options|must be (?:async|sync):", _code),
    (r": register_\w+ returned ", _code),
    (r"could not be imported", _say("Look at that line, or tell its author.")),
    (r"could not be built|: register_\w+", _say("Look at its settings and at that line, or tell its author.")),
)
