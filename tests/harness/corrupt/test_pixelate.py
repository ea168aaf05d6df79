import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.fft import dct

from harness.corrupt.blocks import block_transfer
from harness.corrupt.pixelate import Pixelate
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator


def none() -> torch.Generator:
    return torch_generator("test", 0, "none")


def images(*shape: int) -> torch.Tensor:
    draw = numpy_generator("test", 0, "pixelate").uniform(-1, 1, shape)
    return torch.from_numpy(draw.astype(np.float32))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(factor=st.integers(2, 7), height=st.integers(1, 16), width=st.integers(1, 16))
def test_each_block_shows_its_mean_also_where_the_border_cuts_it(factor, height, width) -> None:
    x = images(2, 3, height, width)
    expected = np.empty(x.shape)
    for i in range(height):
        for j in range(width):
            top, left = i - i % factor, j - j % factor
            block = x.numpy()[:, :, top : top + factor, left : left + factor].astype(float)
            expected[:, :, i, j] = block.mean((2, 3))
    assert np.abs(Pixelate(factor)(x, none()).numpy() - expected).max() < 2**-24


@settings(max_examples=40, deadline=None, derandomize=True)
@given(factor=st.integers(2, 7), height=st.integers(1, 16), width=st.integers(1, 16))
def test_again_changes_nothing(factor, height, width) -> None:
    once = Pixelate(factor)(images(2, 3, height, width), none())
    again = Pixelate(factor)(once, none())
    assert (again - once).abs().max() <= 2**-22 * once.abs().max()  # a mean of equals may round


@settings(max_examples=30, deadline=None, derandomize=True)
@given(factor=st.integers(2, 7), side=st.integers(1, 20))
def test_it_is_an_orthogonal_projection_that_keeps_the_mean(factor, side) -> None:
    matrix = Pixelate(factor).matrix(side)
    assert np.abs(matrix - matrix.T).max() < 1e-15
    assert np.abs(matrix @ matrix - matrix).max() < 1e-14
    assert np.abs(matrix.sum(0) - 1).max() < 1e-14
    assert np.linalg.matrix_rank(matrix) == -(-side // factor)


@pytest.mark.parametrize(("factor", "side"), [(2, 8), (4, 8), (3, 12), (2, 12)])
def test_a_mode_goes_to_its_aliases_alone_with_the_stated_amplitude(factor, side) -> None:
    basis = dct(np.eye(side), norm="ortho", axis=0)  # rows are modes
    found = basis @ Pixelate(factor).matrix(side) @ basis.T
    d, period = block_transfer(factor, side), 2 * side // factor
    mode = np.arange(side)
    alias = ((mode[:, None] - mode) % period == 0) | ((mode[:, None] + mode) % period == 0)
    assert np.abs(np.abs(found) - np.abs(np.outer(d, d)) * alias).max() < 1e-12
    assert np.diag(found) ** 2 == pytest.approx(d**4, abs=1e-12)
    out_of_place = np.square(found).sum(0) - np.diag(found) ** 2
    assert out_of_place == pytest.approx(d**2 * (1 - d**2), abs=1e-12)


@pytest.mark.parametrize("factor", [2, 4])
def test_it_is_a_box_down_and_the_nearest_neighbour_up_of_pil(factor) -> None:
    x = images(1, 1, 16, 24)
    small = Image.fromarray(x[0, 0].numpy()).resize(
        (24 // factor, 16 // factor), Image.Resampling.BOX
    )
    theirs = np.asarray(small.resize((24, 16), Image.Resampling.NEAREST))
    assert np.abs(Pixelate(factor)(x, none())[0, 0].numpy() - theirs).max() < 1e-6


def test_a_factor_above_the_side_leaves_the_mean() -> None:
    x = images(2, 1, 5, 6)
    mean = x.double().mean((2, 3), keepdim=True).expand(2, 1, 5, 6).float()
    assert float((Pixelate(9)(x, none()) - mean).abs().max()) <= 2**-24


def test_what_is_no_factor_is_refused() -> None:
    with pytest.raises(Problem, match="factor of pixelate, in pixels; got 1"):
        Pixelate(1)
