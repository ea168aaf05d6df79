"""Consistency: a denoiser is learned below the noise of the data, of which no image is seen there.

Daras, Dagan, Dimakis and Daskalakis, "Consistent Diffusion Meets Tweedie", ICML 2024, after Daras,
Dagan, Dimakis and Daskalakis, "Consistent Diffusion Models", NeurIPS 2023. The images carry the
white noise of their sigma_n. Above b sigma_n the loss is the ambient one (``harness.objectives.
ambient``, ``noised``), b its buffer. To it is added, with the weight lambda, the square of

    r(x) = E[h(X_s, s) | X_t = x] - h(x, t),      X_s one step of the reverse process from x,

h the denoiser: along the reverse process that h itself drives, h is a martingale. It is measured in
the preconditioning's weights at the level of X_t, (sigma_t^2 + s_k^2)/(sigma_t s_k)^2 for mode k.

**Where.** An image that was seen at sigma_n is a sample of the law of X_sigma at each sigma above.
It is noised to sigma_0 = b sigma_n e^gap, and the model's own reverse process brings it, in
``steps`` steps even in ln sigma, to a level sigma_t below, drawn from the law of the training
truncated to below sigma_0. Consistency is a statement about every x, so that an error of these
steps moves only where it is asked for. (Images cannot be noised to a level below their own. The
authors' released code takes one step from the noised image and compares with that image, which
reaches no further than the step.) The two compared levels are ``gap`` apart in ln sigma. Pairs
below sigma_n alone would be no anchor (``theory.tweedie.consistency``); a chain of them that begins
above b sigma_n is one.

**The step** from a to b is that of ancestral sampling, y + (1 - b^2/a^2)(h - y) + b sqrt(1 -
b^2/a^2) xi. Its mean is exact; its variance leaves out (1 - b^2/a^2)^2 Var(X_0 | X_a), of the
second order in the gap. So the residual of a perfect denoiser is 0 if it is linear, and else of the
second order, beside that of a wrong one of the first: keep the gap small.

**Estimators** of r^2 from K ``trajectories``, d_k = h(X_s^k) - h(x), the X_s^k independent:

    product   the mean of d_j . d_k over pairs j < k; for K = 2, the authors', d_1 . d_2. Unbiased.
    average   |mean_k d_k|^2, as the code of "How Much is a Noisy Image Worth?" (Daras et al. 2024)
              has it: biased by Var(h(X_s)|x)/K, which rewards flat denoisers. A control.

The noise of d is of the order sqrt(gap), r of the order gap: at a small gap the estimate is mostly
noise. With ``antithetic`` (ours) a trajectory is the mean of the two that xi and -xi give, in which
all that is odd in xi cancels: without any bias, what is left is of the order of r, and of a linear
denoiser nothing. Without it, at this default weight and gap, training is no better than without
consistency, on the mixtures on which it was tried.

**Gradient.** "ends" (default): through h(x, t) and h(X_s, s), the trajectory as it is. "all":
through the step from x to X_s too, the gradient of r^2 itself. "lower": through h(X_s, s) alone,
h(x, t) as its teacher. In no case through the steps to x.

**Population minimiser**: above b sigma_n E[x0 | x_t], x0 the image before its noise; below, in the
limit of small gaps, the same, since h exact above and consistent throughout is exact (Theorem of
Daras et al. 2024; ``theory.tweedie.continuation``). For Gaussian data that holds at any gap. The
continuation runs the heat equation backwards: what it makes of an error above can be far larger.

Images that count as clean (sigma_min = 0) add nothing.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.nets.preconditioning import Denoiser
from harness.objectives.ambient import Ambient
from harness.objectives.objective import Batch, Objective
from harness.problem import Problem

ESTIMATORS = ("product", "average")
GRADIENTS = ("ends", "all", "lower")


@dataclass(frozen=True)
class Consistency(Objective):
    """The ambient loss above, and consistency below.

    weight: lambda, 0 for the ambient loss alone; gap: in ln sigma; cap: of the buffer, as there.
    """

    weight: float = 3.0
    gap: float = 0.3
    steps: int = 4
    estimator: str = "product"
    trajectories: int = 2
    antithetic: bool = True
    gradient: str = "ends"
    cap: float | None = 4.0
    noised = True

    def __post_init__(self) -> None:
        asked = "the consistency objective"
        for name, known in (("estimator", ESTIMATORS), ("gradient", GRADIENTS)):
            if getattr(self, name) not in known:
                got = f"{name}={getattr(self, name)!r}"
                raise Problem(asked, got, f"choose from {', '.join(known)}")
        if not 0 <= self.weight < math.inf or not 0 < self.gap < math.inf:
            got = f"weight={self.weight}, gap={self.gap}"
            raise Problem(asked, got, "give a weight of 0 or more, and a gap above 0")
        least = 2 if self.estimator == "product" else 1
        if self.steps < 1 or self.trajectories < least:
            got = f"steps={self.steps}, trajectories={self.trajectories}"
            raise Problem(asked, got, f"give a step at least, and {least} trajectories or more")
        Ambient(self.cap)  # refuses a cap that is none

    @property
    def ambient(self) -> Ambient:
        """The loss above."""
        return Ambient(self.cap, noised=True)

    @property
    def buffer(self) -> float:
        return self.ambient.buffer

    @property
    def passes(self) -> float:
        """A pass without a gradient is a third of one with its backward pass."""
        ends = self.trajectories * (2 if self.antithetic else 1)
        return 1.0 if self.weight == 0 else 2.0 + ends + self.steps / 3

    def pair(
        self, x0: Tensor, sigma: Tensor, sigma_min: Tensor, noise: Tensor, frozen: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The noisy input and the pseudo-target of the ambient loss."""
        return self.ambient.pair(x0, sigma, sigma_min, noise, frozen)

    def extra(self, denoiser: Denoiser, batch: Batch) -> Tensor | None:
        """lambda r^2 of each image, [K, B]; 0 for one that counts as clean."""
        if self.weight == 0:
            return None
        noisy = batch.sigma_min > 0
        floor = torch.where(noisy, batch.sigma_min, 1.0)  # a clean image goes along, for nothing
        top = self.buffer * math.exp(self.gap) * floor
        sigma = batch.below(top)
        with torch.no_grad():
            x = batch.x0 + _wide(top**2 - floor**2).sqrt() * batch.normal()
            for k in range(self.steps):
                before, after = (top * (sigma / top) ** (each / self.steps) for each in (k, k + 1))
                mean = step_mean(x, denoiser(x, before, *batch.tokens), before, after)
                x = mean + step_deviation(before, after) * batch.normal()
        squared = self.residual(denoiser, x, sigma, batch.normal, batch.tokens)
        return self.weight * torch.where(noisy, squared, 0.0)

    def residual(
        self,
        denoiser: Denoiser,
        x: Tensor,
        sigma: Tensor,
        normal: Callable[[], Tensor],
        tokens: tuple[Tensor, ...] = (),
    ) -> Tensor:
        """The estimate of r^2 at x [K, B, C, H, W] of the levels sigma [K, B]: [K, B].

        normal: each call gives unit noise like x.
        """
        start = denoiser(x, sigma, *tokens)
        led = start if self.gradient == "all" else start.detach()
        lower = sigma * math.exp(-self.gap)
        mean, deviation = step_mean(x, led, sigma, lower), step_deviation(sigma, lower)
        noise = [normal() for _ in range(self.trajectories)]
        if self.antithetic:
            noise += [-each for each in noise]
        n = len(noise)
        reached = torch.cat([mean + deviation * each for each in noise], 1)  # [K, n B, C, H, W]
        ends = denoiser(
            reached, torch.cat([lower] * n, 1), *(torch.cat([t] * n, 1) for t in tokens)
        )
        known = start.detach() if self.gradient == "lower" else start
        away = torch.stack([denoiser.basis.modes(end - known) for end in ends.chunk(n, 1)])
        if self.antithetic:
            away = (away[: n // 2] + away[n // 2 :]) / 2
        weight = 1 / _wide(sigma) ** 2 + 1 / denoiser.scales**2  # [K, B, *mode shape]
        return (weight * self._square(away)).sum(dim=(2, 3, 4))

    def _square(self, away: Tensor) -> Tensor:
        """The estimate of the squared mean of K numbers, [K, ...] -> [...]."""
        count, total = len(away), away.sum(0)
        if self.estimator == "average":
            return (total / count) ** 2
        return (total**2 - (away**2).sum(0)) / (count * (count - 1))


def step_mean(x: Tensor, estimate: Tensor, sigma: Tensor, lower: Tensor) -> Tensor:
    """Mean of one step from x [K, B, C, H, W] at sigma [K, B], led by the denoiser's estimate."""
    return x + _wide(1 - (lower / sigma) ** 2) * (estimate - x)


def step_deviation(sigma: Tensor, lower: Tensor) -> Tensor:
    """Its standard deviation, [K, B, 1, 1, 1]."""
    return _wide(lower * (1 - (lower / sigma) ** 2).sqrt())


def _wide(level: Tensor) -> Tensor:
    """[K, B] beside images."""
    return level[:, :, None, None, None]
