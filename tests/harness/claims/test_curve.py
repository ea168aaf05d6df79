"""Curves over sizes: which runs they are made of, their exponents, and what each run says."""

import numpy as np
import pytest

from harness.claims.curve import (
    Curve,
    Values,
    drawn,
    effect_law,
    exponent,
    power_fit,
    pseudo,
    weights,
)
from harness.problem import Problem

SIZES = np.array([10.0, 20, 40, 80, 160])
LOSS = Curve("loss", "images", "clean")
EFFECT = Curve("loss", "images", "gated", "clean")


def grid(rows, arm: str, law, runs: int = 3, **params) -> list:
    """A law in n, with a deviation of each run, exactly."""
    return [
        row
        for n in (10, 20, 40, 80, 160)
        for row in rows(arm, [law(n) * (1 + 0.01 * r) for r in range(runs)], images=n, **params)
    ]


def test_values_are_runs_by_ascending_sizes(rows) -> None:
    found = LOSS.values(grid(rows, "clean", lambda n: 2 / n)[::-1])
    assert found.sizes.tolist() == SIZES.tolist()
    assert found.replicates == (2, 1, 0)
    assert found.y == pytest.approx(np.outer([1.02, 1.01, 1], 2 / SIZES))
    assert (found.unit, found.problem) == ("nats", None)


def test_means_of_whole_runs_have_the_law_of_the_mean_of_new_runs() -> None:
    """Expectation the mean, variance that of runs over k; a run stays whole: sizes move as one."""
    y = np.outer([-1.0, 0.5, 2.0], [1.0, 3.0]) + 10
    count = 20_000
    found = Values(np.array([10.0, 90.0]), y).means(np.random.default_rng(0), count)
    sd = y.std(0, ddof=1) / np.sqrt(3)
    assert (np.abs(found.mean(0) - y.mean(0)) < 4 * sd / np.sqrt(count)).all()
    assert found.std(0) == pytest.approx(sd, rel=4 / np.sqrt(2 * count))
    assert found[:, 1] - 10 == pytest.approx(3 * (found[:, 0] - 10))


def test_the_extent_counts_sizes_and_runs(rows) -> None:
    values = LOSS.values(grid(rows, "clean", lambda n: 2 / n))
    assert values.counts == {"sizes": 5, "runs": 3}
    assert values.extent == "5 sizes from 10 to 160, 3 runs"


def test_an_effect_is_paired_and_a_baseline_without_sizes_is_shared(rows) -> None:
    made = grid(rows, "gated", lambda n: 1 + 2 / n) + rows("clean", [1.0, 1.01, 1.02])
    found = EFFECT.values(made)
    assert found.y[1] == pytest.approx(1.01 * (1 + 2 / SIZES) - 1.01)
    ratio = Curve("loss", "images", "gated", "clean", "log_ratio").values(made)
    assert ratio.y[2] == pytest.approx(np.log(1 + 2 / SIZES))
    assert ratio.unit == "log ratio"


def test_runs_that_lack_a_size_are_left_out_and_named(rows) -> None:
    made = [row for row in grid(rows, "clean", lambda n: 2 / n)
            if not (row.replicate == 1 and row.params["images"] == 40)]  # fmt: skip
    found = LOSS.values(made)
    assert (found.replicates, found.dropped) == ((0, 2), ("replicate 1: not at every images",))


def test_a_run_that_diverged_leaves_no_curve(rows) -> None:
    made = grid(rows, "clean", lambda n: np.nan if n == 40 else 2 / n)
    assert "lacks replicate 0 diverged" in str(LOSS.values(made).problem)
    assert LOSS.refusal(LOSS.values(made)) == LOSS.values(made).problem


def test_levels_that_are_no_sizes_and_two_cells_at_one_are_refused(rows) -> None:
    for level in ("many", 0, True):
        with pytest.raises(Problem, match="levels are numbers above 0"):
            LOSS.values(rows("clean", [1.0], images=level))
    made = grid(rows, "clean", lambda n: 1.0, net="a") + grid(rows, "clean", lambda n: 1.0, net="b")
    with pytest.raises(Problem, match="tells them apart: net"):
        LOSS.values(made)
    assert len(Curve("loss", "images", "clean", where={"net": "b"}).values(made).y) == 3


def test_too_few_sizes_less_than_a_decade_and_values_without_a_logarithm_are_no_law(rows) -> None:
    made = grid(rows, "clean", lambda n: 2 / n)
    few = [row for row in made if row.params["images"] != 40]
    near = [row for row in made if row.params["images"] != 160] + rows(
        "clean", [1.0] * 3, images=50
    )
    assert "4 distinct sizes" in str(LOSS.refusal(LOSS.values(few)))
    assert "factor of 8" in str(LOSS.refusal(LOSS.values(near)))
    below = grid(rows, "clean", lambda n: 100 - n)
    assert "a logarithm of loss" in str(LOSS.refusal(LOSS.values(below)))
    assert LOSS.refusal(LOSS.values(made)) is None
    effect = grid(rows, "gated", lambda n: 100 - n) + rows("clean", [1.0] * 3)
    assert EFFECT.refusal(EFFECT.values(effect)) is None  # an effect may have either sign


