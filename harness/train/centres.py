"""Cluster centres: a corrector that moves a sample to the nearest typical image of its class.

The real images of each class that the loop trains on are divided into ``count`` clusters by K-means
(Lloyd 1982, from a start by k-means++, Arthur and Vassilvitskii 2007), and c(x, y) is the centre of
class y that is nearest to x. So Gillman et al. 2024 correct MNIST, with 16 centres a digit (after a
note on their code). A centre is a mean of images, and the fewer there are the less of a class is
left at large gamma: at gamma = infinity the samples are ``count`` pictures a class. A class of
fewer images than centres has each image for a centre.

The draws of K-means come from one stream, opened anew in each generation: on one real set the
centres stay where they are.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.cluster.vq import kmeans2

from harness.problem import Problem
from harness.train.corrector import Known, nearest, of_class

ITERATIONS = 30


@final
@dataclass(frozen=True)
class Centres:
    """count: centres of a class. Raises ``Problem`` for none."""

    count: int = 4

    def __post_init__(self) -> None:
        if type(self.count) is not int or self.count < 1:
            raise Problem(f"{self.count!r} cluster centres of a class", "none", "give 1 or more")

    def targets(
        self, samples: np.ndarray, labels: np.ndarray, known: Known, generator: np.random.Generator
    ) -> np.ndarray:
        """The nearest centre of its class for each sample, float32 [k, C, H, W].

        Raises ``Problem`` for a class of which the loop has no real image.
        """
        found = np.empty_like(samples)
        for label in range(len(known.classes)):  # each in turn: the draws do not hang on samples
            here, real = labels == label, known.labels == label
            if here.any() or real.any():
                own = of_class("cluster centres", known.pixels, known.labels, label, known.classes)
                middle = centres(own, self.count, generator)
                found[here] = nearest(samples[here], middle)
        return found


def centres(images: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """The centres of images [n, C, H, W], float32 [min(count, n), C, H, W]."""
    if len(images) <= count:
        return images
    points = images.reshape(len(images), -1).astype(np.float64)
    middle, _ = kmeans2(points, count, ITERATIONS, minit="++", rng=generator)
    return middle.astype(np.float32).reshape(-1, *images.shape[1:])
