"""Whatever stands in a block of the README or of a page works: the blocks of a page run in order in one folder.

Python is executed, YAML loaded, commands are run and their output compared. In an output `...` stands for anything.
A block behind a line that ends with "`file.py`:" is that file, "to `file.py`:" is added to it, and what stands behind
"`plugins:` of `lumiera.yaml`:" goes to the end of that mapping. A plugin that is to be installed is, without pip.
"""

from __future__ import annotations

import ast
import asyncio
import configparser
import json
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from fluent.syntax import FluentParser
from fluent.syntax.ast import Junk

from lumiera.cli import cli
from lumiera.config import LANGUAGES, Config

ROOT = Path(__file__).parents[2]
GENERATED = ("hooks", "settings", "commands", "errors", "database")  # see test_docs_generated.py
PAGES = [ROOT / "README.md", *(path for path in sorted(ROOT.glob("docs/**/*.md")) if path.stem not in GENERATED)]
ON_THE_PATH = {"README.md": (ROOT / "tests/tutorial",)}  # what the page says to have been installed
ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "0" * 32, "TWILIO_FROM": "whatsapp:+14155238886",
    "PUBLIC_URL": "https://bot.example", "SIMULATOR_PASSWORD": "a long password", "DATABASE_URL": "sqlite:///lumiera.db",
}  # fmt: skip
ELSEWHERE = {  # what a page may tell to do, and why no page does it here
    "git clone": "the network",
    "pip install": "the network; .ci/wheels does it",
    "python -m pip install lumiera-": "the network; .ci/wheels does it",
    "python -m pip wheel": "the network; .ci/wheels does it",
    "uv build": "the network; .ci/wheels does it",
    "uv run pytest": "that is us",
    "uv run --group docs": "the network; .ci/docs does it",
    "uv run python docs/generate.py": "test_docs_generated.py looks whether there was need to",
    "lumiera serve": "it does not end; tests/cli/test_cli_serve.py",
    "lumiera --config config/production.yaml serve": "the same",
    "kill": "tests/cli/test_cli_reload.py",
    "systemctl": "the machine",
    "sqlite3": "the machine; the tables are test_docs_generated.py's",
    "curl": "a running bot; tests/test_web.py",
    "mypy": "the time; tests/cli/test_cli_new.py does it with what `lumiera new` writes",
}
NAMED = r"(to |`plugins:` of )?`([\w./-]+\.\w+)`:$"
TOOLS = ("pytest", "ruff")
SHELL = ("mkdir", "cp", "cat", "ls")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block of a page."""

    kind: str
    text: str
    line: int
    file: str  # that it is, or is part of, where the line before says so
    place: str  # of it in the file: the whole, its end, or the end of `plugins:`
    follows: bool  # directly after the block before


def blocks(page: Path) -> Iterator[Block]:
    before, follows, fence, lines, start, indent = "", False, "", list[str](), 0, 0
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        found = re.match(r"( *)```(\w*)", line)
        if found and not fence:
            fence, lines, start, indent = found[2] or "text", [], number, len(found[1])
        elif found:
            named = None if fence in ("sh", "console", "text") else re.search(NAMED, before)
            text = "\n".join(one[indent:] for one in lines) + "\n"
            place = {None: "whole", "to ": "end", "`plugins:` of ": "plugins"}[named[1]] if named else "whole"
            file = named[2] if named else ""
            yield Block(kind=fence, text=text, line=start, file=file, place=place, follows=follows)
            before, follows, fence = "", True, ""
        elif fence:
            lines.append(line)
        elif line.strip():
            before, follows = line.strip(), False


@dataclass
class Run:
    """The run of a page's blocks in a folder, which is the working directory."""

    folder: Path
    page: Path
    patch: pytest.MonkeyPatch
    names: dict[str, Any] = field(default_factory=dict)
    tests: list[str] = field(default_factory=list)
    output: str | None = None  # of the last command, until it is compared

    def block(self, block: Block) -> None:
        if block.file:
            self._write(block)
            if block.kind == "python":  # it is executed where it is used
                return
        run = getattr(self, f"_{block.kind}", None)
        assert run is not None, f"nothing knows what to do with a block of {block.kind!r}"
        run(block)

    def _write(self, block: Block) -> None:
        path = Path(block.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8") if block.place != "whole" else ""
        if block.place == "plugins":
            head, _, rest = text.partition("\nplugins:")
            own, _, rest = rest.partition("\n\n")
            text = f"{head}\nplugins:{own}\n{block.text.rstrip()}\n\n{rest}"
        else:
            text += block.text
        path.write_text(text, encoding="utf-8")

    def _python(self, block: Block) -> None:
        if re.search(r"^((async )?def )?test_", block.text, re.MULTILINE):
            self.tests.append(block.text)
            return
        code = compile(block.text, f"{self.page.name}:{block.line}", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, True)
        awaited = eval(code, self.names)
        if awaited is not None:
            asyncio.run(awaited)

    def _yaml(self, block: Block) -> None:
        data = yaml.safe_load(block.text)
        if block.place == "plugins":
            return
        if not data.keys() <= {*Config.model_fields, "extends"}:
            assert data.keys() <= set(LANGUAGES), f"neither a configuration nor examples: {sorted(data)}"
            assert all(isinstance(one, str) for texts in data.values() for one in texts)
        elif not block.file:
            text = block.text if "extends" in data else f"extends: lumiera.yaml\n{block.text}"
            path = self.folder / "fragment.yaml"
            path.write_text(text, encoding="utf-8")
            self._lumiera(["--config", "fragment.yaml", "check"], shown=False)

    def _toml(self, block: Block) -> None:
        tomllib.loads(block.text)

    def _json(self, block: Block) -> None:
        json.loads(block.text)

    def _ini(self, block: Block) -> None:
        configparser.ConfigParser(strict=False, interpolation=None).read_string(block.text)

    def _ftl(self, block: Block) -> None:
        assert not [one for one in FluentParser().parse(block.text).body if isinstance(one, Junk)]

    def _text(self, block: Block) -> None:
        """Compare with what was printed if that is what it shows; else it is a drawing."""
        if block.follows and self.output is not None:
            self._compare(block.text, self.output)
        self.output = None

    def _sh(self, block: Block) -> None:
        for line in block.text.replace("\\\n", " ").splitlines():
            self._command(line, shown=False)

    def _console(self, block: Block) -> None:
        for told in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, expected = told.partition("\n")
            self._command(command, shown=bool(expected.strip()))
            if expected.strip():
                assert self.output is not None, f"{command!r} is not run, so nothing may be shown of it"
                self._compare(expected, self.output)
        self.output = None

    def _command(self, line: str, *, shown: bool) -> None:
        self.output = None
        for one in filter(None, map(str.strip, line.split("&&"))):
            words = shlex.split(one, comments=True)
            bare = " ".join(words).removeprefix("uv run ")
            if any(" ".join(words).startswith(told) or bare.startswith(told) for told in ELSEWHERE):
                continue
            if not words:
                continue
            if words[:2] == ["uv", "run"]:
                words = words[2:]
            if words[0] == "export":
                for name, _, value in (word.partition("=") for word in words[1:]):
                    self.patch.setenv(name, ENVIRONMENT.get(name, value))
            elif words[0] == "cd":
                os.chdir(words[1])  # the fixture `folder` comes back
            elif words[:5] == ["python", "-m", "pip", "install", "-e"]:
                self._install(Path(words[5].partition("[")[0]))
            elif words[0] in TOOLS:
                done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False)
                assert done.returncode == 0, done.stdout + done.stderr
                self.output = done.stdout
            elif words[0] == "lumiera":
                self._lumiera(words[1:], shown=shown)
            else:
                assert words[0] in SHELL, f"nobody runs {one!r}, and ELSEWHERE does not say why"
                self.output = subprocess.run(words, capture_output=True, text=True, check=True).stdout

    def _install(self, folder: Path) -> None:
        """Put a plugin where an installed one is, for this process and those that it starts."""
        about = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        metadata = folder / f"{about['name'].replace('-', '_')}-{about['version']}.dist-info"
        metadata.mkdir()
        head = f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n"
        readme = "Description-Content-Type: text/markdown\n\n" + (folder / about["readme"]).read_text(encoding="utf-8")
        (metadata / "METADATA").write_text(head + readme, encoding="utf-8")
        points = "".join(f"{name} = {where}\n" for name, where in about["entry-points"]["lumiera"].items())
        (metadata / "entry_points.txt").write_text(f"[lumiera]\n{points}", encoding="utf-8")
        self.patch.syspath_prepend(folder.resolve())
        self.patch.setenv("PYTHONPATH", str(folder.resolve()))

    def _lumiera(self, arguments: list[str], *, shown: bool) -> None:
        for name, module in list(sys.modules.items()):  # what the page has changed is imported anew
            if str(getattr(module, "__file__", None) or "").startswith(str(self.folder)):
                del sys.modules[name]
        result = CliRunner().invoke(cli, arguments, prog_name="lumiera", catch_exceptions=False)
        assert result.exit_code in ((0, 2) if shown else (0,)), f"lumiera {' '.join(arguments)}: {result.output}"
        self.output = result.output

    def _compare(self, expected: str, printed: str) -> None:
        pattern = ".*?".join(map(re.escape, re.split(r" *\.\.\. *", expected.strip())))
        assert re.fullmatch(pattern, printed.strip(), re.DOTALL), f"expected:\n{expected}\nprinted:\n{printed}"

    def end(self, also: Mapping[str, str]) -> None:
        """Run the tests that the page shows, each as a file of its own."""
        folder = self.folder / "shown"
        folder.mkdir()
        for place, text in enumerate(self.tests):
            (folder / f"test_shown_{place}.py").write_text(text, encoding="utf-8")
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist", "-o", "asyncio_mode=auto"]
        options += ["-o", "asyncio_default_fixture_loop_scope=function"]
        command = [sys.executable, "-m", "pytest", *options, "-W", "error", "--rootdir", str(folder), str(folder)]
        done = subprocess.run(command, env={**os.environ, **also}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Go into a folder with the configuration of the repository; where we are and what is logged is restored."""
    shutil.copy(ROOT / "lumiera.yaml", tmp_path)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LUMIERA_CONFIG", raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield tmp_path
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_work(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(folder=folder, page=page, patch=monkeypatch)
    for block in blocks(page):
        try:
            run.block(block)
        except Exception as error:
            error.add_note(f"in {page.relative_to(ROOT)}:{block.line}")
            raise
    if run.tests:
        run.end({"PYTHONPATH": os.pathsep.join(map(str, ON_THE_PATH.get(page.name, ())))})


def test_a_block_is_read_with_its_file_and_its_neighbour(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    shown = "1. So:\n\n   ```sh\n   lumiera\n   ```\n\n   ```text\n     x\n   ```\n"
    page.write_text("Add to `a.yaml`:\n\n```yaml\nfr: [a]\n```\n\n" + shown)
    found = [(one.kind, one.text, one.line, one.file, one.place, one.follows) for one in blocks(page)]
    assert found == [
        ("yaml", "fr: [a]\n", 3, "a.yaml", "end", False),
        ("sh", "lumiera\n", 9, "", "whole", False),
        ("text", "  x\n", 13, "", "whole", True),
    ]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("sh", "lumiera chekc"),
        ("sh", "rm -r /"),
        ("console", "$ lumiera --version\nlumiera-core 99\n"),
        ("yaml", "routing: {fast_pth: 1}"),
        ("yaml", "routnig: {}"),
        ("python", "from lumiera import nothing_of_that_name"),
        ("ftl", "no fluent"),
        ("cobol", "STOP RUN."),
    ],
)  # fmt: skip
def test_a_block_that_lies_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str, text: str) -> None:
    run = Run(folder=folder, page=folder / "page.md", patch=monkeypatch)
    with pytest.raises((AssertionError, ImportError)):
        run.block(Block(kind=kind, text=text, line=1, file="", place="whole", follows=False))


def test_a_shown_test_that_fails_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(folder=folder, page=folder / "page.md", patch=monkeypatch)
    run.block(
        Block(kind="python", text="def test_it():\n    assert False\n", line=1, file="", place="whole", follows=False)
    )
    with pytest.raises(AssertionError, match="1 failed"):
        run.end({})
