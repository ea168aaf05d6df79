"""Profile intervals: the t interval where the law is a line, and the stated coverage elsewhere."""

import numpy as np
import pytest
from scipy.stats import linregress, t

from harness.scaling.descent import minimise
from harness.scaling.fit import fit
from harness.scaling.form import Frame
from harness.scaling.points import Points
from harness.scaling.profile import drop, intervals, spread

from .made_up import TRUTH, law, sizes


def noisy(name: str, noise: float, seed: int, times: int = 1) -> Points:
    x = np.repeat(sizes(name), times, axis=0)
    z = np.random.default_rng(seed).standard_normal(len(x))
    return Points.of(x, law(name, x) * np.exp(noise * z))


def test_a_power_law_by_least_squares_has_the_t_intervals_of_a_line() -> None:
    points = noisy("power", 0.05, 1)
    found = fit("power", points.x, points.y, delta=100.0)
    got = intervals(found, points)
    line = linregress(np.log(points.x[:, 0]), np.log(points.y))
    q = t.ppf(0.975, len(points.y) - 2)
    for (low, high), middle, error in (
        (got[0], line.intercept, line.intercept_stderr),
        (got[1], -line.slope, line.stderr),
    ):
        assert low == pytest.approx(middle - q * error, abs=1e-3 * error)
        assert high == pytest.approx(middle + q * error, abs=1e-3 * error)


@pytest.mark.parametrize("name", ["power_with_floor", "exponential", "two_powers_with_floor"])
def test_the_drop_at_each_end_is_the_limit(name) -> None:
    """In the units of the points, rates and amplitudes of the law too."""
    points = noisy(name, 0.01, 2)
    found = fit(name, points.x, points.y)
    limit = t.ppf(0.975, len(points.y) - len(found.theta)) ** 2
    for which, ends in enumerate(intervals(found, points)):
        assert ends[0] < found.printed[which] < ends[1]
        for end in ends:
            assert drop(found, points, which, end) == pytest.approx(limit, rel=2e-3)


def test_95_per_cent_intervals_cover_90_to_99() -> None:
    """600 sweeps of 6 sizes with 3 runs, Gaussian noise, absolute loss and least squares.

    The truth is in the interval where the drop at the truth is below the limit. A coverage of 0.95
    measured so has the standard error sqrt(0.95 x 0.05 / 600) = 0.9 %.
    """
    name = "power_with_floor"
    x = np.repeat(np.geomspace(1e4, 3e6, 6), 3)[:, None]
    y = law(name, x)
    truth = np.array([np.log(1.5), np.log(40.0), 0.35])
    form = fit(name, x, y).form
    frame = Frame.of(x, y).at_origin()
    features = form.features(x, frame)
    z = np.random.default_rng(3).standard_normal((600, len(x)))
    wanted = np.log(y) - frame.level + 0.02 * z
    start = np.tile(form.held(truth, frame), (600, 1))
    limit = t.ppf(0.975, len(x) - 3) ** 2
    for delta in (1e-3, 1.0):
        best = minimise(form, features, wanted, start, delta)
        residuals = wanted - form.level(best.theta, features)
        c = np.array([spread(r, delta, 3) for r in residuals])
        for which in range(3):
            begun = best.theta.copy()
            begun[:, which] = start[:, which]
            free = np.arange(3)[None] != which
            held = minimise(form, features, wanted, begun, delta, free)
            covered = (2 * (held.total - best.total) / c <= limit).mean()
            assert 0.9 <= covered <= 0.99, (delta, which, covered)


def test_the_spread_is_the_variance_for_squares_and_the_density_at_zero_for_sizes() -> None:
    """Gaussian residuals: sd^2, and delta sd sqrt(pi / 2) at a small delta."""
    r = 0.3 * np.random.default_rng(4).standard_normal(4000)
    assert spread(r, 100.0, 0) == pytest.approx((r**2).mean(), rel=1e-9)
    assert spread(r, 100.0, 40) == pytest.approx((r**2).sum() / 3960, rel=1e-9)
    assert spread(r, 1e-4, 0) == pytest.approx(1e-4 * 0.3 * np.sqrt(np.pi / 2), rel=0.08)


def test_an_end_that_the_points_do_not_set_is_open_and_exact_points_have_no_width() -> None:
    """A power law with noise has no floor to find: nothing keeps ln E from below."""
    points = noisy("power", 0.03, 5)
    found = fit("power_with_floor", points.x, points.y)
    (low, high), *_ = intervals(found, points)
    assert low is None
    assert high is not None
    exact = Points.of(sizes("power"), law("power", sizes("power")))
    law_found = fit("power", exact.x, exact.y)
    ends = intervals(law_found, exact)[1]
    assert ends == pytest.approx([TRUTH["power"]["alpha"]] * 2, rel=1e-9)
