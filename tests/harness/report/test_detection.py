"""The table of the detector's errors: shares with their intervals, under words."""

from collections.abc import Callable

from harness.records.record import Record
from harness.report.detection import detection, level
from harness.report.layouts import layout
from harness.report.results import Results
from harness.scale import read_sizes
from harness.studies import STUDIES


def test_the_table_has_a_row_a_cell_and_a_column_a_task(
    detections: list[Record], results: Callable[..., Results]
) -> None:
    part = detection(results(detections), layout("scenes_detector"))
    assert part.header[:5] == ("size", "layout", "damage", "severity", "n")
    assert part.header[5:7] == ("single object", "two object")
    assert part.header[-3:] == ("color attribute", "detection error", "verdict error")
    assert [row[:5] for row in part.body] == [
        ("24", "grid", "none", "none", "50"),
        ("24", "grid", "blur", "0.6 px", "50"),
        ("24", "grid", "blur", "1 px", "50"),
        ("24", "grid", "noise", "0.4", "50"),
        ("24", "grid", "JPEG", "quality 75", "50"),
        ("24", "grid", "JPEG", "quality 25", "50"),
        ("64", "grid", "none", "none", "50"),
    ]
    assert part.body[0][5] == "0 [0, 7.1]"
    assert part.body[1][5] == "2 [0.35, 10]"
    assert part.body[2][-1] == "50 [44, 56]"
    found = [t for t in part.tidy if (t["damage"], t["metric"]) == ("blur", "verdict_error")]
    assert [(t["share"], t["n"]) for t in found] == [(0.02, 300), (0.5, 300)]


def test_the_study_counts_jpeg_from_a_hundred_down() -> None:
    """The label of a cell's severity is the quality that its corruption was asked for."""
    asked = {
        level("jpeg", cell.labels()["severity"]): dict(cell.stages[0].params.corruption.params)
        for cell in STUDIES["scenes_detector"].cells(read_sizes("cpu"))
        if cell.labels()["damage"] == "jpeg"
    }
    assert sorted(asked) == sorted(f"quality {each['quality']}" for each in asked.values())
    assert all(name == f"quality {each['quality']}" for name, each in asked.items())
