"""The laws of denoising task difficulty: does it fall with the time step, and for which data?"""

from typing import Any

from harness.cell import Cell
from harness.claims.bound import SignAgreement
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone, Signed
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

STUDY_NAME = "difficulty_laws"
SOURCE = "Denoising Task Difficulty-based Curriculum (Kim et al. 2025, arXiv 2403.10348)"

SCHEDULES = ("linear", "cosine", "constant")
EARLY = (1, 2, 3, 5, 8, 12, 16, 20, 26, 33, 42, 50, 65, 80, 100, 130, 160, 200, 250, 300, 350, 400)
STEPS = (*EARLY, 500, 600, 700, 800, 900, 950, 980, 1000)
FEWER = (1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1000)
MODES = tuple(t for t in STEPS if t <= 600)  # later, two modes are one normal to rounding
PEAKS = {"linear": 16, "cosine": 33, "constant": 1}  # of the image-like spectrum, in closed form
CLUSTERS = 20
DETAIL = tuple(float(f"{10 ** (k / 3 - 6):.3g}") for k in range(26) if k != 18)  # without 1


def _spectrum(exponent: float) -> tuple[float, ...]:
    """Variances i^-exponent in 64 directions, of mean 1/4."""
    powers = [float(i) ** -exponent for i in range(1, 65)]
    return tuple(16 * power / sum(powers) for power in powers)


ON_FIRST = (1.0,) + (0.0,) * 63
DATA: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "image-like": (_spectrum(2), ON_FIRST),
    "fine detail": (_spectrum(4), ON_FIRST),
    "separated": ((1.0,), (3.0,)),
    "wide": ((4.0,), (0.0,)),
    "standard normal": ((1.0, 1.0), (0.0, 0.0)),
}
LOSSES = (
    ("eps", "noise", "relative"),
    ("eps", "noise", "absolute"),
    ("x0", "data", "relative"),
    ("v", "velocity", "relative"),
)
TWO_MODES = {"weights": (0.5, 0.5), "means": (-0.9, 0.9), "variances": (0.19, 0.19)}


def _cell(law: str, schedule: str, given: dict[str, Any], **labels: str | int | float) -> Cell:
    beta = "constant" if schedule == "constant" else "growing"
    labels = {"schedule": schedule, "beta": beta, **labels}
    return law_cell(f"difficulty.{law}", {**given, "schedule": schedule}, **labels)


def _divergences() -> list[Cell]:
    grid = []
    for data, (variances, means) in DATA.items():
        for schedule in SCHEDULES:
            for t in STEPS:
                side = "all"
                if data == "image-like":
                    side = "from the peak" if t >= PEAKS[schedule] else "before the peak"
                given = {"variances": variances, "means": means, "t": t}
                grid.append(_cell("divergence", schedule, given, data=data, side=side, t=t))
    return grid + [
        _cell("mixture_divergence", schedule, {**TWO_MODES, "t": t}, data="two modes", t=t)
        for schedule in SCHEDULES
        for t in MODES
    ]


def _order() -> list[Cell]:
    grid = []
    for data, (variances, means) in DATA.items():
        if data == "standard normal":  # which has no order
            continue
        given = {"variances": variances, "means": means}
        for schedule in SCHEDULES:
            grid.append(_cell("peak", schedule, given, data=data))
            for i in range(1, CLUSTERS + 1):
                shared = {**given, "cluster": i, "clusters": CLUSTERS}
                grid.append(_cell("cluster_share", schedule, shared, data=data, cluster=i))
    return grid + [
        _cell("first_fall", schedule, {"variance": variance}, variance=variance)
        for schedule in ("linear", "cosine")
        for variance in DETAIL
    ]


