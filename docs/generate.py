#!/usr/bin/env python3
"""Writes the pages of docs/ that are made of the code: `uv run python docs/generate.py`.

Each page is a function that returns its text; `tests/docs/test_docs_generated.py` fails while one is stale.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import click
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from sqlalchemy import Column, MetaData, Table, UniqueConstraint

from lumiera import Lumiera, Stage, errors, hookspecs
from lumiera.cli import cli
from lumiera.cli.options import Options
from lumiera.cli.values import CRITICAL, Generator, allowed, fields, models, plain
from lumiera.config import LANGUAGES, PIPELINE, Config
from lumiera.errors import ErrorCode
from lumiera.stage import StageSettings

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
EXAMPLES = ROOT / "tests/docs/hook_examples.py"
MADE = "<!-- Made by `uv run python docs/generate.py`: change what it is made of, not this page. -->\n"
TABLES = {"lumiera-sql": "lumiera_sql.schema", "lumiera-simulator": "lumiera_simulator.schema"}
WIDTH = 100  # of the help of commands


def main() -> None:
    """Write every page that is not as it should be, and say which."""
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            click.echo(f"{path.relative_to(ROOT)} is written.")


def table(*rows: tuple[str, ...]) -> list[str]:
    """Return a table of Markdown; its first row is the heading."""
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:], ""]


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def first_paragraph(documented: object) -> str:
    return " ".join((inspect.getdoc(documented) or "").partition("\n\n")[0].split())


# --- hooks -----------------------------------------------------------------------------------------------------------

HOOKS = """\
# Hooks

Every hook of Lumiera, in the order in which they fire. A plugin implements them with `@hookimpl` from `lumiera`; an
implementation takes any of the arguments, by name. The order among plugins is that of `plugins:` in `lumiera.yaml`; a
stage may name its own `plugins:`. A misspelt hook, an unknown argument, a default or the wrong one of `def` and
`async def` is refused when the plugin is loaded, with a hint.

| kind | what happens |
|---|---|
| collect | asked once at start, sync; what the plugins bring is put together |
| decide | async; asked in order, the first answer that is not `None` wins |
| classify | async; asked in order until a candidate reaches its threshold |
| gather | async; all are asked in parallel |
| notify | async; all are told, in order |
| lifecycle | async; start and end |

The examples are functions of one file, `tests/docs/hook_examples.py`, each driven by a test. Its imports are these:
"""


def hooks() -> str:
    source = inspect.getsource(hookspecs)
    examples = EXAMPLES.read_text(encoding="utf-8")
    shown = {node.name: node for node in ast.parse(examples).body if isinstance(node, DEFINED)}
    imports = [line for line in examples.splitlines() if line.startswith(("from ", "import "))]
    lines = [MADE, HOOKS, "```python", *imports, "```", ""]
    for title, name in re.findall(r"^# --- ([\w ]+)|^(?:async )?def (\w+)", source, re.MULTILINE):
        assert title or name in shown, f"the hook {name!r} has no example in {EXAMPLES.relative_to(ROOT)}"
        lines += [f"## {title.strip().capitalize()}", ""] if title else _hook(name, examples, shown[name])
    return "\n".join(lines).rstrip() + "\n"


DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef)


def _hook(name: str, examples: str, example: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    spec = getattr(hookspecs, name)
    told, *parts = re.split(r"\b(Kind|When|Return|Raise): ", " ".join((inspect.getdoc(spec) or "").split()))
    way = "async def" if inspect.iscoroutinefunction(spec) else "def"
    signature = str(inspect.signature(spec)).replace("'", "")
    yield from (f"### `{name}({', '.join(inspect.signature(spec).parameters)})`", "", told.strip(), "")
    yield from ("```python", f"{way} {name}{signature}", "```", "")
    for word, text in zip(parts[::2], parts[1::2], strict=True):
        yield f"- **{word}**: {text.strip()}"
    first = min(one.lineno for one in (example, *example.decorator_list))
    body = examples.splitlines()[first - 1 : example.end_lineno]
    yield from ("", "```python", *body, "```", "")


# --- settings --------------------------------------------------------------------------------------------------------

SETTINGS = """\
# Settings

