"""The points at which the study ``restart_laws`` evaluates the laws of Restart sampling."""

from typing import Any

from harness.cell import Cell
from harness.scale import Sizes
from harness.theorem import law_cell

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
