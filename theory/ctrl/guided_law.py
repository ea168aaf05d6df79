"""What guided sampling draws, and what it should: three guidances, two starts.

CTRL (Zhao et al. 2025): the drift that maximises its objective samples the soft-optimal law
``p(y|x)^gamma p_pre(x) / Z``. With the posterior mean D and the clock of ``theory.ctrl.tilt`` three
guidances are, each added to the reverse drift,

    soft         2 grad log h_t                            dD = (y - D) / (tau^2/gamma + s) dq + dB
    classifier   2 gamma grad log p(y | x_t)               dD = gamma (y - D) / (tau^2 + s) dq + dB
    plug_in      2 gamma grad log p(y | x_0 = D_t(x_t))    dD = gamma (y - D) / tau^2 dq + dB

The first is Doob's transform of the pre-trained process, the second is classifier guidance
(Dhariwal and Nichol 2021) times gamma, the third puts the denoised point into the likelihood
(Chung et al. 2023, DPS). They differ only in which variance the pull is divided by, and agree at
s = 0 alone, or, the first two, at gamma = 1.

*Output, derived here.* Each is linear, dD = k(s) (y - D) dq + dB. With ``F(s) = exp(-int_0^s k)``,

    mean = y - (y - E D_T) F(s_T),      variance = Var(D_T) F(s_T)^2 + int_0^{s_T} F(s)^2 ds,

    soft        F = c / (c + s),  c = tau^2 / gamma
                int F^2 = c s / (c + s)
    classifier  F = (tau^2 / (tau^2 + s))^gamma
                int F^2 = tau^2 (1 - (1 + s/tau^2)^(1 - 2 gamma)) / (2 gamma - 1)
    plug_in     F = exp(-gamma s / tau^2)
                int F^2 = tau^2 (1 - exp(-2 gamma s / tau^2)) / (2 gamma)

(at gamma = 1/2 the second integral is ``tau^2 log(1 + s/tau^2)``). *Starts.* ``tilted`` is the
soft-optimal law under noise, ``E D_T = y - (y - mu)(c + s)/(c + v)`` and ``Var D_T =
(v - s)(c + s)/(c + v)``; ``normal`` is N(0, 1), ``E D_T = mu - r^2 v mu / V``, ``Var D_T =
r^2 (v/V)^2``. Soft guidance from the tilted start draws the soft-optimal law at every T: put the
three lines together. From N(0, 1) it does not (``theory.ctrl.start_bias``).

*Classifier guidance times gamma is not the soft optimum for gamma other than 1.* For T to
infinity its mean is ``y - (y - mu)(1 + v/tau^2)^-gamma`` against ``y - (y - mu)/(1 + gamma
v/tau^2)``; by Bernoulli's inequality it overshoots for gamma > 1 and falls short for gamma < 1. Its
variance is too small for gamma > 1 and too large for gamma < 1: with a = 2 gamma - 1 and
L = log(1 + v/tau^2) the two variances are ``tau^2 (1 - exp(-aL)) / a`` and ``tau^2 / (tau^2/v +
(a + 1)/2)``, so that the first is the smaller iff ``(a/2) coth(aL/2) > (1/2) coth(L/2)``, whose
left side rises with |a|. A power above 1 is therefore overdone by classifier guidance in both.

*The plug-in is not the conditional, at gamma = 1 or any other.* Its mean is ``y - (y - mu)
exp(-gamma v/tau^2)``, closer to y than the soft optimum for every gamma (exp(x) > 1 + x); its
variance ``tau^2 (1 - exp(-2 gamma v/tau^2)) / (2 gamma)`` is too small for every gamma: with
x = gamma v/tau^2 this says ``(1 - x)/(1 + x) < exp(-2x)``, which is artanh x > x for x < 1 and
trivial above. Both errors vanish only as gamma v / tau^2 tends to 0, where nothing is guided.
"""

import math
from typing import ClassVar, final

import numpy as np
from scipy import special

from theory.ctrl.tilt import GAUSSIAN, Tilt
from theory.law import Law, Params, Value
from theory.parameter import choice, positive

