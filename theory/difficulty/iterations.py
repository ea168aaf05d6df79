"""How many iterations a linear denoiser takes at one time step: how slow slow is, and at what.

Setting of ``theory.difficulty.condition_number``: W x_t predicts a target from centred data with
covariance diag(lambda), gradient descent from W = 0 with the step 1/L, L = max V. The optimum is
diagonal, w* = E[target x_t] / V, and the loss above its minimum after n iterations

    E_n = sum_i V_i w*_i^2 (1 - V_i / L)^(2n),

    V w*^2 = (1 - abar) / V                              for the noise eps,
             abar lambda^2 / V                           for the data x_0,
             abar (1 - abar) (1 - lambda)^2 / V          for v = sqrt(abar) eps - sqrt(1-abar) x_0.

n_t is the smallest n with E_n <= tolerance times E_0 (relative) or <= tolerance (absolute). The
paper observes that n_t falls with t:

    n_t <= n_{t-1}.                                                                      (claimed)

*What is proved.* kappa_t falls, and for n large ``E_n ~ (1 - 1/kappa_t)^(2n)``. n_t itself depends
on the weights V w*^2 as well: for the noise they are largest where V is smallest, in the slowest
directions; for the data they are smallest there, so that the same denoiser, in another
parameterisation, takes 1/4 of the iterations at small t (image-like spectrum: 10,595 against 2,323
at t = 1). And under an absolute tolerance the first steps may count as done at once, since E_0 is
small where there is little noise to predict. Where all weights are 0 (the velocity of N(0, I))
there is nothing to learn, and n = 0.

The initial loss is for W = 0, no mean, full-batch gradients: no statement about deep networks, only
about where the paper's observation can come from.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.difficulty.divergence import KIM, SCHEDULE, noising
from theory.law import Law, Params, Value
from theory.parameter import choice, inside, integer, vector

Array = npt.NDArray[np.float64]

PREDICTIONS = ("noise", "data", "velocity")
ERRORS = ("relative", "absolute")


def excess_weights(prediction: str, left: float, variances: Array) -> Array:
    """V w*^2 [d], what each direction adds to the loss at W = 0; left: abar; variances [d]."""
    noised = 1 + left * (variances - 1)
    squared = {
        "noise": np.full_like(variances, 1 - left),
        "data": left * variances**2,
        "velocity": left * (1 - left) * (1 - variances) ** 2,
    }[prediction]
    return squared / noised


def iterations(prediction: str, left: float, variances: Array, goal: float) -> int:
    """The smallest n with E_n <= goal > 0; left: abar; variances [d]."""
    weights = excess_weights(prediction, left, variances)
    noised = 1 + left * (variances - 1)
    slow = noised < noised.max()  # the other directions are done after one iteration
    rates = 2 * np.log1p(-noised[slow] / noised.max())

    def done(n: int) -> bool:
        start = float(weights[~slow].sum()) if n == 0 else 0.0
        return start + float((weights[slow] * np.exp(n * rates)).sum()) <= goal

    if done(0):
        return 0
    low, high = 0, 1
    while not done(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if done(middle) else (middle, high)
    return high


@final
class Iterations(Law):
    """n_t against n_{t-1}, which it is said not to exceed."""

    name = "difficulty.iterations"
    statement = "n_t <= n_{t-1}: gradient descent takes more iterations at small t"
    source = f"{KIM}, its observation on convergence, for a linear denoiser"
    unit = "iterations"
    parameters: ClassVar = {
        "variances": vector("variances of the data", above=0),
        "t": integer("time step"),
        "schedule": SCHEDULE,
        "prediction": choice("what is predicted", PREDICTIONS, default="noise"),
        "error": choice("whether the tolerance is of the first loss", ERRORS, default="relative"),
        "tolerance": inside("loss above its minimum at which it is done", 0, 1, default=1e-3),
        "steps": integer("number of time steps", 2, default=1000),
    }
    example: ClassVar = {"variances": [4.0, 0.01], "t": 100, "schedule": "linear"}

    def _counts(self, params: Params) -> tuple[int, int | None]:
        """n_t and n_{t-1}; None for t = 1, before which no noise is added."""
        variances, t, schedule, prediction, error, tolerance, steps = self.read(params)
        if t > steps:
            raise self.refuse(f"t={t} of {steps} steps", "give a time step of the schedule")
        left, _ = noising(schedule, steps)

        def count(at: int) -> int:
            start = float(excess_weights(prediction, left[at], variances).sum())
            goal = tolerance * (start if error == "relative" else 1.0)
            return iterations(prediction, left[at], variances, goal)

        return count(t), count(t - 1) if t > 1 else None

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(float(self._counts(params)[0]))

    def printed(self, params: Params) -> Value | None:
        """n_{t-1}; None for t = 1."""
        before = self._counts(params)[1]
        return None if before is None else Value(float(before))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``slowest``: iterations after which the slowest direction alone is at the tolerance."""
        variances, t, schedule, _, _, tolerance, steps = self.read(params)
        self._counts(params)
        noised = 1 + noising(schedule, steps)[0][t] * (variances - 1)
        ratio = float(noised.min() / noised.max())
        slowest = math.log(tolerance) / (2 * math.log1p(-ratio)) if ratio < 1 else 0.0
        return {"slowest": Value(slowest)}
