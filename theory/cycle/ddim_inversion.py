"""DDIM inversion, eta = 0: the round trip is approximate, of order one in the step.

Without noise there is no code but x_T, and the sampler is inverted by running its step upwards,

    x_t = sqrt(abar_t) x0hat + sqrt(1 - abar_t) ehat,     x0hat, ehat at (x_{t-1}, t - 1),

where the exact inverse has them at (x_t, t): an Euler step of the probability flow in place of its
implicit inverse (Song et al. 2021, section 4.3).

**Exact law** (derived here) for a model of N(0, w). In the coordinates ``u_t = (sqrt(abar_t w),
sqrt(1 - abar_t))``, |u_t|^2 = V_t, a step down multiplies by ``k_t = u_{t-1}.u_t / V_t`` and a
step up by ``u_{t-1}.u_t / V_{t-1}``. Their product is ``cos^2(phi_t - phi_{t-1})``, phi_t the
angle of u_t, ``tan phi_t = sqrt((1 - abar_t) / (abar_t w))``, which grows from 0 to nearly pi/2.
So

    decode(invert(x)) = x prod_t cos^2(dphi_t),        error = 1 - prod_t cos^2(dphi_t) of x.

1. *The round trip shrinks*: every factor is below 1. No data enter, only the steps and the model.
2. *Order one*: error = sum dphi_t^2 + O(sum dphi^4), and for N steps of comparable size a multiple
   of 1/N; the DPM-Encoder, at any eta > 0, has error 0 (``theory.cycle.round_trip``), at the price
   of N codes in place of one.
3. *The best N steps*: log cos is concave, so that the product is largest for equal angles, and
   ``error >= 1 - cos^2N(Phi/N)``, Phi = phi_T. Steps that are equal in phi attain it, for one w.

The sum of ``log cos^2 = log1p(-sin^2)`` keeps the digits of a small error.
"""

import math
from typing import Any, ClassVar, final

import numpy as np

from theory.cycle.encoder import Array
from theory.cycle.reconstruction import spaced
from theory.law import Law, Params, Value
from theory.parameter import choice, integer, positive
from theory.schedule import SCHEDULES


def angles(abar: Array, model: float) -> Array:
    """phi_0 = 0 .. phi_T [T + 1], in radians."""
    return np.arctan2(np.sqrt(1 - abar), np.sqrt(abar * model))


def shrinkage(turns: Array) -> float:
    """``1 - prod cos^2`` of angles between steps [T]."""
    return -math.expm1(float(np.log1p(-(np.sin(turns) ** 2)).sum()))


@final
class DDIMInversion(Law):
    """Relative error of decode(invert(x)); parameters schedule, steps, model."""

    name = "cycle.ddim_inversion"
    statement = "the sampler without noise is inverted by running it backwards: error 0"
    source = "Song et al. 2021, DDIM, section 4.3, in the limit of small steps"
    unit = "share of the image"
    parameters: ClassVar = {
        "schedule": choice("noise schedule", SCHEDULES, default="linear"),
        "steps": integer("steps T, spaced evenly over the schedule's 1000"),
        "model": positive("variance w that the model believes in"),
    }
    example: ClassVar = {"steps": 50, "model": 1.0}

    def _turns(self, params: Params) -> Any:
        schedule, steps, model = self.read(params)
        return np.diff(angles(spaced(schedule, steps), model))

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(shrinkage(self._turns(params)))

    def printed(self, params: Params) -> Value | None:
        self.read(params)
        return Value(0.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The leading term, the least over all choices of the steps, the DPM-Encoder's error."""
        turns = self._turns(params)
        return {
            "leading": Value(float((turns**2).sum())),
            "at_least": Value(shrinkage(np.full(len(turns), turns.mean()))),
            "dpm_encoder": Value(0.0),
        }

    def void(self, params: Params) -> bool:
        self.read(params)
        return False
