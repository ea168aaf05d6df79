"""The laws behind Consistent Diffusion Meets Tweedie: exactness from noisy data alone."""

from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone, Signed
from harness.studies.study import Study
from harness.studies.tweedie_cells import cells

SOURCE = "Consistent Diffusion Meets Tweedie (Daras et al. 2024)"

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
            "unbiased estimate of the squared consistency residual (a bias of 0.015, a third of "
            "the 0.045 that there is where the anchor is wrong, would be seen).",
            source=f"{SOURCE}, consistency loss",
            study="tweedie_laws",
            rule=Agreement(
                "exact", "printed", "", {"law": "product_estimator"}, resolution=0.3, scale=0.05
            ),
            regime="paper",
        ),
        Claim(
            id="tweedie-average-unbiased",
            statement="So is the squared mean of the deviations of K trajectories.",
            source="How Much is a Noisy Image Worth? (Daras et al. 2024), released code",
            study="tweedie_laws",
            rule=Agreement("exact", "printed", "", {"law": "average_estimator"}),
            regime="paper",
            confirmatory=False,
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
            confirmatory=False,
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
