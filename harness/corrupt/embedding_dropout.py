r"""Dropout of the embedded condition: a coordinate is zero with the probability p.

.. math::  \tilde c_j = \frac{b_j}{1 - p}\, c_j, \qquad b_j \sim \mathrm{Bernoulli}(1 - p),

each coordinate of each word by itself, anew for each image at each step. By the division (inverted
dropout) :math:`E \tilde c = c`, so that samples are drawn under c as it is, and

.. math::  E|\tilde c - c|^2 = \frac{p}{1 - p} |c|^2:

the noise grows with the embedding, and no embedding outgrows it. It depends on the axes: of an
embedding with one coordinate a class it would be the dropout of the whole condition.

Source: Srivastava et al., Dropout, JMLR 2014; as the baseline of Chen et al., Slight Corruption in
Pre-training Data Makes Better Diffusion Models, NeurIPS 2024, table 6 (rate 0.1).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from harness.corrupt.parameter import require_share
from harness.corrupt.perturbation import Perturbation

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@final
@dataclass(frozen=True)
class EmbeddingDropout(Perturbation):
    """rate: p, in [0, 1)."""

    rate: float = 0.1

    def __post_init__(self) -> None:
        require_share("dropout of the embedding", "rate", self.rate)

    def draw(self, shape: Sequence[int], generator: "torch.Generator") -> "Tensor":
        """The factors b / (1 - p), of the shape [..., T, d]."""
        import torch

        uniform = torch.rand(shape, generator=generator, device=generator.device)
        return (uniform >= self.rate).float() / (1 - self.rate)

    def __call__(
        self, c: "Tensor", drawn: "Tensor | None", mean: Callable[[], "Tensor"]
    ) -> "Tensor":
        """c times the factors."""
        assert drawn is not None
        return c * drawn

    def squared(self, c: "Tensor", mean: "Tensor") -> "Tensor":
        """p |c|^2 / (1 - p)."""
        return c.square().sum(-1) * (self.rate / (1 - self.rate))
