"""What a paired t test can resolve.

With n pairs of standard deviation sd, a true effect d, and a variance estimated with df degrees of
freedom, the t statistic has the noncentral t distribution with noncentrality d sqrt(n) / sd
(Johnson and Welch 1940). The power of the two-sided test at a level is exactly

    P(T > t) + P(T < -t),    t = the (1 - level / 2) quantile of the central t with df.

The two one-sided tests of equivalence (Schuirmann 1987) succeed together with at least the sum of
their two powers less 1 (Bonferroni), and the bound is sharp when both are near 1.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

LEVEL = 0.05
POWER = 0.8
MOST = 100_000


@lru_cache(maxsize=256)
def critical(df: float, level: float = LEVEL) -> float:
    """The two-sided critical value of t."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 1 - level / 2))


def above(t: float, df: float, noncentrality: float) -> float:
    """P(T > t) for t > 0 under the noncentral t distribution.

    T = (Z + noncentrality) / S with S^2 = chi^2(df) / df, so P = E[Phi(noncentrality - t S)], a
    trapezoid sum over ln S (within 1e-7). Beyond a noncentrality of 40 the spread of Z is left out
    (within 1e-3): scipy's own function is not a number for parts of both tails.
    """
    from scipy.special import chdtr, ndtr

    if noncentrality > 40:
        return float(chdtr(df, df * (noncentrality / t) ** 2))
    s, weight = _spread(df)
    return float(weight @ ndtr(noncentrality - t * s))


@lru_cache(maxsize=64)
def _spread(df: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes [1001] and weights [1001] for the mean over S = sqrt(chi^2(df) / df)."""
    reach = 8 / math.sqrt(2 * df)
    x = np.linspace(-25 / df - reach, min(2.0, 1.5 * reach), 1001)  # ln S
    logarithm = df * (x - np.exp(2 * x) / 2)
    weight = np.exp(logarithm - logarithm.max())
    return np.exp(x), weight / weight.sum()


def power(effect: float, sd: float, n: int, df: float, level: float = LEVEL) -> float:
    """The chance that a true effect gives p < level in the two-sided t test."""
    if sd == 0:
        return 1.0 if effect else level
    noncentrality, t = abs(effect) * math.sqrt(n) / sd, critical(df, level)
    return above(t, df, noncentrality) + above(t, df, -noncentrality)


def equivalence_power(
    effect: float, margin: float, sd: float, n: int, df: float, level: float = LEVEL
) -> float:
    """At least the chance that the 1 - 2 level interval lies within +-margin, at a true effect."""
    if sd == 0:
        return float(abs(effect) < margin)
    t, scale = critical(df, 2 * level), math.sqrt(n) / sd
    return max(
        0.0,
        above(t, df, (margin + effect) * scale) + above(t, df, (margin - effect) * scale) - 1,
    )


def smallest_resolvable(sd: float, n: int, df: float, level: float = LEVEL) -> float:
    """The smallest true effect that the two-sided test finds in 80 %."""
    return _smallest(lambda effect: power(effect, sd, n, df, level), sd)


def smallest_margin(sd: float, n: int, df: float, level: float = LEVEL) -> float:
    """The smallest margin within which two equal arms are found equivalent in 80 %."""
    return _smallest(lambda m: equivalence_power(0.0, m, sd, n, df, level), sd)


def _smallest(chance: Callable[[float], float], sd: float) -> float:
    """Where an increasing chance reaches 80 %, by bisection to 1e-12 relative."""
    if sd == 0:
        return 0.0
    low, high = 0.0, sd
    while chance(high) < POWER:
        low, high = high, 2 * high
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle) < POWER else (low, middle)
    return high


def replicates_needed(chance: Callable[[int, float], float], n: int, df: float) -> int | None:
    """How many replicates more reach a power of 80 %; null beyond 100,000 in all.

    chance(n, df): the power with n pairs. df grows as n - 1 does: every contrast of the pool gets
    the same replicates more.
    """

    def enough(m: int) -> bool:
        return chance(m, df * (m - 1) / (n - 1)) >= POWER

    low, high = n, n
    while not enough(high):
        low, high = high, 2 * high
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high - n