Every key of `lumiera.yaml`, with what it is when it is left out. `lumiera config show` prints the values in effect,
`lumiera config explain KEY` says where one was set. A duration is written `600ms`, `3s`, `5m`, `7h` or `90d`.

- Secrets are never written: `${NAME}` takes a value from the environment, `${NAME:-this}` says what it is otherwise.
- `extends: other.yaml` lays a file over another one: mappings are merged by key, lists replaced whole.
- An unknown key is an error that names the line and the likely word; `lumiera check` tells all mistakes at once.
- A change wants a restart, except in `routing:` and in the texts, which `kill -HUP` takes in.
- `config/lumiera.schema.json` says the same to editors.
"""


def settings() -> str:
    head = [MADE, SETTINGS, "## The whole", ""]
    plain_keys = {name: one for name, one in fields(Config).items() if _model(one) is None}
    rows = [_row(name, one) for name, one in plain_keys.items()]
    extends = ("`extends`", "text", "", "The file that this one is laid over: its name, from this file.")
    lines = [*head, *table(("key", "type", "default", "meaning"), extends, *rows)]
    for name, field in fields(Config).items():
        if (section := _model(field)) is not None:
            lines += [f"## `{name}`", "", first_paragraph(section), "", *_keys(section, name)]
    return "\n".join([*lines, *_stages(), *_plugins()]).rstrip() + "\n"


def _stages() -> Iterator[str]:
    bot = Lumiera.load(ROOT / "lumiera.yaml")
    names = dict.fromkeys(one if isinstance(one, str) else next(iter(one)) for one in PIPELINE)
    yield from (
        "## Stages",
        "",
        "What may stand in `pipeline:`, as `- name` or `- name: {its settings}`. Every stage takes:",
        "",
    )
    yield from _keys(StageSettings, "", {})
    told = (
        ("on_error", "the turn after a failure of the stage"),
        ("`continue`", "goes on without what the stage would have found out"),
        ("`apologise`", "ends with the text of the error's code"),
        ("`escalate`", "the same, and a human is called"),
    )
    yield from table(*told)
    for name in [*names, *(one for one in bot.known.stages if one not in names)]:
        yield from _stage(name, bot.known.stages[name])


def _stage(name: str, kind: type[Stage[Any]]) -> Iterator[str]:
    own = {key: one for key, one in fields(kind.Settings).items() if key not in fields(StageSettings)}
    yield from (f"### `{name}`", "", first_paragraph(kind), "")
    yield from (f"It is given up after {plain(kind.timeout)}; on an error it says `{kind.on_error}`.", "")
    if own:
        yield from _keys(kind.Settings, "", own)


def _plugins() -> Iterator[str]:
    yield from (
        "## Plugins",
        "",
        "What stands under the name of a plugin in `plugins:`. Every plugin takes `critical`:",
        "",
    )
    yield from table(("key", "type", "default", "meaning"), ("`critical`", "`true`, `false`", "`true`", CRITICAL))
    ours = {entry.name for entry in entry_points(group="lumiera") if entry.dist and _is_ours(entry.dist.name)}
    for name, model in models().items():
        if name in ours:
            yield from (f"### `plugins.{name}`", "", first_paragraph(model), "")
            if fields(model):
                yield from _keys(model, f"plugins.{name}")


def _is_ours(distribution: str) -> bool:
    return (ROOT / "plugins" / distribution).is_dir()


def _keys(model: type[BaseModel], prefix: str, own: Mapping[str, FieldInfo] | None = None) -> list[str]:
    named = own or fields(model)
    return table(("key", "type", "default", "meaning"), *_rows(named, f"{prefix}." if prefix else ""))


def _rows(named: Mapping[str, FieldInfo], prefix: str) -> Iterator[tuple[str, ...]]:
    for name, field in named.items():
        yield _row(prefix + name, field)
        if (inner := _model(field, inside=True)) is not None:
            yield from _rows(fields(inner), f"{prefix}{name}.NAME.")


def _row(key: str, field: FieldInfo) -> tuple[str, ...]:
    more = " ".join(one for one in allowed(field) if "duration" not in one and "One of" not in one)
    return f"`{key}`", type_of(field), default_of(field), " ".join(filter(None, (field.description, more)))


def default_of(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = plain(field.get_default(call_default_factory=True, validated_data={}))
    if value is None or value == "":
        return ""
    if field.annotation is not None and isinstance(value, list) and value and isinstance(value[-1], str):
        lead = [one if isinstance(one, str) else next(iter(one)) for one in value]
        return f"`[{', '.join(lead)}]`" if len(lead) <= len(LANGUAGES) else "as in `lumiera.yaml`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def type_of(field: FieldInfo) -> str:
    """Say in words what a value is."""
    node = TypeAdapter(field.rebuild_annotation()).json_schema(schema_generator=Generator)
    kinds = [_word(one) for one in node.get("anyOf", [node]) if one.get("type") != "null"]
    return " or ".join(dict.fromkeys(kinds))


def _word(node: Mapping[str, Any]) -> str:
    if "enum" in node or "const" in node:
        return ", ".join(f"`{one}`" for one in node.get("enum", [node.get("const")]))
    if (known := WORDS.get(node.get("format", ""))) is not None:
        return known
    if node.get("type") == "array":
        items = _word(node["items"]) if node.get("items") else ""
        return f"list of {items}" if items else "list"
    return WORDS.get(node.get("type", ""), "mapping")


WORDS = {
    "duration": "duration", "password": "secret", "path": "path", "boolean": "`true`, `false`",
    "integer": "whole number", "number": "number", "string": "text", "object": "mapping",
}  # fmt: skip


def _model(field: FieldInfo, *, inside: bool = False) -> type[BaseModel] | None:
    """Return the section that a key is; with `inside`, the model of what stands below any name of it."""
    kind: Any = field.annotation
    if inside:
        kind = get_args(kind)[1] if get_origin(kind) is dict else None
    elif get_origin(kind) in (Union, UnionType):
        kind = None
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


# --- commands --------------------------------------------------------------------------------------------------------

COMMANDS = """\
# Commands

