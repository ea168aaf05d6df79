"""The laws behind Smooth Diffusion: what evenness measures, and what asking for it costs."""

import math

from harness.cell import Cell
from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim, Rule
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone, Signed
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

SOURCE = "Smooth Diffusion (Guo et al. 2024)"

PATHS = ("lerp", "slerp")
STRETCHES = (1.2, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0)
TURNS = (0, 30, 75)  # degrees
LENGTHS = (1.1, 1.25, 1.5, 2.0, 3.0)
ANGLE = math.pi / 3  # of noises of unequal length

MODES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
ENDS = {"across": (-1.2, 0.9), "one side": (0.3, 1.5)}
RADII = (0.3, 0.6, 0.9, 1.2, 1.5, 1.8)
WIDTH = 0.3

RATIOS = (1.0, 1.5, 2.0, 4.0, 10.0)
LEVELS = (0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99)
DIMENSIONS = (2, 8, 32, 128)

WEIGHTS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


def _affine() -> list[Cell]:
    """Stretches, and turns, between unit noises at right angles; the identity between others."""
    across, identity = [0.0, 1.0], [[1.0, 0.0], [0.0, 1.0]]
    samplers: list[tuple[list[list[float]], list[float], dict[str, str | int | float]]] = []
    for stretch in STRETCHES:
        jacobian = [[math.sqrt(stretch), 0.0], [0.0, 1 / math.sqrt(stretch)]]
        samplers.append(
            (jacobian, across, {"sampler": "stretched", "noises": "equal", "ratio": stretch})
        )
    for turn in TURNS:
        c, s = 1.7 * math.cos(math.radians(turn)), 1.7 * math.sin(math.radians(turn))
        kind: dict[str, str | int | float] = {
            "sampler": "turned",
            "noises": "equal",
            "ratio": 1.0,
            "turn": turn,
        }
        samplers.append(([[c, -s], [s, c]], across, kind))
    for length in LENGTHS:
        end = [length * math.cos(ANGLE), length * math.sin(ANGLE)]
        samplers.append(
            (identity, end, {"sampler": "turned", "noises": "unequal", "ratio": length})
        )
    return [
        law_cell(
            "smooth.istd_affine",
            {"jacobian": jacobian, "start": [1.0, 0.0], "end": end, "interpolation": path},
            interpolation=path,
            **labels,
        )
        for path in PATHS
        for jacobian, end, labels in samplers
    ]


def _mixtures() -> list[Cell]:
    grid = [
        law_cell(
            "smooth.istd_monotone",
            {"mode": mode, "sd": WIDTH, "start": start, "end": end},
            ends=ends,
            mode=mode,
        )
        for ends, (start, end) in ENDS.items()
        for mode in MODES
    ]
    height = math.sqrt(3) / 2
    for path in PATHS:
        for radius in RADII:
            corners = [[1.0, 0.0], [-0.5, height], [-0.5, -height]]
            point = {
                "means": [[radius * x, radius * y] for x, y in corners],
                "weights": [0.4, 0.3, 0.3],
                "variance": WIDTH**2,
                "start": [1.0, 0.2],
                "end": [-0.9, 0.8],
                "interpolation": path,
            }
            grid.append(law_cell("smooth.istd_flow", point, interpolation=path, mode=radius))
    return grid


