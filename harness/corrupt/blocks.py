r"""Blocks: a side cut into runs of ``factor`` pixels, and the mean of each.

A side of N pixels has :math:`n = \lceil N / f \rceil` blocks, from its start. Where f does not
divide N the last block is narrower, and its mean is that of the pixels that it has. So the mean of
an image over all its pixels is the mean of its blocks, each with the weight of its pixels.

What becomes of the DCT-II, where f divides N. With :math:`\phi^N_k(p) = \cos(\pi k (2p + 1) / 2N)`
the mean over block b is

.. math::  \frac1f \sum_{p \in b} \phi^N_k(p) = d_k\, \phi^n_k(b), \qquad
           d_k = \frac{\sin(\pi k f / 2N)}{f \sin(\pi k / 2N)}, \quad d_0 = 1,

the sum of f cosines at equal steps (Dirichlet's kernel); and :math:`d_k = 0` for k = n, 2n, ...,
where it vanishes or :math:`\phi^n_k` does. On n blocks the modes k, 2n - k, 2n + k, 4n - k, ... of
the image are one mode up to its sign, since :math:`\phi^n_{2n \pm k} = -\phi^n_k`: each is
multiplied by its own d and then they are added. This is aliasing: what lies above n is not only
lost, it comes back as a lower mode. So the power of a mode after any use of block means depends on
the signs of others before, and no gain and floor states it.

Source: the sums are elementary; Oppenheim, Schafer, Discrete-Time Signal Processing, 1999, 4.6
(changing the sampling rate), has the same for the Fourier transform.
"""

import numpy as np

from harness.problem import Problem


def require_factor(name: str, factor: int) -> None:
    """Refuse a factor that is not a whole number from 2 up. ``name`` is the corruption's.

    Raises ``Problem``.
    """
    if type(factor) is not int or factor < 2:
        raise Problem(f"factor of {name}, in pixels", repr(factor), "give a whole number from 2 up")


def block_means(factor: int, side: int) -> np.ndarray:
    """The means of the blocks of one axis as a matrix, float64 ``[ceil(side / factor), side]``."""
    block = np.arange(side) // factor
    member = (block == np.arange(block[-1] + 1)[:, None]).astype(float)
    return member / member.sum(1, keepdims=True)


def block_transfer(factor: int, side: int) -> np.ndarray:
    """The factors :math:`d_k` of the modes of one axis, float64 ``[side]``; factor divides side."""
    mode = np.arange(1, side)
    angle = np.pi * mode / (2 * side)
    found = np.sin(factor * angle) / (factor * np.sin(angle))
    return np.concatenate([[1.0], np.where(mode % (side // factor) == 0, 0.0, found)])
