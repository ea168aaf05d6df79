"""The denoising error of a class: by simulation, in its weightings, in other units."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from theory.classifier.class_loss import WEIGHTINGS, coefficients, loss, parts
from theory.schedule import alpha_bar, beta

check = settings(max_examples=20, deadline=None, derandomize=True)
spread = st.floats(1e-3, 1e3)


@pytest.mark.parametrize("abar", [0.999, 0.6, 0.05])
def test_the_error_of_the_best_prediction_by_simulation(abar):
    """|eps - E[eps | x_t]|^2 from the posterior mean of x, within 4 standard errors."""
    generator, n, v = np.random.default_rng(3), 100_000, 0.7
    x, mean = np.array([0.4, -1.2, 2.0]), np.array([1.0, 0.3, 0.5])
    noise = generator.standard_normal((n, 3))
    noisy = math.sqrt(abar) * x + math.sqrt(1 - abar) * noise
    gain = math.sqrt(abar) * v / (abar * v + 1 - abar)
    denoised = mean + gain * (noisy - math.sqrt(abar) * mean)
    predicted = (noisy - math.sqrt(abar) * denoised) / math.sqrt(1 - abar)
    errors = ((noise - predicted) ** 2).sum(axis=1)
    found = loss(v, np.array([abar]), float((x - mean) @ (x - mean)), 3)[0]
    assert errors.mean() == pytest.approx(found, abs=4 * errors.std() / math.sqrt(n))


@check
@given(spread, st.floats(1e-4, 0.9999))
def test_the_error_depends_on_the_signal_to_noise_ratio_of_the_class(v, abar):
    alpha = special.expit(special.logit(abar) + math.log(v))
    energy, slope = (part[0, 0] for part in parts(np.array([v]), np.array([abar])))
    assert energy == pytest.approx(alpha**2, rel=1e-9)
    assert slope == pytest.approx(alpha * (1 - alpha) / v, rel=1e-9)


def test_worked_slope():
    assert coefficients(np.array([1.0]), "uniform")[1][0] == pytest.approx(0.08205624, abs=5.1e-9)


@check
@given(spread)
def test_the_weights_of_the_bound_give_the_likelihood(v):
    energy, slope = coefficients(np.array([1.0, v]), "elbo")
    assert energy[0] == 0.0
    assert energy[1] == pytest.approx(0.5 * math.log(v), rel=1e-12, abs=1e-13)
    assert slope[1] == pytest.approx(0.5 / v, rel=1e-12)


@pytest.mark.parametrize("v", [0.04, 5.0])
def test_the_weights_of_the_bound_are_those_of_time(v):
    """1/2 d lambda is dt / (1 - r^2) for Ornstein and Uhlenbeck, as lambda = -log(e^2t - 1)."""

    def rate(t, part):
        abar = np.array([math.exp(-2 * t)])
        first, other = (parts(np.array([k]), abar)[part][0, 0] for k in (v, 1.0))
        return (first - (other if part == 0 else 0.0)) / -math.expm1(-2 * t)

    for part, found in enumerate(coefficients(np.array([v]), "elbo")):
        pieces = [(1e-12, 0.1), (0.1, 1), (1, 30)]
        value = sum(integrate.quad(rate, *ends, args=(part,), epsabs=1e-13)[0] for ends in pieces)
        assert value == pytest.approx(found[0], rel=1e-9)


@check
@given(spread, st.floats(0.01, 100))
def test_only_the_weights_of_the_bound_have_no_units(v, unit):
    """Under lengths in other units the weights of the bound change nothing but a constant."""
    pair = np.array([v, 4 * v])
    energy, slope = coefficients(pair, "elbo")
    energy_scaled, slope_scaled = coefficients(pair * unit, "elbo")
    assert np.diff(energy_scaled) == pytest.approx(np.diff(energy), rel=1e-11)
    assert slope_scaled * unit == pytest.approx(slope, rel=1e-11)


def test_uniform_times_have_units():
    pair = np.array([1.0, 4.0])
    slope, scaled = (coefficients(pair * unit, "uniform")[1] * unit for unit in (1.0, 0.01))
    assert abs(scaled / slope - 1).min() > 0.1


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_wider_classes_have_more_energy_and_less_slope(weighting, schedule):
    energy, slope = coefficients(np.geomspace(1e-3, 1e3, 30), weighting, schedule)
    assert (np.diff(energy) > 0).all()
    assert (np.diff(slope) < 0).all()


def test_each_weighting_is_the_stated_sum_over_the_steps():
    v, left, added = 2.5, alpha_bar("cosine")[1:], beta("cosine")
    for weighting, weights in (
        ("uniform", np.full(1000, 1e-3)),
        ("ddpm", added / (2 * (1 - added) * (1 - left))),
        ("single", np.arange(1000) == 321),
    ):
        energy, slope = coefficients(np.array([v]), weighting, "cosine", 321)
        # d A + B |x - mu|^2 at d = 3, |x - mu|^2 = 1.7
        expected = (weights * loss(v, left, 1.7, 3)).sum()
        assert 3 * energy[0] + 1.7 * slope[0] == pytest.approx(expected, rel=1e-12)


def test_the_steps_of_ho_et_al_tend_to_the_weights_of_the_bound():
    """Between alike spreads 1000 steps are within a few per mille of continuous time."""
    for pair in ([1.0, 4.0], [0.25, 1.0]):
        exact, discrete = (coefficients(np.array(pair), name) for name in ("elbo", "ddpm"))
        assert np.diff(discrete[0]) == pytest.approx(np.diff(exact[0]), rel=5e-3)
        assert discrete[1] == pytest.approx(exact[1], rel=5e-3)
