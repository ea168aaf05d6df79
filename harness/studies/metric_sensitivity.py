"""What each metric sees: distances under known damages against that of two clean halves."""

from harness.cell import Cell, Part, Stage, factors, part
from harness.metrics.damage import FAILURES, Damage
from harness.metrics.measurement import SAMPLES, Measurement
from harness.scale import Sizes
from harness.studies.arms import dataset
from harness.studies.study import Study

CORRUPTIONS: tuple[tuple[str, Part], ...] = (
    ("blur 0.4", part("gaussian_blur", sigma=0.4)),
    ("blur 0.6", part("gaussian_blur", sigma=0.6)),
    ("blur 0.8", part("gaussian_blur", sigma=0.8)),
    ("blur 1.0", part("gaussian_blur", sigma=1.0)),
    ("motion blur 3", part("motion_blur", length=3.0, angle=30.0)),
    ("JPEG 75", part("jpeg", quality=75)),
    ("JPEG 25", part("jpeg", quality=25)),
    ("noise 0.02", part("gaussian_noise", sigma=0.02)),
)

METRICS = tuple(name for name in SAMPLES if name != "nearest_neighbour_ratio")


def cells(sizes: Sizes) -> list[Cell]:
    """One cell a damage; the replicates are the draws of the two halves."""
    data = dataset(sizes)
    damages = [(failure, Damage(data, None, failure)) for failure in FAILURES]
    damages += [(name, Damage(data, corruption)) for name, corruption in CORRUPTIONS]
    return [
        Cell(
            factors=factors(damage=name),
            stages=(Stage("damage", damage), Stage("measure", Measurement(METRICS))),
            replicates=sizes.replicates,
        )
        for name, damage in damages
    ]


STUDY = Study(
    name="metric_sensitivity",
    title="What each metric sees",
    question="Which damage moves which metric by more than two clean halves differ?",
    cells=cells,
    cells_per_job=7,
    core_minutes=(("cpu", 1.2),),
)
