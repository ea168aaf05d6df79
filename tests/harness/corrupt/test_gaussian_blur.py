import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from harness.corrupt.gaussian_blur import GaussianBlur
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    sigma=st.floats(0.05, 12),
    height=st.integers(1, 20),
    width=st.integers(1, 20),
    truncate=st.floats(0.5, 5),
)
def test_it_is_scipy_gaussian_filter_also_where_the_kernel_is_wider_than_the_image(
    sigma, height, width, truncate
) -> None:
    x = numpy_generator("test", 0, "blur").uniform(-1, 1, (2, 3, height, width)).astype(np.float32)
    ours = GaussianBlur(sigma, truncate)(torch.from_numpy(x), torch_generator("test", 0, "none"))
    theirs = gaussian_filter(
        x.astype(np.float64), (0, 0, sigma, sigma), mode="reflect", truncate=truncate
    )
    assert np.abs(ours.numpy() - theirs).max() < 2**-24 + 1e-12  # half a unit of float32 at 1


def test_two_blurs_are_one_of_the_root_of_the_sum_of_squares() -> None:
    """Holds for the continuous Gaussian; the discrete one follows once sigma is well above 1/2."""
    once = GaussianBlur(float(np.hypot(1.5, 2.0)), 8).spectrum(32, 32)[0]
    twice = GaussianBlur(1.5, 8).spectrum(32, 32)[0] * GaussianBlur(2.0, 8).spectrum(32, 32)[0]
    assert np.abs(once - twice).max() < 1e-9


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan"), float("inf")])
def test_a_width_that_is_none_is_refused(sigma) -> None:
    with pytest.raises(Problem, match="sigma of gaussian_blur"):
        GaussianBlur(sigma)
    with pytest.raises(Problem, match="truncate of gaussian_blur"):
        GaussianBlur(1.0, sigma)
