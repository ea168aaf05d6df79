"""The law of the noise level in training: log-normal, whole or truncated to where images may be.

    ln sigma ~ N(mean, std^2)                                        (Karras et al. 2022, table 1)

A draw from the law truncated to {sigma > low} and {sigma < high}, two ranges apart, inverts its
distribution function: with the masses q_1 = Phi(-z(low)) of the upper and q_2 = Phi(z(high)) of the
lower range, z(s) = (ln s - mean)/std, and u uniform on (0, q_1 + q_2),

    z = -Phi^-1(u) for u < q_1,    z = Phi^-1(u - q_1) else,    sigma = exp(mean + std z).

u is taken as Phi(-n) (q_1 + q_2) of a standard normal n, so that where nothing is cut off the draw
is exp(mean + std n), the same as without a truncation. Tails are held to their own precision: each
range is measured from its own end.
"""

import math
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor


@final
@dataclass(frozen=True)
class Levels:
    """The law; mean and std are those of ln sigma."""

    mean: float
    std: float

    def draw(self, normal: Tensor) -> Tensor:
        """Levels of the whole law from standard normals, of their shape and dtype."""
        return (self.mean + self.std * normal).exp()

    def masses(self, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
        """The masses of sigma > low and of sigma < high, float64; of low = inf and high = 0, 0."""
        z_low, z_high = ((each.double().log() - self.mean) / self.std for each in (low, high))
        return _below(-z_low), _below(z_high)

    def truncated(self, normal: Tensor, low: Tensor, high: Tensor) -> Tensor:
        """Levels with sigma > low or sigma < high, strictly; all of one shape and device.

        high is at most low, or the ranges would overlap. The dtype is that of ``normal``; rounded
        to it, a level keeps to its side. Where no level has any mass it is 0.
        """
        low, high = low.double(), high.double()
        upper, lower = self.masses(low, high)
        u = _below(-normal.double()) * (upper + lower)
        above = u < upper
        z = torch.where(above, -torch.special.ndtri(u), torch.special.ndtri(u - upper))
        sigma = (self.mean + self.std * z).exp().to(normal.dtype)
        up, down = (torch.nextafter(sigma, sigma.new_full((), to)) for to in (math.inf, 0.0))
        sigma = torch.where(above & (sigma.double() <= low), up, sigma)
        return torch.where(~above & (sigma.double() >= high), down, sigma)


def _below(z: Tensor) -> Tensor:
    """Phi, precise in its lower tail, where torch.special.ndtr is 0 below -8.3."""
    return torch.erfc(-z / math.sqrt(2)) / 2
