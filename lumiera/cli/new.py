"""`lumiera new`: writes a plugin that works as it stands, or the folder of a bot for an installation from wheels."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points, version
from importlib.util import find_spec
from pathlib import Path

import click

from lumiera.channel import Capabilities, units
from lumiera.cli.options import DEFAULT, Mistake
from lumiera.cli.programs import Programs, quoted

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".txt"  # of templates, so that no tool takes one for a file of ours
MARK = "📌 "  # before the title in the menu
_NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
_PLUGIN = re.compile(r"^  (?P<name>\w+):(?P<rest>.*)$", re.MULTILINE)  # a line under `plugins:`


@click.command("new", short_help="Write a plugin, or the folder of a bot.")
@click.argument("name")
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False))
def command(name: str, folder: Path | None) -> None:
    """Write a plugin with an intent, a question, nine languages and tests, and say what to do next.

    It goes to lumiera-NAME/, or to DIR. `lumiera new bot DIR` writes what an operator needs instead: lumiera.yaml and
    config/. No file that is there already is touched.
    """
    if name == "bot":
        _write_bot(folder or Path("bot"))
    else:
        _write_plugin(name.replace("-", "_"), folder, given=name)


def _write_plugin(name: str, folder: Path | None, *, given: str) -> None:
    reason = refusal(name, given)
    if reason:
        raise Mistake(f"{given!r} cannot be the name of a plugin: {reason}")
    words = _words(name)
    folder = folder or Path(f"lumiera-{words['dashed']}")
    _write(folder, dict(_rendered("plugin", words)))
    click.echo("\n".join(_next_steps(words, folder)))


def _write_bot(folder: Path) -> None:
    from lumiera.cli.schema import schema_of

    files = dict(_rendered("bot", {}))
    files[str(DEFAULT)] = _without_absent(files[str(DEFAULT)])
    files["config/lumiera.schema.json"] = json.dumps(schema_of({}), indent=2, ensure_ascii=False) + "\n"
    _write(folder, files)
    here = Programs.here()
    click.echo(f"{folder}/ is written: a bot that answers as it stands. Its README.md says what is where. Now:\n")
    click.echo(f"  cd {quoted(folder)}\n  {here.lumiera} check\n  {here.lumiera} serve")


# --- names ---------------------------------------------------------------------------------------------------------


def refusal(name: str, given: str) -> str:
    """Say why a plugin cannot have this name; empty if it can."""
    longest = Capabilities().row_title - units(MARK)
    if not _NAME.fullmatch(given):
        return "use lower-case letters and digits, in words joined by - or _, such as depot-hours."
    if len(name) > longest:
        return f"it is the title of its row in the menu, which holds {longest} characters. Take a shorter one."
    if name in entry_points(group="lumiera").names:
        return "a plugin of this name is installed. Take another one, or uninstall that first."
    if keyword.iskeyword(name) or name == "tests" or find_spec(name) is not None:
        return f"Python has a module or word {name!r} already, and would confuse them. Take a longer one."
    from lumiera.cli.taken import taken

    other = taken(name, dict(_rendered("plugin", _words(name))))
    return f"{other} Take a longer one." if other else ""


def _words(name: str) -> Mapping[str, str]:
    major, minor, *_ = version("lumiera-core").split(".")
    words = name.replace("_", " ")
    bounds = f">={major}.{minor},<{major}.{int(minor) + 1}"
    dashed = name.replace("_", "-")
    return {"name": name, "dashed": dashed, "words": words, "title": words.capitalize(), "bounds": bounds}


# --- files ---------------------------------------------------------------------------------------------------------


def _rendered(kind: str, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the path and text of every file, NAME and <<words>> filled in."""
    root = TEMPLATES / kind
    for template in sorted(root.rglob(f"*{SUFFIX}")):
        path = template.relative_to(root).as_posix().removesuffix(SUFFIX)
        text = template.read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(f"<<{word}>>", value)
        yield path.replace("NAME", words.get("name", "")).replace("dot-", "."), text


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder that has none, but for hidden ones such as .git and .venv."""
    there = [path for path in files if (folder / path).exists()]
    if folder.is_dir():
        there += [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    if there:
        raise Mistake(f"{folder} is not empty: {there[0]} is in it. Nothing is written; name another folder.")
    try:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise Mistake(f"{error.filename} cannot be written: {error.strerror}. Name another folder.") from error


def _without_absent(text: str) -> str:
    """Comment out the plugins that are not installed, and say how to get them."""
    installed = entry_points(group="lumiera").names

    def keep_or_explain(line: re.Match[str]) -> str:
        name, rest = line["name"], line["rest"]
        hint = f"  # Not installed: pip install lumiera-{name}, then take the # off the next line."
        return line[0] if name in installed else f"{hint}\n  # {name}:{rest}"

    block = text[text.index("\nplugins:") : text.index("\npipeline:")]
    return text.replace(block, _PLUGIN.sub(keep_or_explain, block))


# --- what to do next -----------------------------------------------------------------------------------------------


def _next_steps(words: Mapping[str, str], folder: Path) -> Iterator[str]:
    here = Programs.here()
    yield f"{folder}/ is written: a plugin that answers “{words['words']}” in nine languages. Now:\n"
    yield f"1. Install it, with what its tests need:\n     {here.install} -e {quoted(folder, '[dev]')}"
    if not DEFAULT.is_file():
        yield f"   and, as there is no {DEFAULT} here, write a folder that has one and go there:"
        yield f"     {here.lumiera} new bot\n     cd bot"
    yield f"2. Add this line to {DEFAULT} at the end of `plugins:`, indented like the others:"
    yield f"       {words['name']}:"
    yield f"3. Start the bot; it starts again when you save a file:\n     {here.lumiera} serve --reload"
    yield f"4. Open the page whose address it prints, and write: {words['words']}"
    yield f"5. Run its tests:\n     cd {quoted(folder.absolute())} && {here.pytest}\n"
    yield f"What to edit stands in {folder / 'README.md'}."
