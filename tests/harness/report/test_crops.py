"""What crops find, by hand: shares, geometric means with their intervals, and both maps."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from harness.records.record import Record
from harness.report.crops import crop_map, crops, papers_map, span
from harness.report.layouts import layout
from harness.report.published import rows as published_rows
from harness.report.results import Results
from theory.ambient.locality import MAP as PRINTED

Rows = Callable[..., list[Record]]
Read = Callable[..., Results]
SHOWN = layout("ambient_ood")
LOGS = [math.log(0.1), math.log(0.2), math.log(0.4)]


@pytest.fixture
def asked(rows: Rows) -> Rows:
    def make(other: str, data: str = "photographs", **given: list[float]) -> list[Record]:
        params = {"arm": "annotation", "annotator": "crops", "data": data, "other": other}
        names = {"share": "sigma_max_admitted", "log": "sigma_max_log_mean"}
        names |= {"sd": "sigma_max_log_sd", "k1": "crop_share/1", "k4": "crop_share/4"}
        names |= {"map1": "sigma_max/crop=1", "map16": "sigma_max/crop=16"}
        names |= {"map3": "sigma_max/crop=3"}
        return [
            row
            for name, values in given.items()
            for row in rows(names[name], values, study="ambient_ood", **params)
        ]

    return make


@pytest.fixture
def study(asked: Rows, rows: Rows) -> list[Record]:
    found = asked(
        "textures", share=[0.8, 0.8, 0.8], log=LOGS, sd=[math.log(2)] * 3, k1=[0.2, 0.3, 0.4],
        k4=[0.6, 0.5, 0.4], map1=[0.01, 0.02, 0.03], map16=[0.5] * 3, map3=[0.3] * 3,
    )  # fmt: skip
    found += asked("noise", share=[0.0] * 3, k1=[0.0] * 3, map1=[0.01, 0.02, 0.03])
    found += asked("digits", data="digits 0 to 4", share=[1.0], log=[0.0], sd=[0.0], map1=[9.0])
    gated = {"arm": "gated", "annotator": "crops", "data": "photographs", "other": "textures"}
    return found + rows("sigma_max_admitted", [0.5] * 3, study="ambient_ood", **gated)


def test_a_set_has_its_shares_and_the_geometric_mean_of_its_levels(
    study: list[Record], results: Read
) -> None:
    part = crops(results(study), SHOWN)
    assert part.header[3:] == (
        "share admitted", "σmax of these", "spread", "share at 1 px", "share at 4 px",
    )  # fmt: skip
    low, high = np.exp(stats.ttest_1samp(LOGS, 0).confidence_interval(0.95))
    assert part.body == (
        ("digits 0 to 4", "digits", "1", "1.00", "1.00", "× 1.00", "–", "–"),
        ("photographs", "noise", "3", "0", "–", "–", "0", "–"),
        (
            "photographs", "textures", "3", "0.800",
            f"0.200 [{low:#.3g}, {high:.3g}]", "× 2.00", "0.300", "0.500",
        ),
    )  # fmt: skip
    assert len(part.cells) == len(set(part.cells)) == 3  # of a training there is no row
    (tidy,) = [
        t for t in part.tidy if (t["other"], t["metric"]) == ("textures", "sigma_max_log_mean")
    ]
    assert (tidy["mean"], tidy["n"]) == (pytest.approx(math.log(0.2)), 3)
    assert math.exp(tidy["low"]) == pytest.approx(low)
    single = [t for t in part.tidy if t["data"] == "digits 0 to 4"]
    assert {t["low"] for t in single} == {t["high"] for t in single} == {None}


def test_the_paper_s_own_levels_stand_below(study: list[Record], results: Read) -> None:
    (note,) = crops(results(study), SHOWN).notes
    for text in ("0.09 (AFHQ dogs and cats)", "0.042 (AFHQ dogs and procedural images)"):
        assert text in note
    other = [replace(row, study="ambient_blur") for row in study]
    assert crops(results(other), SHOWN).notes == ()


def test_a_target_has_one_map_beside_the_paper_s(study: list[Record], results: Read) -> None:
    part = crop_map(results(study), SHOWN)
    logs = np.log([0.01, 0.02, 0.03])
    low, high = np.exp(stats.ttest_1samp(logs, 0).confidence_interval(0.95))
    assert part.body == (
        ("digits 0 to 4", "1", "1", "9.00", "0.0100"),
        ("photographs", "1", "3", f"0.0182 [{low:#.3g}, {high:#.3g}]", "0.0100"),
    )
    turned = [row for row in study if row.params["other"] == "textures"]
    rest = crop_map(results(turned), SHOWN).body
    assert [row[1:] for row in rest[1:]] == [
        ("3", "3", "0.300", "–"),
        ("16", "3", "0.500", "0.200"),
    ]
    assert [t["paper"] for t in crop_map(results(turned), SHOWN).tidy] == [0.01, None, 0.2]


def test_the_paper_s_map_is_that_of_the_law_of_locality() -> None:
    for level, size in PRINTED:
        assert papers_map("ambient_ood", size) == level
    assert papers_map("ambient_ood", 2) is None
    assert papers_map("ambient_blur", 4) is None
    named = [row for row in published_rows() if row["metric"].startswith("sigma_max of a crop")]
    assert len(named) == len(PRINTED)


def test_a_crop_that_serves_at_no_level_has_an_arithmetic_mean(asked: Rows, results: Read) -> None:
    found = asked("textures", share=[1.0] * 3, map1=[0.0, 0.02, 0.04])
    (row,) = crop_map(results(found), SHOWN).tidy
    low, high = stats.ttest_1samp([0.0, 0.02, 0.04], 0).confidence_interval(0.95)
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((0.02, low, high))


def test_failed_replicates_take_no_part_in_a_span(asked: Rows, results: Read) -> None:
    (group,) = results(asked("textures", share=[0.5, math.nan, 0.7])).groups
    low, high = stats.ttest_1samp([0.5, 0.7], 0).confidence_interval(0.95)
    assert span(group, "sigma_max_admitted") == pytest.approx((0.6, low, high))
    assert span(group, "sigma_max_log_mean") is None
