"""Agreement with torchmetrics, another implementation, on the same features.

Both metrics there take a network of one's own: here one whose features are its input. Theirs is in
float64 until the last step, which is float32; KID over one subset of all images is the whole
U-statistic.
"""

import numpy as np
import pytest
import torch
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from harness.metrics.frechet import FRECHET
from harness.metrics.kid import KID
from harness.streams import numpy_generator

D = 16
NONE = numpy_generator("test", 0, "none")


class Same(torch.nn.Module):
    """Images [N, 3, 4, 4] whose first D values are the features."""

    num_features = D

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1)[:, :D]


def pair(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    draw = numpy_generator("test", 0, "torchmetrics")
    mixing = draw.normal(size=(D, D)) / 4
    a = draw.exponential(size=(n, D)) @ mixing
    return a.astype(np.float32), (draw.normal(size=(m, D)) @ mixing + 0.3).astype(np.float32)


def images(features: np.ndarray) -> torch.Tensor:
    padded = np.zeros((len(features), 48), np.float32)
    padded[:, :D] = features
    return torch.from_numpy(padded).reshape(-1, 3, 4, 4)


@pytest.mark.parametrize(("n", "m"), [(300, 500), (60, 40), (10, 400), (8, 12)])
def test_the_frechet_distance_is_theirs(n: int, m: int) -> None:
    """Also with fewer images than features, where their roots are good to 1e-4 of the trace."""
    a, b = pair(n, m)
    theirs = FrechetInceptionDistance(feature=Same(), normalize=True, input_img_size=(3, 4, 4))
    theirs.set_dtype(torch.float64)
    theirs.update(images(b), real=True)
    theirs.update(images(a), real=False)
    slack = 1e-4 * np.trace(np.cov(b.T)) if min(n, m) <= D else 0
    assert FRECHET(a, b, NONE).value == pytest.approx(float(theirs.compute()), rel=2e-6, abs=slack)


def test_the_kernel_distance_is_theirs() -> None:
    a, b = pair(120, 120)
    theirs = KernelInceptionDistance(
        feature=Same(), subsets=1, subset_size=120, normalize=True, degree=3, coef=1.0
    )
    theirs.update(images(b), real=True)
    theirs.update(images(a), real=False)
    assert KID(a, b, NONE).value == pytest.approx(float(theirs.compute()[0]), rel=1e-4)
