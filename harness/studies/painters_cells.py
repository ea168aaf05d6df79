"""The points at which the study ``painters_laws`` evaluates the laws of painters."""

from typing import Any

from harness.cell import Cell
from harness.scale import Sizes
from harness.theorem import law_cell

DATA: tuple[tuple[str, tuple[float, ...], tuple[float, ...], tuple[float, ...]], ...] = (
    ("rank 2 of 3", (0.5, -1.0, 2.0), (4.0, 0.5, 0.0), (0.7, -0.2, 1.1)),
    ("full rank", (0.0, 0.3), (9.0, 0.04), (-1.5, 0.4)),
    ("isotropic", (1.0, 1.0), (1.0, 1.0), (0.2, -2.0)),
)
VP_TIMES = (0.05, 0.2, 0.5, 0.8)
EDM_LEVELS = (0.02, 0.5, 2.0, 20.0)

VARIANCES = (0.01, 0.25, 1.0, 4.0, 16.0)
ONE_SD, NEAR_MIDDLE, FAR = 0.8413447460685429, 0.55, 0.98
RATIOS = (1.1, 1.5, 2.0, 4.0)
SHAPES = ("normal", "two modes")

PUSH_VP = (0.1, 0.3, 0.5, 0.7, 0.9)
PUSH_EDM = (0.1, 0.5, 2.0, 10.0, 40.0)

LAWS: tuple[tuple[str, str, float], ...] = (  # name, law, standard deviation
    ("two modes", "0.5*normal(-2,0.5)+0.5*normal(2,0.5)", 2.0615528),
    ("skewed modes", "0.3*normal(-2,0.5)+0.7*normal(2,0.5)", 1.9),
    ("beta(2,5)", "beta(2,5)", 0.15971914),
    ("three points", "atoms(-1,-0.2,1.1)", 0.86538367),
)
NOISES = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # in standard deviations

SKIPS = (0.5, 1.0, 2.5, 5.0, 8.0, 10.0, 20.0, 40.0)
SEPARATION = 4.0  # of the two modes
WIDTHS = (1.0, 4.0, 16.0, 64.0)  # separations, for the skip of a share of steps
FIFTH_OF_17 = 12.91  # EDM's sixth noise level of 18, after 5 of 17 steps

SPECTRUM = tuple(round(9.8 / k**2, 8) for k in range(1, 65))
SPECTRA: tuple[tuple[str, tuple[float, ...], int], ...] = (
    ("one", (4.0,), 3),
    ("two", (4.0, 0.25), 3),
    ("64, power law", SPECTRUM, 0),
)
STARTS = (2.0, 10.0, 80.0)
RANKS = (1, 4, 16, 64)
TRUNCATED_AT = (0.1, 0.5, 2.0, 10.0, 40.0)


def _feature(shape: str, variance: float) -> str:
    """A law with a mean of 0: a normal one, or two modes of a quarter of its deviation each."""
    sd = variance**0.5
    if shape == "normal":
        return f"normal(0,{sd:.12g})"
    mode, width = 0.968245836551854 * sd, 0.25 * sd
    return f"0.5*normal({-mode:.12g},{width:.12g})+0.5*normal({mode:.12g},{width:.12g})"


def _trajectory() -> list[Cell]:
    made = []
    for data, mean, covariance, start in DATA:
        given = {"mean": mean, "covariance": covariance, "start": start}
        for schedule, top, times in (("vp", 1.0, VP_TIMES), ("edm", 80.0, EDM_LEVELS)):
            for t in times:
                params: dict[str, Any] = {**given, "schedule": schedule, "t_max": top, "t": t}
                made.append(
                    law_cell("painters.trajectory", params, data=data, schedule=schedule, t=t)
                )
    return made


def _half_way() -> list[Cell]:
    made = [
        law_cell("painters.half_way", {"p": _feature(shape, variance), "rank": rank}, shape=shape,
                 rank=round(rank, 4), variance=variance)
        for shape, ranks in zip(SHAPES, ((ONE_SD,), (NEAR_MIDDLE, ONE_SD, FAR)))
        for rank in ranks
        for variance in VARIANCES
    ]  # fmt: skip
    for first, second in (("normal", "normal"), ("normal", "two modes"), ("two modes", "normal")):
        for rank in (NEAR_MIDDLE, ONE_SD):
            for ratio in RATIOS:
                params: dict[str, Any] = {"p": _feature(first, ratio), "rank": rank}
                params["other"] = _feature(second, 1.0)
                made.append(law_cell("painters.order", params, pair=f"{first} before {second}",
                                     rank=round(rank, 4), ratio=ratio))  # fmt: skip
    return made


def _perturbation() -> list[Cell]:
    return [
        law_cell(
            "painters.perturbation",
            {"p": _feature(shape, variance), "rank": rank, "schedule": schedule, "t": t},
            shape=shape,
            variance=variance,
            rank=round(rank, 4),
            schedule=schedule,
            t=t,
        )
        for shape, variance, rank in (
            ("normal", 0.25, ONE_SD),
            ("normal", 4.0, ONE_SD),
            ("two modes", 4.0, ONE_SD),
            ("two modes", 4.0, 0.5),
        )
        for schedule, times in (("vp", PUSH_VP), ("edm", PUSH_EDM))
        for t in times
    ]


def _explained() -> list[Cell]:
    return [
        law_cell("painters.explained_variance", {"p": law, "sigma": round(noise * sd, 6)},
                 data=data, noise=noise)
        for data, law, sd in LAWS
        for noise in NOISES
    ]  # fmt: skip


def _teleport() -> list[Cell]:
    made = [
        law_cell("painters.teleport", {"p": law, "sigma": sigma}, data=data, skip="a noise level",
                 sigma=sigma,)
        for data, law, _ in LAWS[:2]
        for sigma in SKIPS
    ]  # fmt: skip
    for data, share in (("two modes", 0.5), ("skewed modes", 0.3)):
        for width in WIDTHS:
            mode, sd = width / 2, width / 8
            law = f"{share:g}*normal({-mode:g},{sd:g})+{1 - share:g}*normal({mode:g},{sd:g})"
            params = {"p": law, "sigma": FIFTH_OF_17}
            made.append(law_cell("painters.teleport", params, data=data, skip="30 % of steps",
                                 separation=width))  # fmt: skip
    return made


def _spectra() -> list[Cell]:
    made = [
        law_cell("painters.plane", {"variances": spectrum, "off_data": off, "sigma_max": start},
                 features=features, start=start)
        for features, spectrum, off in SPECTRA
        for start in STARTS
    ]  # fmt: skip
    made += [
        law_cell("painters.truncation", {"variances": SPECTRUM, "rank": rank, "sigma": sigma},
                 rank=rank, sigma=sigma)
        for rank in RANKS
        for sigma in TRUNCATED_AT
    ]  # fmt: skip
    return made


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid, the same at every scale: nothing is drawn."""
    return [
        *_trajectory(),
        *_half_way(),
        *_perturbation(),
        *_explained(),
        *_teleport(),
        *_spectra(),
    ]
