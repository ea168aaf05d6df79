"""A condition: what a denoiser is told of an image, and how often it is told nothing.

caption   the words of the image's caption, which is the name of its class
label     its class, as one word

With the rate ``dropout`` an image is shown under the null caption, so that one network learns the
conditional and the unconditional denoiser (Ho and Salimans, "Classifier-free diffusion guidance",
2022, algorithm 1).

A ``perturbation`` moves what the denoiser is told after it has been embedded
(``harness.corrupt.perturbation``): in training alone, and the null caption like any other.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.cell import Part, later
from harness.corrupt import PERTURBATIONS
from harness.corrupt.parameter import require_part, require_share
from harness.corrupt.perturbation import Perturbation
from harness.data.images import Images
from harness.data.words import Words
from harness.problem import Problem

KINDS = ("caption", "label")


@final
@dataclass(frozen=True)
class Condition:
    """kind: one of ``KINDS``; dropout: the share of null captions in training, in [0, 1).

    perturbation: a row of ``PERTURBATIONS``, None for none. Raises ``Problem`` for anything else.
    """

    kind: str = "caption"
    dropout: float = 0.1
    perturbation: Part | None = later(None)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            known = ", ".join(KINDS)
            raise Problem(f"the condition {self.kind!r}", "no such", f"choose from {known}")
        require_share("a condition", "dropout", self.dropout)
        self.perturbed()

    def perturbed(self) -> Perturbation | None:
        """The row of the perturbation with its parameters; a :class:`Problem` for wrong ones."""
        if self.perturbation is None:
            return None
        require_part("a condition perturbed by", self.perturbation)
        made: Perturbation = PERTURBATIONS.make(self.perturbation)
        return made

    def words(self, images: Images) -> Words:
        """The words of all captions of a dataset; a :class:`Problem` where it has no classes."""
        if images.labels is None:
            got = "no labels"
            raise Problem(f"a condition on {images.name}", got, "choose a dataset with classes")
        return self.words_of(images.classes)

    def words_of(self, classes: tuple[str, ...]) -> Words:
        """The words of the names of classes."""
        return Words.of(classes, whole=self.kind == "label")

    def tokens(self, images: Images) -> np.ndarray:
        """The tokens of every image, int64 [N, T]."""
        return self.words(images).tokens(images.classes)[images.labels]
