"""The papers' own settings, named with their bill: what no small machine can run.

Ambient Diffusion Omni (Daras et al. 2025, appendix E) trains DDPM++ on CIFAR-10, FFHQ and AFHQ at
64 pixels. The length is what the paper gives for its longest training; the best checkpoints lie
near 20 million images on CIFAR-10 and 30 million on FFHQ. A sample takes 35 passes (Heun, 18
steps).

Slight Corruption (Chen et al. 2024, appendix B) trains LDM-4 (178,000 and 396,000 steps of 512
images) and DiT-XL/2 (400,000 of 256) on latents of ImageNet and CC3M, distils an LCM from Stable
Diffusion 1.5 (35,000 steps of a batch that it does not state), and learns ControlNet and T2I
adapter of Stable Diffusion for ten epochs of a hundred classes (0.13 million images). A sample
takes 100 passes: 50 steps of DPM-Solver under guidance; those of the LCM are not stated. The
autoencoder, the encoder of text (77 vectors of BERT-base, or of CLIP), and what is added to Stable
Diffusion are not counted. Beside each: its Fréchet distance without and with CEP-U, where a table
prints it.

A training costs three forward passes an image. The networks are counted in ``harness.run.counts``.
"""

from dataclasses import dataclass
from functools import partial

from harness.run.counts import Count, ddpmpp, dit, latent

PASSES = 3  # of an image in training
HEUN, GUIDED = 35, 100  # passes of a sample
OMNI, SLIGHT = "Daras et al. 2025, appendix E", "Chen et al. 2024, appendix B"


@dataclass(frozen=True)
class Setting:
    """One training of a paper: million images seen, samples drawn, passes of a sample (0: not
    stated); printed: its Fréchet distances, clean and with CEP-U."""

    name: str
    network: Count
    million: float
    samples: int
    source: str
    calls: int = HEUN
    printed: str = ""

    @property
    def training(self) -> float:
        """Operations of one training."""
        return float(PASSES * self.million * 10**6 * self.network.flops)

    @property
    def sampling(self) -> float:
        """Operations of its samples."""
        return float(self.calls * self.samples * self.network.flops)


SMALL, LARGE = ddpmpp(32, (2, 2, 2)), ddpmpp(64, (1, 2, 2, 2))
LDM = partial(latent, 64, 192, (1, 2, 3, 5), (1, 2, 3), colours=3)
STABLE = latent(64, 320, (1, 2, 4, 4), (0, 1, 2), context=768, length=77, colours=4)
SETTINGS = (
    Setting("CIFAR-10, corrupted", SMALL, 200, 50_000, OMNI),
    Setting("FFHQ-64, corrupted", LARGE, 100, 50_000, OMNI),
    Setting("AFHQ-64, other animals", LARGE, 40, 5_239, OMNI),
    Setting("LDM-4, IN-1K", LDM(context=512, length=1), 91, 50_000, SLIGHT, GUIDED,
            "9.44, 7.00"),
    Setting("LDM-4, CC3M", LDM(context=768, length=77), 203, 50_000, SLIGHT, GUIDED,
            "19.85, 17.93"),
    Setting("DiT-XL/2, IN-1K", dit(32, 2, 1152, 28, 4, 1000), 102, 50_000, SLIGHT, GUIDED,
            "6.76, 5.51"),
    Setting("LCM of SD 1.5, CC3M", STABLE, 0, 50_000, SLIGHT, 0, "23.59, 22.91"),
    Setting("ControlNet, IN-100, edges", STABLE, 1.3, 5_000, SLIGHT, GUIDED, "11.59, 11.46"),
    Setting("T2I adapter, IN-100", STABLE, 1.3, 5_000, SLIGHT, GUIDED),
)  # fmt: skip


def listing() -> str:
    """A table of the settings: the network, the length, and what one training and its samples
    cost in operations."""
    lines = [
        f"{'one training of the papers':26} {'parameters':>10} {'forward':>12} {'images':>8} "
        f"{'training':>9} {'sampling':>9}  FD, CEP-U"
    ]
    for each in SETTINGS:
        network = each.network
        seen = f"{each.million:g} M" if each.million else "?"
        costs = [f"{cost:.2e}" if cost else "?" for cost in (each.training, each.sampling)]
        lines.append(
            f"{each.name:26} {network.parameters / 1e6:9.1f}M {network.flops / 1e9:6.1f} GFLOP "
            f"{seen:>8} {costs[0]:>9} {costs[1]:>9}  {each.printed}".rstrip()
        )
    return "\n".join([*lines, f"35 passes a sample of {OMNI}; 100 of {SLIGHT}; ?: not stated"])
