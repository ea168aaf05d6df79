"""The convergence theorem of Benton et al. 2024 on normal data: linear in d, and weak on normals.

Theorem 1: data with finite second moments, scaled so that Cov(p_0) = I; N steps of the exponential
integrator from N(0, I) at T > 1 down to a time delta, each of at most ``kappa min(1, t')`` to its
end t'; score error epsilon^2 in all. Then, with p_delta the data under noise of variance about 2
delta,

    KL(p_delta || output) <~ epsilon^2 + kappa^2 d N + kappa d T + d e^{-2T}.              (printed)

The constant in <~ is not stated; here it is one, and epsilon = 0 (the exact score).

*Exact*, for N(mu, diag(lambda)): the output is normal, its mean misses by eta and its variance by b
in closed form (``theory.rates.exponential_integrator``), and ``KL = 1/2 sum_i (u - log(1 + u)) +
eta_i^2 / (V + b)``, u = -b / (V + b), V the variance at delta.

*What it shows.* On normals KL is of second order in the error of the variance, which is of first
order in kappa, so that KL falls as kappa^2 while the printed bound falls as kappa: its
discretisation term is for laws whose score is rough. It does not grow faster than d, as printed.

*Where it is void.* Who returns the start itself, without a single step, has ``KL(p_delta ||
gamma)``. Of N(0, I), the one centred normal with unit covariance, that is 0, below every bound: the
theorem says nothing there. The bound says something of N(mu, I) for |mu|^2 / d above about 2 kappa
T + 2 kappa^2 N. Without Cov(p_0) = I it is not claimed (``printed`` is None); ``terms`` gives the
sum of its terms all the same.
"""

from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.law import Law, Params, Value
from theory.parameter import inside, positive, same_dimension, vector
from theory.rates.exponential_integrator import decreasing_steps, output_misses
from theory.rates.initialisation import output_divergence, start_divergence

Array = npt.NDArray[np.float64]

BENTON = "Benton et al. 2024, Nearly d-linear convergence bounds (arXiv 2308.03686)"


def benton_terms(kappa: float, dimension: int, steps: int, horizon: float) -> dict[str, float]:
    """The printed terms in nats, with constants one."""
    return {
        "squares": kappa**2 * dimension * steps,
        "lengths": kappa * dimension * horizon,
        "start": dimension * float(np.exp(-2 * horizon)),
    }


@final
class BentonBound(Law):
    """KL of p_delta and the sampler's output against Theorem 1 with constants one."""

    name = "rates.benton_bound"
    statement = "KL(p_delta||output) <= kappa^2 d N + kappa d T + d e^{-2T}"
    source = f"{BENTON}, Theorem 1, constants set to one"
    unit = "nats"
    parameters: ClassVar = {
        "variances": vector("variances of the data", above=0),
        "means": vector("means of the data"),
        "kappa": inside("longest step", 0, 1),
        "horizon": positive("time T, above 1"),
        "stop": inside("time delta at which it stops", 0, 1),
    }
    example: ClassVar = {
        "variances": [1.0, 1.0],
        "means": [2.0, -2.0],
        "kappa": 0.05,
        "horizon": 3.0,
        "stop": 0.01,
    }

    def _read(self, params: Params) -> tuple[Array, Array, float, float, Array, Array]:
        """Variances and means of the data, kappa, T, the times, the variances at the last."""
        variances, means, kappa, horizon, stop = self.read(params)
        same_dimension(self.name, variances=variances, means=means)
        if horizon <= 1:
            raise self.refuse(f"horizon={horizon}", "give a time above 1, as the theorem asks")
        times = decreasing_steps(horizon, kappa, stop)
        noised = 1 + (variances - 1) * np.exp(-2 * stop)
        return variances, means, kappa, horizon, times, noised

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        variances, means, _, _, times, noised = self._read(params)
        return Value(output_divergence(noised, *output_misses(variances, means, times)))

    def printed(self, params: Params) -> Value | None:
        """None where the data's covariance is not I."""
        variances = self._read(params)[0]
        return self.sharper(params)["terms"] if (variances == 1).all() else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The printed terms and ``terms``, their sum; ``no_step``: KL(p_delta || N(0, I))."""
        variances, means, kappa, horizon, times, _ = self._read(params)
        terms = benton_terms(kappa, len(variances), len(times) - 1, horizon)
        stop = float(times[-1])
        return {
            **{name: Value(term) for name, term in terms.items()},
            "terms": Value(sum(terms.values())),
            "no_step": Value(start_divergence(variances, means, stop)),
        }

    def void(self, params: Params) -> bool:
        """Where it is not claimed, or no stronger than what no step at all would give."""
        printed = self.printed(params)
        return printed is None or printed.value >= self.sharper(params)["no_step"].value
