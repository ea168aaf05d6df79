r"""Colour shift: a constant is added to each channel.

.. math::  y_c = \mathrm{clip}(x_c + a_c,\, -1,\, 1), \qquad a = (\text{red, green, blue}).

Three equal amounts change the brightness; only these are taken by grey images. Each channel moves
by itself, so a hue shifts, whites and blacks included, as under light of another colour.

Spectrum: where nothing is clipped, all modes but the mean are kept to rounding and the mean of
channel c moves by :math:`a_c`: the corruption of the lowest frequency. The coefficient of the mean
moves by :math:`a_c \sqrt{HW}`, so noise alone hides it only at levels of that size, where little
of an image is left to learn; how far the means of clean images spread by themselves decides the
rest. What the shift does to the power of the mean depends on its sign, and clipping depends on the
image: ``spectrum`` returns None. Pixels that are clipped are lost.

Source: ours. ``brightness`` of ImageNet-C (Hendrycks, Dietterich, ICLR 2019) adds .1 to .5 to the
value of HSV in [0, 1]: on a grey image that is this, with amounts of .2 to 1; on a coloured one it
scales the three channels together.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from harness.problem import Problem


@final
@dataclass(frozen=True)
class ColourShift:
    """Amounts in units of the pixels' range [-1, 1], each below 2 either way, not all 0."""

    red: float = 0.0
    green: float = 0.0
    blue: float = 0.0

    def __post_init__(self) -> None:
        for name, amount in (("red", self.red), ("green", self.green), ("blue", self.blue)):
            if not -2 < amount < 2:
                fix = "give an amount above -2 and below 2; these leave black or white alone"
                raise Problem(f"{name} of colour_shift", repr(amount), fix)
        if self.red == self.green == self.blue == 0:
            raise Problem("colour_shift", "three amounts of 0", "shift one channel at least")

    @property
    def channels(self) -> tuple[int, ...]:
        """The numbers of channels that it takes."""
        return (1, 3) if self.red == self.green == self.blue else (3,)

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Shifted images ``[B, C, H, W]``, clipped to [-1, 1]; the generator is not used.

        C is 3, or 1 where the three amounts are equal; otherwise raises ``Problem``. Sums are taken
        in float64 and rounded once.
        """
        if x.shape[1] not in self.channels:
            got = f"images of {x.shape[1]} channel{'' if x.shape[1] == 1 else 's'}"
            fix = "give images of 3 channels, or of 1 and three equal amounts"
            raise Problem(f"{self}", got, fix)
        amount = torch.tensor([self.red, self.green, self.blue], dtype=torch.float64)
        amount = amount[: x.shape[1], None, None].to(x.device)  # [C, 1, 1]
        return (x.double() + amount).clamp(-1, 1).to(x.dtype)

    def spectrum(self, height: int, width: int) -> None:
        """None: the power of the mean grows or falls with its sign, and clipping is not linear."""
        return None
