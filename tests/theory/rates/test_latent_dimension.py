"""Data in a subspace: the ambient dimension does not count, until there is noise off it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.rates.latent_dimension import (
    LatentDimension,
    latent_errors,
    leading_error,
    plug_in_errors,
)

LAW = LatentDimension()
check = settings(max_examples=10, deadline=None, derandomize=True)


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@check
@given(st.integers(1, 4), st.integers(0, 20), st.integers(1, 50), st.floats(0.02, 2))
def test_only_the_latent_dimension_counts_at_any_n(latent, more, n, t):
    ambient, own = latent_errors(latent, latent + more, n, t, 0.0, 6, rng())
    assert ambient == pytest.approx(own, rel=1e-7, abs=1e-9)


def test_noise_off_the_subspace_brings_the_ambient_dimension_in():
    ambient, own = latent_errors(2, 32, 200, 0.2, 0.3, 40, rng())
    assert (ambient > 1.5 * own).all()
    found = [leading_error(2, d, 200, 0.2, 0.3) for d in (2, 34, 66)]
    rising = np.diff(found)
    assert rising[1] > rising[0] > 0


@pytest.mark.parametrize(("latent", "ambient", "off"), [(3, 3, 0.0), (2, 12, 0.0), (2, 10, 0.4)])
def test_the_leading_term(latent, ambient, off):
    n, t = 4000, 0.3
    found = latent_errors(latent, ambient, n, t, off, 200, rng())[0]
    error = found.std() / math.sqrt(len(found))
    expected = leading_error(latent, ambient, n, t, off)
    assert found.mean() == pytest.approx(expected, abs=4 * error + 0.02 * expected)
    if off == 0:
        closed = math.exp(-4 * t) * latent * (latent + 1) / n
        assert expected == pytest.approx(closed, rel=1e-12)


def test_the_measured_rate_is_one_over_n():
    counts = np.array([200, 800, 3200])
    means = [latent_errors(2, 8, int(n), 0.2, 0.0, 300, rng())[0].mean() for n in counts]
    slope = np.polyfit(np.log(counts), np.log(means), 1)[0]
    print(f"slope {slope:.4f}, declared -1")
    assert slope == pytest.approx(-1, abs=0.08)


def test_the_error_is_that_of_the_two_scores():
    """By draws of p_t, for one data set in three dimensions."""
    generator, t = rng(), 0.4
    covariance = np.diag([1.0, 1.0, 0.2])
    samples = generator.standard_normal((1, 15, 3)) * np.sqrt(np.diag(covariance))
    r2 = math.exp(-2 * t)
    marginal = r2 * covariance + (1 - r2) * np.eye(3)
    x = generator.standard_normal((200_000, 3)) @ np.linalg.cholesky(marginal).T
    fitted = r2 * samples[0].T @ samples[0] / 15 + (1 - r2) * np.eye(3)
    gaps = x @ (np.linalg.inv(fitted) - np.linalg.inv(marginal))
    squares = (gaps**2).sum(1)
    expected = plug_in_errors(samples, covariance, t)[0]
    assert squares.mean() == pytest.approx(expected, abs=4 * squares.std() / math.sqrt(len(x)))


def test_the_law_and_its_voids():
    point = {"latent": 2, "ambient": 16, "n": 400, "t": 0.2, "datasets": 30}
    found, beside = LAW.exact(point, rng()), LAW.sharper(point, rng())
    assert beside["latent"].value == pytest.approx(found.value, rel=1e-9)
    assert "latent" not in LAW.sharper(point)
    printed = (400 ** (-2 / 7) + 16 * 400 ** (-5 / 7)) / 0.2
    assert LAW.printed(point).value == pytest.approx(printed, rel=1e-12)
    assert beside["zero"].value == pytest.approx(2 + 14 / -math.expm1(-0.4), rel=1e-12)
    assert not LAW.void(point)
    assert LAW.void({**point, "n": 2, "ambient": 2})
    assert LAW.printed({**point, "off": 0.1}) is None
    assert LAW.void({**point, "off": 0.1})
    with pytest.raises(ValueError, match="give latent <= ambient"):
        LAW.exact({**point, "ambient": 1}, rng())
