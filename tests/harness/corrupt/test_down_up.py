import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.fft import dct
from torch.nn.functional import avg_pool2d, interpolate

from harness.corrupt.blocks import block_transfer
from harness.corrupt.down_up import KERNELS, DownUp, bicubic
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator

factors = st.integers(2, 6)
sides = st.integers(1, 18)


def none() -> torch.Generator:
    return torch_generator("test", 0, "none")


def images(*shape: int) -> torch.Tensor:
    draw = numpy_generator("test", 0, "down_up").uniform(-1, 1, shape)
    return torch.from_numpy(draw.astype(np.float32))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(factor=factors, rows=st.integers(1, 5), columns=st.integers(1, 5))
def test_bilinear_is_torch_pooling_and_interpolation(factor, rows, columns) -> None:
    x = images(2, 3, rows * factor, columns * factor)
    small = avg_pool2d(x.double(), factor)
    theirs = interpolate(small, scale_factor=factor, mode="bilinear", align_corners=False)
    ours = DownUp(factor)(x, none())
    assert float((ours - theirs).abs().max()) < 2**-24


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_bicubic_is_pil_away_from_the_border(factor) -> None:
    """PIL weighs what is left of its kernel at the border, where ours reflects."""
    height, width = 8 * factor, 9 * factor
    x = images(1, 1, height, width) * 0.5
    small = Image.fromarray(x[0, 0].numpy()).resize((9, 8), Image.Resampling.BOX)
    theirs = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
    inner = slice(2 * factor, -2 * factor)
    ours = DownUp(factor, "bicubic")(x, none())[0, 0].numpy()
    assert np.abs((ours - theirs)[inner, inner]).max() < 1e-6
    assert np.abs(ours - DownUp(factor)(x, none())[0, 0].numpy())[inner, inner].max() > 0.01


def test_the_cubic_reproduces_parabolas_and_meets_its_pieces() -> None:
    """Keys's choice of a: the error is of third order, so a parabola is exact."""
    shift = np.linspace(0, 1, 21)[:, None]
    knot = np.arange(-1, 3)
    for power in (0, 1, 2):
        found = (bicubic(shift - knot) * knot**power).sum(1)
        assert np.abs(found - shift[:, 0] ** power).max() < 1e-12
    assert bicubic(np.array([0.0, 1.0, 2.0, 2.5, -1.5])) == pytest.approx([1, 0, 0, 0, -0.0625])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(factor=factors, side=sides, kernel=st.sampled_from(sorted(KERNELS)))
def test_each_pixel_is_a_weighted_mean_of_few_blocks_turned_or_not(factor, side, kernel) -> None:
    matrix = DownUp(factor, kernel).matrix(side)
    assert matrix.sum(1) == pytest.approx(np.ones(side), abs=1e-12)
    if side % factor == 0:
        assert np.abs(matrix - matrix[::-1, ::-1]).max() < 1e-12
        assert matrix.sum(0) == pytest.approx(np.ones(side), abs=1e-12)  # the mean is kept
    if kernel == "bilinear":
        assert matrix.min() >= 0
        distance = np.abs(np.subtract.outer(np.arange(side), np.arange(side)))
        assert np.all(matrix[distance >= 2 * factor] == 0)


@pytest.mark.parametrize(("factor", "side"), [(2, 8), (4, 8), (3, 12), (4, 24), (5, 15)])
def test_a_mode_goes_to_its_aliases_alone_with_the_stated_amplitude(factor, side) -> None:
    basis = dct(np.eye(side), norm="ortho", axis=0)  # rows are modes
    found = basis @ DownUp(factor).matrix(side) @ basis.T  # [to, from]
    d, period = block_transfer(factor, side), 2 * side // factor
    mode = np.arange(side)
    c = np.cos(np.pi * mode / (2 * side)) if factor % 2 == 0 else np.ones(side)
    alias = ((mode[:, None] - mode) % period == 0) | ((mode[:, None] + mode) % period == 0)
    assert np.abs(np.abs(found) - np.abs(np.outer(d**2 * c, d)) * alias).max() < 1e-12
    assert np.diag(found) ** 2 == pytest.approx((d**3 * c) ** 2, abs=1e-12)


def test_a_narrower_last_block_is_enlarged_as_if_it_were_whole() -> None:
    x = torch.zeros(1, 1, 1, 5)
    x[..., 4] = 1
    ours = DownUp(2)(x, none())[0, 0, 0]
    assert ours.tolist() == [
        0,
        0,
        0,
        0.25,
        0.75,
    ]  # the blocks are 0, 0, 1, with middles .5, 2.5, 4.5


def test_bicubic_overshoot_is_clipped() -> None:
    step = torch.ones(1, 1, 8, 16)
    step[..., :8] = -1
    unclipped = step[0, 0].double().numpy() @ DownUp(4, "bicubic").matrix(16).T
    assert unclipped.max() > 1.05
    assert float(DownUp(4, "bicubic")(step, none()).max()) == 1
    assert float(DownUp(4, "bicubic")(step, none()).min()) == -1


def test_it_is_smoother_than_the_image_and_coarser_by_factor() -> None:
    x = images(8, 1, 16, 16)
    error = [float((DownUp(f)(x, none()) - x).square().mean()) for f in (2, 4, 8)]
    assert error == sorted(error)


def test_what_is_no_factor_or_kernel_is_refused() -> None:
    with pytest.raises(Problem, match=r"factor of down_up.*got 2\.5"):
        DownUp(2.5)  # type: ignore[arg-type]
    with pytest.raises(Problem, match=r"'nearest'.*bilinear, bicubic; nearest is pixelate"):
        DownUp(2, "nearest")
