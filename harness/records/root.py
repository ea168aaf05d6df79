"""The root hash: one number that stands for every published result of a scale.

Of each reference the sha256 of its ``MANIFEST.json``, which holds those of its records and runs;
these, sorted, one a line, hashed once more. A byte that changes in any published file, a reference
that comes and one that goes give another root. By hand:

    sha256sum results/v1/cpu/*/MANIFEST.json | cut -d' ' -f1 | sort | head -c -1 | sha256sum
"""

import hashlib
from pathlib import Path

from harness.records.publish import VERSION


def root_hash(results: Path | str, scale: str) -> str | None:
    """The root hash of a scale's references below ``results``; None where there is none."""
    folders = Path(results, VERSION, scale).glob("*/MANIFEST.json")
    hashes = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in folders)
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest() if hashes else None
