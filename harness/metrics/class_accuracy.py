r"""Class accuracy: the share of samples that a classifier takes for the class that was asked for.

.. math::  \frac1N \sum_i \mathbb{1}\big[\arg\max_k \ell_k(x_i) = y_i\big]

with :math:`\ell` the logits of a classifier trained on true images and y the class asked for. Its
standard error is the binomial one, :math:`\sqrt{p (1 - p) / (N - 1)}`, over the draw of samples and
classes with both networks held fixed. In the literature: the conditional accuracy of Ravuri and
Vinyals, Classification accuracy score for conditional generative models, NeurIPS 2019, has the
classifier the other way round (trained on samples, tried on images); this one is their "GAN-test"
of Shmelkov, Schmid and Alahari, How good is my GAN?, ECCV 2018.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from harness.metrics.classes import predicted, require_labels
from harness.metrics.estimate import Estimate, mean
from harness.metrics.features import Features, require_pair
from harness.metrics.sensitivity import Kind
from harness.problem import Problem


@final
@dataclass(frozen=True)
class ClassAccuracy:
    """Share of samples whose class, by a classifier, is the one that was asked for.

    Range 0 to 1, higher is better; the classifier's accuracy on true images is the level to compare
    with: strong guidance goes above it, and that is not better than real. Bias: none beside the
    classifier's own errors; where it takes a share e of the images of other classes for the one
    asked for, a model that overlooks what it is asked has e and not 0. Cost: O(N K). Least n: 2.
    The reference is looked at for its shape only. Cannot see: anything but the class, so neither
    quality nor diversity, repeats or copies; a typical picture of each class has 1.
    """

    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = True
    needs: ClassVar[str] = "labels"
    right: ClassVar[float | None] = None
    sees: ClassVar[tuple[Kind, ...]] = ("gaussian", "relabelled")
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
        """The accuracy of logits ``[N, K]`` on the labels of the samples; nothing is drawn.

        Raises ``Problem`` for too few rows, samples without labels or logits, a label that is no
        column of the logits, or NaN.
        """
        what = "class_accuracy of samples"
        a, _ = require_pair("class_accuracy", samples, reference, self.least(0))
        asked, given = require_labels(what, a), predicted(what, a)
        assert a.logits is not None  # or nothing would have been predicted
        if asked.max() >= (classes := a.logits.shape[1]):
            got = f"a class {asked.max()} and logits of {classes} classes"
            raise Problem(what, got, "use a classifier of the same classes")
        return mean((given == asked).astype(np.float64))


CLASS_ACCURACY = ClassAccuracy()
