#!/usr/bin/env python3
"""How Sphinx builds the pages; `.ci/docs` says with which command.

The pages are plain Markdown, which a code host shows as well, so nothing in them is for Sphinx alone: its menu is made
here, of the links of the indexes.
"""

from __future__ import annotations

import re

from pygments.lexers.special import TextLexer  # type: ignore[import-untyped]
from sphinx.application import Sphinx

project = "Lumiera"
copyright = "Lumiera, MIT licence"  # noqa: A001 - Sphinx's name for it
extensions = ["myst_parser"]
exclude_patterns: list[str] = []
html_theme = "furo"
html_title = "Lumiera"
html_copy_source = False
nitpicky = True
myst_heading_anchors = 4  # the anchors of a code host

INDEXES = ("index", "decisions/README")
LINK = re.compile(r"\]\(([\w/-]+)\.md\)")


def setup(app: Sphinx) -> None:
    """Tell Sphinx of the menu, and of a language that it cannot colour."""
    app.add_lexer("ftl", TextLexer)
    app.connect("source-read", add_menu)


def add_menu(app: Sphinx, page: str, source: list[str]) -> None:
    """Make a menu of the pages that an index links to, in their order."""
    if page in INDEXES:
        pages = "\n".join(dict.fromkeys(LINK.findall(source[0])))
        source[0] += f"\n```{{toctree}}\n:hidden:\n\n{pages}\n```\n"
