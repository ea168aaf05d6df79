"""ODE, SDE and Restart with real steps, at equal calls of the network, on the line.

Data N(0, s^2); ``t s_theta = -t x / (s^2 + t^2) + eps`` with a number eps; at t_max the law is
N(e, s^2 + t_max^2), off by e. Every step is linear in x, so that the law stays normal and its mean
and variance follow exactly, without a draw:

    ODE step     x <- f x + h eps                       factors of ``theory.restart.discretisation``
    SDE step     x <- (1 - (t^2 - u^2)/v_t^2) x + (t^2 - u^2)/t eps + N(0, t^2 - u^2)
    restart      x <- x + N(0, tau^2), then ODE steps again on the same noise levels

``solver`` theorem: equal steps, the score frozen and t integrated exactly, one call a step, as in
Theorems 3 and 4; edm: Heun steps, two calls each, on the noise levels of Karras et al. (ODE and
Restart), and for the SDE the Euler-Maruyama step above on them, one call. ``calls`` is a budget:
each of the K + 1 passes of Restart takes the whole steps that its part pays for.

W1 between normals on the line, offset m and standard deviations differing by w, is the mean of a
folded normal, ``E |m + w Z|``. *contracted* is W1 to the same process started from the right
law, |e| times the product of all factors; *additional* is W1 from there to p_{t_min}.

*Printed* is Theorem 3 or 4 whole, for ``theorem`` steps, on the ball of ``reach`` standard
deviations of p_{t_max}, a proxy; None for others, and where |e| is beyond that ball. ``void`` where
it is no less than the diameter. Restart's ``gain_over_sde`` and ``gain_over_ode`` are log-ratios of
W1 at equal calls, and ``additional_gain_over_sde`` and ``ode_additional_gain_over_sde`` those of
the additional parts.

*The steps of the SDE (derived here).* On a Gaussian its error in law is of order delta, not
sqrt(delta) as in Theorem 3: its frozen score makes the variance wrong by O(delta^2) a step, and
the noise itself is exact. The sqrt(delta) is the price of comparing paths.
"""

import math
from typing import ClassVar, NamedTuple, final

import numpy as np
from scipy import special

from theory.law import Law, Params, Value
from theory.parameter import choice, integer, nonnegative, positive, real
from theory.restart.biased_score import lipschitz
from theory.restart.bound import PROCESSES, XU, Constants, bound
from theory.restart.contraction import shifted_total_variation
from theory.restart.discretisation import gradient, step_factors, time_lipschitz
from theory.restart.grid import levels

CALLS_PER_STEP = {"theorem": 1, "edm": 2}


class Setting(NamedTuple):
    """Data N(0, s^2), interval, solver, calls in all, restarts, and the errors e and eps."""

    spread: float
    t_min: float
    t_max: float
    solver: str
    calls: int
    restarts: int
    error: float
    score_error: float

    def steps(self, process: str) -> int:
        """Whole steps of each pass, 0 where the budget does not pay for one."""
        if process == "sde":
            return self.calls
        passes = self.restarts + 1 if process == "restart" else 1
        return self.calls // (passes * CALLS_PER_STEP[self.solver])


def folded(offset: float, width: float) -> float:
    """E |offset + width Z|, W1 of two normals."""
    width = abs(width)
    if width == 0:
        return abs(offset)
    ratio = offset / width
    bump = width * math.sqrt(2 / math.pi) * math.exp(-0.5 * ratio**2)
    return bump + offset * float(special.erf(ratio / math.sqrt(2)))


def moments(process: str, s: Setting) -> tuple[float, float, float]:
    """Mean and variance at t_min, and the factor on an error at t_max."""
    grid = "uniform" if s.solver == "theorem" else "edm"
    times = levels(grid, s.steps(process) + 1, s.t_min, s.t_max)
    t, u = times[:-1], times[1:]
    squares = (t - u) * (t + u)  # t^2 - u^2
    if process == "sde":
        factors = 1 - squares / (s.spread**2 + t**2)
        pushes, noises = squares / t, squares
    else:
        solver = "theorem" if s.solver == "theorem" else "heun"
        factors, noises = step_factors(solver, times, s.spread), np.zeros_like(t)
        pushes = squares / (2 * t)
        if solver == "heun":
            pushes = (t - u) * (1 - (t - u) * np.asarray(gradient(u, s.spread)) / 2)
    mean, variance, factor = s.error, s.spread**2 + s.t_max**2, 1.0
    for again in range(s.restarts + 1 if process == "restart" else 1):
        if again:
            variance += (s.t_max - s.t_min) * (s.t_max + s.t_min)
        for f, push, noise in zip(factors, pushes, noises):
            mean = f * mean + push * s.score_error
            variance = f * f * variance + noise
            factor *= f
    return float(mean), float(variance), float(factor)


