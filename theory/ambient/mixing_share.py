"""Which share of training the corrupted samples make up: far less than their share of the data.

The released sampler draws sigma first, ln sigma ~ N(mean, deviation^2) (Karras et al. 2022), then
takes the next sample of a shuffled stream that may be used there: a clean one always, a corrupted
one iff

    sigma > b sigma_min + a      or      sigma < sigma_max,

b the buffer (``theory.ambient.buffer``), a one that is added. So the training noise keeps its law,
and given sigma the samples are uniform over those admitted.

*Statement, derived here.* With w the share of corrupted samples in the data, all with one
annotation, and P the probability that sigma admits them,

    share of training = w P,      P = Phi(-z(b sigma_min + a)) + Phi(z(sigma_max)),
    z(sigma) = (ln sigma - mean) / deviation,     P <= 1.

Proof: where sigma admits them a sample is corrupted with probability w, elsewhere with 0. (Drawing
the sample first and then sigma among those that admit it would give the share w, and tilt the law
of sigma away from low noise.)

*Printed* is w, as papers quote it. For EDM's noise (-1.2, 1.2), the default buffer 2/sqrt(3) and
the mean levels that the paper reports, blurred CIFAR-10 at w = 0.9 is 50, 7.4, 4.3 and 2.1 % of
training at sigma_min = 0.22, 1.38, 1.93 and 2.84: ten times as many images, a tenth of the batches.
Text-to-image data of w = 0.28 at sigma_min = 2 are 3.8 % of it.
"""

import math
from typing import ClassVar, final

import numpy as np
from scipy import special

from theory.ambient.buffer import buffer
from theory.ambient.contraction import OMNI
from theory.law import Law, Params, Value
from theory.parameter import nonnegative, positive, real, share


def admitted(lowest: float, highest: float, log_mean: float, log_deviation: float) -> float:
    """P(sigma > lowest or sigma < highest) for ln sigma ~ N(log_mean, log_deviation^2)."""
    if highest >= lowest:
        return 1.0
    above, below = (
        (math.log(level) - log_mean) / log_deviation if level > 0 else -math.inf
        for level in (lowest, highest)
    )
    return float(special.ndtr(-above) + special.ndtr(below))


@final
class MixingShare(Law):
    """Share of training beside share of the data; share, levels, buffers, the training noise."""

    name = "ambient.mixing_share"
    statement = (
        "corrupted samples are w of the data; of training they are w P(sigma > b sigma_min + a or "
        "sigma < sigma_max)"
    )
    source = f"derived here for the sampler of {OMNI}, released code"
    unit = "1"
    parameters: ClassVar = {
        "share": share("share w of corrupted samples in the data"),
        "sigma_min": nonnegative("level from which on they may be used"),
        "sigma_max": nonnegative("level below which they may be used", default=0.0),
        "buffer": positive("b, 1 or more", default=buffer(4.0)),
        "offset": nonnegative("a, added to the buffer", default=0.0),
        "log_mean": real("mean of ln sigma in training", default=-1.2),
        "log_deviation": positive("standard deviation of ln sigma in training", default=1.2),
    }
    example: ClassVar = {"share": 0.9, "sigma_min": 1.38}

    def _admitted(self, params: Params) -> tuple[float, float]:
        w, sigma_min, sigma_max, b, offset, log_mean, log_deviation = self.read(params)
        if b < 1:
            raise self.refuse(f"buffer={b:g}, below the annotation itself", "give 1 or more")
        return w, admitted(b * sigma_min + offset, sigma_max, log_mean, log_deviation)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        w, probability = self._admitted(params)
        return Value(w * probability)

    def printed(self, params: Params) -> Value | None:
        return Value(self._admitted(params)[0])

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``admitted``, the probability P."""
        return {"admitted": Value(self._admitted(params)[1])}
