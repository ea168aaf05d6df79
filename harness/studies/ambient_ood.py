"""Images of another origin, used at low noise: crops that look alike (Daras et al. 2025, 5.1).

At low noise a denoiser looks at few pixels around each, and crops of that size may be alike in sets
that are not: an image of the other set is admitted where sigma < sigma_max. The paper adds cats to
a tenth of AFHQ's dogs (FID 12.08 without, 11.14, 9.85, 10.66 and 12.07 with one sigma_max of .2,
.1, .05 and .025 for all cats, 8.92 with one a cat by a classifier of crops) and drawings of a
program (10.98). Released code trained the classifier of crops on whole images.

    target                  the other set
    photographs             brick, grass and gravel; dead leaves, drawn by a program
    four photographs        the three others
    digits 0 to 4           digits 5 to 9

    crops   sigma_max for each image by classifiers of k x k crops, and the size of crop that a
            denoiser of the clean images needs at each noise level, measured on these
    fixed   one sigma_max, of 0.1, for all
    all     admitted everywhere
    both    crops, and admitted again above the level of the spectral annotator (the "donut")

Beside the trainings, for each other set and for noise with the spectrum of photographs, what the
annotator ``crops`` finds in the streams of a training: the shares of images by the largest crop
that passes for a clean one, their sigma_max, and the map from sizes of crops to sigma_max
(``harness.train.sigma_max``). The paper's classifiers find .09 for cats among dogs and .042 for
drawings, in the mean, by a map that was measured once on images of 64 x 64 pixels.
"""

from typing import Any

from harness.cell import Cell, Part, Stage, factors, part
from harness.claims.contrast import Where
from harness.claims.reading import Reading
from harness.scale import Sizes
from harness.studies.ambient_jpeg import LOSSLESS
from harness.studies.arms import annotator, dataset, trained
from harness.studies.frame import OMNI, better
from harness.studies.study import Study
from harness.train.annotation import Annotation
from harness.train.sigma_max import SigmaMax

FIXED = 0.1
OTHERS = ("rocket", "china", "flower")
NOISE = "1/f noise"  # of which the annotation alone is asked
LOW = Reading("denoising_error/0.04743", "lower", margin=0.02)
SHORT = 50_000  # images: a longer training on so few digits copies them


def pairs(sizes: Sizes) -> dict[str, tuple[str, Part, Part, dict[str, Any]]]:
    """By the name of the other set: the target's name, both sets, and what else differs."""
    photos = dataset(sizes)
    given = photos.kwargs()
    side, channels = given.get("side", 8), given.get("channels", 1)
    if photos.name.startswith("cifar10"):
        side, channels = 32, 3
    short = {"clean_fraction": 0.3, "images": min(SHORT, sizes.images)}

    def of(sources: tuple[str, ...]) -> Part:
        return part("photos", side=side, channels=channels, sources=sources)

    def digits(classes: str) -> Part:
        return part("digits", classes=tuple(classes))

    textures = part("textures", side=side, channels=channels)
    shape: dict[str, Any] = {"side": side, "channels": channels}

    def drawn(kind: str) -> Part:
        return part("procedural", kind=kind, count=8000, **shape)

    return {
        "textures": ("photographs", photos, textures, {}),
        "dead leaves": ("photographs", photos, drawn("dead_leaves"), {}),
        NOISE: ("photographs", photos, drawn("power_law"), {}),
        "other photographs": ("four photographs", of(LOSSLESS), of(OTHERS), {}),
        "other digits": ("digits 0 to 4", digits("01234"), digits("56789"), short),
    }


def annotated(sizes: Sizes) -> dict[str, Part]:
    """The annotators by the names that the table gives them."""
    spectral = part("spectral", threshold=0.45)
    return {
        "crops": annotator("crops", sizes),
        "both": annotator("crops", sizes, from_above=spectral),
        f"fixed {FIXED:g}": part("fixed", sigma_min=None, sigma_max=FIXED),
    }


HEADLINE = ("textures", "other photographs")
TRIED = {
    "textures": ("crops", "both", "fixed 0.1"),
    "other photographs": ("crops", "fixed 0.1"),
}


