"""The house rules that a machine can check: size, direction of imports, no vendor, everything annotated."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = sorted((ROOT / "lumiera").rglob("*.py"))
SOURCES = [*CORE, *sorted(ROOT.glob("plugins/*/lumiera_*/**/*.py"))]

# Each imports only from those before it; the order of the table in the design.
ORDER = [
    "errors", "durations", "tracing", "messages", "people", "turn", "stage", "intents", "steps", "questions",
    "texts", "records", "store", "media", "queue", "channel", "hookspecs", "hooks", "config",
    "loading", "plugins", "routing", "escalations", "journal", "dialogue", "aside", "stages", "answering",
    "persistence", "pipeline", "sending", "dispatch", "app", "web", "cli", "testing",
]  # fmt: skip


def code_lines(path: Path) -> int:
    text = path.read_text(encoding="utf-8")
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if ast.get_docstring(node, clean=False) is not None and first.end_lineno:
                docstrings |= set(range(first.lineno, first.end_lineno + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(1 for at, line in lines if line.strip() and not line.strip().startswith("#") and at not in docstrings)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT / "lumiera").with_suffix("").parts[0]


def imports_of(path: Path) -> set[str]:
    """Return the modules of the core that a file imports at run time; `if TYPE_CHECKING:` is exempt."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "lumiera":
            parts = node.module.split(".")[1:]
            found |= {parts[0]} if parts else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("lumiera.")}
    return found


def test_the_core_does_not_grow() -> None:
    counted = {path: code_lines(path) for path in CORE if name_of(path) not in ("cli", "testing")}
    total = sum(counted.values())
    assert total <= 3630, sorted(((lines, path.name) for path, lines in counted.items()), reverse=True)[:8]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_fit_a_screen_and_are_annotated(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            where = f"{path.name}:{node.lineno} {node.name}"
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno <= 60, f"{where} is longer than 60 lines"
            assert node.returns is not None, f"{where} says nothing of what it returns"


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_imports_one_way(path: Path) -> None:
    name = name_of(path)
    if name in ("__init__", "__main__"):
        return
    allowed = set(ORDER[: ORDER.index(name)]) | {name}
    assert imports_of(path) <= allowed, f"{name} may not import {sorted(imports_of(path) - allowed)}"


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_names_no_vendor(path: Path) -> None:
    vendors = r"twilio|anthropic|claude|openai|whisper|supabase|planradar|procrastinate|rabbitmq|redis"
    assert not re.findall(vendors, path.read_text(encoding="utf-8"), re.IGNORECASE)


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_two_files_see_pluggy(path: Path) -> None:
    sees = re.search(r"^\s*(import|from) pluggy", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert not sees or path.name in ("hookspecs.py", "plugins.py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_broad_except_gives_its_reason(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for at, line in enumerate(lines, 1):
        if re.match(r"\s*(except (Base)?Exception\b|.*suppress\((Base)?Exception\))", line) and "raise" not in "".join(
            lines[at : at + 2]
        ):
            assert "#" in line, f"{path.name}:{at} catches everything and does not say why"


def test_no_file_of_the_repository_names_a_registry_host_or_this_machine() -> None:
    hosts = re.compile("py" + r"pi\.org|files\.python" + "hosted|registry\\.npm" + "js|/work" + "/main")
    kinds = {".py", ".md", ".toml", ".yaml", ".yml", ".ftl", ".json", ""}
    skipped = {".venv", ".git", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
    for path in ROOT.rglob("*"):
        if skipped & set(path.parts) or path.suffix not in kinds or not path.is_file() or path.name == "uv.lock":
            continue
        assert not hosts.search(path.read_text(encoding="utf-8", errors="replace")), path
