"""Motion blur that is motion blur: length by angle (Daras et al. 2025, section 5.1).

The paper's "motion blur" is, in its released code, a Gaussian blur of 8-bit images whose angle is
ignored. Here it is the mean along a segment of given length and angle. A segment at 0 degrees blurs
along rows alone, columns keep their frequencies, and the spectral annotator sees both.
"""

from harness.cell import Cell, part
from harness.scale import Sizes
from harness.studies.arms import trained
from harness.studies.frame import OMNI, arms, at, better
from harness.studies.study import Study

SETTINGS = ((3.0, 0.0), (3.0, 45.0), (5.0, 0.0))
LABELS = tuple(f"{length:g} px at {angle:g}°" for length, angle in SETTINGS)


def cells(sizes: Sizes) -> list[Cell]:
    """The common clean and oracle, then gated and all at each motion; a row with the U-Net."""
    moved = {
        label: part("motion_blur", length=length, angle=angle)
        for label, (length, angle) in zip(LABELS, SETTINGS)
    }
    few = min(3, sizes.replicates_other)
    headline, *others = ({label: corruption} for label, corruption in moved.items())
    grid = [
        trained("clean", sizes, sizes.replicates),
        trained("oracle", sizes, sizes.replicates_other),
        *arms(sizes, headline, {"gated": sizes.replicates, "all": few}),
    ]
    for other in others:
        grid += arms(sizes, other, {"gated": sizes.replicates_other, "all": few})
    unet = trained("clean", sizes, few, "unet")
    return [*grid, unet, *arms(sizes, headline, {"gated": few}, "unet")]


STUDY = Study(
    name="ambient_motion",
    title="Motion blur: length and angle",
    question="Does the annotation cope with a blur that has a direction?",
    cells=cells,
    claims=(
        better(
            "ambient_motion",
            "gated-beats-clean-motion",
            "Using motion-blurred images above their noise level beats the sharp tenth alone, at "
            "every length and angle.",
            f"{OMNI}, section 5.1 (FID 5.85 against 8.79)",
            "gated",
            "clean",
            at(*LABELS, network="mlp"),
        ),
        better(
            "ambient_motion",
            "gated-beats-equals-motion",
            "It also beats using everything as equals.",
            f"{OMNI}, section 5.1",
            "gated",
            "all",
            at(*LABELS, network="mlp"),
        ),
    ),
    default=False,
)
