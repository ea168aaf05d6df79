"""The DPM-Encoder and its decoder, for any network.

One step of the sampler is ``x_{t-1} = mu(x_t) + sigma_t eps_t`` with the mean

    mu = sqrt(abar_{t-1}) x0hat + sqrt(1 - abar_{t-1} - sigma_t^2) ehat,
    x0hat = (x_t - sqrt(1 - abar_t) ehat) / sqrt(abar_t),

and ehat = network(x_t, t). The encoder draws a path from the data's side, x_{t-1} by the same
formula with the true x_0 and ``e_t = (x_t - sqrt(abar_t) x_0) / sqrt(1 - abar_t)``, so that x_t
given x_0 is N(sqrt(abar_t) x_0, 1 - abar_t) at every t and eta (Song et al. 2021, Lemma 1), and
writes down

    eps_t = (x_{t-1} - mu(x_t)) / sigma_t,   t = T .. 2,       r = x_0 - mu(x_1),

r because sigma_1 = 0: the last step has no noise that a code could hold. The division asks for
eta > 0. The decoder runs the sampler on the code, and adds r at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Network = Callable[[Array, int], Array]  # (x [n, d], t) -> predicted noise [n, d]

WU = "Wu and De la Torre 2023, CycleDiffusion (arXiv 2210.05559)"


def noise_scale(abar: Array, eta: float) -> Array:
    """sigma_1 .. sigma_T [T], from abar_0 .. abar_T [T + 1]; sigma_1 is 0."""
    before, after = abar[:-1], abar[1:]
    return eta * np.sqrt((1 - after / before) * (1 - before) / (1 - after))


def direction(abar: Array, eta: float) -> Array:
    """``sqrt(1 - abar_{t-1} - sigma_t^2)`` for t = 1 .. T [T].

    Raises
    ------
    ValueError
        Where eta is so large that the noise exceeds what is there.
    """
    left = (1 - abar[:-1]) - noise_scale(abar, eta) ** 2
    if not left.min() >= 0:
        raise ValueError(
            f"asked for a sampler with eta={eta}; got a step with more noise than x_t-1 holds; "
            "give a smaller eta"
        )
    return np.sqrt(left)


@final
@dataclass(frozen=True, eq=False)
class Code:
    """The code of images: x_T [n, d], the noises eps_T .. eps_2 [T - 1, n, d], the residual."""

    last: Array
    noises: Array
    residual: Array  # [n, d]

    def stored(self, precision: str) -> "Code":
        """The code as numbers of that precision, say float32, hold it."""
        parts = (self.last, self.noises, self.residual)
        last, noises, residual = (part.astype(precision).astype(float) for part in parts)
        return Code(last, noises, residual)


def _mean(x: Array, noise: Array, t: int, abar: Array, along: Array) -> Array:
    """mu(x_t) [n, d] for a predicted noise [n, d]."""
    x0 = (x - np.sqrt(1 - abar[t]) * noise) / np.sqrt(abar[t])
    return np.sqrt(abar[t - 1]) * x0 + along[t - 1] * noise


def encode(
    x0: Array, network: Network, abar: Array, eta: float, generator: np.random.Generator
) -> Code:
    """A code of images x0 [n, d] under a network; abar [T + 1], eta above 0."""
    if not eta > 0:
        raise ValueError(
            f"asked for a code with eta={eta}; got a sampler without noise, whose steps hold none; "
            "give eta above 0"
        )
    steps = len(abar) - 1
    sigma, along = noise_scale(abar, eta), direction(abar, eta)
    e = generator.standard_normal(x0.shape)
    last = x = np.sqrt(abar[steps]) * x0 + np.sqrt(1 - abar[steps]) * e
    noises = np.empty((steps - 1, *x0.shape))
    for row, t in enumerate(range(steps, 1, -1)):
        drawn = along[t - 1] * e + sigma[t - 1] * generator.standard_normal(x0.shape)
        before = np.sqrt(abar[t - 1]) * x0 + drawn
        noises[row] = (before - _mean(x, network(x, t), t, abar, along)) / sigma[t - 1]
        x, e = before, drawn / np.sqrt(1 - abar[t - 1])
    return Code(last, noises, x0 - _mean(x, network(x, 1), 1, abar, along))


def decode(code: Code, network: Network, abar: Array, eta: float, residual: bool = True) -> Array:
    """The images [n, d] of a code under a network, with or without the last step's residual."""
    steps = len(abar) - 1
    sigma, along = noise_scale(abar, eta), direction(abar, eta)
    x = code.last
    for row, t in enumerate(range(steps, 1, -1)):
        x = _mean(x, network(x, t), t, abar, along) + sigma[t - 1] * code.noises[row]
    x = _mean(x, network(x, 1), 1, abar, along)
    return x + code.residual if residual else x


def gaussian(variance: float, abar: Array) -> Network:
    """The exact prediction of the noise for data N(0, variance)."""

    def network(x: Array, t: int) -> Array:
        noised = abar[t] * variance + 1 - abar[t]
        return np.sqrt(1 - abar[t]) / noised * x

    return network


def untrained(dimension: int, generator: np.random.Generator, width: int = 32) -> Network:
    """A network of one hidden layer of tanh that has learnt nothing."""
    first = generator.standard_normal((dimension, width)) / np.sqrt(dimension)
    second = generator.standard_normal((width, dimension)) / np.sqrt(width)
    time, bias = generator.standard_normal((2, width))

    def network(x: Array, t: int) -> Array:
        return np.tanh(x @ first + 0.01 * t * time + bias) @ second

    return network
