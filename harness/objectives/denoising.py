"""Denoising score matching (Vincent 2011; Karras et al. 2022, eq. 2).

    x_sigma = x0 + sigma n,    loss = |D(x_sigma, sigma) - x0|^2.

Population minimiser at each sigma: E_q[x0 | x_sigma], q the law of the images that are admitted at
that sigma. With every image admitted everywhere the model learns the mixture of clean and corrupted
data. With a corrupted image admitted only above its sigma_min ("time-gated" training) it learns the
clean law below and the mixture above, where noise has made the two alike: this gate, and not the
form of the loss, is what removes the bias (see the ambient objective).
"""

from dataclasses import dataclass

from torch import Tensor

from harness.objectives.objective import Objective
from harness.problem import Problem


@dataclass(frozen=True)
class Denoising(Objective):
    """Regress the image itself; a sample is admissible where sigma > buffer * sigma_min."""

    buffer: float = 1.0

    def __post_init__(self) -> None:
        if not 1 <= self.buffer < float("inf"):
            got = "an image admitted below its own level" if self.buffer < 1 else "no number"
            raise Problem(f"denoising with buffer={self.buffer}", got, "give a buffer of 1 or more")

    def pair(
        self, x0: Tensor, sigma: Tensor, sigma_min: Tensor, noise: Tensor, frozen: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The noisy input and the target, like x0 [K, B, C, H, W]; sigma is [K, B, 1, 1, 1]."""
        return x0 + sigma * noise, x0
