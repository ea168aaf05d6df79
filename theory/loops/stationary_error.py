"""The error in which a loop on a fixed real set settles, and whether the loop was worth it.

Fit the mean m of N(m, 1) to n real samples of N(0, 1), drawn once, and to k = floor(lambda n)
samples of the last model, corrected with strength gamma and drawn anew in each generation. Write
lambda for k / n, xbar for the mean of the real samples, and

    a = lambda / ((1 + lambda)(1 + gamma)),     c = gamma / (1 + gamma)^2,
    A = 1 / ((1 + lambda)(1 - a)),              q = lambda / ((1 + lambda)^2 n).

The stationary mean squared error, over real sets and generations, is

    E m^2 = (A^2 / n + q / (1 - a^2)) / (1 - q c / (1 - a^2)).                        (exact)

Proof. Given m, the mean of the corrected samples has mean m / (1 + gamma) and variance
(1 + c m^2) / k, so that m' = xbar / (1 + lambda) + a m + e with E e^2 = q (1 + c E m^2) and e
uncorrelated with xbar and m. Hence E[xbar m] = A / n, and E m^2 solves M = 1 / ((1 + lambda)^2 n) +
2 a A / ((1 + lambda) n) + a^2 M + q (1 + c M); use 1 / (1 + lambda) = A (1 - a).  []

The real samples alone give 1 / n.

1. *Without correction the loop always loses* in the end: n E m^2 = (1 + 3 lambda) / (1 + 2 lambda),
   from 1 at lambda = 0 to 3/2 for lambda to infinity. More synthetic samples per generation do not
   heal it: they average away the noise of one generation, and forget it more slowly.
2. *An infinite gamma is real data*: n E m^2 = 1 / (1 + lambda), as with k more real samples.
3. In between there is a least strength from which on the loop beats the real samples,
   ``break_even_gamma``: 1 for small lambda and large n, and less for larger lambda. To first order
   in lambda, n E m^2 = 1 - lambda + 2 lambda / (1 + gamma).

*Printed* (Bertrand et al. 2024, Theorem 2; Gillman et al. 2024, Theorem 4.3). With probability (1 -
delta)^t, |theta_t - theta*| <= (epsilon_opt + a sqrt(log(b / delta) / n)) sum_i r^i + r^t |theta_0
- theta*|, r = rho(lambda) / (1 + gamma). Its constants are not given. In the mean square the
one-step error is known, s^2 = E |G^n - G|^2 = 1 / ((1 + lambda)^2 n) + q (1 + c E m^2), and
Minkowski's inequality takes the place of the union bound: E m^2 <= (s / (1 - r))^2, which is what
stands as printed here; ``coherent_bound`` is the same with the true factor a for r. Both add up the
errors of generations as if they all pointed one way. The real samples' do; those of fresh samples
do not.
"""

import math
from typing import ClassVar, NamedTuple, final

import numpy as np
import numpy.typing as npt
from scipy import optimize

from theory.law import Law, Params, Value
from theory.loops.contraction import LOOP, printed_factor, true_factor
from theory.loops.correction import BERTRAND, GILLMAN, kept, replaced, spread_between
from theory.parameter import integer

Array = npt.NDArray[np.float64]
CHUNK = 50_000
FORGOTTEN = 1e-4  # the share of the start that a simulated chain may remember


class Loop(NamedTuple):
    """n real samples once, k corrected samples of the model in each generation."""

    real: int
    synthetic: int
    gamma: float

    @property
    def ratio(self) -> float:
        return self.synthetic / self.real

    @property
    def factor(self) -> float:
        """a, the contraction of the mean."""
        return true_factor(self.ratio, self.gamma)

    @property
    def noise(self) -> float:
        """q, the variance that the synthetic samples of one generation add."""
        return self.ratio / ((1 + self.ratio) ** 2 * self.real)


def loop_of(real: int, lam: float, gamma: float) -> Loop:
    """The loop with floor(lambda n) synthetic samples; rounding apart, 0.29 * 100 are 29."""
    return Loop(real, math.floor(lam * real + 1e-9), gamma)


def fixed_point(loop: Loop, corrector: float) -> float:
    """The mean to which a loop tends whose corrector pulls to N(corrector, 1), the data at 0."""
    pull = loop.ratio / (1 + loop.ratio) * replaced(loop.gamma)
    return pull * corrector / (1 - loop.factor)


