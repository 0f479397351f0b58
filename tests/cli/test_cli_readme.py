"""What the README promises of the command line is what it does; tests/docs/test_docs_blocks.py runs its blocks."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result

from lumiera.cli import BUILT_IN
from lumiera.config import Config

Run = Callable[..., Result]
ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def clone(folder: Path) -> Path:
    """Have the configuration of the repository in the folder."""
    shutil.copy(ROOT / "lumiera.yaml", folder)
    shutil.copytree(ROOT / "config", folder / "config")
    return folder


@pytest.mark.parametrize("command", ["uv run lumiera serve", "uv run pytest"])
def test_it_begins_with_the_two_commands(command: str) -> None:
    assert f"pip install uv && {command}\n" in blocks("sh")


@pytest.mark.usefixtures("clone")
def test_production_needs_its_four_values(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    exports, *commands = next(block for block in blocks("sh") if "export" in block).splitlines()
    values = dict(value.split("=", 1) for value in shlex.split(exports)[1:])
    for name in values:
        monkeypatch.delenv(name, raising=False)
    check = shlex.split(commands[0].removeprefix("uv run lumiera "))
    result = run(*check)
    assert result.exit_code == 2
    for name in values:
        assert f"environment variable '{name}' is not set" in result.stderr
    for name, value in {**values, "TWILIO_ACCOUNT_SID": f"AC{'0' * 32}", "TWILIO_AUTH_TOKEN": "0" * 32}.items():
        monkeypatch.setenv(name, value)
    assert run(*check).stdout.startswith("ok: 4 plugins, ")


def test_every_command_is_in_the_table() -> None:
    for name in BUILT_IN:
        assert f"| `lumiera {name}` |" in README


def test_every_path_that_it_names_is_there() -> None:
    for path in re.findall(r"`((?:config|docs|tests|benchmarks)/[\w./-]*)`", README):
        assert (ROOT / path).exists(), path


def test_it_fits_a_few_screens() -> None:
    assert 120 <= len(README.splitlines()) <= 170


def test_every_key_of_the_configuration_stands_in_the_file() -> None:
    assert set(yaml.safe_load((ROOT / "lumiera.yaml").read_text(encoding="utf-8"))) == set(Config.model_fields)
