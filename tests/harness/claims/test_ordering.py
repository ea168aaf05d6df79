"""One reading may rank sizes as another does, and arms not: by hand, by scipy and by simulation."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from harness.claims.claim import Claim
from harness.claims.decide import decide_all
from harness.claims.ordering import Ordering
from harness.claims.place import used
from harness.problem import Problem
from harness.records.record import Record, measured, unmeasured

SIZES = (1, 3, 10, 30, 100)
ARMS = ("a", "b", "c", "d")
RULE = Ordering("loss", "fd", "n", ARMS)
Law = Any  # (arm number, size) -> value


def rows(loss: Law, fd: Law, runs: int = 3, noise: float = 0.0, seed: int = 0) -> list[Record]:
    rng = np.random.default_rng(seed)
    return [
        measured(
            law(a, n) * np.exp(noise * rng.standard_normal()), study="s",
            cell_id=f"{arm}{n}", params={"arm": arm, "n": n}, replicate=r, metric=metric, unit="1",
            tier="tolerance",
        )
        for metric, law in (("loss", loss), ("fd", fd))
        for a, arm in enumerate(ARMS)
        for n in SIZES
        for r in range(runs)
    ]  # fmt: skip


def verdict(found: list[Record], rule: Ordering = RULE) -> Any:
    claim = Claim("id", "it is so", "a paper", "s", rule, "here")
    return decide_all([claim], found, "cpu")[0]


def falls(a: int, n: int) -> float:
    return n**-0.5


def falls_by_arm(a: int, n: int) -> float:
    return n**-0.5 * 10.0**a


def falls_against(a: int, n: int) -> float:
    return n**-0.5 * 10.0**-a


def test_correlations_are_those_of_scipy() -> None:
    made = rows(falls, falls, noise=1.0, seed=3)
    found, replicates, problem = RULE.correlations(made)
    assert (replicates, problem) == ((0, 1, 2), "")
    for r in replicates:
        own = {
            (row.metric, row.params["arm"], row.params["n"]): row.value
            for row in made
            if row.replicate == r
        }
        m, q = (
            np.array([[own[name, a, n] for n in SIZES] for a in ARMS]) for name in ("loss", "fd")
        )
        within = np.mean([spearmanr(x, y).statistic for x, y in zip(m, q)])
        assert found[r] == pytest.approx([within, spearmanr(m.ravel(), q.ravel()).statistic])


def test_arms_in_opposite_order_are_seen_and_like_ones_are_not() -> None:
    told = verdict(rows(falls_by_arm, falls_against, noise=0.02))
    assert told.outcome == "seen"
    assert told.numbers["within"] > 0.9
    assert told.numbers["pooled"] < -0.5
    assert verdict(rows(falls_by_arm, falls_by_arm, noise=0.02)).outcome == "reversed"


def test_the_margin_is_what_pooling_must_take_away() -> None:
    made = rows(lambda a, n: n**-0.5 * 1.5**a, lambda a, n: n**-0.5 * 1.5**-a, noise=0.02)
    gap = -np.diff(RULE.correlations(made)[0]).mean()
    assert 0.2 < gap < 1.0
    assert verdict(made).outcome == "seen"
    just = Ordering("loss", "fd", "n", ARMS, margin=float(gap))  # the mean difference is 0
    told = verdict(made, just)
    assert told.outcome == "unresolved"
    assert told.effect == pytest.approx(0, abs=1e-9)  # that of the test that fails
    wide = Ordering("loss", "fd", "n", ARMS, margin=float(gap) + 0.2)
    assert verdict(made, wide).outcome == "reversed"


def test_a_reversed_word_shows_the_test_that_reversed_it() -> None:
    """Within an arm nothing is resolved; over the arms it ranks as the other does."""
    told = verdict(rows(lambda a, n: 10.0**a, lambda a, n: 10.0**a, runs=6, noise=0.2, seed=1))
    within, gap = told.conditions
    assert (within.word, gap.word) == ("not resolved here", "mechanism reversed")
    assert (told.effect, told.low, told.high) == (gap.effect, gap.low, gap.high)


def test_sizes_in_opposite_order_refute_it() -> None:
    assert verdict(rows(falls, lambda a, n: n**0.5, noise=0.02)).outcome == "reversed"


def test_what_ranks_arms_better_than_sizes_refutes_it() -> None:
    """Within an arm nothing but noise, over the arms a law."""
    told = verdict(rows(lambda a, n: 10.0**a, lambda a, n: 10.0**a, runs=6, noise=0.2, seed=1))
    assert told.outcome == "reversed"


def test_a_lost_run_too_few_sizes_and_equal_values_are_refused() -> None:
    made = rows(falls_by_arm, falls_against, noise=0.02)
    lost = unmeasured("diverged", "NaN", **{
        name: getattr(made[0], name)
        for name in ("study", "cell_id", "params", "replicate", "metric", "unit", "tier")
    })  # fmt: skip
    assert verdict([lost, *made[1:]]).outcome == "unresolved"
    few = [row for row in made if row.params["n"] in SIZES[:3]]
    assert "ranks need 4" in verdict(few).reason
    flat = rows(lambda a, n: 1.0, falls)
    assert "one loss" in verdict(flat).reason


def test_a_rule_of_one_arm_or_one_reading_is_refused() -> None:
    with pytest.raises(Problem, match="two arms"):
        Ordering("loss", "fd", "n", ("a",))
    with pytest.raises(Problem, match="two readings"):
        Ordering("loss", "loss", "n", ARMS)


def test_its_place_is_its_rows() -> None:
    made = rows(falls, falls)
    assert len(used(RULE, made)) == len(made)


def _rate(loss: Law, fd: Law, times: int) -> float:
    return float(np.mean([
        verdict(rows(loss, fd, noise=0.05, seed=seed)).outcome == "seen" for seed in range(times)
    ]))  # fmt: skip


def test_arms_of_one_law_are_rarely_called_wrong_and_opposite_ones_nearly_always() -> None:
    """200 and 60 studies, of the rates 5 % and 95 % that the module states, 4 standard errors."""

    def apart(sign: int) -> Law:
        return lambda a, n: n**-0.5 * 10.0 ** (sign * a / 3)  # half of the range of the sizes

    assert _rate(falls, falls, 200) < 0.05 + 4 * (0.05 * 0.95 / 200) ** 0.5
    assert _rate(apart(1), apart(-1), 60) > 0.95 - 4 * (0.05 * 0.95 / 60) ** 0.5
