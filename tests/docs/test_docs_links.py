"""Every link of the pages leads somewhere, and every page can be reached: without Sphinx, so that all tests see it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("**/*.md")), ROOT / "README.md", *sorted(ROOT.glob("plugins/*/README.md"))]
NAMED = r"`((?:config|docs|tests|benchmarks|plugins|lumiera)/[\w./-]*\w/?)`"


def prose(page: Path) -> str:
    """Return a page without its blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def links(page: Path) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", prose(page))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings as code hosts and Sphinx make them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        bare = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", bare).replace(" ", "-"))
    return found


def where(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=where)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in links(page):
        if re.match(r"\w+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{where(page)}: {link}"
        assert not anchor or anchor in anchors(target), f"{where(page)}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=where)
def test_no_two_headings_of_a_page_are_one_anchor(page: Path) -> None:
    headings = re.findall(r"^#+ .+$", prose(page), re.MULTILINE)
    assert len(headings) == len(set(headings))


@pytest.mark.parametrize("page", PAGES, ids=where)
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    """Or the page itself writes it, or it is the operator's to write."""
    text = prose(page)
    for path in re.findall(NAMED, text):
        if not path.startswith(("config/texts/", "config/prompts/")) and f"{path}`:" not in text:
            assert (ROOT / path).exists() or (page.parent / path).exists(), f"{where(page)}: {path}"


@pytest.mark.parametrize("page", sorted(DOCS.glob("**/*.md")), ids=where)
def test_every_page_is_in_the_index(page: Path) -> None:
    index = DOCS / "index.md" if page.parent == DOCS else page.parent / "README.md"
    listed = {(index.parent / link).resolve() for link in links(index)} | {index.resolve()}
    assert page.resolve() in listed, f"{where(index)} does not link to {where(page)}"


def test_the_index_leads_to_the_decisions_and_the_readme_to_the_index() -> None:
    assert "decisions/README.md" in links(DOCS / "index.md")
    assert any(link.startswith("docs/index.md") for link in links(ROOT / "README.md"))


def test_nothing_is_loaded_from_elsewhere() -> None:
    for page in [*DOCS.glob("**/*.md"), *DOCS.glob("**/*.svg")]:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<script|<iframe|!\[[^]]*\]\(https?:|@import|href=\"http", text), where(page)


def test_the_pages_speak_plainly() -> None:
    """Long lines are hard to review, and some words hide what they mean."""
    for page in sorted(DOCS.glob("*.md")):
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            assert len(line) <= 150 or line.lstrip().startswith(("|", "- ", "<", "async def")), (
                f"{where(page)}:{number}"
            )
            assert not re.search(r"\b(utili[sz]e|simply|obviously|e\.g\.|i\.e\.|etc\.)", line), (
                f"{where(page)}:{number}"
            )
