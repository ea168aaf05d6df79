import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import convolve

from harness.corrupt.motion_blur import MotionBlur
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator

lengths = st.floats(0.1, 15)
angles = st.floats(-360, 360)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(length=lengths, angle=angles)
def test_kernel_is_the_time_spent_over_each_pixel(length, angle) -> None:
    """Against a walk of many small steps: one step of error for each side that is crossed."""
    kernel = MotionBlur(length, angle).kernel()
    steps = 100_000
    s = ((np.arange(steps) + 0.5) / steps - 0.5) * length
    row = np.rint(-s * np.sin(np.radians(angle))).astype(int)
    column = np.rint(s * np.cos(np.radians(angle))).astype(int)
    radius = max(len(kernel) // 2, np.abs(row).max(), np.abs(column).max())
    walk = np.zeros((2 * radius + 1, 2 * radius + 1))
    np.add.at(walk, (row + radius, column + radius), 1 / steps)
    pad = radius - len(kernel) // 2
    assert np.abs(np.pad(kernel, pad) - walk).max() < 3 / steps


@settings(max_examples=40, deadline=None, derandomize=True)
@given(length=lengths, angle=angles)
def test_kernel_has_sum_one_and_is_symmetric_about_its_centre(length, angle) -> None:
    kernel = MotionBlur(length, angle).kernel()
    assert kernel.sum() == pytest.approx(1, abs=1e-12)
    assert kernel.min() >= 0
    assert np.abs(kernel - kernel[::-1, ::-1]).max() < 1e-12


@settings(max_examples=20, deadline=None, derandomize=True)
@given(length=lengths, angle=angles)
def test_a_quarter_turn_of_the_line_is_a_quarter_turn_of_the_kernel(length, angle) -> None:
    kernel = MotionBlur(length, angle).kernel()
    turned = MotionBlur(length, angle + 90).kernel()
    side = max(len(kernel), len(turned))  # a corner that is just touched may widen one of them
    pad = [np.pad(k, (side - len(k)) // 2) for k in (np.rot90(kernel), turned)]
    assert np.abs(pad[0] - pad[1]).max() < 1e-9


def test_known_kernels() -> None:
    third = np.zeros((3, 3))
    third[1] = 1 / 3
    assert np.abs(MotionBlur(3, 0).kernel() - third).max() < 1e-12
    assert np.abs(MotionBlur(3, 90).kernel() - third.T).max() < 1e-12
    diagonal = MotionBlur(3 * np.sqrt(2), 45).kernel()
    assert np.abs(diagonal - np.fliplr(np.eye(3)) / 3).max() < 1e-9  # it rises to the right
    assert MotionBlur(1, 0).kernel() == pytest.approx(np.ones((1, 1)))


@pytest.mark.parametrize("angle", [0.0, 25.0, 90.0, 135.0])
def test_it_is_a_convolution_with_reflection(angle) -> None:
    blur = MotionBlur(13.0, angle)  # wider than the image
    x = numpy_generator("test", 0, "motion").uniform(-1, 1, (2, 3, 6, 9)).astype(np.float32)
    ours = blur(torch.from_numpy(x), torch_generator("test", 0, "none")).numpy()
    weight = blur.kernel()[None, None]
    theirs = convolve(x.astype(np.float64), weight, mode="reflect")
    assert np.abs(ours - theirs).max() < 2**-24 + 1e-12


def test_the_direction_matters() -> None:
    """Stripes across the motion vanish, stripes along it stay."""
    stripes = torch.tensor([1.0, -1.0]).repeat(6).expand(1, 1, 12, 12)  # they change along a row
    none = torch_generator("test", 0, "none")
    across = MotionBlur(2, 0)(stripes, none)[..., 2:-2, 2:-2]
    along = MotionBlur(2, 90)(stripes, none)
    assert float(across.abs().max()) < 1e-6
    assert torch.equal(along, stripes)


def test_only_a_line_along_an_axis_has_a_spectrum() -> None:
    assert MotionBlur(5, 180).spectrum(8, 8) is not None
    assert MotionBlur(5, 270).spectrum(8, 8) is not None
    assert MotionBlur(5, 30).spectrum(8, 8) is None


def test_what_is_no_line_is_refused() -> None:
    for length in (0.0, -2.0, float("nan")):
        with pytest.raises(Problem, match="length of motion_blur"):
            MotionBlur(length, 0)
    with pytest.raises(Problem, match="angle of motion_blur"):
        MotionBlur(2, float("inf"))
