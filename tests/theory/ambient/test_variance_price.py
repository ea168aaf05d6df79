"""What the ambient target costs: worked numbers, measured fits, limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.ambient.buffer import buffer
from theory.ambient.variance_price import VariancePrice, price, squared_errors

LAW = VariancePrice()


@pytest.mark.parametrize(
    ("sigma_n", "sigma", "formula", "worked"),
    [
        (0.2, 0.231, 4.63, 4.66),
        (0.2, 0.4, 1.55, 1.64),
        (1.38, 1.6, 33.7, 32.8),
        (1.38, 4, 9.8, 10.1),
    ],
)
def test_worked_ratios_of_fits(sigma_n, sigma, formula, worked):
    point = {"spread": 0.5, "sigma_n": sigma_n, "sigma": sigma, "datasets": 6000}
    value, error, _ = LAW.exact(point, np.random.default_rng(0))
    assert LAW.printed(point).value == pytest.approx(formula, rel=3e-3)
    assert abs(value - LAW.printed(point).value) < 4 * error
    assert worked == pytest.approx(formula, rel=0.06)  # of a few thousand draws


@pytest.mark.parametrize(
    ("sigma_n", "excess", "loss"),
    [
        (0.2, 0.001, 581),
        (0.2, 0.01, 58.9),
        (0.2, 0.05, 12.5),
        (0.2, 0.1547, 4.64),
        (0.2, math.sqrt(2) - 1, 2.32),
        (0.2, 1.0, 1.55),
        (1.38, 0.01, 437),
        (1.38, buffer(4.0) - 1, 34),
    ],
)
def test_the_weighted_loss_of_a_perfect_denoiser(sigma_n, excess, loss):
    digits = 0.51 if loss > 100 or loss == 34 else 0.051 if loss > 10 else 0.0051
    assert price(sigma_n * (1 + excess), sigma_n, 0.5) == pytest.approx(loss, abs=digits)


def test_the_weighted_loss_is_edms_weight_times_the_ambient_one():
    """lambda_EDM lambda_amb Var[alpha h + (1 - alpha) x - x_n], each factor on its own."""
    s, sigma_n, sigma = 0.5, 0.2, 0.25
    delta = sigma**2 - sigma_n**2
    residual = (s**2 + sigma_n**2) * delta / (s**2 + sigma**2)  # of x_n given x
    edm = (sigma**2 + s**2) / (sigma * s) ** 2
    assert edm * (sigma**2 / delta) ** 2 * residual == pytest.approx(price(sigma, sigma_n, s))
    assert edm * s**2 * sigma**2 / (s**2 + sigma**2) == pytest.approx(1.0)  # the plain loss


def test_the_price_holds_at_every_number_of_samples():
    for samples in (3, 100):
        rng = np.random.default_rng(samples)
        plain, ambient = squared_errors(0.5, 0.2, 0.3, samples, 4000, rng)
        ratio = ambient.mean() / plain.mean()
        error = np.std(ambient - ratio * plain) / plain.mean() / math.sqrt(4000)
        assert abs(ratio - price(0.3, 0.2, 0.5)) < 4 * error


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.floats(0.05, 3), st.floats(0.05, 3), st.floats(1.001, 10), st.floats(0.1, 10))
def test_the_price_falls_with_noise_and_has_no_unit(spread, sigma_n, ratio, scale):
    value = price(ratio * sigma_n, sigma_n, spread)
    assert value > price(1.1 * ratio * sigma_n, sigma_n, spread)
    assert value > 1 + (sigma_n / spread) ** 2
    assert price(scale * ratio * sigma_n, scale * sigma_n, scale * spread) == pytest.approx(value)
    far = LAW.sharper({"spread": spread, "sigma_n": sigma_n, "sigma": ratio * sigma_n})["far"].value
    assert price(1e5 * sigma_n, sigma_n, spread) == pytest.approx(far, rel=1e-9)


def test_at_the_annotated_level_there_is_no_price():
    with pytest.raises(ValueError, match="give sigma above sigma_n"):
        LAW.printed({"spread": 0.5, "sigma_n": 0.2, "sigma": 0.2})