Every command, as its `--help` says it; in a clone of the repository each begins with `uv run`. A mistake of yours is
told on standard error without a traceback, exit code 2. `lumiera` itself takes:
"""


def commands() -> str:
    root = click.Context(
        cli, info_name="lumiera", terminal_width=WIDTH, max_content_width=WIDTH, help_option_names=["-h", "--help"]
    )
    root.params = {"config": ROOT / "lumiera.yaml", "without": ()}
    root.obj = Options(config=ROOT / "lumiera.yaml")
    lines = [MADE, COMMANDS, "```text", *cli.get_help(root).splitlines(), "```", ""]
    for name in cli.list_commands(root):
        found = cli.get_command(root, name)
        assert found is not None, "it was listed"
        lines += _command(found, name, root, "##")
    return "\n".join(lines).rstrip() + "\n"


def _command(one: click.Command, name: str, above: click.Context, level: str) -> Iterator[str]:
    context = click.Context(one, info_name=name, parent=above, terminal_width=WIDTH, max_content_width=WIDTH)
    yield from (f"{level} `{context.command_path}`", "", "```text", *one.get_help(context).splitlines(), "```", "")
    if isinstance(one, click.Group):
        for inner in one.list_commands(context):
            found = one.get_command(context, inner)
            assert found is not None, "it was listed"
            yield from _command(found, inner, context, level + "#")


# --- errors ----------------------------------------------------------------------------------------------------------

ERRORS = """\
# Errors

