r"""Inception score: are images each of one class, and are all classes there?

.. math::  IS = \exp \frac1N \sum_i KL\big( p(y | x_i) \,\|\, \bar p \big), \qquad
           \bar p = \frac1N \sum_i p(y | x_i)

with p(y|x) the softmax of a classifier's logits over K classes. The exponent is the mutual
information between image and class, in nats: the entropy of the mean prediction less the mean
entropy of the predictions. Source: Salimans et al., Improved techniques for training GANs, NIPS
2016, Section 4. Only with the logits of the FID network, and its 1,008 outputs, may the number
stand beside published ones.

Splits. As published, the samples are cut into 10 splits, each has its own :math:`\bar p`, and the
scores are averaged. The row here takes the whole set (Barratt and Sharma, A note on the Inception
score, 2018, advise it), since the plug-in information is biased downward by the estimated
:math:`\bar p`, to first order by

.. math::  \frac{1}{2 n} \sum_k \operatorname{Var}(p_k) / \bar p_k  \le  (K - 1) / 2 n

with n the images of one split; the bound is met by a classifier that is always sure. (The expansion
of :math:`-\bar p \ln \bar p` to second order.) So ten splits have ten times the bias: with 1,000
classes and 50,000 images up to 10 % against 1 %. ``InceptionScore(splits=10)`` gives the published
form.

Elsewhere. torch-fidelity: 10 splits after a shuffle with seed 2020, logits without the bias of the
last layer, and the deviation between splits, which is not a standard error. torchmetrics: the same
after a shuffle without a seed. The evaluator of guided diffusion (ADM): splits of 5,000 in the
order of the file, the last one shorter, also without the bias. All take softmax and logarithm of
what they are given; whether the bias is in it is the extractor's matter.

Standard error, to first order: the derivative of the information along a sample is
:math:`KL(p(y | x_i) \| \bar p)` less its mean (the part through :math:`\bar p` cancels), so that of
IS is :math:`IS \cdot \operatorname{sd}(KL_i) / \sqrt N`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.special import log_softmax

from harness.metrics.classes import require_logits
from harness.metrics.estimate import Estimate
from harness.metrics.features import PIECE, Features, require_pair
from harness.metrics.sensitivity import Kind


def _log_predictions(logits: np.ndarray, rows: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """ln p(y|x) of some rows of the logits, a few at a time: float64 ``[B, K]``."""
    for start in range(0, len(rows), PIECE):
        piece = slice(start, start + PIECE)
        yield piece, log_softmax(logits[rows[piece]].astype(np.float64), axis=1)


def information(logits: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """KL of each prediction from the mean one, over some rows of logits ``[N, K]``: nats ``[n]``.

    Their mean is the mutual information of image and class.
    """
    mean = np.zeros(logits.shape[1])
    for _, log_p in _log_predictions(logits, rows):
        mean += np.exp(log_p).sum(0) / len(rows)
    # Where the mean is 0 each p is 0 too, and 0 ln 0 is 0.
    log_mean = np.log(mean, out=np.zeros_like(mean), where=mean > 0)
    divergence = np.empty(len(rows))
    for piece, log_p in _log_predictions(logits, rows):
        divergence[piece] = (np.exp(log_p) * (log_p - log_mean)).sum(1)
    return divergence


@final
@dataclass(frozen=True)
class InceptionScore:
    """exp of the mutual information between image and class, by the logits of the samples.

    Range 1 to the number of classes, higher is better; the reference's own score is the level to
    compare with, and a score above it is not better than real. Bias: downward, see the module's
    page; ``splits`` parts (1: the whole set), drawn along the content order, each with its own
    mean, multiply it by their number. Cost: O(N K), one pass twice. Least n: 2 a split. The
    reference is looked at for its shape only. The standard error is of first order, and too small
    where the score is near its maximum. Cannot see: whether samples look like the reference at all
    (a picture of a class is enough), repeats of one image a class, memorised images, and anything
    that the classifier ignores.
    """

    splits: int = 1
    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = True
    needs: ClassVar[str] = "logits"
    right: ClassVar[float | None] = None
    sees: ClassVar[tuple[Kind, ...]] = ("dropped",)
    blind: ClassVar[tuple[Kind, ...]] = ()

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side: 2 a split."""
        return 2 * self.splits

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The score of the samples' logits ``[N, K]``; the generator draws the splits.

        Raises ``Problem`` for too few rows, no logits, fewer than 2 classes, or NaN.
        """
        what = "inception_score"
        a, _ = require_pair(what, samples, reference, self.least(0))
        logits = require_logits(f"{what} of samples", a)
        n = len(a)
        rows = np.arange(n) if self.splits == 1 else a.order[generator.permutation(n)]
        scores, variances = [], []
        for k in range(self.splits):
            part = np.sort(rows[k * n // self.splits : (k + 1) * n // self.splits])
            divergence = information(logits, part)
            scores.append(float(np.exp(divergence.mean())))
            variances.append(scores[-1] ** 2 * divergence.var(ddof=1) / len(part))
        error = float(np.sqrt(np.sum(variances))) / self.splits
        return Estimate(float(np.mean(scores)), error, n)


INCEPTION_SCORE = InceptionScore()
