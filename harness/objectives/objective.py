"""What an objective is: the pair that a denoiser learns from, its weight, and what is added to it.

The loss of an image x0 of annotation sigma_n, at the noise level sigma, is

    factor(sigma, sigma_n) |D(x_t) - y|^2 + extra,     (x_t, y) = pair(x0, sigma, sigma_n, ..),

the square in the preconditioning's own weights (``harness.nets.preconditioning``). An objective is
a frozen dataclass of its parameters; only ``buffer`` and ``pair`` have no default.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from harness.nets.preconditioning import Denoiser


@dataclass(frozen=True, eq=False)
class Batch:
    """What ``extra`` is given beside the denoiser.

    x0: images [K, B, C, H, W]; sigma_min: their annotations [K, B], 0 where an image counts as
    clean; tokens: those of their captions, where there are any. Each call of ``normal`` draws unit
    noise like x0, and each call of ``below`` noise levels [K, B] from the law of the training,
    truncated to what is below the limits [K, B]: every copy from a stream of its own.
    """

    x0: Tensor
    sigma_min: Tensor
    tokens: tuple[Tensor, ...]
    normal: Callable[[], Tensor]
    below: Callable[[Tensor], Tensor]


class Objective(ABC):
    """An image is admissible where sigma > buffer * sigma_min, or sigma < sigma_max."""

    fresh: bool = False  # whether the noise of an annotation is drawn anew at each visit
    noised: bool = False  # whether images carry the noise of their sigma_min already

    @property
    @abstractmethod
    def buffer(self) -> float:
        """b >= 1, in units of an image's sigma_min."""

    @property
    def passes(self) -> float:
        """Passes of the network for a training image, one forward and backward the unit."""
        return 1.0

    @abstractmethod
    def pair(
        self, x0: Tensor, sigma: Tensor, sigma_min: Tensor, noise: Tensor, frozen: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The noisy input and the target, like x0 [K, B, C, H, W].

        sigma and sigma_min are [K, B, 1, 1, 1]; noise is drawn for this visit, frozen is the
        image's own, the same at each visit unless ``fresh``.
        """

    def factor(self, sigma: Tensor, sigma_min: Tensor) -> Tensor | None:
        """The weight of an image's squared error, [K, B] like both; None for 1 everywhere."""
        return None

    def extra(self, denoiser: "Denoiser", batch: Batch) -> Tensor | None:
        """What is added to an image's weighted squared error, [K, B]; None for nothing."""
        return None
