"""Classes of different spread: where the diffusion classifier draws the line, and what it costs.

Class 0 is N(mu_0, v_0 I), class 1 N(mu_1, v_1 I), v_0 < v_1, |mu_1 - mu_0| = D. With the weighted
error ``d A_c + B_c |x - mu_c|^2`` (``theory.classifier.class_loss``) class 1 is chosen iff

    B_0 |x - mu_0|^2 - B_1 |x - mu_1|^2 > d (A_1 - A_0) + l,

l = log(pi_0/pi_1) where log-priors are added to the negative errors, 0 where they are left out.
Completing the square, with B_0 > B_1 (B falls with v under every weighting), that is

    |x - c|^2 > R^2 = (d (A_1 - A_0) + l) / (B_0 - B_1) + B_0 B_1 D^2 / (B_0 - B_1)^2,
    c = mu_0 - B_1 (mu_1 - mu_0) / (B_0 - B_1),

and the error rate is ``pi_0 P(chi2_d(k_0) > R^2/v_0) + pi_1 P(chi2_d(k_1) <= R^2/v_1)``, noncentral
by ``k_c = |mu_c - c|^2 / v_c``, |mu_0 - c| = B_1 D/(B_0 - B_1), |mu_1 - c| = B_0 D/(B_0 - B_1).
Bayes is the same with A = log(v)/2, B = 1/(2v) and the log-priors: for D = 0 and equal priors
``R^2 = d log(v_1/v_0) / (1/v_0 - 1/v_1)``.

The paper (Li et al. 2023) decides by uniform t. *That is not Bayes unless the spreads are equal*:
uniform t on a given schedule is not the weighting of the bound, and unlike it has a scale, so that
the same two classes in other units are told apart differently. The loss is of second order in the
misplaced threshold where the classes overlap. It grows with d, as R^2/d is off by a constant factor
while the classes concentrate: the ratio to the error of Bayes grows exponentially. One time step
alone is worse. The bound in continuous time is Bayes exactly.
"""

import math
from typing import ClassVar, NamedTuple, final

import numpy as np
import numpy.typing as npt
from scipy import stats

from theory.classifier.class_loss import LI, WEIGHTED, coefficients
from theory.law import Law, Params, Value
from theory.parameter import choice, inside, integer, nonnegative, positive

Array = npt.NDArray[np.float64]


class Ball(NamedTuple):
    """Class 0 is chosen within a ball; R^2 below 0 means never."""

    squared_radius: float
    centre_to_0: float  # |mu_0 - c|
    centre_to_1: float  # |mu_1 - c|


def bayes(variances: Array) -> tuple[Array, Array]:
    """A and B [k] of the likelihood for variances [k]."""
    return 0.5 * np.log(variances), 0.5 / np.asarray(variances, float)


def ball(
    energy: Array, slope: Array, dimension: int, distance: float = 0.0, log_odds: float = 0.0
) -> Ball:
    """Where class 0 is chosen, by A [2] and B [2], B_0 > B_1.

    distance: D between the means. log_odds: l, log(pi_0/pi_1) where it is added.
    """
    gap = float(slope[0] - slope[1])
    squared = (dimension * float(energy[1] - energy[0]) + log_odds) / gap
    squared += float(slope[0] * slope[1]) * (distance / gap) ** 2
    return Ball(squared, float(slope[1]) * distance / gap, float(slope[0]) * distance / gap)


def error_rate(found: Ball, variances: Array, dimension: int, prior: float = 0.5) -> float:
    """The share of wrong decisions; prior: the probability of class 1."""
    if found.squared_radius <= 0:
        return 1 - prior
    wrong = []
    for tail, away, v in zip(("sf", "cdf"), found[1:], variances):
        at, noncentral = found.squared_radius / v, away**2 / v
        law = stats.ncx2(dimension, noncentral) if noncentral > 0 else stats.chi2(dimension)
        wrong.append(float(getattr(law, tail)(at)))
    return (1 - prior) * wrong[0] + prior * wrong[1]


SPREADS = {
    "variance_0": positive("variance of class 0"),
    "variance_1": positive("variance of class 1, above that of class 0"),
    "dimension": integer("dimension d", default=1),
}


def spreads(law: Law, variance_0: float, variance_1: float) -> Array:
    """The two variances [2], or the law's refusal unless they rise."""
    if not variance_0 < variance_1:
        raise law.refuse(
            f"variance_0={variance_0:g} and variance_1={variance_1:g}",
            "give the narrower class as class 0; equal spreads are in classifier.shared_covariance",
        )
    return np.array([variance_0, variance_1])


@final
class Threshold(Law):
    """The distance from a common mean at which the wider class is chosen, equal priors."""

    name = "classifier.threshold"
    statement = "the smallest denoising error chooses as the largest likelihood does"
    source = f"{LI}, the decision with uniform t and without the weights of the bound"
    unit = "units of x"
    parameters: ClassVar = {**SPREADS, **WEIGHTED}
    example: ClassVar = {"variance_0": 1.0, "variance_1": 4.0, "dimension": 1}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        first, second, dimension, *_ = self.read(params)
        found = ball(*bayes(spreads(self, first, second)), dimension)
        return Value(math.sqrt(found.squared_radius))

    def printed(self, params: Params) -> Value | None:
        first, second, dimension, weighting, schedule, step = self.read(params)
        variances = spreads(self, first, second)
        found = ball(*coefficients(variances, weighting, schedule, step), dimension)
        return Value(math.sqrt(found.squared_radius))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``sharp_0``, ``sharp_1``: B of either class by 1/(2v), 1 where it is calibrated."""
        first, second, _, weighting, schedule, step = self.read(params)
        variances = spreads(self, first, second)
        slopes = 2 * variances * coefficients(variances, weighting, schedule, step)[1]
        return {f"sharp_{k}": Value(float(slopes[k]), unit="1") for k in range(2)}


@final
class ErrorRate(Law):
    """The error rate of Bayes, against that of the diffusion classifier."""

    name = "classifier.error_rate"
    statement = "the smallest denoising error gives the Bayes classifier; here its error rate"
    source = f"{LI}, the decision with uniform t and without the weights of the bound"
    unit = "1"
    parameters: ClassVar = {
        **SPREADS,
        **WEIGHTED,
        "distance": nonnegative("distance of the means", default=0.0),
        "prior": inside("probability of class 1", 0, 1, default=0.5),
        "log_prior": choice("in the decision", ("added", "left out"), default="left out"),
    }
    example: ClassVar = {"variance_0": 1.0, "variance_1": 4.0, "dimension": 10}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        first, second, dimension, *_, distance, prior, _ = self.read(params)
        variances = spreads(self, first, second)
        odds = math.log((1 - prior) / prior)
        found = ball(*bayes(variances), dimension, distance, odds)
        return Value(error_rate(found, variances, dimension, prior))

    def _decided(self, params: Params, prior: float) -> Value:
        """The error rate of the diffusion classifier, its errors weighed by a prior of class 1."""
        values = self.read(params)
        first, second, dimension, weighting, schedule, step, distance, given, added = values
        variances = spreads(self, first, second)
        odds = math.log((1 - given) / given) if added == "added" else 0.0
        weighted = coefficients(variances, weighting, schedule, step)
        found = ball(*weighted, dimension, distance, odds)
        return Value(error_rate(found, variances, dimension, prior))

    def printed(self, params: Params) -> Value | None:
        *_, prior, _ = self.read(params)
        return self._decided(params, prior)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``class_0`` and ``class_1``: the share of either class that is taken for the other."""
        return {f"class_{k}": self._decided(params, float(k)) for k in range(2)}