A turn that fails has a code. The user reads its text in their language; the operator finds the code in the log,
in `lumiera explain` and in the table `error_log`. No user ever reads anything of our inside.

A plugin raises `LumieraError(message, code=ErrorCode.DATABASE, user_message="a-text-of-yours")`: `message` is for the
operator, `user_message` the key of a text in place of the code's own.

## The exceptions

"""


def error_codes() -> str:
    tree = inspect.cleandoc(errors.__doc__ or "").partition("LumieraError\n")[2].partition("\n\n")[0]
    texts = Lumiera.load(ROOT / "lumiera.yaml").texts
    flow = inspect.cleandoc(errors.__doc__ or "").partition("\n\nControl flow")[2]
    lines = [
        MADE,
        ERRORS + "```text",
        "LumieraError",
        *tree.splitlines(),
        "```",
        "",
        f"Control flow{flow}",
        "",
        "## The codes",
        "",
    ]
    source = inspect.getsource(ErrorCode)
    for code in ErrorCode:
        found = re.search(rf"#: (.+)\n\s+#: Do: (.+)\n\s+{code.name} = ", source)
        assert found, f"ErrorCode.{code.name} has no comment that says what it means and what to do"
        key = f"error-{code.value.lower()}"
        lines += [f"### `{code.value}`", "", f"`ErrorCode.{code.name}`. {found[1]}", ""]
        lines += [f"- **Do**: {found[2]}", f"- **The user reads** « {texts.format(key, 'fr')} »"]
        lines += [f'- In English: "{texts.format(key, "en")}"', ""]
    return "\n".join(lines).rstrip() + "\n"


# --- database --------------------------------------------------------------------------------------------------------

DATABASE = """\
# Database

The tables. Times are microseconds since 1970 in UTC, payloads JSON as text.
`lumiera serve` brings the schema up to date at its start; a database newer than the program is refused. Read it
as you like; write only by the commands, which keep what belongs together in one transaction.
"""


def database() -> str:
    lines = [MADE, DATABASE]
    for distribution, module in TABLES.items():
        found: MetaData = importlib.import_module(module).metadata
        lines += [f"## Tables of {distribution}", ""]
        for one in found.tables.values():
            lines += _table(one)
    return "\n".join(lines).rstrip() + "\n"


def _table(one: Table) -> Iterator[str]:
    yield from (f"### `{one.name}`", "", one.info["doc"], "")
    yield from table(("column", "type", "meaning"), *map(_column, one.columns))
    unique = [
        ", ".join(column.name for column in key.columns) for key in one.constraints if isinstance(key, UniqueConstraint)
    ]
    unique += [
        f"{', '.join(map(_of_index, key.expressions))} {_where(key)}".strip() for key in one.indexes if key.unique
    ]
    if unique:
        yield from (f"Unique: {'; '.join(sorted(f'`{one}`' for one in unique))}.", "")


def _of_index(expression: Any) -> str:
    return str(getattr(expression, "name", expression))


def _where(index: Any) -> str:
    condition = index.dialect_options["sqlite"]["where"]
    return "" if condition is None else f"where {condition}"


def _column(one: Column[Any]) -> tuple[str, ...]:
    assert one.doc, f"{one.table.name}.{one.name} does not say what it means: doc=..."
    kind = str(one.type).lower() + ("" if not one.nullable else ", or NULL")
    marks = ["the key"] if one.primary_key and one.doc != "its number" else []
    marks += [f"→ [`{key.column.table.name}`](#{key.column.table.name})" for key in one.foreign_keys]
    return f"`{one.name}`", kind, "; ".join((one.doc, *marks))


PAGES: Mapping[str, Callable[[], str]] = {
    "hooks.md": hooks,
    "settings.md": settings,
    "commands.md": commands,
    "errors.md": error_codes,
    "database.md": database,
}

if __name__ == "__main__":
    main()
