"""The ambient loss with its buffer (Daras et al. 2025, "Ambient Diffusion Omni", eq. 2.2 and C.2).

A corrupted image w0 annotated with sigma_n is first noised to x_tn = w0 + sigma_n Z, at which level
it counts as a sample of the noised clean law, and then to x_t = x_tn + sqrt(Delta) n with
Delta = sigma^2 - sigma_n^2. The loss regresses x_tn,

    lambda |alpha D(x_t) + (1 - alpha) x_t - x_tn|^2,    alpha = Delta/sigma^2,

with lambda = lambda_amb = 1/alpha^2 ("amb"), lambda = 1 ("one"), or min(lambda_amb, clip).

**An equal form.** The loss is lambda alpha^2 |D(x_t) - y|^2 with the pseudo-target
y = x_t - (sigma^2/sqrt(Delta)) n. Proof: x_tn = x_t - sqrt(Delta) n, so
(x_tn - (1 - alpha) x_t)/alpha = x_t - sqrt(Delta) n/alpha = y. It is unbiased: by Tweedie's formula
E[n | x_t] = -sqrt(Delta) grad log p_t(x_t), hence E[y | x_t] = x_t + sigma^2 grad log p_t =
E_q[w0 | x_t]. An unannotated image (sigma_n = 0) has y = w0 when its Z plays no part: the loss is
plain denoising, whatever lambda.

**Population minimiser** at each sigma: E_q[w0 | x_t], that of plain denoising on the same admitted
images, q counting each of them with lambda alpha^2. That is 1 for "amb"; with lambda = 1 or clipped
the annotated images count alpha^2 or min(1, clip alpha^2) beside clean ones, less the nearer sigma
is to their sigma_n. What else differs is the variance of the target, larger by
(1 + sigma_n^2/s^2)/alpha for a Gaussian mode of scale s.

**The buffer.** The variance diverges at sigma -> sigma_n; the buffer admits an image only where
sigma > b sigma_n, b = sqrt(1 + 1/(cap - 1)), which caps sigma^2/Delta at ``cap`` and lambda_amb at
cap^2 (16 for the default cap = 4, where the paper's appendix says 4). ``cap=None`` is b = 1. The
squared error of the target is then of the order sigma^2/alpha, whose mean over sigma diverges as a
logarithm. Nothing overflows: the least alpha of two distinct float32 levels is 1e-7, and a level
is drawn within alpha of sigma_n with a probability of the order alpha; but one image in a thousand
has a thousand times the error of the others, and where such a batch makes the weights infinite the
replicate has diverged.

**Z** is drawn once an image and kept: an infinitely long training then has w0 + sigma_n Z for its
data at each sigma, and cannot recover w0. With ``fresh`` it is drawn at each visit, and the
minimiser for finitely many images is that of plain denoising on them. With ``noised`` the images
carry the noise of their sigma_n already, as ``gaussian_noise`` leaves them (Daras, Dagan, Dimakis
and Daskalakis 2024, "Consistent Diffusion Meets Tweedie"): x_tn is the image itself, no Z is added,
and the minimiser is E[x0 | x_t], x0 the image before its noise.
"""

import math
from dataclasses import dataclass

from torch import Tensor

from harness.objectives.objective import Objective
from harness.problem import Problem

WEIGHTS = ("amb", "one")
# Where a drawn level is checked: on a card that would hold up every step, and a level that is not
# above its image's makes the copy diverge.
CHECKED = ("cpu",)


@dataclass(frozen=True)
class Ambient(Objective):
    """Regress the pseudo-target; admissible where sigma > buffer * sigma_min.

    cap: of sigma^2/Delta, by the buffer, None without one; weight: lambda, one of ``WEIGHTS``;
    clip: the largest lambda_amb; fresh, noised: as above.
    """

    cap: float | None = 4.0
    weight: str = "amb"
    clip: float | None = None
    fresh: bool = False
    noised: bool = False

    def __post_init__(self) -> None:
        if self.cap is not None and not 1 < self.cap < math.inf:
            fix = "give sigma^2/Delta a cap above 1, or None for no buffer"
            raise Problem("the ambient objective", f"cap={self.cap}", fix)
        if self.weight not in WEIGHTS:
            fix = f"choose from {', '.join(WEIGHTS)}"
            raise Problem(f"the ambient objective with weight={self.weight!r}", "no such", fix)
        if self.clip is not None and not (1 <= self.clip < math.inf and self.weight == "amb"):
            fix = "give a clip of 1 or more, of the weight 'amb'"
            raise Problem(f"clip={self.clip}", f"weight={self.weight!r}", fix)
        if self.fresh and self.noised:
            fix = "leave out fresh: no noise is added to images that carry it"
            raise Problem("the ambient objective", "fresh and noised", fix)

    @property
    def buffer(self) -> float:
        return 1.0 if self.cap is None else math.sqrt(1 + 1 / (self.cap - 1))

    def pair(
        self, x0: Tensor, sigma: Tensor, sigma_min: Tensor, noise: Tensor, frozen: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The noisy input and the pseudo-target, like x0 [K, B, C, H, W].

        sigma and sigma_min are [K, B, 1, 1, 1]; noise is fresh, frozen is the image's own Z.
        """
        gap = self._gap(sigma, sigma_min)
        if gap.device.type in CHECKED and not bool((gap > 0).all()):
            raise ValueError("an image was drawn at or below its own annotation level")
        start = x0 if self.noised else x0 + sigma_min * frozen
        xt = start + gap.sqrt() * noise
        return xt, xt - sigma**2 / gap.sqrt() * noise

    def factor(self, sigma: Tensor, sigma_min: Tensor) -> Tensor | None:
        """lambda alpha^2; None where that is 1."""
        if self.weight == "amb" and self.clip is None:
            return None
        squared = (self._gap(sigma, sigma_min) / sigma**2) ** 2
        return squared if self.clip is None else (self.clip * squared).clamp(max=1)

    def _gap(self, sigma: Tensor, sigma_min: Tensor) -> Tensor:
        """Delta. Without a buffer it can be so small that a difference of squares is 0."""
        if self.cap is None:
            return (sigma - sigma_min) * (sigma + sigma_min)
        return sigma**2 - sigma_min**2
