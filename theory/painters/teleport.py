"""Skipping the first steps: teleport by the closed form, then solve the ODE as usual.

Data on the line, a mixture of normals p with mean mu and variance lambda; every mixture in R^d with
means on a line and one isotropic variance is this beside independent normal coordinates, on which
the closed form is exact. The ODE dx/dsigma = -sigma score_sigma(x) from x_T ~ p_{sigma_T}. The
teleport goes to sigma by the closed form of a Gaussian with p's mean and variance,

    x~_sigma = mu + S / S_T (x_T - mu),        S^2 = lambda + sigma^2,

and then follows the true ODE to x~_0, against x_0 without the jump from the same x_T.

*As stated* (Wang and Vastola 2023): the closed form is accurate early, so that early steps can be
skipped. ``exact`` is the share of the variance of x_0 that teleporting reproduces, ``1 - E (x~_0 -
x_0)^2 / lambda``; ``printed`` is 1.

*The rates (derived here).* By the expansion of Cornish and Fisher, with the cumulants k3, k4 of p
and z the normal score of the rank of x_T, which the ODE keeps,

    x_sigma = mu + S z + k3 (z^2 - 1) / (6 S^2) + k4 (z^3 - 3 z) / (24 S^3) + ...,

so that ``x~ - x = k3 He_2(z)/(6 S^2) ((S/S_T)^3 - 1) + k4 He_3(z)/(24 S^3) ((S/S_T)^4 - 1)``, whose
root mean square is ``leading``: the error of the state falls as sigma^-2 for a skewed feature,
as sigma^-3 for a symmetric one. On the way to 0 the ODE multiplies a small error by p_sigma(x) /
p_0(x_0), which is of order 1/sigma, so that the error of x_0 falls one power faster; in the valley
between modes that factor is huge, and points there change mode. ``flips`` is the share of x_T that
do: those between the two starting points from which the ODE, and the teleport, reach the bottom of
the valley. It is 0 by symmetry for a symmetric feature (below 1e-13 it is set to 0: rounding).

Numerics. The difference to the closed form is integrated, not the two states, by DOP853 for all
starting points together, so that small errors keep their digits; the mean over x_T is a
Gauss-Legendre rule with panels halved towards the starting points of the valleys.
"""

import math
from functools import lru_cache
from typing import ClassVar, NamedTuple, final

import numpy as np
from scipy.integrate import solve_ivp

from theory.density import Density
from theory.distance import quantile
from theory.family import Normal
from theory.law import Law, Params, Value
from theory.parameter import Array, line, positive
from theory.quadrature import nodes, sign_changes

WANG = "Wang and Vastola 2023, Diffusion Models Generate Images Like Painters (arXiv 2303.02490)"
SIGMA_T = 80.0
ROUNDING = 1e-13


class Components(NamedTuple):
    """A mixture of normals about its mean: weights, means and variances [k]."""

    weights: Array
    means: Array
    variances: Array

    @property
    def variance(self) -> float:
        return float(self.weights @ (self.variances + self.means**2))

    def shares(self, x: Array, square: float) -> Array:
        """Responsibilities [k, n] at x [n] under noise of variance ``square``."""
        width = (self.variances + square)[:, None]  # [k, 1]
        joint = (x - self.means[:, None]) ** 2 / (-2 * width)
        joint += np.log(self.weights)[:, None] - 0.5 * np.log(width)
        joint = np.exp(joint - joint.max(axis=0))
        return joint / joint.sum(axis=0)

    def denoise(self, x: Array, square: float) -> Array:
        """E[x_0 | x] [n]."""
        gain = self.variances / (self.variances + square)
        g = self.shares(x, square)
        return (self.means * (1 - gain)) @ g + (gain @ g) * x

    def score_and_change(self, x: Array, step: Array, square: float) -> tuple[Array, Array]:
        """score(x) [n] and score(x + step) - score(x) [n], which keeps its digits for any step."""
        precise = 1 / (self.variances + square)  # [k]
        g = self.shares(x, square)
        pull = (self.means[:, None] - x) * precise[:, None]  # [k, n]
        theta = (pull - (0.5 * precise)[:, None] * step) * step
        theta -= (g * theta).sum(axis=0)
        rise = np.expm1(np.clip(theta, -30, 30))
        total = (g * rise).sum(axis=0)
        change = g * (rise - total) / (1 + total)
        far = np.abs(theta).max(axis=0) > 1
        if far.any():
            change[:, far] = self.shares(x[far] + step[far], square) - g[:, far]
        return (g * pull).sum(axis=0), (change * pull).sum(axis=0) - step * (precise @ (g + change))


def components(p: Density) -> Components:
    """The components of a mixture of normals, about its mean; ValueError for other families."""
    if not all(isinstance(f, Normal) for f in p.families):
        raise ValueError(
            f"asked for the flow of {p}; got a part that is no normal; "
            "give a sum of normals, such as 0.5*normal(-2,0.5) + 0.5*normal(2,0.5)"
        )
    noised = p.under_noise(1.0)
    return Components(noised.weights, noised.means - p.mean, noised.deviations**2 - 1.0)


def valleys(p: Density) -> Array:
    """The bottoms between modes of p."""
    grid = p.edges(0.1)
    h = 1e-4 * math.sqrt(p.variance)
    slopes = sign_changes(lambda x: np.sign(p.pdf(x + h) - p.pdf(x - h)), grid)
    return np.array([x for x in slopes if p.pdf(x + 3 * h) > p.pdf(x) < p.pdf(x - 3 * h)])


