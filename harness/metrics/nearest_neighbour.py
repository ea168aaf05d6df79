r"""Nearest-neighbour ratio: are samples nearer to the training images than fresh data is?

.. math::  R = \frac{\operatorname{mean}_i \min_k |x_i - t_k|}
                    {\operatorname{mean}_j \min_k |h_j - t_k|}

with samples x, held-out images h and the training images t that the model saw, in Euclidean
distance over pixels. 1: as far from the training set as fresh data; 0: the training set itself.
The idea is that of the copying tests of Meehan, Chaudhuri and Dasgupta, A non-parametric test to
detect data-copying in generative models, AISTATS 2020; the ratio of means is this project's.

Squared distances are taken as :math:`|x|^2 - 2 x \cdot t + |t|^2` after subtracting the mean of
the training images (without that the expansion loses the small distances), in pieces, so that
memory does not grow with the sets; the distance to the neighbour that is found is then computed
anew from the difference, so that a copy has distance 0 exactly.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from harness.metrics.estimate import Estimate
from harness.metrics.requirement import require, require_alike
from harness.metrics.sensitivity import Kind
from harness.problem import Problem

ROWS, COLUMNS = 512, 4096  # a piece of the distance matrix: 16 MiB


def nearest_distance(points: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Distance of each point ``[N, d]`` to the nearest of ``train`` ``[M, d]``: float64 ``[N]``."""
    centre = train.mean(0, dtype=np.float64)
    best = np.full(len(points), np.inf)
    index = np.zeros(len(points), dtype=int)
    for column in range(0, len(train), COLUMNS):
        t = train[column : column + COLUMNS] - centre
        t_square = np.square(t).sum(1)
        for row in range(0, len(points), ROWS):
            piece = slice(row, row + ROWS)
            square = t_square - 2 * (points[piece] - centre) @ t.T  # less |x|², which all share
            nearest = square.argmin(1)
            value = square[np.arange(len(square)), nearest]
            index[piece] = np.where(value < best[piece], column + nearest, index[piece])
            best[piece] = np.minimum(value, best[piece])
    found = np.empty(len(points))
    for row in range(0, len(points), ROWS):
        piece = slice(row, row + ROWS)
        found[piece] = np.linalg.norm(points[piece].astype(float) - train[index[piece]], axis=1)
    return found


@final
@dataclass(frozen=True)
class NearestNeighbourRatio:
    """Distance of samples to the training set over that of held-out images to the same set.

    Range 0 to infinity; 1 is right, well below 1 is memorised. Neither higher nor lower is better:
    noise raises it. Bias: small; it falls as the training set grows only through both parts alike.
    Cost: O(N M d). Least n: 2 samples, 2 held-out images. Cannot see: copies after a shift or a
    change of contrast, for which pixels are the wrong distance; and it takes blurred or flat
    samples for near ones, since smooth images lie near to everything, so read it beside the
    high-frequency ratio. The standard error covers samples and held-out images, with the training
    set held fixed.
    """

    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = None
    needs: ClassVar[str] = "train_images"
    sees: ClassVar[tuple[Kind, ...]] = ("copies",)
    blind: ClassVar[tuple[Kind, ...]] = ()
    right: ClassVar[float | None] = 1.0

    def least(self, dimension: int) -> int:
        """The fewest samples and held-out images accepted."""
        return 2

    def __call__(
        self,
        samples: np.ndarray,
        held_out: np.ndarray,
        train: np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The ratio for images ``[N, C, H, W]``, each argument; the generator is not used.

        ``train`` are the images that the model saw, as it saw them. Raises ``Problem`` for NaN, too
        few images, different shapes, or held-out images that all are training images.
        """
        what = "nearest_neighbour_ratio"
        x = require(f"{what} of samples", samples, axes=4, least=2)
        h = require(f"{what} of held-out images", held_out, axes=4, least=2)
        t = require(f"{what} to training images", train, axes=4, least=1)
        require_alike(f"{what} of samples and training images", x, t)
        require_alike(f"{what} of held-out and training images", h, t)
        near, fresh = (
            nearest_distance(images.reshape(len(images), -1), t.reshape(len(t), -1))
            for images in (x, h)
        )
        if fresh.mean() == 0:
            raise Problem(what, "held-out images that were trained on", "give others")
        ratio = float(near.mean() / fresh.mean())
        variance = near.var(ddof=1) / len(near) + ratio**2 * fresh.var(ddof=1) / len(fresh)
        return Estimate(ratio, float(np.sqrt(variance) / fresh.mean()), len(near))


NEAREST_NEIGHBOUR_RATIO = NearestNeighbourRatio()
