"""The relative entropy of neighbouring time steps: what it is, and when it falls with t.

The paper's second measure of difficulty is ``D_t = KL(p_{t-1} || p_t)``, which it finds to be
larger at small t. As a statement about every data law, at every step,

    D_t <= D_{t-1},    t = 2 .. T.                                                       (claimed)

*Exact.* For N(mu, diag(lambda)), with V_t = 1 + abar_t (lambda - 1), m_t = sqrt(abar_t) mu and
``u_i = V_{t-1,i} / V_{t,i} - 1 = abar_{t-1} beta_t (lambda_i - 1) / V_{t,i}``,

    D_t = 1/2 sum_i (u_i - log(1 + u_i)) + 1/2 sum_i (m_{t-1,i} - m_{t,i})^2 / V_{t,i}.

The gaps are taken from beta_t and not from differences, so that D_t keeps its digits where it is
1e-12 nats, and is exactly 0 for N(0, I).

*Where the claim holds, derived here.* With one beta at all steps it holds for every data law,
normal or not. Proof: p_{t+1} is p_t, and p_t is p_{t-1}, sent through the same kernel; no kernel
raises a relative entropy, so ``KL(p_t || p_{t+1}) <= KL(p_{t-1} || p_t)``. What makes D_t rise in t
is that the steps become longer, not that the task becomes harder: with delta_t = -1/2 log(1 -
beta_t) the length of the step in the time of dx = -x dt + sqrt(2) dW,

    D_t = 1/2 delta_t^2 I_t + O(delta_t^3),    I_t = E (d/dt log p_t(x_t))^2,         (second order)

and for a normal ``I = sum_i 2 (abar (lambda_i - 1) / V_i)^2 + abar mu_i^2 / V_i``, every term of
which rises with abar, so falls with time (both ``abar / V`` and ``abar |lambda - 1| / V`` have
derivatives ``1 / V^2`` and ``|lambda - 1| / V^2`` in abar). The linear schedule has a beta that
grows 200 times; the fall of I_t outweighs this only where directions far below unit variance
dominate.

*Where it fails.* N(0, I) is left as it is by the noise: D_t = 0 at every step, and there is no
order (void). For N(3, 1) the peak is at t = 313 of 1000 (linear) and 999 (cosine), for N(0, 4) at
318 and 703. For an image-like spectrum, lambda_i ~ i^-2 in 64 directions with mean variance 1/4, it
is at 16 and 33, and D_t falls from there on. ``theory.difficulty.first_fall`` gives the variance
below which a direction falls from the first step.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.law import Law, Params, Value
from theory.parameter import choice, integer, same_dimension, vector
from theory.schedule import SCHEDULES, alpha_bar, beta
from theory.surplus import surplus

Array = npt.NDArray[np.float64]

KIM = "Kim et al. 2025, Denoising Task Difficulty-based Curriculum (arXiv 2403.10348)"
KNOWN = (*SCHEDULES, "constant")
SCHEDULE = choice("noise schedule; constant: one beta, with the linear schedule's end", KNOWN)


def noising(schedule: str, steps: int) -> tuple[Array, Array]:
    """abar_0 .. abar_T [steps + 1] and beta_1 .. beta_T [steps]."""
    if schedule != "constant":
        return alpha_bar(schedule, steps), beta(schedule, steps)
    logarithm = float(np.log1p(-beta("linear", steps)).mean())
    return np.exp(logarithm * np.arange(steps + 1)), np.full(steps, -math.expm1(logarithm))


def divergences(schedule: str, steps: int, variances: Array, means: Array) -> Array:
    """D_1 .. D_T in nats [steps] for N(means, diag(variances)), both [d]."""
    left, added = noising(schedule, steps)
    noised = 1 + left[1:, None] * (variances - 1)  # [T, d]
    lost = left[:-1] * added  # abar_{t-1} - abar_t
    gap = lost[:, None] * (variances - 1) / noised  # [T, d]
    roots = np.sqrt(left)
    shift = (lost / (roots[:-1] + roots[1:]))[:, None] * means  # [T, d]
    return 0.5 * surplus(gap).sum(axis=1) + 0.5 * (shift**2 / noised).sum(axis=1)


def second_order(schedule: str, steps: int, variances: Array, means: Array) -> Array:
    """``1/2 delta_t^2 I`` at the end of each step in nats [steps]; variances, means [d]."""
    left, added = noising(schedule, steps)
    noised = 1 + left[1:, None] * (variances - 1)  # [T, d]
    spread = left[1:, None] * (variances - 1) / noised
    information = (2 * spread**2 + left[1:, None] * means**2 / noised).sum(axis=1)
    return 0.125 * np.log1p(-added) ** 2 * information


def fall(now: float, before: float) -> float:
    """The share ``1 - D_t / D_{t-1}`` by which D falls; 0 where both are 0."""
    return float((before - now) / before) if before > 0 else 0.0


@final
class Divergence(Law):
    """D_t of normal data against D_{t-1}, which it is said not to exceed."""

    name = "difficulty.divergence"
    statement = "KL(p_{t-1} || p_t) <= KL(p_{t-2} || p_{t-1}): the difficulty falls with t"
    source = f"{KIM}, its observation on relative entropy"
    unit = "nats"
    parameters: ClassVar = {
        "variances": vector("variances of the data", above=0),
        "means": vector("means of the data"),
        "t": integer("time step"),
        "schedule": SCHEDULE,
        "steps": integer("number of time steps", 2, default=1000),
    }
    example: ClassVar = {
        "variances": [4.0, 1.0, 0.01],
        "means": [1.0, 0.0, 0.0],
        "t": 100,
        "schedule": "linear",
    }

    def _read(self, params: Params) -> tuple[Array, int, tuple[str, int, Array, Array]]:
        variances, means, t, schedule, steps = self.read(params)
        same_dimension(self.name, variances=variances, means=means)
        if t > steps:
            raise self.refuse(f"t={t} of {steps} steps", "give a time step of the schedule")
        given = schedule, steps, variances, means
        return divergences(*given), t, given

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        found, t, _ = self._read(params)
        return Value(float(found[t - 1]))

    def printed(self, params: Params) -> Value | None:
        """D_{t-1}; None for t = 1, which nothing comes before."""
        found, t, _ = self._read(params)
        return Value(float(found[t - 2])) if t > 1 else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``fall``: the share by which D falls here; ``second_order``: D for short steps."""
        found, t, given = self._read(params)
        values = {"second_order": Value(float(second_order(*given)[t - 1]))}
        if t > 1:
            values["fall"] = Value(fall(found[t - 1], found[t - 2]), unit="1")
        return values

    def void(self, params: Params) -> bool:
        """At t = 1, and for N(0, I), whose time steps are all alike."""
        found, t, _ = self._read(params)
        return t == 1 or not found.any()
