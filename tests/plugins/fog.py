"""A plugin: a corruption, an annotator, an objective, and a study that uses them.

`patina --plugin tests/plugins/fog.py run --scale smoke --studies fog` runs it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from harness.annotate import ANNOTATORS
from harness.annotate.case import Case
from harness.cell import Cell, part
from harness.corrupt import CORRUPTIONS
from harness.objectives import OBJECTIVES
from harness.objectives.denoising import Denoising
from harness.scale import Sizes
from harness.studies import STUDIES
from harness.studies.arms import trained
from harness.studies.study import Study


@dataclass(frozen=True)
class Fog:
    """x -> (1 - share) x + share: contrast falls and everything brightens."""

    share: float

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        return (1 - self.share) * x + self.share

    def spectrum(self, height: int, width: int) -> None:
        return None


@dataclass(frozen=True)
class MeanGap:
    """sigma_min is the distance of the mean images: what a shift needs to be hidden."""

    times: float = 1.0

    def __call__(self, case: Case) -> np.ndarray:
        gap = np.linalg.norm(case.clean.mean(0) - case.imperfect.mean(0)) * self.times
        return np.tile(np.float32([gap, 0]), (len(case.imperfect), 1))

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """None: sums, and no products."""
        return 0.0


@dataclass(frozen=True)
class Plain(Denoising):
    """Denoising by another name."""


CORRUPTIONS.add("fog", f"{__name__}:Fog")
ANNOTATORS.add("mean_gap", f"{__name__}:MeanGap")
OBJECTIVES.add("plain", f"{__name__}:Plain")


def cells(sizes: Sizes) -> list[Cell]:
    """Clean only, and fog above the level that hides it."""
    return [
        trained("clean", sizes, 2),
        trained(
            "gated",
            sizes,
            2,
            corruption=part("fog", share=0.2),
            annotator=part("mean_gap"),
            objective=part("plain"),
        ),
    ]


STUDY = Study(name="fog", title="Foggy photographs", question="What is fog good for?", cells=cells)
STUDIES.add("fog", f"{__name__}:STUDY")
