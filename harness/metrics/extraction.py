r"""Extraction: are samples copies of the images that a model saw?

With :math:`d_1 \le d_2` the distances of a sample to the nearest and the second nearest of the
distinct images that the model saw, in pixels,

.. math::  x \text{ is extracted iff } d_1 < d_2 / 3.

A distance alone says little, since smooth images lie near to everything; so Carlini, Hayes, Nasr,
Jagielski, Sehwag, Tramèr, Balle, Ippolito and Wallace, Extracting training data from diffusion
models, USENIX Security 2023, divide the distance to the nearest training image by that to others.
The factor of a third to the second nearest is that of Yoon, Choi, Kwon and Ryu, Diffusion
probabilistic models generalize when they fail to memorize, 2023.

What fresh data gives: where images lie as thick as they do between the two, the balls of radius
:math:`d_1` and :math:`d_2` around a new image have a ratio of volumes that is uniform on [0, 1], so
that a share of :math:`3^{-d}` counts as extracted in d dimensions (derived here): none, for images.

Readings, for the N samples of a replicate:

    extracted                  the share of extracted samples
    extracted_ratio            mean d_1 of samples over mean d_1 of unseen images; 1 is right
    extracted_over_.9          share of samples whose largest cosine with a seen image, both less
                               their own mean, is above .9; so for .95 and .99
    extracted_over_.9_excess   the same less that of unseen images

The shares by cosine are the report of Daras, Dimakis and Daskalakis, Consistent Diffusion Meets
Tweedie, ICML 2024, which takes DINOv2 features. The standard errors are over samples and unseen
images, with the seen ones, which the model was made from, held fixed.
"""

import numpy as np

from harness.metrics import advantage
from harness.metrics.advantage import Side
from harness.metrics.attack import COSINES, FLAT, SHARES
from harness.metrics.estimate import Estimate
from harness.metrics.features import Features
from harness.metrics.neighbourhood import nearest

FACTOR = 1 / 3


def extraction(
    samples: np.ndarray, seen: np.ndarray, unseen: np.ndarray, groups: np.ndarray
) -> dict[str, Estimate]:
    """The readings by name, for images ``[N, C, H, W]``; groups: those of the unseen, ``[n]``.

    Raises ``Problem`` where fewer than 2 distinct images were seen.
    """
    known = np.unique(_flat(seen), axis=0)
    points = [_flat(samples), _flat(unseen)]
    own = [np.arange(len(samples)), groups]
    far = [np.sqrt(nearest(Features(x), Features(known), 2)[0]) for x in points]  # [N, 2] each
    copied = far[0][:, 0] < FACTOR * far[0][:, 1]
    first = [Side(each[:, 0], group) for each, group in zip(far, own)]
    cosines = [Side(largest_cosine(x, known), group) for x, group in zip(points, own)]
    found = {
        "extracted": Side(copied.astype(np.float64), own[0]).mean(),
        "extracted_ratio": advantage.ratio(*first),
    }
    for share, threshold in zip(SHARES, COSINES):
        near = [side.above(threshold) for side in cosines]
        found[f"extracted_{share}"] = near[0].mean()
        found[f"extracted_{share}_excess"] = advantage.excess(*near)
    return found


def largest_cosine(points: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Of each row ``[N, d]`` with a row of ``known``, both less their mean; 0 with flat ones.

    Of unit vectors the nearest has the largest cosine, 1 - d_1²/2.
    """
    a, b = _directions(points), _directions(known)
    lively = np.any(b != 0, axis=1)
    if not lively.any():
        return np.zeros(len(a))
    cosine = 1 - nearest(Features(a), Features(b[lively]), 1)[0][:, 0] / 2
    return np.where(np.any(a != 0, axis=1), cosine, 0.0)


def _directions(rows: np.ndarray) -> np.ndarray:
    """Rows less their mean at length 1; a flat row becomes 0."""
    centred = rows - rows.mean(1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    lively = length >= FLAT * rows.shape[1] ** 0.5
    return np.divide(centred, length, out=np.zeros_like(centred), where=lively)


def _flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float64)
