"""The bootstrap keeps sizes and draws runs, and its intervals cover as stated."""

import numpy as np
import pytest

from harness.problem import Problem
from harness.scaling.bootstrap import Replicates, degrees, draws, groups, replicates
from harness.scaling.fit import fit
from harness.scaling.points import Points

from .made_up import TRUTH, law, sizes

NAME = "power_with_floor"


def noisy(times: int, noise: float, rng: np.random.Generator, run=None) -> Points:
    x = np.repeat(np.geomspace(1e4, 3e6, 6), times)[:, None]
    return Points.of(x, law(NAME, x) * np.exp(noise * rng.standard_normal(len(x))), run)


def test_runs_of_the_same_sizes_are_replicates() -> None:
    x = np.array([1, 2, 2, 1, 5, 1, 9.0])
    points = Points.of(x, np.arange(1.0, 8), ["a", "a", "b", "b", "c", "d", "e"])
    found = [[run.tolist() for run in group] for group in groups(points)]
    assert found == [[[0, 1], [3, 2]], [[4]], [[5]], [[6]]]
    assert degrees(points, 2) == 5 - 2  # some runs are alone
    pairs = Points.of(np.array([1, 1, 2, 2, 2.0]), np.ones(5))
    assert degrees(pairs, 2) == 5 - 2  # two sizes, five runs
    assert degrees(pairs.part(np.array([1, 1, 1, 1, 0], bool)), 3) == 4 - 2
    assert degrees(Points.of(np.array([1, 2.0]), np.ones(2)), 5) == 1


def test_replicates_vary_about_the_mean_of_their_size_as_much_as_runs_do() -> None:
    """Var of a mean of k is s^2 / k with n - 1 in s^2: without the factor it is (k - 1) / k of it.

    4,000 draws give a variance within sqrt(2 / 4000) = 2.2 %; four of these are allowed.
    """
    points = noisy(3, 0.05, np.random.default_rng(1))
    law_found = fit(NAME, points.x, points.y)
    drawn = draws(law_found, points, np.random.default_rng(2), 4000)
    wanted = np.log(points.y).reshape(6, 3)
    means = drawn.reshape(4000, 6, 3).mean(2)
    error = wanted.std(1, ddof=1) / np.sqrt(3)
    assert (np.abs(means.mean(0) - wanted.mean(1)) < 4 * error / np.sqrt(4000)).all()
    np.testing.assert_allclose(means.var(0), error**2, rtol=0.09)


def test_a_run_moves_as_a_whole() -> None:
    """Two runs of six points each, and one alone: whole deviations, or one sign for all of them."""
    rng = np.random.default_rng(3)
    run = np.tile(["a", "b"], 6)
    points = noisy(2, 0.05, rng, run)
    drawn = draws(fit(NAME, points.x, points.y), points, rng, 20).reshape(20, 6, 2)
    pair = np.log(points.y).reshape(6, 2)
    off = (drawn - pair.mean(1)[:, None]) / (np.sqrt(2) * (pair[:, :1] - pair.mean(1)[:, None]))
    np.testing.assert_allclose(np.abs(off), 1, rtol=1e-9)
    np.testing.assert_allclose(off, np.broadcast_to(off[:, :1], off.shape), rtol=1e-9)
    lone = Points.of(points.x, points.y, ["a"] * 6 + ["b"] * 6)
    law_found = fit(NAME, lone.x, lone.y)
    ratio = (draws(law_found, lone, rng, 20) - np.log(lone.y) + law_found.residuals) / (
        law_found.residuals * np.sqrt(12 / 9)
    )
    told = np.abs(law_found.residuals) > 1e-6
    np.testing.assert_allclose(np.abs(ratio[:, told]), 1, rtol=1e-6)
    for part in (slice(0, 6), slice(6, 12)):
        mine = ratio[:, part][:, told[part]]
        np.testing.assert_allclose(mine, np.broadcast_to(mine[:, :1], mine.shape), rtol=1e-6)
    assert len({tuple(r) for r in np.sign(ratio[:, told]).tolist()}) == 4


def test_single_runs_exchange_their_residuals() -> None:
    points = Points.of(sizes(NAME), law(NAME, sizes(NAME)) * np.exp(0.05 * np.cos(np.arange(12))))
    law_found = fit(NAME, points.x, points.y)
    drawn = draws(law_found, points, np.random.default_rng(1), 50)
    off = drawn - np.log(points.y) + law_found.residuals
    kept = np.sort(np.abs(law_found.residuals))[3:]  # 3 parameters: as many residuals are near 0
    near = np.abs(off[..., None] - law_found.residuals).min(2)
    assert near.max() < 1e-12
    assert np.abs(off).min() >= kept[0] - 1e-12
    assert len(np.unique(np.round(np.abs(off), 9))) == 9


def test_draws_in_parts_are_as_many_and_too_many_are_refused(monkeypatch) -> None:
    points = noisy(2, 0.02, np.random.default_rng(1))
    law_found = fit(NAME, points.x, points.y)
    monkeypatch.setattr("harness.scaling.bootstrap.ROOM", 12 * 8)
    found = replicates(law_found, points, np.random.default_rng(1), 20)
    assert found.theta.shape == (20, 3)
    assert found.ended <= 20
    assert len(np.unique(found.theta[:, 2])) == 20
    monkeypatch.setattr("harness.scaling.bootstrap.MOST", 12 * 150)
    with pytest.raises(Problem, match=r"200 draws of 12 points; .*give 150 draws or fewer"):
        replicates(law_found, points, np.random.default_rng(1), 200)
    monkeypatch.setattr("harness.scaling.bootstrap.MOST", 12 * 99)
    with pytest.raises(Problem, match="give the mean of the lines"):
        replicates(law_found, points, np.random.default_rng(1), 200)


def test_an_interval_is_the_percentiles_at_the_t_quantile() -> None:
    """Of normal values, so that it has the half-width of the t interval: 2.228 for 10 df."""
    values = np.random.default_rng(1).standard_normal(400_000)
    low, high = Replicates(np.zeros((1, 1)), 1, 10).interval(values)
    assert (low, high) == pytest.approx((-2.228, 2.228), abs=0.025)


@pytest.mark.parametrize("times", [1, 3])
def test_95_per_cent_intervals_cover_90_to_99(times) -> None:
    """Exponent and floor of 80 sweeps, 12 sizes of one run or 6 of three, 119 draws each.

    A coverage of 0.95 measured so has the standard error sqrt(0.95 x 0.05 / 80) = 2.4 %.
    """
    rng = np.random.default_rng(7)
    hits = np.zeros(2)
    for _ in range(80):
        if times == 1:
            x = sizes(NAME)
            points = Points.of(x, law(NAME, x) * np.exp(0.02 * rng.standard_normal(12)))
        else:
            points = noisy(times, 0.02, rng)
        law_found = fit(NAME, points.x, points.y, starts=1)
        drawn = replicates(law_found, points, rng, 119)
        values = law_found.form.printed(drawn.theta, law_found.frame)
        for k, (which, truth) in enumerate(((2, TRUTH[NAME]["alpha"]), (0, np.log(1.5)))):
            low, high = drawn.interval(values[:, which])
            hits[k] += low <= truth <= high
    assert ((hits >= 0.9 * 80) & (hits <= 0.99 * 80)).all(), hits / 80


def test_the_generator_decides_the_draws() -> None:
    points = noisy(2, 0.02, np.random.default_rng(1))
    law_found = fit(NAME, points.x, points.y)
    one, same, other = (
        replicates(law_found, points, np.random.default_rng(s), 20).theta for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