CTRL = "Zhao et al. 2025, CTRL (arXiv 2406.12120)"
GUIDANCES = ("soft", "classifier", "plug_in")
STARTS = ("tilted", "normal")


def start(tilt: Tilt, where: str, horizon: float) -> tuple[float, float]:
    """Mean and variance of D at the horizon, under the start ``tilted`` or ``normal``."""
    c, v, s = tilt.spread, tilt.prior_variance, tilt.clock(horizon)
    if where == "tilted":
        mean = tilt.y - (tilt.y - tilt.prior_mean) * (c + s) / (c + v)
        return mean, tilt.gone(horizon) * (c + s) / (c + v)
    decay, marginal = math.exp(-2 * horizon), tilt.marginal_variance(horizon)
    return tilt.prior_mean * (1 - decay * v / marginal), decay * (v / marginal) ** 2


def response(tilt: Tilt, guidance: str, s: float) -> tuple[float, float]:
    """F(s) and the integral of its square from 0 to s, s >= 0 a variance."""
    gamma, noise = tilt.gamma, tilt.noise_variance
    if guidance == "soft":
        c = tilt.spread
        return c / (c + s), c * s / (c + s)
    if guidance == "classifier":
        lead = math.log1p(s / noise)
        square = noise * lead * float(special.exprel(-(2 * gamma - 1) * lead))
        return math.exp(-gamma * lead), square
    return math.exp(-gamma * s / noise), s * float(special.exprel(-2 * gamma * s / noise))


def output(tilt: Tilt, guidance: str, where: str, horizon: float) -> tuple[float, float]:
    """Mean and variance of what the guided reverse diffusion draws.

    guidance: ``soft``, ``classifier`` or ``plug_in``. where: its start, ``tilted`` or ``normal``.
    horizon: the time T > 0 at which it starts; infinity for the limit.
    """
    if math.isinf(horizon):
        mean, variance, s = tilt.prior_mean, 0.0, tilt.prior_variance
    else:
        (mean, variance), s = start(tilt, where, horizon), tilt.clock(horizon)
    factor, square = response(tilt, guidance, s)
    return tilt.y - (tilt.y - mean) * factor, variance * factor**2 + square


@final
class GuidedLaw(Law):
    """A moment of what is drawn, against that of the soft-optimal law."""

    name = "ctrl.guided_law"
    statement = "guided sampling draws the soft-optimal law p(y|x)^gamma p_pre(x) / Z"
    source = f"{CTRL}, the soft-optimal policy and its relation to classifier guidance"
    unit = "units of the line"
    parameters: ClassVar = {
        "guidance": choice("what is added to the drift", GUIDANCES),
        "start": choice("law from which sampling starts", STARTS),
        "moment": choice("what is compared", ("mean", "variance")),
        **GAUSSIAN,
        "horizon": positive("time T at which sampling starts", default=8.0),
    }
    example: ClassVar = {
        "guidance": "classifier",
        "start": "tilted",
        "moment": "mean",
        "gamma": 0.5,
        "y": 1.5,
        "noise_variance": 0.5,
        "horizon": 8.0,
    }

    def _read(self, params: Params) -> tuple[str, str, int, Tilt, float]:
        guidance, where, moment, *gaussian, horizon = self.read(params)
        return guidance, where, int(moment == "variance"), Tilt(*gaussian), horizon

    def _value(self, value: float, moment: int) -> Value:
        return Value(value, unit="units of the line, squared" if moment else None)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        guidance, where, moment, tilt, horizon = self._read(params)
        return self._value(output(tilt, guidance, where, horizon)[moment], moment)

    def printed(self, params: Params) -> Value | None:
        _, _, moment, tilt, _ = self._read(params)
        return self._value((tilt.mean, tilt.variance)[moment], moment)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``infinite_horizon``: what is drawn as T tends to infinity, from either start."""
        guidance, where, moment, tilt, _ = self._read(params)
        limit = output(tilt, guidance, where, math.inf)[moment]
        return {"infinite_horizon": self._value(limit, moment)}
