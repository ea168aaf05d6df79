"""What the steps of a solver cost: the ODE on N(0, s^2), from one starting point.

The ODE dx/dt = t x / (s^2 + t^2) takes x at t_max to ``x v_min / v_max``. One step from t to u < t
multiplies x by

    theorem   1 - (t^2 - u^2) / (2 v_t^2)                       v_t^2 = s^2 + t^2
    euler     1 - (t - u) g(t),                                 g(t) = t / v_t^2
    heun      1 - (t - u) (g(t) + g(u) (1 - (t - u) g(t))) / 2

``theorem`` is the step of the proofs, which integrates t exactly and freezes the score. The error
of the product has order 1, 1 and 2 in the number of steps; ``order`` is log2 of the error with N
steps by that with 2 N.

*Printed* (Theorem 3, ODE, a right score and start): ``e^{L2 Delta} delta (L2 L1 + L0) Delta`` for
equal steps delta of the kind ``theorem``. The ball has the radius of the start, as x only shrinks;
so L1 = L2 |x|, L0 = |x| max |s^2 - t^2| / (s^2 + t^2)^2. For other steps the theorem says nothing
and ``printed`` is None. ``void`` where the bound is no less than the diameter 2 |x|.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.parameter import Array, choice, integer, positive
from theory.restart.biased_score import lipschitz
from theory.restart.bound import XU, Constants, added
from theory.restart.grid import GRIDS, levels

SOLVERS = ("theorem", "euler", "heun")
ORDERS = {"theorem": 1.0, "euler": 1.0, "heun": 2.0}


def gradient(t: Array | float, spread: float) -> Array | float:
    """g(t) = t / (s^2 + t^2), the Lipschitz constant of t score at t."""
    return t / (spread**2 + t**2)


def time_lipschitz(spread: float, t_min: float, t_max: float) -> float:
    """max over [t_min, t_max] of |d/dt g(t)|, L0 for |x| = 1."""
    inside = [t for t in (math.sqrt(3) * spread,) if t_min < t < t_max]
    return max(abs(spread**2 - t**2) / (spread**2 + t**2) ** 2 for t in (t_min, t_max, *inside))


def step_factors(solver: str, times: Array, spread: float) -> Array:
    """By what each step multiplies x [n - 1], on falling noise levels [n]."""
    t, u = times[:-1], times[1:]
    if solver == "theorem":
        return 1 - (t - u) * (t + u) / (2 * (spread**2 + t**2))
    slope = np.asarray(gradient(t, spread))
    euler = 1 - (t - u) * slope
    if solver == "euler":
        return euler
    return 1 - (t - u) * (slope + gradient(u, spread) * euler) / 2


@final
class Discretisation(Law):
    """|error| at t_min; parameters spread, t_min, t_max, start, solver, grid, steps."""

    name = "restart.discretisation"
    statement = "|x_theta - x| <= e^{L2 Delta} delta (L2 L1 + L0) Delta for the ODE"
    source = f"{XU}, Theorem 3"
    unit = "units of the data"
    parameters: ClassVar = {
        "spread": positive("standard deviation s of the data"),
        "t_min": positive("last noise level"),
        "t_max": positive("first noise level"),
        "start": positive("x at t_max"),
        "solver": choice("the step", SOLVERS),
        "grid": choice("the noise levels", GRIDS, default="edm"),
        "steps": integer("steps"),
    }
    example: ClassVar = {
        "spread": 1.0,
        "t_min": 0.05,
        "t_max": 1.0,
        "start": 1.0,
        "solver": "theorem",
        "grid": "uniform",
        "steps": 16,
    }

    def _read(self, params: Params) -> tuple[float, float, float, float, str, str, int]:
        spread, t_min, t_max, start, solver, grid, steps = self.read(params)
        if t_min >= t_max:
            raise self.refuse(f"t_min={t_min} and t_max={t_max}", "give t_min below t_max")
        return spread, t_min, t_max, start, solver, grid, steps

    def _error(self, params: Params, times: int = 1) -> float:
        spread, t_min, t_max, start, solver, grid, steps = self._read(params)
        factors = step_factors(solver, levels(grid, times * steps + 1, t_min, t_max), spread)
        right = math.hypot(spread, t_min) / math.hypot(spread, t_max)
        return start * abs(float(np.prod(factors)) - right)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(self._error(params))

    def printed(self, params: Params) -> Value | None:
        spread, t_min, t_max, start, solver, grid, steps = self._read(params)
        if (solver, grid) != ("theorem", "uniform"):
            return None
        l2 = lipschitz(spread, t_min, t_max)
        l0 = start * time_lipschitz(spread, t_min, t_max)
        constants = Constants(2 * start, l0, l2 * start, l2, 0.0, (t_max - t_min) / steps)
        found = added("ode", 0, constants, t_min, t_max)
        return Value(found) if math.isfinite(found) else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``order``, measured between N and 2 N steps, and ``declared_order``."""
        order = math.log2(self._error(params) / self._error(params, 2))
        solver = self._read(params)[4]
        return {
            "order": Value(order, unit="1"),
            "declared_order": Value(ORDERS[solver], unit="1"),
        }

    def void(self, params: Params) -> bool:
        printed = self.printed(params)
        return printed is None or printed.value >= 2 * self._read(params)[3]
