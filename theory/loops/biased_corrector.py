"""A corrector that pulls to the wrong place: the negative control of self-correction.

The theorem's corrector draws from p*, which is an oracle. Let it draw from N(b, w) instead, while
the data are N(0, 1), and fit mean and variance with infinitely many samples. The loop contracts as
fast as before, a = lambda / ((1 + lambda)(1 + gamma)): the stability that one can see says nothing
about where it stands. Its fixed point is

    m_inf = lambda gamma b / (1 + gamma + lambda gamma)                               (exact)
          = [lambda gamma b / (1 + gamma)] / [(1 + lambda)(1 - a)],
    E2_inf = 1 + lambda gamma (w + b^2 - 1) / (1 + gamma + lambda gamma),  v_inf = E2_inf - m_inf^2.

Proof. m = [lambda (m + gamma b) / (1 + gamma)] / (1 + lambda); the second moment mixes in the same
way. [] So the stationary model has the moments of the mixture (1 - h) p* + h N(b, w) of the data
and the corrector, with h = lambda gamma / (1 + gamma + lambda gamma): from 0 without correction to
lambda / (1 + lambda) for an infinite gamma. Correction and bias have one dial. A corrector that
maps to cluster centres has w < 1 and takes variance away.

*Printed*: the fixed point is that of the data, m* = 0 (Gillman et al. 2024, where pi_gamma p* =
p*).

*How much bias is harmless.* With n real samples and the variance known, a loop whose error without
bias is M_0 (``theory.loops.stationary_error``) has with bias M_0 + K b^2, K > 0: it beats the real
samples alone as long as |b| is below ``tolerable_bias`` = sqrt((1/n - M_0) / K), which is of the
order 1 / sqrt(n): the more real data, the less a corrector may be wrong. Below the break-even
strength no bias is tolerable, as the loop loses without any.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.loops.contraction import LOOP
from theory.loops.correction import GILLMAN, replaced
from theory.loops.stationary_error import Loop, loop_of, mean_of, simulated, stationary
from theory.parameter import integer, positive, real


def weight(lam: float, gamma: float) -> float:
    """h, the share of the corrector's law in the fixed point."""
    pull = lam * replaced(gamma)
    return pull / (1 + pull)


def tolerable_bias(loop: Loop) -> float | None:
    """The |b| up to which the loop beats its real samples alone; None where no bias is."""
    gain = 1 / loop.real - stationary(loop)
    slope = stationary(loop, 1.0) - stationary(loop)
    return math.sqrt(gain / slope) if gain > 0 else None


@final
class BiasedCorrector(Law):
    """The mean to which a loop with a corrector N(bias, spread) tends; parameters lambda, gamma,
    bias, spread, n, chains."""

    name = "loops.biased_corrector"
    statement = "the fixed point of a corrected loop is theta*"
    source = f"{GILLMAN}, section 4; a corrector off its mark derived here"
    unit = "standard deviations of the data"
    parameters: ClassVar = {
        **LOOP,
        "bias": real("mean b of the corrector's law, that of the data being 0"),
        "spread": positive("variance w of the corrector's law, that of the data being 1", 1.0),
        "n": integer("real samples, for the tolerable bias", default=50),
        "chains": integer("simulated loops", least=2, default=2000),
    }
    example: ClassVar = {"lambda": 0.5, "gamma": 1.0, "bias": 0.5}

    def _read(self, params: Params) -> tuple[float, float, float, float, Loop, int]:
        lam, gamma, bias, spread, samples, chains = self.read(params)
        loop = loop_of(samples, lam, gamma)
        if loop.synthetic == 0:
            raise self.refuse(
                f"lambda={lam} and n={samples}, fewer than one synthetic sample",
                "give lambda n of 1 or more",
            )
        return lam, gamma, bias, spread, loop, chains

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        lam, gamma, bias, *_ = self._read(params)
        return Value(weight(lam, gamma) * bias)

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return Value(0.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The variance at the fixed point and its W2 to the data; with n real samples the error
        E m^2, that of the real samples alone, and the bias that would be harmless; with a
        generator, E m^2 simulated."""
        lam, gamma, bias, spread, loop, chains = self._read(params)
        share = weight(lam, gamma)
        wider = share * (spread - 1) + share * (1 - share) * bias**2  # v_inf - 1
        variance = 1 + wider
        error = stationary(loop, bias)
        squared = "variance of the data"
        values = {
            "variance": Value(variance, unit=squared),
            "w2": Value(math.hypot(share * bias, wider / (1 + math.sqrt(variance)))),
            "error": Value(error, unit=squared),
            "real_only": Value(1 / loop.real, unit=squared),
            "gain_on_real_only": Value(1 - error * loop.real, unit="share of the error"),
        }
        harmless = tolerable_bias(loop)
        if harmless is not None:
            values["tolerable_bias"] = Value(harmless)
        if generator is not None:
            chain = simulated(loop, chains, generator, bias)
            values["simulated"] = mean_of(chain**2, squared)
        return values
