"""The kernel estimate's score and law: worked numbers, two routes, and rates by regression."""

import math

import numpy as np
import pytest

from theory.rates.kernel_score import (
    KernelScore,
    KernelScoreSlope,
    _at_draws,
    floor_of,
    linearised_error,
    mean_error,
    printed_rate,
    score_errors,
)
from theory.rates.kernel_tv import KernelTV

SCORE, SLOPE, TV = KernelScore(), KernelScoreSlope(), KernelTV()


def rng(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("n", "t", "expected"),
    [
        (50, 0.25, 0.181219),
        (100, 0.25, 0.0964996),
        (200, 0.25, 0.0515418),
        (400, 0.25, 0.0267570),
        (800, 0.25, 0.0134965),
        (1600, 0.25, 0.00737332),
        (800, 0.02, 0.482980),
        (800, 0.05, 0.123997),
        (800, 0.1, 0.0454269),
        (800, 0.2, 0.0178548),
        (800, 0.4, 0.00779742),
    ],
)
def test_worked_numbers(n, t, expected):
    """Those are simulations of 300 data sets: their error is this one's, scaled."""
    found = SCORE.exact({"n": n, "t": t, "datasets": 200}, rng(n))
    error = found.standard_error * math.hypot(1, math.sqrt(200 / 300))
    assert found.value == pytest.approx(expected, abs=4 * error)


def test_measured_slopes():
    along_n = {"n": 50, "n_end": 1600, "t": 0.25, "t_end": 0.25, "datasets": 200}
    along_t = {"n": 800, "n_end": 800, "t": 0.02, "t_end": 0.4, "datasets": 200}
    for point, measured, declared in ((along_n, -0.930, -1.0), (along_t, -1.384, -1.5)):
        found = SLOPE.exact(point, rng())
        print(f"slope {found.value:.4f}, measured before {measured}, declared {declared}")
        assert found.value == pytest.approx(measured, abs=6 * found.standard_error)
        assert SLOPE.printed(point).value == pytest.approx(declared, rel=1e-12)
    assert SLOPE.sharper(along_n)["linearised"].value == pytest.approx(-1, rel=1e-12)
    assert SLOPE.sharper(along_t)["linearised"].value == pytest.approx(-2, rel=1e-12)


def test_a_slope_is_that_of_two_errors():
    point = {"n": 50, "n_end": 50, "t": 0.1, "t_end": 0.4, "datasets": 30}
    generator = rng()
    first, last = (
        mean_error(score_errors(50, t, 1, 1 / 50, 30, generator)).value for t in (0.1, 0.4)
    )
    expected = math.log(last / first) / math.log(4)
    assert SLOPE.exact(point, rng()).value == pytest.approx(expected, rel=1e-12)
    for change in ({"n_end": 60}, {"t_end": 0.1}):
        with pytest.raises(ValueError, match="change one of them"):
            SLOPE.printed({**point, **change})


def test_the_line_by_two_routes():
    """The trapezoid rule over the line against draws of p_t."""
    rule = mean_error(score_errors(100, 0.3, 1, 1 / 100, 400, rng()))
    draws = mean_error(_at_draws(100, 0.3, 1, 1 / 100, 1000, rng()))
    error = math.hypot(rule.standard_error, draws.standard_error)
    assert rule.value == pytest.approx(draws.value, abs=4 * error)


