"""The ambient loss with its buffer (Daras et al. 2025, "Ambient Diffusion Omni", eq. 2.2 and C.2).

A corrupted image w0 annotated with sigma_n is first noised to x_tn = w0 + sigma_n Z, at which level
it counts as a sample of the noised clean law, and then to x_t = x_tn + sqrt(Delta) n with
Delta = sigma^2 - sigma_n^2. The loss regresses x_tn,

    lambda_amb |alpha D(x_t) + (1 - alpha) x_t - x_tn|^2,
    alpha = Delta/sigma^2,  lambda_amb = 1/alpha^2.

**An equal form.** Divide by alpha: the loss is |D(x_t) - y|^2 with the pseudo-target
y = x_t - (sigma^2/sqrt(Delta)) n. Proof: x_tn = x_t - sqrt(Delta) n, so
(x_tn - (1 - alpha) x_t)/alpha = x_t - sqrt(Delta) n/alpha = y. It is unbiased: by Tweedie's formula
E[n | x_t] = -sqrt(Delta) grad log p_t(x_t), hence E[y | x_t] = x_t + sigma^2 grad log p_t =
E_q[w0 | x_t]. An unannotated image (sigma_n = 0) has y = w0 when its Z plays no part: the loss is
plain denoising.

**Population minimiser**: E_q[w0 | x_t] at each sigma, the same as that of plain denoising on the
same admitted images. What differs is the variance of the target, larger by
(1 + sigma_n^2/s^2)/alpha for a Gaussian mode of scale s. The variance diverges at sigma -> sigma_n;
the buffer admits an image only where sigma > b sigma_n, b = sqrt(1 + 1/(s_max - 1)), which caps
sigma^2/Delta at s_max and lambda_amb at s_max^2 (16 for the default s_max = 4, where the paper's
appendix says 4).

Z is drawn once an image and kept: with one fixed Z an infinitely long training cannot recover w0.
"""

import math
from dataclasses import dataclass

from torch import Tensor

from harness.problem import Problem


@dataclass(frozen=True)
class Ambient:
    """Regress the pseudo-target; admissible where sigma > buffer * sigma_min."""

    cap: float = 4.0

    def __post_init__(self) -> None:
        if not self.cap > 1:
            raise Problem(
                "the ambient objective", f"cap={self.cap}", "give sigma^2/Delta a cap above 1"
            )

    @property
    def buffer(self) -> float:
        return math.sqrt(1 + 1 / (self.cap - 1))

    def pair(
        self, x0: Tensor, sigma: Tensor, sigma_min: Tensor, noise: Tensor, frozen: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The noisy input and the pseudo-target, like x0 [K, B, C, H, W].

        sigma and sigma_min are [K, B, 1, 1, 1]; noise is fresh, frozen is the image's own Z.
        """
        gap = sigma**2 - sigma_min**2
        if not bool((gap > 0).all()):
            raise ValueError("an image was drawn at or below its own annotation level")
        xt = x0 + sigma_min * frozen + gap.sqrt() * noise
        return xt, xt - sigma**2 / gap.sqrt() * noise
