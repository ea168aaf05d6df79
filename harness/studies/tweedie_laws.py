"""The laws behind Consistent Diffusion Meets Tweedie: exactness from noisy data alone."""

import math

from harness.cell import Cell
from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone, Signed
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

SOURCE = "Consistent Diffusion Meets Tweedie (Daras et al. 2024)"

MIXTURE = {
    "weights": [0.3, 0.5, 0.2],
    "means": [[-1.0, 0.5], [1.0, 0.0], [0.5, -2.0]],
    "variances": [0.04, 0.25, 0.1],
}
POINTS = ((0.4, -0.3), (-2.0, 1.0), (1.5, -1.5))
NOISE = 0.4
EXPLODING = (0.3, 0.41, 0.45, 0.5, 0.6, 0.8, 1.2, 3.0)
PRESERVING = (0.3, 0.41, 0.45, 0.5, 0.6, 0.8, 0.95, 0.99)

PAIR = "0.3*normal(-1,0.3)+0.7*normal(1,0.3)"
MATCHED = "normal(0.4,0.9643650760992956)"  # the mean and the variance of the pair
NEAR = "0.5*normal(-0.5,0.2)+0.5*normal(0.5,0.2)"
ATOM = "0.5*atoms(0)+0.5*normal(1,0.5)"


def comb(spacing: float, width: float) -> str:
    """Normals of one width on an even grid, under the envelope N(0, 1)."""
    places = [spacing * k for k in range(round(-7 / spacing), round(7 / spacing) + 1)]
    heights = [math.exp(-0.5 * x * x / (1 - width**2)) for x in places]
    total = math.fsum(heights)
    terms = (f"{h / total:.10g}*normal({x:g},{width:g})" for h, x in zip(heights, places))
    return "+".join(terms)


DATA = {
    "pair": (PAIR, MATCHED, (0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)),
    "comb": ("normal(0,1)", comb(0.5, 0.1), (0.1, 0.15, 0.2, 0.25, 0.3, 0.35)),
}
CASES = ("exact", "anchored", "unanchored", "inside")

