r"""RePaint: a part of an image is filled in by an unconditional denoiser.

Down a ladder of noise levels :math:`\sigma_0 > \dots > \sigma_N = 0`, the known pixels are at each
level those of the image under fresh noise, and the unknown ones take an ancestral step,

.. math::  x_{i+1} = m (y + \sigma_{i+1} n) + (1 - m) \left( D + \frac{\sigma_{i+1}^2}{\sigma_i^2}
           (x_i - D) + \sigma_{i+1} \sqrt{1 - \sigma_{i+1}^2 / \sigma_i^2} \, n' \right),
           \quad D = D(x_i, \sigma_i).

A single pass joins the two badly: the unknown pixels were drawn for other noise on the known ones.
So each step is made r times, the whole image being noised back to the level before it in between,
:math:`x_i = x_{i+1} + \sqrt{\sigma_i^2 - \sigma_{i+1}^2} \, n''`.

Source: Lugmayr, Danelljan, Romero, Yu, Timofte and Van Gool, RePaint: Inpainting using denoising
diffusion probabilistic models, CVPR 2022, algorithm 1 and section 4.2, with jumps of one step; the
step is the exact one of :math:`q(x_{i+1} | x_i, x_0 = D)` for variance-exploding noise, of which
theirs is the form in their scaling.

What it draws. For the exact denoiser, and with r so large that a level comes to rest, the mean of a
Gaussian's unknown pixels is their conditional mean, given the known ones, in the law under noise
:math:`\sigma_i`: fresh noise on the known pixels leaves the mean of the score, which is linear. The
last levels make that the conditional mean itself. With r = 1 the fill is too close to the
unconditional mean (the tests show both). Known pixels come back as they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from harness.problem import Problem
from harness.sample.heun import Heun


@dataclass(frozen=True)
class RePaint:
    """steps: levels, as Heun's; resamplings: r, how often each step but the last is made."""

    steps: int = 8
    resamplings: int = 4
    sigma_min: float = 0.02
    sigma_max: float = 20.0
    rho: float = 7.0

    def __post_init__(self) -> None:
        if self.steps < 2 or self.resamplings < 1:
            got = f"steps={self.steps}, resamplings={self.resamplings}"
            raise Problem("RePaint", got, "give at least 2 steps and 1 resampling")

    @property
    def calls(self) -> int:
        """Calls of the denoiser: the last step, to zero, needs no second one."""
        return self.resamplings * (self.steps - 1) + 1

    @torch.no_grad()
    def __call__(
        self,
        denoise: Callable[[Tensor, Tensor], Tensor],
        images: Tensor,
        unknown: Tensor,
        generators: Sequence[torch.Generator],
    ) -> Tensor:
        """Images [K, B, C, H, W] with the pixels ``unknown``, bool [C, H, W], filled in.

        The values of these pixels are not looked at. generators: one for each of the K copies.
        """

        def draw() -> Tensor:
            shape = images.shape[1:]
            return torch.stack(
                [torch.randn(shape, generator=g, device=g.device) for g in generators]
            )

        ladder = Heun(self.steps, self.sigma_min, self.sigma_max, self.rho).levels().tolist()
        known = images.masked_fill(unknown, 0.0)
        x = known + ladder[0] * draw()
        for high, low in pairwise(ladder):
            for turn in range(self.resamplings if low > 0 else 1):
                if turn:
                    x = x + (high**2 - low**2) ** 0.5 * draw()
                estimate = denoise(x, x.new_full(x.shape[:2], high))
                share = (low / high) ** 2
                step = estimate + share * (x - estimate) + low * (1 - share) ** 0.5 * draw()
                x = torch.where(unknown, step, known + low * draw())
        return x
