"""The losses of Ambient Diffusion Omni: one minimiser, what it costs, and why it needs a buffer."""

from typing import Any

from harness.cell import Cell
from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

SOURCE = "Ambient Diffusion Omni (Daras et al. 2025)"

MIXTURE: dict[str, Any] = {"weights": [0.3, 0.7], "means": [-1.0, 0.5], "deviation": 0.2}
NOISES = ((0.2, 0.21), (0.2, 0.231), (0.2, 0.4), (1.38, 1.6), (1.38, 4.0))
PLACES = (-2.0, -1.2, -0.7, -0.3, 0.1, 0.4, 0.9, 1.5, 2.5)

SAMPLES = (
    ([0.3, -0.2], [0.5, 0.1], [-0.7, 1.2]),
    ([1.1, 0.4], [0.9, 0.8], [0.2, -0.4]),
    ([-0.6, 0.0], [-1.4, 0.3], [1.9, 0.6]),
)

SPREAD = 0.5
EXCESSES = (0.01, 0.05, 0.1547, 0.4142, 1.0, 4.0)
ANNOTATED = (0.2, 1.38)

COUNTS = (20, 100, 500)
OPTIMUM_NOISES = (0.25, 0.4, 0.8)

CAPS = (1.5, 2.0, 4.0, 8.0, 16.0)
GAPS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)

SHARES = (0.9, 0.5, 0.28)
SIGMA_MINS = (0.05, 0.1, 0.22, 0.63, 1.03, 1.38, 1.93, 2.84)


def _law(name: str, labels: dict[str, Any], **params: Any) -> Cell:
    return law_cell(f"ambient.{name}", {**params, **labels}, **labels)


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid."""
    grid = [
        _law("minimiser", {"sigma_n": sigma_n, "sigma": sigma, "x": x}, **MIXTURE)
        for sigma_n, sigma in NOISES
        for x in PLACES
    ]
    grid += [
        law_cell(
            "ambient.pseudo_target",
            {"h": h, "x_n": x_n, "eta": eta, "sigma_n": sigma_n, "sigma": sigma},
            sigma_n=sigma_n,
            sigma=sigma,
            sample=number,
        )
        for number, (h, x_n, eta) in enumerate(SAMPLES, 1)
        for sigma_n, sigma in NOISES
    ]
    grid += [
        law_cell(
            "ambient.variance_price",
            {
                "spread": SPREAD,
                "sigma_n": sigma_n,
                "sigma": sigma_n * (1 + excess),
                "datasets": sizes.law_draws,
            },
            sigma_n=sigma_n,
            excess=excess,
        )
        for sigma_n in ANNOTATED
        for excess in EXCESSES
    ]
    grid += [
        _law(
            "finite_optimum",
            {"n": n, "sigma_n": 0.2, "sigma": sigma},
            **MIXTURE,
            datasets=sizes.law_datasets,
        )
        for sigma in OPTIMUM_NOISES
        for n in COUNTS
    ]
    grid += [_law("buffer_cap", {"cap": cap}) for cap in CAPS]
    grid += [
        _law("buffer_loss", {"sigma_n": sigma_n, "gap": gap}, spread=SPREAD)
        for sigma_n in ANNOTATED
        for gap in GAPS
    ]
    grid += [
        _law("mixing_share", {"share": share, "sigma_min": sigma_min})
        for share in SHARES
        for sigma_min in SIGMA_MINS
    ]
    return grid


def _claim(id: str, statement: str, source: str, rule: Any, confirmatory: bool = True) -> Claim:
    return Claim(id, statement, source, "ambient_losses", rule, "paper", confirmatory)


STUDY = Study(
    name="ambient_losses",
    title="The losses of Ambient Diffusion Omni",
    question="Is the ambient loss another loss than plain denoising above the annotated noise "
    "level, what does it cost, and what does its buffer cap?",
    cells=cells,
    cells_per_job=1000,
    core_minutes=(("cpu", 0.15),),
    claims=(
        _claim(
            "ambient-and-gated-share-minimiser",
            "The ambient loss has the population minimiser of the plain loss on the same samples, "
            "gated to noise above their annotated level.",
            f"{SOURCE}, section 3, after Consistent Diffusion Meets Tweedie",
            Agreement(where={"law": "minimiser"}),
        ),
        _claim(
            "ambient-is-a-pseudo-target",
            "The weighted ambient loss of each sample is plain regression on an unbiased "
            "pseudo-target.",
            "derived here",
            Agreement(where={"law": "pseudo_target"}),
        ),
        _claim(
            "ambient-price",
            "On a Gaussian mode of standard deviation s the noisier target costs (1 + sigma_n^2 / "
            "s^2) / (1 - sigma_n^2 / sigma^2) times the variance.",
            "derived here",
            Agreement(where={"law": "variance_price"}),
        ),
        _claim(
            "ambient-costs-nothing",
            "With finitely many samples and one fixed noise each, the optimum of the ambient loss "
            "is as good as that of the plain loss.",
            f"{SOURCE}, section 3, read for finitely many samples",
            Agreement(where={"law": "finite_optimum"}),
        ),
        _claim(
            "fresh-noise-is-plain",
            "Corrected: with noise drawn anew at each visit it is the optimum of the plain loss, "
            "at every number of samples.",
            "derived here",
            Agreement("printed", "fresh", where={"law": "finite_optimum"}),
        ),
        _claim(
            "buffer-caps-weight",
            "The buffer set by s_max keeps the weight of an annotated sample at s_max or below.",
            f"{SOURCE}, appendix, equation C.2",
            BoundHolds("exact", "printed", "void", {"law": "buffer_cap"}),
        ),
        _claim(
            "buffer-caps-weight-by-square",
            "Corrected: it keeps the weight at s_max^2 or below, and lets it reach that.",
            "derived here",
            Agreement(metric_formula="square", where={"law": "buffer_cap"}),
        ),
        _claim(
            "no-buffer-needed",
            "Without a buffer the expected weighted loss over training noise, and with it the "
            "variance of the gradient, is finite: what the levels from gap g^2 to gap g add falls "
            "as g does.",
            "the released code for latent images, which has no buffer",
            Monotone("rest", "gap", "rising", {"law": "buffer_loss"}),
            confirmatory=False,
        ),
        _claim(
            "loss-diverges-as-logarithm",
            "Corrected: it diverges as the logarithm of the gap (at a gap of 1e-6, to 1e-5).",
            "derived here",
            Agreement(where={"law": "buffer_loss", "gap": 1e-6}, tolerance=1e-5),
        ),
    ),
)