def cells(sizes: Sizes) -> list[Cell]:
    """Clean and oracle of each target; an arm an annotator with each other set, of which a scale
    whose numbers mean nothing has two; all with the two sets of the headline; and annotations."""
    many, other, few = sizes.replicates, sizes.replicates_other, min(3, sizes.replicates_other)
    grid: list[Cell] = []
    annotations: list[Cell] = []
    known = annotated(sizes)
    targets: set[str] = set()
    for name, (target, images, foreign, more) in pairs(sizes).items():
        if sizes.hurried and name not in ("textures", "other digits"):
            continue
        annotations.append(_annotation(sizes, name, few))
        if name == NOISE:
            continue
        shared: dict[str, Any] = {"dataset": images, **more}
        if target not in targets:
            targets.add(target)
            for arm, count in (("clean", many), ("oracle", other)):
                grid.append(trained(arm, sizes, count, labels={"data": target}, **shared))
        shared |= {"other": foreign}
        labels = {"data": target, "other": name}
        if name in HEADLINE:
            grid.append(trained("all", sizes, few, labels=labels, **shared))
        for how in TRIED.get(name, ("crops",)):
            count = other if how == "crops" else few
            count = many if (how, name) == ("crops", "textures") else count
            by, labelled = known[how], {**labels, "annotator": how}
            shown: dict[str, Any] = {"labels": labelled, "annotator": by}
            grid.append(trained("gated", sizes, count, **shown, **shared))
            if name == "textures" and how == "crops":
                grid.append(trained("gated", sizes, few, "unet", **shown, **shared))
                plain: dict[str, Any] = {"labels": {"data": target}, "dataset": images}
                grid.append(trained("clean", sizes, few, "unet", **plain))
    return [*grid, *annotations]


def _annotation(sizes: Sizes, name: str, replicates: int) -> Cell:
    """What ``crops`` finds in another set, with the images and the streams of the trainings."""
    target, images, foreign, more = pairs(sizes)[name]
    given = {key: more[key] for key in ("clean_fraction",) if key in more}
    asked = Annotation(images, None, annotated(sizes)["crops"], other=foreign, **given)
    return Cell(
        factors(arm="annotation", annotator="crops", data=target, other=name),
        (Stage("annotate", asked), Stage("sigma_max", SigmaMax())),
        replicates,
    )


def _where(name: str) -> Where:
    """The condition of an other set."""
    target = "digits 0 to 4" if "digits" in name else "photographs"
    target = "four photographs" if name == "other photographs" else target
    return {"data": target, "other": name, "network": "mlp"}


CROPPED: dict[str, Any] = {"arm": "gated", "annotator": "crops"}

STUDY = Study(
    name="ambient_ood",
    title="Images of another origin at low noise",
    question="Are crops of other photographs, textures and drawings of use at low noise?",
    cells=cells,
    claims=(
        better(
            "ambient_ood",
            "foreign-crops-help",
            "Images of another set, used below the noise level at which their crops look alike, "
            "beat the clean images alone.",
            f"{OMNI}, table 2b (8.92 against 12.08)",
            CROPPED,
            "clean",
            tuple(_where(name) for name in HEADLINE),
        ),
        better(
            "ambient_ood",
            "procedural-crops-help",
            "So do dead leaves, images that a program draws.",
            f"{OMNI}, table 2b (10.98 against 12.08)",
            CROPPED,
            "clean",
            (_where("dead leaves"),),
        ),
        better(
            "ambient_ood",
            "crops-beat-equals",
            "They are better than the same images admitted everywhere.",
            f"{OMNI}, section 3.2",
            CROPPED,
            "all",
            tuple(_where(name) for name in HEADLINE),
        ),
        better(
            "ambient_ood",
            "foreign-crops-help-at-low-noise",
            "Their gain is at low noise: the denoising error at a noise level of .047 falls.",
            f"{OMNI}, section 3.2",
            CROPPED,
            "clean",
            tuple(_where(name) for name in HEADLINE),
            metrics=(LOW,),
            confirmatory=False,
            gate=None,
        ),
        better(
            "ambient_ood",
            "a-level-for-each-image-helps",
            "One sigma_max of 0.1 for all images is worse than one for each.",
            f"{OMNI}, table 2b (8.92 against 9.85)",
            CROPPED,
            {"arm": "gated", "annotator": "fixed 0.1"},
            tuple(_where(name) for name in HEADLINE),
            confirmatory=False,
        ),
    ),
    default=False,
)
