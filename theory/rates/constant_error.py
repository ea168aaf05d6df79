"""A constant error of the score: Girsanov's bound grows with T, the error of the samples does not.

Data N(mu, v), estimated score ``s_t + epsilon`` at every time and place, epsilon constant: the
score of no forward process. The sampler starts from p_T itself. Girsanov's theorem bounds the SDE's
output:

    KL(p_0 || output) <= int_0^T epsilon^2 dt = epsilon^2 T.                               (printed)

*Exact, derived here.* Both samplers are linear, so that the output is a shifted p_0, KL = shift^2 /
(2 v). With V_t = 1 + (v - 1) e^{-2t},

    SDE: a disturbance at time t reaches the output times ``v e^-t / V_t``: the reverse drift is
         ``(1 - 2/V_t) y`` and ``int_0^t 2/V = log((e^{2t} + v - 1) / v)``; so
         shift = epsilon int_0^T 2 v e^-t / V_t dt  = 2 epsilon (1 - e^-T)        for v = 1;
    ODE: it reaches the output times ``sqrt(v / V_t)``, so
         shift = epsilon int_0^T sqrt(v / V_t) dt   = epsilon T                   for v = 1.

The SDE forgets: its shift stays below ``2 epsilon v int e^-t / V_t dt``, finite as T grows, while
the bound is void of information in the end. The ODE does not forget, its entropy grows as T^2, and
epsilon^2 T, applied to it, is false from T = 2 on (v = 1): Girsanov's theorem compares two
diffusions with the same noise, and says nothing of an ODE.

*What the bound loses, exactly.* For an error epsilon(t) the SDE's shift is the inner product of
epsilon(t) with ``2 v e^-t / V_t``, whose square has the integral ``2 v`` over all times (with w =
e^{-2t} it is ``2 v^2 int_0^1 dw / (1 + (v - 1) w)^2``). So KL <= int epsilon^2 is Cauchy-Schwarz,
and the ratio of the two sides is the squared cosine between epsilon(t) and ``e^-t / V_t``, which
is the score error of a shifted p_0: consistent errors, and only those, attain it.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.parameter import choice, positive, real
from theory.rates.path_identity import CHEN

SAMPLERS = ("sde", "ode")


def arc(c: float, u: float) -> float:
    """``int_0^u dx / (1 + c x^2)`` for c u^2 > -1: ``atan(sqrt(c) u) / sqrt(c)`` for c > 0."""
    if c == 0:
        return u
    root = math.sqrt(abs(c))
    return (math.atan(root * u) if c > 0 else math.atanh(root * u)) / root


def sde_shift(variance: float, horizon: float) -> float:
    """The shift of the SDE's output for epsilon = 1.

    ``2 v int_{e^-T}^1 du / (1 + (v - 1) u^2)`` with u = e^-t.
    """
    u = math.exp(-horizon)
    return 2 * variance * (arc(variance - 1, 1.0) - arc(variance - 1, u))


def ode_shift(variance: float, horizon: float) -> float:
    """The shift of the ODE's output for epsilon = 1: ``sqrt(v) int_0^T dt / sqrt(V_t)``.

    With ``e^{2t} V_t = e^{2t} + v - 1`` it is ``sqrt(v) log((e^T + sqrt(e^{2T} + v - 1)) /
    (1 + sqrt(v)))``.
    """
    marginal = 1 + (variance - 1) * math.exp(-2 * horizon)
    growth = horizon + math.log1p(math.sqrt(marginal)) - math.log1p(math.sqrt(variance))
    return math.sqrt(variance) * growth


@final
class ConstantError(Law):
    """KL of the output under a constant score error against epsilon^2 T."""

    name = "rates.constant_error"
    statement = "a constant score error epsilon costs at most epsilon^2 T (SDE)"
    source = f"{CHEN}, section 5, Girsanov's theorem, for a constant error"
    unit = "nats"
    parameters: ClassVar = {
        "epsilon": real("error of the score"),
        "horizon": positive("time T"),
        "sampler": choice("which sampler", SAMPLERS, default="sde"),
        "variance": positive("variance v of the data", default=1.0),
    }
    example: ClassVar = {"epsilon": 0.1, "horizon": 3.0}

    def _read(self, params: Params) -> tuple[float, float, str, float]:
        epsilon, horizon, sampler, variance = self.read(params)
        if epsilon == 0:
            raise self.refuse("epsilon=0, which costs nothing", "give an error other than 0")
        return epsilon, horizon, sampler, variance

    def _shift(self, params: Params) -> float:
        epsilon, horizon, sampler, variance = self._read(params)
        unit = sde_shift if sampler == "sde" else ode_shift
        return epsilon * unit(variance, horizon)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        variance = self._read(params)[3]
        return Value(self._shift(params) ** 2 / (2 * variance))

    def printed(self, params: Params) -> Value | None:
        """None for the ODE, of which Girsanov's theorem does not speak."""
        epsilon, horizon, sampler, _ = self._read(params)
        return Value(epsilon**2 * horizon) if sampler == "sde" else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``shift`` of the mean; ``girsanov``: epsilon^2 T, whatever the sampler."""
        epsilon, horizon, _, _ = self._read(params)
        return {
            "shift": Value(self._shift(params), unit="units of the line"),
            "girsanov": Value(epsilon**2 * horizon),
        }
