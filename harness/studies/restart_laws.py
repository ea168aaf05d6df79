"""The laws behind Restart sampling: contraction, added errors, sweet spots, calls."""

from typing import Any

from harness.cell import Cell
from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim, Rule
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone, Signed
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

NAME = "restart_laws"
SOURCE = "Restart Sampling (Xu et al. 2023)"

INTERVALS = ((0.05, 0.3), (0.05, 1.0), (1.0, 1.5))  # two of the images, one of the toy data
SPREADS = (0.5, 1.0, 2.0)
RESTARTS = (1, 2, 3, 5, 10, 20)
SWEEP = (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50)

BIASES: tuple[tuple[str, tuple[float, ...], tuple[float, ...]], ...] = (
    ("same sign", (1.0,), (0.02,)),
    ("opposite sign", (1.0,), (-0.02,)),
    ("right angle", (1.0, 0.0), (0.0, 0.02)),
)
WIDE = (0.5, 1.0, 2.0, 5.0, 10.0)

POINT_INTERVALS = ((0.002, 0.3), (0.002, 1.0), (0.002, 2.0), (0.05, 1.0), (0.06, 2.0), (1.0, 1.5))
BALLS = (("the points", 0.0), ("with 4 t_min", 4.0))

WEIGHTS = (("right model", 0.5), ("same side", 0.55), ("opposite side", 0.45))

CALLS = (12, 24, 48, 96)
PASSES = (1, 2, 5)

TOY_ENDS, TOY_RESTARTS = (1.5, 6.0), (1, 2, 5, 10)  # the paper's interval, and a longer one

EDM_STEPS = (15, 31, 63, 127, 255, 511)
THEOREM_STEPS = (4, 8, 16, 32, 64, 128)

PUBLISHED: tuple[tuple[str, int, tuple[tuple[float, ...], ...], str], ...] = (
    ("CIFAR-10 VP, 519", 20, ((9, 30, 0.06, 0.20),), "heun"),
    ("CIFAR-10 VP, 115", 18, ((3, 20, 0.06, 0.30),), "heun"),
    ("CIFAR-10 VP, 75", 18, ((3, 10, 0.06, 0.30),), "heun"),
    ("CIFAR-10 VP, 55", 18, ((3, 5, 0.06, 0.30),), "heun"),
    ("CIFAR-10 VP, 43", 18, ((3, 2, 0.06, 0.30),), "heun"),
    ("CIFAR-10 EDM, 43", 18, ((3, 2, 0.14, 0.30),), "heun"),
    ("Stable Diffusion, w = 2", 30, ((5, 2, 1.0, 9.0), (5, 2, 5.0, 10.0)), "euler"),
    ("Stable Diffusion, w = 3", 30, ((10, 2, 0.1, 3.0),), "euler"),
    ("Stable Diffusion, w = 5", 30, ((10, 2, 0.1, 2.0),), "euler"),
)


def _span(t_min: float, t_max: float) -> str:
    return f"{t_min:g} to {t_max:g}"


def _contraction() -> list[Cell]:
    return [
        law_cell(
            "restart.contraction",
            {"spread": spread, "t_min": low, "t_max": high, "restarts": k},
            spread=spread,
            interval=_span(low, high),
            restarts=k,
            passes="one" if k == 1 else "several",
        )
        for spread in SPREADS
        for low, high in INTERVALS
        for k in RESTARTS
    ]


def _biased_score() -> list[Cell]:
    span = {"spread": 1.0, "t_min": 0.05, "t_max": 1.0}
    made = []
    for case, error, score in BIASES:
        given = {**span, "error": error, "score_error": score}
        for k in SWEEP:
            params: dict[str, Any] = {**given, "process": "restart", "restarts": k}
            made.append(law_cell("restart.biased_score", params, case=case, process="restart",
                                 restarts=k))  # fmt: skip
        for process in ("ode", "sde"):
            params = {**given, "process": process}
            made.append(law_cell("restart.biased_score", params, case=case, process=process))
    for spread in WIDE:
        for process in ("ode", "sde", "restart"):
            params = {**span, "spread": spread, "error": (0.0,), "score_error": (0.02,)}
            params["process"] = process
            labels = {"restarts": 1} if process == "restart" else {}
            made.append(law_cell("restart.biased_score", params, case="score only",
                                 process=process, spread=spread, **labels))  # fmt: skip
    return made


