"""What it costs to start from N(0, 1) rather than from the tilted law at the horizon.

The soft-optimal path measure starts from ``p_T h_T / Z``, which depends on y. CTRL (Zhao et al.
2025) trains the drift; a start that stays N(0, 1) leaves the optimal drift with the wrong law to
begin from, for every finite T.

*Derived here.* With the optimal drift, the notation of ``theory.ctrl.guided_law``, w = c v/(c + v)
the variance of the soft-optimal law, m its mean, and K = V (c + s_T) = c + v + r^2 (c (v - 1) - v),

    mean drawn - m      = -r^2 m c v / K = -exp(-2T) m w + O(exp(-4T))
    variance drawn - w  = r^4 c^2 v^2 (v - c (v - 1)) / (K^2 (c + v))
                        = exp(-4T) w^2 (v - c (v - 1)) / (c + v) + O(exp(-6T))

Proof. The mean drawn is ``y - (y - E D_T) c/(c + s)`` and m = y - (y - mu) c/(c + v); bring the
difference over one denominator, put in ``v - s = r^2 v^2/V`` and ``E D_T - mu = -r^2 v mu/V``, and
collect ``y v + mu c = m (c + v)``. The variance drawn is ``r^2 (v/V)^2 (c/(c+s))^2 + c s/(c + s)``;
``s/(c + s) - v/(c + v) = -c r^2 v^2 / (K (c + v))``, and what is left is
``c^2 v^2 r^2 / K (1/K - 1/(c + v))``.

So the bias of the mean is of order exp(-2T), relative to m it is w whatever y, and the variance is
right to order exp(-4T): twice the digits. The formulas are used as they stand, since the
difference of two moments loses its digits at T above about 5. *Void:* nowhere; for m = 0 there is
no bias of the mean to speak of.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.ctrl.guided_law import CTRL, output
from theory.ctrl.tilt import GAUSSIAN, Tilt
from theory.law import Law, Params, Value
from theory.parameter import choice, positive


def bias(tilt: Tilt, horizon: float) -> tuple[float, float]:
    """What the optimal drift draws from the start N(0, 1), less the soft-optimal mean, variance."""
    c, v, decay = tilt.spread, tilt.prior_variance, math.exp(-2 * horizon)
    scale = tilt.marginal_variance(horizon) * (c + tilt.clock(horizon))
    mean = -decay * tilt.mean * c * v / scale
    return mean, (decay * c * v / scale) ** 2 * (v - c * (v - 1)) / (c + v)


def leading_bias(tilt: Tilt, horizon: float) -> tuple[float, float]:
    """The leading terms of :func:`bias` for a large horizon."""
    c, v, w, decay = tilt.spread, tilt.prior_variance, tilt.variance, math.exp(-2 * horizon)
    return -decay * tilt.mean * w, (decay * w) ** 2 * (v - c * (v - 1)) / (c + v)


@final
class StartBias(Law):
    """The size of the bias of a moment, against its leading term."""

    name = "ctrl.start_bias"
    statement = (
        "the optimal drift started from N(0, 1) misses the mean m by exp(-2T) |m| w and the "
        "variance w by exp(-4T) w^2 |v - c (v - 1)| / (c + v), to leading order"
    )
    source = f"derived here, for the optimal drift of {CTRL}"
    unit = "units of the line"
    parameters: ClassVar = {
        "moment": choice("what is compared", ("mean", "variance")),
        **GAUSSIAN,
        "horizon": positive("time T at which sampling starts"),
    }
    example: ClassVar = {
        "moment": "mean",
        "gamma": 1.0,
        "y": 1.5,
        "noise_variance": 0.5,
        "horizon": 3.0,
    }

    def _read(self, params: Params) -> tuple[int, Tilt, float]:
        moment, *gaussian, horizon = self.read(params)
        return int(moment == "variance"), Tilt(*gaussian), horizon

    def _value(self, value: float, moment: int) -> Value:
        return Value(value, unit="units of the line, squared" if moment else None)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        moment, tilt, horizon = self._read(params)
        return self._value(abs(bias(tilt, horizon)[moment]), moment)

    def printed(self, params: Params) -> Value | None:
        moment, tilt, horizon = self._read(params)
        return self._value(abs(leading_bias(tilt, horizon)[moment]), moment)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``drawn``: the moment itself, of what is drawn."""
        moment, tilt, horizon = self._read(params)
        drawn = output(tilt, "soft", "normal", horizon)[moment]
        return {"drawn": self._value(drawn, moment)}
