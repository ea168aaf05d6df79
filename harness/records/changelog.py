"""The changelog of the results: one line for each reference that was published or decided anew.

The newest stands on top. A line names the reference as ``<scale>/<study> at <commit>``. One of
claims that were decided anew (``harness.run.redecide``) holds the digest of what its manifest has
since; it is written before the manifest, so that a line whose digest the manifest does not have is
one of a process that was killed between the two.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.cell import digest

TITLE = "# Changelog of the results\n\n"
ANEW = "claims decided anew on"
PLACE = re.compile(r"^- (?:[-\d]+ )?([\w.-]+/[\w.-]+) at [0-9a-f]+[:,]", re.MULTILINE)


def read(path: Path) -> str:
    """The text of a changelog; nothing where there is none."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


def on_top(text: str, line: str) -> str:
    """A changelog with one more line, which ends with a line feed, above the others."""
    text = text or TITLE
    head, body = text.split("\n\n", 1) if text.startswith("# ") and "\n\n" in text else ("", text)
    return f"{head}\n\n{line}{body}" if head else line + body


def places(text: str) -> set[str]:
    """Every reference that has a line, as ``<scale>/<study>``: each was published."""
    return set(PLACE.findall(text))


def published(text: str, place: str) -> str | None:
    """The newest line of a reference by which it was published, else None."""
    lines = (line for line in text.splitlines() if f" {place} at " in line and ANEW not in line)
    return next(lines, None)


def decided(text: str, place: str) -> str | None:
    """The newest line of a reference where it is one of claims decided anew, else None.

    place: ``<scale>/<study>``.
    """
    lines = (line for line in text.splitlines(keepends=True) if f" {place} at " in line)
    newest = next(lines, "")
    return newest if ANEW in newest else None


def speaks_of(line: str, claims: Mapping[str, Any]) -> bool:
    """Whether a line of claims decided anew is of these claims of a manifest."""
    return f"`{digest(claims)}`" in line
