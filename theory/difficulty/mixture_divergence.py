"""The relative entropy of neighbouring time steps of a mixture on the line, by quadrature.

For ``p_0 = sum_k w_k N(mu_k, lambda_k)`` the noised law is the mixture of ``N(sqrt(abar_t) mu_k,
V_{t,k})``, V_{t,k} = 1 + abar_t (lambda_k - 1), and ``D_t = KL(p_{t-1} || p_t)`` has no closed
form. As both densities integrate to 1, for u = log(p_{t-1} / p_t),

    D_t = int p_t (e^u u - e^u + 1) dx = int p_t e^u (u + e^-u - 1) dx,

whose integrand is nowhere negative: nothing cancels in the sum. Nor in u, which is

    u(x) = log(1 + sum_k g_k(x) (e^{a_k(x)} - 1)),

g_k(x) the responsibilities under p_t and a_k the difference of the component's two log-densities,
taken from the gaps of its mean and variance and not from two logarithms. So D_t has its digits
where it is 1e-12 nats and p_{t-1} and p_t agree in the first six. What does cancel is the sum over
k where all noised components have become one normal; where that leaves fewer than nine digits it is
refused.

*What it shows.* The paper's statement, D_t <= D_{t-1}, is not saved by scaling the data to mean 0
and variance 1, where the normal of the same moments has D_t = 0 at every step: two modes at +-m of
variance 1 - m^2 have their peak where the noise is as wide as a mode, at t = 42 of 1000 (linear) or
85 (cosine) for m = 0.99, near 100 or 200 for m = 0.9. At a constant beta the statement holds, as it
does for every law (``theory.difficulty.divergence``).
"""

from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from scipy import special

from theory.difficulty.divergence import KIM, SCHEDULE, fall, noising
from theory.law import Law, Params, Value
from theory.parameter import integer, same_dimension, vector, weights
from theory.quadrature import integrate

Array = npt.NDArray[np.float64]

EPSILON = float(np.finfo(float).eps)
RELATIVE = 1e-9  # what rounding may change of D
MARKS = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0, 14.0])  # standard deviations


def _relative_entropy_density(u: Array) -> Array:
    """``e^u u - e^u + 1`` >= 0, with its digits near u = 0."""
    near = np.abs(u) < 1e-2
    small = np.where(near, u, 0.0)
    series = np.zeros_like(small)
    for k in range(11, 1, -1):  # e^u u - e^u + 1 = sum_k u^k (k - 1) / k!
        series = (k - 1) / float(special.factorial(k)) + small * series
    large = np.where(near, 0.0, u)
    return np.where(near, small**2 * series, np.exp(large) * (large - 1) + 1)


def mixture_divergence(
    schedule: str, steps: int, t: int, weight: Array, means: Array, variances: Array
) -> float:
    """D_t in nats for a mixture on the line; weight, means, variances [k], 1 <= t <= steps."""
    left, added = noising(schedule, steps)
    before, now = left[t - 1], left[t]
    lost = before * added[t - 1]  # abar_{t-1} - abar_t
    m, v = np.sqrt(now) * means, 1 + now * (variances - 1)  # [k]
    dm = lost / (np.sqrt(before) + np.sqrt(now)) * means  # of the means, earlier less later
    dv = lost * (variances - 1)  # of the variances

    def log_ratio(x: Array) -> tuple[Array, Array, Array]:
        """log p_t, u and what rounding may leave in u, each [n]."""
        offset = x[:, None] - m  # [n, k]
        joint = np.log(weight) - 0.5 * (np.log(2 * np.pi * v) + offset**2 / v)
        log_p = special.logsumexp(joint, axis=1)  # [n]
        # log N(x; m + dm, v + dv) - log N(x; m, v), in terms of the gaps
        change = (offset**2 * dv + dm * (2 * offset - dm) * v) / (2 * v * (v + dv))
        change -= 0.5 * np.log1p(dv / v)
        parts = np.exp(joint - log_p[:, None]) * np.expm1(change)
        return log_p, np.log1p(parts.sum(axis=1)), EPSILON * np.abs(parts).sum(axis=1)

    def integrand(x: Array) -> Array:
        log_p, u, _ = log_ratio(x)
        return np.exp(log_p) * _relative_entropy_density(u)

    spread = np.sqrt(v)[:, None] * MARKS
    edges = np.unique(np.concatenate([m[:, None] - spread, m[:, None] + spread]))
    log_p, u, error = log_ratio(edges)
    rough = float(np.trapezoid(integrand(edges), edges))
    doubt = float(np.trapezoid(np.exp(log_p) * np.abs(u) * error, edges))
    if doubt > RELATIVE * rough:
        raise ValueError(
            f"asked for the divergence at step {t} of the schedule {schedule}; got {rough:.1e} "
            "nats, of which rounding leaves too few digits; give an earlier step"
        )
    return integrate(integrand, edges, tolerance=1e-13 * rough)


@final
class MixtureDivergence(Law):
    """D_t of a mixture on the line against D_{t-1}, which it is said not to exceed."""

    name = "difficulty.mixture_divergence"
    statement = "KL(p_{t-1} || p_t) <= KL(p_{t-2} || p_{t-1}) for a mixture of normals"
    source = f"{KIM}, its observation on relative entropy"
    unit = "nats"
    parameters: ClassVar = {
        "weights": weights("weights of the components"),
        "means": vector("means of the components"),
        "variances": vector("variances of the components", above=0),
        "t": integer("time step"),
        "schedule": SCHEDULE,
        "steps": integer("number of time steps", 2, default=1000),
    }
    example: ClassVar = {
        "weights": [0.5, 0.5],
        "means": [-0.9, 0.9],
        "variances": [0.19, 0.19],
        "t": 300,
        "schedule": "linear",
    }

    def _read(self, params: Params) -> tuple[str, int, int, Array, Array, Array]:
        weight, means, variances, t, schedule, steps = self.read(params)
        same_dimension(self.name, weights=weight, means=means, variances=variances)
        if t > steps:
            raise self.refuse(f"t={t} of {steps} steps", "give a time step of the schedule")
        return schedule, steps, t, weight, means, variances

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(mixture_divergence(*self._read(params)))

    def printed(self, params: Params) -> Value | None:
        """D_{t-1}; None for t = 1, which nothing comes before."""
        schedule, steps, t, *data = self._read(params)
        return Value(mixture_divergence(schedule, steps, t - 1, *data)) if t > 1 else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``fall``: the share by which D falls in this step."""
        schedule, steps, t, *data = self._read(params)
        if t == 1:
            return {}
        before, now = (mixture_divergence(schedule, steps, at, *data) for at in (t - 1, t))
        return {"fall": Value(fall(now, before), unit="1")}

    def void(self, params: Params) -> bool:
        """At t = 1, which nothing comes before."""
        return self._read(params)[2] == 1
