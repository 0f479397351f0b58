"""Puts the tutorial's plugin where an installed one is."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # at import: the test imports the plugin at its head, as one would
