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
    spectral, t  the spectral annotator at another threshold than 0.45

A threshold rule does not estimate a noise level: on images noised with 0.05, 0.1 and 0.2 (no
training there, the annotation alone) each annotator is shown beside the paper's 0.058, 0.102 and
0.179.
"""

from typing import Any

from harness.cell import Cell, Part, Stage, factors, part
from harness.scale import Sizes
from harness.studies.arms import annotator, dataset, trained
from harness.studies.frame import CO_PRIMARY, OMNI, alike, better
from harness.studies.study import Study
from harness.train.annotation import Annotation

BLUR = part("gaussian_blur", sigma=0.8)
FIXED = (0.2, 0.5, 1.0, 2.0)
NOISES = (0.05, 0.1, 0.2)
THRESHOLDS = (0.4, 0.48)
ESTIMATING = ("spectral", "per image", "population", "accuracy")
MORE = ("spectral", "per image")  # the headline: eight replicates


def annotated(sizes: Sizes) -> dict[str, Part]:
    """The annotators by the names that the table gives them."""
    per_image = annotator("classifier", sizes)
    return {
        **{f"fixed {level:g}": part("fixed", sigma_min=level) for level in FIXED},
        "spectral": part("spectral", threshold=0.45),
        **{f"spectral, {each:g}": part("spectral", threshold=each) for each in THRESHOLDS},
        "per image": per_image,
        "population": annotator("classifier", sizes, per_image=False),
        "accuracy": annotator("classifier", sizes, rule="accuracy"),
        "leaking": annotator("classifier", sizes, data="leaking"),
        "shuffled": part("shuffled", of=per_image),
        "quality": part("quality", level=1.0),
    }


def cells(sizes: Sizes) -> list[Cell]:
    """An arm an annotator, its annotation alone, and annotations of noised images."""
    other, few = sizes.replicates_other, min(3, sizes.replicates_other)
    known = annotated(sizes)
    grid = [
        trained("clean", sizes, sizes.replicates),
        trained("oracle", sizes, other),
        trained("all", sizes, other, corruption=BLUR),
    ]
    for name, by in known.items():
        count = sizes.replicates if name in MORE else few if "," in name else other
        labels: dict[str, Any] = {"annotator": name}
        grid.append(trained("gated", sizes, count, corruption=BLUR, labels=labels, annotator=by))
        if not name.startswith("fixed"):
            grid.append(_annotation(sizes, name, by, "blur 0.8", BLUR))
    for noise in NOISES:
        noised = part("gaussian_noise", sigma=noise)
        for name in ESTIMATING:
            grid.append(_annotation(sizes, name, known[name], f"noise {noise:g}", noised))
    labels = {"annotator": "per image"}
    by = known["per image"]
    unet = trained("gated", sizes, few, "unet", BLUR, labels=labels, annotator=by)
    return [*grid, trained("clean", sizes, few, "unet"), unet]


def _annotation(sizes: Sizes, name: str, by: Part, label: str, corruption: Part) -> Cell:
    """A cell of an annotation alone."""
    asked = Annotation(dataset(sizes), corruption, by)
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
