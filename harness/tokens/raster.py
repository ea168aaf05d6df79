"""Row by row, each from left to right: as the codes of an image are most often modelled."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from harness.tokens.chance import Generators
from harness.tokens.order import Order


@final
@dataclass(frozen=True)
class Raster(Order):
    """The same order for all images, which draws nothing."""

    causal: ClassVar[bool] = True

    def permutations(self, count: int, length: int, generators: Generators) -> Tensor:
        places = torch.arange(length, device=generators[0].device)
        return places.expand(len(generators), count, length)
