"""What a trained cell asks for: data, damage, which images count, what is learned, how long.

An arm is a choice of pool, annotator and objective; everything else is shared by the arms of a
contrast. The pools:

    clean    only the clean images of the replicate
    mixed    the clean images, and all others corrupted, admitted as the annotator says
    oracle   every image clean: the ceiling, which no real data set offers
"""

from dataclasses import dataclass

from harness.annotate import ANNOTATORS
from harness.cell import Part, later, part
from harness.corrupt import CORRUPTIONS
from harness.data import DATASETS
from harness.nets import BASES, NETWORKS
from harness.objectives import OBJECTIVES
from harness.problem import Problem
from harness.train.condition import Condition

POOLS = ("clean", "mixed", "oracle")


@dataclass(frozen=True)
class Training:
    """Parameters of the stage ``train``."""

    dataset: Part
    pool: str
    network: Part
    objective: Part
    images: int  # length of the training, in images seen by one replicate
    clean_fraction: float = 0.1
    corruption: Part | None = None
    annotator: Part | None = None
    per_mode: bool = True  # preconditioning with one data scale a mode of the basis
    batch: int = 256
    rate: float = 1e-3
    warmup: int = 10_000  # images until the full rate
    constant: int = 40_000  # images at the full rate; then it falls as 1/sqrt(images seen)
    ema: float = 0.05  # half-life of the average of the weights, as a share of the images seen
    log_sigma_mean: float = -1.2
    log_sigma_std: float = 1.2
    copy: int = 0  # another number gives other streams for all but the split: an A/A arm
    basis: Part = later(part("dct"))  # in which the denoiser is preconditioned
    condition: Condition | None = later(None)  # what the denoiser is told of an image

    def __post_init__(self) -> None:
        if self.pool not in POOLS:
            raise Problem(
                f"the pool {self.pool!r}", "no pool of that name", f"choose from {', '.join(POOLS)}"
            )
        if self.pool == "mixed" and (self.corruption is None or self.annotator is None):
            raise Problem(
                "the pool 'mixed'",
                f"corruption={self.corruption}, annotator={self.annotator}",
                "name a corruption and an annotator",
            )
        if not 0 < self.clean_fraction <= 1:
            raise Problem(
                f"clean_fraction={self.clean_fraction}", "a share outside (0, 1]", "give a share"
            )
        if self.images < self.batch:
            raise Problem(
                f"a training of {self.images} images",
                f"a batch of {self.batch}",
                "train for one batch at least",
            )

    def entries(self) -> list[str]:
        """The table rows that this training calls for, as ``module:attribute``."""
        rows = [
            DATASETS.entry(self.dataset.name),
            NETWORKS.entry(self.network.name),
            OBJECTIVES.entry(self.objective.name),
            BASES.entry(self.basis.name),
        ]
        if self.pool == "mixed" and self.corruption and self.annotator:
            rows += [CORRUPTIONS.entry(self.corruption.name), ANNOTATORS.entry(self.annotator.name)]
        return rows
