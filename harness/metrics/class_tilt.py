r"""Class tilt: how far the classes of the samples are from those of the reference.

.. math::  TV = \frac12 \sum_k |p_k - q_k|

with p and q the shares of class k among samples and reference: the total variation distance, the
least share of the samples that must change class to mend the histogram. The classes of both sides
are those that one classifier gives them, wherever the reference has logits too: its errors then
fall on both alike, and equal laws give equal histograms. Only a reference without logits is taken
at its labels, and then the classifier's errors count as tilt. That training on imperfect data
tilts classes, and that a histogram shows it, is folklore; the standard error and the floor are this
project's.

Standard error, to first order, with :math:`s_k = \operatorname{sign}(p_k - q_k)`:

.. math::  \frac14 \left( \frac{\sum_k p_k s_k^2 - (\sum_k p_k s_k)^2}{n - 1}
                        + \frac{\sum_k q_k s_k^2 - (\sum_k q_k s_k)^2}{m - 1} \right)

is its square. It holds where each difference is clear of 0.

Floor. Where both laws are equal, TV is not 0 but, for class counts well above 1,

.. math::  E\, TV \approx \sqrt{\frac{1}{2 \pi} \left(\frac1n + \frac1m\right)}
           \sum_k \sqrt{p_k (1 - p_k)},

by the mean absolute value of a normal difference: 0.038 for ten equal classes and 2,000 images on
either side, and 0.126 for a hundred classes.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from harness.metrics.classes import predicted, require_labels, require_logits
from harness.metrics.estimate import Estimate
from harness.metrics.features import Features, require_pair
from harness.metrics.sensitivity import Kind
from harness.problem import Problem


def floor(shares: np.ndarray, n: int, m: int) -> float:
    """The tilt between n and m images of one law with class shares ``[K]``, to first order."""
    spread = np.sqrt(shares * (1 - shares)).sum()
    return float(np.sqrt((1 / n + 1 / m) / (2 * np.pi)) * spread)


@final
@dataclass(frozen=True)
class ClassTilt:
    """Total variation distance between the class histograms of samples and reference.

    Range 0 to 1, 0 is right, lower is better. Bias: upward, to the floor of the module's page
    (0.04 for ten classes and 2,000 images): compare at one n, and with two halves of clean data;
    where the classifier errs, the tilt is that of its confused classes, which is smaller.
    Cost: O(N K). Least n: 2. The standard error is of first order: it says nothing at the floor,
    and is 0 for equal histograms. Cannot see: anything within a class, so neither quality nor
    repeats nor copies; nor a mixture of classes in one image.
    """

    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "logits"
    right: ClassVar[float | None] = 0.0
    sees: ClassVar[tuple[Kind, ...]] = ("dropped", "imbalance")
    blind: ClassVar[tuple[Kind, ...]] = ()

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side."""
        return 2

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The tilt by logits ``[N, K]`` of the samples; the generator is not used.

        The reference's classes are the argmax of its logits ``[M, K]``, or else its labels. Raises
        ``Problem`` for too few rows, no logits on samples, neither on the reference, another number
        of classes, or NaN.
        """
        what = "class_tilt"
        a, b = require_pair(what, samples, reference, self.least(0))
        classes = require_logits(f"{what} of samples", a).shape[1]
        of_samples = predicted(f"{what} of samples", a)
        name = f"{what} of a reference"
        of_reference = require_labels(name, b) if b.logits is None else predicted(name, b)
        other = of_reference.max() + 1 if b.logits is None else b.logits.shape[1]
        if other > classes or (b.logits is not None and other != classes):
            raise Problem(
                f"{what} of logits", f"{classes} and {other} classes", "use one classifier"
            )
        shares = [
            np.bincount(found, minlength=classes) / len(found)
            for found in (of_samples, of_reference)
        ]
        difference = shares[0] - shares[1]  # [K]
        sign = np.sign(difference)
        variance = sum(
            (share @ sign**2 - (share @ sign) ** 2) / (len(side) - 1)
            for share, side in zip(shares, (a, b))
        )
        value = float(np.abs(difference).sum() / 2)
        return Estimate(value, float(np.sqrt(max(variance, 0.0)) / 2), len(a))


CLASS_TILT = ClassTilt()
