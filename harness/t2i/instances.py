r"""Instances: the objects in what a mask classification network says of an image.

The network gives Q queries. Query q has a law over K classes and "none", the softmax p of its
class logits, and a field of mask logits m over the pixels. An object is a pair (q, k), so that one
query may be two objects of different classes. Its mask, score and box are

.. math::  M = \{m_q > 0\}, \qquad
           s = p_{qk} \cdot \frac{\sum_{M} \sigma(m_q)}{|M| + 10^{-6}}, \qquad
           b = (\min x,\ \min y,\ \max x + 1,\ \max y + 1) \text{ over } M

with x to the right and y down in whole pixels, so that b covers M exactly. Of all pairs the
``MOST`` with the largest p are kept. Source: Cheng, Misra, Schwing, Kirillov and Girdhar,
"Masked-attention mask transformer for universal image segmentation", CVPR 2022, as its instance
head is run by mmdetection 2, the detector of GenEval.

Ours: pairs with p at or below a floor are dropped before their masks are looked at. That changes no
object with a score above the floor, since s is at most p.
"""

import numpy as np
from numpy.typing import NDArray

MOST = 100  # objects of an image, before any threshold

Floats = NDArray[np.floating]
Box = tuple[float, float, float, float]


def softmax(logits: Floats) -> Floats:
    """The softmax over the last axis, float64."""
    shifted = np.asarray(logits, np.float64)
    raised = np.exp(shifted - shifted.max(-1, keepdims=True))
    return raised / raised.sum(-1, keepdims=True)


def pairs(
    class_logits: Floats, floor: float, most: int = MOST
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """The queries, classes and probabilities ``[n]`` of the likeliest pairs, likeliest first.

    class_logits: ``[Q, K + 1]``, "none" last. Of equal pairs the earlier query comes first.
    """
    probability = softmax(class_logits)[:, :-1]  # [Q, K]
    flat = probability.ravel()
    order = np.argsort(-flat, kind="stable")[:most]
    order = order[flat[order] > floor]
    query, klass = np.divmod(order, probability.shape[1])
    return query, klass, flat[order]


def quality(mask_logits: Floats) -> Floats:
    """The mean confidence of masks ``[n, H, W]`` where they are set, ``[n]``; 0 where empty."""
    inside = mask_logits > 0
    raised = 1 / (1 + np.exp(-np.where(inside, mask_logits, 0).astype(np.float64)))
    return np.where(inside, raised, 0).sum((1, 2)) / (inside.sum((1, 2)) + 1e-6)


def box(mask: NDArray[np.bool_]) -> Box:
    """The least box that covers a mask ``[H, W]``, in pixels; (0, 0, 0, 0) for an empty one."""
    columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    if not len(columns):
        return (0.0, 0.0, 0.0, 0.0)
    edges = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    return tuple(float(edge) for edge in edges)  # type: ignore[return-value]


def fitted_size(width: int, height: int, short: int, long: int) -> tuple[int, int]:
    """Width and height scaled by one factor, as large as the short and the long side allow."""
    scale = min(long / max(width, height), short / min(width, height))
    return int(width * scale + 0.5), int(height * scale + 0.5)
