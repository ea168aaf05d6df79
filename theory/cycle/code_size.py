"""The size of a code is the error of the model.

The encoder's step and the model's differ in x_0 alone, ``e_t - ehat`` being ``-sqrt(abar_t / (1 -
abar_t)) (x_0 - x0hat)``, so that for any network, data and eta (derived here)

    eps_t = xi_t + (c_t / sigma_t) (x_0 - x0hat(x_t)),      xi_t the encoder's own standard normal,
    c_t = sqrt(abar_{t-1}) - sqrt((1 - abar_{t-1} - sigma_t^2) abar_t / (1 - abar_t)),

c_t = sqrt(abar_{t-1}) beta_t / (1 - abar_t) at eta = 1. As xi_t is independent of x_0 and x_t,

    E |eps_t|^2 = d + (c_t / sigma_t)^2 E |x_0 - x0hat(x_t)|^2.                              (*)

1. *Never standard normal, whatever the model*: the error is above 0 for every model of
   data with spread, so that the mean square exceeds 1; as eta falls it grows as 1/eta^2, c_t
   tending to a limit above 0. Codes of size 10^3 at eta = .01 are the law and no fault.
2. *A worse model has larger codes*, by (*): the least are those of the exact score. With sigma_t^2
   = betatilde_t, ``(E |eps_t|^2 - d) / 2`` is the t-th term of the variational bound in nats, E
   KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)), since the two Gaussians share their covariance
   and differ by c_t (x_0 - x0hat) in the mean. **That the reconstruction is perfect costs exactly
   the bits that the model is wrong by.**

For Gaussian data of variance v and a model that believes in w the error is that of
``theory.cycle.reconstruction``. c_t is calculated as a quotient without a difference of roots.
"""

import math
from typing import Any, ClassVar, final

import numpy as np

from theory.cycle.encoder import WU, direction
from theory.cycle.reconstruction import denoising_error, spaced
from theory.law import Law, Params, Value
from theory.parameter import choice, integer, positive
from theory.schedule import SCHEDULES


def pull(before: float, after: float, eta: float) -> float:
    """``(c_t / sigma_t)^2`` from abar_{t-1} and abar_t, t > 1."""
    beta = 1 - after / before
    sigma2 = eta**2 * beta * (1 - before) / (1 - after)
    rest = math.sqrt((1 - before - sigma2) * after / (1 - after))
    c = (before * beta + sigma2 * after) / ((1 - after) * (math.sqrt(before) + rest))
    return c**2 / sigma2


@final
class CodeSize(Law):
    """E eps_t^2 a pixel; parameters schedule, steps, time, variance, model, eta."""

    name = "cycle.code_size"
    statement = "the codes of images are standard normal: E eps_t^2 = 1"
    source = f"{WU}, section 3: the latent code is Gaussian"
    unit = "1"
    parameters: ClassVar = {
        "schedule": choice("noise schedule", SCHEDULES, default="linear"),
        "steps": integer("steps T, spaced evenly over the schedule's 1000", least=2, default=1000),
        "time": integer("time step, counted from 0"),
        "variance": positive("variance v of a pixel"),
        "model": positive("variance w that the model believes in"),
        "eta": positive("noise of the sampler, 1 for DDPM"),
    }
    example: ClassVar = {"time": 100, "variance": 1.0, "model": 0.25, "eta": 0.1}

    def _read(self, params: Params) -> tuple[Any, ...]:
        schedule, steps, time, variance, model, eta = self.read(params)
        if time >= steps:
            raise self.refuse(f"time={time} of {steps} steps", "give 1 to steps - 1")
        abar = spaced(schedule, steps)
        direction(abar, eta)
        return float(abar[time]), float(abar[time + 1]), variance, model, eta

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        before, after, variance, model, eta = self._read(params)
        return Value(1 + pull(before, after, eta) * denoising_error(after, variance, model))

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return Value(1.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The size under the exact score, and half of what the error adds: the bound's term."""
        before, after, variance, model, eta = self._read(params)
        factor = pull(before, after, eta)
        least, error = (denoising_error(after, variance, w) for w in (variance, model))
        return {
            "exact_score": Value(1 + factor * least),
            "half_excess": Value(factor * error / 2, unit="nats"),
        }

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
