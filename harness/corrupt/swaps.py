r"""Swaps: two images give each other their captions.

Pairs are drawn one after the other, each uniformly among all pairs of images that have not been
swapped yet and whose labels differ. With :math:`m_a` images of class a left, m in all, one of the
pair is of class a and the other of class b with a probability in proportion to :math:`m_a m_b`.
So, other than by flips,

- as many images are told each caption as before, exactly;
- the number of corrupted images is even;
- a common caption is swapped less often than its share: the first pair holds an image of class a
  with a probability in proportion to :math:`\pi_a (1 - \pi_a)`.

As with flips, a caption that is swapped in may be true of the picture all the same.

Whatever is drawn, all images but those of one class find another: n less the images of the most
frequent class can be swapped for sure.

The law of the other caption, given an image of a, is that of flips as long as few are swapped:

.. math::  M_{ab} = \frac{\pi_b}{1 - \pi_a}, \quad b \ne a.

It is what a swap looks like from one side, and what is drawn where captions are relabelled anew at
each visit: another image's caption, while that image is not there to be given one in exchange.

Source: Chen et al., Slight Corruption in Pre-training Data Makes Better Diffusion Models, NeurIPS
2024, appendix B.1 ("sample two pairs and swap captions", on CC3M). That the captions differ is
ours: there hardly any two are alike.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from harness.corrupt.transition import by_prior, others
from harness.problem import Problem


@final
@dataclass(frozen=True)
class Swaps:
    """Any two images of different captions can be swapped; there are no parameters."""

    def law(self, classes: tuple[str, ...], prior: NDArray[np.float64]) -> NDArray[np.float64]:
        """M, ``[C, C]``, from the shares of the classes ``[C]``; ``Problem`` for one class."""
        return by_prior(prior, others("swaps", classes, prior))

    def pairs(
        self, labels: NDArray[np.int64], count: int, generator: np.random.Generator
    ) -> NDArray[np.int64]:
        """Images to swap, int64 ``[count, 2]``, indices into labels int64 ``[n]``; none twice.

        A larger count begins with the pairs of a smaller one. Raises ``Problem`` where all images
        that are left have one label.
        """
        turn = generator.permutation(len(labels))
        known, label = np.unique(labels, return_inverse=True)
        waiting = [turn[label[turn] == a].tolist() for a in range(len(known))]
        left = np.bincount(label)  # images that wait, by class
        found = np.empty((count, 2), np.int64)
        for k in range(count):
            weight = left * (left.sum() - left)
            if not weight.any():
                asked = f"swaps of {2 * count} of {len(labels)} images"
                got = f"{2 * k}, and one label among all that are left"
                fix = f"give a share of at most {2000 * k // len(labels) / 1000}"
                raise Problem(asked, got, fix)
            for side in range(2):
                a = _place(weight, generator)
                found[k, side] = waiting[a].pop()
                left[a] -= 1
                weight = np.where(np.arange(len(left)) == a, 0, left)
        return found


def _place(weight: NDArray[np.int64], generator: np.random.Generator) -> int:
    """A place, drawn with whole weights."""
    return int(np.searchsorted(weight.cumsum(), generator.integers(weight.sum()), side="right"))