@pytest.mark.parametrize("alpha", [-0.5, 0.013, 1.0, 2.4])
@pytest.mark.parametrize("amplitude", [-3.0, 0.2])
def test_an_effect_that_is_a_power_law_has_its_exponent(alpha, amplitude) -> None:
    y = amplitude * SIZES**-alpha
    found = effect_law(np.stack([y, 2 * y]), SIZES, np.ones(5))
    assert found[0] == pytest.approx(alpha, abs=1e-6)
    assert found[1] == pytest.approx([amplitude, 2 * amplitude], rel=1e-5)


def test_an_effect_at_an_end_of_the_grid_has_none() -> None:
    y = np.array([[1.0, 0, 0, 0, 0], [0, 0, 0, 0, 1.0]])
    assert np.isnan(effect_law(y, SIZES, np.ones(5))[0]).all()


def test_the_weighted_fit_is_that_of_an_independent_optimiser() -> None:
    from scipy.optimize import curve_fit

    g = np.random.default_rng(1)
    weight = SIZES**0.8
    y = 3 / SIZES + 0.01 * g.normal(size=5) / np.sqrt(weight)
    ours = effect_law(y[None], SIZES, weight)
    theirs = curve_fit(lambda n, a, b: b * n**-a, SIZES, y, (1, 3), sigma=weight**-0.5)[0]
    assert [ours[0][0], ours[1][0]] == pytest.approx(theirs, rel=1e-3)


def test_weights_are_inverse_variances_smoothed() -> None:
    g = np.random.default_rng(2)
    y = g.normal(size=(4000, 5)) * SIZES**-0.7
    assert weights(Values(SIZES, y)) == pytest.approx(SIZES**1.4, rel=0.06)
    assert weights(Values(SIZES, y[:1])).tolist() == [1] * 5
    assert weights(Values(SIZES, np.ones((3, 5)))).tolist() == [1] * 5


def test_what_a_run_says_of_a_linear_statistic_is_its_own_value() -> None:
    g = np.random.default_rng(3)
    y = np.exp(g.normal(size=(4, 5)) * 0.01) / SIZES**0.3
    values = Values(SIZES, y, (0, 1, 2, 3))
    own = [-np.polyfit(np.log(SIZES), row, 1)[0] for row in np.log(y)]
    # Log residuals stay below delta, so the Huber fit is least squares, linear in ln y.
    assert pseudo(values, exponent(LOSS, "power")) == pytest.approx(own, abs=1e-6)
    assert pseudo(Values(SIZES, y[:1]), exponent(LOSS, "power")) == pytest.approx(own[:1], abs=1e-6)


def test_a_law_with_a_floor_is_found() -> None:
    values = Values(SIZES, np.outer([0.99, 1, 1.01], 0.7 + 2 * SIZES**-0.8))
    assert power_fit(values, "power_with_floor").parameters["alpha"] == pytest.approx(0.8, abs=1e-4)
    assert power_fit(values, "power").parameters["alpha"] < 0.2


@pytest.mark.parametrize("curve", [LOSS, EFFECT], ids=["metric", "effect"])
def test_the_bootstrap_of_runs_has_the_spread_of_their_mean(curve) -> None:
    """For replicates the variance over draws is s^2 / k: k in the resampled mean, k - 1 undone."""
    g = np.random.default_rng(4)
    noise = 1 + 0.01 * g.normal(size=(3, 5))
    values = Values(SIZES, noise * 2 / SIZES, tuple(range(3)))
    each = pseudo(values, exponent(curve, "power", weights(values)))
    draws = drawn(curve, values, "power", 2000)
    assert draws.df == 2
    # Without the factor it would be 18 % less; 2,000 draws tell it to 1.6 %.
    assert draws.theta.std() == pytest.approx(each.std(ddof=1) / np.sqrt(3), rel=0.064)
    again = drawn(curve, values, "power", 2000)
    assert (again.theta == draws.theta).all()


def test_centring_takes_the_level_of_a_run_away_and_leaves_the_mean() -> None:
    y = np.outer([0.9, 1, 1.2], 2 / SIZES)
    found = Values(SIZES, y).points(centred=True)
    shown = found.y.reshape(3, 5)
    assert np.ptp(shown, axis=0) == pytest.approx(0, abs=1e-12)
    assert np.log(shown).mean(0) == pytest.approx(np.log(y).mean(0))
    assert found.run.tolist() == [0] * 5 + [1] * 5 + [2] * 5
