"""Seconds: what drawing an image took, by the clock of the machine that drew it.

Operations are counted and are the same everywhere; seconds are of one machine, and stand in
``runs.jsonl`` alone, since no record has times. Those of an image are what one core worked in the
stage that draws, or the clock where a card did, over the images of all its replicates. Reading the
weights and writing the images are among them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.report.provenance import clocks, origins
from harness.report.results import Group, Results

OPERATIONS = "sampling_flops"  # the column beside which the seconds stand
STAGE = "sample_tokens"
METRIC = "sampling_seconds"
WORDS = "seconds an image drawn"


def seconds_of(results: Results) -> dict[str, float]:
    """Seconds an image drawn, by cell; of those whose run has a clock."""
    found = {}
    for run in results.runs:
        drawn = images(run)
        spent = clocks(run).get(STAGE)
        if drawn and spent is not None:
            found[str(run["cell_id"])] = spent / drawn
    return found


def images(run: Mapping[str, Any]) -> int:
    """How many images the stage drew, in all its replicates; 0 where there is no such stage."""
    counts = [one["count"] for one in run["config"] if one["stage"] == STAGE]
    return int(sum(counts)) * int(run["replicates"])


def told(results: Results, groups: Sequence[Group]) -> str:
    """On what the seconds of some cells were measured, and by which clock."""
    cells = {group.cell_id for group in groups}
    runs = [run for run in results.runs if run["cell_id"] in cells and images(run)]
    stages = [run["stages"][STAGE] for run in runs if STAGE in clocks(run)]
    found = origins([{"stages": {STAGE: stage}} for stage in stages])
    where = found.get("accelerator") or found.get("processor") or ["an unnamed processor"]
    worked = all(stage.get("core_seconds") is not None for stage in stages)
    by_card = bool(found.get("accelerator"))
    clock = "what one core worked" if worked and not by_card else "by the clock on the wall"
    return (
        f"Seconds are of a machine, {' and '.join(where)}, where operations are exact: the stage "
        f"{STAGE}, {clock}, over the images that it drew, reading the weights included."
    )