def _convergence() -> list[Cell]:
    grid = []
    for data in ("image-like", "fine detail", "standard normal"):
        for schedule in ("linear", "cosine"):
            for t in FEWER:
                given = {"variances": DATA[data][0], "t": t}
                grid.append(_cell("condition_number", schedule, given, data=data, t=t))
    for data in ("image-like", "fine detail"):
        for schedule in ("linear", "cosine"):
            for predicted, prediction, error in LOSSES:
                for t in FEWER:
                    given = {"variances": DATA[data][0], "t": t}
                    given |= {"prediction": prediction, "error": error}
                    labels = {"prediction": predicted, "error": error}
                    grid.append(_cell("iterations", schedule, given, data=data, t=t, **labels))
    return grid


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid, the same at every scale."""
    return _divergences() + _order() + _convergence()


def _falls(law: str = "divergence", along: str = "t", **where: str) -> Monotone:
    return Monotone("exact", along, "falling", {"law": law, "beta": "growing", **where})


def _claim(id: str, statement: str, rule: Any, source: str = SOURCE, **more: Any) -> Claim:
    return Claim(
        id=f"difficulty-{id}",
        statement=statement,
        source=source,
        study=STUDY_NAME,
        rule=rule,
        regime="paper",
        **more,
    )


ENTROPY = f"{SOURCE}, its observation on relative entropy"
CONVERGENCE = f"{SOURCE}, its observation on convergence"
DERIVED = "derived here, by data processing"

STUDY = Study(
    name=STUDY_NAME,
    title="The laws of denoising task difficulty",
    question="Does the difficulty of denoising fall with the time step, and for which data?",
    cells=cells,
    cells_per_job=2000,
    core_minutes=(("cpu", 0.2),),
    claims=(
        _claim(
            "falls",
            "KL(p_{t-1}||p_t) falls with the time step, for five kinds of normal data under the "
            "linear and the cosine schedule.",
            _falls(),
            ENTROPY,
        ),
        _claim(
            "falls-image-like",
            "The same for an image-like spectrum alone: variances i^-2 in 64 directions, of mean "
            "1/4 (a restricted form of difficulty-falls).",
            _falls(data="image-like"),
            ENTROPY,
        ),
        _claim(
            "falls-image-like-from-peak",
            "The same for the image-like spectrum from the peak on, t = 16 (linear) and 33 "
            "(cosine) of 1000 (a restricted form of difficulty-falls).",
            _falls(data="image-like", side="from the peak"),
            f"{ENTROPY}, restricted here",
            confirmatory=False,
        ),
        _claim(
            "falls-fine-detail",
            "The same for a spectrum with detail finer than the first step's noise: variances "
            "i^-4 in 64 directions, of mean 1/4 (a restricted form of difficulty-falls).",
            _falls(data="fine detail"),
            f"{ENTROPY}, restricted here",
            confirmatory=False,
        ),
        _claim(
            "falls-separated",
            "The same for N(3, 1).",
            _falls(data="separated"),
            ENTROPY,
            confirmatory=False,
        ),
        _claim(
            "falls-wide",
            "The same for N(0, 4).",
            _falls(data="wide"),
            ENTROPY,
            confirmatory=False,
        ),
        _claim(
            "falls-standard-normal",
            "KL(p_{t-1}||p_t) falls strictly at every step for N(0, I).",
            Signed("fall", 1, {"law": "divergence", "data": "standard normal"}),
            ENTROPY,
            confirmatory=False,
        ),
        _claim(
            "falls-two-modes",
            "The same for two modes scaled to mean 0 and variance 1.",
            _falls("mixture_divergence"),
            ENTROPY,
            confirmatory=False,
        ),
        _claim(
            "falls-constant-beta",
            "With one beta at all steps KL(p_{t-1}||p_t) falls with the time step, for all five "
            "kinds of normal data (the corrected statement).",
            Monotone("exact", "t", "falling", {"law": "divergence", "beta": "constant"}),
            DERIVED,
        ),
        _claim(
            "falls-constant-beta-modes",
            "The same for two modes.",
            Monotone("exact", "t", "falling", {"law": "mixture_divergence", "beta": "constant"}),
            DERIVED,
            confirmatory=False,
        ),
        _claim(
            "first-step-hardest",
            "The first time step has the largest KL(p_{t-1}||p_t).",
            Agreement(where={"law": "peak", "beta": "growing"}),
            ENTROPY,
        ),
        _claim(
            "threshold",
            "The second step is easier than the first for exactly the directions with a variance "
            "below beta_1^2 / (beta_2 - beta_1), to leading order.",
            SignAgreement("rule", "exact", 0.9, where={"law": "first_fall"}),
            "derived here",
            confirmatory=False,
        ),
        _claim(
            "curriculum-order",
            "Of 20 clusters of equal length the summed KL(p_{t-1}||p_t) falls from each to the "
            "next, so that training from the last to the first is from easy to hard.",
            _falls("cluster_share", "cluster"),
            f"{SOURCE}, the order of its curriculum",
        ),
        _claim(
            "curriculum-order-image-like",
            "The same for the image-like spectrum alone (a restricted form of "
            "difficulty-curriculum-order).",
            _falls("cluster_share", "cluster", data="image-like"),
            f"{SOURCE}, the order of its curriculum",
        ),
        _claim(
            "slow-at-small-t",
            "Models of small t converge more slowly: the condition number of a linear denoiser's "
            "loss falls with the time step.",
            _falls("condition_number"),
            CONVERGENCE,
        ),
        _claim(
            "iterations-noise",
            "Predicting the noise, gradient descent takes more iterations at small t to a "
            "thousandth of the first loss.",
            _falls("iterations", prediction="eps", error="relative"),
            CONVERGENCE,
        ),
        _claim(
            "iterations-data",
            "The same, predicting the data.",
            _falls("iterations", prediction="x0", error="relative"),
            CONVERGENCE,
            confirmatory=False,
        ),
        _claim(
            "iterations-velocity",
            "The same, predicting the velocity.",
            _falls("iterations", prediction="v", error="relative"),
            CONVERGENCE,
            confirmatory=False,
        ),
        _claim(
            "iterations-absolute",
            "The same to an absolute loss of 0.001 above the minimum, predicting the noise.",
            _falls("iterations", prediction="eps", error="absolute"),
            CONVERGENCE,
            confirmatory=False,
        ),
    ),
)
