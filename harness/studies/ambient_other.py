"""Other corruptions: which of them noise can hide, and which reduce to leaving the images out.

Daras et al. (2025) argue from blur and JPEG, which destroy high frequencies: noise hides these
first, so that a corrupted image is of use from a moderate noise level on. A corruption of the
lowest frequency is hidden last: the rule should then admit next to nothing, and the gated arm be
the clean-only arm, no better and no worse (a reviewer's point, and the paper's own limit). Power
spectra do not see a shift of the mean, so there the classifier annotates.

    high     down-up sampling by 2, pixelation by 2
    low      brightness + 0.3, and + 1, where a third of the pixels is clipped to white
    neither  contrast halved, white noise of 0.2, a random mask of 30 % of the pixels, a box of a
             quarter of the area
    mixed    each image blurred by 0.8 px, compressed at quality 15, or moved by 3 px
    colour   on colour patches: one channel shifted by 0.3, saturation halved

The U-Net has white noise, whose images count by the ambient loss above that level: the cells of
``tweedie_noisy_only``.
"""

from typing import Any

from harness.cell import Cell, Part, part
from harness.scale import Sizes
from harness.studies.arms import annotator, dataset, trained
from harness.studies.frame import OMNI, alike, at, better
from harness.studies.study import Study
from harness.studies.tweedie_noisy_only import mixed

HIGH: dict[str, Part] = {
    "down-up 2": part("down_up", factor=2),
    "pixelate 2": part("pixelate", factor=2),
}
LOW: dict[str, Part] = {
    "brightness 0.3": part("colour_shift", red=0.3, green=0.3, blue=0.3),
    "brightness 1": part("colour_shift", red=1.0, green=1.0, blue=1.0),
}
NEITHER: dict[str, Part] = {
    "contrast 0.5": part("contrast", factor=0.5),
    "noise 0.2": part("gaussian_noise", sigma=0.2),
    "mask 30 %": part("random_mask", share=0.3),
    "box 25 %": part("box_mask", share=0.25),
}
MIXED: dict[str, Part] = {
    "mixed": part(
        "mixed",
        of=(
            part("gaussian_blur", sigma=0.8),
            part("jpeg", quality=15),
            part("motion_blur", length=3.0, angle=0.0),
        ),
    ),
}
COLOUR: dict[str, Part] = {
    "one channel": part("colour_shift", red=0.3, green=0.0, blue=0.0),
    "saturation": part("saturation", factor=0.5),
}


def cells(sizes: Sizes) -> list[Cell]:
    """Gated at each corruption; clean and oracle of grey and of colour patches; two U-Nets."""
    other, few = sizes.replicates_other, min(3, sizes.replicates_other)
    grey, coloured = _images(sizes, 1), _images(sizes, 3)
    grid = [
        trained("clean", sizes, sizes.replicates, labels={"data": "grey"}, dataset=grey),
        trained("oracle", sizes, other, labels={"data": "grey"}, dataset=grey),
    ]
    step = 2 if sizes.hurried else 1  # every second one where numbers mean nothing
    for label, corruption in list((HIGH | NEITHER | MIXED).items())[::step]:
        count, labels = few if label in NEITHER else other, {"corruption": label, "data": "grey"}
        shown: dict[str, Any] = {"corruption": corruption, "labels": labels, "dataset": grey}
        grid.append(trained("gated", sizes, count, **shown))
    for label, corruption in list(LOW.items())[::step]:
        labels = {"corruption": label, "data": "grey", "annotator": "classifier"}
        grid.append(
            trained(
                "gated",
                sizes,
                other,
                corruption=corruption,
                labels=labels,
                dataset=grey,
                annotator=annotator("classifier", sizes),
            )
        )
    grid += [
        trained(name, sizes, few, labels={"data": "colour"}, dataset=coloured)
        for name in ("clean", "oracle")
    ]
    for label, corruption in COLOUR.items():
        labels = {"corruption": label, "data": "colour"}
        grid.append(
            trained("gated", sizes, few, corruption=corruption, labels=labels, dataset=coloured)
        )
    labels = {"arm": "ambient", "corruption": "noise 0.2", "data": "grey"}
    return [
        *grid,
        trained("clean", sizes, few, "unet", labels={"data": "grey"}, dataset=grey),
        mixed(sizes, few, labels, "unet", dataset=grey),
    ]


def _images(sizes: Sizes, channels: int) -> Part:
    """Photographs of a scale in grey or in colour."""
    given = {"side": 8} | (dataset(sizes).kwargs() if dataset(sizes).name == "photos" else {})
    return part("photos", **{**given, "channels": channels})


STUDY = Study(
    name="ambient_other",
    title="Other corruptions: high and low frequencies, masks, noise, a mixed pool, colour",
    question="Which corruptions can noise hide?",
    cells=cells,
    claims=(
        better(
            "ambient_other",
            "high-frequency-corruptions-help",
            "Images that lost their high frequencies, used above their noise level, beat the clean "
            "tenth alone.",
            f"{OMNI}, section 3.1",
            "gated",
            "clean",
            at(*HIGH, data="grey", network="mlp"),
        ),
        alike(
            "ambient_other",
            "low-frequency-corruptions-are-filtered",
            "Images of another brightness are as good as left out: training with them, gated by a "
            "classifier, is equivalent to training on the clean tenth alone.",
            "a reviewer of Ambient Diffusion Omni, and its section on limits",
            {"arm": "gated", "annotator": "classifier"},
            "clean",
            at(*LOW, data="grey", network="mlp"),
        ),
        better(
            "ambient_other",
            "mixed-pool-helps",
            "A pool of differently corrupted images, used above one common noise level, beats the "
            "clean tenth alone.",
            f"{OMNI}, section 5.2, where a web-scale pool is mixed",
            "gated",
            "clean",
            at(*MIXED, data="grey", network="mlp"),
        ),
        better(
            "ambient_other",
            "masks-and-noise-help",
            "So do images with half the contrast, noised and masked ones.",
            "derived here from the same rule",
            "gated",
            "clean",
            at(*NEITHER, data="grey", network="mlp"),
            confirmatory=False,
        ),
        better(
            "ambient_other",
            "colour-corruptions-help",
            "So do, on colour patches, images with a shifted channel or less saturation.",
            "derived here from the same rule",
            "gated",
            "clean",
            at(*COLOUR, data="colour", network="mlp"),
            confirmatory=False,
        ),
    ),
    default=False,
)
