r"""Advantage of an attack: can images that a model saw be told from others by a score?

The attack says "seen" where a score e, such as the error of a restoration, is small. Over all
thresholds at once it is as good as its area under the ROC curve,

.. math::  A = P(e_{seen} < e_{unseen}) + \tfrac12 P(e_{seen} = e_{unseen}),

estimated by the share of pairs: the U statistic of Mann and Whitney, On a test of whether one of
two random variables is stochastically larger than the other, Annals of Mathematical Statistics 18,
1947, over the number of pairs. 1/2: nothing can be told; 1: everything.

Standard error: DeLong, DeLong and Clarke-Pearson, Comparing the areas under two or more correlated
receiver operating characteristic curves, Biometrics 44, 1988. With :math:`V_i` the share of unseen
images that seen image i lies below (a tie counts half), and :math:`V_j` the share of seen images
that lie below unseen image j, :math:`A` is the mean of either and

.. math::  \operatorname{var} A = \operatorname{var}(V_i) / m + \operatorname{var}(V_j) / n.

Where images come in groups, such as the patches of one place of a photograph, those of a group
resemble each other, and the variance of a mean is that of sums over groups (Obuchowski,
Nonparametric analysis of clustered ROC curve data, Biometrics 53, 1997; without her term for groups
that have images on both sides, of which there is at most one here):

.. math::  \operatorname{var} \bar v = \frac{G}{G - 1} \frac{1}{n^2}
           \sum_{g=1}^G \Big( \sum_{i \in g} (v_i - \bar v) \Big)^2.

With every image a group of its own that is the usual one. At A = 0 and A = 1 the estimate is 0,
which it is not.

The other two readings, with the same variances: the ratio of the mean scores, seen over unseen, to
first order, and the share of seen images above a threshold less that of unseen ones.
"""

from typing import NamedTuple

import numpy as np

from harness.metrics.estimate import Estimate


class Side(NamedTuple):
    """Scores of the images of one side, and the group of each, ``[n]`` both, n at least 2."""

    scores: np.ndarray
    groups: np.ndarray

    def mean(self) -> Estimate:
        """The mean score; no standard error where all images are of one group."""
        return _estimate(self.scores, variance(self.scores, self.groups))

    def above(self, threshold: float) -> "Side":
        """1 where a score is above the threshold, else 0."""
        return Side((self.scores > threshold).astype(np.float64), self.groups)


def variance(values: np.ndarray, groups: np.ndarray) -> float:
    """Of the mean of values ``[n]`` that go together within groups ``[n]``; NaN for one group."""
    names, group = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        return float("nan")
    sums = np.bincount(group, values - values.mean())
    return float(len(names) / (len(names) - 1) * np.square(sums).sum() / len(values) ** 2)


def auc(seen: Side, unseen: Side) -> Estimate:
    """How well a small score tells a seen image from an unseen one; in [0, 1], right 1/2."""
    below = 1 - _rank(seen.scores, unseen.scores)  # of each seen image, the unseen ones above it
    above = _rank(unseen.scores, seen.scores)  # of each unseen image, the seen ones below it
    spread = variance(below, seen.groups) + variance(above, unseen.groups)
    return _estimate(below, spread)


def ratio(seen: Side, unseen: Side) -> Estimate:
    """Mean score of seen images over that of unseen ones, which is not 0; right 1."""
    over = seen.scores.mean() / unseen.scores.mean()
    parts = variance(*seen), over**2 * variance(*unseen)
    return _estimate(seen.scores / unseen.scores.mean(), sum(parts) / unseen.scores.mean() ** 2)


def excess(seen: Side, unseen: Side) -> Estimate:
    """Mean score of seen images less that of unseen ones; right 0."""
    gap = seen.scores - unseen.scores.mean()
    return _estimate(gap, variance(*seen) + variance(*unseen))


def _rank(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each score the share of the others below it, a tie counting half: ``[n]``."""
    order = np.sort(others)
    below, upto = (np.searchsorted(order, scores, side) for side in ("left", "right"))
    return (below + upto) / (2 * len(others))


def _estimate(values: np.ndarray, spread: float) -> Estimate:
    error = float(np.sqrt(spread)) if np.isfinite(spread) else None
    return Estimate(float(values.mean()), error, len(values))
