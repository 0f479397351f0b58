"""What the wheels will hold, without building one; `.ci/wheels` builds, installs and talks to them."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
TUTORIAL = ROOT / "tests/tutorial"
PROJECTS = [ROOT, *PLUGINS, TUTORIAL]
PARTS = {"pydantic_core": "pydantic", "pydantic-core": "pydantic"}  # pydantic pins it, and names it as its own
BROUGHT = {"lumiera": "lumiera-core", **{folder.name.replace("-", "_"): folder.name for folder in PLUGINS}}


@cache
def about(project: Path) -> dict[str, Any]:
    return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))


def package(project: Path) -> Path:
    (name,) = about(project)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return project / str(name)


def files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def named(project: Path) -> str:
    return str(about(project)["project"]["name"])


def imports(path: Path) -> Iterator[str]:
    """Yield the packages that a file imports, those for type checkers left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def needs(project: Path) -> dict[str, Requirement]:
    found = map(Requirement, about(project)["project"].get("dependencies", []))
    return {canonicalize_name(one.name): one for one in found}


def extras(project: Path) -> Iterator[str]:
    """Yield what is asked for by name only, such as what `serve --reload` watches files with."""
    for wanted in about(project)["project"].get("optional-dependencies", {}).values():
        yield from (canonicalize_name(Requirement(one).name) for one in wanted)


@pytest.mark.parametrize("project", PROJECTS, ids=named)
def test_a_wheel_is_the_package_of_its_project(project: Path) -> None:
    folder = package(project)
    assert (folder / "__init__.py").is_file()
    assert folder.parent == project
    assert about(project)["build-system"]["build-backend"] == "hatchling.build"


@pytest.mark.parametrize("project", [ROOT, *PLUGINS], ids=named)
def test_a_package_tells_its_types_and_has_a_readme(project: Path) -> None:
    assert (package(project) / "py.typed").is_file()
    assert (project / about(project)["project"]["readme"]).is_file()


@pytest.mark.parametrize("project", PROJECTS, ids=named)
def test_nothing_of_a_package_is_ignored_and_so_left_out_of_the_wheel(project: Path) -> None:
    patterns = [line.strip() for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()]
    for path in files(package(project)):
        *folders, file = path.relative_to(project).parts
        for pattern in filter(None, patterns):
            names = folders if pattern.endswith("/") else [*folders, file]
            assert not any(fnmatch(name, pattern.strip("/")) for name in names), f"{path}: .gitignore has {pattern}"


@pytest.mark.parametrize("project", [*PLUGINS, TUTORIAL], ids=named)
def test_no_file_that_a_plugin_needs_lies_beside_its_package(project: Path) -> None:
    inside = package(project).name
    beside = {path.relative_to(project).parts[0] for path in files(project)} - {inside}
    tests = {name for name in beside if name == "tests" or name.startswith(("test_", "conftest"))}
    caches = {name for name in beside if name.startswith(".")}
    assert beside - tests - caches <= {"pyproject.toml", "README.md"}


@pytest.mark.parametrize("project", [*PLUGINS, TUTORIAL], ids=named)
def test_the_entry_point_of_a_plugin_is_in_its_package(project: Path) -> None:
    points = about(project)["project"]["entry-points"]["lumiera"]
    assert len(points) == 1
    for point in points.values():
        module, _, attribute = str(point).partition(":")
        path = project.joinpath(*module.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        assert file.is_relative_to(package(project))
        assert attribute in file.read_text(encoding="utf-8")


def test_the_core_brings_no_plugin_and_no_plugin_is_needed_by_it() -> None:
    assert set(about(ROOT)["project"]["entry-points"]) == {"pytest11"}
    assert [name for name in needs(ROOT) if name.startswith("lumiera")] == []


@pytest.mark.parametrize("language", ["fr", "en", "es", "pt", "de", "it", "ro", "pl", "ar"])
def test_the_core_carries_its_texts(language: str) -> None:
    assert (package(ROOT) / "locales" / f"{language}.ftl").is_file()


@pytest.mark.parametrize("project", [*PLUGINS, TUTORIAL], ids=named)
def test_a_plugin_fits_the_core_of_its_version_and_no_later_one(project: Path) -> None:
    version = str(about(ROOT)["project"]["version"])
    major, minor, _ = version.split(".")
    assert about(project)["project"]["version"] == version
    for name, needed in needs(project).items():
        if name.startswith("lumiera"):
            assert str(needed.specifier) == f"<{major}.{int(minor) + 1},>={major}.{minor}"
            assert version in needed.specifier
    assert "lumiera-core" in needs(project)


@pytest.mark.parametrize("project", PROJECTS, ids=named)
def test_every_dependency_has_a_bound_and_no_index_of_its_own(project: Path) -> None:
    for needed in needs(project).values():
        assert needed.url is None
        assert any(one.operator in (">=", "==", "~=") for one in needed.specifier), needed
    assert about(project)["project"]["requires-python"] == ">=3.11"


@pytest.mark.parametrize("project", PROJECTS, ids=named)
def test_what_a_package_imports_it_asks_for(project: Path) -> None:
    own, declared = package(project).name, {*needs(project), *extras(project)}
    offers = packages_distributions()
    for path in files(package(project)):
        if path.suffix != ".py" or "testing" in (path.stem, *path.parts):
            continue  # test kits have an extra of their own
        for name in set(imports(path)) - {own, *sys.stdlib_module_names}:
            offered = [BROUGHT[name]] if name in BROUGHT else offers.get(name, ())
            asked = {canonicalize_name(PARTS.get(one, one)) for one in offered}
            assert asked & declared, f"{path.name} imports {name}, which {named(project)} does not ask for"


def test_every_distribution_is_in_the_development_environment() -> None:
    told = about(ROOT)
    sources = set(told["tool"]["uv"]["sources"])
    brought = {canonicalize_name(Requirement(one).name) for one in told["dependency-groups"]["dev"]}
    for project in PLUGINS:
        assert named(project) == project.name
        assert named(project) in sources & brought


def test_the_proof_by_pip_runs_with_every_change() -> None:
    assert ".ci/wheels" in (ROOT / ".ci/run").read_text(encoding="utf-8")
