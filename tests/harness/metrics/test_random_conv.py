import numpy as np
import pytest
import torch
from torch.nn.functional import conv2d

from harness.metrics import random_conv
from harness.metrics.random_conv import RandomConv
from harness.streams import numpy_generator


def images(n: int, shape: tuple[int, ...] = (1, 8, 8), seed: int = 0) -> np.ndarray:
    return numpy_generator("test", seed, "images").normal(size=(n, *shape)).astype(np.float32)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 5, 7), (2, 1, 3)], ids=str)
def test_against_the_convolution_of_torch(shape) -> None:
    """In float64, with the same kernels: the difference is the rounding of float32."""
    extractor = RandomConv.fit(images(40, shape))
    x = images(6, shape, 1)
    h = torch.from_numpy(extractor.zca(x).reshape(x.shape))
    expected = []
    for kernels in (extractor.first, extractor.second):
        # Rows run over (channel, row, column) of the patch, which is torch's order too.
        weight = torch.from_numpy(kernels.T.reshape(32, -1, 3, 3)).double()
        padded = np.pad(h.numpy(), ((0, 0), (0, 0), (1, 1), (1, 1)), mode="symmetric")
        h = torch.relu(conv2d(torch.from_numpy(padded), weight))
        expected += [h.mean((2, 3)), h.square().mean((2, 3)).sqrt()]
    got = extractor(x)
    assert got.shape == (6, 128)
    assert np.abs(got - torch.cat(expected, 1).numpy()).max() < 1e-4


def test_pieces_and_order_change_nothing() -> None:
    extractor = RandomConv.fit(images(40))
    x = images(30, seed=1)
    base = extractor(x)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(random_conv, "POSITIONS", 64 * 7)
        assert np.abs(extractor(x) - base).max() < 1e-5
    assert np.abs(extractor(x[::-1])[::-1] - base).max() < 1e-5


def test_kernels_have_the_stated_variance_and_depend_on_the_channels_only() -> None:
    a, b = RandomConv.fit(images(40)), RandomConv.fit(images(30, (1, 12, 5), 1))
    assert np.array_equal(a.first, b.first)
    assert np.array_equal(a.second, b.second)
    assert a.hash != b.hash  # the whitening differs
    n, variance = a.second.size, 2 / (9 * 32) * 8 / 9  # one of nine degrees is taken
    assert abs(a.second.var() - variance) < 4 * variance * np.sqrt(2 / n)
    assert np.abs(a.second.reshape(32, 9, 32).sum(1)).max() < 1e-6
    n, variance = a.first.size, 2 / 9
    assert abs(a.first.mean()) < 4 * np.sqrt(variance / n)
    assert abs(a.first.var() - variance) < 4 * variance * np.sqrt(2 / n)


def test_contrast_of_white_images_is_passed_on_in_proportion() -> None:
    """relu layers without bias are homogeneous, and so are the mean and the root mean square."""
    extractor = RandomConv.fit(images(40))
    x = images(5, seed=1)
    centre = extractor.zca.centre.reshape(1, 1, 8, 8)
    twice = extractor(2 * (x - centre) + centre)
    assert np.abs(twice - 2 * extractor(x)).max() < 1e-5
    assert extractor(x).min() > 0.01  # every kernel fires
