"""Classes of one spread: the diffusion classifier decides as Bayes does, at another temperature.

For classes N(mu_c, v I) of one variance the weighted error of ``theory.classifier.class_loss`` is
``d A + B |x - mu_c|^2`` with the same A and B > 0. So under *every* weighting of the times the
smallest error is the nearest mean, which is the decision of Bayes for equal priors. The
probabilities are another matter. The log-odds of two classes are

    Bayes      (|x - mu_0|^2 - |x - mu_1|^2) / (2 v)                                      (exact)
    softmax    B (|x - mu_0|^2 - |x - mu_1|^2),   B = mean_t abar_t (1 - abar_t) / V_t^2  (printed)

and B / d if the square is averaged over the dimensions, as the released code does.

*The softmax is too flat, by a factor of 2 at least, derived here.* With uniform t, in the notation
of ``theory.classifier.class_loss``, ``v B = mean_t S (1 - S) <= 1/4``, against 1/2, whatever the
schedule and the spread. On the linear schedule B = 0.0821 for v = 1, a factor of 6.1; with the
average it is 6.1 d, so that in the dimension of an image the softmax says next to nothing. Only the
weights of the bound are calibrated for every spread.

*Where it matters:* wherever log-odds are added to something, a log-prior above all
(``theory.classifier.shared_covariance``), or read as a confidence. ``said_at_99`` is what the
softmax says of two classes where Bayes says 99 %.
"""

from typing import ClassVar, final

import numpy as np
from scipy import special

from theory.classifier.class_loss import LI, WEIGHTED, coefficients
from theory.law import Law, Params, Value
from theory.parameter import choice, integer, positive


def slope(
    variance: float,
    weighting: str = "uniform",
    schedule: str = "linear",
    step: int = 500,
    divisor: int = 1,
) -> float:
    """B / divisor: log-odds per difference of squared distances; divisor: d where it averages."""
    return float(coefficients(np.array([variance]), weighting, schedule, step)[1][0]) / divisor


@final
class Temperature(Law):
    """Log-odds per difference of squared distances to the means of two classes."""

    name = "classifier.temperature"
    statement = "the softmax of the negative denoising errors is the posterior of the classes"
    source = f"{LI}, the posterior with uniform t and without the weights of the bound"
    unit = "nats per squared unit of x"
    parameters: ClassVar = {
        "variance": positive("variance of the classes"),
        "dimension": integer("dimension d", default=1),
        "reduction": choice("over the dimensions", ("sum", "mean"), default="sum"),
        **WEIGHTED,
    }
    example: ClassVar = {"variance": 1.0}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        variance, *_ = self.read(params)
        return Value(0.5 / variance)

    def printed(self, params: Params) -> Value | None:
        variance, dimension, reduction, weighting, schedule, step = self.read(params)
        divisor = dimension if reduction == "mean" else 1
        return Value(slope(variance, weighting, schedule, step, divisor))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``said_at_99``: what the softmax says of two classes where the posterior is 0.99."""
        printed, exact = self.printed(params), self.exact(params)
        ratio = printed.value / exact.value if printed is not None else 0.0
        said = float(special.expit(special.logit(0.99) * ratio))
        return {"said_at_99": Value(said, unit="1")}