def _regularised() -> list[Cell]:
    grid = [
        law_cell(
            "smooth.regulariser",
            {"covariance": [ratio, 1.0, 1 / ratio], "abar": level},
            data="isotropic" if ratio == 1 else "stretched",
            ratio=ratio,
            abar=level,
            along="level",
        )
        for ratio in RATIOS
        for level in LEVELS
    ]
    for dimension in DIMENSIONS:
        point = {"covariance": [4.0, 0.25] * (dimension // 2), "abar": 0.5}
        grid.append(
            law_cell(
                "smooth.regulariser",
                point,
                data="stretched",
                ratio=4.0,
                dimension=dimension,
                along="dimension",
            )
        )
    for level in (0.2, 0.5, 0.8):
        for data, variances in (("stretched", [4.0, 1.0, 0.25]), ("isotropic", [1.0, 1.0, 1.0])):
            grid += [
                law_cell(
                    "smooth.trade_off",
                    {"variances": variances, "abar": level, "weight": weight},
                    data=data,
                    abar=level,
                    weight=weight,
                )
                for weight in WEIGHTS
            ]
    return grid


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid, the same at every scale: all are exact."""
    return [*_affine(), *_mixtures(), *_regularised()]


def _claim(name: str, statement: str, source: str, rule: Rule, confirmatory: bool = True) -> Claim:
    return Claim(
        id=f"smooth-{name}",
        statement=statement,
        source=source,
        study="smooth_laws",
        rule=rule,
        regime="paper",
        confirmatory=confirmatory,
    )


STUDY = Study(
    name="smooth_laws",
    title="The laws behind Smooth Diffusion",
    question="Does the interpolation standard deviation measure smoothness, and what does the "
    "regulariser cost?",
    cells=cells,
    cells_per_job=1000,
    core_minutes=(("cpu", 0.1),),
    claims=(
        _claim(
            "affine-line",
            "An affine sampler is smooth: the standard deviation of the distances of neighbours "
            "(ISTD) is 0 along a line of noises.",
            f"{SOURCE}, the ISTD, for an affine sampler",
            Agreement(where={"law": "istd_affine", "interpolation": "lerp"}),
        ),
        _claim(
            "affine-arc",
            "The same along an arc of noises (SLERP).",
            f"{SOURCE}, the ISTD, for an affine sampler",
            Agreement(where={"law": "istd_affine", "interpolation": "slerp"}),
            confirmatory=False,
        ),
        _claim(
            "conformal-arc",
            "Restricted: along an arc between noises of one length the ISTD is 0 for a sampler "
            "that turns and scales all directions alike.",
            "derived here, smooth.istd_affine",
            Agreement(
                where={
                    "law": "istd_affine",
                    "interpolation": "slerp",
                    "sampler": "turned",
                    "noises": "equal",
                }
            ),
        ),
        _claim(
            "identity-arc",
            "Along an arc between noises of any two lengths the ISTD is 0 for a sampler that "
            "leaves the noise as it is.",
            f"{SOURCE}, the ISTD, for the identity",
            Agreement(where={"law": "istd_affine", "interpolation": "slerp", "noises": "unequal"}),
            confirmatory=False,
        ),
        _claim(
            "half-range",
            "The ISTD of an affine sampler is at most half the range of its chords, sin(delta/2) "
            "times the difference of the semi-axes of the arc's image.",
            "derived here, smooth.istd_affine",
            BoundHolds("exact", "half_range", where={"law": "istd_affine"}),
            confirmatory=False,
        ),
        _claim(
            "one-jump-line",
            "For two modes on the line the ISTD is at most that of one jump over the whole way.",
            "derived here, smooth.istd_monotone",
            BoundHolds("exact", "printed", "void", {"law": "istd_monotone"}),
            confirmatory=False,
        ),
        _claim(
            "separation-line",
            "The sampler without error of two modes on the line moves the less evenly, from noises "
            "on the one side to noises on the other, the further apart the modes are.",
            "derived here, smooth.istd_monotone",
            Monotone("exact", "mode", "rising", {"law": "istd_monotone", "ends": "across"}),
        ),
        _claim(
            "separation-plane",
            "The same for three modes in the plane, on a line and on an arc of noises.",
            "derived here, smooth.istd_flow",
            Monotone("exact", "mode", "rising", {"law": "istd_flow"}),
        ),
        _claim(
            "model-fault",
            "Uneven interpolation is a fault of the model: the sampler without error of three "
            "modes is at least as even as that of Gaussian data of the same moments.",
            f"{SOURCE}: models are found not to be smooth, and trained to be",
            BoundHolds("exact", "gaussian", where={"law": "istd_flow"}),
            confirmatory=False,
        ),
        _claim(
            "regulariser-zero",
            "The demand of the regulariser, one proportion between the changes of noise and image, "
            "can be met by the exact denoiser: L_reg = 0.",
            f"{SOURCE}, step-wise variation regularisation",
            Agreement(where={"law": "regulariser"}),
        ),
        _claim(
            "regulariser-isotropic",
            "Restricted: the same for isotropic Gaussian data.",
            "derived here, smooth.regulariser",
            Agreement(where={"law": "regulariser", "data": "isotropic"}),
        ),
        _claim(
            "regulariser-stretched",
            "A regulariser of 0 means isotropic data: for Gaussian data with unequal variances "
            "L_reg of the exact denoiser is above 0 at every noise level.",
            "derived here, smooth.regulariser",
            Signed("exact", 1, {"law": "regulariser", "data": "stretched"}),
        ),
        _claim(
            "regulariser-measures-line",
            "Where the regulariser is above 0, interpolation along a line of noises is uneven: "
            "the ISTD of the exact sampler is above 0.",
            f"{SOURCE}: the regulariser enforces what the ISTD measures",
            Signed("istd_lerp", 1, {"law": "regulariser", "data": "stretched"}),
        ),
        _claim(
            "regulariser-measures-arc",
            "The same along an arc between noises of one length.",
            f"{SOURCE}: the regulariser enforces what the ISTD measures",
            Signed("istd_slerp", 1, {"law": "regulariser", "data": "stretched"}),
        ),
        _claim(
            "regulariser-dimension",
            "At one stretch of the data the regulariser falls with the dimension.",
            "derived here, smooth.regulariser",
            Monotone("exact", "dimension", "falling", {"law": "regulariser", "along": "dimension"}),
            confirmatory=False,
        ),
        _claim(
            "free",
            "The regulariser leaves the denoising loss as it is: models that are at once "
            "high-performing and smooth.",
            f"{SOURCE}, abstract, for Gaussian data",
            Agreement(where={"law": "trade_off"}),
        ),
        _claim(
            "cost-rises",
            "The denoising loss rises with the weight of the regulariser.",
            f"{SOURCE}, ablation of lambda",
            Monotone("exact", "weight", "rising", {"law": "trade_off", "data": "stretched"}),
        ),
        _claim(
            "cost-bounded",
            "The excess of the denoising loss never exceeds that of the denoiser that treats all "
            "directions alike.",
            "derived here, smooth.trade_off",
            BoundHolds("exact", "limit", where={"law": "trade_off"}),
            confirmatory=False,
        ),
    ),
)
