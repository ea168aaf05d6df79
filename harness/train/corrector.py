r"""Correctors: what mends the samples of a model before the next one is trained on them.

A row of ``CORRECTORS`` (``harness.train``) is a frozen dataclass of its parameters; with
``row.targets(samples, labels, known, generator)`` it names for each sample x of the class y an
image c(x, y). A correction of the strength gamma moves the sample there,

.. math::  x \leftarrow \frac{x + \gamma\, c(x, y)}{1 + \gamma},

a map of samples: 0 leaves them, 1 goes half of the way, and an infinite one ends at c itself.
Gillman et al. 2024 (Self-Correcting Self-Consuming Loops, arXiv 2402.07087) call for an operation
on laws, pi_gamma p = (p + gamma p*) / (1 + gamma), and use maps as its practical stand-ins: a
simulator of physics for motion, cluster centres for MNIST. The two differ. The mixture keeps the
law p* at every strength, and a map towards a few images takes the spread about them away: within a
cell of images that go to one the deviation falls by 1 / (1 + gamma).

A corrector knows images that the loop trains on, and may know more: ``Known``.
"""

import math
from dataclasses import dataclass
from typing import Any, Protocol, final

import numpy as np
from scipy.spatial.distance import cdist

from harness.cell import Part
from harness.problem import Problem
from harness.train import CORRECTORS
from theory.loops.correction import replaced


@final
@dataclass(frozen=True)
class Known:
    """Real images that a corrector can look at: those that the loop trains on, and all there are.

    pixels, all_pixels: float32 [n, C, H, W]; labels, all_labels: int64 [n]; classes: their names.
    """

    pixels: np.ndarray
    labels: np.ndarray
    all_pixels: np.ndarray
    all_labels: np.ndarray
    classes: tuple[str, ...]


class Corrector(Protocol):
    """A row of ``CORRECTORS`` with its parameters.

    One that does not suit every number of classes has ``require(many)``, which raises ``Problem``.
    """

    def targets(
        self, samples: np.ndarray, labels: np.ndarray, known: Known, generator: np.random.Generator
    ) -> np.ndarray:
        """c(x, y), float32 [k, C, H, W], of samples [k, C, H, W] of the classes [k]."""
        ...


def correct(
    part: Part | None,
    gamma: float,
    samples: np.ndarray,
    labels: np.ndarray,
    known: Known,
    generator: np.random.Generator,
) -> np.ndarray:
    """Samples [k, C, H, W] of the classes [k] as a corrector leaves them; None leaves them alone.

    Raises ``Problem`` for a class that the corrector knows no image of, or wrong parameters.
    """
    if part is None or gamma == 0:
        return samples
    row: Corrector = CORRECTORS.make(part)
    share = np.float32(replaced(gamma))
    targets = row.targets(samples, labels, known, generator)
    return (1 - share) * samples + share * targets


def nearest(samples: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Of images [n, C, H, W] the one that is nearest to each sample, [k, C, H, W], in pixels.

    A sample that is not finite has none, and gets the first.
    """
    pixels = math.prod(images.shape[1:])
    distance = cdist(samples.reshape(-1, pixels), images.reshape(-1, pixels))  # [k, n]
    return images[np.where(np.isnan(distance), np.inf, distance).argmin(axis=1)]


def of_class(
    what: str, pixels: np.ndarray, labels: np.ndarray, label: int, names: tuple[str, ...]
) -> np.ndarray:
    """The images of a class. Raises ``Problem``, which names it, where there is none."""
    found: np.ndarray = pixels[labels == label]
    if not len(found):
        name: Any = names[label] if 0 <= label < len(names) else label
        held = ", ".join(names[k] for k in np.unique(labels)[:5])
        got = f"images of {held}{' and others' if len(np.unique(labels)) > 5 else ''}"
        fix = "correct by images of the classes that the samples are of"
        raise Problem(f"{what} for samples of the class {name}", got, fix)
    return found
