"""What the buffer caps, and that the expected loss diverges without one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from theory.ambient.buffer import (
    BufferCap,
    BufferLoss,
    buffer,
    expected_loss,
    largest_weight,
    logarithm,
)
from theory.ambient.pseudo_target import weight
from theory.ambient.variance_price import price

CAP, LOSS = BufferCap(), BufferLoss()
check = settings(max_examples=20, deadline=None, derandomize=True)


@pytest.mark.parametrize(("cap", "b", "largest"), [(4.0, 1.1547, 16.0), (2.0, math.sqrt(2), 4.0)])
def test_the_default_buffers(cap, b, largest):
    point = {"cap": cap}
    assert CAP.sharper(point)["buffer"].value == pytest.approx(b, abs=5.1e-5)
    assert CAP.exact(point).value == pytest.approx(largest, rel=1e-12)
    assert CAP.printed(point).value == cap


@check
@given(st.floats(1.01, 100), st.floats(0.01, 5))
def test_the_buffer_caps_the_ratio_and_the_weight_by_its_square(cap, sigma_n):
    b = buffer(cap)
    assert 1 / (1 - 1 / b**2) == pytest.approx(cap, rel=1e-9)
    assert CAP.exact({"cap": cap}).value == pytest.approx(cap**2, rel=1e-9)
    assert weight(b * sigma_n, sigma_n) == pytest.approx(cap**2, rel=1e-9)
    assert weight(1.2 * b * sigma_n, sigma_n) < cap**2
    careful = CAP.sharper({"cap": cap})["weight_buffer"].value
    assert largest_weight(careful) == pytest.approx(cap, rel=1e-9)
    assert careful > b


def test_a_buffer_that_is_added_caps_little():
    assert weight(2.05, 2.0) == pytest.approx(430, rel=3e-3)


def test_a_cap_of_one_is_never_reached():
    with pytest.raises(ValueError, match="give one above 1"):
        CAP.exact({"cap": 1.0})


@pytest.mark.parametrize("sigma_n", [0.2, 1.38, 2.84])
def test_the_expected_loss_is_its_integral(sigma_n):
    def integrand(u):
        bell = math.exp(-0.5 * ((u + 1.2) / 1.2) ** 2) / (1.2 * math.sqrt(2 * math.pi))
        return bell * price(math.exp(u), sigma_n, 0.5)

    exact = integrate.quad(integrand, math.log(1.01 * sigma_n), 12, limit=400, epsrel=1e-12)[0]
    point = {"spread": 0.5, "sigma_n": sigma_n, "gap": 0.01}
    assert LOSS.exact(point).value == pytest.approx(exact, rel=1e-9)


@check
@given(st.floats(0.2, 2), st.floats(0.02, 3), st.floats(-2, 0.5), st.floats(0.5, 2))
def test_without_a_buffer_it_diverges_as_the_logarithm(spread, sigma_n, mean, deviation):
    rest = {"spread": spread, "sigma_n": sigma_n, "log_mean": mean, "log_deviation": deviation}
    gaps = [
        LOSS.printed({**rest, "gap": gap}).value / LOSS.exact({**rest, "gap": gap}).value - 1
        for gap in (1e-4, 1e-5, 1e-6)
    ]
    slope, _ = logarithm(spread, sigma_n, mean, deviation)
    bound = 20 * (1 + slope) * (1 + 1 / deviation**2) * (1 + abs(math.log(sigma_n) - mean))
    assert all(abs(gap) < bound * size for gap, size in zip(gaps, (1e-4, 1e-5, 1e-6)))
    # what the levels between g^2 and g add grows with every step of g: no Cauchy sequence
    added = [LOSS.sharper({**rest, "gap": gap})["rest"].value for gap in (1e-2, 1e-4, 1e-6)]
    assert added[0] < added[1] < added[2]
    assert added[2] == pytest.approx(slope * math.log(1e6), rel=1e-4)


def test_gaps_add_up():
    whole = expected_loss(0.5, 0.2, 1e-4, math.inf, -1.2, 1.2)
    parts = expected_loss(0.5, 0.2, 1e-4, 1e-2, -1.2, 1.2)
    parts += expected_loss(0.5, 0.2, 1e-2, math.inf, -1.2, 1.2)
    assert whole == pytest.approx(parts, rel=1e-12)
    assert expected_loss(0.5, 0.2, 0.1, 0.1, -1.2, 1.2) == 0.0


def test_draws_of_the_noise_have_that_mean():
    rng, n = np.random.default_rng(0), 100_000
    sigma = np.exp(-1.2 + 1.2 * rng.standard_normal(n))
    admitted = sigma > 0.2 * buffer(4.0)
    loss = np.where(admitted, 1.16 / (1 - np.minimum(0.2 / sigma, 0.99) ** 2), 0.0)
    exact = LOSS.exact({"spread": 0.5, "sigma_n": 0.2, "gap": buffer(4.0) - 1}).value
    assert abs(loss.mean() - exact) < 4 * loss.std() / math.sqrt(n)


def test_a_deviation_too_small_for_the_panels_is_refused():
    point = {**LOSS.example, "log_deviation": 1e-12}
    for found in (LOSS.exact, LOSS.printed, LOSS.sharper):
        with pytest.raises(ValueError, match=r"got .* panels.*; give a larger deviation"):
            found(point)
