r"""Input perturbation: the network sees more noise than it is asked for.

.. math::  x' = x_0 + \sigma (\varepsilon + \gamma \xi), \qquad
    \text{loss} = |D(x', \sigma) - y|^2, \qquad y = x' - \sigma \varepsilon
    = x_0 + \sigma \gamma \xi,

with eps and xi independent unit noise, xi drawn anew at each visit. The network is told sigma, and
the noise eps = (x' - D)/sigma that is asked of it leaves out gamma xi: an error of the input, such
as those that a sampler adds up, which it learns to tolerate.

**Population minimiser** at each sigma. The noise in x' is n = eps + gamma xi, of the variance
1 + gamma^2 a coordinate, and E[gamma xi | n] = gamma^2/(1 + gamma^2) n whatever x_0. So

.. math::  E[y | x'] = E[x_0 | x'] + \frac{\gamma^2}{1 + \gamma^2} (x' - E[x_0 | x']),

where x' is data under noise of :math:`\sigma \sqrt{1 + \gamma^2}`. It is no posterior mean of
:math:`x_0`: of the noise that it sees it leaves the share gamma^2/(1 + gamma^2) in place. For data
N(m, s^2) it is

.. math::  m + \frac{s^2 + \gamma^2 \sigma^2}{s^2 + (1 + \gamma^2) \sigma^2} (x' - m).

With gamma = 0 it is plain denoising.

Source: Ning, Sangineto, Porrello, Calderara and Cucchiara, Input Perturbation Reduces Exposure Bias
in Diffusion Models, ICML 2023, algorithm 3 (gamma = 0.1); the minimiser is ours. Where the paper
weighs the error of eps alike at all levels, the weights here are the preconditioning's.
"""

import math
from dataclasses import dataclass
from typing import final

from torch import Tensor

from harness.objectives.objective import Objective
from harness.problem import Problem


@final
@dataclass(frozen=True)
class InputPerturbation(Objective):
    """Regress the image and the noise that is not asked for; admissible where sigma > sigma_min.

    gamma: deviation of the added noise, in units of sigma, 0 or more.
    """

    gamma: float = 0.1
    buffer = 1.0
    fresh = True  # xi takes the place of an annotation's noise

    def __post_init__(self) -> None:
        if not 0 <= self.gamma < math.inf:
            fix = "give a finite gamma of 0 or more"
            raise Problem("a perturbation of the input", f"gamma={self.gamma}", fix)

    def pair(
        self, x0: Tensor, sigma: Tensor, sigma_min: Tensor, noise: Tensor, frozen: Tensor
    ) -> tuple[Tensor, Tensor]:
        """x' and y, like x0 [K, B, C, H, W]; sigma is [K, B, 1, 1, 1], ``frozen`` is xi."""
        y = x0 + self.gamma * sigma * frozen
        return y + sigma * noise, y
