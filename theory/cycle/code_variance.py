"""The law of the codes under the exact score: standard normal, or not, by the sampler's variance.

*Statement* (Wu and De la Torre 2023): the code z is Gaussian noise, of which the image is a
deterministic function. Encoded images should then have standard normal codes.

**Exact law** (derived here) for data N(0, v), the exact score and the DDPM posterior (eta = 1). The
path that the encoder draws has the law of the forward process, which is Markov; read backwards,
``x_{t-1} - E[x_{t-1} | x_t]`` are independent of x_t and of one another, and the model's mean is
E[x_{t-1} | x_t]. So the codes are independent Gaussians, with the variance, V_t = abar_t v + 1 -
abar_t,

    Var eps_t = Var(x_{t-1} | x_t) / sigma_t^2 = (V_{t-1} beta_t / V_t) / sigma_t^2,

from ``V_{t-1} - (1 - beta_t) V_{t-1}^2 / V_t`` with V_t = (1 - beta_t) V_{t-1} + beta_t. Hence

    sigma_t^2 = beta_t        Var = V_{t-1} / V_t                     1 if and only if v = 1
    sigma_t^2 = betatilde_t   Var = (1 + v s_{t-1}) / (1 + v s_t)     above 1 for every v > 0,

in differences from 1: (abar_{t-1} - abar_t) (v - 1) / V_t, and (abar_{t-1} - abar_t) v / ((1 -
abar_{t-1}) V_t); s_t = abar_t / (1 - abar_t) the signal-to-noise ratio, which falls with t.
Neither choice gives standard normal codes, but for the first on data of variance exactly 1; the
choice that does, ``V_{t-1} beta_t / V_t``, depends on the data. Over all v,

    beta        from betatilde_t / beta_t (v -> 0) to 1 / (1 - beta_t) (v -> infinity)
    betatilde   from 1 to abar_{t-1} (1 - abar_t) / (abar_t (1 - abar_{t-1})),

so that late in the chain, t >> 1, it hardly matters, and at the last few steps it does: 2.2 at
t = 1 of the linear schedule.

``time`` counts from 0, as the released code does: time 0 is the last step, without noise.
"""

import math
from typing import Any, ClassVar, final

import numpy as np

from theory.cycle.encoder import WU
from theory.cycle.reconstruction import spaced
from theory.law import Law, Params, Value
from theory.parameter import choice, integer, positive
from theory.schedule import SCHEDULES

KINDS = ("beta", "beta_tilde")


def code_excess(before: float, after: float, variance: float, noise: str) -> float:
    """Var eps_t - 1 from abar_{t-1} and abar_t; exactly 0 for beta_t and unit variance."""
    noised = after * variance + 1 - after
    if noise == "beta":
        return (before - after) * (variance - 1) / noised
    return (before - after) * variance / ((1 - before) * noised)


def divergence(excess: float) -> float:
    """KL(N(0, 1 + excess) || N(0, 1)) in nats, with its digits where the excess is small."""
    if abs(excess) > 1e-2:
        return (excess - math.log1p(excess)) / 2
    return sum((-excess) ** k / k for k in range(2, 12)) / 2


@final
class CodeVariance(Law):
    """Var eps_t; parameters schedule, steps, time, variance, noise."""

    name = "cycle.code_variance"
    statement = "the codes of images are standard normal: Var eps_t = 1"
    source = f"{WU}, section 3: the latent code is Gaussian"
    unit = "1"
    parameters: ClassVar = {
        "schedule": choice("noise schedule", SCHEDULES, default="linear"),
        "steps": integer("steps T, spaced evenly over the schedule's 1000", least=2, default=1000),
        "time": integer("time step, counted from 0"),
        "variance": positive("variance v of a pixel"),
        "noise": choice("variance of the sampler's step", KINDS),
    }
    example: ClassVar = {"time": 10, "variance": 1.0, "noise": "beta_tilde"}

    def _read(self, params: Params) -> tuple[Any, ...]:
        schedule, steps, time, variance, noise = self.read(params)
        if time >= steps:
            raise self.refuse(f"time={time} of {steps} steps", "give 1 to steps - 1")
        abar = spaced(schedule, steps)
        return float(abar[time]), float(abar[time + 1]), variance, noise

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(1 + code_excess(*self._read(params)))

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return Value(1.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The range over all data variances, and KL(code || standard normal) a pixel."""
        before, after, variance, noise = self._read(params)
        grown = (1 - after) / (1 - before)
        low, high = (
            (1 / grown, before / after) if noise == "beta" else (1.0, grown * before / after)
        )
        return {
            "low": Value(low),
            "high": Value(high),
            "kl": Value(divergence(code_excess(before, after, variance, noise)), unit="nats"),
        }

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
