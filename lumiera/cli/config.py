"""`lumiera config`: what the whole configuration is, where each value comes from, and what it means."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from lumiera.cli.options import Mistake, Options, config_option
from lumiera.cli.unbroken import load_unbroken
from lumiera.cli.values import Effective, Key
from lumiera.loading import suggest

SCHEMA = Path("config/lumiera.schema.json")


@click.group("config", short_help="Say what the configuration is, and what its keys mean.")
def command() -> None:
    """Show the configuration as it is in effect, explain a key of it, or print its schema for editors."""


@command.command("show")
@config_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
@click.pass_obj
def show(options: Options, *, as_json: bool) -> None:
    """Print every value that is in effect, the defaults included, as a configuration.

    Secrets are masked, and what comes from the environment is shown as ${NAME}.
    """
    whole = Effective.of(load_unbroken(options)).shown()
    click.echo(json.dumps(whole, indent=2, ensure_ascii=False) if as_json else _yaml(whole))


@command.command("explain")
@config_option
@click.argument("key")
@click.pass_obj
def explain(options: Options, key: str) -> None:
    """Say what KEY is, where it was set and what it means: `routing.fast_path`, `plugins.sql.url`, `pipeline[3]`."""
    effective = Effective.of(load_unbroken(options))
    loc: Key = ()
    for part in _parts(key) or [key]:
        known = effective.keys(loc)
        if part not in known:
            names = ", ".join(map(str, known))
            where = _dotted(loc) or "the configuration"
            hint = suggest(part, map(str, known)) or (f" It has: {names}." if known else " It is a single value.")
            raise Mistake(f"{key}: there is no {part!r} in {where}.{hint}")
        loc = (*loc, part)
    click.echo("\n".join(_told(effective, loc)))


@command.command("schema")
@config_option
@click.option("--write", is_flag=True, help=f"Write it to {SCHEMA}, where lumiera.yaml tells editors to look for it.")
@click.pass_obj
def schema(options: Options, *, write: bool) -> None:
    """Print the JSON Schema of lumiera.yaml, with the settings of all plugins that are installed."""
    from lumiera.cli.schema import schema_of

    text = json.dumps(schema_of(_written(options)), indent=2, ensure_ascii=False) + "\n"
    if not write:
        click.echo(text, nl=False)
        return
    SCHEMA.parent.mkdir(exist_ok=True)
    SCHEMA.write_text(text, encoding="utf-8")
    click.echo(f"{SCHEMA} is written.")


def _written(options: Options) -> Mapping[str, Any]:
    """Return the settings of plugins as far as they can be read: the schema is what helps to put them right."""
    from lumiera.errors import ConfigError

    try:
        plugins = options.read().data.get("plugins")
    except (ConfigError, Mistake):
        return {}
    return plugins if isinstance(plugins, dict) else {}


def _parts(key: str) -> list[str | int]:
    return [name or int(index) for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", key)]


def _dotted(loc: Key) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def _told(effective: Effective, loc: Key) -> Iterator[str]:
    value = effective.shown(loc)
    if isinstance(value, dict | list) and value:
        yield f"{_dotted(loc)}:"
        yield from (f"  {line}" for line in _yaml(value).splitlines())
    else:
        yield f"{_dotted(loc)}: {json.dumps(value, ensure_ascii=False) if value in ({}, []) else _scalar(value)}"
    yield f"  {effective.origin(loc)}"
    yield from (f"  {line}" for line in effective.meaning(loc))
    taken_in = "SIGHUP to `lumiera serve`" if loc[0] in ("routing", "texts") else "A restart"
    yield f"  {taken_in} takes in a change."


def _scalar(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True, width=1000).removesuffix("...\n").strip()


class _Dumper(yaml.SafeDumper):
    """YAML as `lumiera.yaml` is written: what fits on a line stands on it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _yaml(value: object) -> str:
    """Return YAML; mappings without others in them, and lists, on a line each."""
    _Dumper.add_representer(dict, _mapping)
    _Dumper.add_representer(list, _list)
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000).rstrip("\n")


def _mapping(dumper: yaml.SafeDumper, value: dict[str, Any]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=_is_flat(value))


def _list(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=_is_flat(dict(enumerate(value))))


def _is_flat(value: Mapping[Any, Any]) -> bool:
    return not any(isinstance(item, dict | list) and item for item in value.values())
