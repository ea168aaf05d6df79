r"""Label smoothing of the condition: what is told is drawn towards the mean of the classes.

.. math::  \tilde c = (1 - s)\, c + s\, \bar c, \qquad
    \bar c = \frac{1}{C} \sum_{k=1}^{C} c_k,

with :math:`c_k` what class k embeds to, all classes alike, a caption word by word. If the c_k are
orthonormal this is the embedding of the smoothed one-hot label, 1 - s + s/C on the class itself and
s/C on each of the others:

.. math::  \langle \tilde c_k, c_j \rangle = (1 - s) [j = k] + s / C, \qquad
    |\tilde c_k - c_k|^2 = s^2 (1 - 1/C).

Nothing is drawn. The gradient of an embedding that is learned passes through the mean too. The null
caption is drawn towards the mean as well: it is no class, so :math:`|\bar c - c_0|^2 = 1 + 1/C`.

Source: Szegedy et al., Rethinking the Inception Architecture, CVPR 2016, section 7, where it is the
target that is smoothed; as a baseline for conditions in Chen et al., Slight Corruption in
Pre-training Data Makes Better Diffusion Models, NeurIPS 2024, table 6 (share 0.1), which does not
say how: this reading is ours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from harness.corrupt.parameter import require_share
from harness.corrupt.perturbation import Perturbation

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@final
@dataclass(frozen=True)
class LabelSmoothing(Perturbation):
    """share: s, in [0, 1)."""

    share: float = 0.1

    def __post_init__(self) -> None:
        require_share("label smoothing of the condition", "share", self.share)

    def draw(self, shape: Sequence[int], generator: "torch.Generator") -> None:
        """Nothing."""

    def __call__(
        self, c: "Tensor", drawn: "Tensor | None", mean: Callable[[], "Tensor"]
    ) -> "Tensor":
        """(1 - s) c + s times the mean of the classes."""
        return (1 - self.share) * c + self.share * mean()

    def squared(self, c: "Tensor", mean: "Tensor") -> "Tensor":
        """s^2 |c - mean|^2, exact."""
        return self.share**2 * (c - mean).square().sum(-1)
