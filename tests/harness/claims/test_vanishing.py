"""Where a gain vanishes: by hand, and by rows of known truth."""

import numpy as np
import pytest

from harness.claims.claim import Claim
from harness.claims.curve import Curve
from harness.claims.decide import decide_all
from harness.claims.place import used
from harness.claims.vanishing import Vanishing, outermost
from harness.claims.verdict import Verdict
from harness.problem import Problem

SIZES = (1, 2, 4, 8, 16)
EFFECT = Curve("loss", "n", "gated", "clean", "difference")
RULE = Vanishing(EFFECT, "lower", 0.1)


def table(rows, gains, noise: float = 0.01, runs: int = 6, seed: int = 0) -> list:
    g = np.random.default_rng(seed)
    return [
        row
        for n, gain in zip(SIZES, gains)
        for arm, values in (("clean", np.ones(runs)),
                            ("gated", 1 - gain + noise * g.normal(size=runs)))
        for row in rows(arm, values, n=n)
    ]  # fmt: skip


def verdict(made: list, rule: Vanishing = RULE) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "here")], made)[0]


def test_places_by_hand() -> None:
    sizes = np.array([1.0, 10, 100])
    gains = np.array([[3, 2, 0], [0, 2, 0], [0, 0, 1], [0, 0, 0], [2, 0, 2.0]])
    larger = outermost(gains, sizes, 1.0, "larger")
    assert larger[:2] == pytest.approx([10**1.5] * 2)
    assert larger[2:].tolist() == [np.inf, -np.inf, np.inf]
    smaller = outermost(gains, sizes, 1.0, "smaller")
    assert smaller[0] == -np.inf
    assert smaller[1] == pytest.approx(10**0.5)
    assert smaller[2] == pytest.approx(100)
    assert smaller[3:].tolist() == [np.inf, -np.inf]
    assert outermost(gains[:, ::-1], sizes, 1.0, "smaller")[0] == pytest.approx(10**0.5)


def test_a_gain_that_vanishes_is_seen_with_its_place(rows) -> None:
    """.3 - .2 log2(n) / 2: it is .1 at 4, and 0 at 8."""
    found = verdict(table(rows, 0.3 - 0.1 * np.log2(SIZES)))
    assert found.outcome == "seen"
    n = found.numbers
    assert n["vanishes_low"] < n["vanishes"] < n["vanishes_high"]  # type: ignore[operator]
    assert n["vanishes"] == pytest.approx(4, rel=0.1)
    assert n["changes_sign"] == pytest.approx(8, rel=0.1)
    assert "falls below 0.1 at " in found.reason
    assert found.numbers["tests_in_family"] == 5


def test_toward_smaller_sizes_and_of_a_score(rows) -> None:
    made = table(rows, 0.1 * np.log2(SIZES))  # .1 at 2
    found = verdict(made, Vanishing(EFFECT, "lower", 0.1, "smaller"))
    assert found.outcome == "seen"
    assert found.numbers["vanishes"] == pytest.approx(2, rel=0.1)
    assert verdict(made).outcome == "reversed"
    score = table(rows, 0.1 * np.log2(SIZES) - 0.3)  # the effect falls from .3 to -.1
    found = verdict(score, Vanishing(EFFECT, "higher", 0.1))
    assert found.outcome == "seen"
    assert found.numbers["vanishes"] == pytest.approx(4, rel=0.1)


def test_a_gain_that_stays_is_reversed_and_its_place_open(rows) -> None:
    found = verdict(table(rows, [0.3] * 5))
    assert found.outcome == "reversed"
    assert found.numbers["vanishes"] is None
    assert "stays above 0.1 to the last (95 %: beyond the sizes to beyond the sizes)" in (
        found.reason
    )


def test_where_there_never_was_a_gain_nothing_vanishes(rows) -> None:
    for gains in ([0.0] * 5, [-0.3] * 5):
        found = verdict(table(rows, gains))
        assert found.outcome == "unresolved"
        assert "is above 0.1 at none (95 %: at no size to at no size)" in found.reason


def test_an_end_that_is_near_the_margin_is_not_resolved(rows) -> None:
    found = verdict(table(rows, (0.3, 0.3, 0.2, 0.15, 0.1), noise=0.05, seed=2))
    assert found.outcome == "unresolved"
    assert found.effect == pytest.approx(0, abs=0.07)  # that of the last size
    assert "gain at 16 less 0.1" in found.conditions[0].metric


def test_what_the_word_hangs_on_is_whether_it_was_ever_above(rows) -> None:
    found = verdict(table(rows, (0.0, 0.11, 0.0, 0.0, 0.0), noise=0.02))
    assert found.outcome == "unresolved"
    assert abs(found.effect) < 0.03  # type: ignore[arg-type]


def test_intervals_of_places_cover_over_many_studies(rows) -> None:
    inside = 0
    for seed in range(40):
        n = verdict(table(rows, 0.3 - 0.1 * np.log2(SIZES), 0.04, seed=seed)).numbers
        inside += (n["vanishes_low"] or 0) <= 4 <= (n["vanishes_high"] or np.inf)  # type: ignore[operator]
    assert inside >= 33  # of 40 at 95 %: fewer in 1 of 1,000


def test_it_names_what_it_reads_and_refuses_what_is_no_gain(rows) -> None:
    made = table(rows, [0.3] * 5)
    assert len(used(RULE, made)) == len(made)
    assert RULE.named() == ({"loss"}, {"n", "arm"})
    with pytest.raises(Problem, match="baseline"):
        Vanishing(Curve("loss", "n", "gated"), "lower", 0.1)
    with pytest.raises(Problem, match="larger or smaller"):
        Vanishing(EFFECT, "lower", 0.1, "up")  # type: ignore[arg-type]
    with pytest.raises(Problem, match="lower or higher"):
        Vanishing(EFFECT, "up", 0.1)  # type: ignore[arg-type]
    assert verdict([row for row in made if row.params["n"] == 1]).outcome == "unresolved"
    assert verdict([row for row in made if row.params["arm"] == "clean"]).outcome == "unresolved"
