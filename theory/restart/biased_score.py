"""The whole error of ODE, SDE and Restart on Gaussian data with a score that is off by a constant.

Data N(0, s^2 I) on R^d, continuous time, ``t s_theta(x, t) = -t x / (s^2 + t^2) + eps``, eps a
vector; the law at t_max is shifted by a vector e. Notation of ``theory.restart.contraction``. A
pass from t_max to t_min adds to the mean

    ODE   c eps,      c = v_min (asinh(t_max/s) - asinh(t_min/s))
    SDE   c_sde eps,  c_sde = 2 v_min^2 / s (atan(t_max/s) - atan(t_min/s)).

Proof. Along the ODE d(x/v)/dt = -eps/v, and the integral of 1/v is asinh(t/s); along the SDE
d(mean/v^2)/dt = -2 eps/v^2.  [] So after K restarts the mean is off by

    e_K = a^{K+1} e + c eps (1 - a^{K+1}) / (1 - a) = b + a^{K+1} (e - b),    b = c eps / (1 - a),

and W1 = |e_K|, as the two laws are translates. The *contracted* part falls as a^{K+1}, the
*additional* part saturates at b: a restart does not only add an error, it contracts those of the
restarts before it. The printed additional part grows as (K+1) e^{(K+1) L2 Delta} without end.

*When more restarts hurt (derived here).* |e_K|^2 is a parabola in q = a^{K+1}, which falls to 0 as
K grows; its vertex is at ``q* = <b, b - e> / |b - e|^2``. The error rises again for large K iff
q* > 0, that is, iff

    <b, e> < |b|^2,

the error that comes in, along the direction of the bias, is below the bias. There is a sweet spot
inside iff moreover q* < a (to the rounding of K), else no restart at all is best. So in one
dimension a bias of the sign of e and smaller than it has no sweet spot: the more restarts the
better. A small bias of the opposite sign has one, as the two cancel on the way, and so has a small
bias at a right angle to e.
``over_best`` is the error after K restarts less the least one after at most K; it is exactly 0
where none of fewer restarts does better.

*Printed* is Theorem 3 or 4 with delta = 0, on the ball of ``reach`` standard deviations of
p_{t_max} in each of d directions, ``B = 2 reach v_max sqrt(d)``; L2 = max t / (s^2 + t^2), L1 = L2
B / 2 + |eps|. The ball is a proxy, Gaussians being in none; ``printed`` is None where not even the
centre of the shifted law is in it, |e| > B / 2. ``void`` where the bound is no less than B, which
is true of any two laws in the ball. ``score_term``, for the SDE, is its additional part as printed,
exceeded by the true one wherever data are wide (s above about 1.5 t_max), and
``score_term_corrected`` the same with the factor 2 that the drift of the SDE has.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.parameter import Array, choice, integer, positive, same_dimension, vector
from theory.restart.bound import PROCESSES, SCORE_FACTOR, XU, Constants, added, bound
from theory.restart.contraction import (
    factor,
    pass_factor,
    shifted_total_variation,
    shrinkage,
    widths,
)


def ode_displacement(spread: float, t_min: float, t_max: float) -> float:
    """c, what a constant error of t s_theta moves in one pass of the ODE."""
    low, _ = widths(spread, t_min, t_max)
    return low * (math.asinh(t_max / spread) - math.asinh(t_min / spread))


def sde_displacement(spread: float, t_min: float, t_max: float) -> float:
    """c_sde, the same along the SDE."""
    low, _ = widths(spread, t_min, t_max)
    angle = math.atan2(spread * (t_max - t_min), spread**2 + t_min * t_max)
    return 2 * low**2 / spread * angle


def lipschitz(spread: float, t_min: float, t_max: float) -> float:
    """L2 = max over [t_min, t_max] of t / (s^2 + t^2)."""
    at = min(max(spread, t_min), t_max)
    return at / (spread**2 + at**2)


def additional(process: str, restarts: int, spread: float, t_min: float, t_max: float) -> float:
    """What a unit of eps moves the mean by, over the whole process."""
    if process == "sde":
        return sde_displacement(spread, t_min, t_max)
    less = shrinkage(spread, t_min, t_max)  # 1 - a
    passes = restarts + 1 if process == "restart" else 1
    once = ode_displacement(spread, t_min, t_max)
    return once * -math.expm1(passes * math.log1p(-less)) / less


def mean_error(
    process: str,
    restarts: int,
    spread: float,
    t_min: float,
    t_max: float,
    error: Array,
    score_error: Array,
) -> Array:
    """The error of the mean at t_min [d]."""
    a = pass_factor(spread, t_min, t_max)
    moved = additional(process, restarts, spread, t_min, t_max)
    return factor(process, restarts, a) * error + moved * score_error


@final
class BiasedScore(Law):
    """W1 at t_min; parameters spread, t_min, t_max, process, restarts, error, score_error,
    reach."""

    name = "restart.biased_score"
    statement = "W1 <= B (1 - lambda)^K TV + e^{(K+1) L2 Delta} (K+1) eps Delta"
    source = f"{XU}, Theorems 3 and 4"
    unit = "units of the data"
    parameters: ClassVar = {
        "spread": positive("standard deviation s of the data"),
        "t_min": positive("lower end of the interval"),
        "t_max": positive("upper end of the interval"),
        "process": choice("the sampler", PROCESSES, default="restart"),
        "restarts": integer("restarts K", least=0, default=1),
        "error": vector("error of the mean at t_max"),
        "score_error": vector("error of t times the score", default=[0.0]),
        "reach": positive("standard deviations that the ball holds", default=4.0),
    }
    example: ClassVar = {
        "spread": 1.0,
        "t_min": 0.05,
        "t_max": 1.0,
        "process": "restart",
        "restarts": 2,
        "error": [1.0],
        "score_error": [0.02],
        "reach": 4.0,
    }

    def _read(self, params: Params) -> tuple[str, int, float, float, float, Array, Array, float]:
        spread, t_min, t_max, process, restarts, error, score_error, reach = self.read(params)
        if t_min >= t_max:
            raise self.refuse(f"t_min={t_min} and t_max={t_max}", "give t_min below t_max")
        if score_error.size == 1 and not score_error.any():
            score_error = np.zeros_like(error)
        same_dimension(self.name, error=error, score_error=score_error)
        if not (error.any() or score_error.any()):
            raise self.refuse("no error at all", "give an error or a score_error that is not 0")
        return process, restarts, spread, t_min, t_max, error, score_error, reach

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(float(np.linalg.norm(mean_error(*self._read(params)[:-1]))))

    def _constants(self, params: Params) -> Constants:
        _, _, spread, t_min, t_max, error, score_error, reach = self._read(params)
        diameter = 2 * reach * math.hypot(spread, t_max) * math.sqrt(len(error))
        size, l2 = float(np.linalg.norm(score_error)), lipschitz(spread, t_min, t_max)
        return Constants(diameter, 0.0, l2 * diameter / 2 + size, l2, size)

    def printed(self, params: Params) -> Value | None:
        process, restarts, spread, t_min, t_max, error, _, _ = self._read(params)
        constants, size = self._constants(params), float(np.linalg.norm(error))
        variation = shifted_total_variation(size / math.hypot(spread, t_max))
        found = bound(process, restarts, constants, variation, t_min, t_max)
        inside = size <= constants.diameter / 2
        return Value(found) if math.isfinite(found) and inside else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``contracted`` and ``additional``, the two parts; ``limit``, |b|; ``over_best``;
        ``score_term`` and ``score_term_corrected``, the bound on the additional part."""
        process, restarts, spread, t_min, t_max, error, score_error, _ = self._read(params)
        a = pass_factor(spread, t_min, t_max)
        size = float(np.linalg.norm(score_error))
        printed = added(process, restarts, self._constants(params), t_min, t_max)
        found = {
            "contracted": Value(factor(process, restarts, a) * float(np.linalg.norm(error))),
            "additional": Value(additional(process, restarts, spread, t_min, t_max) * size),
        }
        if math.isfinite(printed):
            found["score_term"] = Value(printed)
            found["score_term_corrected"] = Value(SCORE_FACTOR[process] * printed)
        if process == "restart":
            errors = [
                float(np.linalg.norm(mean_error(process, k, *self._read(params)[2:-1])))
                for k in range(restarts + 1)
            ]
            found["over_best"] = Value(errors[-1] - min(errors))
            once = ode_displacement(spread, t_min, t_max) * size
            found["limit"] = Value(once / shrinkage(spread, t_min, t_max))
        return found

    def void(self, params: Params) -> bool:
        printed = self.printed(params)
        return printed is None or printed.value >= self._constants(params).diameter
