"""Noise of a power law: its spectrum on the torus is exact, and a pixel is exactly uniform."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf
from scipy.stats import kstest

from harness.data.power_law import PowerLaw
from harness.problem import Problem

SIDE = 8


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0])
def test_the_spectrum_falls_with_the_exponent(exponent: float) -> None:
    """The slope over all frequencies but the lowest, by draws of the whole torus."""
    count = 2000
    g = PowerLaw(exponent).torus((count, 1), SIDE, np.random.default_rng(0))
    x = erf(g / np.sqrt(2))[:, 0]
    power = np.abs(np.fft.fft2(x)) ** 2 / (2 * SIDE) ** 2  # [N, n, n], mean 1/3 S
    k = np.hypot(*np.meshgrid(*2 * [np.fft.fftfreq(2 * SIDE, 1 / (2 * SIDE))]))
    inside = k >= 1
    logarithm = np.log(power.mean(axis=0)[inside])
    design = np.stack([np.log(k[inside]), np.ones(inside.sum())], axis=1)
    slope = np.linalg.lstsq(design, logarithm, rcond=None)[0][0]
    error = np.sqrt(2 / count * np.linalg.inv(design.T @ design)[0, 0])  # +k and -k are one draw
    assert abs(slope + exponent) < 4 * error
    assert error < 0.01

    mean, spread = power.mean(axis=0), power.std(axis=0) / np.sqrt(count)
    expected = np.maximum(k, 1) ** -exponent
    expected *= 1 / 3 / expected.mean()
    assert (np.abs(mean - expected) < 5 * spread).all()


@given(st.floats(0, 4), st.integers(4, 64))
@settings(max_examples=40, deadline=None)
def test_the_field_behind_it_exists_and_gives_the_power_law(exponent: float, side: int) -> None:
    """No power is negative, and Pearson's formula turns its correlation into that of x."""
    law = PowerLaw(exponent)
    gaussian, spectrum = law.gaussian(side), law.spectrum(side)
    assert gaussian.mean() == pytest.approx(1, abs=1e-9)
    correlation = np.fft.ifft2(gaussian).real
    covariance = 2 / np.pi * np.arcsin(correlation / 2)
    np.testing.assert_allclose(np.fft.fft2(3 * covariance).real, spectrum, atol=1e-9)
    k = np.arange(1, side + 1)
    np.testing.assert_allclose(spectrum[0, k] / spectrum[0, 1], k**-exponent)
    np.testing.assert_allclose(spectrum[k, k], spectrum[0, 1] * (np.sqrt(2) * k) ** -exponent)
    assert spectrum[0, 0] == pytest.approx(spectrum[0, 1])


def test_two_pixels_of_an_image_have_the_covariance_of_the_torus() -> None:
    count = 8000
    law = PowerLaw()
    x = law.draw(count, SIDE, 1, np.random.default_rng(1))[:, 0].astype(float)
    rho = np.fft.ifft2(law.spectrum(SIDE)).real
    for down, right in ((0, 1), (1, 1), (3, 0), (7, 7)):
        product = x[:, 0, 0] * x[:, down, right]
        assert abs(product.mean() - rho[down, right] / 3) < 4 * product.std() / np.sqrt(count)


def test_a_pixel_is_uniform_and_channels_are_independent() -> None:
    count = 8000
    x = PowerLaw(3.0).draw(count, SIDE, 3, np.random.default_rng(2)).astype(float)
    for row, column in ((0, 0), (3, 4), (7, 7)):
        for channel in range(3):
            assert kstest(x[:, channel, row, column], "uniform", (-1, 2)).pvalue > 1e-4
    product = x[:, 0, 2, 2] * x[:, 1, 2, 2]
    assert abs(product.mean()) < 4 * product.std() / np.sqrt(count)


@pytest.mark.parametrize("exponent", [-0.1, 4.1, float("nan"), 2, True, "2"])
def test_another_exponent_is_a_problem(exponent: float) -> None:
    with pytest.raises(Problem, match=r"exponent=.*give a number from 0 to 4"):
        PowerLaw(exponent)
