r"""A mixed pool: each image suffers one of several corruptions, drawn uniformly.

.. math::  k_i \sim \mathrm{Uniform}\{1, \dots, m\}, \qquad y_i = C_{k_i}(x_i),

independently over images; a corruption that is named twice is drawn twice as often. The number of
images of each is binomial. What is drawn does not depend on the pixels.

The order of draws is: first one number an image, the choice; then corruption 1 on all its images at
once, then corruption 2 on its own, and so on, all from the one generator. So the images of
corruption k are exactly those that it makes of them alone.

Spectrum (in expectation over the choice): the expected power is the mean of the expected powers, so
gain and floor are the means of the gains and of the floors where every part states them, and
``spectrum`` returns None where one does not. The mean says less than its parts: half the images
with gain 1 and half with 0 have the power of a mild blur, and no image has it.

Source: ours, as the plainest model of a pool of mixed origin, such as the web-scale one of Daras,
Rodriguez-Munoz, Klivans, Torralba, Daskalakis, Ambient Diffusion Omni, 2025.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from torch import Tensor

from harness.cell import Part, part
from harness.corrupt import CORRUPTIONS
from harness.problem import Problem


@final
@dataclass(frozen=True)
class Mixed:
    """One corruption an image, of two or more; each a part of the table, or its plain data.

    Plain data, ``{"name": "jpeg", "quality": 15}``, is what a record holds of a part. A name that
    the table lacks, parameters that its row refuses, and a mixture in a mixture raise ``Problem``.
    """

    of: tuple[Part, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.of, tuple | list) or len(self.of) < 2:
            raise Problem("corruptions to mix", f"of={self.of}", "name two or more in of=(...)")
        object.__setattr__(self, "of", tuple(_part(each) for each in self.of))
        self.parts()

    def parts(self) -> list[Any]:
        """The corruptions, in the order of ``of``."""
        made = []
        for each in self.of:
            row = CORRUPTIONS[each.name]
            if row is Mixed:
                raise Problem("mixed of corruptions", f"{each}", "name its parts in one mixture")
            try:
                made.append(row(**each.kwargs()))
            except TypeError as error:
                raise Problem(f"mixed of {each}", str(error), "mend its parameters") from error
        return made

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Images ``[B, C, H, W]``, each after one of the corruptions; in their range.

        Raises what the corruptions raise.
        """
        parts = self.parts()
        choice = torch.randint(
            len(parts), (len(x),), generator=generator, device=generator.device
        ).to(x.device)
        y = torch.empty_like(x)
        for k, corruption in enumerate(parts):
            chosen = choice == k
            if chosen.any():
                y[chosen] = corruption(x[chosen], generator)
        return y

    def spectrum(self, height: int, width: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Gain and floor of the DCT-II power, each ``[H, W]``, in expectation; None without one."""
        stated = [corruption.spectrum(height, width) for corruption in self.parts()]
        if any(each is None for each in stated):
            return None
        gain, floor = np.mean(stated, axis=0)
        return gain, floor


def _part(given: Part | Mapping[str, Any]) -> Part:
    """A part as it is, or from its plain data."""
    if isinstance(given, Part):
        return given
    if isinstance(given, Mapping) and "name" in given:
        return part(**given)
    fix = 'give parts, such as part("jpeg", quality=15)'
    raise Problem("corruptions to mix", repr(given), fix)
