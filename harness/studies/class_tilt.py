"""A corrupted pool that holds only some classes: what it does to the classes of the samples.

Digits, three in ten sharp, the others blurred by 0.8 px. Above its noise level an image of the pool
counts like a sharp one, and there, at high noise, is decided which class a sample will have. So a
pool of some classes should tilt the samples towards these (Daras et al. 2025, appendix G.2, where a
rule for each image makes one class more frequent). The tilt is the total variation distance between
the histograms of classes that one classifier gives to samples and to data
(``harness.metrics.class_tilt``; its floor for 2,000 and 1,400 digits is .04).

    every class   the pool holds all digits
    0 to 4        the pool holds these alone, at every noise level above its own

The claims are of the MLP. A U-Net stands beside it, of a quarter of the length and half the samples
that a U-Net has elsewhere, so its tilt has a higher floor.
"""

from dataclasses import replace
from typing import Any

from harness.cell import Cell, Part, Stage, part
from harness.claims.reading import Reading
from harness.metrics.measurement import SAMPLES, Measurement
from harness.metrics.trained import DIGITS
from harness.scale import Sizes
from harness.studies.arms import trained
from harness.studies.frame import LOSS, OMNI, better
from harness.studies.study import Study
from harness.train.pooling import Pooling

BLUR = part("gaussian_blur", sigma=0.8)
DATA: Part = part("digits")
LENGTH = 50_000  # images: a longer training on so few digits copies them
POOLS = {"every class": Pooling(), "0 to 4": Pooling(classes=(0, 1, 2, 3, 4))}
READINGS = ("class_tilt_trained_digits", "fd_trained_digits", *SAMPLES, "denoising_loss")
TILT = Reading("class_tilt_trained_digits", "lower", margin=0.02, scale="difference")
HURRIED = 60  # steps of the classifier at a scale whose numbers mean nothing


def cells(sizes: Sizes) -> list[Cell]:
    """Clean; gated with either pool, with two U-Nets too; all with the pool of five classes."""
    many, few = sizes.replicates, min(3, sizes.replicates_other)
    recipe = DIGITS.recipe((1, 8, 8))
    if sizes.hurried:
        recipe = replace(recipe, steps=HURRIED)
    measured = Measurement(READINGS, ("trained_digits", "random_conv", "zca_pixels"))

    def arm(name: str, count: int, net: str = "mlp", **given: Any) -> Cell:
        whole = sizes.images if net == "mlp" else sizes.unet_images // 4
        made = trained(name, sizes, count, net, dataset=DATA, clean_fraction=0.3,
                       images=min(LENGTH, whole), **given)  # fmt: skip
        train, sample, measure = made.stages
        if net != "mlp":
            sample = Stage("sample", replace(sample.params, count=sizes.unet_samples // 2))
        stages = (
            Stage("classifier", recipe),
            train,
            sample,
            Stage("measure", replace(measured, held_out=measure.params.held_out)),
        )
        return replace(made, stages=stages)

    grid = [arm("clean", many), arm("clean", 2, "unet")]
    for label, pooling in POOLS.items():
        given: dict[str, Any] = {"corruption": BLUR, "pooling": pooling, "labels": {"pool": label}}
        grid += [arm("gated", many, **given), arm("gated", 2, "unet", **given)]
    return [*grid, arm("all", few, **given)]


def _gated(pool: str) -> dict[str, Any]:
    return {"arm": "gated", "network": "mlp", "pool": pool}


STUDY = Study(
    name="class_tilt",
    title="A corrupted pool of some classes: the tilt of the samples",
    question="Do blurred images of some classes make these more frequent among the samples?",
    cells=cells,
    cells_per_job=6,  # all share one classifier
    claims=(
        better(
            "class_tilt",
            "a-pool-of-some-classes-tilts",
            "The classes of the samples are nearer to the data's where the blurred pool holds "
            "every class than where it holds five of ten.",
            f"{OMNI}, appendix G.2",
            _gated("every class"),
            _gated("0 to 4"),
            metrics=(TILT,),
            gate=None,
        ),
        better(
            "class_tilt",
            "five-classes-of-ten-help",
            "Five classes of blurred digits are still worth having: the held-out loss, of all "
            "classes, is lower than that of the sharp digits alone.",
            "derived here",
            _gated("0 to 4"),
            {"arm": "clean", "network": "mlp"},
            metrics=(LOSS,),
            gate=None,
            confirmatory=False,
        ),
    ),
    default=False,
)
