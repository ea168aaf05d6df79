"""Claims about how the noise level from which on an arm wins grows with a size."""

from dataclasses import replace

import numpy as np
import pytest

from harness.claims.claim import Claim
from harness.claims.decide import decide_all
from harness.claims.place import used
from harness.claims.switching import Switch, growth, levels
from harness.claims.verdict import Verdict
from harness.problem import Problem

SIGMAS = np.geomspace(0.05, 20, 12)
METRICS = tuple(f"risk/{sigma:.4g}" for sigma in SIGMAS)
EXACT = np.array([float(metric[5:]) for metric in METRICS])
SIZES = (25, 50, 100, 200, 400, 800)
ROOT = Switch(METRICS, "n", "all", "clean", 0.4, 0.6)


def table(rows, level, runs: int = 8, noise: float = 0.05, seed: int = 0) -> list:
    """The law at large noise: (level^2 / sigma^2 - 1) / n in excess of the clean samples' 2 / n."""
    g = np.random.default_rng(seed)
    made = []
    for n in SIZES:
        for sigma, metric in zip(EXACT, METRICS):
            base = 2 / n * (1 + noise * g.normal(size=runs))
            effect = (level(n) ** 2 / sigma**2 - 1) / n + noise * g.normal(size=runs) / n
            made += rows("clean", base, metric, n=n) + rows("all", base + effect, metric, n=n)
    return made


def verdict(made: list, rule: Switch = ROOT) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "here")], made)[0]


def test_levels_of_the_law_are_exact_between_noises() -> None:
    true = np.array([0.06, 0.3, 1.7, 9.0])
    assert levels(true[:, None] ** 2 / SIGMAS**2 - 1, SIGMAS) == pytest.approx(true)


def test_the_last_change_counts_and_ends_are_told_apart() -> None:
    sigmas = np.array([1.0, 2, 4, 8])
    found = levels(
        np.array([[1, -1, 1, -1], [-1, -1, -1, -1], [-1, -1, -1, 1], [1, 1, 1, 0.0]]), sigmas
    )
    assert found[0] == pytest.approx(((1 / 16 + 1 / 64) / 2) ** -0.5)
    assert found[1:].tolist() == [0, np.inf, np.inf]


def test_growth_is_the_slope_of_logarithms() -> None:
    n = np.array(SIZES, float)
    assert growth(0.2 * n**0.5, n) == pytest.approx(0.5)
    assert np.isnan(growth(np.array([[1.0, 0], [1, np.inf]]), n[:2])).all()


def test_a_level_that_grows_as_the_root_is_seen_and_as_the_size_reversed(rows) -> None:
    found = verdict(table(rows, lambda n: 0.1 * n**0.5))
    assert found.outcome == "seen"
    assert found.numbers["exponent"] == pytest.approx(0.5, abs=0.03)
    assert found.numbers["level_400"] == pytest.approx(2, rel=0.05)
    assert found.numbers["exponent_low"] < 0.5 < found.numbers["exponent_high"]
    for words in ("6 sizes from 25 to 800", "8 runs", "held-out error", "claimed in [0.4, 0.6]"):
        assert words in found.reason
    assert verdict(table(rows, lambda n: 0.01 * n)).outcome == "reversed"
    noisy = table(rows, lambda n: 0.1 * n**0.5, runs=3, noise=0.6)
    assert verdict(noisy).outcome == "unresolved"


def test_sizes_below_the_least_are_left_out(rows) -> None:
    made = table(rows, lambda n: 0.1 * n**0.5 if n >= 50 else 0.06)
    whole, part = (
        verdict(made, Switch(METRICS, "n", "all", "clean", 0.4, 0.6, least)) for least in (0, 50)
    )
    assert (whole.numbers["sizes"], part.numbers["sizes"]) == (6, 5)
    assert part.numbers["exponent"] == pytest.approx(0.5, abs=0.03)
    assert whole.numbers["exponent"] > 0.65
    few = verdict(made, Switch(METRICS, "n", "all", "clean", 0.4, 0.6, 100))
    assert "4 distinct sizes" in few.reason


def test_where_an_arm_wins_everywhere_or_nowhere_there_is_no_level(rows) -> None:
    won = verdict(table(rows, lambda n: 0.1 * n**0.5 if n > 25 else 1e-3))
    assert won.outcome == "unresolved"
    assert "wins at every noise at n=25" in won.reason
    lost = verdict(table(rows, lambda n: 0.1 * n**0.5 if n > 25 else 100))
    assert "wins at no large noise at n=25" in lost.reason


def test_an_end_of_the_bootstrap_that_has_no_number_is_open(rows) -> None:
    """At 25 and the largest noise the effect is -1/25, and runs differ from it by 2/25 either way:
    the mean of one draw in eleven is above 0, so that the arm wins at no large noise."""
    shaken = [
        replace(row, value=(row.value or 0.0) + (2 if (row.replicate or 0) % 2 else -2) / 25)
        if row.params == {"arm": "all", "n": 25} and row.metric == METRICS[-1]
        else row
        for row in table(rows, lambda n: 0.1 * n**0.5)
    ]
    found = verdict(shaken)
    assert found.numbers["draws_without"] > 100
    assert found.numbers["bootstrap_high"] is None
    assert "bootstrap of runs open to open (" in found.reason
    assert "of 2000 draws had none)" in found.reason


def test_intervals_cover_over_many_studies(rows) -> None:
    inside = 0
    for seed in range(30):
        found = verdict(table(rows, lambda n: 0.1 * n**0.5, noise=0.2, seed=seed))
        inside += found.numbers["exponent_low"] <= 0.5 <= found.numbers["exponent_high"]
    assert inside >= 25  # of 30 at 95 %: fewer in 3 of 1,000


def test_it_reads_two_arms_at_every_noise_and_refuses_what_is_none(rows) -> None:
    made = table(rows, lambda n: 0.1 * n**0.5, runs=2) + rows("all", [1.0], "other", n=25)
    assert {row.metric for row in used(ROOT, made)} == set(METRICS)
    assert ROOT.named() == (set(METRICS), {"n", "arm"})
    with pytest.raises(Problem, match="three noise levels"):
        Switch(("risk/1", "risk/2"), "n", "all", "clean", 0.4, 0.6)
    with pytest.raises(Problem, match="three noise levels"):
        Switch(("risk/1", "risk/2", "risk"), "n", "all", "clean", 0.4, 0.6)
    with pytest.raises(Problem, match="low < high"):
        Switch(METRICS, "n", "all", "clean", 0.6, 0.4)
