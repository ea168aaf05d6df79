"""The noise level of a variance-preserving time step, in units of the data.

A variance-preserving X_t = sqrt(1 - sigma_t^2) X_0 + sigma_t Z, sigma_t^2 = 1 - abar_t, divided by
sqrt(1 - sigma_t^2), is X_0 + sigma Z with

    sigma = sigma_t / sqrt(1 - sigma_t^2) = sqrt(1 / abar_t - 1):                        (printed)

the same experiment, so that every law of one carries over to the other. Stable Diffusion XL (Podell
et al. 2023, arXiv 2307.01952), which Daras, Dimakis and Daskalakis (2024) finetune at t_n = 100,
has the schedule "scaled linear": sqrt(beta_t) even from sqrt(0.00085) to sqrt(0.012) in 1000
steps, t = 0 .. 999, abar_t = prod_{s <= t} (1 - beta_s).

``exact`` sums logarithms, -log abar_t = -sum log1p(-beta_s) and sigma = sqrt(expm1(-log abar_t)),
without the cancellation of 1 - abar_t at small t; ``printed`` goes through sigma_t.

*In closed form, derived here.* With a = sqrt(beta_0), d the step of sqrt(beta) and n = t + 1 terms,

    sum beta_s = n a^2 + a d n (n - 1) + d^2 (n - 1) n (2 n - 1) / 6,

and sum beta_s <= -log abar_t <= sum beta_s / (1 - beta_t), because x <= -log(1 - x) <= x / (1 - x)
and beta rises. ``closed_form`` is sqrt(expm1(sum beta_s)), a lower bound.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.mixture import Array
from theory.parameter import inside, integer
from theory.tweedie.double_tweedie import TWEEDIE


def scaled_linear(start: float, end: float, steps: int) -> Array:
    """beta_t [steps], its square root even between those of the two ends."""
    return np.linspace(math.sqrt(start), math.sqrt(end), steps) ** 2


def log_signal(beta: Array, time: int) -> float:
    """-log abar_t, the sum over t + 1 steps."""
    return -float(np.log1p(-beta[: time + 1]).sum())


def summed_beta(start: float, end: float, steps: int, time: int) -> float:
    """sum of beta_0 .. beta_t in closed form."""
    a, n = math.sqrt(start), time + 1
    d = (math.sqrt(end) - a) / (steps - 1)
    return n * a * a + a * d * n * (n - 1) + d * d * (n - 1) * n * (2 * n - 1) / 6


@final
class VEEquivalent(Law):
    """sigma of X_0 + sigma Z at a time step of a scaled linear schedule; parameters below."""

    name = "tweedie.ve_equivalent"
    statement = "sigma = sigma_t / sqrt(1 - sigma_t^2), sigma_t^2 = 1 - abar_t"
    source = f"{TWEEDIE}, variance preserving against variance exploding"
    unit = "units of the data"
    parameters: ClassVar = {
        "time": integer("time step t, from 0", least=0),
        "beta_start": inside("beta at t = 0", 0, 1, default=0.00085),
        "beta_end": inside("beta at the last step", 0, 1, default=0.012),
        "steps": integer("time steps", least=2, default=1000),
    }
    example: ClassVar = {"time": 100, "beta_start": 0.00085, "beta_end": 0.012, "steps": 1000}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        time, start, end, steps = self._read(params)
        return Value(math.sqrt(math.expm1(log_signal(scaled_linear(start, end, steps), time))))

    def printed(self, params: Params) -> Value | None:
        sigma = self._preserving(params)
        return Value(sigma / math.sqrt(1 - sigma**2))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """sigma_t where variance is preserved, and the closed form, a lower bound."""
        time, start, end, steps = self._read(params)
        total = summed_beta(start, end, steps, time)
        return {
            "sigma_preserving": Value(self._preserving(params), unit="1"),
            "closed_form": Value(math.sqrt(math.expm1(total))),
        }

    def _preserving(self, params: Params) -> float:
        time, start, end, steps = self._read(params)
        kept = float(np.prod(1 - scaled_linear(start, end, steps)[: time + 1]))
        return math.sqrt(1 - kept)

    def _read(self, params: Params) -> tuple[int, float, float, int]:
        time, start, end, steps = self.read(params)
        if time >= steps:
            raise self.refuse(f"time={time} of {steps} steps", f"give a time below {steps}")
        if start > end:
            raise self.refuse(f"beta from {start} down to {end}", "give beta_start <= beta_end")
        return time, start, end, steps
