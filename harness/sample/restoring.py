r"""Restoration: an image is noised to a level and brought back by the deterministic sampler.

.. math::  x_\sigma = x_0 + \sigma n, \qquad \hat x = \Phi_{\sigma \to 0}(x_\sigma),

with :math:`\Phi` the flow of the sampler's ordinary differential equation, started at the level at
hand and not at its own highest one. The noise n is all that is drawn, so that two denoisers can be
given the same.

For a Gaussian mode of scale s and its exact denoiser :math:`\Phi` is the factor
:math:`g = s / \sqrt{s^2 + \sigma^2}`, and as :math:`g^2 (s^2 + \sigma^2) = s^2` the error is

.. math::  E |\hat x - x_0|^2 = s^2 (1 - g)^2 + g^2 \sigma^2 = 2 s^2 (1 - g),

between that of the posterior mean, :math:`s^2 (1 - g^2)`, and twice that, which a draw from the
posterior has. The denoiser of a finite set, :math:`\sum_i w_i t_i` with weights :math:`w_i \propto
\exp(-|x - t_i|^2 / 2 \sigma^2)`, ends in one of its images (derived here).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from harness.problem import Problem

Denoise = Callable[[Tensor, Tensor], Tensor]


def restore(denoise: Denoise, sampler: Any, images: Tensor, noise: Tensor, sigma: float) -> Tensor:
    """Images [K, B, C, H, W] after noise of level sigma, in their units, and the way back.

    noise: unit noise like images. sampler: a row of ``SAMPLERS`` with its steps; they are laid
    between sigma and its ``sigma_min``. Raises ``Problem`` where sigma is not above that.
    """
    if not sigma > sampler.sigma_min:
        got = f"a sampler that ends at {sampler.sigma_min}"
        raise Problem(f"a restoration from sigma={sigma}", got, "ask for a higher level")
    # A sampler is given unit noise, which it brings to its highest level.
    return replace(sampler, sigma_max=sigma)(denoise, images / sigma + noise)


def centred_box(shape: Sequence[int], share: float) -> Tensor:
    """Which pixels of an image, shape (C, H, W), lie in a box in its middle: bool of that shape.

    share: of the sides, of which the box has round(share * side), at least one.
    """
    box = torch.zeros(*shape, dtype=torch.bool)
    (top, down), (left, right) = (_middle(side, share) for side in shape[1:])
    box[:, top:down, left:right] = True
    return box


def _middle(side: int, share: float) -> tuple[int, int]:
    """The first pixel and that after the last of the middle of a side."""
    length = max(1, round(share * side))
    first = (side - length) // 2
    return first, first + length
