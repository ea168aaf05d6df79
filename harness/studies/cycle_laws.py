"""The laws behind CycleDiffusion: codes of images, and what two models share by them."""

import math

from harness.cell import Cell
from harness.scale import Sizes
from harness.studies.cycle_claims import CLAIMS
from harness.studies.study import Study
from harness.theorem import law_cell

RESIDUALS = ("kept", "dropped")
PIXELS = (4, 16)

SCHEDULES = ("linear", "cosine")
COUNTS = (10, 20, 50, 100, 200, 500, 1000)
MODELS = (0.25, 1.0, 4.0)
TIMES = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 999)
SIZE_TIMES = (1, 10, 100, 500, 900)
NOISES = ("beta", "beta_tilde")
ETAS = (0.01, 0.03, 0.1, 0.3, 1.0)

RATIOS = (1.0, 1.5, 2.0, 4.0, 10.0, 30.0, 100.0)
SHARED_ETAS = (0.0, 0.1, 0.3, 1.0, 3.0)
ANGLES = (0, 15, 30, 45, 60, 75, 90)  # degrees between the axes of two covariances
TARGETS = (0.25, 1.0, 4.0)
TRANSLATION_ETAS = (0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 1.0)
TRANSLATION_STEPS = (50, 200, 1000)


def _encoder() -> list[Cell]:
    grid = [
        law_cell(
            "cycle.round_trip",
            {"dimension": pixels, "steps": 100, "eta": eta, "residual": residual},
            dimension=pixels,
            eta=eta,
            residual=residual,
        )
        for pixels in PIXELS
        for eta in ETAS
        for residual in RESIDUALS
    ]
    grid += [
        law_cell(
            "cycle.reconstruction",
            {
                "schedule": schedule,
                "steps": steps,
                "variance": 1.0,
                "model": model,
                "residual": residual,
            },
            schedule=schedule,
            steps=steps,
            model=model,
            residual=residual,
        )
        for schedule in SCHEDULES
        for steps in COUNTS
        for model in MODELS
        for residual in RESIDUALS
    ]
    return grid


def _codes() -> list[Cell]:
    grid = [
        law_cell(
            "cycle.code_variance",
            {"time": time, "variance": variance, "noise": noise},
            time=time,
            variance=variance,
            noise=noise,
        )
        for noise in NOISES
        for variance in MODELS
        for time in TIMES
    ]
    grid += [
        law_cell(
            "cycle.code_size",
            {"time": time, "variance": 1.0, "model": model, "eta": eta},
            time=time,
            model=model,
            eta=eta,
        )
        for time in SIZE_TIMES
        for model in MODELS
        for eta in ETAS
    ]
    grid += [
        law_cell(
            "cycle.ddim_inversion",
            {"schedule": schedule, "steps": steps, "model": model},
            schedule=schedule,
            steps=steps,
            model=model,
        )
        for schedule in SCHEDULES
        for model in MODELS
        for steps in COUNTS
    ]
    return grid


def _turned(angle: int) -> list[list[float]]:
    """diag(4, 1/4), its axes turned by an angle in degrees."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return [
        [4 * c * c + s * s / 4, (4 - 0.25) * c * s],
        [(4 - 0.25) * c * s, 4 * s * s + c * c / 4],
    ]


def _pairs() -> list[Cell]:
    grid = [
        law_cell(
            "cycle.shared_code",
            {"mean1": [0.0], "cov1": [1.0], "mean2": [1.0], "cov2": [ratio], "eta": eta},
            pair="line",
            ratio=ratio,
            eta=eta,
        )
        for ratio in RATIOS
        for eta in SHARED_ETAS
    ]
    for angle in ANGLES:
        commute = angle in (0, 90)
        cov2 = {0: [4.0, 0.25], 90: [0.25, 4.0]}.get(angle) or _turned(angle)
        point = {"mean1": [0.0, 0.0], "cov1": [2.0, 0.5], "mean2": [1.0, 0.0], "cov2": cov2}
        grid += [
            law_cell(
                "cycle.shared_code",
                {**point, "eta": eta},
                pair="commuting" if commute else "turned",
                angle=angle,
                eta=eta,
            )
            for eta in SHARED_ETAS
        ]
        grid.append(
            law_cell(
                "cycle.there_and_back",
                {"cov1": [2.0, 0.5], "cov2": cov2},
                pair="commuting" if commute else "turned",
                angle=angle,
            )
        )
    grid += [
        law_cell("cycle.there_and_back", {"cov1": [1.0], "cov2": [ratio]}, pair="line", ratio=ratio)
        for ratio in RATIOS
    ]
    grid += [
        law_cell(
            "cycle.translation",
            {"steps": steps, "source": 1.0, "target": target, "eta": eta},
            steps=steps,
            target=target,
            eta=eta,
        )
        for target in TARGETS
        for eta in TRANSLATION_ETAS
        for steps in TRANSLATION_STEPS
    ]
    return grid


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid, the same at every scale: none is Monte Carlo."""
    return [*_encoder(), *_codes(), *_pairs()]


STUDY = Study(
    name="cycle_laws",
    title="The laws behind CycleDiffusion",
    question="What does a code hold, and what do two models share by it?",
    cells=cells,
    cells_per_job=1000,
    core_minutes=(("cpu", 0.2),),
    claims=CLAIMS,
)
