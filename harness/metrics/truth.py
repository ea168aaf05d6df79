"""The truth: the images that samples are compared with, and their features, worked out once."""

from dataclasses import replace
from pathlib import Path
from typing import final

import numpy as np

from harness.cell import Upstream
from harness.metrics import EXTRACTORS
from harness.metrics.features import Features


def weights_of(extractors: tuple[str, ...], upstream: dict[str, Upstream]) -> dict[str, Path]:
    """The files of weights that stages before this one left, by extractor."""
    found = {}
    for name in extractors:
        if name.startswith("trained_") and "classifier" in upstream:
            found[name] = upstream["classifier"].folder / "weights.safetensors"
        if "weights" in upstream and upstream["weights"].params.extractor == name:
            found[name] = upstream["weights"].folder / "weights"
    return found


@final
class Truth:
    """True images, and what each extractor, fitted to them, makes of them.

    pixels: ``[N, C, H, W]``; groups: class or source of each, ``[N]``; weights: files by extractor.
    """

    def __init__(
        self,
        pixels: np.ndarray,
        groups: np.ndarray,
        extractors: tuple[str, ...],
        weights: dict[str, Path],
    ) -> None:
        self.pixels = pixels
        self.extract = {
            name: EXTRACTORS[name].fit(pixels, weights.get(name)) for name in extractors
        }
        self.features = {
            name: replace(extract(pixels), labels=groups, memory={})
            for name, extract in self.extract.items()
        }

    def of(self, extractor: str, samples: np.ndarray, labels: np.ndarray | None) -> Features:
        """The features of samples ``[N, C, H, W]``; labels: the class asked for, ``[N]``."""
        found = self.extract[extractor](samples)
        return found if labels is None else replace(found, labels=labels, memory={})
