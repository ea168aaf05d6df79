"""Photographs compressed as JPEG: the same arms, on photographs that no JPEG file ever held.

A tenth of the patches is clean, the rest was written at quality 15 or 75 and read again (Daras
et al. 2025, table 3, where no arm uses everything as equals). China, flower and rocket come from
JPEG files, so that their "clean" patches are not: they are left out, and four photographs remain.
At 8 by 8 pixels a patch is one block of the transform.
"""

from harness.cell import Cell, Part, part
from harness.scale import Sizes
from harness.studies.arms import dataset, trained
from harness.studies.frame import DULL, OMNI, arms, at, better
from harness.studies.study import Study

LOSSLESS = ("astronaut", "chelsea", "coffee", "motorcycle_left")
QUALITIES = (15, 75)


def cells(sizes: Sizes) -> list[Cell]:
    """Clean and oracle, then gated and all at each quality; clean and gated with the U-Net."""
    lossless = _lossless(dataset(sizes))
    written = {f"quality {quality}": part("jpeg", quality=quality) for quality in QUALITIES}
    few = min(3, sizes.replicates_other)
    counts = {"gated": sizes.replicates, "all": few}
    poorest = {f"quality {QUALITIES[0]}": written[f"quality {QUALITIES[0]}"]}
    return [
        trained("clean", sizes, sizes.replicates, dataset=lossless),
        trained("oracle", sizes, sizes.replicates_other, dataset=lossless),
        *arms(sizes, written, counts, dataset=lossless),
        trained("clean", sizes, few, "unet", dataset=lossless),
        *arms(sizes, poorest, {"gated": few}, "unet", dataset=lossless),
    ]


def _lossless(images: Part) -> Part:
    """The dataset of a scale without what was a JPEG file; photographs in place of one that is."""
    if images.name == "cifar10_jpeg75":
        return part("photos", side=32, sources=LOSSLESS)
    if images.name == "photos":
        return part("photos", **{**images.kwargs(), "sources": LOSSLESS})
    return images


EVERY = at(*(f"quality {quality}" for quality in QUALITIES), network="mlp")

STUDY = Study(
    name="ambient_jpeg",
    title="JPEG-compressed photographs: clean only, all as equals, gated",
    question="What are compressed photographs good for, beside a tenth that is not?",
    cells=cells,
    claims=(
        better(
            "ambient_jpeg",
            "gated-beats-clean-jpeg",
            "Using compressed images above their noise level beats training on the uncompressed "
            "tenth alone, at every quality.",
            f"{OMNI}, table 3",
            "gated",
            "clean",
            EVERY,
        ),
        better(
            "ambient_jpeg",
            "gated-beats-equals-jpeg",
            "It also beats using everything as equals, at every quality.",
            f"{OMNI}, section 5.1; its table 3 has no such arm",
            "gated",
            "all",
            EVERY,
        ),
        better(
            "ambient_jpeg",
            "equals-leak-jpeg",
            "Training on everything as equals leaves samples with less high-frequency power than "
            "the same images uncompressed give, at the lowest quality.",
            "derived here: quantisation sets high frequencies to zero",
            "all",
            "oracle",
            at("quality 15", network="mlp"),
            metrics=(DULL,),
        ),
    ),
    default=False,
)
