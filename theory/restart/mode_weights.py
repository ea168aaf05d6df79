"""Restarts with a model that has the weights of two modes wrong, and where the sweet spot is.

Data w at +1 and 1 - w at -1, in the limit t_min -> 0. The model is exact for weights m and 1 - m:
``s_theta = grad log p^m_t``. A sampler that puts a share u_0 of its points at +1 then restarts.

The ODE of the model on the line keeps order, so that it sends y at t_max to +1 iff y is above the
point y* with P(y*) = 1 - m, P the distribution function of p^m_{t_max}. A restart from +-1 is a
chain of two states,

    P(+ | +) = Q((y* - 1) / tau),    P(+ | -) = Q((y* + 1) / tau),    rho = P(+|+) - P(+|-),

and m is stationary, as the ODE of the model takes the model's law at t_max to that at 0. Hence

    u_K = m + (u_0 - m) rho^K,    W1 = 2 |u_K - w|.

Restarts bring the *model's* weights. For m = w = 1/2, y* = 0 and rho = 1 - lambda, lambda = 2 Q(1 /
tau) with B = 2: Theorem 4 with equality. With other weights of the data and a right model, rho <= 1
- lambda, the Dobrushin coefficient, and the bound ``B (1 - lambda)^K TV`` holds strictly.

*The sweet spot (derived here).* u_K - w = (m - w) + (u_0 - m) rho^K is monotone in K, and its
absolute value has a least value inside iff it changes sign: iff u_0 and m are on opposite sides of
w. If they are on one side, with m the nearer, each restart helps; with m the farther, each hurts.
``over_best`` is W1 after K restarts less the least W1 after at most K, 0 exactly where none of
fewer restarts does better.

*Printed* only for a right model, m = w: for another, ``eps = sup |t s_theta - t grad log p_t|`` is
of order 1 / t_min, so that the additional part is infinite in the limit, and ``printed`` is None.
"""

from typing import ClassVar, final

import numpy as np
from scipy import special
from scipy.optimize import brentq

from theory.law import Law, Params, Value
from theory.parameter import inside, integer, positive, share
from theory.restart.bound import XU, overlap


def threshold(weight: float, t: float) -> float:
    """y*, above which the ODE ends at +1: P(x_t > y*) is the weight of +1."""
    if weight == 0.5:
        return 0.0

    def above(y: float) -> float:
        return float(
            weight * special.ndtr((1 - y) / t) + (1 - weight) * special.ndtr((-1 - y) / t) - weight
        )

    far = 1 + t * abs(float(special.ndtri(min(weight, 1 - weight) / 2)))
    return float(brentq(above, -far, far, xtol=1e-15, rtol=1e-14))


def crossing(weight: float, t_max: float) -> tuple[float, float]:
    """P(+ | +) and P(+ | -) in one restart with a model of this weight."""
    at = threshold(weight, t_max)
    return float(special.ndtr((1 - at) / t_max)), float(special.ndtr((-1 - at) / t_max))


def excess(restarts: int, start: float, model: float, t_max: float) -> float:
    """u_K - m, by how much the share of points at +1 after K restarts is off the model's."""
    stay, enter = crossing(model, t_max)
    return (start - model) * (stay - enter) ** restarts


@final
class ModeWeights(Law):
    """W1 from the data after K restarts; parameters t_max, weight, model, start, restarts."""

    name = "restart.mode_weights"
    statement = "W1 <= B (1 - lambda)^K TV, for the right model; too many restarts add error"
    source = f"{XU}, Theorem 4 and section 3"
    unit = "units of the data"
    parameters: ClassVar = {
        "t_max": positive("upper end of the interval, the lower being 0"),
        "weight": inside("weight w of the data at +1", 0, 1),
        "model": inside("weight m of the model at +1", 0, 1),
        "start": share("share u_0 of points at +1 before the first restart"),
        "restarts": integer("restarts K", least=0, default=1),
    }
    example: ClassVar = {"t_max": 1.0, "weight": 0.5, "model": 0.5, "start": 1.0, "restarts": 3}

    def _read(self, params: Params) -> tuple[float, float, float, float, int]:
        t_max, weight, model, start, restarts = self.read(params)
        if start == weight == model:
            raise self.refuse(f"start, model and weight all {start}", "give an error to contract")
        return t_max, weight, model, start, restarts

    def _errors(self, params: Params) -> list[float]:
        """W1 after 0 to K restarts."""
        t_max, weight, model, start, restarts = self._read(params)
        off = [excess(k, start, model, t_max) for k in range(restarts + 1)]
        return [2 * abs(model - weight + found) for found in off]

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(self._errors(params)[-1])

    def printed(self, params: Params) -> Value | None:
        t_max, weight, model, start, restarts = self._read(params)
        if model != weight:
            return None
        return Value(2 * (1 - overlap(2.0, 0.0, t_max)) ** restarts * abs(start - weight))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``rho``, the factor of a restart; ``limit``, W1 after infinitely many; ``over_best``."""
        t_max, weight, model, _, _ = self._read(params)
        stay, enter = crossing(model, t_max)
        errors = self._errors(params)
        return {
            "rho": Value(stay - enter, unit="1"),
            "one_minus_lambda": Value(1 - overlap(2.0, 0.0, t_max), unit="1"),
            "limit": Value(2 * abs(model - weight)),
            "over_best": Value(errors[-1] - min(errors)),
        }

    def void(self, params: Params) -> bool:
        """Also where no restart, or no noise to speak of, leaves the error of before."""
        _, weight, _, start, _ = self._read(params)
        printed = self.printed(params)
        return printed is None or printed.value >= 2 * abs(start - weight)
