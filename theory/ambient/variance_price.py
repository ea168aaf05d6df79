"""What the ambient loss pays for its noisier target: R = (1 + sigma_n^2 / s^2) / alpha.

Notation as in ``theory.ambient.minimiser``. On one Gaussian mode, w0 ~ N(0, s^2), both losses have
the minimiser ``h(x) = s^2 x / (s^2 + sigma^2)`` and differ in the noise of their targets.

*Statement, derived here.* The variances of the targets given x have the ratio

    R = Var[y | x] / Var[w0 | x] = (1 + sigma_n^2 / s^2) / alpha,   alpha = 1 - sigma_n^2 / sigma^2,

and so have the mean squared errors of the two least-squares fits of h from n samples, at every n.

Proof. ``Var[w0 | x] = s^2 sigma^2 / (s^2 + sigma^2)``. x_n has variance s^2 + sigma_n^2 and x adds
Delta to it, so ``Var[x_n | x] = (s^2 + sigma_n^2) Delta / (s^2 + sigma^2)``; y is x_n over alpha,
plus a function of x; divide by alpha^2 = Delta^2 / sigma^4. For the fits: given all x, either
target is h(x) plus independent noise of that variance v, so the slope has the error N(0, v / sum
x^2), whose variance carries v as a factor.

*As a loss.* With EDM's weight ``(sigma^2 + sigma_d^2) / (sigma sigma_d)^2`` (Karras et al. 2022,
table 1), sigma_d = s, the weighted plain loss of a perfect denoiser is 1 at every sigma: each noise
level counts alike. That of the weighted ambient loss is R. It grows as 1/(sigma - sigma_n) towards
the annotated level: 581, 58.9, 12.5, 4.64, 2.32 and 1.55 for sigma_n = 0.2 and s = 0.5 at sigma =
sigma_n (1 + 0.001, 0.01, 0.05, 0.1547, 0.414, 1); 437 at 1 % above sigma_n = 1.38 and 34 at the
default buffer there (``theory.ambient.buffer``). Far above it R tends to 1 + sigma_n^2 / s^2, never
to 1: the fixed noise in x_n is not averaged out.

``exact`` is measured: the ratio of the mean squared errors of both slopes over independent data
sets of ``samples`` each, paired, with the delta method's standard error. ``printed`` is R.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.ambient.contraction import OMNI
from theory.ambient.minimiser import NOISES, gap
from theory.ambient.pseudo_target import pseudo_target
from theory.ambient.switching_point import ratio_of
from theory.law import Law, Params, Value
from theory.mixture import Array
from theory.parameter import integer, positive

CHUNK = 1 << 20  # samples that are drawn at once


def price(sigma: float, sigma_n: float, spread: float) -> float:
    """R for a Gaussian mode of standard deviation ``spread``."""
    delta = gap("ambient.variance_price", sigma, sigma_n)
    return (1 + (sigma_n / spread) ** 2) * sigma**2 / delta


def squared_errors(
    spread: float,
    sigma_n: float,
    sigma: float,
    samples: int,
    datasets: int,
    generator: np.random.Generator,
) -> Array:
    """Squared errors of the slope fitted to the plain and to the ambient target [2, datasets]."""
    delta = gap("ambient.variance_price", sigma, sigma_n)
    slope = spread**2 / (spread**2 + sigma**2)
    rows, parts = max(1, CHUNK // samples), []
    for start in range(0, datasets, rows):
        shape = (min(rows, datasets - start), samples)
        w0 = spread * generator.standard_normal(shape)
        eta = generator.standard_normal(shape)
        x = w0 + sigma_n * generator.standard_normal(shape) + math.sqrt(delta) * eta
        power = (x * x).sum(1)
        targets = (w0, pseudo_target(x, eta, sigma, sigma_n))
        parts.append(np.stack([((x * y).sum(1) / power - slope) ** 2 for y in targets]))
    return np.concatenate(parts, axis=1)


@final
class VariancePrice(Law):
    """Measured ratio of squared errors against R; spread, sigma_n, sigma, samples, datasets."""

    name = "ambient.variance_price"
    statement = (
        "on a Gaussian mode of standard deviation s the ambient target costs R = (1 + sigma_n^2 / "
        "s^2) / (1 - sigma_n^2 / sigma^2) times the variance of the plain target"
    )
    source = f"derived here for the loss of {OMNI}, section 3"
    unit = "1"
    tier = "tolerance"
    parameters: ClassVar = {
        "spread": positive("standard deviation s of the data"),
        **NOISES,
        "samples": integer("samples of a data set", least=2, default=32),
        "datasets": integer("independent data sets", least=2, default=20_000),
    }
    example: ClassVar = {
        "spread": 0.5,
        "sigma_n": 0.2,
        "sigma": 0.231,
        "samples": 32,
        "datasets": 4000,
    }

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        spread, sigma_n, sigma, samples, datasets = self.read(params)
        rng = self.drawing(generator)
        return ratio_of(*squared_errors(spread, sigma_n, sigma, samples, datasets, rng))

    def printed(self, params: Params) -> Value | None:
        spread, sigma_n, sigma, _, _ = self.read(params)
        return Value(price(sigma, sigma_n, spread))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``far``, what R tends to far above sigma_n, which is not 1."""
        spread, sigma_n, _, _, _ = self.read(params)
        return {"far": Value(1 + (sigma_n / spread) ** 2)}
