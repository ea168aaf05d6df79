"""The classes and points on which the laws of the diffusion classifier are evaluated."""

from typing import Any

from harness.cell import Cell
from harness.scale import Sizes
from harness.theorem import law_cell

WEIGHTINGS = (
    ("uniform", "linear"),
    ("uniform", "cosine"),
    ("elbo", "linear"),
    ("ddpm", "linear"),
    ("single", "linear"),
)
SPREADS = ((1.0, 4.0), (0.01, 0.04), (0.01, 1.0), (4.0, 16.0), (0.25, 1.0))
DIMENSIONS = (1, 2, 5, 10, 20, 50)
VARIANCES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
PRIORS = (0.2, 0.05, 0.01)

# difference of the means and variances; each pair is 2 standard deviations apart
ISOTROPIC = (
    ((0.2,), (0.01,)),
    ((2.0,), (1.0,)),
    ((20.0,), (100.0,)),
    ((0.6, 0.8), (0.25, 0.25)),
    ((2.0, 2.0, 2.0, 2.0), (4.0, 4.0, 4.0, 4.0)),
)
ANISOTROPIC = (
    ((2.0**0.5, 0.2**0.5), (1.0, 0.1)),
    ((2.0**0.5, 0.02**0.5), (1.0, 0.01)),
    ((8.0**0.5, 0.5**0.5), (4.0, 0.25)),
    ((1.0, 0.1**0.5, 0.1, 0.001**0.5), (1.0, 0.1, 0.01, 0.001)),
)

PAIRED_VARIANCES = (0.01, 0.1, 1.0, 4.0)
HALVES = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0)  # half the distance of the means, in deviations
PLACES = (0.0, 0.3, 1.0, 1.5)  # of the point between the middle (0) and a mean (1)

FAR = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
NEARER = (0.5, 0.6, 0.66, 0.7, 0.75, 0.9)


def _weighted(
    law: str, weights: tuple[str, str], given: dict[str, Any], **labels: str | float
) -> Cell:
    weighting, schedule = weights
    params = {**given, "weighting": weighting, "schedule": schedule}
    return law_cell(f"classifier.{law}", params, weighting=weighting, schedule=schedule, **labels)


def _spread(weights: tuple[str, str], pair: tuple[float, float]) -> list[Cell]:
    """Two classes of different variance, under one weighting."""
    given = {"variance_0": pair[0], "variance_1": pair[1]}
    spread = f"{pair[0]:g} and {pair[1]:g}"
    grid = [_weighted("threshold", weights, given, spread=spread)]
    for d in DIMENSIONS:
        for distance in (0.0, 2.0) if pair == (1.0, 4.0) else (0.0,):
            at = {**given, "dimension": d, "distance": distance}
            labels = {"dimension": d, "distance": distance}
            grid.append(_weighted("error_rate", weights, at, spread=spread, **labels))
    return grid


def _shared(
    weights: tuple[str, str],
    shape: str,
    classes: tuple[tuple[float, ...], tuple[float, ...]],
    prior: float = 0.5,
    log_prior: str = "left out",
) -> Cell:
    """Two classes of one covariance; classes: the difference of the means, the variances."""
    difference, variances = classes
    return _weighted(
        "shared_covariance",
        weights,
        {
            "difference": difference,
            "covariance": variances,
            "prior": prior,
            "log_prior": log_prior,
        },
        shape=shape,
        spread=" ".join(f"{v:g}" for v in variances),
        priors="equal" if prior == 0.5 else "unequal",
        prior=prior,
        log_prior=log_prior,
    )


def _temperature(weights: tuple[str, str], v: float, d: int, reduction: str) -> Cell:
    given = {"variance": v, "dimension": d, "reduction": reduction}
    return _weighted("temperature", weights, given, variance=v, dimension=d, reduction=reduction)


def _pairs() -> list[Cell]:
    grid = []
    for schedule in ("linear", "cosine"):
        for variance in PAIRED_VARIANCES:
            for half in HALVES:
                for place in PLACES:
                    h = half * variance**0.5
                    params = {
                        "x": (place * h,),
                        "mean_0": (-h,),
                        "mean_1": (h,),
                        "variance": variance,
                        "schedule": schedule,
                    }
                    classes = "overlapping" if half <= 1 else "apart"
                    grid.append(
                        law_cell(
                            "classifier.pairing",
                            params,
                            schedule=schedule,
                            classes=classes,
                            variance=variance,
                            half_distance=half,
                            place=place,
                        )
                    )
    return grid


def _absolute() -> list[Cell]:
    """x at 0, one mean on an axis, the other on it or on the diagonal, nearer by a share."""
    return [
        law_cell(
            "classifier.absolute_error",
            {
                "x": (0.0, 0.0),
                "mean_0": (far, 0.0),
                "mean_1": (-1.4 * a * far, 0.0) if axes == "one" else (a * far, a * far),
                "variance": 1.0,
            },
            axes=axes,
            far=far,
            nearer=a,
        )
        for axes in ("one", "two")
        for far in FAR
        for a in NEARER
    ]


def _bounds() -> list[Cell]:
    return [
        law_cell(
            "classifier.elbo",
            {"x": (1.3,) * d, "mean": (-0.4,) * d, "variance": v, "horizon": horizon},
            variance=v,
            dimension=d,
            horizon=horizon,
        )
        for d in (1, 3, 10)
        for v in (0.01, 0.25, 1.0, 4.0)
        for horizon in (0.5, 2.0, 5.0)
    ]


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid, the same at every scale."""
    grid = _bounds()
    for weights in WEIGHTINGS:
        grid += [_temperature(weights, v, 1, "sum") for v in VARIANCES]
    grid += [_temperature(WEIGHTINGS[0], 1.0, d, "mean") for d in (10, 100, 3072)]
    for weights in WEIGHTINGS:
        grid += [cell for pair in SPREADS for cell in _spread(weights, pair)]
        grid += [_shared(weights, "isotropic", classes) for classes in ISOTROPIC]
        grid += [_shared(weights, "anisotropic", classes) for classes in ANISOTROPIC]
    grid += [
        _shared(weights, shape, classes, prior, added)
        for weights in WEIGHTINGS[:3]
        for shape, classes in (("isotropic", ISOTROPIC[1]), ("anisotropic", ANISOTROPIC[0]))
        for prior in PRIORS
        for added in ("added", "left out")
    ]
    return grid + _pairs() + _absolute()
