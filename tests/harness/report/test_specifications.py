"""The table of specification curves: shares, what was spent, what a verdict would still cost."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from harness.records.record import Record
from harness.report.layouts import LAYOUTS, layout
from harness.report.results import Results
from harness.report.specifications import HEADER, headline, specifications
from harness.studies import STUDIES

Rows = Callable[..., list[Record]]
STUDY = "ambient_jpeg"
NAME = "gated-beats-clean-jpeg"


def run(cell: str, key: str, seconds: float) -> dict[str, Any]:
    stage = {"key": key, "seconds": 1e9, "core_seconds": seconds, "accelerator": ""}
    return {"cell_id": cell, "config": [], "stages": {"train": stage}}


def results(rows: Rows, needed: int | None) -> Results:
    """Two replicates of two cells, by the factors and metrics that the claim reads."""
    table: list[Record] = []
    rule = dict(headline(STUDY))[NAME]
    (where, *_) = rule.conditions
    for arm, values in (("clean", (1.0, 1.0)), ("gated", (0.5, 2.0))):
        free = where if arm == "gated" else {k: v for k, v in where.items() if k == "network"}
        for reading in rule.metrics:
            table += rows(reading.metric, values, **{"network": "mlp", **free, "arm": arm})
    cells = sorted({row.cell_id for row in table})
    runs = [run(cells[0], "a", 60.0), run(cells[1], "b", 180.0), run("another", "c", 6000.0)]
    lines = [{"id": NAME, "verdict": {"replicates_needed": needed}}]
    return Results(STUDY, "smoke", table, runs, lines)


def test_a_claim_has_its_shares_its_price_and_what_is_missing(rows: Rows) -> None:
    part = specifications(results(rows, needed=6), layout(STUDY))
    (row,) = [dict(zip(HEADER, body)) for body in part.body if body[0] == NAME]
    metrics = {spec["metric"] for spec in part.tidy if spec["claim"] == NAME}
    assert row["choices"] == str(len(metrics))
    assert row["single runs"] == "50 %"  # one of two replicates is lower, in every metric
    assert (row["resolved for"], row["against"]) == ("0", "0")
    assert row["core-minutes"] == "4"  # of the two cells, not of another
    assert (row["replicates more"], row["core-minutes more"]) == ("6", "12")  # 2 minutes a pair
    ratios = [spec for spec in part.tidy if spec["unit"] == "log ratio"]
    effects = [spec["effect"] for spec in ratios if spec["data"] == "all"]
    assert effects == pytest.approx([0.0] * len(effects), abs=1e-12)
    single = {spec["effect"] for spec in ratios if spec["data"] == "one replicate"}
    assert sorted(single) == pytest.approx([-math.log(2), math.log(2)])


def test_a_verdict_that_needs_no_more_says_so(rows: Rows) -> None:
    part = specifications(results(rows, needed=None), layout(STUDY))
    assert [body[-2:] for body in part.body if body[0] == NAME] == [("–", "–")]


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_with_a_headline_claim_about_two_arms_shows_its_curve(study: str) -> None:
    shown = study in LAYOUTS and "specifications" in layout(study).parts
    assert shown == bool(headline(study))
