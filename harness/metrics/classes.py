"""Classes of the images of a set: those that it states, or those that a classifier gives.

The class that a classifier gives is the argmax of its logits; of equal logits, the first. A stated
class k and column k of the logits are the same class.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.sparse import csr_array

from harness.metrics.features import PIECE, Features
from harness.problem import Problem


@final
@dataclass(frozen=True, eq=False)
class Classes:
    """``names``: int ``[K]``, sorted, none without an image; ``index``: int ``[N]``, 0 to K - 1."""

    names: np.ndarray
    index: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """How many images each class has: int ``[K]``, each at least 1."""
        return np.bincount(self.index, minlength=len(self.names))

    def means(self, features: Features) -> np.ndarray:
        """The mean of the rows of each class: float64 ``[K, d]``."""
        total = np.zeros((len(self.names), features.dimension))
        for piece, x in features.pieces():
            columns = np.arange(len(x))
            one_hot = csr_array(
                (np.ones(len(x)), (self.index[piece], columns)), shape=(len(total), len(x))
            )
            total += one_hot @ x
        return total / self.counts[:, None]


def require_logits(what: str, features: Features, least_classes: int = 2) -> np.ndarray:
    """The logits ``[N, K]`` as they are, or ``Problem``: ``what`` names them."""
    logits = features.logits
    if logits is None:
        raise Problem(what, "features without logits", "use an extractor that classifies")
    if logits.ndim != 2 or len(logits) != len(features) or logits.shape[1] < least_classes:
        raise Problem(
            what,
            f"logits of shape {logits.shape} for {len(features)} images",
            f"give logits [N, K] of at least {least_classes} classes",
        )
    starts = range(0, len(logits), PIECE)
    if not features.once(
        "finite logits", lambda: all(np.isfinite(logits[s : s + PIECE]).all() for s in starts)
    ):
        raise Problem(what, "NaN or infinite logits", "see whether the network diverged")
    return logits


def require_labels(what: str, features: Features) -> np.ndarray:
    """The stated classes int ``[N]``, or ``Problem`` for none, for fractions or for negatives."""
    if features.labels is None:
        raise Problem(what, "images without classes", "give labels, or use a classifier's logits")
    labels = np.asarray(features.labels)
    if labels.shape != (len(features),) or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise Problem(
            what,
            f"labels of shape {labels.shape} and type {labels.dtype} for {len(features)} images",
            "give one whole number from 0 on for each image",
        )
    return labels.astype(np.int64)


def predicted(what: str, features: Features, among: np.ndarray | None = None) -> np.ndarray:
    """The classes that a classifier gives, int ``[N]``; ``among`` the names ``[K']`` only.

    Raises ``Problem`` without logits, or where the logits have no column for a name.
    """
    logits = require_logits(what, features)
    if among is not None and among.max() >= logits.shape[1]:
        raise Problem(
            what,
            f"a class {among.max()} and logits of {logits.shape[1]} classes",
            "use a classifier of the same classes",
        )
    found = np.empty(len(logits), np.int64)
    for start in range(0, len(logits), PIECE):
        piece = logits[start : start + PIECE]
        found[start : start + PIECE] = (piece if among is None else piece[:, among]).argmax(1)
    return found if among is None else among[found]


def reference_classes(what: str, reference: Features) -> Classes:
    """The classes of a reference: its labels, or else what a classifier gives.

    Raises ``Problem`` where it has neither.
    """

    def make() -> Classes:
        stated = reference.labels is not None or reference.logits is None
        given = require_labels(what, reference) if stated else predicted(what, reference)
        return Classes(*np.unique(given, return_inverse=True))

    return reference.once("classes", make)
