"""What each metric sees: readings under known damages against those of two clean halves.

On photographs and on digits, every reading under every kind of damage at rising severity. Whether
a metric keeps its word, what it ``sees`` and what it is ``blind`` to, is a claim of its own for
each reading and dataset. These claims are ours and exploratory: three declarations were revised
after a first look at these datasets under noise, dropped classes and repeats, before the study was
run (precision and density do not claim to see noise any more, recall claims to see repeats).
"""

from dataclasses import replace

from harness.cell import Cell, Part, Stage, factors, part
from harness.claims.claim import Claim
from harness.claims.sensitivity import Sensitivity
from harness.metrics.classifier import Classifier
from harness.metrics.damage import Damage
from harness.metrics.measurement import Measurement
from harness.metrics.trained import DIGITS, PHOTOS
from harness.scale import Sizes
from harness.studies.study import Study

SEVERITIES: dict[str, tuple[float, ...]] = {
    "noise": (0.05, 0.1, 0.2),
    "blur": (0.4, 0.6, 0.8),
    "jpeg": (25, 50, 75),
    "colour": (0.1, 0.2, 0.4),
    "dropped": (1, 2, 3),
    "imbalance": (2, 3, 4),
    "duplicates": (0.5, 0.75, 0.9),
    "copies": (0.25, 0.5, 1.0),
    "gaussian": (0.25, 0.5, 1.0),
}
TRAINED = (
    "fd",
    "fd_infinity",
    "spatial_fd",
    "kid",
    "kernel_distance",
    "sliced_w2",
    "mind",
    "precision",
    "recall",
    "density",
    "coverage",
    "inception_score",
    "class_tilt",
    "sample_entropy",
    "relative_mahalanobis",
    "authpct",
    "mifid_like",
)
OTHERS = (
    "fd_random_conv",
    "kid_random_conv",
    "spatial_fd_random_conv",
    "fd_zca_pixels",
    "fd_pixels",
)
OF_IMAGES = (
    "patch_fd_2",
    "patch_fd_4",
    "spectrum_distance",
    "high_frequency_error",
    "nearest_neighbour_ratio",
)
PLACES: dict[str, tuple[Part, Classifier]] = {
    "photos": (part("photos", side=8, channels=1), PHOTOS.recipe((1, 8, 8))),
    "digits": (part("digits"), DIGITS.recipe((1, 8, 8))),
}
DRAWS = 6  # of the two halves
SILENT = ("sample_entropy", "relative_mahalanobis")  # metrics that claim nothing
COUNT = 1000  # images on either side, at most
HURRIED = 60  # steps of the classifiers at a scale whose numbers mean nothing


def readings(extractor: str, others: tuple[str, ...]) -> tuple[str, ...]:
    """The names of all readings, those of features on a main extractor and some on others."""
    return (*(f"{metric}_{extractor}" for metric in TRAINED), *others, *OF_IMAGES)


def grid(
    place: str,
    data: Part,
    before: tuple[Stage, ...],
    measurement: Measurement,
    severities: dict[str, tuple[float, ...]],
    sizes: Sizes,
    draws: int = DRAWS,
) -> list[Cell]:
    """One cell a damage of one dataset; the replicates are the draws of the two halves."""
    small = sizes.hurried
    levels = [("none", 0.0)]
    for kind, values in severities.items():
        levels += [(kind, float(v)) for v in (values[-1:] if small else values)]
    return [
        Cell(
            factors=factors(dataset=place, damage=kind, severity=severity),
            stages=(
                *before,
                Stage("damage", Damage(data, kind, severity, min(COUNT, sizes.samples))),
                Stage("measure", measurement),
            ),
            replicates=2 if small else draws,
        )
        for kind, severity in levels
    ]


def cells(sizes: Sizes) -> list[Cell]:
    """The grids of both datasets."""
    found = []
    for place, (data, classifier) in PLACES.items():
        trained = f"trained_{place}"
        extractors = (trained, "random_conv", "zca_pixels", "pixels")
        measurement = Measurement(readings(trained, OTHERS), extractors)
        recipe = replace(classifier, steps=HURRIED) if sizes.hurried else classifier
        before = (Stage("classifier", recipe),)
        found += grid(place, data, before, measurement, SEVERITIES, sizes)
    return found


def claims(study: str, place: str, names: tuple[str, ...]) -> tuple[Claim, ...]:
    """One claim a reading: it sees what it says it sees, and nothing of what it is blind to."""
    return tuple(
        Claim(
            id=f"sees-{name.replace('_', '-')}" + (f"-{place}" if place not in name else ""),
            statement=f"{name} sees on {place} the damages that its metric claims to see, "
            "and stays at the distance of two clean halves under those that it is blind to.",
            source="the docstring of the metric",
            study=study,
            rule=Sensitivity(name, {"dataset": place}),
            regime="here",
            confirmatory=False,
        )
        for name in names
        if not name.startswith(SILENT)
    )


STUDY = Study(
    name="metric_sensitivity",
    title="What each metric sees",
    question="Which damage moves which metric by more than two clean halves differ?",
    cells=cells,
    claims=tuple(
        claim
        for place in PLACES
        for claim in claims("metric_sensitivity", place, readings(f"trained_{place}", OTHERS))
    ),
    cells_per_job=19,
    core_minutes=(("cpu", 5.3),),
)
