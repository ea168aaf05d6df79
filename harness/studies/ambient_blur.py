"""Ambient Diffusion Omni on blurred photographs: the corruption study of the first line.

A tenth of the images is clean, the rest is blurred by a Gaussian kernel of 0.4 or 0.8 pixels. The
arms (``harness.studies.arms``) differ in which images they admit at which noise level. The paper
(Daras et al. 2025, section 5.1) trains CIFAR-10 at 32x32 with a 55M-parameter network for up to 200
million images; here 8x8 grey patches of seven photographs train a 0.4M-parameter network for 0.2
million. So a verdict here is about the mechanism, not about the paper's numbers.

What is fixed before the run
    Length, rate and noise law: chosen on the ceiling (``oracle``) alone, whose samples must have
    0.9 to 1.1 of the data's high-frequency power and which must beat clean-only on the held-out
    loss; else no verdict counts.
    Sampler: Heun with 18 steps, the paper's. It is not converged in the highest frequencies: the
    study ``ambient_blur_more`` repeats the headline with 64 steps.
    Margins: 2 % of the held-out loss, 10 % of a Fréchet or spectrum distance, 5 % of the
    high-frequency power.
"""

from harness.cell import Cell, part
from harness.claims.claim import Claim
from harness.claims.contrast import Where
from harness.claims.paired import Equivalence, PairedEffect
from harness.scale import Sizes
from harness.studies.arms import trained
from harness.studies.frame import CO_PRIMARY, DULL, GATE, OMNI, TWO_SIDED
from harness.studies.study import Study

BLURS = (0.4, 0.8)


def blurred(name: str, sizes: Sizes, sigma: float, replicates: int, net: str = "mlp") -> Cell:
    """One arm at one blur."""
    blur = part("gaussian_blur", sigma=sigma)
    return trained(name, sizes, replicates, net, blur, labels={"blur": sigma})


def cells(sizes: Sizes) -> list[Cell]:
    """The grid: two blurs with the MLP, clean and gated at one with the U-Net; all and oracle too
    on a card."""
    headline, other = sizes.replicates, sizes.replicates_other
    grid = [trained("clean", sizes, headline), trained("oracle", sizes, other)]
    for sigma in BLURS:
        grid += [
            blurred("gated", sizes, sigma, headline),
            blurred("ambient", sizes, sigma, other),
            blurred("all", sizes, sigma, other),
        ]
    few = min(3, other)
    grid += [trained("clean", sizes, few, "unet"), blurred("gated", sizes, 0.8, few, "unet")]
    if sizes.device != "cpu":  # where the U-Net is what the scale is for
        grid += [blurred("all", sizes, 0.8, few, "unet"), trained("oracle", sizes, few, "unet")]
    return grid


MLP: tuple[Where, ...] = tuple({"network": "mlp", "blur": sigma} for sigma in BLURS)

STUDY = Study(
    name="ambient_blur",
    title="Blurred photographs: clean only, all as equals, gated, ambient",
    core_minutes=(("cpu", 13.8),),
    question="When a tenth of the images is sharp, what are the blurred ones good for?",
    cells=cells,
    claims=(
        Claim(
            id="gated-beats-clean",
            statement="Using blurred images above their noise level beats training on the sharp "
            "tenth alone.",
            source=f"{OMNI}, table 2a",
            study="ambient_blur",
            rule=PairedEffect(CO_PRIMARY, "gated", "clean", MLP, "each", gate=GATE),
            regime="here",
        ),
        Claim(
            id="equals-leak-blur",
            statement="Training on everything as equals leaks the blur into the samples: they have "
            "less high-frequency power than those of a model that saw the same images sharp.",
            source=f"{OMNI}, table 2a and section 3.1",
            study="ambient_blur",
            rule=PairedEffect(
                (DULL,),
                "all",
                "oracle",
                MLP,
                "each",
                gate=GATE,
            ),
            regime="here",
        ),
        Claim(
            id="ambient-equals-gated",
            statement="The ambient loss with its buffer is equivalent to plain denoising gated by "
            "the same annotation: where both admit an image, their population minimiser is one.",
            source=f"derived here from {OMNI}, eq. 2.2; the paper's ablation, table 6, has the "
            "ambient loss ahead by 3 % of FID. The buffer also admits images from a higher level "
            "on; ambient_loss compares the losses behind one buffer",
            study="ambient_blur",
            rule=Equivalence(
                TWO_SIDED,
                "ambient",
                "gated",
                MLP,
                gate=GATE,
            ),
            regime="here",
        ),
        Claim(
            id="gated-beats-equals",
            statement="Using blurred images above their noise level alone beats using everything "
            "as equals. (Added after the first run, so exploratory.)",
            source=f"{OMNI}, table 2a",
            study="ambient_blur",
            rule=PairedEffect(CO_PRIMARY, "gated", "all", MLP, "each", gate=GATE),
            regime="here",
            confirmatory=False,
        ),
        Claim(
            id="gated-beats-clean-unet",
            statement="The same with a U-Net: blurred images above their noise level beat the "
            "sharp tenth alone. (No gate: ambient_blur_more has a ceiling beside it.)",
            source=f"{OMNI}, table 2a",
            study="ambient_blur",
            rule=PairedEffect(
                CO_PRIMARY, "gated", "clean", ({"network": "unet", "blur": 0.8},), "each"
            ),
            regime="here",
            confirmatory=False,
        ),
    ),
)
