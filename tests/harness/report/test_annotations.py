"""What annotators say: levels with their intervals, each beside the value of its own rule."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from harness.records.record import Record
from harness.report.annotations import annotations, level, paper
from harness.report.layouts import layout
from harness.report.results import Results

Rows = Callable[..., list[Record]]
Read = Callable[..., Results]
SHOWN = layout("annotators")
FOUND = [0.0947, 0.0974, 0.1107, 0.0976]


@pytest.fixture
def asked(rows: Rows) -> Rows:
    def make(values: list[float], annotator: str, data: str, noise: str = "noise 0.05") -> Any:
        params = {"arm": "annotation", "annotator": annotator, "corruption": noise, "data": data}
        found = rows("sigma_min_mean", values, study="annotators", **params)
        return found + rows("annotation_flops", [2e9] * 4, study="annotators", **params)

    return make


def run(records: list[Record], **stage: Any) -> dict[str, Any]:
    stages = {"annotate": {"seconds": 12.0, "processor": "Zilog Z80", **stage}}
    cell = records[0]
    return {
        "cell_id": cell.cell_id, "params": cell.params, "replicates": 4, "config": [],
        "stages": stages,
    }  # fmt: skip


@pytest.fixture
def study(asked: Rows) -> list[Record]:
    return [
        *asked(FOUND, "per image", "Gaussian"),
        *asked([0.2, 0.3, 0.25, 0.25], "per image", "photographs"),
        *asked([0.3, 0.28, 0.33, 0.31], "accuracy", "Gaussian"),
        *asked([0.1001] * 4, "Bayes, mean", "Gaussian"),
        *asked([0.3182] * 4, "Bayes, accuracy", "Gaussian"),
        *asked([0.4, 0.5, 0.4, 0.5], "per image", "photographs", "blur 0.8"),
    ]


def test_a_row_holds_level_value_of_its_own_rule_and_the_papers(
    study: list[Record], results: Read
) -> None:
    part = annotations(results(study), SHOWN)
    assert [row[:3] for row in part.body] == [
        ("blur 0.8", "per image", "4"),
        ("noise 0.05", "per image", "4"),
        ("noise 0.05", "accuracy", "4"),
    ]
    assert part.body[0][3:7] == ("–", "–", "0.450 [0.358, 0.542]", "–")
    assert part.body[1][3:7] == (
        "0.100 [0.0887, 0.112]", "0.100", "0.250 [0.185, 0.315]", "0.0580",
    )  # fmt: skip
    assert part.body[2][4] == "0.318"
    assert part.body[2][6] == "–"  # the paper's classifier goes by the mean
    exact = {t["annotator"]: t["value_of_rule"] for t in part.tidy if t["data"] == "Gaussian"}
    assert exact == {"per image": pytest.approx(0.1001), "accuracy": pytest.approx(0.3182)}
    assert {t["value_of_rule"] for t in part.tidy if t["data"] == "photographs"} == {None}


def test_the_interval_is_students_over_replicates(asked: Rows, results: Read) -> None:
    (group,) = results(asked(FOUND, "per image", "Gaussian")).groups
    low, high = stats.ttest_1samp(FOUND, 0).confidence_interval(0.95)
    assert level(group) == pytest.approx((np.mean(FOUND), low, high))


def test_a_lost_replicate_is_counted_and_a_single_one_has_no_interval(
    asked: Rows, results: Read
) -> None:
    found = asked([*FOUND[:3], np.nan], "per image", "Gaussian")
    assert annotations(results(found), SHOWN).body[0][3].endswith("] (3 of 4)")
    found = asked([0.1, np.nan, np.nan, np.nan], "per image", "Gaussian")
    assert annotations(results(found), SHOWN).body[0][3] == "0.100 (1 of 4)"
    found = asked([np.nan] * 4, "per image", "Gaussian")
    assert annotations(results(found), SHOWN).body[0][3] == "–"


def test_cost_is_that_of_one_annotation_on_the_processor_named(asked: Rows, results: Read) -> None:
    gauss = asked(FOUND, "per image", "Gaussian")
    photos = asked(FOUND, "per image", "photographs")
    runs = [run(photos), run(gauss, seconds=40.0)]
    part = annotations(results([*gauss, *photos], runs=runs), SHOWN)
    assert part.body[0][-2:] == ("3", "2.00×10⁹")
    assert [t["seconds"] for t in part.tidy] == [10.0, 3.0]
    assert len(part.notes) == 1
    assert "wall" in part.notes[0]
    assert part.notes[0].endswith("on Zilog Z80.")
    worked = [run(photos, core_seconds=8.0), run(gauss, core_seconds=8.0)]
    part = annotations(results([*gauss, *photos], runs=worked), SHOWN)
    assert part.body[0][-2] == "2"
    assert "wall" not in part.notes[0]


def test_without_runs_there_is_no_clock(study: list[Record], results: Read) -> None:
    part = annotations(results(study), SHOWN)
    assert part.notes == ()
    assert {row[-2] for row in part.body} == {"–"}


def test_the_papers_numbers_are_found_by_the_level_of_the_noise() -> None:
    printed = [paper("annotators", f"noise {level}") for level in (0.05, 0.1, 0.2)]
    assert printed == [0.058, 0.102, 0.179]
    assert paper("annotators", "noise 0.3") is None
    assert paper("annotators", "blur 0.05") is None
    assert paper("ambient_blur", "blur 0.4") == 0.22
