"""The oracle: a corrector that moves a sample to the nearest real image of its class.

c(x, y) is that image of class y, among *all* training images of the dataset, which is nearest to x
in pixels: most of these the loop has never trained on. The oracle knows the law of the data as well
as its images do, and at gamma = infinity a sample is a real image. Which one is the model's choice:
images near many samples come often and others never, so that coverage can be lost at any strength.
The theorem's oracle draws from p* without looking at x (``theory.loops.correction``); averaged with
x, an image that has nothing to do with it would be two digits on top of each other.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.train.corrector import Known, nearest, of_class


@final
@dataclass(frozen=True)
class NearestImage:
    """It has no parameters."""

    def targets(
        self, samples: np.ndarray, labels: np.ndarray, known: Known, generator: np.random.Generator
    ) -> np.ndarray:
        """The nearest image of its class for each sample, float32 [k, C, H, W]; draws nothing.

        Raises ``Problem`` for a class of which there is no real image.
        """
        found = np.empty_like(samples)
        for label in np.unique(labels):
            true = of_class("an oracle", known.all_pixels, known.all_labels, label, known.classes)
            here = labels == label
            found[here] = nearest(samples[here], true)
        return found