def stationary(loop: Loop, corrector: float = 0.0) -> float:
    """E m^2 of a loop whose corrector pulls to N(corrector, 1); the formula above at 0."""
    a, q, c = loop.factor, loop.noise, spread_between(loop.gamma)
    drift = fixed_point(loop, corrector)
    amplified = 1 / ((1 + loop.ratio) * (1 - a))
    anchored = (amplified**2 / loop.real + drift**2) * (1 - a**2)
    fresh = q * (1 + c * (corrector**2 - 2 * corrector * drift))
    return (anchored + fresh) / (1 - a**2 - q * c)


def step_error(loop: Loop) -> float:
    """s^2 = E |G^n - G|^2 at stationarity."""
    moved = spread_between(loop.gamma) * stationary(loop)
    return 1 / ((1 + loop.ratio) ** 2 * loop.real) + loop.noise * (1 + moved)


def break_even(real: int, synthetic: int) -> float:
    """The strength of correction at which the loop is as good as its real samples alone."""

    def excess(share: float) -> float:
        return real * stationary(Loop(real, synthetic, 1 / share - 1)) - 1

    share = optimize.brentq(excess, 1e-12, 1.0, xtol=1e-15, rtol=1e-15)
    return 1 / float(share) - 1


def simulated(
    loop: Loop, chains: int, generator: np.random.Generator, corrector: float = 0.0
) -> Array:
    """Stationary means m [chains] of independent real sets; errors of the start below 1e-8."""
    parts = []
    generations = 1
    if loop.factor > 0:
        generations += math.ceil(math.log(FORGOTTEN) / math.log(loop.factor))
    size = loop.real + loop.synthetic
    for begin in range(0, chains, CHUNK):
        count = min(CHUNK, chains - begin)
        real = math.sqrt(loop.real) * generator.standard_normal(count)  # the sum of a real set
        m = real / (size * (1 - loop.factor)) + fixed_point(loop, corrector)
        for _ in range(generations):
            if 0 < kept(loop.gamma) < 1:
                changed = generator.binomial(loop.synthetic, replaced(loop.gamma), count)
            else:
                changed = np.full(count, loop.synthetic * round(replaced(loop.gamma)))
            total = (loop.synthetic - changed) * m + changed * corrector
            total += math.sqrt(loop.synthetic) * generator.standard_normal(count)
            m = (real + total) / size  # [count]
        parts.append(m)
    return np.concatenate(parts)


def mean_of(sample: Array, unit: str | None = None) -> Value:
    """The mean of a sample [n] with its standard error."""
    return Value(float(sample.mean()), float(sample.std(ddof=1) / math.sqrt(len(sample))), unit)


@final
class StationaryError(Law):
    """E m^2 of a loop on a fixed real set; parameters lambda, gamma, n, chains."""

    name = "loops.stationary_error"
    statement = "E m^2 <= (s / (1 - rho(lambda) / (1 + gamma)))^2, s the error of one generation"
    source = f"{BERTRAND}, Theorem 2; {GILLMAN}, Theorem 4.3, read in the mean square"
    unit = "variance of the data"
    parameters: ClassVar = {
        **LOOP,
        "n": integer("real samples"),
        "chains": integer("simulated loops", least=2, default=2000),
    }
    example: ClassVar = {"lambda": 0.4, "gamma": 1.0, "n": 50}

    def _read(self, params: Params) -> tuple[Loop, int]:
        lam, gamma, real, chains = self.read(params)
        loop = loop_of(real, lam, gamma)
        if loop.synthetic == 0:
            raise self.refuse(
                f"lambda={lam} and n={real}, fewer than one synthetic sample",
                "give lambda n of 1 or more",
            )
        return loop, chains

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        loop, _ = self._read(params)
        return Value(stationary(loop))

    def printed(self, params: Params) -> Value | None:
        loop, _ = self._read(params)
        factor = printed_factor(loop.ratio, loop.gamma)
        if factor is None or factor >= 1:
            return None
        return Value(step_error(loop) / (1 - factor) ** 2)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The real samples alone, and with as many real ones as there are synthetic ones; what the
        loop gains on the former; the bound with the true factor; with a generator, simulated."""
        loop, chains = self._read(params)
        alone, value = 1 / loop.real, stationary(loop)
        values = {
            "real_only": Value(alone),
            "extra_real": Value(1 / (loop.real + loop.synthetic)),
            "gain_on_real_only": Value(1 - value / alone, unit="share of the error"),
            "coherent_bound": Value(step_error(loop) / (1 - loop.factor) ** 2),
            "break_even_gamma": Value(break_even(loop.real, loop.synthetic), unit="gamma"),
        }
        if generator is not None:
            values["simulated"] = mean_of(simulated(loop, chains, generator) ** 2)
        return values
