"""The ambient objective: its minimiser, its excess, and the price of its target."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.density import density
from theory.line_mixture import mixture
from theory.tweedie.ambient_minimiser import (
    DENOISERS,
    AmbientMinimiser,
    TargetVariance,
    excess_formula,
)
from theory.tweedie.transition import denoise, minimal_error

MINIMISER, PRICE = AmbientMinimiser(), TargetVariance()
check = settings(max_examples=15, deadline=None, derandomize=True)
PAIR = "0.3*normal(-1,0.3)+0.7*normal(1,0.3)"


@pytest.mark.parametrize("denoiser", DENOISERS)
@pytest.mark.parametrize("law", [PAIR, "0.5*atoms(0)+0.5*normal(1,0.5)"])
def test_the_excess_that_training_sees_is_the_formula(law, denoiser):
    point = {"p": law, "sigma_n": 0.4, "sigma": 0.7, "denoiser": denoiser, "draws": 100_000}
    found = MINIMISER.exact(point, np.random.default_rng(3))
    formula = MINIMISER.printed(point).value
    assert formula > 0
    assert abs(found.value - formula) < 4 * found.standard_error


def test_the_least_loss_on_normal_data():
    """E Var(X_n|X_t) = (v + sigma_n^2) Delta / (v + sigma^2)."""
    point = {**MINIMISER.example, "p": "normal(0.5,0.7)", "sigma_n": 0.4, "sigma": 0.8}
    least = MINIMISER.sharper(point)["least_loss"].value
    assert least == pytest.approx((0.49 + 0.16) * 0.48 / (0.49 + 0.64), rel=1e-12)


def test_the_best_affine_denoiser_has_no_excess_on_normal_data():
    assert excess_formula("linear", density("normal(0.5,0.7)"), 0.4, 0.8) < 1e-30
    assert excess_formula("identity", density("normal(0.5,0.7)"), 0.4, 0.8) == pytest.approx(
        (0.48 / 0.64) ** 2 * 0.64**2 / (0.49 + 0.64), rel=1e-12
    )  # alpha^2 E (X_t - h)^2 = alpha^2 sigma^4 / (v + sigma^2)


def test_the_objective_is_least_squares_on_a_pseudo_target():
    """alpha h + (1 - alpha) x - x_n = alpha (h - y), to 2e-15."""
    generator = np.random.default_rng(0)
    noisy, eta, h = generator.standard_normal((3, 1000))
    delta = 0.7**2 - 0.4**2
    alpha = delta / 0.7**2
    x = noisy + math.sqrt(delta) * eta
    y = x - 0.7**2 / math.sqrt(delta) * eta
    assert np.abs(alpha * h + (1 - alpha) * x - noisy - alpha * (h - y)).max() < 2e-15


def test_the_pseudo_target_has_the_clean_mean_and_the_variance_of_the_law():
    """Sorted into narrow bins of X_t, y averages to E[X_0|X_t]; its mean square error is known."""
    generator = np.random.default_rng(1)
    n, sigma_n, sigma = 400_000, 0.3, 0.6
    delta = sigma**2 - sigma_n**2
    clean = density(PAIR).sample((n,), generator)
    eta = generator.standard_normal(n)
    x = clean + sigma_n * generator.standard_normal(n) + math.sqrt(delta) * eta
    y = x - sigma**2 / math.sqrt(delta) * eta
    off = y - denoise(mixture(density(PAIR)), x, sigma)
    for values in np.array_split(off[np.argsort(x)], 20):
        assert abs(values.mean()) < 4 * values.std() / math.sqrt(len(values))
    law = mixture(density(PAIR))
    expected = (
        minimal_error(law, sigma)
        + PRICE.printed({"p": PAIR, "sigma_n": sigma_n, "sigma": sigma}).value
    )
    assert abs((off**2).mean() - expected) < 4 * (off**2).std() / math.sqrt(n)


@pytest.mark.parametrize(
    ("sigma_n", "sigma", "ratio"),
    [(0.2, 0.231, 4.63), (0.2, 0.4, 1.55), (1.38, 1.6, 33.7), (1.38, 4.0, 9.8)],
)
def test_the_price_on_normal_data(sigma_n, sigma, ratio):
    point = {"p": "normal(0,0.5)", "sigma_n": sigma_n, "sigma": sigma}
    beside = PRICE.sharper(point)
    assert beside["ratio"].value == pytest.approx(ratio, rel=3e-3)
    assert beside["ratio"].value == pytest.approx(beside["gaussian_ratio"].value, rel=1e-12)


@check
@given(
    st.floats(0.1, 1), st.floats(1.05, 4), st.floats(0.1, 0.9), st.floats(0, 3), st.floats(0.1, 1)
)
def test_the_price_is_the_same_for_every_law(sigma_n, ratio, weight, distance, width):
    law = f"{weight!r}*normal(0,{width!r})+{1 - weight!r}*atoms({distance!r})"
    point = {"p": law, "sigma_n": sigma_n, "sigma": sigma_n * ratio}
    assert PRICE.exact(point).value == pytest.approx(PRICE.printed(point).value, rel=1e-10)
    beside = PRICE.sharper(point)
    assert beside["ratio"].value >= beside["gaussian_ratio"].value * (1 - 1e-12)


def test_the_price_is_unbounded_at_the_noise_of_the_data_and_of_order_one_far_above():
    extra = [
        PRICE.printed({"p": PAIR, "sigma_n": 0.5, "sigma": sigma}).value
        for sigma in (0.5001, 0.6, 50.0)
    ]
    assert extra[0] > 600
    assert extra[1] > extra[2]
    assert extra[2] == pytest.approx(0.25, rel=1e-3)  # sigma_n^2


@pytest.mark.parametrize("law", [MINIMISER, PRICE], ids=lambda law: law.name)
def test_levels_without_room_for_noise_are_refused(law):
    with pytest.raises(ValueError, match="give sigma > sigma_n"):
        law.printed({**law.example, "sigma_n": 0.7, "sigma": 0.7})


def test_a_beta_law_is_refused_with_what_to_give():
    with pytest.raises(ValueError, match=r"beta\(2.0,2.0\) in it; give normal"):
        PRICE.exact({**PRICE.example, "p": "beta(2,2)"})
