"""How fine detail must be for the difficulty of its direction to fall from the first step on.

One direction of variance lambda about mean 0, D_t = KL(p_{t-1} || p_t). If D_t falls with t, as the
paper says, then D_2 <= D_1. *Derived here*, exactly:

    D_2 < D_1    iff    lambda < lambda* = 1 - a / ((1 - beta_1) (a + beta_1 beta_2)),

with a = (1 - beta_1) beta_2 - beta_1 > 0; where a <= 0 the second step is short enough for every
variance other than 1.

Proof. With u_t = V_{t-1}/V_t - 1 = abar_{t-1} beta_t (lambda - 1) / V_t, D_t = (u_t - log(1 + u_t))
/ 2 rises with |u_t| on either side of 0, and u_t has the sign of lambda - 1. So D_2 < D_1 iff ``(1
- beta_1) beta_2 / V_2 < beta_1 / V_1``. Write c = 1 - lambda: V_1 = 1 - (1 - beta_1) c and V_2 =
V_1 + (1 - beta_1) beta_2 c. Hence iff ``a V_1 < beta_1 (1 - beta_1) beta_2 c``, which is linear in
c: ``a < c (1 - beta_1) (a + beta_1 beta_2)``. For a > 0 this is lambda < lambda*. A direction with
lambda > 1 has c < 0: it falls at once only if a <= 0.

To leading order ``lambda* = beta_1^2 / (beta_2 - beta_1)``: 5.0e-4 for the linear schedule in 1000
steps, 3.5e-4 for the cosine one. So the paper's statement speaks of data that have finer detail
than that, as 8-bit images in [-1, 1] do (their rounding alone has variance (2/255)^2 / 12 =
5.1e-6), and not of data without it, such as latents of unit variance.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.difficulty.divergence import KIM, SCHEDULE, divergences, noising
from theory.law import Law, Params, Value
from theory.parameter import integer, positive


def falling_variance(schedule: str, steps: int = 1000) -> float:
    """lambda*: below it D_2 < D_1. Infinite where D falls at once for every variance.

    Negative where it does for none.
    """
    _, added = noising(schedule, steps)
    first, second = float(added[0]), float(added[1])
    a = second - first - first * second
    if a <= 0:
        return math.inf
    return 1 - a / ((1 - first) * (a + first * second))


@final
class FirstFall(Law):
    """D_2 / D_1 of one direction, which is said not to exceed 1, against the variance."""

    name = "difficulty.first_fall"
    statement = "D_2 <= D_1 for every direction; sharper: exactly where its variance is below l*"
    source = f"{KIM}, its observation on relative entropy at the first step"
    unit = "1"
    parameters: ClassVar = {
        "variance": positive("variance of the direction"),
        "schedule": SCHEDULE,
        "steps": integer("number of time steps", 2, default=1000),
    }
    example: ClassVar = {"variance": 1e-3, "schedule": "linear"}

    def _read(self, params: Params) -> tuple[float, str, int]:
        variance, schedule, steps = self.read(params)
        if variance == 1:
            raise self.refuse(
                "variance=1, at which D is 0 at every step and has no ratio", "give another one"
            )
        return variance, schedule, steps

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        variance, schedule, steps = self._read(params)
        found = divergences(schedule, steps, np.array([variance]), np.zeros(1))
        return Value(float(found[1] / found[0]))

    def printed(self, params: Params) -> Value | None:
        """1: the second step is said to be no harder than the first."""
        self._read(params)
        return Value(1.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``threshold``: lambda*; ``rule``: variance / lambda*, below 1 where D falls.

        Neither where lambda* is infinite or negative.
        """
        variance, schedule, steps = self._read(params)
        threshold = falling_variance(schedule, steps)
        if not 0 < threshold < math.inf:
            return {}
        return {"threshold": Value(threshold), "rule": Value(variance / threshold)}
