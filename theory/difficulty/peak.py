"""The hardest time step, and how far the order of the steps is that of their difficulty.

By the paper's second measure, ``D_t = KL(p_{t-1} || p_t)``, the hardest step is the first:

    argmax_t D_t = 1.                                                                    (claimed)

Exact values are from the closed form of ``theory.difficulty.divergence``. Beside the peak stand the
number of steps at which D rises, how many of these come after the peak, and Kendall's rank
correlation of t and D_t, which is -1 where D falls at every step, 1 where it rises at every step.

*What decides it.* ``D_t = 1/2 delta_t^2 I_t`` to leading order, a product of the squared length
of the step, which the schedule sets and which grows with t, and of a rate I_t that falls with t. Of
one direction of variance lambda well below 1, D_t is as ``(beta_t / (lambda + 1 - abar_t))^2``, and
with beta_t = beta_1 + b (t - 1) the derivative of its logarithm is 0 where

    1 - abar_t = lambda - beta_1^2 / b:

the direction peaks when the noise is as large as it, less the variance of
``theory.difficulty.first_fall``, below which it falls from the first step on. For a direction of
variance 1 with a mean, I falls as abar alone, and the peak is where ``beta_t^2 abar_t`` is largest:
``beta_t^2 = 2 b``, beta_t = 0.0063 and t = 313 for the linear schedule in 1000 steps.

At a constant beta the peak is at t = 1 for all data (data processing): a test of the schedule, not
of the data. N(0, I) has no peak and is refused.
"""

from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from scipy import stats

from theory.difficulty.divergence import KIM, SCHEDULE, divergences
from theory.law import Law, Params, Value
from theory.parameter import integer, same_dimension, vector

Array = npt.NDArray[np.float64]

ROUNDING = 1e-9  # relative; a smaller change is no rise


def rises(found: Array) -> npt.NDArray[np.bool_]:
    """At which t = 2 .. T the divergence rises [T - 1], from D_1 .. D_T [T]."""
    return found[1:] > found[:-1] * (1 + ROUNDING)


def rank_correlation(found: Array) -> float:
    """Kendall's rank correlation of t and D_t, from D_1 .. D_T [T]."""
    return float(stats.kendalltau(np.arange(len(found)), found).statistic)


@final
class Peak(Law):
    """The time step at which D_t is largest, against the first."""

    name = "difficulty.peak"
    statement = "argmax_t KL(p_{t-1} || p_t) = 1: the hardest time step is the first"
    source = f"{KIM}, its observation on relative entropy"
    unit = "time step"
    parameters: ClassVar = {
        "variances": vector("variances of the data", above=0),
        "means": vector("means of the data"),
        "schedule": SCHEDULE,
        "steps": integer("number of time steps", 2, default=1000),
    }
    example: ClassVar = {"variances": [1.0], "means": [3.0], "schedule": "linear"}

    def _found(self, params: Params) -> Array:
        variances, means, schedule, steps = self.read(params)
        same_dimension(self.name, variances=variances, means=means)
        found = divergences(schedule, steps, variances, means)
        if not found.any():
            raise self.refuse(
                "standard normal data, whose time steps are all alike",
                "give data with a mean, or with a variance other than 1",
            )
        return found

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(float(self._found(params).argmax() + 1))

    def printed(self, params: Params) -> Value | None:
        """The first time step."""
        self._found(params)
        return Value(1.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``rises``: steps at which D rises; ``rises_after``: those after the peak; ``kendall``."""
        found = self._found(params)
        risen = rises(found)
        return {
            "rises": Value(float(risen.sum()), unit="time steps"),
            "rises_after": Value(float(risen[found.argmax() :].sum()), unit="time steps"),
            "kendall": Value(rank_correlation(found), unit="1"),
        }
