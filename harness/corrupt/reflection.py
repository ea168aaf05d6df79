r"""Half-sample symmetric reflection, the boundary of every blur here.

An image of side N is continued as ``... x1 x0 | x0 x1 ... x(N-1) | x(N-1) x(N-2) ...``, without
end, so that a kernel may be wider than the image (scipy.ndimage calls this ``mode="reflect"``,
numpy ``mode="symmetric"``). The continued signal is even about -1/2 and has period 2N.

Its use is that the DCT-II diagonalises a symmetric convolution under it. With
:math:`w_{-j} = w_j` and the basis :math:`\phi_k(p) = \cos(\pi k (2p + 1) / 2N)`, which is its own
continuation,

.. math::  \sum_j w_j\, \phi_k(p + j) = \Big(\sum_j w_j \cos(\pi k j / N)\Big)\, \phi_k(p),

because :math:`\cos(a + b) + \cos(a - b) = 2 \cos a \cos b`. So mode k is multiplied by
:math:`g_k = \sum_j w_j \cos(\pi k j / N)`, its power by :math:`g_k^2`, exactly and for any radius.
Source: Martucci, Symmetric convolution and the discrete sine and cosine transforms, IEEE Trans.
Signal Processing 42(5), 1994; the two lines above are the whole proof.
"""

import numpy as np


def reflect(index: np.ndarray, side: int) -> np.ndarray:
    """The pixel in ``0 .. side - 1`` that a position of the continued image shows."""
    folded = np.mod(index, 2 * side)
    return np.where(folded < side, folded, 2 * side - 1 - folded)


def convolution_matrix(kernel: np.ndarray, side: int) -> np.ndarray:
    """The convolution of one axis as a dense matrix, float64 ``[side, side]``.

    ``kernel`` is symmetric, of odd length 2r + 1; r may exceed the side.
    """
    radius = len(kernel) // 2
    target = np.repeat(np.arange(side), len(kernel))
    source = reflect(np.add.outer(np.arange(side), np.arange(-radius, radius + 1)), side).ravel()
    matrix = np.zeros((side, side))
    np.add.at(matrix, (target, source), np.tile(kernel, side))
    return matrix


def transfer(kernel: np.ndarray, side: int) -> np.ndarray:
    """The factors :math:`g_k` of the DCT-II modes of one axis, float64 ``[side]``.

    ``kernel`` is symmetric, of odd length.
    """
    radius = len(kernel) // 2
    angle = np.pi * np.outer(np.arange(side), np.arange(-radius, radius + 1)) / side
    return np.cos(angle) @ kernel
