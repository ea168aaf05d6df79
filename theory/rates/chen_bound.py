"""The convergence theorem of S. Chen et al. 2023 on isotropic normal data: loose, and where void.

Theorem 2: p_0 with scores that are L-Lipschitz at all times (L >= 1), second moment m2^2 = E|x|^2,
N steps of the exponential integrator of length h = T/N <= 1/L from N(0, I), score error epsilon.
Then

    TV(p_0, output) <~ sqrt(KL(p_0 || gamma)) e^-T + (L sqrt(d h) + L m2 h) sqrt(T)
                       + epsilon sqrt(T).                                                  (printed)

The constant in <~ is not stated; here it is one, and epsilon = 0 (the exact score). The bound says
nothing where it is 1 or more, nor where h > 1/L (its assumption).

*Exact*, for p_0 = N(0, v I): L = max(1, 1/v), m2^2 = d v. The output is N(0, w I), w = v + delta in
closed form (``theory.rates.exponential_integrator``), and with g = w/v - 1 the two densities cross
at |x|^2 = w c, c = d log(1 + g) / g, so that

    TV = |P(chi2_d <= c (1 + g)) - P(chi2_d <= c)| = int over an interval of length d log(1 + g),

taken as that integral and not as a difference of probabilities.

*What it shows.* delta is of the order h (with no root), so that the exact distance falls as h while
the printed one falls as sqrt(h): the ratio grows as sqrt(N). The number of steps after which the
bound falls below 1 is ``N = L^2 d T^2`` to leading order, 9e4 a dimension for v = 0.01 and T = 3,
where the exact distance is below 1e-3.
"""

import math
from typing import ClassVar, final

import numpy as np
from scipy import special

from theory.law import Law, Params, Value
from theory.parameter import integer, positive
from theory.quadrature import nodes
from theory.rates.exponential_integrator import output_misses, uniform_steps
from theory.rates.initialisation import start_divergence
from theory.rates.path_identity import CHEN


def isotropic_total_variation(variance: float, missed: float, dimension: int) -> float:
    """TV(N(0, v I), N(0, (v + b) I)) in d dimensions from v and b > -v."""
    if missed == 0:
        return 0.0
    gap, half = missed / variance, dimension / 2
    length = half * math.log1p(gap)  # of |x|^2 / 2
    left = length / gap
    low, high = sorted((left, left + length))
    panels = np.linspace(low, high, 17)
    x, w = nodes(panels[:-1], panels[1:])  # [16, 10]
    log_density = special.xlogy(half - 1, x) - x - special.gammaln(half)
    return float((np.exp(log_density) * w).sum())


def chen_terms(variance: float, dimension: int, horizon: float, steps: int) -> tuple[float, float]:
    """The printed terms of the start and of the steps, with constants one."""
    v = np.full(dimension, variance)
    divergence = start_divergence(v, np.zeros(dimension), 0.0)
    lipschitz, h = max(1.0, 1 / variance), horizon / steps
    steps_term = lipschitz * (math.sqrt(dimension * h) + math.sqrt(dimension * variance) * h)
    return math.sqrt(divergence) * math.exp(-horizon), steps_term * math.sqrt(horizon)


@final
class ChenBound(Law):
    """TV of the sampler's output on N(0, v I) against Theorem 2 with constants one."""

    name = "rates.chen_bound"
    statement = "TV <= sqrt(KL(p_0||gamma)) e^-T + (L sqrt(dh) + L m2 h) sqrt(T)"
    source = f"{CHEN}, Theorem 2, constants set to one"
    unit = "1"
    trivial = 1.0
    parameters: ClassVar = {
        "variance": positive("variance v of the data N(0, v I)"),
        "dimension": integer("dimension d"),
        "horizon": positive("time T"),
        "steps": integer("number of steps N"),
    }
    example: ClassVar = {"variance": 0.5, "dimension": 2, "horizon": 3.0, "steps": 1000}

    def _read(self, params: Params) -> tuple[float, int, float, int]:
        variance, dimension, horizon, steps = self.read(params)
        return variance, dimension, horizon, steps

    def _missed(self, params: Params) -> float:
        variance, _, horizon, steps = self._read(params)
        times = uniform_steps(horizon, steps)
        missed = output_misses(np.array([variance]), np.zeros(1), times)[1]
        return float(missed[0])

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        variance, dimension, _, _ = self._read(params)
        return Value(isotropic_total_variation(variance, self._missed(params), dimension))

    def printed(self, params: Params) -> Value | None:
        """None where the steps are longer than 1/L."""
        variance, dimension, horizon, steps = self._read(params)
        if horizon / steps > min(1.0, variance):
            return None
        return Value(sum(chen_terms(variance, dimension, horizon, steps)))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``start``, ``steps``: the printed terms; ``variance_missed`` by the output."""
        start, steps = chen_terms(*self._read(params))
        return {
            "start": Value(start),
            "steps": Value(steps),
            "variance_missed": Value(self._missed(params), unit="units of the data squared"),
        }
