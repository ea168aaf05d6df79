r"""Flips, symmetric: a label becomes that of another class, drawn from the class prior.

.. math::  M_{ab} = \frac{\pi_b}{1 - \pi_a}, \quad b \ne a,

with :math:`\pi` the shares of the classes among the images that are trained on. Every image is as
likely to be flipped as any other, so a class keeps its share of the corrupted images; with equal
shares every wrong class is told in one of C - 1 cases. Of C equal classes with means
:math:`\mu_j` the class told k then has the mean
:math:`(1 - \eta) \mu_k + \eta / (C - 1) \sum_{j \ne k} \mu_j`.

On captions another caption may be true of the picture all the same: "a circle" is true of every
picture of "a red circle". Of scenes with equal shares of the tasks 13 % of the other captions are,
by GenEval's rules on what is shown (386 of 3,000 draws). What is wrong is the label;
``harness.corrupt.edits`` makes captions that are wrong of the picture.

Source: Chen et al., Slight Corruption in Pre-training Data Makes Better Diffusion Models, NeurIPS
2024, appendix B.1, "symmetric" ("flip to another class drawn from the class prior").
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from harness.corrupt.transition import by_prior, others


@final
@dataclass(frozen=True)
class Flips:
    """Every label can become every other one; there are no parameters."""

    def law(self, classes: tuple[str, ...], prior: NDArray[np.float64]) -> NDArray[np.float64]:
        """M, ``[C, C]``, from the shares of the classes ``[C]``; ``Problem`` for one class."""
        return by_prior(prior, others("flips", classes, prior))
