r"""A noise-conditional classifier of two kinds of images: clean against imperfect.

.. math::  c(x_\sigma, \sigma) = P(\text{clean} \mid x_\sigma), \qquad x_\sigma = x_0 + \sigma z,

trained by cross-entropy on batches that hold as many of either kind, so that its best value is the
Bayes classifier of two laws of equal weight, p / (p + q). Daras et al. (2025) train the encoder
half of a 56M-parameter U-Net for millions of images; this one is made for seconds on one core, and
all of the following is ours.

What it sees. The modes (``harness.annotate.view``) under noise, scaled by what clean data and noise
have in each, :math:`u_k = x_k / \sqrt{s_k^2 + \sigma^2}`, as :math:`u / \sqrt{4 + u^2}` and
:math:`\ln(1 + u^2) - 1/2`. The log ratio of two Gaussian fields is a sum over the squares of these
modes, so that a small network finds it soon; the logarithm is there since a natural image has modes
of twenty standard deviations, on whose squares a network trained with few images is sure and wrong.

The network. One linear layer to ``width``, a layer norm with a scale and a shift that are affine
functions of the noise level's Fourier features, silu, a residual layer, and one number out, which
is exactly 0 (no opinion) before the training.

The law of sigma. Uniform in ln sigma over the levels that will be asked for, each batch one
stratum an image. Training's own law, lognormal(-1.2, 1.2), has its middle at 0.3 and draws one in
seven below 0.08, where mild corruptions show: a classifier trained by it stays at chance on them.

Pairs. An imperfect image gets the same sigma and the same z as a clean one of its batch. Either
kind has the law that it should, and at high noise, where the two hardly differ, the noise of the
gradient cancels.

When it stops. Few clean images are soon learned by heart, and then the classifier is too sure of
both kinds. The average of the weights is looked at ``looks`` times, at 1/8, 1/4, 1/2 of the steps
and so on, and before them; kept is the one with the least cross-entropy on held-out images, on
the same draws at each look. Where no look beats chance, it keeps no opinion: c = 1/2.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harness.annotate.view import View
from harness.nets.stacked import Linear, fourier

FEATURES = 64
PIECE = 1024  # rows that go through the network at once: what stays near the core
LOOKED_AT = 2048  # draws of either kind behind a look
ADAM = {"betas": (0.9, 0.99), "weight_decay": 0.01}


@dataclass(frozen=True)
class Recipe:
    """How it is trained: ``steps`` batches of ``batch`` images, half of them of either kind."""

    steps: int
    batch: int
    rate: float
    width: int
    low: float  # the lowest noise level, and the highest
    high: float
    looks: int = 4

    @property
    def looked_after(self) -> frozenset[int]:
        """The steps after which the held-out loss is taken: the last, its half, its quarter, ..."""
        return frozenset(max(1, self.steps >> back) for back in range(self.looks))

    def flops(self, modes: int, copies: int = 1) -> float:
        """Products of a training: a step costs three forward passes of its batch."""
        seen = 3 * self.steps * self.batch + 2 * LOOKED_AT * len(self.looked_after)
        return float(copies * seen * Network.flops(modes, self.width))


class Network(nn.Module):
    """A stack of K: scaled modes u [K, B, d], c_noise [K, B] or [K, 1] -> log c/(1 - c) [K, B]."""

    def __init__(self, modes: int, width: int, generators: Sequence[torch.Generator]) -> None:
        super().__init__()
        self.width = width
        self.inward = Linear(2 * modes, width, generators)
        self.noise = Linear(FEATURES, 2 * width, generators, gain=0.1)
        self.middle = Linear(width, width, generators)
        self.outward = Linear(width, 1, generators, gain=0.0)

    def forward(self, u: Tensor, c_noise: Tensor) -> Tensor:
        square = u * u
        seen = torch.cat([u * torch.rsqrt(square + 4), torch.log1p(square) - 0.5], dim=-1)
        scale, shift = self.noise(fourier(c_noise, FEATURES)).chunk(2, -1)
        normal = F.layer_norm(self.inward(seen), (self.width,))
        h = F.silu(torch.addcmul(shift, normal, 1 + scale))  # [K, B, width]
        h = h + F.silu(self.middle(h))
        return self.outward(h)[..., 0]

    @staticmethod
    def flops(modes: int, width: int) -> int:
        """Floating-point operations of one forward pass of one image, products only."""
        return 2 * width * (2 * modes + 2 * FEATURES + width + 1)


@dataclass(frozen=True, eq=False)
class Fold:
    """What one copy learns from, and what it is judged on."""

    clean: View
    imperfect: View
    held_clean: View
    held_imperfect: View


class Discriminator:
    """A trained stack, one copy a fold."""

    def __init__(self, network: Network, scale: Tensor) -> None:
        self.network, self.scale = network, scale

    def logits(self, modes: Tensor, sigma: Tensor, noise: Tensor) -> Tensor:
        """Log odds of clean [K, B] of modes [K, B, d] at noise sigma [K, B] or [K, 1]."""
        level = sigma[..., None]
        u = (modes + level * noise) / torch.sqrt(self.scale**2 + level**2)
        return self.network(u, sigma.log() / 4)

    def probabilities(
        self,
        modes: Tensor,
        levels: Sequence[float],
        draws: int,
        generator: torch.Generator,
        shared: bool = False,
    ) -> np.ndarray:
        """Mean probability of clean over draws of the noise, and of "more likely clean", float64
        [2, K, n, levels], of modes [K, n, d]; shared: each draw is one z for all images."""
        copies, count, dimension = modes.shape
        found = np.zeros((2, copies, count, len(levels)))
        with torch.inference_mode(), one_thread():
            for at, _ in itertools.product(range(len(levels)), range(draws)):
                sigma = torch.full_like(modes[:, :1, 0], levels[at])
                one = _normal((copies, 1, dimension), generator)
                for start in range(0, count, PIECE):
                    piece = modes[:, start : start + PIECE]
                    noise = one if shared else _normal(piece.shape, generator)
                    logits = self.logits(piece, sigma, noise)
                    here = found[:, :, start : start + PIECE, at]
                    here += torch.stack([logits.sigmoid(), (logits > 0).float()]).cpu().numpy()
        return found / draws


def fit(folds: Sequence[Fold], recipe: Recipe, generator: torch.Generator) -> Discriminator:
    """Train a copy for each fold; all numbers come from the generator, on its device."""
    scale = folds[0].clean.basis.scale
    network = Network(len(scale), recipe.width, [generator] * len(folds)).to(scale.device)
    made = Discriminator(network, scale)
    parameters: list[Tensor] = list(network.parameters())
    average, best = (_copies(parameters) for _ in range(2))
    held = _Look(folds, recipe, generator)
    least = torch.full((len(folds),), math.log(2), device=scale.device)
    optimiser = torch.optim.AdamW(parameters, lr=recipe.rate, fused=True, **ADAM)  # type: ignore[arg-type]
    looks = recipe.looked_after
    with one_thread():
        for step in range(1, recipe.steps + 1):
            optimiser.param_groups[0]["lr"] = recipe.rate * _share_of_rate(step, recipe.steps)
            loss = _loss(made, *_batch(folds, recipe.batch // 2, recipe, generator))
            optimiser.zero_grad(set_to_none=True)
            loss.sum().backward()
            optimiser.step()
            torch._foreach_lerp_(average, parameters, 1 - 0.5 ** (1 / max(0.1 * step, 1.0)))
            if step in looks:
                found = held(made, average)
                better = found < least
                least = torch.where(better, found, least)
                for kept, now in zip(best, average):
                    kept[better] = now[better]
    for parameter, kept in zip(parameters, best):
        parameter.data.copy_(kept)
    return made


def _copies(parameters: Sequence[Tensor]) -> list[Tensor]:
    return [p.detach().clone() for p in parameters]


def _share_of_rate(step: int, steps: int) -> float:
    """The learning rate of a step from 1 on: a rise over 20 steps, and half a cosine to 0."""
    return min(1.0, step / 20) * (1 + math.cos(math.pi * (step - 1) / steps)) / 2


def _normal(shape: Sequence[int], generator: torch.Generator) -> Tensor:
    return torch.randn(tuple(shape), generator=generator, device=generator.device)


def _batch(
    folds: Sequence[Fold], half: int, recipe: Recipe, generator: torch.Generator, held: bool = False
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Clean and imperfect modes [K, half, d], sigma [K, half] and noise [K, half, d]."""
    pairs = [(f.held_clean, f.held_imperfect) if held else (f.clean, f.imperfect) for f in folds]
    clean, imperfect = (
        torch.stack([view.draw(half, generator) for view in kind]) for kind in zip(*pairs)
    )
    shape = clean.shape[:2]
    place = torch.rand(shape, generator=generator, device=clean.device)
    place = (torch.arange(half, device=clean.device) + place) / half
    sigma = recipe.low * (recipe.high / recipe.low) ** place
    return clean, imperfect, sigma, _normal(clean.shape, generator)


def _loss(
    made: Discriminator, clean: Tensor, imperfect: Tensor, sigma: Tensor, noise: Tensor
) -> Tensor:
    """Mean cross-entropy of each copy, [K], in nats."""
    logits = made.logits(
        torch.cat([clean, imperfect], 1), torch.cat([sigma] * 2, 1), torch.cat([noise] * 2, 1)
    )
    half = clean.shape[1]
    return (F.softplus(-logits[:, :half]) + F.softplus(logits[:, half:])).mean(1) / 2


class _Look:
    """The held-out cross-entropy of each copy [K], on the same draws each time."""

    def __init__(self, folds: Sequence[Fold], recipe: Recipe, generator: torch.Generator) -> None:
        self.drawn = _batch(folds, LOOKED_AT, recipe, generator, held=True)

    def __call__(self, made: Discriminator, weights: Sequence[Tensor]) -> Tensor:
        parameters = list(made.network.parameters())
        now = _copies(parameters)
        for parameter, weight in zip(parameters, weights):
            parameter.data.copy_(weight)
        with torch.inference_mode():
            found = _loss(made, *self.drawn)
        for parameter, weight in zip(parameters, now):
            parameter.data.copy_(weight)
        return found


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread: sums are taken in one order, whatever the machine has."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
