"""The pool: which images may be drawn at which noise level, and a draw among them in O(log n).

An image with annotation (sigma_min, sigma_max) is admissible at sigma iff

    sigma > buffer * sigma_min   or   sigma < sigma_max                    (Daras et al. 2025, 3)

The noise level is drawn first, from the law of the objective; then an image, uniformly among those
admissible at that level. So the law of sigma is the same for every arm, and a pool in which few
images are admissible at low noise repeats those few there. (Drawing the image first and truncating
its law of sigma would shift training towards high noise.)

Sorted by threshold, the images admissible from below are a prefix, and those admissible from above
are a prefix of another order; where both conditions overlap the image is admissible everywhere and
counts in the first order alone. A draw is then one comparison with the two counts.
"""

import numpy as np
import torch
from torch import Tensor


class Pool:
    """The images of one replicate, sorted by where they become admissible."""

    def __init__(self, levels: np.ndarray, buffer: float, device: str = "cpu") -> None:
        """Levels float32 [n, 2] hold (sigma_min, sigma_max); buffer is the objective's b >= 1."""
        low = levels[:, 0].astype(np.float64) * buffer
        high = levels[:, 1].astype(np.float64)
        low = np.where(high > low, 0.0, low)  # the two ranges overlap: admissible everywhere
        above = np.argsort(low, kind="stable")
        below = np.argsort(-high, kind="stable")
        below = below[(high[below] > 0) & (low[below] > 0)]

        def tensor(values: np.ndarray) -> Tensor:
            return torch.as_tensor(np.ascontiguousarray(values), device=device)

        self.above, self.from_sigma = tensor(above), tensor(low[above])
        self.below, self.to_sigma = tensor(below), tensor(-high[below])

    def count(self, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """How many images are admissible from below and from above at each sigma [B]."""
        sigma = sigma.double()
        return (
            torch.searchsorted(self.from_sigma, sigma),  # thresholds strictly below sigma
            torch.searchsorted(self.to_sigma, -sigma),  # upper limits strictly above sigma
        )

    def draw(self, sigma: Tensor, uniform: Tensor) -> Tensor:
        """Indices [B] of images drawn at sigma [B] by numbers [B] in [0, 1)."""
        first, second = self.count(sigma)
        total = first + second
        if not bool((total > 0).all()):
            raise ValueError(f"no image is admissible at sigma={float(sigma[total == 0][0]):.4g}")
        rank = torch.minimum((uniform.double() * total).long(), total - 1)
        if len(self.below) == 0:
            return self.above[rank]
        inside = rank < first
        return torch.where(
            inside,
            self.above[rank.clamp(max=len(self.above) - 1)],
            self.below[(rank - first).clamp(min=0)],
        )
