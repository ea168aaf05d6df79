"""Where the contraction of Theorem 4 is attained: two points of equal weight.

Data 1/2 at -1 and 1/2 at +1, so that p_t is two normals of standard deviation t, the exact score,
continuous time; the law at t_max is the right half of p_{t_max}, at total variation 1/2 from all of
it. The ODE on the line keeps the order of points and p_t is symmetric, so that it keeps signs:
without restarts everything ends in the right mode, W1 = 1 from the data as t_min tends to 0. A
restart moves a point at +-1 across with probability Q(1 / tau). So the difference of the weights of
the two modes is multiplied by ``1 - 2 Q(1 / tau) = 1 - lambda`` with B = 2, and

    weight error = 1/2 (1 - lambda)^K,    W1 = (1 - lambda)^K = B (1 - lambda)^K TV:

the bound with its constant.

*At t_min above 0* the law is computed, not approximated. Let r(x) be the odd part of a law's
density at t_min relative to p_{t_min}; r = 1 on x > 0 before the first restart. The ODE is the
monotone map G with F_min(G(y)) = F_max(y), F the distribution functions, and keeps ratios, so that

    r'(G(y)) = 1 / p_max(y) int_0^inf r(x) p_min(x) (phi_tau(y - x) - phi_tau(y + x)) dx,
    weight error = int_0^inf r p_min dx,    W1 = 2 int_0^inf x r p_min dx    (r >= 0),

the mean of r(x) tanh(x y / tau^2) over the posterior of |x| given y: one matrix on the nodes of a
Gauss-Legendre rule. p_{t_min} being in no ball, B = 2 is no diameter of it, and the bound with
B = 2 fails: in W1 from the first restart on, in the weights from the second where many points
cross. A point that has just crossed lies on the inner side of its mode and crosses back more
readily, so that weights mix more slowly than in the limit. ``margin`` widens B to ``2 + 2 margin
t_min``, each side by so many standard deviations.

*The SDE is one restart (derived here).* Run from the same law, it ends with r(x) = 2 Phi(x/tau) -
1, as it reverses the adding of noise. Its weight error is int_0^inf (2 Phi(x/tau) - 1) p_min dx =
E[sign x_min sign x_max] / 2, and that of one restart, int_0^inf E[sign x_min | x_max = y] p_max dy,
is the same number at every t_min: two conditional expectations of one pair. Theorem 3 gives the SDE
``1 - lambda e^{-U}`` instead; with t_min = 0.05, e^{-U} is 0 to any precision. L1 = max |t grad log
p_t| = |tanh(x/t^2) - x| / t over the ball.
"""

import math
from functools import lru_cache
from typing import ClassVar, final

import numpy as np
from scipy import special
from scipy.optimize import minimize_scalar

from theory.law import Law, Params, Value
from theory.parameter import Array, choice, integer, nonnegative, positive
from theory.restart.bound import PROCESSES, XU, Constants, bound

SQRT_2PI = math.sqrt(2 * math.pi)
PANEL = 12  # Gauss-Legendre nodes in a panel of one standard deviation


def normal(x: Array, width: float) -> Array:
    """The density of N(0, width^2)."""
    return np.exp(-0.5 * (x / width) ** 2) / (SQRT_2PI * width)


def density(x: Array, t: float) -> Array:
    """p_t at x [n]: two normals at -1 and +1."""
    return 0.5 * (normal(x - 1, t) + normal(x + 1, t))


def tail(x: Array, t: float) -> Array:
    """P(x_t > x) at x [n]."""
    return 0.5 * (special.ndtr((1 - x) / t) + special.ndtr((-1 - x) / t))


def positive_nodes(t: float) -> tuple[Array, Array]:
    """Nodes [n] and weights [n] over the part of x > 0 where p_t is above 1e-20 of its height."""
    width = min(t, 1.0)
    low, high = max(0.0, 1 - 9.5 * t), 1 + 9.5 * t
    x, w = np.polynomial.legendre.leggauss(PANEL)
    edges = np.linspace(low, high, max(8, math.ceil((high - low) / width)) + 1)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + x)).ravel(), (half * w).ravel()


def uphill(x: Array, t_min: float, t_max: float) -> Array:
    """y at t_max from which the ODE runs to x at t_min, for x > 0 [n]: equal tails of p_t."""
    wanted = tail(x, t_min)
    low, high = np.zeros_like(x), np.full_like(x, 1 + 12 * t_max)
    for _ in range(56):
        middle = 0.5 * (low + high)
        above = tail(middle, t_max) > wanted
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return 0.5 * (low + high)


