"""What a trained token model asks for: data, tokens, their order, what is learned, how long.

An arm is a choice of tokeniser, order and head; everything else is shared by the arms of a
contrast. All training images count; what is held out is never touched.
"""

from dataclasses import dataclass
from typing import final

from harness.cell import Part
from harness.data import DATASETS
from harness.problem import Problem
from harness.table import Table
from harness.tokens import HEADS, NETWORKS, ORDERS, TOKENISERS
from harness.train.condition import Condition


@final
@dataclass(frozen=True)
class TokenTraining:
    """Parameters of the stage ``train_tokens``.

    source: a tokeniser through which all images go first, None for none: tokens of ``patches`` of
    a ``codebook``'s reconstructions are continuous and hold what its codes do, no more.
    """

    dataset: Part
    tokeniser: Part
    order: Part
    network: Part
    head: Part
    images: int  # length of the training, in images seen by one replicate
    condition: Condition | None = None  # what the model is told of an image
    source: Part | None = None
    batch: int = 128
    rate: float = 1e-3
    warmup: int = 10_000  # images until the full rate
    constant: int = 40_000  # images at the full rate; then it falls as 1/sqrt(images seen)
    ema: float = 0.05  # half-life of the average of the weights, as a share of the images seen
    copy: int = 0  # another number gives other streams: an A/A arm

    def __post_init__(self) -> None:
        for name in ("images", "batch"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise Problem(f"{name}={value!r} of a training", "none", "give a whole number")
        if self.images < self.batch:
            got, fix = f"a batch of {self.batch}", "train for one batch at least"
            raise Problem(f"a training of {self.images} images", got, fix)
        if not (self.rate > 0 and 0 < self.ema < 1):
            got = f"rate={self.rate}, ema={self.ema}"
            raise Problem("a training", got, "give a rate above 0 and a half-life below 1")
        if self.condition is not None and self.condition.perturbation is not None:
            got, fix = f"{self.condition.perturbation}", "leave the perturbation out"
            raise Problem("a condition of a token model", got, fix)

    def named_parts(self) -> list[tuple[Table, Part]]:
        """Every part that this training calls for, with the table that it is a row of."""
        named = (
            (DATASETS, self.dataset),
            (TOKENISERS, self.tokeniser),
            (TOKENISERS, self.source),
            (ORDERS, self.order),
            (NETWORKS, self.network),
            (HEADS, self.head),
        )
        return [(table, part) for table, part in named if part is not None]

    def entries(self) -> list[str]:
        """The table rows that this training calls for, as ``module:attribute``."""
        return [table.entry(part.name) for table, part in self.named_parts()]
