"""Claims about laws: each word by a case made for it, and Wilson's interval by scipy."""

import math

import numpy as np
import pytest
from scipy import stats

from harness.claims.bound import BoundHolds, SignAgreement, wilson
from harness.claims.claim import Claim, Rule
from harness.claims.decide import decide_all
from harness.claims.verdict import Verdict
from harness.records.record import Record

HOLDS = BoundHolds("tv", "bound", "void")


def _verdict(rule: Rule, table: list[Record]) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "paper")], table)[0]


def test_a_bound_that_holds_is_supported_with_its_tightness(law) -> None:
    table = law("tv", [0.1, 0.2, 0.0]) + law("bound", [0.2, 0.2, 1.5]) + law("void", [0, 0, 1])
    found = _verdict(HOLDS, table)
    assert found.word == "supported"
    assert found.void_fraction == pytest.approx(1 / 3)
    assert (found.numbers["tightness_low"], found.numbers["tightness_high"]) == (1, 2)
    assert "void in 1 of 3 cells" in found.reason


def test_one_broken_cell_contradicts_and_the_worst_is_named(law) -> None:
    table = law("tv", [0.1, 0.3, 0.5]) + law("bound", [0.2, 0.2, 0.2]) + law("void", [1, 1, 1])
    found = _verdict(HOLDS, table)
    assert found.word == "contradicted"
    assert found.numbers["worst_cell"] == "0002"
    assert "fails in 2 of 3 cells, worst at cell=2: 0.5 against 0.2" in found.reason
    assert found.effect == pytest.approx(0.4)


def test_a_bound_that_is_trivial_everywhere_is_void(law) -> None:
    table = law("tv", [0.1, 0.2]) + law("bound", [1.5, 2.0]) + law("void", [1, 1])
    found = _verdict(HOLDS, table)
    assert found.word == "void"
    assert found.void_fraction == 1


def test_void_cells_in_which_a_paper_prints_no_bound_are_counted_as_void(law) -> None:
    table = law("tv", [0.1, 0.2, 0.3]) + law("bound", [0.2]) + law("void", [0, 1, 1])
    found = _verdict(HOLDS, table)
    assert found.word == "supported"
    assert found.void_fraction == pytest.approx(2 / 3)
    assert "holds in all 1 cells where it has a number" in found.reason
    assert "void in 2 of 3 cells" in found.reason
    assert "left out" not in found.reason
    silent = _verdict(HOLDS, law("tv", [0.1, 0.2]) + law("bound", [math.nan]) + law("void", [1, 1]))
    assert (silent.word, silent.void_fraction) == ("void", 1)


@pytest.mark.parametrize(("excess", "word"), [(0.9e-9, "supported"), (1.1e-9, "contradicted")])
def test_the_tolerance_is_a_billionth_relative(law, excess, word) -> None:
    table = law("tv", [3.0 * (1 + excess)]) + law("bound", [3.0])
    assert _verdict(BoundHolds("tv", "bound"), table).word == word


def test_a_monte_carlo_value_is_allowed_4_standard_errors(law) -> None:
    for value, word in ((1.39, "supported"), (1.41, "contradicted")):
        table = law("tv", [value], [0.1]) + law("bound", [1.0])
        assert _verdict(BoundHolds("tv", "bound"), table).word == word


def test_cells_without_a_number_are_left_out_and_counted(law) -> None:
    table = law("tv", [0.1, math.nan, 0.1]) + law("bound", [0.2, 0.2])
    found = _verdict(BoundHolds("tv", "bound"), table)
    assert found.word == "supported"
    assert found.numbers["cells_left_out"] == 2
    nothing = _verdict(BoundHolds("tv", "bound"), law("tv", [math.nan]))
    assert nothing.word == "not resolved"
    assert "no rows of bound" in nothing.reason


def test_a_condition_selects_the_cells(law) -> None:
    table = law("tv", [0.1, 0.3]) + law("bound", [0.2, 0.2])
    assert _verdict(BoundHolds("tv", "bound", where={"cell": 0}), table).word == "supported"
    assert _verdict(BoundHolds("tv", "bound", where={"cell": 1}), table).word == "contradicted"


@pytest.mark.parametrize(
    ("agreeing", "word"), [(99, "supported"), (60, "contradicted"), (92, "not resolved")]
)
def test_the_share_of_agreeing_cells_is_held_against_the_threshold(law, agreeing, word) -> None:
    a = np.where(np.arange(110) < agreeing, 2.0, 0.5)
    b = np.where(np.arange(110) < 100, 1.5, 1.3)  # the last ten are not resolved
    table = law("a", a) + law("b", b, np.full(110, 0.1))
    found = _verdict(SignAgreement("a", "b"), table)
    assert found.word == word
    assert found.effect == agreeing / 100
    assert (found.low, found.high) == wilson(agreeing, 100)
    assert (found.numbers["cells_resolved"], found.numbers["cells"]) == (100, 110)
    assert "10 cells are not resolved" in found.reason


def test_both_below_1_agree_and_a_ratio_of_exactly_1_agrees_with_nothing(law) -> None:
    table = law("a", [0.5, 1.0, 0.5]) + law("b", [0.2, 0.2, 1.8], [0.1, 0.1, 0.1])
    found = _verdict(SignAgreement("a", "b"), table)
    assert found.numbers["cells_agreeing"] == 1


def test_without_a_resolved_cell_there_is_no_share(law) -> None:
    found = _verdict(SignAgreement("a", "b"), law("a", [2.0]) + law("b", [1.1], [0.1]))
    assert found.word == "not resolved"
    assert found.effect is None
    assert "no cell of 1" in found.reason


def test_wilsons_interval_is_that_of_scipy() -> None:
    for successes, trials in [(0, 5), (3, 7), (95, 100), (9, 9)]:
        scipy = stats.binomtest(successes, trials).proportion_ci(method="wilson")
        assert wilson(successes, trials) == pytest.approx((scipy.low, scipy.high), abs=1e-12)
    assert wilson(0, 0) == (0, 1)
