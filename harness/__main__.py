"""``python -m harness``: the command line, also without an installed console script."""

from harness.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
