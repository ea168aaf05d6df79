"""The fresh data loop: synthetic samples beside new real ones cannot hurt the mean of a Gaussian.

Alemohammad et al. 2024, the third of three loops: each generation is fitted to n_r new real samples
and n_s samples of the last model. For the mean of N(0, sigma^2), sigma known, N = n_r + n_s, w =
n_s / N,

    m' = (n_r xbar + n_s (m + e)) / N,   Var' = w^2 Var + sigma^2 / N,
    Var -> sigma^2 / (N (1 - w^2)) = sigma^2 / (n_r (1 + w)).                              (exact)

Proof. The N samples carry independent noise of variance sigma^2 each, and n_s of them the old mean.
The second form is N (1 - w^2) = N (1 - w)(1 + w) = n_r (1 + w).  []

*Printed*: fresh data keep the loop from going mad; as a bound, the error is at most that of the
fresh data alone, sigma^2 / n_r. It is: the loop is a moving average with memory w, which has seen
more real data than those of its last generation. The effective number of real samples, sigma^2 /
Var = n_r (1 + w), lies between n_r and 2 n_r: however many synthetic samples there are, their worth
is bounded by one more set of real ones, and the error by sigma^2 / (2 n_r) from below. All N real
would give sigma^2 / N.

With the variance fitted too, and sampled without bias, nothing changes much; a biased sampler takes
variance away, ``theory.loops.sampling_bias``. A loop on a *fixed* real set has no such gain and
always loses, ``theory.loops.stationary_error``.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.law import Law, Params, Value
from theory.loops.correction import MAD
from theory.loops.stationary_error import FORGOTTEN, mean_of
from theory.parameter import integer, positive


def stationary(fresh: int, synthetic: int, variance: float = 1.0) -> float:
    """The variance of the fitted mean in the long run."""
    w = synthetic / (fresh + synthetic)
    return variance / (fresh * (1 + w))


def simulated(
    fresh: int, synthetic: int, variance: float, chains: int, generator: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Fitted means [chains] once the start is forgotten to 1e-8 of the variance."""
    size = fresh + synthetic
    w = synthetic / size
    generations = math.ceil(math.log(FORGOTTEN) / math.log(w)) if synthetic else 0
    sigma = math.sqrt(variance)
    m = sigma * generator.standard_normal(chains) / math.sqrt(fresh)
    for _ in range(generations):
        m = w * m + sigma * generator.standard_normal(chains) / math.sqrt(size)
    return m


@final
class FreshData(Law):
    """The stationary variance of the mean in a fresh data loop; parameters fresh, synthetic,
    variance, chains."""

    name = "loops.fresh_data"
    statement = "the fresh data loop is no worse than its fresh data alone, Var <= sigma^2 / n_r"
    source = f"{MAD}, fresh data loop; the stationary variance derived here"
    unit = "squared units of the line"
    parameters: ClassVar = {
        "fresh": integer("fresh real samples n_r in each generation"),
        "synthetic": integer("synthetic samples n_s in each generation", least=0),
        "variance": positive("variance of the data, which is known", default=1.0),
        "chains": integer("simulated loops", least=2, default=2000),
    }
    example: ClassVar = {"fresh": 100, "synthetic": 300}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        fresh, synthetic, variance, _ = self.read(params)
        return Value(stationary(fresh, synthetic, variance))

    def printed(self, params: Params) -> Value | None:
        fresh, _, variance, _ = self.read(params)
        return Value(variance / fresh)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The lower bound, what all samples would give if they were real, the effective number of
        real samples; with a generator, simulated."""
        fresh, synthetic, variance, chains = self.read(params)
        w = synthetic / (fresh + synthetic)
        values = {
            "at_least": Value(variance / (2 * fresh)),
            "all_real": Value(variance / (fresh + synthetic)),
            "effective_samples": Value(fresh * (1 + w), unit="samples"),
        }
        if generator is not None:
            means = simulated(fresh, synthetic, variance, chains, generator)
            values["simulated"] = mean_of(means**2)
        return values
