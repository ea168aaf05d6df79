"""The absolute error is no likelihood: it may choose the other class of two with one covariance.

For some data sets the diffusion classifier (Li et al. 2023) sums ``|eps_i - eps^_i|`` instead of
squares. For a class N(mu, v I) with alpha and b of ``theory.classifier.class_loss`` each term is a
folded normal, so that at a point x, with erf the error function,

    E sum_i |alpha eps_i - b_i| = sum_i f(b_i),
    f(b) = alpha sqrt(2/pi) exp(-b^2 / (2 alpha^2)) + b erf(b / (alpha sqrt(2))).

f is even and convex, and |b_i| rises with |x_i - mu_i|. So in one dimension, or for means that
differ along one axis, the absolute error chooses the nearest mean as the squared error does, for
every weighting. In more dimensions *it depends on the axes*: f is quadratic for |b| well below
alpha and linear above, where the sum of the f(b_i) follows the sum of |x_i - mu_i|. Far from both
means it prefers the class whose distance lies along few axes to a nearer one, as a Laplace
likelihood would; for isotropic normal classes Bayes knows no axes.

The value is the odds of class 1, so that above and below 1 are the two decisions. ``squared`` are
the odds by the squared error under the same uniform times.
"""

import math
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from scipy import special

from theory.classifier.class_loss import LI, STEPS, parts
from theory.classifier.temperature import slope
from theory.law import Law, Params, Value
from theory.parameter import choice, positive, same_dimension, vector
from theory.schedule import SCHEDULES, alpha_bar

Array = npt.NDArray[np.float64]


def absolute_error(offset: Array, variance: float, schedule: str = "linear") -> float:
    """``mean_t E sum_i |eps_i - eps^_i|`` for x - mu = offset [d] and a variance of the class."""
    energy, gain = (
        part[0][:, None] for part in parts(np.array([variance]), alpha_bar(schedule, STEPS)[1:])
    )  # [t, 1]
    alpha, b = np.sqrt(energy), np.sqrt(gain) * offset  # [t, d]
    scaled = b / (alpha * math.sqrt(2))
    folded = alpha * math.sqrt(2 / math.pi) * np.exp(-np.minimum(scaled**2, 700.0))
    return float((folded + b * special.erf(scaled)).sum(axis=1).mean())


@final
class AbsoluteError(Law):
    """The odds of Bayes for class 1, against those of the absolute error."""

    name = "classifier.absolute_error"
    statement = "the absolute denoising error decides as the posterior of the classes does"
    source = f"{LI}, the variant with the l1 loss of its released code"
    unit = "1"
    parameters: ClassVar = {
        "x": vector("point"),
        "mean_0": vector("mean of class 0"),
        "mean_1": vector("mean of class 1"),
        "variance": positive("variance of the classes"),
        "schedule": choice("noise schedule of 1000 steps", SCHEDULES, default="linear"),
    }
    example: ClassVar = {"x": [0.3], "mean_0": [1.0], "mean_1": [-1.0], "variance": 1.0}

    def _read(self, params: Params) -> tuple[Array, Array, float, str]:
        """x less either mean, the variance, and the schedule."""
        x, first, second, variance, schedule = self.read(params)
        same_dimension(self.name, x=x, mean_0=first, mean_1=second)
        return x - first, x - second, variance, schedule

    def _closer(self, params: Params) -> float:
        first, second, *_ = self._read(params)
        return float(first @ first - second @ second)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        _, _, variance, _ = self._read(params)
        return Value(math.exp(self._closer(params) / (2 * variance)))

    def printed(self, params: Params) -> Value | None:
        first, second, variance, schedule = self._read(params)
        errors = [absolute_error(offset, variance, schedule) for offset in (first, second)]
        return Value(math.exp(errors[0] - errors[1]))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``squared``: the odds by the squared error."""
        _, _, variance, schedule = self._read(params)
        return {
            "squared": Value(math.exp(slope(variance, "uniform", schedule) * self._closer(params)))
        }