def test_one_data_set_by_hand():
    """By the sums themselves, on a fine grid, from the same draws."""
    n, t = 30, 0.2
    found = score_errors(n, t, 1, 1 / n, 2, rng())
    samples = rng().standard_normal((2, n))
    x = np.linspace(-12, 12, 24001)
    p = np.exp(-0.5 * x * x / (1 + t)) / math.sqrt(2 * math.pi * (1 + t))
    for own, value in zip(samples, found):
        kernels = np.exp(-0.5 * (x - own[:, None]) ** 2 / t) / math.sqrt(2 * math.pi * t)
        slopes = (kernels * (own[:, None] - x) / t).mean(0)
        estimate = slopes / np.maximum(kernels.mean(0), 1 / n)
        expected = np.trapezoid(p * (estimate + x / (1 + t)) ** 2, x)
        assert value == pytest.approx(expected, rel=3e-3)  # the kink at the floor


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("t", [0.1, 0.5, 2.0])
def test_the_linearised_error_by_quadrature(dimension, t):
    """One coordinate carries the square, the others the kernel: both on a grid of (x, X)."""
    x, data = np.linspace(-30, 30, 3001), np.linspace(-30, 30, 3001)
    step = (x[1] - x[0]) * (data[1] - data[0])
    sides, square = 0.0, 0.0
    for chunk in np.array_split(x, 30):
        at = chunk[:, None]
        log_weight = -((at - data) ** 2) / t - math.log(2 * math.pi * t)  # squared kernel
        log_weight += -0.5 * data**2 - 0.5 * math.log(2 * math.pi)
        log_weight += 0.5 * at**2 / (1 + t) + 0.5 * math.log(2 * math.pi * (1 + t))
        weight = np.exp(log_weight) * step
        sides += weight.sum()
        square += (weight * ((data - at) / t + at / (1 + t)) ** 2).sum()
    expected = dimension * square * sides ** (dimension - 1) / 50
    assert linearised_error(50, t, dimension) == pytest.approx(expected, rel=1e-6)


def test_what_a_kernel_cannot_say_is_void():
    assert SCORE.void({"n": 10, "t": 0.01})
    assert not SCORE.void({"n": 10_000, "t": 0.5})
    assert SCORE.printed({"n": 100, "t": 4.0, "dimension": 2}).value == pytest.approx(0.01 / 4)
    assert printed_rate(10, 0.25, 2) == pytest.approx(1.6)
    assert SCORE.sharper({"n": 10, "t": 0.25, "dimension": 2})["zero"].value == 1.6


def test_the_floor_of_a_kernels_height():
    assert floor_of("count", 50, 0.1, 3) == pytest.approx(0.02)
    assert floor_of("kernel", 50, 0.1, 3) == pytest.approx((0.2 * math.pi) ** -1.5 / 50)
    # in three dimensions under large noise all of p lies below 1/n, and nothing is learned
    point = {"n": 100, "t": 4.0, "dimension": 3, "datasets": 20}
    zero = SCORE.sharper(point)["zero"].value
    assert SCORE.exact(point, rng()).value > 0.6 * zero
    assert SCORE.exact({**point, "floor": "kernel"}, rng()).value < 0.1 * zero


def test_chunks_do_not_change_a_mean(monkeypatch):
    import theory.rates.kernel_score as module

    whole = score_errors(20, 0.3, 1, 1 / 20, 8, rng())
    monkeypatch.setattr(module, "MEMORY", 60)
    assert score_errors(20, 0.3, 1, 1 / 20, 8, rng()) == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("t", [0.01, 0.1])
def test_the_generated_law_falls_as_the_root_of_n(t):
    counts = np.array([100, 400, 1600])
    means = [TV.exact({"n": int(n), "t": t, "datasets": 40}, rng()) for n in counts]
    slope = np.polyfit(np.log(counts), np.log([m.value for m in means]), 1)[0]
    print(f"slope {slope:.4f}, declared -0.5")
    assert slope == pytest.approx(-0.5, abs=0.05)
    for n, found in zip(counts, means):
        point = {"n": int(n), "t": t}
        bound = TV.sharper(point)["expectation"].value
        assert found.value <= bound + 4 * found.standard_error
        assert bound <= TV.printed(point).value
        assert TV.printed(point).value == pytest.approx(n**-0.5 * t**-0.25, rel=1e-12)


def test_the_constant_of_the_generated_law_at_small_noise():
    bound = TV.sharper({"n": 10**6, "t": 1e-4})["expectation"].value
    expected = 0.5 * (4 * math.pi) ** -0.25 * (8 * math.pi) ** 0.25
    assert bound / TV.printed({"n": 10**6, "t": 1e-4}).value == pytest.approx(expected, rel=2e-2)
    assert expected == pytest.approx(0.5946, abs=5e-5)


def test_without_noise_the_output_is_the_samples():
    found = TV.exact({"n": 5, "t": 1e-5, "datasets": 2}, rng())
    assert found.value > 0.95  # five kernels of width 0.003
    assert TV.void({"n": 5, "t": 1e-5})