@lru_cache(maxsize=32)
def transition(t_min: float, t_max: float) -> tuple[Array, Array, Array]:
    """Nodes x [n], their weights under p_min [n], and the matrix [n, n] that takes r to r'.

    A row is the posterior of x given y, over x and -x, times the difference of their shares,
    tanh(x y / tau^2); the normal densities are divided by the largest of each row.
    """
    square = (t_max - t_min) * (t_max + t_min)
    x, weights = positive_nodes(t_min)
    mass = weights * density(x, t_min)
    y = uphill(x, t_min, t_max)[:, None]
    near = -0.5 * (y - x) ** 2 / square  # [n, n]
    joint = np.exp(near - near.max(axis=1, keepdims=True)) * mass
    joint *= 1 + np.exp(-2 * x * y / square)
    return x, mass, joint / joint.sum(axis=1, keepdims=True) * np.tanh(x * y / square)


def odd_part(process: str, restarts: int, t_min: float, t_max: float) -> tuple[Array, Array, Array]:
    """Nodes [n], their weights under p_min [n], and r [n] at the end of a process."""
    x, mass, step = transition(t_min, t_max)
    if process == "sde":
        return x, mass, special.erf(x / math.sqrt(2 * (t_max - t_min) * (t_max + t_min)))
    r = np.ones_like(x)
    for _ in range(restarts if process == "restart" else 0):
        r = step @ r
    return x, mass, r


def largest_drift(radius: float, t_min: float, t_max: float) -> float:
    """L1, the largest |t grad log p_t(x)| over |x| <= radius and t in [t_min, t_max]."""

    def inner(t: float) -> float:  # the stationary point, where 1/cosh^2(x/t^2) = t^2
        x = t * t * math.acosh(1 / t)
        return (math.sqrt(1 - t * t) - x) / t if x <= radius else 0.0

    def edge(t: float) -> float:
        return abs(math.tanh(radius / t**2) - radius) / t

    found = minimize_scalar(lambda t: -edge(t), bounds=(t_min, t_max), method="bounded",
                            options={"xatol": 1e-9})  # fmt: skip
    sides = [edge(t_min), edge(t_max), float(-found.fun)]
    return max(sides + ([inner(t_min)] if t_min < 1 else []))


@final
class TwoPoints(Law):
    """W1 at t_min from one mode only; parameters t_min, t_max, process, restarts, margin."""

    name = "restart.two_points"
    statement = "W1 <= B (1 - lambda)^K TV, lambda = 2 Q(B / (2 tau)), without other errors"
    source = f"{XU}, Theorems 3 and 4"
    unit = "units of the data"
    parameters: ClassVar = {
        "t_min": positive("lower end of the interval"),
        "t_max": positive("upper end of the interval"),
        "process": choice("the sampler", PROCESSES, default="restart"),
        "restarts": integer("restarts K", least=0, default=1),
        "margin": nonnegative("standard deviations t_min around the points", default=0.0),
    }
    example: ClassVar = {
        "t_min": 0.05,
        "t_max": 1.0,
        "process": "restart",
        "restarts": 2,
        "margin": 4.0,
    }

    def _read(self, params: Params) -> tuple[str, int, float, float, float]:
        t_min, t_max, process, restarts, margin = self.read(params)
        if not 1e-3 <= t_min < t_max:
            fix = "give 0.001 <= t_min < t_max; below, take t_min = 0.001, the limit to 1e-6"
            raise self.refuse(f"t_min={t_min} and t_max={t_max}", fix)
        return process, restarts, t_min, t_max, margin

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        x, mass, r = odd_part(*self._read(params)[:-1])
        return Value(2 * float((x * r) @ mass))

    def printed(self, params: Params) -> Value | None:
        process, restarts, t_min, t_max, margin = self._read(params)
        diameter = 2 + 2 * margin * t_min
        l1 = largest_drift(diameter / 2, t_min, t_max)
        constants = Constants(diameter, 0.0, l1, 0.0, 0.0)
        return Value(bound(process, restarts, constants, 0.5, t_min, t_max))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``weight_error``, of a mode; ``weight_error_printed``, the bound on it, 1/2 of the
        printed factor; ``weight_error_sde``, that of the SDE."""
        process, restarts, t_min, t_max, margin = self._read(params)
        _, mass, r = odd_part(process, restarts, t_min, t_max)
        _, _, reversed_ = odd_part("sde", 0, t_min, t_max)
        printed = self.printed(params)
        assert printed is not None
        diameter = 2 + 2 * margin * t_min
        return {
            "weight_error": Value(float(r @ mass), unit="1"),
            "weight_error_sde": Value(float(reversed_ @ mass), unit="1"),
            "weight_error_printed": Value(printed.value / diameter, unit="1"),
        }

    def void(self, params: Params) -> bool:
        """Where the bound is no less than the error of the ODE, which no restart has touched."""
        process, _, t_min, t_max, margin = self._read(params)
        printed = self.printed(params)
        assert printed is not None
        without = bound("ode", 0, Constants(2 + 2 * margin * t_min, 0, 0, 0, 0), 0.5, t_min, t_max)
        return process != "ode" and printed.value >= without
