"""Claims about classes: ranks of a score against the rate at which an error falls."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from harness.claims.claim import Claim
from harness.claims.decide import decide_all
from harness.claims.place import used
from harness.claims.ranking import Ranking, ranks, spearman
from harness.claims.verdict import Verdict
from harness.problem import Problem
from harness.records.record import Record, measured

SIZES = (10, 30, 100, 300)
ARM = {"arm": "made", "guidance": "1"}
RULE = Ranking("seen", "error", "count", ARM)
BEYOND = Ranking("seen", "error", "count", ARM, "real")


def rows_of(arm, metric: str, values, n: int = 10_000, **params) -> list[Record]:
    return [
        measured(
            float(value), study="s", cell_id=f"{arm} {sorted(params.items())}",
            params={**arm, **params}, replicate=replicate, metric=metric, unit="1", n=n,
            tier="tolerance",
        )
        for replicate, value in enumerate(values)
    ]  # fmt: skip


def table(
    score, rate, real=None, runs: int = 6, noise: float = 0.0, seed: int = 0, n: int = 10**8
) -> list[Record]:
    """Class c has score[c] and, with samples and with real images, an error of count^-rate[c]."""
    g = np.random.default_rng(seed)
    made = []
    for size in SIZES:
        for c, (own, fall) in enumerate(zip(score, rate)):
            draws = np.exp(noise * g.normal(size=(2, runs)))
            made += rows_of(ARM, f"seen/{c}", np.full(runs, own), count=size)
            made += rows_of(ARM, f"error/{c}", 0.5 * size**-fall * draws[0], n, count=size)
            if real is not None:
                error = 0.5 * size ** -real[c] * draws[1]
                made += rows_of({"arm": "real"}, f"error/{c}", error, n, count=size)
        for metric in ("seen", "error"):
            made += rows_of(ARM, metric, np.full(runs, 0.5), count=size)
            if real is not None and metric == "error":
                made += rows_of({"arm": "real"}, metric, np.full(runs, 0.5), count=size)
    return made


def verdict(made: list[Record], rule: Ranking = RULE) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "here")], made)[0]


@pytest.mark.parametrize("levels", [3, 1000])
def test_ranks_are_those_of_scipy_with_and_without_ties(levels: int) -> None:
    g = np.random.default_rng(levels)
    for count in (5, 10, 40):
        one, two = g.integers(levels, size=(2, count)).astype(float)
        assert spearman(one, two) == pytest.approx(spearmanr(one, two).statistic)
    assert ranks(np.array([2.0, 1, 2, 5])).tolist() == [1.5, 0, 1.5, 3]
    assert np.isnan(spearman(np.ones(5), np.arange(5)))


SCORE = np.array([0.9, 0.5, 0.7, 0.99, 0.2, 0.8])


def test_the_correlation_is_that_of_score_and_rate() -> None:
    rate = np.array([0.5, 0.2, 0.45, 0.4, 0.1, 0.3])
    found = verdict(table(SCORE, rate))
    expected = spearmanr(SCORE, rate).statistic
    assert 0 < expected < 1
    assert found.numbers["correlation"] == pytest.approx(expected)
    assert found.effect == pytest.approx(expected)
    assert (found.numbers["classes"], found.numbers["runs"]) == (6, 6)


def test_classes_that_improve_faster_are_seen_and_slower_reversed() -> None:
    assert verdict(table(SCORE, SCORE / 2, noise=0.05)).outcome == "seen"
    assert verdict(table(SCORE, 0.5 - SCORE / 2, noise=0.05)).outcome == "reversed"
    lower = Ranking("seen", "error", "count", ARM, better="lower")
    assert verdict(table(SCORE, 0.5 - SCORE / 2, noise=0.05), lower).outcome == "seen"


def test_classes_that_differ_in_nothing_are_called_neither() -> None:
    """At 5 % two-sided, 100 tables: within 4 standard errors of the nominal rate."""
    score = np.arange(10) / 10
    words = [
        verdict(table(score, np.full(10, 0.3), runs=4, noise=0.3, seed=seed)).outcome
        for seed in range(100)
    ]
    wrong = sum(word != "unresolved" for word in words) / 100
    assert wrong <= 0.05 + 4 * (0.05 * 0.95 / 100) ** 0.5


def test_beyond_a_baseline_only_the_difference_counts() -> None:
    same = table(SCORE, SCORE / 2, real=SCORE / 2, noise=0.02)
    assert verdict(same).outcome == "seen"
    assert abs(verdict(same, BEYOND).effect or 0) < 0.2
    apart = table(SCORE, SCORE / 2, real=0.5 - SCORE / 2, noise=0.02)
    assert verdict(apart, BEYOND).outcome == "seen"
    assert verdict(apart, BEYOND).effect == pytest.approx(2, abs=0.2)


def test_half_an_image_stands_for_no_error() -> None:
    """The rate of each class is the slope of -ln((n e + 1/2) / (n + 1)), of n = 9 images."""
    errors = np.array([[c + 3, c + 1, c // 2, 0] for c in range(len(SCORE))]) / 9  # [C, m]
    made = table(SCORE, SCORE / 2)
    made = [row for row in made if not row.metric.startswith("error/")]
    for c, own in enumerate(errors):
        for size, value in zip(SIZES, own):
            made += rows_of(ARM, f"error/{c}", np.full(6, value), 9, count=size)
    scores, (rates,) = RULE.by_class(made)
    slope = np.polyfit(np.log(SIZES), -np.log((9 * errors + 0.5) / 10).T, 1)[0]
    assert rates == pytest.approx(np.tile(slope, (6, 1)))
    assert scores == pytest.approx(np.tile(SCORE, (6, 1)))
    assert verdict(made).numbers["correlation"] == pytest.approx(spearmanr(SCORE, slope).statistic)


def test_too_few_classes_or_sizes_or_a_lost_run_are_refused() -> None:
    few = verdict(table(SCORE[:4], SCORE[:4]))
    assert few.outcome == "unresolved"
    assert "4 classes" in few.reason
    made = table(SCORE, SCORE / 2)
    two = [row for row in made if row.params["count"] in SIZES[:2]]
    assert "2 sizes" in verdict(two).reason
    lost = [
        row if row.metric != "error/3" or row.replicate else rows_of(
            ARM, "error/3", [float("nan")], count=row.params["count"])[0]
        for row in made
    ]  # fmt: skip
    assert "diverged" in verdict(lost).reason
    flat = table(np.full(6, 0.5), SCORE)
    assert "one seen" in verdict(flat).reason
    gone = [row for row in made if not row.metric.startswith("seen/")]
    assert "0 classes" in verdict(gone).reason


def test_it_reads_the_rows_of_its_arms_alone() -> None:
    made = table(SCORE, SCORE / 2, real=SCORE)
    other = rows_of({"arm": "made", "guidance": "3"}, "error/0", [1.0] * 6, count=10)
    own = used(RULE, made + other)
    assert {row.params["arm"] for row in own} == {"made"}
    assert not any(row in other for row in own)
    assert {row.params["arm"] for row in used(BEYOND, made)} == {"made", "real"}
    with pytest.raises(Problem, match="no such direction"):
        Ranking("seen", "error", "count", ARM, better="up")  # type: ignore[arg-type]
