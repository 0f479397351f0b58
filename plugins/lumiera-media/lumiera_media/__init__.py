"""Files of users in a local folder: checked, cleaned, kept once, and linked for minutes."""

from __future__ import annotations

from lumiera_media.plugin import Media
from lumiera_media.store import FolderStore

__all__ = ["FolderStore", "Media"]
