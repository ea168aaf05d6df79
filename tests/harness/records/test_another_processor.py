"""Builds of one program on two processors pass, and what an own t test for each group said of them.

``golden/another_processor.csv`` is what was published of two studies at ``cpu``, made once on an
AMD and once on an Intel processor: ``ambient_blur`` at 225f23c and before, where training repeated
to a few roundings, and ``condition_flips`` at 6e6ff97 and before, where the classifier that the
metric looks through was trained anew.
"""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from harness.records.compare import compare
from harness.records.holm import holm
from harness.records.record import Record, measured
from harness.records.shift import LEVEL

GOLDEN = Path(__file__).parent / "golden" / "another_processor.csv"


def _sides(study: str) -> tuple[list[Record], list[Record]]:
    lines = [line for line in csv.DictReader(GOLDEN.open()) if line["study"] == study]
    return tuple(
        [
            measured(
                float(line[side]), float(line[f"{side}_error"]), study=study, params={},
                cell_id=line["cell_id"], replicate=int(line["replicate"]), metric=line["metric"],
                unit="1", tier="tolerance",
            )
            for line in lines
        ]
        for side in ("reference", "new")
    )  # type: ignore[return-value]  # fmt: skip


@pytest.mark.parametrize(
    ("study", "rows", "groups", "equal"),
    [("ambient_blur", 200, 40, 40), ("condition_flips", 336, 69, 0)],
)
def test_another_processor_moves_no_result(study: str, rows: int, groups: int, equal: int) -> None:
    old, new = _sides(study)
    for sides in ((old, new), (new, old)):
        found = compare(*sides)
        assert found.ok
        assert (found.common, found.changed, len(found.groups)) == (rows, rows, groups)
        assert sum(group.test == "equal" for group in found.groups) == equal
    by_group: dict[tuple[str, str], list[float]] = {}
    for a, b in zip(old, new):
        by_group.setdefault((a.cell_id, a.metric), []).append((b.value or 0) - (a.value or 0))
    p = [float(stats.ttest_1samp(each, 0).pvalue) for each in by_group.values()]
    assert np.min(holm(p)) < LEVEL  # a plain paired t test of each group, Holm over all


@pytest.mark.parametrize("study", ["ambient_blur", "condition_flips"])
def test_a_shift_on_another_processor_is_still_seen(study: str) -> None:
    old, new = _sides(study)
    cell = sorted({row.cell_id for row in new})[2]
    moved = [
        measured(
            (row.value or 0) + 3 * (row.standard_error or 0) * (row.cell_id == cell),
            row.standard_error, study=study, params={}, cell_id=row.cell_id,
            replicate=row.replicate, metric=row.metric, unit="1", tier="tolerance",
        )
        for row in new
    ]  # fmt: skip
    assert {shift.row[shift.row.index("[") + 1 :][:8] for shift in compare(old, moved).shifts} == {
        cell[:8]
    }
