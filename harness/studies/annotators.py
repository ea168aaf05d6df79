"""Annotators against one another, on one blur; and on Gaussian noise, where the truth is known.

Blur of 0.8 px. Each annotator gates plain denoising; everything else is shared. Daras et al.
(2025), table 2a: classifier 6.00, best single level 6.66, everything as equals 28.26, clean alone
8.79 (single runs). Their classifier was trained on clean versions of the very images that training
sees blurred; one trained on what it may see had 6.04 against 5.34 at 0.6 px (appendix).

    fixed s      one level for all
    spectral     one level for all, in closed form from two power spectra
    per image    classifier, the paper's mean rule, a level for each image
    population   the same rule on the mean over all images
    accuracy     classifier, from where its accuracy says that the total variation is small
    leaking      per image, the classifier trained with the clean versions of the blurred images
    shuffled     the levels of ``per image``, dealt out at random
    quality      the less sharp half at a level, ranked by a score without reference

A threshold rule does not estimate a noise level: on images noised with 0.05, 0.1 and 0.2 (no
training there, the annotation alone) each annotator is shown beside the paper's 0.058, 0.102 and
0.179.
"""

from typing import Any

from harness.cell import Cell, Part, Stage, factors, part
from harness.scale import Sizes
from harness.studies.arms import dataset, trained
from harness.studies.frame import CO_PRIMARY, OMNI, alike, better
from harness.studies.study import Study
from harness.train.annotation import Annotation

BLUR = part("gaussian_blur", sigma=0.8)
FIXED = (0.2, 0.5, 1.0, 2.0)
NOISES = (0.05, 0.1, 0.2)
PER_IMAGE = part("classifier")
ANNOTATED: dict[str, Part] = {
    **{f"fixed {level:g}": part("fixed", sigma_min=level) for level in FIXED},
    "spectral": part("spectral", threshold=0.45),
    "per image": PER_IMAGE,
    "population": part("classifier", per_image=False),
    "accuracy": part("classifier", rule="accuracy"),
    "leaking": part("classifier", data="leaking"),
    "shuffled": part("shuffled", of=PER_IMAGE),
    "quality": part("quality", level=1.0),
}
ESTIMATING = ("spectral", "per image", "population", "accuracy")
MORE = ("spectral", "per image")  # the headline: eight replicates


def cells(sizes: Sizes) -> list[Cell]:
    """An arm an annotator, its annotation alone, and annotations of noised images."""
    other = sizes.replicates_other
    grid = [
        trained("clean", sizes, sizes.replicates),
        trained("oracle", sizes, other),
        trained("all", sizes, other, corruption=BLUR),
    ]
    for name, annotator in ANNOTATED.items():
        count = sizes.replicates if name in MORE else other
        labels: dict[str, Any] = {"annotator": name}
        grid.append(
            trained("gated", sizes, count, corruption=BLUR, labels=labels, annotator=annotator)
        )
        if not name.startswith("fixed"):
            grid.append(_annotation(sizes, name, annotator, "blur 0.8", BLUR))
    for noise in NOISES:
        noised = part("gaussian_noise", sigma=noise)
        for name in ESTIMATING:
            grid.append(_annotation(sizes, name, ANNOTATED[name], f"noise {noise:g}", noised))
    return grid


def _annotation(sizes: Sizes, name: str, annotator: Part, label: str, corruption: Part) -> Cell:
    """A cell of an annotation alone."""
    asked = Annotation(dataset(sizes), corruption, annotator)
    return Cell(
        factors(arm="annotation", annotator=name, corruption=label),
        (Stage("annotate", asked),),
        sizes.replicates_other,
    )


def _of(name: str) -> dict[str, Any]:
    return {"arm": "gated", "annotator": name}


STUDY = Study(
    name="annotators",
    title="Annotators: fixed, spectral, classifiers, shuffled, quality",
    question="How much does it matter who says from which noise level on an image may be used?",
    cells=cells,
    cells_per_job=3,
    claims=(
        *(
            better(
                "annotators",
                f"classifier-beats-fixed-{level:g}",
                f"Levels from a classifier beat one level of {level:g} for all images.",
                f"{OMNI}, table 2a (6.00 against 6.66 for the best single level)",
                _of("per image"),
                _of(f"fixed {level:g}"),
            )
            for level in FIXED
        ),
        alike(
            "annotators",
            "spectral-equals-classifier",
            "One level from two power spectra is equivalent to levels from a classifier, at a "
            "fraction of its cost (the column of operations).",
            "derived here (the Bayes classifier of two Gaussian fields)",
            _of("spectral"),
            _of("per image"),
        ),
        better(
            "annotators",
            "levels-of-images-matter",
            "Levels of single images beat the same levels dealt out at random.",
            f"{OMNI}, section 3.2, where each image has its own",
            _of("per image"),
            _of("shuffled"),
        ),
        better(
            "annotators",
            "leak-helps",
            "A classifier that saw the clean versions of the blurred images annotates better.",
            f"{OMNI}, appendix (5.34 against 6.04)",
            _of("leaking"),
            _of("per image"),
            metrics=CO_PRIMARY,
            confirmatory=False,
        ),
    ),
    default=False,
)
