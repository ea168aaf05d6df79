"""When a feature is decided: the noise level at which the foreseen endpoint is half-way.

For a Gaussian feature of variance lambda, ``x^_0 - mu = sqrt(lambda / (lambda + sigma^2)) (x_0 -
mu)`` along every trajectory (``theory.painters.trajectory``), whence the level

    sigma_half = sqrt(3 lambda):                                                      (printed)

features of larger variance are decided earlier, "outline first, details later".

*Beyond Gaussians (derived here).* On the line the ODE keeps ranks, so that x_sigma is the quantile
of p_sigma at the rank u of x_0, and ``exact`` is the largest sigma at which E[x_0 | x_sigma] - mu
is half of x_0 - mu: for each law and rank, by root finding. By scaling, sigma_half = sqrt(lambda)
f(shape, u), so that among features of one shape and rank the order is that of the variances;
between shapes it is not. Two points +-1, at the rank of one standard deviation: x^_0 = tanh(x /
sigma^2) is half of 1 at x = 0.549 sigma^2, and x_sigma is there when sigma = 2.04 (nearly
sqrt(1 + sigma^2), which would give 2.03), above sqrt(3) = 1.73: a Gaussian feature needs 1.39
times the variance of a bimodal one to be decided before it. Near the middle rank it is the other
way round: which mode a point joins is decided late. ``order`` holds two features against each
other.
"""

import math
from typing import ClassVar, final

import numpy as np
from scipy.optimize import brentq

from theory.density import Density
from theory.distance import quantile
from theory.law import Law, Params, Value
from theory.painters.teleport import WANG
from theory.parameter import Array, inside, line

FARTHEST = 1e3  # noise levels searched, in standard deviations of the feature


def at_rank(p: Density, rank: float, sigma: float) -> float:
    """x_sigma on the trajectory of this rank; x_0 at sigma = 0."""
    upper = rank > 0.5
    tail = np.array([1 - rank if upper else rank])
    return float(quantile(p.noised(sigma), upper)(tail)[0])


def foreseen(p: Density, x: float, sigma: float) -> float:
    """E[x_0 | x_sigma = x], by Tweedie's formula about x."""
    value, slope, _ = p.under_noise(sigma).derivatives(np.array([x]))
    return x + sigma**2 * float((slope / value)[0])


def half_way(p: Density, rank: float) -> float:
    """The largest sigma at which the endpoint foreseen is half its final value.

    Raises ValueError for atoms, where x_0 is no function of the rank, and for the rank of the mean.
    """
    if p.atoms:
        raise ValueError(f"asked for a trajectory of {p}; got atoms; give them a small width")
    scale, centre = math.sqrt(p.variance), p.mean
    goal = 0.5 * (at_rank(p, rank, 0.0) - centre)
    if abs(goal) < 1e-9 * scale:
        raise ValueError(
            f"asked for half of x_0 at rank {rank}; got the mean of {p}; give another rank"
        )

    def missing(log_sigma: float) -> float:
        sigma = scale * math.exp(log_sigma)
        return (foreseen(p, at_rank(p, rank, sigma), sigma) - centre) / goal - 1

    grid: Array = np.linspace(math.log(FARTHEST), math.log(1e-3), 70)
    before = grid[0]
    for here in grid[1:]:
        if missing(here) > 0:
            return scale * math.exp(float(brentq(missing, here, before, xtol=1e-13, rtol=1e-13)))
        before = here
    raise ValueError(f"asked for half of x_0 at rank {rank}; got none down to 1e-3; give another p")


FEATURE = {
    "p": line("law of the feature"),
    "rank": inside("rank of the trajectory, P(X <= x_0)", 0, 1, default=0.8413447460685429),
}


@final
class HalfWay(Law):
    """The noise level at which a feature is half decided; parameters p, rank."""

    name = "painters.half_way"
    statement = "the endpoint reaches half its final value at sigma = sqrt(3 lambda)"
    source = f"{WANG}, the order in which features emerge"
    unit = "units of the data"
    parameters = FEATURE
    example: ClassVar = {"p": "normal(0,2)"}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        p, rank = self.read(params)
        return Value(half_way(p, rank))

    def printed(self, params: Params) -> Value | None:
        p, _ = self.read(params)
        return Value(math.sqrt(3 * p.variance))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``reached``: by what share of its final value the endpoint is known at the printed
        level, 1/2 for a Gaussian feature."""
        p, rank = self.read(params)
        sigma = math.sqrt(3 * p.variance)
        seen = foreseen(p, at_rank(p, rank, sigma), sigma) - p.mean
        return {"reached": Value(seen / (at_rank(p, rank, 0.0) - p.mean), unit="1")}

    def void(self, params: Params) -> bool:
        self.read(params)
        return False


@final
class Order(Law):
    """How much earlier one feature is decided than another; parameters p, other, rank."""

    name = "painters.order"
    statement = "of two features that of the larger variance is decided earlier"
    source = f"{WANG}, outline first, details later"
    unit = "1"
    parameters: ClassVar = {**FEATURE, "other": line("law of the other feature")}
    example: ClassVar = {"p": "normal(0,2)", "other": "normal(0,1)"}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        """sigma_half of p by that of the other: above 1 where p is decided earlier."""
        p, rank, other = self.read(params)
        return Value(half_way(p, rank) / half_way(other, rank))

    def printed(self, params: Params) -> Value | None:
        p, _, other = self.read(params)
        return Value(math.sqrt(p.variance / other.variance))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``lead``: log(exact), signed so that above 0 the larger variance is the earlier."""
        p, _, other = self.read(params)
        sign = 1.0 if p.variance >= other.variance else -1.0
        return {"lead": Value(sign * math.log(self.exact(params).value), unit="nats")}

    def void(self, params: Params) -> bool:
        """Where the variances agree to rounding, the paper gives no order."""
        p, _, other = self.read(params)
        return math.isclose(p.variance, other.variance, rel_tol=1e-12)
