"""What a trained cell asks for: data, damage, which images count, what is learned, how long.

An arm is a choice of pool, annotator and objective; everything else is shared by the arms of a
contrast. The pools:

    clean      only the clean images of the replicate
    mixed      the clean images, and all others corrupted, admitted as the annotator says; or, in
               place of those, the images of another dataset
    imperfect  the images of ``clean``, every one of them corrupted: learning from these alone
    oracle     every image clean: the ceiling, which no real data set offers

Where only noisy images are seen, the corruption must be Gaussian noise: no other law of clean
images can be told from corrupted ones alone.
"""

from dataclasses import dataclass
from typing import Any

from harness.annotate import ANNOTATORS
from harness.cell import Part, later, nested, part
from harness.corrupt import CORRUPTIONS, PERTURBATIONS, RELABELLINGS
from harness.data import DATASETS
from harness.nets import BASES, NETWORKS
from harness.objectives import OBJECTIVES
from harness.problem import Problem
from harness.table import Table
from harness.train.condition import Condition
from harness.train.pooling import Pooling
from harness.train.relabelling import Relabelling

POOLS = ("clean", "mixed", "imperfect", "oracle")
DRAWS = ("sigma", "image")


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
    other: Part | None = later(None)  # the dataset of the imperfect images, where it is another
    pooling: Pooling = later(Pooling())
    draw: str = later("sigma")  # what is drawn first: the noise level, or the image
    finetune: float = later(0.0)  # share of the training, its last, on the clean images alone
    checkpoints: int = later(1)  # how many, evenly spaced, are kept; the last is the end
    relabelling: Relabelling | None = later(None)  # the images that are told another class

    def __post_init__(self) -> None:
        if self.pool not in POOLS:
            raise Problem(
                f"the pool {self.pool!r}", "no pool of that name", f"choose from {', '.join(POOLS)}"
            )
        if self.draw not in DRAWS:
            raise Problem(f"draw={self.draw!r}", "no such order", f"choose from {DRAWS}")
        if not 0 <= self.finetune < 1 or (self.finetune and self.pool != "mixed"):
            got = f"the pool {self.pool!r}" if 0 <= self.finetune < 1 else "no share below 1"
            raise Problem(f"finetune={self.finetune}", got, "give a share, of a mixed pool")
        if type(self.checkpoints) is not int or self.checkpoints < 1:
            raise Problem(f"checkpoints={self.checkpoints}", "none", "keep 1 or more")
        self._check_imperfect()
        if self.relabelling is not None and self.condition is None:
            fix = "give a condition: without one nothing is told"
            raise Problem(f"a relabelling by {self.relabelling.by}", "condition=None", fix)
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

    def _check_imperfect(self) -> None:
        """Refuse a pool of imperfect images that nothing makes or that no one annotates."""
        if self.pool in ("mixed", "imperfect") and self.annotator is None:
            got = "annotator=None"
            raise Problem(f"the pool {self.pool!r}", got, "name an annotator")
        if self.pool == "mixed" and self.corruption is None and self.other is None:
            fix = "name a corruption, or another dataset"
            raise Problem("the pool 'mixed'", "corruption=None, other=None", fix)
        if self.pool == "imperfect" and (
            self.corruption is None or self.corruption.name != "gaussian_noise" or self.other
        ):
            got = f"corruption={self.corruption}, other={self.other}"
            fix = "use gaussian_noise; other corruptions need clean images beside them"
            raise Problem("the pool 'imperfect'", got, fix)
        asked = self.pooling != Pooling()
        if asked and (
            self.pool not in ("clean", "mixed") or (self.corruption is None and self.other is None)
        ):
            got = f"the pool {self.pool!r}, corruption={self.corruption}, other={self.other}"
            raise Problem(f"{self.pooling}", got, "use a mixed pool, or name what the others are")

    def named_parts(self) -> list[tuple[Table, Part]]:
        """Every part that this training calls for, with the table that it is a row of."""
        named: tuple[tuple[Table, Any], ...] = (
            (DATASETS, (self.dataset, self.other)),
            (NETWORKS, self.network),
            (OBJECTIVES, self.objective),
            (BASES, self.basis),
            (ANNOTATORS, self.annotator),
            (CORRUPTIONS, self.corruption),
            (RELABELLINGS, self.relabelling),
            (PERTURBATIONS, self.condition and self.condition.perturbation),
        )
        return [(table, each) for table, value in named for each in nested(value)]

    def entries(self) -> list[str]:
        """The table rows that this training calls for, as ``module:attribute``."""
        return [table.entry(each.name) for table, each in self.named_parts()]
