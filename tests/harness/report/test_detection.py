"""The table of the detector's errors: shares with intervals that are right at the ends."""

from collections.abc import Callable

import pytest
from scipy.stats import binomtest

from harness.records.record import Record
from harness.report.detection import detection, interval
from harness.report.layout import layout
from harness.report.results import Results

Rows = Callable[..., list[Record]]


@pytest.mark.parametrize(("wrong", "n"), [(0, 50), (1, 50), (7, 10), (10, 10), (3, 10000)])
def test_intervals_are_those_of_wilson(wrong: int, n: int, rows: Rows) -> None:
    (row,) = rows("detection_error", [wrong / n], "scenes_detector", images=n)
    share, low, high = interval(row)
    exact = binomtest(wrong, n).proportion_ci(method="wilson")
    assert share == wrong / n
    assert (low, high) == pytest.approx((exact.low, exact.high), abs=1e-12)
    assert (low == 0) == (wrong == 0)
    assert (high == 1) == (wrong == n)


def test_the_table_has_a_row_a_cell_and_a_column_a_task(
    detections: list[Record], results: Callable[..., Results]
) -> None:
    part = detection(results(detections), layout("scenes_detector"))
    assert part.header[:5] == ("size", "layout", "damage", "severity", "n")
    assert part.header[5:7] == ("single object", "two object")
    assert part.header[-2:] == ("detection error", "verdict error")
    assert [row[:5] for row in part.body] == [
        ("24", "grid", "none", "0.0", "50"),
        ("24", "grid", "blur", "0.6", "50"),
        ("24", "grid", "blur", "1.0", "50"),
        ("24", "grid", "noise", "0.4", "50"),
        ("64", "grid", "none", "0.0", "50"),
    ]
    assert part.body[0][5] == "0 [0, 7.1]"
    assert part.body[1][5] == "2 [0.35, 10]"
    assert part.body[2][-1] == "50 [44, 56]"
    found = [t for t in part.tidy if (t["damage"], t["metric"]) == ("blur", "verdict_error")]
    assert [(t["share"], t["n"]) for t in found] == [(0.02, 300), (0.5, 300)]
