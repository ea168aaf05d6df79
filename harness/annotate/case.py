"""What an annotator is given: the images of one replicate, and what happened to them.

An author has the clean subset and the imperfect images, and most annotators look at nothing else.
Two fields hold what no author has. ``corruption`` is the truth: the oracle reads it, to show what a
perfect annotation is worth. ``originals`` are all training images before anything happened to them,
the clean versions of the imperfect ones among them: the "balanced" classifier of Ambient Diffusion
Omni's released code was trained on these (Daras et al. 2025), and only the annotator that is named
for that leak may read them.
"""

from dataclasses import dataclass

import numpy as np

from harness.cell import Part


@dataclass(frozen=True, eq=False)
class Case:
    """clean, imperfect, originals: float32 [n, C, H, W]; generator: the annotator's own stream."""

    clean: np.ndarray
    imperfect: np.ndarray
    generator: np.random.Generator
    corruption: Part | None = None
    originals: np.ndarray | None = None
    device: str = "cpu"  # where an annotator that trains a network does it
