"""`python -m lumiera` is the command `lumiera`."""

from lumiera.cli import main

if __name__ == "__main__":
    main()
