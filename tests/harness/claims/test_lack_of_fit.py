"""Whether points reject a power law: against other forms of the test, and by simulated studies."""

import numpy as np
import pytest
from scipy import stats

from harness.claims.claim import Claim
from harness.claims.curve import Curve, Values, effect_law, weights
from harness.claims.decide import decide_all
from harness.claims.fitted import Exponent, Steeper
from harness.claims.lack_of_fit import lack_of_fit
from harness.claims.verdict import Verdict

SIZES = np.array([25.0, 50, 100, 200, 500, 1000])
LAW = -0.4 * (SIZES / 25) ** -1.0
APART = np.eye(6)
CORRELATED = np.linalg.cholesky(0.5 * np.eye(6) + 0.5)
EFFECT = Curve("w2", "n", "noise", "clean", "log_ratio")


def made(
    runs: int, seed: int, noise: float = 0.04, mean: np.ndarray = LAW, mix: np.ndarray = APART
) -> Values:
    g = np.random.default_rng(seed)
    return Values(SIZES, mean + noise * g.normal(size=(runs, 6)) @ mix.T)


@pytest.mark.parametrize("mix", [APART, CORRELATED], ids=["apart", "correlated"])
@pytest.mark.parametrize("runs", [9, 16])
def test_of_many_runs_it_is_the_least_chi_square_with_their_covariance(runs, mix) -> None:
    """The weighted sum of squares that is left where the law moves along its tangent."""
    values = made(runs, 3, mix=mix)
    alpha, scale = (x[0] for x in effect_law(values.y.mean(0)[None], SIZES, weights(values)))
    shape = SIZES**-alpha
    inverse = np.linalg.inv(np.cov(values.y.T) / runs)
    tangent = np.stack([shape, shape * np.log(SIZES)], 1)
    off = values.y.mean(0) - scale * shape
    step = np.linalg.solve(tangent.T @ inverse @ tangent, tangent.T @ inverse @ off)
    left = off - tangent @ step
    found = lack_of_fit(values)
    assert found is not None
    assert found.df == 4
    assert found.chi_square == pytest.approx(left @ inverse @ left, rel=1e-6)
    ratio = (runs - 4) / (4 * (runs - 1)) * found.chi_square
    assert found.p == pytest.approx(stats.f.sf(ratio, 4, runs - 4))


@pytest.mark.parametrize("runs", [2, 3, 4])
def test_of_few_runs_it_is_students_test_of_a_bend(runs) -> None:
    values = made(runs, 5)
    weight = weights(values)
    alpha = effect_law(values.y.mean(0)[None], SIZES, weight)[0][0]
    z, scaled = np.log(SIZES), SIZES**-alpha * np.sqrt(weight)
    tangent = np.stack([scaled, scaled * z], 1)
    bend = scaled * z**2
    bend = bend - tangent @ np.linalg.lstsq(tangent, bend, rcond=None)[0]
    expected = stats.ttest_1samp(values.y @ (np.sqrt(weight) * bend), 0)
    found = lack_of_fit(values)
    assert found is not None
    assert found.df == 1
    assert found.p == pytest.approx(expected.pvalue, rel=1e-6)
    assert found.chi_square == pytest.approx(expected.statistic**2, rel=1e-6)


@pytest.mark.parametrize("mix", [APART, CORRELATED], ids=["apart", "correlated"])
@pytest.mark.parametrize("runs", [4, 8, 16, 128])
def test_a_law_that_holds_is_rejected_as_often_as_is_said(runs, mix) -> None:
    found = [lack_of_fit(made(runs, seed, mix=mix)) for seed in range(400)]
    rejected = sum(one.rejected for one in found if one)
    assert abs(rejected - 20) < 4 * (400 * 0.05 * 0.95) ** 0.5


def test_a_gain_that_ends_is_no_power_of_the_size() -> None:
    """1/n to the third size, then half of that, then none."""
    ends = LAW * np.array([1, 1, 1, 1, 0, 0])
    for runs in (16, 128):
        rejected = [lack_of_fit(made(runs, s, 0.01, ends)).rejected for s in range(20)]  # type: ignore[union-attr]
        assert all(rejected)
    found = lack_of_fit(made(16, 0, 0.01, LAW + np.array([0, 0, 0, 0, 0, 0.1])))
    assert found is not None
    assert found.farthest[0] == 1000
    assert found.farthest[1] > 5


def test_without_noise_a_law_is_met_or_missed() -> None:
    met = lack_of_fit(Values(SIZES, np.tile(LAW, (5, 1))))
    assert met is not None
    assert (met.chi_square, met.p) == (0.0, 1.0)
    missed = lack_of_fit(Values(SIZES, np.tile(LAW - 0.01, (5, 1))))
    assert missed is not None
    assert missed.p == 0
    assert missed.numbers["fit_chi_square"] is None


def test_of_one_run_or_no_law_there_is_no_test() -> None:
    assert lack_of_fit(made(1, 0)) is None
    assert lack_of_fit(Values(SIZES[:2], np.tile(LAW[:2], (3, 1)))) is None
    assert lack_of_fit(made(4, 0, 0.001, np.exp(SIZES / 50))) is None  # steeper than any exponent


def table(rows, effects: dict[str, np.ndarray], noise: float = 0.004, runs: int = 16) -> list:
    g = np.random.default_rng(2)
    found = [row for n in SIZES for row in rows("clean", np.ones(runs), "w2", n=n)]
    for arm, mean in effects.items():
        for n, effect in zip(SIZES, mean):
            found += rows(arm, np.exp(effect + noise * g.normal(size=runs)), "w2", n=n)
    return found


def verdict(found: list, rule) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "here")], found)[0]


def test_an_exponent_of_an_effect_that_the_points_reject_gives_no_word(rows) -> None:
    """An exponent within the bounds, by a fit that the first sizes make; nothing from the fifth."""
    found = table(rows, {"noise": LAW * np.array([1, 1, 1, 1, 0, 0]), "law": LAW})
    rule = Exponent(EFFECT, 0.75, 1.25)
    broken = verdict(found, rule)
    assert broken.conditions[0].word == "equivalent here"
    assert broken.outcome == "unresolved"
    assert "a power law is rejected for w2 of noise against clean: chi-square" in broken.reason
    assert " on 4 df, p < 0.0001 of 16 runs, farthest at 500 by " in broken.reason
    assert broken.numbers["fit_df"] == 4
    assert broken.numbers["fit_p"] < 1e-4  # type: ignore[operator]
    law = Curve("w2", "n", "law", "clean", "log_ratio")
    held = verdict(found, Exponent(law, 0.75, 1.25))
    assert held.outcome == "seen"
    assert "rejected" not in held.reason
    assert held.numbers["fit_p"] > 0.05  # type: ignore[operator]
    for pair in ((EFFECT, law), (law, EFFECT)):
        one = verdict(found, Steeper(*pair))
        assert one.outcome == "unresolved"
        assert one.reason.count("is rejected for") == 1
