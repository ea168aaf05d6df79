"""Multiples of the floor."""

import math
from collections.abc import Callable

import pytest

from harness.claims.sensitivity import MARGIN
from harness.records.record import Record
from harness.report.floors import floors, kinds, lines
from harness.report.layouts import layout
from harness.report.results import Results

Rows = Callable[..., list[Record]]
Read = Callable[..., Results]
SHOWN = layout("metric_sensitivity")


def test_a_damage_is_divided_by_the_mean_of_two_clean_halves(
    damages: list[Record], results: Read
) -> None:
    part = floors(results(damages), SHOWN)
    assert part.header == ("dataset", "reading", "noise", "blur", "hardly moved by")
    # the floor is (1 + 1.5) / 2 = 1.25; the strongest blur gives (8 + 12) / 2 = 10
    # precision departs from 1 by .05 undamaged, by .4 under the blur
    # the score moves by 7 and 21, where its undamaged values 4 and 7 have a spread of 2.12
    assert part.body == (
        ("photos", "FD random conv", "1.20", "8.00", "noise"),
        ("photos", "precision random conv", "1.20", "8.00", "noise"),
        ("photos", "high-frequency error", "1.20", "8.00", "noise"),
        ("photos", "inception score trained", "0.189 sd", "6.60 sd", "noise"),
    )


def test_every_severity_is_in_the_tidy_rows(damages: list[Record], results: Read) -> None:
    found = floors(results(damages), SHOWN).tidy
    blur = [r for r in found if r["damage"] == "blur" and r["metric"] == "fd_random_conv"]
    assert [(r["severity"], r["mean"], r["unit"]) for r in blur] == [
        (0.4, 2, "floor"),
        (0.8, 8, "floor"),
    ]
    score = [r for r in found if r["metric"].startswith("inception") and r["damage"] == "noise"]
    assert score[0]["unit"] == "sd"
    # paired with the undamaged value of the same replicate: |4.2 - 4| and |7.6 - 7|
    assert score[0]["mean"] == pytest.approx(0.4 / (3 / math.sqrt(2)))


def test_what_failed_is_said_in_the_cell(rows: Rows, results: Read) -> None:
    kind = {"study": "metric_sensitivity", "dataset": "photos"}
    found = rows("fd_random_conv", [1.0, 1.0], damage="none", severity=0.0, **kind)
    found += rows("fd_random_conv", [2.0, math.nan], damage="noise", severity=0.2, **kind)
    found += rows("fd_random_conv", [math.nan, math.nan], damage="blur", severity=0.2, **kind)
    part = floors(results(found), SHOWN)
    assert part.body == (("photos", "FD random conv", "2.00 (some failed)", "–", "–"),)
    assert part.tidy[0]["failed"] == 1
    assert kinds(results(found), SHOWN.order) == {"noise": [0.2], "blur": [0.2]}


def test_blind_spots_are_those_below_the_margin_of_the_claims(rows: Rows, results: Read) -> None:
    kind = {"study": "metric_sensitivity", "dataset": "photos"}
    found = rows("fd_random_conv", [1.0, 1.0], damage="none", severity=0.0, **kind)
    found += rows("fd_random_conv", [MARGIN - 0.01] * 2, damage="noise", severity=1.0, **kind)
    found += rows("fd_random_conv", [MARGIN + 0.01] * 2, damage="blur", severity=1.0, **kind)
    assert lines(results(found))[0].unseen == ["noise"]
