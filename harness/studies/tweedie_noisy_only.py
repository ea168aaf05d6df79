"""Photographs that were never seen without noise: ambient loss above, consistency below.

Every training image carries white noise of 0.2. Above that level Tweedie's formula turns regression
on noisy images into E[x0 | x_t]; below it nothing is learned from the data, and consistency (one
denoiser must be the mean of itself along its own reverse process) carries the solution down (Daras
et al. 2024; ``theory.tweedie``). With infinite data that is exact. On CIFAR-10 the authors' sequel
prints FID 11.93 for noisy images alone, 1.99 for clean ones, and 2.81 where a tenth is clean.

    noisy        the noisy images as if they were clean: what every arm has to beat
    ambient      the ambient loss alone; below the noise the network extrapolates
    consistent   with consistency, two independent steps from each point: unbiased
    averaged     the square of an averaged residual, biased by its variance: the control. Both take
                 antithetic pairs of steps, which leaves little of that variance
    mixed        a tenth of the images clean, the rest noisy, by the ambient loss
    clean        that tenth alone
    oracle       every image clean

With a U-Net, ``clean`` and ``mixed``.
"""

from typing import Any

from harness.cell import Cell, part
from harness.claims.claim import Claim
from harness.claims.paired import Equivalence
from harness.claims.reading import Reading
from harness.scale import Sizes
from harness.studies.arms import trained
from harness.studies.frame import CO_PRIMARY, FRECHET, LOSS, MLP, TWEEDIE, better
from harness.studies.study import Study

NOISE = part("gaussian_noise", sigma=0.2)
BELOW = Reading("denoising_error/0.06325", "lower", margin=0.02)
_NOISED = part("ambient", noised=True)
_ALONE: dict[str, Any] = {"pool": "imperfect", "clean_fraction": 1.0, "corruption": NOISE}
ARMS: dict[str, dict[str, Any]] = {
    "noisy": {"annotator": part("fixed"), "objective": part("denoising")},
    "ambient": {"annotator": part("oracle"), "objective": _NOISED},
    "consistent": {"annotator": part("oracle"), "objective": part("consistency")},
    "averaged": {
        "annotator": part("oracle"),
        "objective": part("consistency", estimator="average"),
    },
}


def cells(sizes: Sizes) -> list[Cell]:
    """Four arms of noisy images alone; a mixed, a clean and the ceiling; two with a U-Net."""
    other, few = sizes.replicates_other, min(3, sizes.replicates_other)

    def count(name: str) -> int:
        """The control, which costs as much as four other trainings, has fewer replicates."""
        return few if name == "averaged" else other

    grid = [
        trained("ambient", sizes, count(name), labels={"arm": name}, **{**_ALONE, **given})
        for name, given in ARMS.items()
    ]
    return [
        *grid,
        mixed(sizes, other, {"arm": "mixed"}),
        trained("clean", sizes, sizes.replicates),
        trained("oracle", sizes, other),
        trained("clean", sizes, few, "unet"),
        mixed(sizes, few, {"arm": "mixed"}, "unet"),
    ]


def mixed(
    sizes: Sizes, replicates: int, labels: dict[str, Any], net: str = "mlp", **training: Any
) -> Cell:
    """A tenth of the images clean, the rest noisy, by the ambient loss."""
    given = {"annotator": part("oracle"), "objective": _NOISED, **training}
    return trained("ambient", sizes, replicates, net, NOISE, labels, **given)


STUDY = Study(
    name="tweedie_noisy_only",
    title="Learning from noisy photographs alone",
    question="Does consistency recover what the noise of the data hides?",
    cells=cells,
    claims=(
        better(
            "tweedie_noisy_only",
            "consistency-helps-below-the-noise",
            "Below the noise of the data the denoiser with consistency is nearer to the truth than "
            "that of the ambient loss alone.",
            f"{TWEEDIE}, abstract and theorem on consistency",
            "consistent",
            "ambient",
            MLP,
            metrics=(BELOW, FRECHET),
            gate=None,
        ),
        better(
            "tweedie_noisy_only",
            "noisy-images-beside-clean-ones-help",
            "A tenth of clean images and the rest noisy is better than that tenth alone. (Added "
            "after the run, so exploratory.)",
            "How much is a noisy image worth? (Daras et al. 2024; FID 2.81 against 17.30)",
            "mixed",
            "clean",
            MLP,
            metrics=(LOSS, FRECHET),
            gate=None,
            confirmatory=False,
        ),
        Claim(
            "consistency-recovers-the-law",
            "Below the noise of the data the denoiser with consistency is as good as one that saw "
            "every image clean. (Added after the run, so exploratory.)",
            f"{TWEEDIE}, theorem on consistency, which is exact for infinite data",
            "tweedie_noisy_only",
            Equivalence((BELOW,), "consistent", "oracle", MLP),
            "here",
            False,
        ),
        better(
            "tweedie_noisy_only",
            "noisy-data-beat-nothing",
            "The ambient loss with consistency beats taking noisy images for clean ones.",
            TWEEDIE,
            "consistent",
            "noisy",
            MLP,
            metrics=CO_PRIMARY,
            gate=None,
        ),
        better(
            "tweedie_noisy_only",
            "two-trajectories-beat-an-average",
            "Two independent trajectories beat the square of an averaged residual.",
            "derived here; the code of the sequel averages",
            "consistent",
            "averaged",
            MLP,
            metrics=(BELOW, FRECHET),
            gate=None,
        ),
        better(
            "tweedie_noisy_only",
            "few-clean-images-help",
            "A tenth of clean images beside noisy ones is better than noisy ones alone.",
            "How much is a noisy image worth? (Daras et al. 2024; FID 2.81 against 11.93)",
            "mixed",
            "ambient",
            MLP,
            metrics=(LOSS, FRECHET),
            gate=None,
        ),
    ),
    default=False,
)
