"""A folder with a configuration, the command line in it, and plugins that are installed for one test."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lumiera.cli import cli

CONFIG = """\
plugins:
  sql: {url: "sqlite:///lumiera.db"}
  essentials:
"""
Run = Callable[..., Result]
Install = Callable[..., None]
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go into a folder with a small configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LUMIERA_CONFIG", raising=False)
    (tmp_path / "lumiera.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Iterator[Run]:
    """Run a command in this process; a bug of ours is raised."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, prog_name="lumiera", catch_exceptions=False)

    yield invoke
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a plugin's source as a distribution, for this process and those that `start` begins."""
    site = tmp_path / "site"

    def write(name: str, source: str, **files: str) -> None:
        module = f"plugin_{uuid.uuid4().hex}"
        for path, text in {f"{module}/__init__.py": source, **{f"{module}/{p}": t for p, t in files.items()}}.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(text, encoding="utf-8")
        distribution = site / f"lumiera_{name}-1.2.dist-info"
        distribution.mkdir()
        (distribution / "METADATA").write_text(f"Metadata-Version: 2.1\nName: lumiera-{name}\nVersion: 1.2\n")
        (distribution / "entry_points.txt").write_text(f"[lumiera]\n{name} = {module}\n")
        monkeypatch.syspath_prepend(site)
        with Path("lumiera.yaml").open("a", encoding="utf-8") as file:
            file.write(f"  {name}:\n")

    return write


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Start the real command as a process of its own; killed at the end of the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "lumiera", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(folder / "site"), **environment},
        )  # fmt: skip
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()
