"""What it costs to start from N(0, I) instead of p_T: the SDE forgets the start, the ODE does not.

Data N(mu, diag(lambda)), the exact score, a start from gamma = N(0, I) at time T. *Exact, derived
here*: with V_T = 1 + (lambda - 1) e^{-2T} and phi the factor by which a disturbance at T reaches
the output, in each direction

    SDE: phi = lambda e^-T / V_T,         ODE: phi = sqrt(lambda / V_T)
    mean of the output - mu               = -phi e^-T mu
    variance of the output - lambda       = -phi^2 (lambda - 1) e^{-2T},

since the start misses the mean by -e^-T mu and the variance by 1 - V_T = -(lambda - 1) e^{-2T}, and
the samplers are linear (``theory.rates.constant_error`` has phi at every t). The ratio of the two
factors is ``sqrt(lambda / (e^{2T} + lambda - 1)) < 1``: the SDE is closer for every normal and
every T.

*Relative entropy.* The theorems of S. Chen et al. 2023 and Benton et al. 2024 count for the start

    KL(p_0 || output) <= KL(p_T || gamma) <= e^{-2T} KL(p_0 || gamma),                     (printed)

data processing, then the log-Sobolev inequality of gamma. For the ODE the first is an equality (the
flow is a bijection). For centred data the second is far from one, ``KL(p_T || gamma) ~ e^{-4T}``,
and the SDE gains another e^{-4T}: the printed rate is e^{-2T}, the exact one e^{-8T}, or e^{-4T}
where the data have a mean.

*Transport.* ``W2^2 = sum (phi e^-T mu)^2 + (sqrt(variance out) - sqrt(lambda))^2``, to leading
order

    ODE:  sqrt(lambda) e^-T |mu|  and  sqrt(lambda) |lambda - 1| / 2 e^{-2T},
    SDE:  lambda e^{-2T} |mu|     and  lambda^{3/2} |lambda - 1| / 2 e^{-4T}:              (leading)

the SDE doubles both exponents.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.law import Law, Params, Value
from theory.parameter import choice, positive, same_dimension, vector
from theory.rates.constant_error import SAMPLERS
from theory.rates.path_identity import CHEN
from theory.surplus import surplus

Array = npt.NDArray[np.float64]

POINT = {
    "variances": vector("variances of the data", above=0),
    "means": vector("means of the data"),
    "horizon": positive("time T"),
    "sampler": choice("which sampler", SAMPLERS),
}


def misses(variances: Array, means: Array, horizon: float, sampler: str) -> tuple[Array, Array]:
    """What the output misses of each mean and of each variance [d], [d]."""
    decay = math.exp(-horizon)
    marginal = 1 + (variances - 1) * decay**2
    reach = variances * decay / marginal if sampler == "sde" else np.sqrt(variances / marginal)
    return -reach * decay * means, -(reach**2) * (variances - 1) * decay**2


def start_divergence(variances: Array, means: Array, horizon: float) -> float:
    """KL(p_T || N(0, I)) in nats; horizon 0 gives that of the data."""
    decay = math.exp(-2 * horizon)
    return 0.5 * float(surplus((variances - 1) * decay).sum() + decay * (means**2).sum())


def output_divergence(variances: Array, missed_means: Array, missed_variances: Array) -> float:
    """KL(N(m, v) || N(m + a, v + b)) in nats from a and b [d], v the variances [d]."""
    out = variances + missed_variances
    return 0.5 * float(surplus(-missed_variances / out).sum() + (missed_means**2 / out).sum())


def output_transport(variances: Array, missed_means: Array, missed_variances: Array) -> float:
    """W2 of the same two normals."""
    spread = missed_variances / (np.sqrt(variances + missed_variances) + np.sqrt(variances))
    return math.sqrt(float((missed_means**2 + spread**2).sum()))


class _Start(Law):
    """What both laws read: normal data that are not N(0, I) already."""

    def _point(self, params: Params) -> tuple[Array, Array, float, str]:
        variances, means, horizon, sampler = self.read(params)
        same_dimension(self.name, variances=variances, means=means)
        if (variances == 1).all() and not means.any():
            raise self.refuse("standard normal data, whose start is exact", "give other data")
        return variances, means, horizon, sampler


@final
class InitialisationKL(_Start):
    """KL(p_0 || output) against e^{-2T} KL(p_0 || N(0, I))."""

    name = "rates.initialisation_kl"
    statement = "KL(p_0||output) <= e^{-2T} KL(p_0||N(0,I)) for a start from N(0,I)"
    source = f"{CHEN}, Theorem 2, its first term before Pinsker's inequality"
    unit = "nats"
    parameters: ClassVar = POINT
    example: ClassVar = {
        "variances": [4.0, 0.1],
        "means": [1.0, 0.0],
        "horizon": 1.0,
        "sampler": "sde",
    }

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        variances, means, horizon, sampler = self._point(params)
        missed = misses(variances, means, horizon, sampler)
        return Value(output_divergence(variances, *missed))

    def printed(self, params: Params) -> Value | None:
        variances, means, horizon, _ = self._point(params)
        return Value(math.exp(-2 * horizon) * start_divergence(variances, means, 0.0))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``at_start``: KL(p_T || N(0, I)), which bounds the SDE and is the ODE's value."""
        variances, means, horizon, _ = self._point(params)
        return {"at_start": Value(start_divergence(variances, means, horizon))}


@final
class InitialisationW2(_Start):
    """W2 of the data and the output against its leading term."""

    name = "rates.initialisation_w2"
    statement = "W2(p_0, output) ~ e^{-2T} (ODE), e^{-4T} (SDE) for centred normal data"
    source = "derived here"
    unit = "units of the data"
    parameters: ClassVar = POINT
    example: ClassVar = {"variances": [4.0], "means": [0.0], "horizon": 2.0, "sampler": "ode"}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        variances, means, horizon, sampler = self._point(params)
        return Value(output_transport(variances, *misses(variances, means, horizon, sampler)))

    def printed(self, params: Params) -> Value | None:
        """The leading term for large T, in each direction that of its mean and of its variance."""
        variances, means, horizon, sampler = self._point(params)
        decay = math.exp(-horizon)
        reach = variances * decay if sampler == "sde" else np.sqrt(variances)
        shift = reach * decay * means
        spread = reach**2 * (variances - 1) * decay**2 / (2 * np.sqrt(variances))
        return Value(math.sqrt(float((shift**2 + spread**2).sum())))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``ode``, ``sde``: the same of either sampler."""
        variances, means, horizon, _ = self._point(params)
        return {
            sampler: Value(output_transport(variances, *misses(variances, means, horizon, sampler)))
            for sampler in SAMPLERS
        }
