"""The line calibrated on itself: two arms that differ in nothing but their random streams (A/A).

Tiny cells (8x8 digits, an MLP of width 32) go through the whole line: training, sampling,
measuring, records, rule. Both arms of a pair share the data and its split; copy 1 has other
initial weights, batches, noise levels and noise. The pairs are cut into groups of the size that a
headline contrast has, and each group is decided by the rule that decides claims: the share of
groups in which a difference is "seen" must not exceed the stated 5 %. An effect planted on the
same pairs, as large as the smallest that such a group resolves with 80 % power, must be found that
often.
"""

from harness.cell import Cell, Stage, factors, part
from harness.metrics.measurement import Measurement
from harness.sample.sampling import Sampling
from harness.scale import Sizes
from harness.studies.arms import arm
from harness.studies.study import Study
from harness.train.training import Training

METRICS = ("denoising_loss", "fd_zca_pixels", "spectrum_distance")
DIGITS = part("digits")


def cells(sizes: Sizes) -> list[Cell]:
    """Two cells, each a stack of all replicates of one copy."""
    pairs = sizes.calibration_groups * sizes.replicates
    grid = []
    for copy in (0, 1):
        training = Training(
            dataset=DIGITS,
            network=part("mlp", width=32, blocks=1),
            images=sizes.calibration_images,
            batch=64,
            warmup=1024,
            clean_fraction=0.5,
            copy=copy,
            **arm("clean"),
        )
        grid.append(
            Cell(
                factors=factors(arm=f"copy {copy}"),
                stages=(
                    Stage("train", training),
                    Stage("sample", Sampling(count=200, batch=200, copy=copy)),
                    Stage("measure", Measurement(METRICS, ("zca_pixels",))),
                ),
                replicates=pairs,
            )
        )
    return grid


STUDY = Study(
    name="calibration",
    title="The line calibrated on itself",
    question="How often does the line see a difference where there is none, and a planted one?",
    cells=cells,
    core_minutes=(("cpu", 1.6),),
)
