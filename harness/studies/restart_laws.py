"""The laws behind Restart sampling: contraction, added errors, sweet spots, calls."""

from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim, Rule
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone, Signed
from harness.studies.restart_cells import cells
from harness.studies.study import Study

NAME = "restart_laws"
SOURCE = "Restart Sampling (Xu et al. 2023)"


def _claim(id: str, statement: str, where: str, rule: Rule, confirmatory: bool = True) -> Claim:
    return Claim(
        id=f"restart-{id}",
        statement=statement,
        source=where if "derived" in where else f"{SOURCE}, {where}",
        study=NAME,
        rule=rule,
        regime="paper",
        confirmatory=confirmatory,
    )


CONTRACTION, BIASED = {"law": "contraction"}, {"law": "biased_score"}
POINTS, WEIGHT, SAMPLER = {"law": "two_points"}, {"law": "mode_weights"}, {"law": "sampler"}

CLAIMS = (
    _claim(
        "beats-sde",
        "Restart contracts the error at t_max more than the SDE does, with one restart already "
        "(exact score, Gaussian data, total variation).",
        "section 3.2 and theorems 3 and 4",
        Signed("gain_over_sde", 1, CONTRACTION),
    ),
    _claim(
        "beats-sde-from-two",
        "Restart contracts the error at t_max more than the SDE does, from two restarts on.",
        "section 3.2, restricted to K of at least 2",
        Signed("gain_over_sde", 1, {**CONTRACTION, "passes": "several"}),
    ),
    _claim(
        "one-is-the-sde",
        "One restart contracts exactly as the SDE does on Gaussian data.",
        "derived here: noise and its reversal are adjoint operators",
        Agreement("exact", "sde", where={**CONTRACTION, "passes": "one"}),
    ),
    _claim(
        "one-is-the-sde-two-points",
        "One restart leaves the weights of two modes as wrong as the SDE does.",
        "derived here: two conditional expectations of one pair",
        Agreement("weight_error", "weight_error_sde",
                  where={**POINTS, "process": "restart", "restarts": 1}),
    ),
    _claim(
        "sde-beats-ode",
        "The SDE contracts the error at t_max, the ODE does not: the ODE contracts less.",
        "section 3.1",
        Signed("sde_gain_over_ode", 1, CONTRACTION),
    ),
    _claim(
        "lemma-1",
        "Total variation after K restarts is at most (1 - lambda)^K of that before (Gaussian data, "
        "on a ball of 4 standard deviations).",
        "lemma 1 and theorem 4",
        BoundHolds("exact", "printed", "void", CONTRACTION),
    ),
    _claim(
        "log-sobolev",
        "Total variation after K restarts is at most sqrt(KL/2) (C/(C + tau^2))^(K/2), C the "
        "logarithmic Sobolev constant at t_min: contraction without a ball.",
        "derived here: entropy along the heat flow",
        BoundHolds("exact", "log_sobolev", where=CONTRACTION),
    ),
    _claim(
        "theorem-4",
        "Theorem 4 bounds the whole error of Restart (Gaussian data, a score off by a constant, a "
        "ball of 4 standard deviations).",
        "theorem 4",
        BoundHolds("exact", "printed", "void", {**BIASED, "process": "restart"}),
    ),
    _claim(
        "theorem-3-ode",
        "Theorem 3 bounds the whole error of the ODE (the same setting).",
        "theorem 3",
        BoundHolds("exact", "printed", "void", {**BIASED, "process": "ode"}),
    ),
    _claim(
        "theorem-3-sde",
        "Theorem 3 bounds the whole error of the SDE (the same setting).",
        "theorem 3",
        BoundHolds("exact", "printed", "void", {**BIASED, "process": "sde"}),
    ),
    _claim(
        "theorem-3-sde-corrected",
        "With a factor 2 before the score's error, the additional part of Theorem 3 bounds that of "
        "the SDE.",
        "derived here: the drift of the SDE is twice that of the ODE",
        BoundHolds("additional", "score_term_corrected", where={**BIASED, "process": "sde"}),
    ),
    _claim(
        "bound-sees-the-gain",
        "The bound of Theorem 4 falls with the number of restarts where the error does (Gaussian "
        "data).",
        "theorem 4 and the discussion of (13)",
        Monotone("printed", "restarts", "falling",
                 {**BIASED, "process": "restart", "case": "same sign"}),
    ),
    _claim(
        "additional-grows",
        "Every restart adds to the additional error.",
        "theorem 4",
        Monotone("additional", "restarts", "rising", {**BIASED, "process": "restart"}),
    ),
    _claim(
        "tight",
        "On two points of equal weight the contraction of Theorem 4 is attained in the limit of "
        "t_min to 0, B the distance of the points.",
        "theorem 4, its tightness derived here",
        Agreement("exact", "printed", "void", {**WEIGHT, "case": "right model"}),
    ),
    _claim(
        "tight-at-small-noise",
        "It is attained to 1 % at t_min = 0.002, where the samplers stop.",
        "theorem 4, its tightness derived here",
        Agreement("exact", "printed", "void",
                  {**POINTS, "process": "restart", "ball": "the points", "t_min": 0.002}, 0.01),
    ),
    _claim(
        "two-points",
        "Theorem 4 bounds the error of Restart on two points, B the distance of the points.",
        "theorem 4, with the diameter of the data",
        BoundHolds("exact", "printed", "void",
                   {**POINTS, "process": "restart", "ball": "the points"}),
    ),
    _claim(
        "two-points-ball",
        "Theorem 4 bounds the error of Restart on two points, B with 4 t_min around each point.",
        "theorem 4, with a ball that holds the noised data",
        BoundHolds("exact", "printed", "void",
                   {**POINTS, "process": "restart", "ball": "with 4 t_min"}),
    ),
    _claim(
        "two-points-sde",
        "Theorem 3 bounds the error of the SDE on two points, B with 4 t_min around each point.",
        "theorem 3",
        BoundHolds("exact", "printed", "void", {**POINTS, "process": "sde",
                                                "ball": "with 4 t_min"}),
    ),
    _claim(
        "too-many-hurt",
        "More restarts hurt in the end: after 50 the error is above the least that fewer leave "
        "(Gaussian data, a score off by a constant, whichever way).",
        "section 3.2 and the U-shape over K of its experiments",
        Signed("over_best", 1, {**BIASED, "restarts": 50}),
    ),
    _claim(
        "too-many-hurt-weights",
        "More restarts hurt in the end: after 50 the weights of two modes are worse than after "
        "fewer, whatever weights the model has.",
        "section 3.2 and the U-shape over K of its experiments",
        Signed("over_best", 1, {**WEIGHT, "restarts": 50}),
    ),
    *(
        _claim(
            f"sweet-spot-{case.replace(' ', '-')}",
            f"More restarts hurt in the end where the score moves the law at {words} to the error "
            "that came in.",
            "derived here: iff the error along the bias is below the bias",
            Signed("over_best", 1, {**BIASED, "restarts": 50, "case": case}),
        )
        for case, words in (
            ("opposite sign", "the opposite sign"),
            ("right angle", "a right angle"),
        )
    ),
    _claim(
        "sweet-spot-weights",
        "More restarts hurt in the end where start and model have the weights of two modes wrong "
        "in opposite directions.",
        "derived here: the error changes sign on the way",
        Signed("over_best", 1, {**WEIGHT, "restarts": 50, "case": "opposite side"}),
    ),
    _claim(
        "no-sweet-spot",
        "Every restart helps where the score moves the law the way of the error that came in, by "
        "less.",
        "derived here",
        Monotone("exact", "restarts", "falling",
                 {**BIASED, "process": "restart", "case": "same sign"}),
    ),
    _claim(
        "equal-calls-sde",
        "At equal calls of the network Restart ends nearer than the SDE (Gaussian data, exact "
        "score, Heun steps).",
        "section 4.1",
        Signed("gain_over_sde", 1, {**SAMPLER, "solver": "edm"}),
    ),
    _claim(
        "equal-calls-sde-from-two",
        "The same from two restarts on.",
        "section 4.1, restricted to K of at least 2",
        Signed("gain_over_sde", 1, {**SAMPLER, "solver": "edm", "passes": "several"}),
    ),
    _claim(
        "equal-calls-ode",
        "At equal calls of the network Restart ends nearer than the ODE (the same setting).",
        "section 4.1",
        Signed("gain_over_ode", 1, {**SAMPLER, "solver": "edm"}),
    ),
    _claim(
        "ode-steps-cost-less",
        "At equal calls the steps of the ODE add a smaller error than those of the SDE.",
        "section 3.1",
        Signed("ode_additional_gain_over_sde", 1, SAMPLER),
    ),
    _claim(
        "restart-adds-less",
        "At equal calls Restart adds a smaller error than the SDE.",
        "section 3.2",
        Signed("additional_gain_over_sde", 1, SAMPLER),
    ),
    _claim(
        "theorems-with-steps",
        "Theorems 3 and 4 bound the whole error with their own steps (Gaussian data, a ball of 4 "
        "standard deviations).",
        "theorems 3 and 4",
        BoundHolds("exact", "printed", "void", {**SAMPLER, "solver": "theorem"}),
    ),
    _claim(
        "toy-bound",
        "On the paper's toy data the error of the mode weights after K restarts is at most "
        "(1 - lambda)^K of that before, B the distance of the means (exact score).",
        "theorem 4 and the synthetic experiment",
        BoundHolds("exact", "printed", "void", {"law": "synthetic"}),
    ),
    _claim(
        "toy-weights",
        "On its own interval, 1 to 1.5, ten restarts take something off an error of the mode "
        "weights.",
        "the synthetic experiment",
        Signed("taken_off", 1, {"law": "synthetic", "interval": "1 to 1.5", "restarts": 10}),
    ),
    _claim(
        "steps-of-the-ode",
        "The error of the ODE's steps is within the discretisation term of Theorem 3.",
        "theorem 3",
        BoundHolds("exact", "printed", "void",
                   {"law": "discretisation", "solver": "theorem"}),
        confirmatory=False,
    ),
    _claim(
        "calls",
        "A run of Restart calls the network 2 N - 1 + sum 2 K_j (N_j - 1) times, in the published "
        "settings.",
        "algorithm 2 and appendix B",
        Agreement(where={"law": "evaluations"}),
        confirmatory=False,
    ),
)  # fmt: skip

STUDY = Study(
    name=NAME,
    title="The laws behind Restart sampling",
    question="Do restarts contract more than the SDE, do the bounds say so, and when do they hurt?",
    cells=cells,
    claims=CLAIMS,
    cells_per_job=1000,
    core_minutes=(("cpu", 0.15),),
)
