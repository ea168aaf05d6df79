r"""The level of the Bayes classifier of two isotropic Gaussian laws: what an annotator should find.

Where clean images follow :math:`N(m, v I)` and imperfect ones :math:`N(m, u I)` on :math:`R^d`, a
threshold rule has an exact value, and it is no noise level. Under noise :math:`\sigma` both laws
stay of that kind, with :math:`a = \min(v, u) + \sigma^2` and :math:`b = \max(v, u) + \sigma^2`.

    mean      the smallest sigma from which E_q[c*] > tau stays (``theory.ambient``)
    accuracy  the smallest sigma from which TV <= 1/2 - tau; the densities are equal where
              |x - m|^2 = r with r = d log(b/a) / (1/a - 1/b), so TV = F(r/a) - F(r/b), F the
              distribution function of chi-square with d degrees of freedom

For imperfect images that are clean ones under white noise of deviation s, u = v + s^2. With d = 64,
sqrt(v) = 0.1, tau = 0.45 and s = 0.05, 0.1, 0.2 the mean rule gives 0.100, 0.265, 0.557 and the
accuracy rule 0.318, 0.659, 1.330: a classifier that recovers 0.05, 0.1, 0.2 would be a poor one
there. On data whose law is not known there is no such value.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.annotate.case import Case
from harness.annotate.parameter import TOP, require_threshold
from harness.problem import Problem

RULES = ("mean", "accuracy")


@final
@dataclass(frozen=True)
class Bayes:
    """One exact level for all; the variances, of a pixel, of clean and imperfect images.

    rule: ``mean`` or ``accuracy``. threshold: tau in (0, 1/2).
    """

    clean: float
    imperfect: float
    rule: str = "mean"
    threshold: float = 0.45

    def __post_init__(self) -> None:
        require_threshold("threshold of the annotator bayes", self.threshold)
        if self.threshold == 0.5:
            fix = "give less, for example 0.45"
            raise Problem("threshold of the annotator bayes", "0.5, which no pair exceeds", fix)
        for name in ("clean", "imperfect"):
            if not 0 < getattr(self, name) < np.inf:
                got = repr(getattr(self, name))
                raise Problem(f"the variance of {name} images", got, "give one above 0")
        if self.rule not in RULES:
            fix = f"choose from {', '.join(RULES)}"
            raise Problem(f"rule={self.rule!r} of the annotator bayes", "no such one", fix)

    def __call__(self, case: Case) -> np.ndarray:
        """Levels float32 [n, 2] of the n imperfect images."""
        levels = np.zeros((len(case.imperfect), 2), np.float32)
        levels[:, 0] = self.level(case.imperfect[0].size)
        return levels

    def level(self, dimension: int) -> float:
        """The sigma_min of either rule in so many dimensions; inf where it is above all looked at.

        The mean rule is searched up to 1000, the accuracy rule up to the top of the noise grid.
        """
        if self.rule == "accuracy":
            return self._accurate(dimension)
        from theory.ambient.spectral_annotator import sigma_min

        clean, imperfect = (np.full(dimension, each) for each in (self.clean, self.imperfect))
        return float(sigma_min(clean, imperfect, self.threshold))

    def _accurate(self, dimension: int) -> float:
        from scipy.optimize import brentq

        def excess(sigma: float) -> float:
            added = total_variation(self.clean + sigma**2, self.imperfect + sigma**2, dimension)
            return added - (0.5 - self.threshold)

        if excess(0.0) <= 0:
            return 0.0
        return np.inf if excess(TOP) > 0 else float(brentq(excess, 0.0, TOP))

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """None: nothing is measured."""
        return 0.0


def total_variation(one: float, other: float, dimension: int) -> float:
    """Total variation between N(m, one I) and N(m, other I) in so many dimensions."""
    from scipy.stats import chi2

    low, high = sorted((one, other))
    if low == high:
        return 0.0
    radius = dimension * np.log(high / low) / (1 / low - 1 / high)
    return float(chi2.cdf(radius / low, dimension) - chi2.cdf(radius / high, dimension))
