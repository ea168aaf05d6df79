r"""A perturbation: what happens to the embedded condition while a denoiser learns.

A denoiser is told c, the embedding of an image's label or caption, T words of d numbers each. In
training it is told :math:`\tilde c` in its place; samples are drawn under c itself. What is drawn
for an image is drawn by :meth:`Perturbation.draw`, from a stream of its replicate, at each visit
anew or, where ``fixed``, once for each image of the training set:

.. math::  \tilde c = \mathrm{row}(c, \mathrm{drawn}, \bar c),

with :math:`\bar c` the mean of what all classes embed to. Each row states how far it moves c, in
``squared``. The null caption of classifier-free guidance is perturbed like any other: papers leave
that open, and it is our choice.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Perturbation(ABC):
    """A frozen dataclass of its parameters; ``fixed``: one draw an image, kept all through."""

    fixed: bool = False

    @abstractmethod
    def draw(self, shape: Sequence[int], generator: "torch.Generator") -> "Tensor | None":
        """What is drawn for conditions of the shape [..., T, d]; None where nothing is."""

    @abstractmethod
    def __call__(
        self, c: "Tensor", drawn: "Tensor | None", mean: Callable[[], "Tensor"]
    ) -> "Tensor":
        """Embedded conditions [K, B, T, d], perturbed; ``mean`` gives that of the classes."""

    @abstractmethod
    def squared(self, c: "Tensor", mean: "Tensor") -> "Tensor":
        """The expected square of how far a condition is moved, [..., T] for c [..., T, d]."""
