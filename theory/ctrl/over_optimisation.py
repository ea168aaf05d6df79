"""Over-optimisation: the reward that is learned rises with gamma, the true one need not.

CTRL (Zhao et al. 2025) raises ``E[gamma log p^(y|x)] - KL`` with a learned classifier p^. In the
Gaussian setting let the classifier be biased, ``p^(y|x) = N(y + delta; x, tau^2)``, and write
a = y - mu and ``q = gamma v / (tau^2 + gamma v)`` for the share of the control in the mean drawn, q
rising from 0 to 1 with gamma. The soft optimum has the mean ``mu + q (a + delta)`` and the variance
``v (1 - q)``, so that

    learned  E log p^(y|x) = const - ((1 - q)^2 (a + delta)^2 + v (1 - q)) / (2 tau^2)
    true     E log p(y|x)  = const - ((a - q (a + delta))^2 + v (1 - q)) / (2 tau^2).

*Derived here.* The learned reward rises with gamma without end, towards its maximum at the single
point y + delta: the variance 1/(1/v + gamma/tau^2) is spent. The true reward has its maximum at

    q* = (2 a (a + delta) + v) / (2 (a + delta)^2),      gamma* = tau^2 q* / (v (1 - q*))

if q* < 1, that is ``2 delta (a + delta) > v``: the bias exceeds half the prior variance over the
way a + delta that is asked for. Beyond gamma* more control is worse by the true classifier. Where
``2 delta (a + delta) <= v`` the true reward, too, rises for ever. For q* <= 0 no control at all is
best. Proof: the true reward is a parabola in q, and q rises with gamma.

That the reward rises says nothing of the law drawn: whatever delta, gamma = 1 with delta = 0 is
the conditional, and ``from_conditional`` is KL(pi^ || p(x|y)), which grows like log(gamma)/2.
"""

import math
from dataclasses import replace
from typing import ClassVar, final

import numpy as np

from theory.ctrl.guided_law import CTRL
from theory.ctrl.optimal_value import reward
from theory.ctrl.tilt import GAUSSIAN, Tilt
from theory.gaussian import excess
from theory.law import Law, Params, Value
from theory.parameter import real


def best_power(tilt: Tilt, shift: float) -> float | None:
    """gamma* at which the true reward is highest for a classifier in error by ``shift``.

    None where it rises for ever; 0 where it falls from the start. The power of ``tilt`` is ignored.
    """
    v, a = tilt.prior_variance, tilt.y - tilt.prior_mean
    asked = a + shift
    if 2 * shift * asked <= v:
        return None
    q = max(0.0, (2 * a * asked + v) / (2 * asked**2))
    return tilt.noise_variance * q / (v * (1 - q))


@final
class OverOptimisation(Law):
    """The true reward of what is drawn, against what the learned classifier says it is."""

    name = "ctrl.over_optimisation"
    statement = "the learned log-likelihood that the objective raises is the true one, E log p(y|x)"
    source = f"{CTRL}, its objective with a learned classifier; the Gaussian form derived here"
    unit = "nats"
    parameters: ClassVar = {**GAUSSIAN, "shift": real("bias of the learned classifier, delta")}
    example: ClassVar = {"gamma": 1.0, "y": 1.5, "noise_variance": 0.5, "shift": 0.5}

    def _read(self, params: Params) -> tuple[Tilt, Tilt, float]:
        """The true setting, the learned one, and the shift."""
        *gaussian, shift = self.read(params)
        tilt = Tilt(*gaussian)
        return tilt, replace(tilt, y=tilt.y + shift), shift

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        true, learned, _ = self._read(params)
        return Value(reward(true, learned.mean, learned.variance))

    def printed(self, params: Params) -> Value | None:
        _, learned, _ = self._read(params)
        return Value(reward(learned, learned.mean, learned.variance))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``variance`` drawn, ``from_conditional``, and ``best_power`` where there is one."""
        true, learned, shift = self._read(params)
        conditional = replace(true, gamma=1.0)
        spread = float(excess(np.array(learned.variance / conditional.variance)))
        miss = (learned.mean - conditional.mean) ** 2 / conditional.variance
        found = {
            "variance": Value(learned.variance, unit="units of the line, squared"),
            "from_conditional": Value(0.5 * math.fsum((spread, miss))),
        }
        best = best_power(true, shift)
        return found if best is None else {**found, "best_power": Value(best, unit="1")}
