"""The fingerprint of a dataset that is read from a user's own files.

The embedded datasets and the pinned archive are the same wherever they are; a folder or an npz
file can change behind its path. Its fingerprint is the sha256 of the bytes of every file, with the
name: it enters the key of what is trained on it, so that other images are never taken for these.
"""

import hashlib
from functools import cache
from pathlib import Path

from harness.cell import Part

OWN = ("folder", "npz")


def fingerprint(dataset: Part | None) -> str:
    """Sixteen hexadecimal digits for a user's files; empty for a dataset that has none."""
    if dataset is None or dataset.name not in OWN:
        return ""
    names = sorted(str(value) for value in dataset.kwargs().values() if isinstance(value, str))
    return _digest(tuple(name for name in names if Path(name).exists()))


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
