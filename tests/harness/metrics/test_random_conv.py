from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import conv2d

from harness.metrics import random_conv
from harness.metrics.random_conv import RandomConv
from harness.metrics.zca import ZcaPixels
from harness.problem import Problem
from harness.streams import numpy_generator


def images(n: int, shape: tuple[int, ...] = (1, 8, 8), seed: int = 0) -> np.ndarray:
    return numpy_generator("test", seed, "images").normal(size=(n, *shape)).astype(np.float32)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 5, 7), (2, 1, 3)], ids=str)
def test_against_the_convolution_of_torch(shape) -> None:
    """In float64, with the same kernels: the difference is the rounding of float32."""

    def convolve(maps: np.ndarray, kernels: np.ndarray, side: int) -> torch.Tensor:
        # Rows run over (channel, row, column) of the patch, which is torch's order too.
        weight = torch.from_numpy(kernels.T.reshape(kernels.shape[1], -1, side, side)).double()
        pad = (side // 2, side // 2)
        padded = np.pad(maps, ((0, 0), (0, 0), pad, pad), mode="symmetric")
        return conv2d(torch.from_numpy(padded).double(), weight)

    extractor = RandomConv.fit(images(40, shape))
    x = images(6, shape, 1)
    h = convolve(x, extractor.filter, 5)
    h = h - torch.from_numpy(extractor.centre @ extractor.filter)[:, None, None]
    expected = []
    for kernels in (extractor.first, extractor.second):
        h = torch.relu(convolve(h.numpy(), kernels, 3))
        expected += [h.mean((2, 3)), h.square().mean((2, 3)).sqrt()]
    got = extractor(x).rows
    assert got.shape == (6, 128)
    assert np.abs(got - torch.cat(expected, 1).numpy()).max() < 1e-4


def test_the_whitening_filter_is_the_middle_of_the_zca_of_the_patches() -> None:
    """The whitened pixel, as ``ZcaPixels`` fitted on the patches themselves gives it."""
    x = images(30, (2, 9, 8))
    smooth = x + np.roll(x, 1, axis=3)
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(smooth, ((0, 0), (0, 0), (2, 2), (2, 2)), mode="symmetric"), (5, 5), axis=(2, 3)
    ).transpose(0, 2, 3, 1, 4, 5)  # [N, H, W, C, 5, 5]
    patches = windows.reshape(-1, 2, 5, 5)
    expected = ZcaPixels.fit(patches)(patches).rows.reshape(-1, 2, 5, 5)[:, :, 2, 2]
    got = RandomConv.fit(smooth).whiten(smooth.transpose(0, 2, 3, 1).astype(float))
    assert np.abs(got.reshape(-1, 2) - expected).max() < 1e-9


def test_pieces_and_order_change_nothing() -> None:
    extractor = RandomConv.fit(images(40))
    x = images(30, seed=1)
    base = extractor(x).rows
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(random_conv, "POSITIONS", 64 * 7)
        assert np.abs(extractor(x).rows - base).max() < 1e-5
    assert np.abs(extractor(x[::-1]).rows[::-1] - base).max() < 1e-5


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 9, 6)], ids=str)
def test_spatial_features_are_means_over_the_cells_of_a_grid(shape) -> None:
    """Cell i of 4 holds the pixels from floor(i H / 4) on; an image under 4 pixels has none."""
    extractor = RandomConv.fit(images(40, shape))
    x = images(3, shape, 1)
    h1 = random_conv._layer(
        extractor.whiten(x.transpose(0, 2, 3, 1).astype(float)).astype(np.float32), extractor.first
    )
    h2 = random_conv._layer(h1, extractor.second)[..., :7]
    rows, columns = ([side * i // 4 for i in range(5)] for side in shape[1:])
    expected = [
        h2[:, rows[i] : rows[i + 1], columns[j] : columns[j + 1]].mean((1, 2))
        for i in range(4)
        for j in range(4)
    ]
    spatial = extractor(x).spatial
    assert spatial is not None
    assert np.abs(spatial - np.stack(expected, 1).reshape(3, -1)).max() < 1e-5
    assert RandomConv.fit(images(40, (1, 3, 8)))(images(2, (1, 3, 8))).spatial is None


def test_kernels_have_the_stated_variance_and_depend_on_the_channels_only() -> None:
    a, b = RandomConv.fit(images(40)), RandomConv.fit(images(30, (1, 12, 5), 1))
    assert np.array_equal(a.first, b.first)
    assert np.array_equal(a.second, b.second)
    assert a.hash != b.hash  # the whitening differs
    assert a.hash == RandomConv.fit(images(40)).hash
    n, variance = a.second.size, 2 / (9 * 32) * 8 / 9  # one of nine degrees is taken
    assert abs(a.second.var() - variance) < 4 * variance * np.sqrt(2 / n)
    assert np.abs(a.second.reshape(32, 9, 32).sum(1)).max() < 1e-6
    n, variance = a.first.size, 2 / 9
    assert abs(a.first.mean()) < 4 * np.sqrt(variance / n)
    assert abs(a.first.var() - variance) < 4 * variance * np.sqrt(2 / n)


def test_contrast_of_white_images_is_passed_on_in_proportion() -> None:
    """relu layers without bias are homogeneous, and so are the mean and the root mean square."""
    extractor = RandomConv.fit(images(40))
    centred = replace(extractor, centre=0 * extractor.centre)
    x = images(5, seed=1)
    assert np.abs(centred(2 * x).rows - 2 * centred(x).rows).max() < 1e-5
    assert centred(x).rows.min() > 0.01  # every kernel fires


def test_bad_images_are_refused() -> None:
    x = images(10)
    with pytest.raises(Problem, match="NaN"):
        RandomConv.fit(np.full_like(x, np.nan))
    with pytest.raises(Problem, match="at least 2"):
        RandomConv.fit(x[:1])
    with pytest.raises(Problem, match="contrast"):
        RandomConv.fit(np.full_like(x, 0.3))
    with pytest.raises(Problem, match="3 channels"):
        RandomConv.fit(x)(images(4, (3, 8, 8)))
