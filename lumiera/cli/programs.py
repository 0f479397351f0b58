"""What a user types: it depends on how Lumiera was installed."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Programs:
    """What to type in the environment that runs this."""

    install: str
    lumiera: str
    pytest: str

    @classmethod
    def here(cls) -> Programs:
        if "UV" in os.environ:  # set by `uv run`; a plugin beside the project is none of its packages
            return cls(install="uv pip install", lumiera="uv run lumiera", pytest="uv run --no-project pytest")
        python = "python" if _is_found("python") else quoted(Path(sys.executable).absolute())
        install = f"{python} -m pip install" if find_spec("pip") else f"uv pip install --python {python}"
        lumiera = "lumiera" if _is_found("lumiera") else f"{python} -m lumiera"
        return cls(install=install, lumiera=lumiera, pytest=f"{python} -m pytest")


def quoted(path: Path, extra: str = "") -> str:
    """Write a path for a shell, which may take brackets for a pattern."""
    text = f"{path}{extra}"
    return text if re.fullmatch(r"[\w./\\:~+-]+", text) else f'"{text}"'


def _is_found(program: str) -> bool:
    """Say whether a shell finds the program of this environment, as in one that is activated."""
    found = shutil.which(program)
    return found is not None and Path(found).parent == Path(sys.executable).parent
