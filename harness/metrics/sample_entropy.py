r"""Sample entropy: how many classes of the reference a sample lies between.

.. math::  H = -\frac1N \sum_i \sum_k p_{ik} \ln p_{ik}, \qquad
           p_{ik} = \operatorname{softmax}_k \big( -|x_i - C_k|^2 / \tau \big)

with :math:`C_k` the mean features of class k of the reference. Source: Chen et al., Slight
corruption in pre-training data makes better diffusion models, NeurIPS 2024, equation 41, which
reports it as diversity. As printed, the equation sums the softmax itself, which is 1 for any
sample; taken here as the entropy that its name says.

The paper does not state :math:`\tau`. Ours: the mean squared distance of the reference images to
the mean of their own class, :math:`\tau = \frac1M \sum_j |r_j - C_{y_j}|^2`, so that the entropy
changes under no rotation and no scale of the features. A normal mixture with covariances
:math:`v I` in d dimensions has :math:`\tau = v d`, and its posterior has :math:`2 v` in the place
of :math:`\tau`: p is flatter than the posterior for d > 2.

Standard error, to first order, over both sets. With :math:`W_{ik} = -p_{ik} (\ln p_{ik} + H_i)`,
the derivative of :math:`H_i` along the exponent,

.. math::  g_k = \frac{\partial H}{\partial C_k} = \frac{2}{N \tau} \sum_i W_{ik} (x_i - C_k),
           \qquad
           h = \frac{\partial H}{\partial \tau} = \frac{1}{N \tau^2}
               \sum_i \sum_k W_{ik} |x_i - C_k|^2,

and an image r of class y of the reference moves H by
:math:`\phi(r) = (M / M_y)\, g_y \cdot (r - C_y) + h (|r - C_y|^2 - \tau)`: the means are where
:math:`\tau` is stationary. The square of the error is
:math:`\operatorname{Var}(H_i) / N + \operatorname{Var}(\phi) / M`.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.special import log_softmax

from harness.metrics.classes import Classes, reference_classes
from harness.metrics.estimate import Estimate
from harness.metrics.features import Features, require_pair
from harness.metrics.sensitivity import Kind
from harness.problem import Problem

ROUNDING = 1e-24  # of a squared length: a squared distance below it is not one


@final
@dataclass(frozen=True, eq=False)
class _Means:
    """``means`` ``[K, d]`` of the classes and ``spread``, the mean squared distance to them."""

    means: np.ndarray
    spread: float

    @classmethod
    def of(cls, reference: Features, classes: Classes) -> "_Means":
        means = classes.means(reference)
        total = sum(
            np.square(x - means[classes.index[piece]]).sum() for piece, x in reference.pieces()
        )
        return cls(means, float(total) / len(reference))


def _squared_distances(x: np.ndarray, means: np.ndarray) -> np.ndarray:
    """|x - C|² of rows ``[B, d]`` to means ``[K, d]``: ``[B, K]``, taken about the means' mean."""
    centre = means.mean(0)
    y, c = x - centre, means - centre
    square = np.square(y).sum(1)[:, None] - 2 * y @ c.T + np.square(c).sum(1)
    return np.maximum(square, 0)


@final
@dataclass(frozen=True)
class SampleEntropy:
    """Mean entropy of a sample over the classes of the reference, by distance to their means.

    Range 0 to ln K, in nats. Neither higher nor lower is better: it is a level, and the right one
    is that of fresh data, so read it beside the entropy of a half of the reference against the
    other half. The published claim is that slight corruption raises it. It rises as samples shrink
    to the common mean, and falls as they spread, since the log-odds are linear in x. Bias: of order
    1 / n in each class, through its mean. Cost: O(N K d). Least n: 4, as for two classes of two
    images. The classes of the reference are its labels, or else those of its logits; samples need
    none. Cannot see: quality, repeats, copies, dropped classes, and, with tau of our choosing, much
    of anything in many dimensions, where all classes are about equally far and the entropy is near
    ln K.
    """

    unit: ClassVar[str] = "nats"
    higher_is_better: ClassVar[bool | None] = None
    needs: ClassVar[str] = "classes"
    right: ClassVar[float | None] = None
    sees: ClassVar[tuple[Kind, ...]] = ()
    blind: ClassVar[tuple[Kind, ...]] = ()

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side."""
        return 4

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The entropy of features ``[N, d]`` over the classes of ``[M, d]``; no draw is made.

        Raises ``Problem`` for too few rows, a reference without classes or of one class only, one
        whose classes have no spread, different d, or NaN.
        """
        what = "sample_entropy"
        a, b = require_pair(what, samples, reference, self.least(0))
        classes = reference_classes(f"{what} of a reference", b)
        if len(classes.names) < 2:
            raise Problem(what, "a reference of one class", "give one of at least 2 classes")
        fitted = b.once("class means", lambda: _Means.of(b, classes))
        means, spread = fitted.means, fitted.spread
        if spread <= ROUNDING * np.square(means).sum(1).mean():
            raise Problem(what, "a reference without spread in any class", "give more images")

        entropy = np.empty(len(a))
        along_means, weights, along_spread = np.zeros_like(means), np.zeros(len(means)), 0.0
        for piece, x in a.pieces():
            square = _squared_distances(x, means)  # [B, K]
            log_p = log_softmax(-square / spread, axis=1)
            p = np.exp(log_p)
            entropy[piece] = -(p * log_p).sum(1)
            weight = -p * (log_p + entropy[piece][:, None])  # d entropy / d exponent
            along_means += weight.T @ x
            weights += weight.sum(0)
            along_spread += float((weight * square).sum())
        along_means = 2 / (len(a) * spread) * (along_means - weights[:, None] * means)
        along_spread /= len(a) * spread**2

        moved = np.empty(len(b))
        share = classes.counts / len(b)
        for piece, x in b.pieces():
            y = classes.index[piece]
            step = x - means[y]
            moved[piece] = (step * along_means[y]).sum(1) / share[y] + along_spread * (
                np.square(step).sum(1) - spread
            )
        variance = entropy.var(ddof=1) / len(a) + moved.var(ddof=1) / len(b)
        return Estimate(float(entropy.mean()), float(np.sqrt(variance)), len(a))


SAMPLE_ENTROPY = SampleEntropy()
