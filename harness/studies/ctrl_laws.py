"""The laws of CTRL: what guidance draws, what it costs, and what an error of the reward does."""

from typing import Any

from harness.cell import Cell
from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

STUDY_NAME = "ctrl_laws"
SOURCE = "CTRL (Zhao et al. 2025, arXiv 2406.12120)"

GAMMAS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
FEW_GAMMAS = (0.5, 1.0, 3.0)
HORIZONS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
MOMENTS = ("mean", "variance")
PRIORS = {
    "standard": {"y": 1.5, "noise_variance": 0.5, "prior_mean": 0.0, "prior_variance": 1.0},
    "wide": {"y": 1.0, "noise_variance": 1.0, "prior_mean": -0.5, "prior_variance": 2.5},
}

MODES = {"weights": (0.5, 0.5), "means": (-2.0, 2.0), "variances": (0.25, 0.25)}
CONTROL, CONTROL_VARIANCE = 1.1, 0.5
TIMES = (0.1, 0.5)
POINTS = tuple(round(-3.2 + 0.25 * k, 2) for k in range(26))

ERRORS = (0.1, 0.3, 1.0, 3.0)
SHARES = (0.05, 0.3, 0.5, 0.9)
SHIFTS = (0.0, 0.2, 0.5, 1.0)
POWERS = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 20.0, 50.0, 100.0)


def _power(gamma: float) -> str:
    return "gamma = 1" if gamma == 1 else "other gamma"


def _gaussian(law: str, prior: str, gamma: float, **rest: Any) -> Cell:
    params = {"gamma": gamma, **PRIORS[prior], **rest}
    return law_cell(f"ctrl.{law}", params, power=_power(gamma), gamma=gamma, prior=prior, **rest)


def _pull(guidance: str, gamma: float, t: float, x: float) -> Cell:
    params = {
        "guidance": guidance,
        "gamma": gamma,
        "y": (CONTROL,),
        "noise_variance": CONTROL_VARIANCE,
        **MODES,
        "t": t,
        "x": (x,),
    }
    return law_cell(
        "ctrl.mixture_pull", params, guidance=guidance, power=_power(gamma), gamma=gamma, t=t, x=x
    )


