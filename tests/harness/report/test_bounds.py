"""The tables of the laws: tightness, void shares, and where biased data help."""

import math
from collections.abc import Callable

import pytest

from harness.records.record import Record
from harness.report.bounds import bounds
from harness.report.layouts import layout
from harness.report.results import Results
from harness.report.switching import measured, predicted, settings, spans, switching

Read = Callable[..., Results]
Law = Callable[..., list[Record]]
SHOWN = layout("ambient_laws")


def test_one_row_a_pair_with_the_least_and_the_largest_ratio(law: Law, results: Read) -> None:
    found: list[Record] = []
    for sigma, exact, printed, void in ((0.1, 0.5, 2.0, 1.0), (1.0, 0.2, 0.3, 0.0)):
        values = {"exact": exact, "printed": printed, "dobrushin": 2 * exact, "void": void}
        found += law("contraction_tv", values, p="a", q="b", sigma=sigma)
    part = bounds(results(found), SHOWN)
    assert part.body == (
        ("TV under noise", "a | b", "2", "0.1 to 1", "1.5 to 4", "50 %", "Dobrushin 2", "–"),
    )
    (row,) = part.tidy
    assert (row["tightness_low"], row["tightness_high"]) == pytest.approx((1.5, 4.0))
    assert (row["points"], row["with_bound"], row["void"]) == (2, 2, 1)


def test_a_point_without_a_bound_or_a_number_is_counted(law: Law, results: Read) -> None:
    found = law("contraction_tv", {"exact": 0.5, "void": 1.0}, p="a", q="b", sigma=0.1)
    found += law(
        "contraction_tv", {"exact": math.inf, "printed": 1.0, "void": 0.0}, p="a", q="b", sigma=1.0
    )
    part = bounds(results(found), SHOWN)
    assert part.body[0][4:] == ("–", "50 %", "–", "1")
    assert part.notes == (
        "diverged: law contraction tv, p a, q b, sigma 1.0, metric exact (1 row): the value is inf",
    )


def test_signs_need_four_standard_errors(law: Law, results: Read) -> None:
    for ratio, error, sign in (
        (0.79, 0.05, "help"),
        (0.81, 0.05, "unresolved"),
        (1.21, 0.05, "hurt"),
        (0.999, 0.0, "help"),
    ):
        (group,) = results(
            law("switching_point", {"exact": ratio, "printed": 1.1}, {"exact": error}, sigma=1.0)
        ).groups
        assert measured(group) == sign
        assert predicted(group, "printed") == "hurt"
        assert predicted(group, "order_ratio") == "unresolved"


def test_spans_join_neighbours() -> None:
    levels = [0.1, 0.2, 0.5, 1.0, 2.0]
    assert spans(levels, [True, True, False, True, False]) == "0.1 to 0.2, 1"
    assert spans(levels, [False] * 5) == "nowhere"
    assert spans(levels, [True] * 5) == "0.1 to 2"


def test_the_switching_table_counts_where_a_bound_is_right(
    laws: list[Record], results: Read
) -> None:
    part = switching(results(laws), SHOWN)
    # of 0.1, 1 and 10 the middle one is not resolved; the explicit bound says help everywhere
    assert part.body == (
        ("beta(2,2) | beta(4,4)", "100", "2 of 3", "10", "0.1 to 10", "1 of 2", "10", "2 of 2"),
    )


def test_settings_are_grouped_by_pair_then_by_clean_samples(law: Law, results: Read) -> None:
    found: list[Record] = []
    for q in ("y", "z"):
        for n1 in (400, 25):
            for sigma in (2.0, 1.0):
                where = {"p": "x", "q": q, "n1": n1, "sigma": sigma}
                found += law("switching_point", {"exact": 1.0}, **where)
    got = settings(results(found))
    assert list(got) == [("x", "y", 25), ("x", "y", 400), ("x", "z", 25), ("x", "z", 400)]
    assert [g.params["sigma"] for g in got["x", "y", 25]] == [1.0, 2.0]