def starts(p: Density, sigma_max: float) -> tuple[Array, Array]:
    """Starting points about the mean [n] and their probabilities [n], summing to 1."""
    top, ranks = p.under_noise(sigma_max), p.cdf(valleys(p))
    spread = math.sqrt(p.variance + sigma_max**2)
    edges = [spread * np.linspace(-8.5, 8.5, 35)]
    for bottom in quantile(top)(ranks) - p.mean if len(ranks) else []:
        side = spread * 0.5 ** np.arange(0, 16)
        edges += [bottom - side, np.array([bottom]), bottom + side]
    grid = np.unique(np.concatenate(edges))
    grid = grid[np.abs(grid) <= 8.5 * spread]
    x, w = nodes(grid[:-1], grid[1:])
    mass = (w * top.pdf(x + p.mean)).ravel()
    return x.ravel(), mass / mass.sum()


class Errors(NamedTuple):
    """Root mean squares of x~ - x at sigma and at 0."""

    state: float
    final: float


@lru_cache(maxsize=64)
def errors(p: Density, sigma: float, sigma_max: float) -> Errors:
    """The teleport's errors on p."""
    parts = components(p)
    if len(parts.weights) == 1:  # the closed form is the flow
        return Errors(0.0, 0.0)
    start, mass = starts(p, sigma_max)
    variance = parts.variance
    top = math.sqrt(variance + sigma_max**2)

    def early(s: float, e: Array) -> Array:  # s = log sigma; e = x~ - x
        square = math.exp(2 * s)
        closed = start * (math.sqrt(variance + square) / top)
        gap = variance / (variance + square) * closed - parts.denoise(closed - e, square)
        return e - gap

    span = (math.log(sigma_max), math.log(sigma))
    scale = math.sqrt(variance)
    first = solve_ivp(early, span, np.zeros_like(start), "DOP853", rtol=1e-10, atol=1e-15 * scale)
    e = first.y[:, -1]
    state = math.sqrt(float(mass @ e**2))
    n = len(start)

    def late(t: float, y: Array) -> Array:  # t = -sigma^2
        return 0.5 * np.concatenate(parts.score_and_change(y[:n], y[n:], -t))

    closed = start * (math.sqrt(variance + sigma**2) / top)
    begin = np.concatenate([closed - e, e])
    atol = np.concatenate([np.full(n, 1e-10 * scale), np.full(n, 1e-10 * state)])
    second = solve_ivp(late, (-(sigma**2), 0.0), begin, "DOP853", rtol=1e-9, atol=atol)
    final = second.y[n:, -1]
    return Errors(state, math.sqrt(float(mass @ final**2)))


def cumulants(p: Density) -> tuple[float, float, float]:
    """The second, third and fourth cumulant of p."""
    second, third, fourth = (p.moment(k, p.mean) for k in (2, 3, 4))
    return second, third, fourth - 3 * second**2


def leading(p: Density, sigma: float, sigma_max: float) -> float:
    """The root mean square of x~ - x at sigma, by its first two terms."""
    variance, third, fourth = cumulants(p)
    low, high = math.hypot(math.sqrt(variance), sigma), math.hypot(math.sqrt(variance), sigma_max)
    skew = third / (6 * low**2) * ((low / high) ** 3 - 1)
    bulge = fourth / (24 * low**3) * ((low / high) ** 4 - 1)
    return math.sqrt(2 * skew**2 + 6 * bulge**2)


def flips(p: Density, sigma: float, sigma_max: float) -> float:
    """The share of starting points that the teleport takes into another mode."""
    bottoms = valleys(p)
    if not len(bottoms):
        return 0.0
    ranks = p.cdf(bottoms)
    at = quantile(p.under_noise(sigma))(ranks) - p.mean
    ratio = math.sqrt((p.variance + sigma_max**2) / (p.variance + sigma**2))
    moved = float(np.abs(p.under_noise(sigma_max).cdf(p.mean + at * ratio) - ranks).sum())
    return moved if moved > ROUNDING else 0.0


@final
class Teleport(Law):
    """Share of the sample's variance reproduced; parameters p, sigma, sigma_max."""

    name = "painters.teleport"
    statement = "steps at noise above sigma can be replaced by the closed form"
    source = f"{WANG}; Wang and Vastola 2024 (arXiv 2412.09726)"
    unit = "1"
    parameters: ClassVar = {
        "p": line("law of the data, a sum of normals"),
        "sigma": positive("noise level that the teleport goes to"),
        "sigma_max": positive("noise level of the start", default=SIGMA_T),
    }
    example: ClassVar = {"p": "0.5*normal(-2,0.5)+0.5*normal(2,0.5)", "sigma": 5.0}

    def _read(self, params: Params) -> tuple[Density, float, float]:
        p, sigma, sigma_max = self.read(params)
        if sigma >= sigma_max:
            raise self.refuse(f"sigma={sigma} and sigma_max={sigma_max}", "give sigma below")
        try:
            components(p)
        except ValueError as error:
            raise self.refuse(f"p={params['p']!r}", "give a sum of normals") from error
        return p, sigma, sigma_max

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, sigma, sigma_max = self._read(params)
        return Value(1 - errors(p, sigma, sigma_max).final ** 2 / p.variance)

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return Value(1.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``state_error`` and ``final_error``, rms; ``leading``, the expansion of the first;
        ``relative_error``, the second by the data's standard deviation; ``flips``."""
        p, sigma, sigma_max = self._read(params)
        found = errors(p, sigma, sigma_max)
        units = "units of the data"
        return {
            "state_error": Value(found.state, unit=units),
            "final_error": Value(found.final, unit=units),
            "leading": Value(leading(p, sigma, sigma_max), unit=units),
            "relative_error": Value(found.final / math.sqrt(p.variance)),
            "flips": Value(flips(p, sigma, sigma_max)),
        }

    def void(self, params: Params) -> bool:
        """Never: it speaks of every law and every level."""
        self._read(params)
        return False
