"""The ablation of the loss: weight, buffer, clip, noise and order of drawing, at one blur.

Daras et al. (2025), table 6, blur of 0.6 px: lambda = 1 without a buffer 5.49, lambda_amb 5.36,
clipped at 2 5.35 and at 4 5.69, buffer for s_max = 2 5.40 and for 4 5.34: single runs, of which
other tables of the paper say that they differ by 0.2 from one training to the next. Here each
variant shares its random streams with every other.

    plain       denoising, gated at sigma_min
    lambda 1    the ambient loss without its weight, no buffer
    weighted    lambda_amb = 1/alpha^2, no buffer: the variance diverges towards sigma_min
    clip 4      lambda_amb at most 4, no buffer
    buffer s    lambda_amb, admitted where sigma > sqrt(1 + 1/(s - 1)) sigma_min; the paper takes 4
    fresh       buffer 4, its noise drawn anew at each visit: plain denoising in disguise
    image first plain, the image drawn before the noise level, whose law then shifts to high noise

The U-Net sees a blur of 0.8 px, that of ``ambient_blur``, with which it shares the clean cell and
the plain one; beside them stands the paper's own loss, with its buffer of 4.
"""

from typing import Any

from harness.cell import Cell, part
from harness.scale import Sizes
from harness.studies.arms import trained
from harness.studies.frame import MLP, OMNI, alike, better
from harness.studies.study import Study

BLUR = part("gaussian_blur", sigma=0.6)
STRONGER = 0.8  # of the U-Net
LOSSES: dict[str, dict[str, Any]] = {
    "lambda 1": {"cap": None, "weight": "one"},
    "weighted": {"cap": None},
    "clip 4": {"cap": None, "clip": 4.0},
    "buffer 2": {"cap": 2.0},
    "buffer 4": {"cap": 4.0},
    "buffer 8": {"cap": 8.0},
    "fresh": {"cap": 4.0, "fresh": True},
}


CLAIMED = ("buffer 4", "clip 4", "weighted", "lambda 1")


def cells(sizes: Sizes) -> list[Cell]:
    """Clean and oracle, then every loss; three cells with a U-Net."""
    other, few = sizes.replicates_other, min(3, sizes.replicates_other)

    def arm(name: str, loss: str, count: int, **training: Any) -> Cell:
        return trained(name, sizes, count, corruption=BLUR, labels={"loss": loss}, **training)

    def unet(name: str, **labels: Any) -> Cell:
        blur = part("gaussian_blur", sigma=STRONGER)
        return trained(name, sizes, few, "unet", blur, labels)

    return [
        trained("clean", sizes, sizes.replicates),
        trained("oracle", sizes, other),
        arm("gated", "plain", few),
        arm("buffered", "plain", other),
        arm("gated", "image first", few, draw="image"),
        *(
            arm(
                "ambient",
                loss,
                other if loss in CLAIMED else few,
                objective=part("ambient", **given),
            )
            for loss, given in LOSSES.items()
        ),
        unet("clean"),
        unet("gated", loss="plain", blur=STRONGER),
        unet("ambient", loss="buffer 4", blur=STRONGER),
    ]


def _of(loss: str, arm: str = "ambient") -> dict[str, Any]:
    return {"arm": arm, "loss": loss}


STUDY = Study(
    name="ambient_loss",
    title="The ambient loss: weight, buffer, clip, noise, order of drawing",
    question="Which part of the ambient loss matters, under a blur of 0.6 px (the MLP; the paper's "
    "table) and of 0.8 px (the U-Net)?",
    cells=cells,
    claims=(
        alike(
            "ambient_loss",
            "weighted-equals-plain-behind-one-buffer",
            "Behind one buffer the ambient loss is equivalent to plain denoising: they share their "
            "population minimiser.",
            f"derived here from {OMNI}, eq. 2.2",
            _of("buffer 4"),
            _of("plain", "buffered"),
            MLP,
        ),
        better(
            "ambient_loss",
            "buffer-beats-clip",
            "A buffer of 4 is better than clipping the weight at 4. (Behind a buffer b the weight "
            "is at most b^2: the numbers are the paper's, the caps are 16 and 4.)",
            f"{OMNI}, table 6 (5.34 against 5.69)",
            _of("buffer 4"),
            _of("clip 4"),
            MLP,
        ),
        better(
            "ambient_loss",
            "weight-helps",
            "The weight lambda_amb is better than none.",
            f"{OMNI}, table 6 (5.36 against 5.49)",
            _of("weighted"),
            _of("lambda 1"),
            MLP,
        ),
        better(
            "ambient_loss",
            "buffer-helps",
            "A buffer is better than none.",
            f"{OMNI}, table 6 (5.34 against 5.36)",
            _of("buffer 4"),
            _of("weighted"),
            MLP,
        ),
        alike(
            "ambient_loss",
            "fixed-noise-equals-fresh",
            "Noise drawn once an image is equivalent to noise drawn at each visit, at this length.",
            "derived here; they part where training can memorise",
            _of("buffer 4"),
            _of("fresh"),
            MLP,
            confirmatory=False,
        ),
        better(
            "ambient_loss",
            "level-first-beats-image-first",
            "Drawing the noise level first is better than drawing the image first.",
            f"derived here; {OMNI}, appendix, draws the level first",
            _of("plain", "gated"),
            _of("image first", "gated"),
            MLP,
            confirmatory=False,
        ),
    ),
    default=False,
)
