"""`python -m lumiera` is the command `lumiera`."""

from __future__ import annotations

from lumiera.cli import main

if __name__ == "__main__":
    main()
