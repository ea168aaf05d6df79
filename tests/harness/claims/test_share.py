"""Claims about counted shares: the interval decides, not the estimate."""

from dataclasses import replace

import pytest
from scipy.stats import binom, binomtest, norm

from harness.claims.claim import Claim
from harness.claims.decide import decide_all
from harness.claims.share import ShareWithin, limits
from harness.claims.verdict import Verdict
from harness.records.record import Record

RULE = ShareWithin("error", "allowed")


def counted(law, wrong: list[int], n: int, allowed: float = 0.005) -> list[Record]:
    """One cell a count of wrong pictures among n."""
    shares = [replace(row, n=n) for row in law("error", [k / n for k in wrong])]
    return shares + law("allowed", [allowed] * len(wrong))


def verdict(table: list[Record], rule: ShareWithin = RULE) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "paper")], table, complete=False)[0]


def test_none_wrong_of_few_supports_nothing(law) -> None:
    found = verdict(counted(law, [0, 0], 50))
    assert (found.word, found.outcome) == ("not resolved", "unresolved")
    assert "reaches beyond the bound in 2 of 2 cells" in found.reason
    assert (found.effect, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(binomtest(0, 50).proportion_ci(method="wilson").high)


def test_the_upper_limit_decides_to_the_last_picture(law) -> None:
    """Wilson's upper limit at 0 of n is z^2 / (n + z^2): 0.005 between n = 764 and 765."""
    z = norm.ppf(0.975) ** 2
    enough = next(n for n in range(1, 2000) if z / (n + z) <= 0.005)
    assert enough == 765
    assert verdict(counted(law, [0], enough)).word == "supported"
    assert verdict(counted(law, [0], enough - 1)).word == "not resolved"


def test_one_cell_of_many_leaves_it_open_and_is_named(law) -> None:
    found = verdict(counted(law, [0, 40, 2], 10000))
    assert found.word == "not resolved"
    assert "in 1 of 3 cells; highest at cell=1: 0.004 (n = 10000" in found.reason
    assert (found.effect, found.numbers["trials"]) == (0.004, 10000)


@pytest.mark.parametrize("n", [10, 1000, 10000])
def test_a_count_contradicts_where_chance_is_four_standard_errors_away(law, n) -> None:
    fails = next(k for k in range(n) if binom.sf(k - 1, n, 0.005) < norm.sf(4))
    assert binomtest(fails - 1, n).proportion_ci(method="wilson").low > 0.005
    assert verdict(counted(law, [fails - 1, 0], n)).word == "not resolved"
    found = verdict(counted(law, [0, fails + 1, fails], n))
    assert found.word == "contradicted"
    assert found.numbers["cells_broken"] == 2
    assert f"highest at cell=1: {(fails + 1) / n:.3g} " in found.reason


def test_a_cell_that_breaks_it_is_named_before_one_that_is_wider(law) -> None:
    """Few pictures give a wide interval, many a share that is surely too large."""
    few, many = counted(law, [1, 0], 10)[0], counted(law, [0, 100], 10000)[1]
    table = [few, many, *law("allowed", [0.005, 0.005])]
    assert limits(few)[1] > limits(many)[1]
    assert "highest at cell=1" in verdict(table).reason


@pytest.mark.parametrize(("wrong", "n"), [(0, 50), (1, 50), (7, 10), (10, 10), (3, 10000)])
def test_the_interval_is_that_of_wilson(law, wrong, n) -> None:
    exact = binomtest(wrong, n).proportion_ci(method="wilson")
    low, high = limits(counted(law, [wrong], n)[0])
    assert (low, high) == pytest.approx((exact.low, exact.high), abs=1e-12)
    assert (low == 0) == (wrong == 0)
    assert (high == 1) == (wrong == n)


def test_what_was_not_counted_is_no_number(law) -> None:
    table = counted(law, [0, 0], 10000)
    table[1] = replace(table[1], n=None)
    found = verdict(table)
    assert found.word == "supported"
    assert (found.numbers["cells"], found.numbers["cells_left_out"]) == (1, 1)
    assert "1 cells without a number left out" in found.reason
    lost = verdict([replace(row, n=None) for row in table])
    assert lost.word == "not resolved"
    assert "no number of trials" in lost.reason
    assert "no rows of allowed" in verdict(law("error", [0.0])).reason


def test_a_condition_selects_the_cells(law) -> None:
    table = counted(law, [0, 9000], 10000)
    assert verdict(table, replace(RULE, where={"cell": 0})).word == "supported"
    assert verdict(table, replace(RULE, where={"cell": 1})).word == "contradicted"
