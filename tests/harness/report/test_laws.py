"""The table of a paper's laws: spans, void shares, errors, and every point in the CSV."""

import math
from collections.abc import Callable

import pytest

from harness.records.record import Record
from harness.report.laws import laws
from harness.report.layout import Layout
from harness.report.results import Results

Read = Callable[..., Results]
Law = Callable[..., list[Record]]
SHOWN = Layout(parts=("laws",), rows=("law", "data"))


def test_one_row_for_the_points_that_share_the_factors(law: Law, results: Read) -> None:
    found: list[Record] = []
    for t, exact, void in ((1, 0.5, 0.0), (2, -0.25, 1.0)):
        values = {"exact": exact, "printed": 1.0, "printed/exact": 1.0 / exact, "void": void}
        found += law("contraction_tv", values, {"exact": 0.01 * t}, data="a", t=t)
    found += law("contraction_tv", {"exact": 3.0, "void": 1.0}, data="b", t=1)
    part = laws(results(found), SHOWN)
    assert part.header == (
        "law", "data", "points", "exact", "unit", "error", "printed / exact", "void",
    )  # fmt: skip
    assert part.body == (
        ("contraction tv", "a", "2", "−0.25 to 0.5", "1", "0.02", "−4 to 2", "50 %"),
        ("contraction tv", "b", "1", "3", "1", "–", "–", "100 %"),
    )
    exact = [(row["t"], row["value"]) for row in part.tidy if row["metric"] == "exact"]
    assert sorted(exact) == [(1, 0.5), (1, 3.0), (2, -0.25)]
    assert part.notes[0].startswith("contraction tv: TV(P_sigma, Q_sigma) <= TV(P, Q) D")


def test_a_point_without_a_number_is_named(law: Law, results: Read) -> None:
    found = law("contraction_tv", {"exact": math.nan, "void": 0.0}, data="a", t=1)
    part = laws(results(found), SHOWN)
    assert part.body[0][3] == "–"
    assert any("the value is nan" in note for note in part.notes)


def test_a_law_of_another_paper_is_not_quoted(law: Law, results: Read) -> None:
    part = laws(results(law("unheard_of", {"exact": 1.0, "void": 0.0}, data="a")), SHOWN)
    assert part.notes == ()


@pytest.mark.parametrize("named", [(), ("law",)])
def test_the_law_alone_labels_a_row_where_nothing_else_is_named(
    law: Law, results: Read, named: tuple[str, ...]
) -> None:
    found = law("contraction_tv", {"exact": 1.0, "void": 0.0}, data="a")
    assert laws(results(found), Layout(parts=("laws",), rows=named)).labels == 1
