"""With n samples: fresh noise is plain denoising, fixed noise costs, and by how much."""

import math

import numpy as np
import pytest

from theory.ambient.finite_optimum import (
    FiniteOptimum,
    kernel_mean,
    limit_ratio,
    squared_errors,
)
from theory.ambient.minimiser import line_mixture
from theory.ambient.variance_price import price
from theory.mixture import Mixture

LAW = FiniteOptimum()
Q = line_mixture("", np.array([0.3, 0.7]), np.array([-1.0, 0.5]), 0.2)


def test_fresh_noise_is_plain_denoising_on_every_data_set():
    errors = squared_errors(Q, 15, 0.2, 0.25, 40, np.random.default_rng(0), fresh=True)
    assert np.abs(errors[2] / errors[0] - 1).max() < 1e-10


def test_a_fixed_noise_costs_at_every_size_of_the_data():
    """And both errors fall as 1/n."""
    sizes, means, errors = (50, 400, 3200), [], []
    for n, datasets in zip(sizes, (200, 100, 30)):
        plain, fixed = squared_errors(Q, n, 0.2, 0.4, datasets, np.random.default_rng(n))
        difference = fixed - plain
        assert difference.mean() > 4 * difference.std() / math.sqrt(datasets)
        means.append((plain.mean(), fixed.mean()))
        errors.append([e.std() / e.mean() / math.sqrt(datasets) for e in (plain, fixed)])
    slopes = np.log(np.divide(means[2], means[0])) / math.log(64)
    tolerance = 4 * np.hypot(errors[0], errors[2]) / math.log(64)
    print(f"slopes {slopes}, declared -1, tolerances {tolerance}")
    assert np.all(np.abs(slopes + 1) < tolerance)


def test_close_to_the_annotated_level_it_costs_more():
    """R falls from 4.6 to 1.5; the estimate's own ratio from about 20 to about 3."""
    ratios = []
    for sigma in (0.231, 0.4):
        plain, fixed = squared_errors(Q, 200, 0.2, sigma, 100, np.random.default_rng(1))
        ratios.append(fixed.mean() / plain.mean())
    assert ratios[0] > 3 * ratios[1] > 3


@pytest.mark.parametrize(("sigma_n", "sigma"), [(0.2, 0.3), (0.3, 0.35)])
def test_the_ratio_tends_to_its_limit(sigma_n, sigma):
    n, datasets = 1000, 120
    plain, fixed = squared_errors(Q, n, sigma_n, sigma, datasets, np.random.default_rng(5))
    ratio = fixed.mean() / plain.mean()
    error = np.std(fixed - ratio * plain) / plain.mean() / math.sqrt(datasets)
    # what is left of the limit at n is a relative O(1 / n) over the mass within a kernel
    assert abs(ratio - limit_ratio(Q, sigma_n, sigma)) < 4 * error + 0.02 * ratio


def test_for_one_normal_the_limit_is_a_quotient_of_integrals():
    """By the trapezoidal rule over x, the moments of the kernel regression in closed form."""
    s, sigma_n, sigma = 0.5, 0.2, 0.3
    x = np.linspace(-30, 30, 60_001)

    def variance(v, b):
        sharp, wide = v + b * b / 2, v + b * b
        gain = v / sharp
        mean, spread = gain * x - v / wide * x, gain * b * b / 2
        ratio = np.exp(0.5 * x * x * (1 / wide - 1 / sharp)) * math.sqrt(wide / sharp)
        return ((mean**2 + spread) * ratio).sum() / b

    delta = sigma**2 - sigma_n**2
    exact = variance(s**2 + sigma_n**2, math.sqrt(delta)) / variance(s**2, sigma)
    exact /= (delta / sigma**2) ** 2
    one = Mixture(np.ones(1), np.zeros((1, 1)), np.array(s**2))
    assert limit_ratio(one, sigma_n, sigma) == pytest.approx(exact, rel=1e-9)
    # a kernel regression averages over its own width, so that it pays otherwise than a slope does
    assert exact != pytest.approx(price(sigma, sigma_n, s), rel=0.05)


def test_fixed_noise_cannot_give_back_a_sample():
    """At low noise the plain optimum returns the nearest sample, the fixed one its noisy copy."""
    rng = np.random.default_rng(0)
    data = np.array([-2.0, 0.0, 2.0])
    fixed = data + 0.1 * rng.standard_normal(3)
    assert kernel_mean(np.array([0.05]), data, 0.12)[0] == pytest.approx(0.0, abs=1e-12)
    near = kernel_mean(np.array([0.05]), fixed, math.sqrt(0.12**2 - 0.01))[0]
    assert near == pytest.approx(fixed[1], abs=1e-12)


def test_kernel_means_are_those_of_the_mixture():
    rng = np.random.default_rng(2)
    data, x = rng.normal(size=40), rng.normal(size=15)
    empirical = Mixture(np.full(40, 1 / 40), data[:, None], np.array(0.0))
    exact = empirical.denoise(x[:, None], 0.3)[:, 0]
    assert kernel_mean(x, data, 0.3) == pytest.approx(exact, abs=1e-12)


def test_the_law_reads_its_point():
    point = {**LAW.example, "datasets": 20}
    value, error, _ = LAW.exact(point, np.random.default_rng(0))
    beside = LAW.sharper(point, np.random.default_rng(0))
    assert beside["fixed"].value / beside["plain"].value == pytest.approx(value, rel=1e-12)
    assert beside["fresh"].value == pytest.approx(1.0, abs=1e-9)
    assert error > 0
    assert LAW.sharper(point).keys() == {"limit"}
    with pytest.raises(ValueError, match="spread it out"):
        LAW.exact({**point, "weights": [1.0], "means": [0.0], "deviation": 0.0})


def test_the_limit_for_components_far_wider_than_the_kernel():
    """It tends to a constant as they widen, and is refused where log densities cancel."""
    wide = [
        limit_ratio(line_mixture("", np.array([0.3, 0.7]), np.array([-1.0, 0.5]), s), 0.2, 0.3)
        for s in (10.0, 30.0, 100.0)
    ]
    assert 0 < wide[1] - wide[2] < wide[0] - wide[1] < 1e-3
    with pytest.raises(ValueError, match="give more noise or a smaller deviation"):
        LAW.sharper({**LAW.example, "deviation": 1e5})
