"""Whether translated images have the law of the target domain.

An image of N(0, v1) is encoded by its own model's exact score and decoded by that of N(0, v2).

*Statement* (Wu and De la Torre 2023): the code is Gaussian noise, so that what the second model
makes of it is an image of its domain, of variance v2; any eta > 0 is allowed, and the experiments
with latent diffusion use eta = 0.1.

**Exact law** (derived here). Subtracting the two samplers' steps, with k_t the gain of
``theory.cycle.shared_code`` at each variance,

    y_{t-1} = k_t(v2) y_t + x_{t-1} - k_t(v1) x_t,      y_T = x_T,

and (x_0, e_t, y_t), e_t the encoder's noise, is a linear Gaussian chain: e_{t-1} = (sqrt(1 -
abar_{t-1} - sigma_t^2) e_t + sigma_t xi_t) / sqrt(1 - abar_{t-1}). Its covariance [3, 3] goes
through the T steps by matrix products, without draws.

1. *eta = 1, small steps: yes.* The encoder's path has the law of the forward process, which is
   that of the model's own sampler under the exact score, so that the codes are what the sampler
   draws. At T steps Var y = v2 (1 + O(1/T)), as the codes' variances are not 1
   (``theory.cycle.code_variance``).
2. *eta < 1: no, at any number of steps.* Given x_0 the encoder's path is ``sqrt(abar_t) x_0 +
   sqrt(1 - abar_t) e_t`` with e_t that hardly moves as eta falls: it is not the path of the
   model's flow, and the codes, each of which holds (c_t/sigma_t)(x_0 - x0hat), are correlated from
   step to step. In the limit of small steps and eta -> 0, e is one number, the flow from noise
   level r = abar to 1 multiplies by sqrt(v2 / V_2(r)), and with V_i = 1 + (v_i - 1) r

       y = x + (v2 - v1)/2 sqrt(v2) int_0^1 (sqrt(r) x + sqrt(1 - r) e) / (V_1 V_2^(3/2)) dr,

   of variance 2.938 in place of 4 for v1 = 1, v2 = 4.
3. v1 = v2 gives y = x, of the right law, at every eta and T: decode(encode(x)).
4. *Without the residual* the last step is the denoiser's, y_0 = k_1(v2) y_1.
"""

import math
from collections.abc import Callable
from typing import Any, ClassVar, final

import numpy as np
from scipy import integrate

from theory.cycle.encoder import WU, Array, direction, noise_scale
from theory.cycle.reconstruction import spaced
from theory.cycle.shared_code import correlation, gain
from theory.law import Law, Params, Value
from theory.parameter import choice, integer, positive
from theory.schedule import SCHEDULES


def translated(source: float, target: float, abar: Array, eta: float, residual: bool) -> Array:
    """The covariance [2, 2] of an image of N(0, source) and its translation to N(0, target)."""
    sigma, along = noise_scale(abar, eta), direction(abar, eta)
    steps = len(abar) - 1
    first = np.array([[1, 0, 0], [0, 1, 0], [math.sqrt(abar[-1]), math.sqrt(1 - abar[-1]), 0]])
    moments = first @ np.diag([source, 1.0, 0.0]) @ first.T  # of x_0, e_T, y_T
    for t in range(steps, 0, -1):
        k1, k2 = (gain(variance, abar, along, t) for variance in (source, target))
        left = math.sqrt(1 - abar[t - 1])
        kept, drawn = (along[t - 1] / left, sigma[t - 1] / left) if t > 1 else (0.0, 0.0)
        own = 1.0 if t > 1 or residual else 0.0  # whether x_{t-1} - k1 x_t is in the code
        row = [
            own * (math.sqrt(abar[t - 1]) - k1 * math.sqrt(abar[t])),
            own * (left * kept - k1 * math.sqrt(1 - abar[t])),
            k2,
        ]
        step = np.array([[1, 0, 0], [0, kept, 0], row])
        fresh = np.array([0, drawn, own * left * drawn])
        moments = step @ moments @ step.T + np.outer(fresh, fresh)
    return moments[np.ix_([0, 2], [0, 2])]


def small_eta(source: float, target: float) -> float:
    """Var y in the limit of small steps and then of eta -> 0."""

    def weighted(part: Callable[[float], float]) -> float:
        def integrand(s: float) -> float:  # r = s^2 (3 - 2 s), so that both roots are smooth
            r, slope = s * s * (3 - 2 * s), 6 * s * (1 - s)
            return part(r) * slope / ((1 + (source - 1) * r) * (1 + (target - 1) * r) ** 1.5)

        return float(integrate.quad(integrand, 0, 1, epsabs=0, epsrel=1e-12, limit=200)[0])

    scale = (target - source) / 2 * math.sqrt(target)
    image = 1 + scale * weighted(math.sqrt)
    noise = scale * weighted(lambda r: math.sqrt(1 - r))
    return source * image**2 + noise**2


@final
class Translation(Law):
    """Variance of a translated image; parameters schedule, steps, source, target, eta, residual."""

    name = "cycle.translation"
    statement = "a translated image has the law of the target domain: Var y = v2"
    source = f"{WU}, section 3: the image is a function of a Gaussian code; any eta above 0"
    unit = "squared units of the data"
    parameters: ClassVar = {
        "schedule": choice("noise schedule", SCHEDULES, default="linear"),
        "steps": integer("steps T, spaced evenly over the schedule's 1000", least=2, default=1000),
        "source": positive("variance v1 of the source domain"),
        "target": positive("variance v2 of the target domain"),
        "eta": positive("noise of the sampler, 1 for DDPM"),
        "residual": choice("the last step's residual", ("kept", "dropped"), default="kept"),
    }
    example: ClassVar = {"steps": 200, "source": 1.0, "target": 4.0, "eta": 0.1}

    def _read(self, params: Params) -> tuple[Any, ...]:
        schedule, steps, source, target, eta, residual = self.read(params)
        return source, target, spaced(schedule, steps), eta, residual == "kept"

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        source, target, abar, eta, kept = self._read(params)
        if source == target and kept:
            return Value(target)
        return Value(float(translated(source, target, abar, eta, kept)[1, 1]))

    def printed(self, params: Params) -> Value | None:
        return Value(self._read(params)[1])

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """Correlation with the source image, that of two samplers that share a drawn code, both as
        numbers from -1 to 1, and the variance in the limit of eta -> 0."""
        source, target, abar, eta, kept = self._read(params)
        (xx, xy), (_, yy) = translated(source, target, abar, eta, kept)
        return {
            "correlation": Value(float(xy / math.sqrt(xx * yy)), unit="1"),
            "drawn_code": Value(correlation(source, target, eta), unit="1"),
            "small_eta": Value(small_eta(source, target)),
        }

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
