"""Loops without further real data: samples replaced, samples piled up, and what a corrector does.

The limit lambda to infinity, which the theorems exclude. The first model is fitted to n samples of
N(0, 1), each later one to n corrected samples of its predecessor (*replace*), or to these together
with all earlier ones, the real ones included (*accumulate*). The mean is fitted, the variance
known. With k = 1 / (1 + gamma) and c = gamma / (1 + gamma)^2, M_t = E m_t^2 follows from M_0 = 1/n
by

    replace      M_t = k^2 M_{t-1} + (1 + c M_{t-1}) / n
    accumulate   M_t = [(t + k)^2 M_{t-1} + (1 + c M_{t-1}) / n] / (t + 1)^2.              (exact)

Proof. The mean of n corrected samples has mean k m and variance (1 + c m^2) / n given m; in the
second loop it is averaged with weight 1 / (t + 1) against m itself, the mean of t batches.  []

1. *Replace, no correction*: M_t = (t + 1) / n, a random walk: no contraction, no stationary error.
2. *Accumulate, no correction*: M_t = (1/n) sum_{i <= t+1} 1/i^2 < pi^2 / (6 n).        (printed)
   Errors add up to at most 1.645 times that of the real data, without any new real data. This is
   the Gaussian counterpart of Theorem 1 of Gerstgrasser et al. 2024 for linear regression.
3. *Replace, correction*: any gamma > 0 makes the loop stationary, at
   M = (1 + gamma)^2 / (n gamma (2 + gamma - 1/n)), always above the 1/n of real data.
4. *Accumulate, correction*: the error goes to 0, as t^(-2 gamma / (1 + gamma)) for gamma < 1 and as
   1 / t for gamma > 1. For the homogeneous recursion is M_t / M_{t-1} = 1 - 2 (1 - k) / t + ...,
   and B / t is a particular solution with B = 1 / (n (1 - 2 k)). A corrector is an oracle: it
   brings in gamma / (1 + gamma) n samples of the truth in each generation.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.law import Law, Params, Value
from theory.loops.correction import kept, replaced, spread_between, strength
from theory.loops.stationary_error import mean_of
from theory.parameter import choice, integer

REGIMES = ("replace", "accumulate")
GERSTGRASSER = "Gerstgrasser et al. 2024, Is Model Collapse Inevitable? (arXiv 2404.01413)"


def errors(n: int, gamma: float, generations: int, regime: str) -> list[float]:
    """E m_t^2 for t from 0 to ``generations``."""
    k, c = kept(gamma), spread_between(gamma)
    found = [1 / n]
    for t in range(1, generations + 1):
        last = found[-1]
        fresh = (1 + c * last) / n
        if regime == "replace":
            found.append(k**2 * last + fresh)
        else:
            found.append(((t + k) ** 2 * last + fresh) / (t + 1) ** 2)
    return found


def settled(n: int, gamma: float) -> float | None:
    """The stationary error where samples are replaced; None without correction."""
    if gamma == 0:
        return None
    if math.isinf(gamma):
        return 1 / n
    return (1 + gamma) ** 2 / (n * gamma * (2 + gamma - 1 / n))


def simulated(
    n: int, gamma: float, generations: int, regime: str, chains: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Fitted means [chains] after some generations."""
    m = rng.standard_normal(chains) / math.sqrt(n)
    for t in range(1, generations + 1):
        left = n - rng.binomial(n, replaced(gamma), chains)
        batch = left / n * m + rng.standard_normal(chains) / math.sqrt(n)
        m = batch if regime == "replace" else (t * m + batch) / (t + 1)
    return m


@final
class SyntheticOnly(Law):
    """E m_t^2 without further real data; parameters n, gamma, generations, regime, chains."""

    name = "loops.synthetic_only"
    statement = "where samples accumulate, E m_t^2 <= pi^2 / (6 n) for every t"
    source = f"{GERSTGRASSER}, Theorem 1, for a Gaussian mean; correction derived here"
    unit = "variance of the data"
    parameters: ClassVar = {
        "n": integer("samples in each generation"),
        "gamma": strength("strength of correction", default=0.0),
        "generations": integer("generations t"),
        "regime": choice("what becomes of earlier samples", REGIMES),
        "chains": integer("simulated loops", least=2, default=2000),
    }
    example: ClassVar = {"n": 50, "generations": 20, "regime": "accumulate"}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        n, gamma, generations, regime, _ = self.read(params)
        return Value(errors(n, gamma, generations, regime)[-1])

    def printed(self, params: Params) -> Value | None:
        n, gamma, _, regime, _ = self.read(params)
        return Value(math.pi**2 / (6 * n)) if regime == "accumulate" and gamma == 0 else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The error of the n real samples, the growth over it, where the loop settles if it does;
        with a generator, simulated."""
        n, gamma, generations, regime, chains = self.read(params)
        values = {
            "real_only": Value(1 / n),
            "growth": Value(n * errors(n, gamma, generations, regime)[-1], unit="1"),
        }
        stationary = settled(n, gamma)
        if regime == "replace" and stationary is not None:
            values["settled"] = Value(stationary)
        if generator is not None:
            means = simulated(n, gamma, generations, regime, chains, generator)
            values["simulated"] = mean_of(means**2)
        return values
