"""Further settings of the blur study: another blur, other networks, longer training, more steps.

Runs under ``STUDIES=all``, with four replicates of the arms that claims name. Each setting is one
factor away from the headline of ``ambient_blur``. Its claims are exploratory.

    blur 0.6           another blur, beside the headline's clean and oracle
    4 times longer     images seen; the end of the training is what is sampled
    best checkpoint    the same trainings, each replicate at the one of eight checkpoints that has
                       the least Fréchet distance on samples of its own (``best_checkpoint``)
    64 sampler steps   the headline's networks
    half as wide       an MLP of 120 for 240
    U-Net              with a ceiling beside it
"""

from dataclasses import replace
from typing import Any

from harness.cell import Cell, Stage, part
from harness.claims.claim import Claim
from harness.claims.paired import PairedEffect
from harness.metrics.best_checkpoint import Choice
from harness.scale import Sizes
from harness.studies.arms import trained
from harness.studies.frame import CO_PRIMARY, GATE, OMNI
from harness.studies.study import Study

BLUR = part("gaussian_blur", sigma=0.8)
CHECKPOINTS, FEWER = 8, 2  # the latter at a scale whose numbers mean nothing
THREE = ("clean", "gated", "oracle")
LONGER, BEST = "4 times longer", "best checkpoint"
SETTINGS = (LONGER, BEST, "64 sampler steps", "half as wide", "U-Net")


def _setting(
    setting: str, sizes: Sizes, names: tuple[str, ...] = THREE, **changes: Any
) -> list[Cell]:
    """Some arms at one setting."""
    given = {"corruption": BLUR, "labels": {"setting": setting}, **changes}
    return [trained(name, sizes, min(3, sizes.replicates_other), **given) for name in names]


def _chosen(cell: Cell, sizes: Sizes) -> Cell:
    """A cell of the longer training, sampled at its best checkpoint."""
    train, *others = cell.stages
    choice = Stage("choose", Choice(max(sizes.samples // 4, 100)))
    return replace(cell, stages=(train, choice, *others))


def cells(sizes: Sizes) -> list[Cell]:
    """The grid, setting by setting; those of the headline's trainings share them."""
    many, other, few = sizes.replicates, sizes.replicates_other, min(3, sizes.replicates_other)
    counts = {"clean": many, "gated": many, "oracle": other}
    milder = part("gaussian_blur", sigma=0.6)
    checkpoints = FEWER if sizes.hurried else CHECKPOINTS
    length: dict[str, Any] = {"images": 4 * sizes.images, "checkpoints": checkpoints}
    steps = {"sampler": part("heun", steps=64)}
    narrow = part("mlp", width=120)
    grid = [
        *(trained(name, sizes, n, labels={"setting": "headline"}) for name, n in counts.items()
          if name != "gated"),
        *_setting("blur 0.6", sizes, ("gated",), corruption=milder),
        *_setting(LONGER, sizes, **length),
        *(_chosen(cell, sizes) for cell in _setting(BEST, sizes, **length)),
        *(trained(name, sizes, n, corruption=BLUR, labels={"setting": "64 sampler steps"},
                  sampling=steps) for name, n in counts.items()),
        *_setting("half as wide", sizes, network=narrow),
        *(trained(name, sizes, few, "unet", BLUR, {"setting": "U-Net"}) for name in THREE),
    ]  # fmt: skip
    if sizes.hurried:  # a ceiling in each setting is for numbers that mean something
        return [cell for cell in grid if cell.labels()["arm"] != "oracle" or _headline(cell)]
    return grid


def _headline(cell: Cell) -> bool:
    return cell.labels()["setting"] == "headline"


def _claim(setting: str) -> Claim:
    return Claim(
        id=f"gated-beats-clean-at-{setting.replace(' ', '-').lower()}",
        statement=f"Blurred images above their noise level beat the sharp ones alone ({setting}).",
        source=f"{OMNI}, section 5.1",
        study="ambient_blur_more",
        rule=PairedEffect(CO_PRIMARY, "gated", "clean", ({"setting": setting},), "each", gate=GATE),
        regime="here",
        confirmatory=False,
    )


STUDY = Study(
    name="ambient_blur_more",
    title="Blurred photographs: another blur, other networks, longer training, best checkpoint",
    question="Does the headline hold one factor away from where it was measured?",
    cells=cells,
    claims=tuple(_claim(setting) for setting in SETTINGS),
    default=False,
)
