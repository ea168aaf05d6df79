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

Noise of 0.05, 0.1 and 0.2, the annotation alone. The paper's classifier finds 0.058, 0.102 and
0.179 on CIFAR-10, as if it estimated the noise. It does not: a threshold rule has a value of its
own (``harness.annotate.bayes``), near the noise for some laws of images and not for others. On
Gaussian images that value is known, 0.100, 0.265 and 0.557 of the mean rule and 0.318, 0.659 and
1.330 of the accuracy rule, and there each annotator is held against the value of its own rule.
"""

from typing import Any

from harness.cell import Cell, Part, Stage, factors, part
from harness.claims.claim import Claim
from harness.claims.paired import Equivalence
from harness.claims.reading import Reading
from harness.scale import Sizes
from harness.studies.arms import annotator, dataset, trained
from harness.studies.frame import CO_PRIMARY, MLP, OMNI, alike, at, better
from harness.studies.study import Study
from harness.train.annotation import Annotation

BLUR = part("gaussian_blur", sigma=0.8)
FIXED = (0.2, 0.5, 1.0, 2.0)
NOISES = (0.05, 0.1, 0.2)
DEVIATION = 0.1  # of a pixel of the Gaussian images
GAUSSIAN = part(
    "gaussian_mixture", weights=(1.0,), means=((0.0,) * 64,), deviation=DEVIATION, count=6000
)
LEVEL = Reading("sigma_min_mean", "lower", margin=0.1)
RULES = {"spectral": "mean", "per image": "mean", "population": "mean", "accuracy": "accuracy"}
THRESHOLDS = (0.4, 0.48)
REPEATED = ("fixed 0.2", "fixed 0.5", "fixed 2", "spectral, 0.4", "spectral, 0.48")
TRAINED = ("per image", "population", "accuracy", "leaking")
MORE = ("spectral", "per image")  # the headline: eight replicates


def annotated(sizes: Sizes) -> dict[str, Part]:
    """The annotators by the names that the table gives them."""
    given = {"draws": 1} if sizes.hurried else {}
    per_image = annotator("classifier", sizes, **given)
    return {
        **{f"fixed {level:g}": part("fixed", sigma_min=level) for level in FIXED},
        "spectral": part("spectral", threshold=0.45),
        **{f"spectral, {each:g}": part("spectral", threshold=each) for each in THRESHOLDS},
        "per image": per_image,
        "population": annotator("classifier", sizes, per_image=False),
        "accuracy": annotator("classifier", sizes, rule="accuracy"),
        "leaking": annotator("classifier", sizes, data="leaking", **given),
        "shuffled": part("shuffled", of=per_image),
        "quality": part("quality", level=1.0),
    }


def cells(sizes: Sizes) -> list[Cell]:
    """An arm an annotator, its annotation alone, and annotations of noised images; fewer levels of
    each where the numbers of a scale mean nothing."""
    other, few = sizes.replicates_other, min(3, sizes.replicates_other)
    known = annotated(sizes)
    grid = [
        trained("clean", sizes, sizes.replicates),
        trained("oracle", sizes, other),
        trained("all", sizes, other, corruption=BLUR),
    ]
    for name, by in known.items():
        if sizes.hurried and name in REPEATED:
            continue
        count = sizes.replicates if name in MORE else other
        labels: dict[str, Any] = {"annotator": name}
        if "," not in name:  # of other thresholds the levels alone
            shown: dict[str, Any] = {"corruption": BLUR, "labels": labels, "annotator": by}
            grid.append(trained("gated", sizes, count, **shown))
        trivial = name.startswith("fixed") or name == "shuffled"  # the levels of per image
        if not (trivial or (sizes.hurried and name in TRAINED)):
            grid.append(_annotation(sizes, name, by, "blur 0.8", BLUR))
    for noise in NOISES[:1] if sizes.hurried else NOISES:
        noised = part("gaussian_noise", sigma=noise)
        label = f"noise {noise:g}"
        for name in RULES:
            if name != "population" and not sizes.hurried:  # that of per image, on the mean
                grid.append(_annotation(sizes, name, known[name], label, noised))
            grid.append(_annotation(sizes, name, known[name], label, noised, GAUSSIAN))
        for rule in dict.fromkeys(RULES.values()):
            exact = part("bayes", clean=DEVIATION**2, imperfect=DEVIATION**2 + noise**2, rule=rule)
            grid.append(_annotation(sizes, f"Bayes, {rule}", exact, label, noised, GAUSSIAN))
    labels = {"annotator": "per image"}
    by = known["per image"]
    unet = trained("gated", sizes, few, "unet", BLUR, labels=labels, annotator=by)
    return [*grid, trained("clean", sizes, few, "unet"), unet]


def _annotation(
    sizes: Sizes, name: str, by: Part, label: str, corruption: Part, data: Part | None = None
) -> Cell:
    """A cell of an annotation alone, of the photographs of a scale or of other data."""
    asked = Annotation(data or dataset(sizes), corruption, by)
    of = "photographs" if data is None else "Gaussian"
    return Cell(
        factors(arm="annotation", annotator=name, corruption=label, data=of),
        (Stage("annotate", asked),),
        sizes.replicates_other,
    )


def _of(name: str) -> dict[str, Any]:
    return {"arm": "gated", "annotator": name}


def _recovers(name: str, rule: str) -> Claim:
    def of(annotator: str) -> dict[str, Any]:
        return {"arm": "annotation", "annotator": annotator, "data": "Gaussian"}

    return Claim(
        id=f"{name.replace(' ', '-')}-finds-the-value-of-its-rule",
        statement=f"On noised Gaussian images the annotator “{name}” finds, within a tenth, the "
        f"level that the Bayes classifier has by the {rule} rule, which is not that of the noise.",
        source=f"{OMNI}, appendix table 7, takes the level for the noise's (.058, .102, .179)",
        study="annotators",
        rule=Equivalence(
            (LEVEL,), of(name), of(f"Bayes, {rule}"), at(*(f"noise {s:g}" for s in NOISES))
        ),
        regime="here",
        confirmatory=False,
    )


STUDY = Study(
    name="annotators",
    title="Annotators: fixed, spectral, classifiers, shuffled, quality",
    question="How much does it matter who says from which noise level on an image may be used?",
    cells=cells,
    cells_per_job=2,
    claims=(
        *(
            better(
                "annotators",
                f"classifier-beats-fixed-{level:g}",
                f"Levels from a classifier beat one level of {level:g} for all images. (They beat "
                "the best single level where they beat all four.)",
                f"{OMNI}, table 2a (6.00 against 6.66 for the best single level)",
                _of("per image"),
                _of(f"fixed {level:g}"),
                MLP,
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
            MLP,
        ),
        better(
            "annotators",
            "levels-of-images-matter",
            "Levels of single images beat the same levels dealt out at random.",
            f"{OMNI}, section 3.2, where each image has its own",
            _of("per image"),
            _of("shuffled"),
            MLP,
        ),
        better(
            "annotators",
            "leak-helps",
            "A classifier that saw the clean versions of the blurred images annotates better.",
            f"{OMNI}, appendix (5.34, balanced, against 6.04, unbalanced: there the "
            "number of clean images changes too)",
            _of("leaking"),
            _of("per image"),
            MLP,
            metrics=CO_PRIMARY,
            confirmatory=False,
        ),
        *(_recovers(name, rule) for name, rule in RULES.items()),
    ),
    default=False,
)
