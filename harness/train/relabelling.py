r"""Relabelling: a share of the images is told to be of another class than it is.

Of the n images that a replicate trains on, clean and imperfect together, a share :math:`\eta` gets
a label drawn from a row of ``RELABELLINGS``; n is what the pool holds, not what the dataset does,
and so are the shares of the classes that the row is given. Nothing else changes: neither pixels,
nor pool, nor clean subset, nor what a metric takes for the truth.

**Fixed in the data** (Chen et al. 2024): exactly round(eta n) images are told wrongly, all through
the training. They are the first ones of a random order that the row can relabel at all, and what
each becomes is drawn for all n beforehand; so within a replicate a larger share holds every wrong
label of a smaller one, whatever the arm. A row that swaps pairs makes 2 round(eta n / 2).

**Redrawn** (Chen et al. 2024, table 7, "random data corruption"): at each visit an image is told
wrongly anew, with the probability eta n / m for each of the m images that the row can relabel, so
that the expected share of wrong visits is eta; m = n where it can relabel all. The m is ours.

Source: Chen et al., Slight Corruption in Pre-training Data Makes Better Diffusion Models, NeurIPS
2024, appendix B.1.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from harness.cell import Part
from harness.corrupt import RELABELLINGS
from harness.corrupt.parameter import require_flag, require_part, require_share
from harness.corrupt.transition import checked, cumulative, drawn
from harness.problem import Problem

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@final
@dataclass(frozen=True)
class Redraw:
    """Tells the images of a batch their captions, each visit anew."""

    rate: "Tensor"  # float64 [C]: how often a label of a class is corrupted
    summed: "Tensor"  # float64 [C, C]: the distribution of what it becomes, by rows
    tokens: "Tensor"  # int64 [C, T]: the caption of each class

    def to(self, device: str) -> "Redraw":
        """The same on a device."""
        moved = {name: getattr(self, name).to(device) for name in ("rate", "summed", "tokens")}
        return replace(self, **moved)

    def __call__(self, labels: "Tensor", generator: "torch.Generator") -> "Tensor":
        """Tokens int64 [B, T] of images with the true labels int64 [B], all on one device."""
        import torch

        size, device = (2, len(labels)), labels.device
        whether, which = torch.rand(size, dtype=torch.float64, generator=generator, device=device)
        other = torch.searchsorted(self.summed[labels], which[:, None], right=True)[:, 0]
        return self.tokens[torch.where(whether < self.rate[labels], other, labels)]


@final
@dataclass(frozen=True)
class Relabelling:
    """by: a row of ``RELABELLINGS``; share: eta, in [0, 1); redrawn: at each visit, or fixed.

    Raises ``Problem`` for what is no part or no such share, an unknown row, and parameters that the
    row refuses.
    """

    by: Part
    share: float
    redrawn: bool = False

    def __post_init__(self) -> None:
        require_part("a relabelling by", self.by)
        asked = f"a relabelling by {self.by}"
        require_share(asked, "share", self.share)
        require_flag(asked, "redrawn", self.redrawn)
        self.row()

    def row(self) -> Any:
        """The row of the table with its parameters."""
        row = RELABELLINGS[self.by.name]
        try:
            return row(**self.by.kwargs())
        except TypeError as error:
            raise Problem(
                f"a relabelling by {self.by}", str(error), "mend its parameters"
            ) from error

    def law(self, labels: NDArray[np.int64], classes: tuple[str, ...]) -> NDArray[np.float64]:
        """What a label of each class becomes where it is corrupted, [C, C], for images with these
        labels; raises what the row raises."""
        prior = np.bincount(labels, minlength=len(classes)) / len(labels)
        return checked(str(self.by), self.row().law(classes, prior), len(classes))

    def told(
        self, labels: NDArray[np.int64], classes: tuple[str, ...], generator: np.random.Generator
    ) -> NDArray[np.int64]:
        """The labels int64 [n] that are told of images with the true labels [n], fixed in the data.

        Raises ``Problem`` where the row cannot relabel so many.
        """
        row, law, told = self.row(), self.law(labels, classes), labels.copy()
        if hasattr(row, "pairs"):
            pairs = row.pairs(labels, round(self.share * len(labels) / 2), generator)
            told[pairs] = labels[pairs[:, ::-1]]
            return told
        order, uniform = generator.permutation(len(labels)), generator.random(len(labels))
        able = self._able(labels, law)
        chosen = order[able[order]][: round(self.share * len(labels))]
        told[chosen] = drawn(law, labels, uniform)[chosen]
        return told

    def redraw(
        self, labels: NDArray[np.int64], classes: tuple[str, ...], tokens: NDArray[np.int64]
    ) -> Redraw:
        """What relabels visits of images with these labels; tokens int64 [C, T]: the captions.

        Raises ``Problem`` where the row cannot relabel so many.
        """
        import torch

        law = self.law(labels, classes)
        able = self._able(labels, law).sum()
        rate = min(1.0, self.share * len(labels) / max(able, 1))
        return Redraw(
            torch.tensor(rate * (law.sum(1) > 0)),
            torch.tensor(cumulative(law)),
            torch.tensor(tokens),
        )

    def _able(self, labels: NDArray[np.int64], law: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which images can be relabelled, bool [n]; a ``Problem`` where they are too few."""
        able: NDArray[np.bool_] = (law.sum(1) > 0)[labels]
        if able.sum() < round(self.share * len(labels)):
            asked = f"{round(self.share * len(labels))} of {len(labels)} images by {self.by}"
            fix = f"give a share of at most {int(1000 * able.mean()) / 1000}"
            raise Problem(asked, f"{able.sum()} that it can relabel", fix)
        return able
