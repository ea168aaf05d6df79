"""How many images are clean, how many corrupted ones there are, and how well the two are known.

Blur of 0.8 px. Daras et al. (2025), table 8, vary the clean share (1, 5, 10, 30, 50 %: FID 21.9,
12.9, 6.2, 2.8, 2.4) without a clean-only arm beside it. The rest of the design is not in the paper:
fewer corrupted images for each clean one, and a tenth of the images taken for the other kind. One
pair of cells, at a tenth, has a U-Net: that of ``ambient_blur``.
"""

from typing import Any

from harness.cell import Cell, part
from harness.claims.gate import Gate
from harness.scale import Sizes
from harness.studies.arms import trained
from harness.studies.frame import LOSS, MLP, OMNI, at, better
from harness.studies.study import Study
from harness.train.pooling import Pooling

BLUR = part("gaussian_blur", sigma=0.8)
SHARES = {"1 % clean": 0.01, "5 % clean": 0.05, "30 % clean": 0.3, "50 % clean": 0.5}
TENTH = "10 % clean"
POOLS = {
    "1 blurred each": Pooling(multiplicity=1.0),
    "clean taken for blurred": Pooling(clean_as_imperfect=0.1),
    "blurred taken for clean": Pooling(imperfect_as_clean=0.1),
}


GATE = Gate(
    {"arm": "oracle", "setting": TENTH},
    "high_frequency_ratio",
    0.9,
    1.1,
    beats=LOSS,
    baseline={"arm": "clean", "setting": TENTH},
)


def cells(sizes: Sizes) -> list[Cell]:
    """Clean and gated at each share, all as equals at a tenth; gated from other pools; clean and
    gated at a tenth with a U-Net."""
    other, few = sizes.replicates_other, min(3, sizes.replicates_other)

    def arm(name: str, setting: str, count: int = other, net: str = "mlp", **training: Any) -> Cell:
        labels = {"setting": setting}
        return trained(name, sizes, count, net, BLUR, labels, **training)

    grid = [
        arm("clean", TENTH, sizes.replicates),
        arm("gated", TENTH, sizes.replicates),
        arm("all", TENTH),
        arm("oracle", TENTH),
    ]
    for setting, share in list(SHARES.items())[:: 2 if sizes.hurried else 1]:
        grid += [arm(name, setting, few, clean_fraction=share) for name in ("clean", "gated")]
    grid += [arm("gated", setting, few, pooling=pooling) for setting, pooling in POOLS.items()]
    return [*grid, *(arm(name, TENTH, few, "unet") for name in ("clean", "gated"))]


def _gated(setting: str) -> dict[str, Any]:
    return {"arm": "gated", "setting": setting}


STUDY = Study(
    name="clean_fraction",
    title="Clean share, number of corrupted images, mistaken quality",
    question="How does the gain depend on what is clean, and on knowing it?",
    cells=cells,
    claims=(
        better(
            "clean_fraction",
            "gated-beats-clean-at-every-share",
            "Blurred images above their noise level beat the sharp ones alone at every share of "
            "sharp images up to a half, on the held-out loss.",
            f"{OMNI}, table 8, which has no clean-only arm",
            "gated",
            "clean",
            at(*SHARES, TENTH, factor="setting", network="mlp"),
            metrics=(LOSS,),
            gate=None,
        ),
        better(
            "clean_fraction",
            "more-blurred-images-help",
            "Nine blurred images for each sharp one are better than one, on the held-out loss.",
            "derived here: variance falls with their number",
            _gated(TENTH),
            _gated("1 blurred each"),
            MLP,
            metrics=(LOSS,),
            gate=None,
        ),
        better(
            "clean_fraction",
            "mistaken-quality-costs",
            "A tenth of blurred images among those taken for sharp costs quality.",
            "derived here",
            _gated(TENTH),
            _gated("blurred taken for clean"),
            MLP,
            gate=GATE,
        ),
    ),
    default=False,
)