def _two_points() -> list[Cell]:
    made = []
    for low, high in POINT_INTERVALS:
        for ball, margin in BALLS:
            params: dict[str, Any] = {"t_min": low, "t_max": high, "margin": margin}
            labels: dict[str, Any] = {"interval": _span(low, high), "t_min": low, "ball": ball}
            for k in RESTARTS[:-1]:
                point = {**params, "process": "restart", "restarts": k}
                made.append(
                    law_cell("restart.two_points", point, process="restart", restarts=k, **labels)
                )
            made.append(
                law_cell("restart.two_points", {**params, "process": "sde"}, process="sde",
                         **labels)
            )  # fmt: skip
    return made


def _mode_weights() -> list[Cell]:
    return [
        law_cell(
            "restart.mode_weights",
            {"t_max": 1.0, "weight": 0.5, "model": model, "start": 1.0, "restarts": k},
            case=case,
            restarts=k,
        )
        for case, model in WEIGHTS
        for k in SWEEP
    ]


def _sampler() -> list[Cell]:
    made = []
    for low, high in INTERVALS[1:]:
        for solver in ("theorem", "edm"):
            for calls in CALLS:
                params: dict[str, Any] = {"spread": 1.0, "t_min": low, "t_max": high}
                params |= {"solver": solver, "calls": calls}
                labels: dict[str, Any] = {"interval": _span(low, high), "solver": solver}
                labels["calls"] = calls
                for k in PASSES:
                    point = {**params, "process": "restart", "restarts": k}
                    passes = "one" if k == 1 else "several"
                    made.append(law_cell("restart.sampler", point, process="restart", restarts=k,
                                         passes=passes, **labels))  # fmt: skip
                for process in ("ode", "sde"):
                    point = {**params, "process": process}
                    made.append(law_cell("restart.sampler", point, process=process, **labels))
    return made


def _synthetic(draws: int) -> list[Cell]:
    return [
        law_cell("restart.synthetic",
                 {"restarts": k, "t_min": 1.0, "t_max": end, "steps": 12, "draws": draws},
                 interval=_span(1.0, end), restarts=k)
        for end in TOY_ENDS
        for k in TOY_RESTARTS
    ]  # fmt: skip


def _discretisation() -> list[Cell]:
    far = {"spread": 1.0, "t_min": 0.002, "t_max": 80.0, "start": 80.0, "grid": "edm"}
    near = {"spread": 1.0, "t_min": 0.05, "t_max": 1.0, "start": 1.0, "grid": "uniform"}
    grids = [("euler", far, EDM_STEPS), ("heun", far, EDM_STEPS), ("theorem", near, THEOREM_STEPS)]
    return [
        law_cell("restart.discretisation", {**params, "solver": solver, "steps": n}, solver=solver,
                 steps=n)
        for solver, params, steps in grids
        for n in steps
    ]  # fmt: skip


def _evaluations() -> list[Cell]:
    return [
        law_cell("restart.evaluations", {"steps": steps, "restarts": rows, "main": main},
                 setting=setting)
        for setting, steps, rows, main in PUBLISHED
    ]  # fmt: skip


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid; the scale sets the draws of the toy experiment."""
    return [
        *_contraction(),
        *_biased_score(),
        *_two_points(),
        *_mode_weights(),
        *_sampler(),
        *_synthetic(sizes.law_draws),
        *_discretisation(),
        *_evaluations(),
    ]


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