def errors(process: str, s: Setting) -> tuple[float, float, float]:
    """W1 from the data's p_{t_min}: in all, the contracted and the additional part."""
    mean, variance, factor = moments(process, s)
    width = math.sqrt(variance) - math.hypot(s.spread, s.t_min)
    carried = factor * s.error
    return folded(mean, width), abs(carried), folded(mean - carried, width)


@final
class Sampler(Law):
    """W1 at t_min; parameters spread, t_min, t_max, process, solver, calls, restarts, error,
    score_error, reach."""

    name = "restart.sampler"
    statement = "at equal calls Restart ends nearer than SDE and ODE; Theorems 3 and 4 bound all"
    source = f"{XU}, Theorems 3 and 4, sections 3 and 4"
    unit = "units of the data"
    parameters: ClassVar = {
        "spread": positive("standard deviation s of the data"),
        "t_min": positive("lower end of the interval"),
        "t_max": positive("upper end of the interval"),
        "process": choice("the sampler", PROCESSES, default="restart"),
        "solver": choice("the steps", tuple(CALLS_PER_STEP), default="edm"),
        "calls": integer("calls of the network"),
        "restarts": integer("restarts K", least=0, default=1),
        "error": real("error of the mean at t_max", default=1.0),
        "score_error": real("error of t times the score", default=0.0),
        "reach": nonnegative("standard deviations that the ball holds", default=4.0),
    }
    example: ClassVar = {
        "spread": 1.0,
        "t_min": 0.05,
        "t_max": 1.0,
        "process": "restart",
        "solver": "theorem",
        "calls": 60,
        "restarts": 2,
        "error": 1.0,
    }

    def _read(self, params: Params) -> tuple[str, Setting, float]:
        spread, t_min, t_max, process, solver, calls, restarts, error, score_error, reach = (
            self.read(params)
        )
        if t_min >= t_max:
            raise self.refuse(f"t_min={t_min} and t_max={t_max}", "give t_min below t_max")
        setting = Setting(spread, t_min, t_max, solver, calls, restarts, error, score_error)
        if not setting.steps(process):
            got = f"{calls} calls for {restarts} restarts with {solver} steps"
            raise self.refuse(got, "give a call, or two with edm, for each pass")
        return process, setting, reach

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        process, setting, _ = self._read(params)
        return Value(errors(process, setting)[0])

    def _constants(self, process: str, s: Setting, reach: float) -> Constants:
        radius = reach * math.hypot(s.spread, s.t_max)
        l2, eps = lipschitz(s.spread, s.t_min, s.t_max), abs(s.score_error)
        l0 = radius * time_lipschitz(s.spread, s.t_min, s.t_max)
        delta = (s.t_max - s.t_min) / s.steps(process)
        return Constants(2 * radius, l0, l2 * radius + eps, l2, eps, delta)

    def printed(self, params: Params) -> Value | None:
        process, s, reach = self._read(params)
        if s.solver != "theorem":
            return None
        variation = shifted_total_variation(abs(s.error) / math.hypot(s.spread, s.t_max))
        constants = self._constants(process, s, reach)
        found = bound(process, s.restarts, constants, variation, s.t_min, s.t_max)
        inside = abs(s.error) <= constants.diameter / 2
        return Value(found) if math.isfinite(found) and inside else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``contracted`` and ``additional``; for Restart also ``ode`` and ``sde``, W1 at as many
        calls, their additional parts, and the log-ratios of them."""
        process, setting, _ = self._read(params)
        total, contracted, additional = errors(process, setting)
        found = {"contracted": Value(contracted), "additional": Value(additional)}
        if process == "restart":
            for other in ("ode", "sde"):
                if setting.steps(other):
                    rival, _, added = errors(other, setting)
                    found[other] = Value(rival)
                    found[f"{other}_additional"] = Value(added)
                    found[f"gain_over_{other}"] = Value(math.log(rival / total), unit="nats")
            gain = math.log(found["sde_additional"].value / additional)
            found["additional_gain_over_sde"] = Value(gain, unit="nats")
            if "ode_additional" in found:
                gain = math.log(found["sde_additional"].value / found["ode_additional"].value)
                found["ode_additional_gain_over_sde"] = Value(gain, unit="nats")
        return found

    def void(self, params: Params) -> bool:
        process, setting, reach = self._read(params)
        printed = self.printed(params)
        return printed is None or printed.value >= self._constants(process, setting, reach).diameter
