"""Classes of one covariance: Bayes for every weighting if it is isotropic, and only then.

Classes N(mu_0, S) and N(mu_1, S), Delta = mu_1 - mu_0, S with eigenvalues l_i. In the eigenbasis
each coordinate is a class of ``theory.classifier.class_loss`` with its own variance: the error of
class c is ``const + (x - mu_c)' M (x - mu_c)``, M with the eigenvalues B(l_i). Class 1 is chosen if
``2 Delta' M (x - (mu_0 + mu_1)/2) > l``, l = log(pi_0/pi_1) where log-priors are added to
the negative errors, 0 where they are left out. The left side is normal, so that with ``a = Delta' M
Delta`` and ``b = 2 sqrt(Delta' M S M Delta)``

    error rate = pi_0 Q((a + l) / b) + pi_1 Q((a - l) / b),      Q the upper tail of N(0, 1).

Bayes is M = S^-1 / 2 and the log-priors.

* *Isotropic S, equal priors:* M is a multiple of S^-1 and a/b = |Delta| / (2 sqrt(v)) whatever B:
  the paper's classifier (Li et al. 2023) is Bayes under every weighting.
* *Anisotropic S:* equal covariances are not enough. ``v B(v)`` is not constant unless the weighting
  is that of the bound, so that the direction M Delta is not S^-1 Delta, unless Delta is an
  eigenvector of S; by Cauchy-Schwarz a/b is then smaller and the error larger.
* *Unequal priors:* log-priors are needed, and are too heavy for errors at the wrong temperature:
  with M = B I, B < 1/(2v), they move the boundary 1/(2 v B) times too far
  (``theory.classifier.temperature``). With the weights of the bound they are right.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from scipy import special

from theory.classifier.class_loss import LI, WEIGHTED, coefficients
from theory.law import Law, Params, Value
from theory.parameter import choice, covariance, inside, same_dimension, vector

Array = npt.NDArray[np.float64]


def separation(difference: Array, variances: Array, slope: Array) -> tuple[float, float]:
    """a and b: half the distance of the classes in the decision variable, and its spread."""
    weighted = slope * difference
    return float(weighted @ difference), 2 * math.sqrt(float(weighted**2 @ variances))


def error_rate(
    difference: Array, variances: Array, slope: Array, prior: float, log_odds: float
) -> float:
    """The share of wrong decisions of the metric with eigenvalues ``slope`` [d].

    difference: of the means [d], and variances [d], in the eigenbasis of the covariance. prior: the
    probability of class 1. log_odds: l, log(pi_0/pi_1) where it is added.
    """
    a, b = separation(difference, variances, slope)
    tails = special.ndtr([-(a + log_odds) / b, -(a - log_odds) / b])
    return float((1 - prior) * tails[0] + prior * tails[1])


@final
class SharedCovariance(Law):
    """The error rate of Bayes, against that of the diffusion classifier."""

    name = "classifier.shared_covariance"
    statement = "for one covariance the smallest denoising error gives the Bayes classifier"
    source = f"{LI}, the decision with uniform t and without the weights of the bound"
    unit = "1"
    parameters: ClassVar = {
        "difference": vector("difference of the means"),
        "covariance": covariance("covariance of the classes"),
        **WEIGHTED,
        "prior": inside("probability of class 1", 0, 1, default=0.5),
        "log_prior": choice("in the decision", ("added", "left out"), default="left out"),
    }
    example: ClassVar = {"difference": [1.0, 1.0], "covariance": [1.0, 0.1]}

    def _read(self, params: Params) -> tuple[Array, Array, str, str, int, float, str]:
        """The difference of the means and the variances in the eigenbasis, and the rest."""
        difference, matrix, *rest = self.read(params)
        same_dimension(self.name, difference=difference, covariance=matrix)
        if not difference.any():
            raise self.refuse("classes of one mean and one covariance", "move one of them")
        weighting, schedule, step, prior, added = rest
        variances, basis = np.linalg.eigh(matrix)
        return difference @ basis, variances, weighting, schedule, step, prior, added

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        difference, variances, *_, prior, _ = self._read(params)
        odds = math.log((1 - prior) / prior)
        return Value(error_rate(difference, variances, 0.5 / variances, prior, odds))

    def printed(self, params: Params) -> Value | None:
        difference, variances, weighting, schedule, step, prior, added = self._read(params)
        odds = math.log((1 - prior) / prior) if added == "added" else 0.0
        slope = coefficients(variances, weighting, schedule, step)[1]
        return Value(error_rate(difference, variances, slope, prior, odds))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``separation`` of the classes in standard deviations, as the denoising errors see it."""
        difference, variances, weighting, schedule, step, *_ = self._read(params)
        a, b = separation(
            difference, variances, coefficients(variances, weighting, schedule, step)[1]
        )
        return {"separation": Value(2 * a / b, unit="standard deviations")}
