"""The pool: which images may be drawn at which noise level, and a draw of both.

An image with annotation (sigma_min, sigma_max) is admissible at sigma iff

    sigma > buffer * sigma_min   or   sigma < sigma_max                    (Daras et al. 2025, 3)

A sigma_min of inf is never reached: such an image is admissible below its sigma_max alone, and with
a sigma_max of 0 nowhere.

**Level first** (Daras et al. 2025): the noise level is drawn from the law of the training; then an
image, uniformly among those admissible at that level. So the law of sigma is the same for every
arm, and a pool in which few images are admissible at low noise repeats those few there. Where no
image is admissible at all at some levels, as in a pool of noisy images alone, the law of sigma is
truncated to the levels where one is.

**Image first**: an image is drawn uniformly among those that are admissible anywhere, and then the
level from the law truncated to where that image is admissible. With A_i these levels of image i, P
the law of the training and p its density, the level has the density

    p(sigma) (1/n) sum_i 1[sigma in A_i] / P(A_i),

which weighs images equally and shifts training to where more of them are admissible: high noise.

Sorted by threshold, the images admissible from below are a prefix, and those admissible from above
are a prefix of another order; where both conditions overlap the image is admissible everywhere and
counts in the first order alone. A draw at a level is then one comparison with the two counts,
O(log n).
"""

import numpy as np
import torch
from torch import Tensor

from harness.problem import Problem
from harness.train.levels import Levels


class Pool:
    """The images of one replicate, sorted by where they become admissible."""

    def __init__(self, levels: np.ndarray, buffer: float, device: str = "cpu") -> None:
        """Levels float32 [n, 2] hold (sigma_min, sigma_max); buffer is the objective's b >= 1."""
        low = levels[:, 0].astype(np.float64) * buffer
        high = levels[:, 1].astype(np.float64)
        low = np.where(high > low, 0.0, low)  # the two ranges overlap: admissible everywhere
        high = np.where(low > 0, high, 0.0)
        above = np.argsort(low, kind="stable")
        below = np.argsort(-high, kind="stable")
        below = below[high[below] > 0]

        def tensor(values: np.ndarray) -> Tensor:
            return torch.as_tensor(np.ascontiguousarray(values), device=device)

        self.low, self.high = tensor(low), tensor(high)
        self.above, self.from_sigma = tensor(above), tensor(low[above])
        self.below, self.to_sigma = tensor(below), tensor(-high[below])
        self.everywhere = bool((low == 0).any())  # whether some image is admissible at any level
        self.usable: Tensor | None = None
        self.gap: tuple[Tensor, Tensor] | None = None  # where no image is admissible, from high up

    def level_first(self, law: Levels, normal: Tensor, uniform: Tensor) -> tuple[Tensor, Tensor]:
        """Levels [B] and indices [B], from standard normals [B] and numbers [B] in [0, 1)."""
        if self.everywhere:
            sigma = law.draw(normal)
        else:
            if self.gap is None:  # once: asking for a number waits for the device
                low, high = self.low.min(), self.high.max()
                if high > low:  # between them, images cover every level
                    low, high = torch.zeros_like(low), torch.zeros_like(high)
                _require(law, low[None], high[None])
                self.gap = low, high
            low, high = self.gap
            sigma = law.truncated(normal, low.expand(len(normal)), high.expand(len(normal)))
        return sigma, self._draw(sigma, uniform)  # admissible, by how sigma was drawn

    def image_first(self, law: Levels, normal: Tensor, uniform: Tensor) -> tuple[Tensor, Tensor]:
        """The same, with the index drawn first."""
        if self.usable is None:
            self.usable = _require(law, self.low, self.high)
        rank = (uniform.double() * len(self.usable)).long().clamp(max=len(self.usable) - 1)
        index = self.usable[rank]
        return law.truncated(normal, self.low[index], self.high[index]), index

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
        return self._draw(sigma, uniform)

    def _draw(self, sigma: Tensor, uniform: Tensor) -> Tensor:
        """The same, where it is known that some image is admissible."""
        first, second = self.count(sigma)
        total = first + second
        rank = torch.minimum((uniform.double() * total).long(), total - 1)
        if len(self.below) == 0:
            return self.above[rank]
        inside = rank < first
        return torch.where(
            inside,
            self.above[rank.clamp(max=len(self.above) - 1)],
            self.below[(rank - first).clamp(min=0)],
        )


def _require(law: Levels, low: Tensor, high: Tensor) -> Tensor:
    """The images that the law reaches at all, as indices; a ``Problem`` where there are none."""
    upper, lower = law.masses(low, high)
    usable = torch.nonzero(upper + lower > 0)[:, 0]
    if len(usable) == 0:
        got = f"levels above {float(low.min()):.4g} or below {float(high.max()):.4g} alone"
        fix = "annotate with levels that the training draws, or keep clean images"
        raise Problem(f"images at noise levels of {law}", got, fix)
    return usable