def _learned(gamma: float, shift: float) -> Cell:
    params = {"gamma": gamma, **PRIORS["standard"], "shift": shift}
    classifier = "biased" if shift else "right"
    return law_cell(
        "ctrl.over_optimisation", params, classifier=classifier, shift=shift, gamma=gamma
    )


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid, the same at every scale."""
    grid = [
        _gaussian(
            "guided_law", prior, gamma, guidance=guidance, start="tilted", moment=m, horizon=t
        )
        for guidance in ("soft", "classifier", "plug_in")
        for prior, gammas in (("standard", GAMMAS), ("wide", FEW_GAMMAS))
        for gamma in gammas
        for t in (0.5, 8.0)
        for m in MOMENTS
    ]
    grid += [
        _gaussian("guided_law", prior, gamma, guidance="soft", start="normal", moment=m, horizon=t)
        for prior in PRIORS
        for gamma in FEW_GAMMAS
        for t in HORIZONS
        for m in MOMENTS
    ]
    grid += [
        _gaussian("start_bias", prior, gamma, moment=moment, horizon=t)
        for prior in PRIORS
        for gamma in FEW_GAMMAS
        for moment in MOMENTS
        for t in HORIZONS
    ]
    grid += [
        _gaussian(law, prior, gamma, horizon=t)
        for law in ("optimal_value", "path_divergence")
        for prior in PRIORS
        for gamma in (*FEW_GAMMAS, 10.0)
        for t in (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)
    ]
    grid += [
        _pull(guidance, gamma, t, x)
        for guidance in ("classifier", "plug_in")
        for gamma in (1.0, 3.0)
        for t in TIMES
        for x in POINTS
    ]
    grid += [
        law_cell(
            "ctrl.reward_error",
            {"gamma": gamma, "error": error, "share": share},
            gamma=gamma,
            error=error,
            share=share,
        )
        for gamma in (0.1, 0.3, 1.0, 3.0, 10.0)
        for error in ERRORS
        for share in SHARES
    ]
    grid += [_learned(gamma, shift) for shift in SHIFTS for gamma in POWERS]
    return grid


def _guided(**where: str) -> Agreement:
    return Agreement(where={"law": "guided_law", **where})


def _pulled(**where: str) -> Agreement:
    return Agreement(where={"law": "mixture_pull", **where})


STUDY = Study(
    name=STUDY_NAME,
    title="The laws of CTRL: control of a diffusion model as regularised reward",
    question="Which guidance draws the soft-optimal law, from which start, and at what price?",
    cells=cells,
    cells_per_job=2000,
    core_minutes=(("cpu", 0.6),),
    claims=(
        Claim(
            id="ctrl-soft-optimum",
            statement="The drift that maximises the objective, 2 grad log E[p(y|x_0)^gamma | x_t], "
            "started from the tilted law, draws p(y|x)^gamma p_pre(x) / Z (mean and variance on "
            "Gaussians, every gamma and horizon).",
            source=f"{SOURCE}, the soft-optimal policy",
            study=STUDY_NAME,
            rule=_guided(guidance="soft", start="tilted"),
            regime="paper",
        ),
        Claim(
            id="ctrl-guidance-gamma-one",
            statement="Classifier guidance with the exact noisy classifier p(y|x_t) is the soft "
            "optimum at gamma = 1, the conditional law (Gaussians, tilted start).",
            source=f"{SOURCE}, the relation to classifier guidance",
            study=STUDY_NAME,
            rule=_guided(guidance="classifier", start="tilted", power="gamma = 1"),
            regime="paper",
        ),
        Claim(
            id="ctrl-guidance-other-gamma",
            statement="Classifier guidance times gamma is the soft optimum p(y|x)^gamma p_pre(x) "
            "for gamma other than 1 (Gaussians, tilted start).",
            source="the usual reading of guidance strength (Dhariwal and Nichol 2021), against "
            f"{SOURCE}",
            study=STUDY_NAME,
            rule=_guided(guidance="classifier", start="tilted", power="other gamma"),
            regime="paper",
        ),
        Claim(
            id="ctrl-plug-in-gamma-one",
            statement="Guidance by the classifier at the denoised sample (DPS) draws the "
            "conditional law at gamma = 1 (Gaussians, tilted start).",
            source=f"the DPS-type baseline of {SOURCE}; Chung et al. 2023, DPS",
            study=STUDY_NAME,
            rule=_guided(guidance="plug_in", start="tilted", power="gamma = 1"),
            regime="paper",
        ),
        Claim(
            id="ctrl-fixed-start",
            statement="With the optimal drift the start may stay N(0, 1): the soft-optimal law is "
            "drawn exactly at every horizon.",
            source=f"derived here, against {SOURCE}",
            study=STUDY_NAME,
            rule=_guided(guidance="soft", start="normal"),
            regime="paper",
        ),
        Claim(
            id="ctrl-fixed-start-converges",
            statement="The bias of the start N(0, 1) under the optimal drift falls with the "
            "horizon, in mean and variance (a restricted form of ctrl-fixed-start).",
            source="derived here",
            study=STUDY_NAME,
            rule=Monotone("exact", "horizon", "falling", {"law": "start_bias"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="ctrl-optimal-value",
            statement="The value of the objective at the soft optimum is log E_pre[p(y|x)^gamma].",
            source=f"{SOURCE}, the optimal value of its objective",
            study=STUDY_NAME,
            rule=Agreement(where={"law": "optimal_value"}),
            regime="paper",
        ),
        Claim(
            id="ctrl-path-divergence",
            statement="The divergence of the optimal paths from the pre-trained ones, start and "
            "drift by Girsanov, is KL(pi || p_pre) at every horizon.",
            source=f"{SOURCE}, the KL term of its objective",
            study=STUDY_NAME,
            rule=Agreement(where={"law": "path_divergence"}),
            regime="paper",
        ),
        Claim(
            id="ctrl-mixture-guidance-gamma-one",
            statement="Under a prior of two modes classifier guidance is the optimal pull at "
            "gamma = 1, at every point and time.",
            source=f"{SOURCE}, the relation to classifier guidance",
            study=STUDY_NAME,
            rule=_pulled(guidance="classifier", power="gamma = 1"),
            regime="paper",
        ),
        Claim(
            id="ctrl-mixture-guidance-other-gamma",
            statement="Under a prior of two modes gamma times classifier guidance is the optimal "
            "pull for gamma other than 1.",
            source="the usual reading of guidance strength (Dhariwal and Nichol 2021), against "
            f"{SOURCE}",
            study=STUDY_NAME,
            rule=_pulled(guidance="classifier", power="other gamma"),
            regime="paper",
        ),
        Claim(
            id="ctrl-mixture-plug-in-gamma-one",
            statement="Under a prior of two modes the classifier at the denoised sample (DPS) "
            "gives the optimal pull at gamma = 1.",
            source=f"the DPS-type baseline of {SOURCE}; Chung et al. 2023, DPS",
            study=STUDY_NAME,
            rule=_pulled(guidance="plug_in", power="gamma = 1"),
            regime="paper",
        ),
        Claim(
            id="ctrl-reward-error",
            statement="An error of the log-classifier that oscillates by delta moves at most "
            "gamma delta / 4 of the mass of the soft optimum.",
            source="derived here",
            study=STUDY_NAME,
            rule=BoundHolds("exact", "printed", "void", {"law": "reward_error"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="ctrl-learned-reward-rises",
            statement="The learned log-likelihood of what is drawn rises with gamma, whether the "
            "classifier is right or biased.",
            source=f"{SOURCE}, its objective; the Gaussian form derived here",
            study=STUDY_NAME,
            rule=Monotone("printed", "gamma", "rising", {"law": "over_optimisation"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="ctrl-true-reward-rises",
            statement="The true log-likelihood of what is drawn rises with gamma if the "
            "classifier is right.",
            source=f"{SOURCE}, its objective; the Gaussian form derived here",
            study=STUDY_NAME,
            rule=Monotone(
                "exact", "gamma", "rising", {"law": "over_optimisation", "classifier": "right"}
            ),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="ctrl-true-reward-rises-biased",
            statement="The true log-likelihood of what is drawn rises with gamma even if the "
            "learned classifier is biased: there is no over-optimisation.",
            source="derived here",
            study=STUDY_NAME,
            rule=Monotone(
                "exact", "gamma", "rising", {"law": "over_optimisation", "classifier": "biased"}
            ),
            regime="paper",
            confirmatory=False,
        ),
    ),
)
