"""Multiples of the floor."""

import math
from collections.abc import Callable

from harness.records.record import Record
from harness.report.floors import floors
from harness.report.layout import layout
from harness.report.results import Results

Rows = Callable[..., list[Record]]
Read = Callable[..., Results]
SHOWN = layout("metric_sensitivity")


def test_a_damage_is_divided_by_the_mean_of_two_clean_halves(
    damages: list[Record], results: Read
) -> None:
    part = floors(results(damages), SHOWN)
    # the floor is (1 + 1.5) / 2 = 1.25; a blur gives (8 + 12) / 2 = 10
    assert part.body == (
        ("blur 0.8", "2", "8.00", "8.00", "8.00", "8.00"),
        ("noise 0.05", "2", "3.00", "3.00", "3.00", "3.00"),
    )
    assert {row["mean"] for row in part.tidy} == {8.0, 3.0}


def test_what_failed_is_said_in_the_cell(rows: Rows, results: Read) -> None:
    kind = {"study": "metric_sensitivity"}
    found = rows("fd_random_conv", [1.0, 1.0], damage="none", **kind)
    found += rows("fd_random_conv", [2.0, math.nan], damage="noise", **kind)
    part = floors(results(found), SHOWN)
    assert part.body == (("noise 0.05", "2", "2.00 (some failed)", "–", "–", "–"),)
    assert part.tidy[0]["failed"] == 1
