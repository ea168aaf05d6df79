"""The noise level from which on an arm admits an imperfect image, of the trainings in the cache.

It is an outcome of the annotation: published records do not have it, and say so by its absence.
"""

import json
from pathlib import Path

import numpy as np

from harness.report.results import Group, Results

ARM = "gated"


def sigma_min(results: Results, group: Group) -> float | None:
    """The mean over replicates of the annotated sigma_min; None where the cache is gone."""
    for run in results.runs:
        key = run["stages"].get("train", {}).get("key")
        if run["cell_id"] == group.cell_id and key:
            return _summary(results.cache / "train" / key / "training.json")
    return None


def drawn(results: Results) -> bool:
    """Whether a gated cell has a level, so that a figure can draw it."""
    gated = (group for group in results.groups if group.params.get("arm") == ARM)
    return any(sigma_min(results, group) is not None for group in gated)


def _summary(path: Path) -> float | None:
    if not path.is_file():
        return None
    levels = [level for level in json.loads(path.read_text("utf-8"))["sigma_min"] if level]
    return float(np.mean(levels)) if levels else None
