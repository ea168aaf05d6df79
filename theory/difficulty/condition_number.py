"""The condition number of a linear denoiser's loss: why small noise trains slowly.

A linear prediction W x_t of the noise (or of the data, or of any mixture of the two), trained alone
at time t on centred data with covariance diag(lambda), has the Hessian ``E[x_t x_t'] = diag(V_t)``,
V_t = 1 + abar_t (lambda - 1). Gradient descent with the step 1/max V contracts the error in its
slowest direction by ``1 - 1/kappa_t`` an iteration, with the best constant step by ``(kappa -
1)/(kappa + 1)``:

    kappa_t = max V_t / min V_t,           kappa_t <= kappa_{t-1}.                        (claimed)

This is the paper's first observation, that models of small t converge more slowly, in the one model
where it can be proved. *Proof, derived here.* With a = abar_t, M and m the largest and the smallest
variance of the data, ``kappa(a) = (1 + a (M - 1)) / (1 + a (m - 1))`` and

    d kappa / d a = (M - m) / (1 + a (m - 1))^2 >= 0,

while abar falls with t. So kappa_t falls strictly with t for every schedule and every covariance
that is not a multiple of I, from kappa_0 = M/m to 1; for a multiple of I it is 1 at every t, and
there is no order of difficulty (void). Unlike the relative entropy it does not depend on the length
of the steps, and unlike it is no different for directions above unit variance.

At small noise, ``1 - abar`` between m and M, ``kappa_t = M / (1 - abar_t)`` to leading order: the
signal-to-noise ratio of the widest direction.
"""

from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.difficulty.divergence import KIM, SCHEDULE, noising
from theory.law import Law, Params, Value
from theory.parameter import integer, vector

Array = npt.NDArray[np.float64]


def condition_numbers(schedule: str, steps: int, variances: Array) -> Array:
    """kappa_0 .. kappa_T [steps + 1] for data of the variances [d]."""
    left, _ = noising(schedule, steps)
    return (1 + left * (variances.max() - 1)) / (1 + left * (variances.min() - 1))


@final
class ConditionNumber(Law):
    """kappa_t against kappa_{t-1}, which it is said not to exceed."""

    name = "difficulty.condition_number"
    statement = "kappa_t <= kappa_{t-1}: at small t a denoiser converges more slowly"
    source = f"{KIM}, its observation on convergence, for a linear denoiser"
    unit = "1"
    parameters: ClassVar = {
        "variances": vector("variances of the data", above=0),
        "t": integer("time step"),
        "schedule": SCHEDULE,
        "steps": integer("number of time steps", 2, default=1000),
    }
    example: ClassVar = {"variances": [4.0, 0.01], "t": 100, "schedule": "linear"}

    def _found(self, params: Params) -> tuple[Array, int]:
        variances, t, schedule, steps = self.read(params)
        if t > steps:
            raise self.refuse(f"t={t} of {steps} steps", "give a time step of the schedule")
        return condition_numbers(schedule, steps, variances), t

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        found, t = self._found(params)
        return Value(float(found[t]))

    def printed(self, params: Params) -> Value | None:
        """kappa_{t-1}, at t = 1 that of the data."""
        found, t = self._found(params)
        return Value(float(found[t - 1]))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``rate``: what an iteration with the step 1/max V leaves of the slowest error."""
        found, t = self._found(params)
        return {"rate": Value(float(1 - 1 / found[t]))}

    def void(self, params: Params) -> bool:
        """For data with one variance in all directions, whose time steps are all alike."""
        variances = self.read(params)[0]
        self._found(params)
        return bool(variances.min() == variances.max())
