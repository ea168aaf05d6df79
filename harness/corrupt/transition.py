r"""A transition: what a label becomes where it is corrupted, as a law over the classes.

.. math::  M_{ab} = P(\text{told } b \mid \text{true } a, \text{corrupted}), \qquad M_{aa} = 0,

float64 ``[C, C]``. A row sums to 1, or it is zero: then the labels of that class are never
corrupted. Where a share :math:`\eta` of each class is corrupted, the labels that are told have the
noise matrix :math:`T = (1 - \eta) I + \eta M` (Patrini, Rozza, Menon, Nock and Qu, Making Deep
Neural Networks Robust to Label Noise, 2017), and with true shares :math:`\pi` what is told to be
class k holds the classes j in the shares

.. math::  p_j = \pi_j T_{jk} / \sum_i \pi_i T_{ik},

so its mean is :math:`\sum_j p_j \mu_j`. The law of all images together does not see M at all: who
is told what moves no image.

A label is drawn by inversion of the distribution function of its row, from one uniform number: the
least b with :math:`\sum_{i \le b} M_{ai} > u`. A class without mass is never drawn.
"""

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem


def by_prior(prior: NDArray[np.float64], allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The law that draws from the prior [C], conditioned on the classes that are allowed, [C, C].

    The row of a class to which no class with a share is allowed is zero.
    """
    weight = np.where(allowed, prior, 0.0)
    total = weight.sum(1, keepdims=True)
    return np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)


def others(name: str, classes: tuple[str, ...], prior: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For each class all the others, bool [C, C]; ``Problem`` where one class has all the images.

    name: of the relabelling, for the message.
    """
    if np.count_nonzero(prior) < 2:
        got = "no images"
        for a in np.flatnonzero(prior):
            got = f"images of {classes[a]!r} alone"
        raise Problem(f"{name} among classes", got, "take data of two classes or more")
    return ~np.eye(len(classes), dtype=bool)


def checked(name: str, law: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """A law as it is; ``Problem`` where it is none over ``count`` classes."""
    asked = f"a law over {count} classes by the relabelling {name}"
    if law.shape != (count, count):
        raise Problem(asked, f"the shape {law.shape}", f"give [{count}, {count}]")
    if not (law >= 0).all() or not (law.diagonal() == 0).all():
        raise Problem(asked, "a share below 0, NaN, or a class for itself", "give shares of others")
    total = law.sum(1)
    if not (np.isclose(total, 1, rtol=0, atol=1e-9) | (total == 0)).all():
        raise Problem(asked, "a row of another sum than 1 or 0", "make each row sum to 1, or 0")
    return law


def cumulative(law: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distribution function of each row, [C, C], its last entry 1; of a zero row, itself."""
    summed = (law + np.diag(law.sum(1) == 0)).cumsum(1)
    return summed / summed[:, -1:]


def drawn(
    law: NDArray[np.float64], labels: NDArray[np.int64], uniform: NDArray[np.float64]
) -> NDArray[np.int64]:
    """What labels int [n] become, by numbers [n] in [0, 1); a label of a zero row stays."""
    summed, told = cumulative(law), labels.copy()
    for a in np.unique(labels):
        own = labels == a
        told[own] = np.searchsorted(summed[a], uniform[own], side="right")
    return told