STEPS = (1, 2, 4, 8, 16, 32)
ENDS = (0.95, 0.9, 0.7, 0.5, 0.3)
TIMES = (0, 1, 10, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 999)


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid."""
    grid = [
        law_cell(
            f"tweedie.{law}",
            {**MIXTURE, "at": list(at), "sigma_n": NOISE, "sigma": sigma},
            sigma=sigma,
            point=index,
        )
        for law, levels in (("double_tweedie_ve", EXPLODING), ("double_tweedie_vp", PRESERVING))
        for sigma in levels
        for index, at in enumerate(POINTS)
    ]
    grid += [
        law_cell(
            "tweedie.ambient_minimiser",
            {
                "p": p,
                "sigma_n": NOISE,
                "sigma": sigma,
                "denoiser": denoiser,
                "draws": sizes.law_draws,
            },
            sigma=sigma,
            data=data,
            denoiser=denoiser,
        )
        for data, p in (("pair", PAIR), ("atom", ATOM))
        for denoiser in ("uncorrected", "identity", "linear")
        for sigma in (0.5, 0.6, 0.8, 1.2)
    ]
    grid += [
        law_cell(
            "tweedie.target_variance",
            {"p": p, "sigma_n": NOISE, "sigma": sigma},
            sigma=sigma,
            data=data,
        )
        for data, p in (("normal", "normal(0,0.5)"), ("pair", PAIR), ("near", NEAR), ("atom", ATOM))
        for sigma in (0.404, 0.42, 0.45, 0.5, 0.6, 0.8, 1.2, 3.0)
    ]
    grid += [
        law_cell(
            "tweedie.continuation",
            {"variance": variance, "sigma_n": 1.0, "lower": lower, "anchor_error": error},
            variance=variance,
            lower=lower,
            anchor_error=error,
        )
        for variance in (1.0, 0.1, 0.01)
        for error in (0.0, 0.01, 0.1)
        for lower in (0.9, 0.5, 0.2, 0.1, 0.05)
    ]
    grid += _consistency()
    grid += _estimators(sizes)
    grid += _samplers()
    grid += [
        law_cell(
            "tweedie.one_step_output",
            {"variances": [variance], "sigma_n": sigma},
            variance=variance,
            sigma=sigma,
        )
        for variance in (1.0, 0.1, 0.01)
        for sigma in (0.03, 0.1, 0.3, 1.0, 3.0)
    ]
    grid += [law_cell("tweedie.ve_equivalent", {"time": time}, time=time) for time in TIMES]
    return grid


def _consistency() -> list[Cell]:
    """exact: h of p; anchored: of p from sigma_n up and another below; unanchored: of another
    throughout; inside: as anchored, with both levels below sigma_n."""
    found = []
    for data, (p, other, noises) in DATA.items():
        for case in CASES:
            above = other if case == "unanchored" else p
            below = p if case == "exact" else other
            found += [
                law_cell(
                    "tweedie.consistency",
                    {
                        "p": p,
                        "above": above,
                        "below": below,
                        "sigma_n": noise,
                        "sigma": (0.9 if case == "inside" else 1.25) * noise,
                        "lower": 0.05,
                    },
                    data=data,
                    case=case,
                    noise=noise,
                )
                for noise in noises
            ]
    return found


def _estimators(sizes: Sizes) -> list[Cell]:
    found = []
    for case, below in (("exact", PAIR), ("anchored", MATCHED)):
        for lower in (0.9, 0.7, 0.5, 0.3, 0.1):
            point = {
                "p": PAIR,
                "above": PAIR,
                "below": below,
                "sigma_n": 1.0,
                "sigma": 1.0,
                "lower": lower,
                "draws": sizes.law_draws,
            }
            found.append(law_cell("tweedie.product_estimator", point, case=case, lower=lower))
            found += [
                law_cell(
                    "tweedie.average_estimator",
                    {**point, "count": count},
                    case=case,
                    lower=lower,
                    count=count,
                )
                for count in (1, 4, 6)
            ]
    return found


def _samplers() -> list[Cell]:
    """Along steps to 0.1, and along ever smaller gaps at one step and at four."""
    return [
        law_cell(
            "tweedie.coarse_sampler",
            {
                "p": p,
                "sigma": 1.0,
                "lower": lower,
                "steps": steps,
                "sampler": sampler,
                "at": 0.6,
            },
            data=data,
            process="flow" if sampler == "ddim" else "reverse",
            sampler=sampler,
            lower=lower,
            steps=steps,
        )
        for data, p in (("pair", PAIR), ("near", NEAR))
        for sampler in ("euler", "ancestral", "ddim")
        for lower, steps in (
            *((0.1, count) for count in STEPS),
            *((end, count) for end in ENDS for count in (1, 4)),
        )
    ]


STUDY = Study(
    name="tweedie_laws",
    title="The laws behind Consistent Diffusion Meets Tweedie",
    question="Do two uses of Tweedie's formula and consistency give the exact denoiser from noisy "
    "data alone, and what do the estimators and samplers of practice measure instead?",
    cells=cells,
    cells_per_job=1000,
    core_minutes=(("cpu", 0.2),),
    claims=(
        Claim(
            id="tweedie-double-ve",
            statement="Above the noise of the data, the clean denoiser is an affine function of "
            "the noisy data's denoiser and the input (variance exploding).",
            source=f"{SOURCE}, double application of Tweedie's formula",
            study="tweedie_laws",
            rule=Agreement("exact", "printed", "void", {"law": "double_tweedie_ve"}),
            regime="paper",
        ),
        Claim(
            id="tweedie-double-vp",
            statement="The same where variance is preserved.",
            source=f"{SOURCE}, double application of Tweedie's formula",
            study="tweedie_laws",
            rule=Agreement("exact", "printed", "void", {"law": "double_tweedie_vp"}),
            regime="paper",
        ),
        Claim(
            id="tweedie-unique-minimiser",
            statement="The clean denoiser is the unique minimiser of the ambient objective: any "
            "other has a larger loss on noisy data.",
            source=f"{SOURCE}, ambient denoising score matching",
            study="tweedie_laws",
            rule=Signed("exact", 1, {"law": "ambient_minimiser"}),
            regime="paper",
        ),
        Claim(
            id="tweedie-excess-loss",
            statement="The excess of the ambient loss is alpha^2 times the mean squared distance "
            "to the clean denoiser.",
            source="derived here from the same proof",
            study="tweedie_laws",
            rule=Agreement("exact", "printed", "", {"law": "ambient_minimiser"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="tweedie-target-variance",
            statement="The ambient target has sigma^2 sigma_n^2 / (sigma^2 - sigma_n^2) more "
            "variance than the clean one, whatever the data.",
            source="derived here",
            study="tweedie_laws",
            rule=Agreement("exact", "printed", "", {"law": "target_variance"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="tweedie-exact-below",
            statement="A linear denoiser that is exact at the noise of the data and consistent "
            "below is exact below.",
            source=f"{SOURCE}, exactness below the noise of the data",
            study="tweedie_laws",
            rule=Agreement("exact", "printed", "void", {"law": "continuation"}),
            regime="paper",
        ),
        Claim(
            id="tweedie-consistent-linear",
            statement="Every consistent linear denoiser has the gain 1 / (1 + C sigma^2), whatever "
            "its anchor: that of some normal law, or of none.",
            source="derived here",
            study="tweedie_laws",
            rule=Agreement("exact", "closed_form", "", {"law": "continuation"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="tweedie-exact-mixture",
            statement="A denoiser of a mixture that is exact above the noise of the data and "
            "consistent across it has the least loss below.",
            source=f"{SOURCE}, exactness below the noise of the data",
            study="tweedie_laws",
            rule=Agreement("exact", "printed", "void", {"law": "consistency"}),
            regime="paper",
        ),
        Claim(
            id="tweedie-residual-sees",
            statement="A denoiser of a mixture that is exact above the noise of the data and wrong "
            "below has a consistency residual across it.",
            source=f"{SOURCE}, exactness below the noise of the data",
            study="tweedie_laws",
            rule=Signed("residual", 1, {"law": "consistency", "case": "anchored"}),
            regime="paper",
        ),
        Claim(
            id="tweedie-consistency-alone",
            statement="Control, which the paper does not claim: a denoiser without a consistency "
            "residual is exact, whether or not it is anchored and whatever levels are compared.",
            source="derived here",
            study="tweedie_laws",
            rule=Agreement("exact", "consistency_alone", "", {"law": "consistency"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="tweedie-residual-bounds-error",
            statement="A practical reading of the theorem, which the paper does not claim: the "
            "error below the noise of the data is at most the residual across it.",
            source="derived here",
            study="tweedie_laws",
            rule=BoundHolds("error", "residual", "", {"law": "consistency", "case": "anchored"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="tweedie-product-unbiased",
            statement="The product of the deviations of two independent trajectories is an "
            "unbiased estimate of the squared consistency residual.",
            source=f"{SOURCE}, consistency loss",
            study="tweedie_laws",
            rule=Agreement("exact", "printed", "", {"law": "product_estimator"}),
            regime="paper",
        ),
        Claim(
            id="tweedie-average-unbiased",
            statement="So is the squared mean of the deviations of K trajectories.",
            source="How Much is a Noisy Image Worth? (Daras et al. 2024), released code",
            study="tweedie_laws",
            rule=Agreement("exact", "printed", "", {"law": "average_estimator"}),
            regime="paper",
        ),
        Claim(
            id="tweedie-average-bias",
            statement="The squared mean of K deviations exceeds the squared residual by the "
            "variance along a trajectory over K.",
            source="derived here",
            study="tweedie_laws",
            rule=Agreement("exact", "with_bias", "", {"law": "average_estimator"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="tweedie-sampled-residual",
            statement="A perfect denoiser has no consistency residual along the trajectories of a "
            "sampler of the reverse process with up to 32 steps.",
            source=f"{SOURCE}, consistency with a sampler in place of the reverse process",
            study="tweedie_laws",
            rule=Agreement("exact", "printed", "", {"law": "coarse_sampler", "process": "reverse"}),
            regime="paper",
        ),
        Claim(
            id="tweedie-more-steps",
            statement="With more steps of a sampler of the reverse process, the residual of a "
            "perfect denoiser falls.",
            source="common practice: more steps are better",
            study="tweedie_laws",
            rule=Monotone(
                "root_mean_square",
                "steps",
                "falling",
                {"law": "coarse_sampler", "process": "reverse"},
            ),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="tweedie-flow-steps",
            statement="Along the probability flow in its place (DDIM, without noise), too, the "
            "residual of a perfect denoiser falls with more steps.",
            source="derived here",
            study="tweedie_laws",
            rule=Monotone(
                "root_mean_square", "steps", "falling", {"law": "coarse_sampler", "process": "flow"}
            ),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="tweedie-small-gaps",
            statement="From one starting level, the residual of a perfect denoiser falls as the "
            "gap to the level that is compared shrinks.",
            source="derived here; the released code limits the gap",
            study="tweedie_laws",
            rule=Monotone("root_mean_square", "lower", "falling", {"law": "coarse_sampler"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="tweedie-one-step",
            statement="A single denoising step from the noise of the data is within sqrt(E Var("
            "X_0|X_n)) of the data in W2.",
            source="derived here",
            study="tweedie_laws",
            rule=BoundHolds("exact", "printed", "", {"law": "one_step_output"}),
            regime="paper",
            confirmatory=False,
        ),
    ),
)
