"""Shares of training: the worked table, and the sampler itself."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.ambient.mixing_share import MixingShare, admitted

LAW = MixingShare()


@pytest.mark.parametrize(
    ("sigma_min", "probability", "share"),
    [
        (0.22, 0.556, 0.50),
        (1.38, 0.083, 0.074),
        (1.93, 0.048, 0.043),
        (2.84, 0.023, 0.021),
        (1.60, None, 0.059),
        (1.40, None, 0.073),
        (1.27, None, 0.084),
        (1.03, None, 0.114),
        (0.81, None, 0.155),
        (0.63, None, 0.208),
        (2.12, None, 0.036),
        (2.89, None, 0.020),
    ],
)
def test_nine_tenths_of_the_data(sigma_min, probability, share):
    point = {"share": 0.9, "sigma_min": sigma_min}
    assert LAW.exact(point).value == pytest.approx(share, abs=1.1e-3)
    assert LAW.printed(point).value == 0.9
    if probability is not None:
        assert LAW.sharper(point)["admitted"].value == pytest.approx(probability, abs=5.1e-4)


@pytest.mark.parametrize(
    ("sigma_min", "offset", "mean", "deviation", "probability"),
    [(2.0, 0.05, -0.6, 1.2, 0.136), (2.0, 0.05, 0.0, 0.6, 0.116), (0.2, 0.0, -0.4, 1.0, 0.887)],
)
def test_other_noises_and_a_buffer_that_is_added(sigma_min, offset, mean, deviation, probability):
    assert admitted(sigma_min + offset, 0.0, mean, deviation) == pytest.approx(
        probability, abs=5.1e-4
    )
    point = {
        "share": 0.28,
        "sigma_min": sigma_min,
        "buffer": 1.0,
        "offset": offset,
        "log_mean": mean,
        "log_deviation": deviation,
    }
    assert LAW.exact(point).value == pytest.approx(0.28 * probability, abs=2e-4)


@pytest.mark.parametrize(
    ("sigma_max", "probability"), [(0.2, 0.37), (0.1, 0.18), (0.05, 0.067), (0.025, 0.019)]
)
def test_from_below(sigma_max, probability):
    assert admitted(300.0, sigma_max, -1.2, 1.2) == pytest.approx(probability, rel=0.01)


def test_the_sampler_draws_that_share():
    """Sigma first, then the first sample of a shuffled stream that may be used there."""
    rng, n, w = np.random.default_rng(0), 20_000, 0.6
    sigma = np.exp(-1.2 + 1.2 * rng.standard_normal(n))
    use = (sigma > 0.5 * 2 / math.sqrt(3)) | (sigma < 0.1)
    corrupted = 0
    for usable in use:
        while True:
            drawn = rng.random() < w
            if usable or not drawn:
                corrupted += drawn
                break
    exact = LAW.exact({"share": w, "sigma_min": 0.5, "sigma_max": 0.1}).value
    assert abs(corrupted / n - exact) < 4 * math.sqrt(exact * (1 - exact) / n)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.floats(0.01, 5), st.floats(0.0, 5), st.floats(0.1, 10))
def test_a_higher_level_admits_less_and_units_are_those_of_the_noise(level, highest, scale):
    here = admitted(level, highest, -1.2, 1.2)
    assert here >= admitted(1.1 * level, highest, -1.2, 1.2)
    moved = admitted(scale * level, scale * highest, -1.2 + math.log(scale), 1.2)
    assert moved == pytest.approx(here, abs=1e-12)
    assert admitted(0.0, 0.0, -1.2, 1.2) == 1.0
    assert admitted(level, level, -1.2, 1.2) == 1.0


def test_a_buffer_below_one_is_refused():
    with pytest.raises(ValueError, match="give 1 or more"):
        LAW.exact({"share": 0.9, "sigma_min": 0.2, "buffer": 0.9})
