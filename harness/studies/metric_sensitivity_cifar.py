"""What each metric sees on colour images, with the features of a network that others trained.

The study ``metric_sensitivity`` on CIFAR-10 that was recompressed as JPEG, on the features of a
ResNet-56. Both are files that do not come with the project (``harness.data.cifar10_jpeg75``,
``harness.metrics.resnet56``), so it runs by its name alone. There is no JPEG among the damages: the
clean images have been through that codec already.
"""

from harness.cell import Cell, Stage, part
from harness.metrics.given_weights import GivenWeights
from harness.metrics.measurement import Measurement
from harness.scale import Sizes
from harness.studies.metric_sensitivity import claims, grid, readings
from harness.studies.study import Study

SEVERITIES: dict[str, tuple[float, ...]] = {
    "noise": (0.05, 0.1, 0.2),
    "blur": (0.4, 0.8, 1.2),
    "colour": (0.1, 0.2, 0.4),
    "dropped": (1, 2, 5),
    "imbalance": (2, 3, 4),
    "duplicates": (0.5, 0.75, 0.9),
    "copies": (0.25, 0.5, 1.0),
    "gaussian": (0.25, 0.5, 1.0),
}
PLACE = "cifar10_jpeg75"
OTHERS = ("fd_random_conv", "kid_random_conv", "spatial_fd_random_conv", "patch_fd_8")
WEIGHTS = "f222bdf1125caa30541208723397bf1b29cd1c875c2fb8e2afd36d6a2c2e0161"
DRAWS = 4  # of the two halves
LIMIT = 8000  # training images


def cells(sizes: Sizes) -> list[Cell]:
    """One cell a damage."""
    data = part(PLACE, limit=LIMIT)
    measurement = Measurement(readings("resnet56", OTHERS), ("resnet56", "random_conv"))
    before = (Stage("weights", GivenWeights("resnet56", WEIGHTS)),)
    return grid(PLACE, data, before, measurement, SEVERITIES, sizes, DRAWS)


STUDY = Study(
    name="metric_sensitivity_cifar",
    title="What each metric sees on CIFAR-10, by a ResNet-56",
    question="Which damage moves which metric by more than two clean halves differ?",
    cells=cells,
    claims=claims("metric_sensitivity_cifar", PLACE, readings("resnet56", OTHERS)),
    cells_per_job=13,
    default=False,
    asks="PATINA_DATA",
    core_minutes=(("cpu", 20.0),),
)
