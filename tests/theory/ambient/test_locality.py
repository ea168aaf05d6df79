"""The crop that the optimal denoiser needs: the worked map, brute force, and both ends."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.ambient.locality import CropSize, centre_errors, covariance, crop, mapped_crop

LAW = CropSize()
SIGMAS = (0.05, 0.15, 0.2, 0.35, 0.55, 0.7, 0.95, 2.0, 5.0)


@pytest.mark.parametrize(
    ("exponent", "crops", "worked"),
    [
        (2.4, (2, 4, 4, 4, 6, 8, 10, 16, 34), (2, 4, 4, 4, 6, 8, 10, 16, 40)),
        (2.0, (2, 4, 4, 4, 6, 6, 8, 16, 34), (2, 4, 4, 4, 6, 6, 8, 16, 40)),
    ],
)
def test_the_worked_map(exponent, crops, worked):
    """The worked crops are taken from 2, 4, 6, 8, 10, 16, 24, 32, 40, 48."""
    found = tuple(LAW.exact({"exponent": exponent, "sigma": s}).value for s in SIGMAS)
    assert found == crops
    menu = (2, 4, 6, 8, 10, 16, 24, 32, 40, 48)
    assert tuple(min(c for c in menu if c >= each) for each in found) == worked


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.floats(0.5, 3.5), st.floats(0.05, 5), st.sampled_from([(8, 8), (8, 12), (10, 32)]))
def test_symmetry_and_one_factor_give_the_dense_answer(exponent, sigma, sizes):
    side, period = sizes
    k = covariance(exponent, 0.25, period)
    errors = []
    for c in range(2, side + 1, 2):
        at = np.array(list(itertools.product(range(c), repeat=2)))
        offset = (at[:, None] - at) % period
        full = k[offset[..., 0], offset[..., 1]]
        target = [i for i, ij in enumerate(at) if set(ij) <= {c // 2 - 1, c // 2}]
        inverse = np.linalg.solve(full + sigma**2 * np.eye(len(at)), full[:, target])
        errors.append(np.trace(full[np.ix_(target, target)] - full[target] @ inverse) / 4)
    assert centre_errors(sigma, exponent, 0.25, side, period) == pytest.approx(errors, rel=1e-8)


def test_the_field_has_its_variance_and_its_spectrum():
    k = covariance(2.4, 0.25, 64)
    assert k[0, 0] == pytest.approx(0.25, rel=1e-12)
    power = np.fft.fft2(k).real
    assert power[0, 8] / power[0, 2] == pytest.approx(4**-2.4, rel=1e-9)
    assert power[3, 4] == pytest.approx(power[0, 5], rel=1e-9)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.floats(0.5, 3), st.floats(0.01, 20))
def test_more_window_never_hurts_and_units_do_not_matter(exponent, sigma):
    errors = centre_errors(sigma, exponent, 0.25, 16, 32)
    assert np.all(np.diff(errors) < 1e-13)
    assert errors[0] <= min(0.25, sigma**2) * (1 + 1e-9)
    scaled = centre_errors(10 * sigma, exponent, 25.0, 16, 32)
    assert scaled == pytest.approx(100 * errors, rel=1e-8)
    assert crop(errors, 1e-3, relative=True) >= crop(errors, 1e-3, relative=False)


def test_the_crop_is_the_smallest_at_both_ends_of_the_noise():
    for reading, low, high in (("absolute", 0.02, 300.0), ("relative", 0.002, 3000.0)):
        point = {"exponent": 2.4, "side": 24, "period": 64, "reading": reading}
        at = [LAW.exact({**point, "sigma": s}).value for s in (low, 3.0, high)]
        assert at[0] == at[2] == 2.0
        assert at[1] > 10


def test_excess_error_at_both_ends_falls_as_declared():
    """As sigma^4 at low noise, as 1/sigma^2 at high noise."""
    for sigmas, slope in (((0.002, 0.004, 0.008), 4), ((200.0, 400.0, 800.0), -2)):
        curves = [centre_errors(s, 1.0, 0.25, 12, 16) for s in sigmas]
        excess = [errors[1] - errors[-1] for errors in curves]
        measured = np.polyfit(np.log(sigmas), np.log(excess), 1)[0]
        print(f"slope {measured:.4f}, declared {slope}")
        assert measured == pytest.approx(slope, abs=0.02)


@pytest.mark.parametrize(
    ("sigma", "pixels"), [(0.01, 1), (0.011, 4), (0.35, 24), (0.36, 32), (1.0, 64), (1.01, None)]
)
def test_the_papers_map(sigma, pixels):
    assert mapped_crop(sigma) == pixels
    point = {"exponent": 2.4, "sigma": sigma, "side": 8, "period": 16}
    assert LAW.void(point) == (pixels is None)


def test_an_odd_side_and_a_small_torus_are_refused():
    for wrong in ({"side": 15}, {"side": 32, "period": 16}):
        with pytest.raises(ValueError, match="give an even side"):
            LAW.exact({"exponent": 2.0, "sigma": 0.5, **wrong})
