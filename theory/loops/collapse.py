"""Collapse of a fully synthetic loop: the spread dies, while its mean square need not.

Fit N(m, s^2) to n samples of the last model, again and again; no real data after the first
generation. *Printed* (Bertrand et al. 2024, the proposition on purely synthetic data): E s_t <=
alpha^t E s_0 for some alpha < 1, so that E s_t -> 0. With the unbiased variance (divisor n - 1),
samples of variance xi s^2 (xi = 1 where sampling is fair; Alemohammad et al. 2024 take xi < 1 for a
sampler that trades diversity for quality) give s_t^2 = xi s_{t-1}^2 chi^2_{n-1} / (n - 1), so that
alpha is known and the bound an equality,

    E s_t    = (sqrt(xi) c4)^t s_0,   c4(n) = sqrt(2/(n - 1)) Gamma(n/2) / Gamma((n - 1)/2)  (exact)
    E s_t^2  = xi^t s_0^2                                                        (mean_variance)
    E log s_t = log s_0 + t/2 [log xi + psi((n - 1)/2) - log((n - 1)/2)]              (mean_log)

with 1 - c4 ~ 1 / (4 n). The maximum likelihood variance (divisor n) has another factor
sqrt((n - 1) / n) in c4, (n - 1) / n in the variance, 1/2 log((n - 1) / n) in the logarithm.

1. *At xi = 1 the variance is a martingale*: E s_t^2 = s_0^2 for ever, and yet s_t -> 0 almost
   surely, since E log s_t falls linearly and the increments of log s are independent (law of large
   numbers). "Collapse" is a statement about typical loops: an average of variances over runs does
   not show it, as a few runs carry it all. Hence the three means above part: c4^t falls more slowly
   than the typical s_t, exp(E log s_t), by Jensen's inequality.
2. It takes 4 n log 2 = 2.8 n generations to halve E s: slow where n is large. The mean wanders
   meanwhile, E (m_t - m_0)^2 = t s_0^2 / n, by as much as one standard deviation in n generations.
3. *Simulation*: log s_t is a sum of independent terms of variance 1/4 psi'((n - 1)/2), and its mean
   is measured well. The mean of s_t is not, once the variance of log s_t is above 1: it then rests
   on runs that no sample of ordinary size holds. ``simulated`` is left out there.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from scipy import special

from theory.law import Law, Params, Value
from theory.loops.correction import BERTRAND, MAD
from theory.loops.stationary_error import mean_of
from theory.parameter import choice, integer, share

ESTIMATORS = ("unbiased", "maximum_likelihood")
MEASURABLE = 1.0  # the variance of log s up to which a mean of s is worth measuring


def log_c4(n: int) -> float:
    """log c4(n) for n >= 2, below 0; by series from n = 41 on, where the gammas cancel."""
    a = (n - 1) / 2
    if a < 20:
        return float(special.gammaln(a + 0.5) - special.gammaln(a)) - 0.5 * math.log(a)
    x = 1 / a**2
    return -(1 / 8 - x * (1 / 192 - x * (1 / 640 - x * (17 / 14336 - x * 31 / 18432)))) / a


def mean_log_step(n: int) -> float:
    """E log(s_1 / s_0) = (psi(a) - log a) / 2, a = (n - 1)/2, below 0; by series from n = 41 on."""
    a = (n - 1) / 2
    if a < 20:
        return 0.5 * (float(special.digamma(a)) - math.log(a))
    x = 1 / a**2
    return -0.5 * (1 / (2 * a) + x * (1 / 12 - x * (1 / 120 - x * (1 / 252 - x / 240))))


def shrinkage(n: int, estimator: str) -> float:
    """The logarithm of what the estimator multiplies a standard deviation by."""
    return 0.5 * math.log1p(-1 / n) if estimator == "maximum_likelihood" else 0.0


def log_spreads(
    n: int, generations: int, step: float, chains: int, generator: np.random.Generator
) -> npt.NDArray[np.float64]:
    """log(s_t / s_0) [chains]; step: what xi and the estimator add in each generation."""
    total = np.zeros(chains)
    for _ in range(generations):
        total += 0.5 * np.log(generator.chisquare(n - 1, chains) / (n - 1)) + step
    return total


@final
class Collapse(Law):
    """E s_t of a fully synthetic loop, s_0 = 1; parameters n, generations, sampling_bias,
    estimator, chains."""

    name = "loops.collapse"
    statement = "E s_t <= alpha^t s_0 for some alpha < 1: E s_t -> 0"
    source = f"{BERTRAND}, proposition on purely synthetic data; {MAD}, fully synthetic loop"
    unit = "standard deviations of the data"
    parameters: ClassVar = {
        "n": integer("samples in each generation", least=2),
        "generations": integer("generations t"),
        "sampling_bias": share("variance xi of a sample by that of the model", default=1.0),
        "estimator": choice("estimator of the variance", ESTIMATORS, default="unbiased"),
        "chains": integer("simulated loops", least=2, default=2000),
    }
    example: ClassVar = {"n": 50, "generations": 20}

    def _read(self, params: Params) -> tuple[int, int, float, str, int]:
        n, generations, bias, estimator, chains = self.read(params)
        if bias == 0:
            raise self.refuse("sampling_bias=0, samples without spread", "give one above 0")
        return n, generations, bias, estimator, chains

    def _step(self, params: Params) -> float:
        """What sampling bias and estimator add to log s in a generation."""
        n, _, bias, estimator, _ = self._read(params)
        return 0.5 * math.log(bias) + shrinkage(n, estimator)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        n, generations, *_ = self._read(params)
        return Value(math.exp(generations * (log_c4(n) + self._step(params))))

    def printed(self, params: Params) -> Value | None:
        """None: a limit is printed, and no number."""
        self._read(params)
        return None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The rate of E s_t and what it takes to halve it; the means of s_t^2 and of log s_t; the
        typical s_t; with a generator, simulated means."""
        n, generations, _, _, chains = self._read(params)
        step = self._step(params)
        rate, typical = log_c4(n) + step, mean_log_step(n) + step
        values = {
            "rate": Value(rate, unit="nats a generation"),
            "half_life": Value(-math.log(2) / rate, unit="generations"),
            "log_mean_variance": Value(2 * generations * step, unit="nats"),
            "mean_variance": Value(math.exp(2 * generations * step), unit="variance of the data"),
            "mean_log": Value(generations * typical, unit="nats"),
            "typical": Value(math.exp(generations * typical)),
        }
        if generator is not None:
            logs = log_spreads(n, generations, step, chains, generator)
            values["mean_log_simulated"] = mean_of(logs, "nats")
            if generations * float(special.polygamma(1, (n - 1) / 2)) / 4 <= MEASURABLE:
                values["simulated"] = mean_of(np.exp(logs))
        return values

    def void(self, params: Params) -> bool:
        """Never: the limit holds for every n."""
        self._read(params)
        return False
