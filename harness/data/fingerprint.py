"""The fingerprint of what is read from a user's own files: images, or annotations of images.

The embedded datasets and the pinned archive are the same wherever they are; a folder or an npz
file can change behind its path. Its fingerprint is the sha256 of the bytes of every file, with the
name: it enters the key of what is trained on it, so that other images are never taken for these.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from harness.cell import nested

OWN = ("folder", "npz", "file")  # the rows whose text parameters may be paths


def fingerprint(params: Any) -> str:
    """Sixteen hexadecimal digits for the user's files that parameters name; empty without any."""
    own = [each for each in nested(params) if each.name in OWN]
    names = sorted(str(value) for each in own for _, value in each.params if type(value) is str)
    found = tuple(name for name in names if Path(name).exists())
    return _digest(found) if own else ""


@cache
def _digest(names: tuple[str, ...]) -> str:
    total = hashlib.sha256()
    for name in names:
        root = Path(name)
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file():
                total.update(path.relative_to(root).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]
