r"""Confusions, asymmetric: a label becomes that of another class of its own group.

.. math::  M_{ab} = \frac{\pi_b}{\sum_{c \in G(a) \setminus a} \pi_c}, \quad b \in G(a), b \ne a,

with :math:`\pi` the shares of the classes among the images that are trained on and G(a) the group
of a. The label of a class outside of all groups never becomes another. The share of a relabelling
is still one of all images: 5 % of 10 equal classes are 10 % of the images of a group of 5.

Source: Chen et al., Slight Corruption in Pre-training Data Makes Better Diffusion Models, NeurIPS
2024, appendix B.1, "asymmetric" (within the classes that ImageNet-1K and CIFAR-100 share, by
WordNet). The groups are given, and drawing from the prior of the group is ours.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from harness.corrupt.transition import by_prior, others
from harness.problem import Problem

SHOWN = 20  # names of classes in a message, at most
FIX = "give groups of two classes or more, such as groups=((3, 8, 5), (4, 9))"


@final
@dataclass(frozen=True)
class Confusions:
    """groups: of classes that are taken for one another; a class by its name, or by its number from
    0 on. Raises ``Problem`` for no group, a group of fewer than two, and what is no class at all.
    """

    groups: tuple[tuple[int | str, ...], ...]

    def __post_init__(self) -> None:
        asked = f"confusions(groups={self.groups!r})"
        if not isinstance(self.groups, tuple | list) or not self.groups:
            raise Problem(asked, "no groups", FIX)
        for group in self.groups:
            if not isinstance(group, tuple | list) or len(group) < 2:
                raise Problem(asked, f"the group {group!r}", FIX)
            for one in group:
                if type(one) not in (int, str):
                    raise Problem(asked, f"{one!r}, no name and no number", FIX)
        object.__setattr__(self, "groups", tuple(tuple(group) for group in self.groups))

    def members(self, classes: tuple[str, ...]) -> list[list[int]]:
        """The classes of each group by their numbers.

        Raises ``Problem`` for a class that is not known, and for one that stands there twice.
        """
        found = [[self._number(one, classes) for one in group] for group in self.groups]
        every = [number for group in found for number in group]
        twice = [number for number in every if every.count(number) > 1]
        if twice:
            got = f"the class {classes[twice[0]]!r} twice"
            raise Problem(f"confusions(groups={self.groups!r})", got, "give each class once")
        return found

    def _number(self, one: int | str, classes: tuple[str, ...]) -> int:
        if isinstance(one, str) and one in classes:
            return classes.index(one)
        if isinstance(one, int) and 0 <= one < len(classes):
            return one
        names = [*classes[:SHOWN], *(["others"] if len(classes) > SHOWN else [])]
        fix = f"choose from 0 to {len(classes) - 1}, or from {', '.join(names)}"
        raise Problem(f"confusions of the class {one!r}", "no such class", fix)

    def law(self, classes: tuple[str, ...], prior: NDArray[np.float64]) -> NDArray[np.float64]:
        """M, ``[C, C]``, from the shares of the classes ``[C]``.

        Raises ``Problem`` as ``members`` does, and for a group of which one class alone has images.
        """
        group = np.full(len(classes), -1)
        for number, members in enumerate(self.members(classes)):
            group[members] = number
            others(f"confusions of {self.groups[number]}", classes, prior * (group == number))
        together = (group[:, None] == group) & (group >= 0)
        return by_prior(prior, together & others("confusions", classes, prior))
