r"""Condition embedding perturbation: noise is added to what a denoiser is told.

.. math::  \tilde c = c + \delta, \qquad
    \delta_j \sim U(-\gamma/\sqrt d, \gamma/\sqrt d) \text{ (CEP-U)}, \quad
    \delta_j \sim N(0, \gamma^2/d) \text{ (CEP-G)},

for each of the d coordinates of each word of the condition. A coordinate has the standard deviation
:math:`\gamma/\sqrt{3d}` under CEP-U and :math:`\gamma/\sqrt d` under CEP-G, so that

.. math::  E|\delta|^2 = \gamma^2/3 \text{ (CEP-U)}, \qquad E|\delta|^2 = \gamma^2 \text{ (CEP-G)},

whatever d. A linear network feels second moments alone: to it CEP-U at gamma is CEP-G at
gamma / sqrt 3. What counts is delta beside the norm of c: with an embedding of norm r, gamma acts
as gamma / r does with one of norm 1, and an embedding that is learned can grow until the noise is
nothing.

**What an ideal network makes of it** (ours). One that learns E[x_0 | x, told] exactly takes what it
is told for evidence, by Bayes's rule. Told c_k itself, of orthonormal embeddings, it gives every
other caption, the null among them, the weight

.. math::  q = e^{-d/\gamma^2} \text{ (CEP-G)}

beside 1 for k, each times its share of the training: samples under k are mixed with the others, as
label flips mix them, at a rate that leaps from nothing (d = 16: 1e-7 at gamma = 1) to almost all
(0.85 at gamma = 10). Under CEP-U q is 0 or 1: 1 as soon as no coordinate of c_j - c_k is beyond
gamma/sqrt d. What moderate gamma does to a network is what it does to one that is not ideal: small
ones that were trained on two classes did not find that edge, and took CEP-U at gamma for CEP-G at
gamma / sqrt 3 (0.88 of the samples right under either at gamma = 4, where Bayes has 0.5 and 0.94).

The paper writes CEP-G as N(0, gamma/sqrt d I). We take that for the standard deviation, for the
reasons of ``theory.slight_corruption.cep_noise``; as a variance, delta would grow as d^(1/4).

Delta is drawn anew for every image at every step; ``fixed`` draws it once for each image, so that
a condition is wrong in the same way whenever its image is seen (the paper's table 7).

Source: Chen et al., Slight Corruption in Pre-training Data Makes Better Diffusion Models, NeurIPS
2024, section 5.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from harness.corrupt.parameter import is_number, require_flag
from harness.corrupt.perturbation import Perturbation
from harness.problem import Problem

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class _Cep(Perturbation):
    """gamma >= 0: the size of the noise; fixed: one delta for each image."""

    gamma: float = 1.0
    fixed: bool = False

    def __post_init__(self) -> None:
        asked = "a condition embedding perturbation"
        if not is_number(self.gamma) or self.gamma < 0:
            fix = "give a finite gamma of 0 or more"
            raise Problem(asked, f"gamma={self.gamma!r}", fix)
        require_flag(asked, "fixed", self.fixed)

    def __call__(
        self, c: "Tensor", drawn: "Tensor | None", mean: Callable[[], "Tensor"]
    ) -> "Tensor":
        """c + delta."""
        assert drawn is not None
        return c + drawn


@final
@dataclass(frozen=True)
class CepUniform(_Cep):
    """CEP-U: each coordinate of delta is uniform in +-gamma/sqrt d."""

    def draw(self, shape: Sequence[int], generator: "torch.Generator") -> "Tensor":
        """delta, of the shape [..., T, d]."""
        import torch

        uniform = torch.rand(shape, generator=generator, device=generator.device)
        return (2 * uniform - 1) * (self.gamma / math.sqrt(shape[-1]))

    def squared(self, c: "Tensor", mean: "Tensor") -> "Tensor":
        """gamma^2 / 3."""
        return c.new_full(c.shape[:-1], self.gamma**2 / 3)


@final
@dataclass(frozen=True)
class CepGaussian(_Cep):
    """CEP-G: each coordinate of delta is normal with the deviation gamma/sqrt d."""

    def draw(self, shape: Sequence[int], generator: "torch.Generator") -> "Tensor":
        """delta, of the shape [..., T, d]."""
        import torch

        normal = torch.randn(shape, generator=generator, device=generator.device)
        return normal * (self.gamma / math.sqrt(shape[-1]))

    def squared(self, c: "Tensor", mean: "Tensor") -> "Tensor":
        """gamma^2."""
        return c.new_full(c.shape[:-1], self.gamma**2)
