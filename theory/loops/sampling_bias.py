"""Biased sampling in a loop: with fresh data the variance settles too low instead of collapsing.

Alemohammad et al. 2024 let a model sample with less than its own spread, N(m, xi S) for a fitted
N(m, S), as guidance and truncation do. In the fully synthetic loop

    E S_t = xi^t S_0                                                                   (printed)

exactly, with the unbiased variance: the variance collapses in the mean, too. What n_r fresh real
samples in each generation do to this, beside n_s synthetic ones, both moments fitted to all N = n_r
+ n_s of them (data N(0, 1), w = n_s / N, first model the truth), is derived here. With V_t = E S_t
and M_t = E m_t^2,

    V_t = (1 - w) + w xi V_{t-1} + w (1 - w) N / (N - 1) M_{t-1}
    M_t = w^2 M_{t-1} + [(1 - w) + w xi V_{t-1}] / N.                                    (exact)

Proof. Given (m, S) the pooled sum of squares about the pooled mean is sum Var_i + sum (mu_i -
mubar)^2 - N Var(xbar) = (n_r + n_s xi S)(1 - 1/N) + n_r n_s / N m^2, and Var(xbar) = (n_r + n_s xi
S) / N^2. Both are affine in (S, m^2), so that expectations obey them.  []

The stationary V, for w < 1, solves two linear equations; for large N it is

    V = (1 - w) / (1 - w xi),                                                    (large_sample)

between 1 - w and 1. So a share 1 - w of fresh data keeps at least that share of the variance,
whatever xi, and no share below 1 keeps it all. "Enough fresh data" is a matter of the loss that one
can bear: for a loss of at most e one needs w <= e / (e + (1 - e)(1 - xi)).
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.law import Law, Params, Value
from theory.loops.correction import MAD
from theory.loops.stationary_error import mean_of
from theory.parameter import integer, share

Array = npt.NDArray[np.float64]


def system(fresh: int, synthetic: int, bias: float) -> tuple[Array, Array]:
    """The map (V, M) -> matrix [2, 2] (V, M) + vector [2] of one generation."""
    size = fresh + synthetic
    w = synthetic / size
    matrix = np.array([[w * bias, w * (1 - w) * size / (size - 1)], [w * bias / size, w * w]])
    return matrix, np.array([1 - w, (1 - w) / size])


def moments(fresh: int, synthetic: int, bias: float, generations: int) -> tuple[float, float]:
    """E S_t and E m_t^2 after some generations from the truth."""
    matrix, vector = system(fresh, synthetic, bias)
    state = np.array([1.0, 0.0])
    for _ in range(generations):
        state = matrix @ state + vector
    return float(state[0]), float(state[1])


def settled(fresh: int, synthetic: int, bias: float) -> tuple[float, float]:
    """The stationary E S and E m^2; fresh data needed."""
    matrix, vector = system(fresh, synthetic, bias)
    state = np.linalg.solve(np.eye(2) - matrix, vector)
    return float(state[0]), float(state[1])


def simulated(
    fresh: int, synthetic: int, bias: float, generations: int, chains: int,
    generator: np.random.Generator,
) -> tuple[Array, Array]:  # fmt: skip
    """Fitted variances and means [chains], from sums of squares and means of each part."""
    size = fresh + synthetic
    variance, mean = np.ones(chains), np.zeros(chains)
    for _ in range(generations):
        width = np.sqrt(bias * variance)
        fake = mean + width * generator.standard_normal(chains) / math.sqrt(synthetic)
        squares = width**2 * generator.chisquare(synthetic - 1, chains)
        mean = fake
        if fresh:
            real = generator.standard_normal(chains) / math.sqrt(fresh)
            squares += generator.chisquare(fresh - 1, chains)
            squares += fresh * synthetic / size * (real - fake) ** 2
            mean = (fresh * real + synthetic * fake) / size
        variance = squares / (size - 1)
    return variance, mean


@final
class SamplingBias(Law):
    """E S_t of a loop that samples with variance xi S; parameters fresh, synthetic, sampling_bias,
    generations, chains."""

    name = "loops.sampling_bias"
    statement = "E S_t = xi^t S_0 in the fully synthetic loop"
    source = f"{MAD}, fully synthetic loop; with fresh data derived here"
    unit = "variance of the data"
    parameters: ClassVar = {
        "fresh": integer("fresh real samples in each generation, 0 or 2 and more", least=0),
        "synthetic": integer("synthetic samples in each generation", least=2),
        "sampling_bias": share("variance xi of a sample by that of the model"),
        "generations": integer("generations t"),
        "chains": integer("simulated loops", least=2, default=2000),
    }
    example: ClassVar = {"fresh": 0, "synthetic": 100, "sampling_bias": 0.9, "generations": 10}

    def _read(self, params: Params) -> tuple[int, int, float, int, int]:
        fresh, synthetic, bias, generations, chains = self.read(params)
        if fresh == 1:
            raise self.refuse("fresh=1", "give 0, or 2 and more")
        if bias == 0:
            raise self.refuse("sampling_bias=0, samples without spread", "give one above 0")
        return fresh, synthetic, bias, generations, chains

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        fresh, synthetic, bias, generations, _ = self._read(params)
        return Value(moments(fresh, synthetic, bias, generations)[0])

    def printed(self, params: Params) -> Value | None:
        fresh, _, bias, generations, _ = self._read(params)
        return Value(bias**generations) if fresh == 0 else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """E m_t^2; with fresh data where the variance settles, and for many samples; with a
        generator, simulated."""
        fresh, synthetic, bias, generations, chains = self._read(params)
        values = {"mean_error": Value(moments(fresh, synthetic, bias, generations)[1])}
        if fresh:
            w = synthetic / (fresh + synthetic)
            values["settled"] = Value(settled(fresh, synthetic, bias)[0])
            values["large_sample"] = Value((1 - w) / (1 - w * bias))
        if generator is not None:
            variances, means = simulated(fresh, synthetic, bias, generations, chains, generator)
            values["simulated"] = mean_of(variances)
            values["mean_error_simulated"] = mean_of(means**2)
        return values
