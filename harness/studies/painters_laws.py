"""The laws behind painters: closed-form trajectories, the order of features, skipped steps."""

from typing import Any

from harness.cell import Cell
from harness.claims.claim import Claim, Rule
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone, Signed
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

NAME = "painters_laws"
SOURCE = "Diffusion Models Generate Images Like Painters (Wang and Vastola 2023)"

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


def _claim(id: str, statement: str, where: str, rule: Rule, confirmatory: bool = True) -> Claim:
    return Claim(
        id=f"painters-{id}",
        statement=statement,
        source=where if "derived" in where else f"{SOURCE}, {where}",
        study=NAME,
        rule=rule,
        regime="paper",
        confirmatory=confirmatory,
    )


TRAJECTORY, HALF, ORDER = {"law": "trajectory"}, {"law": "half_way"}, {"law": "order"}
PUSH, SCORE = {"law": "perturbation"}, {"law": "explained_variance"}
TELEPORT = {"law": "teleport"}
SKIPPED = {**TELEPORT, "skip": "a noise level"}

CLAIMS = (
    _claim(
        "closed-form",
        "The closed form is the solution of the probability-flow ODE of Gaussian data, VP and EDM.",
        "the solution of the ODE",
        Agreement(where=TRAJECTORY),
    ),
    _claim(
        "endpoint",
        "The endpoint foreseen by the denoiser is mu + sum xi_k c_k u_k.",
        "the endpoint estimate",
        Agreement("endpoint", "endpoint_printed", where=TRAJECTORY),
    ),
    _claim(
        "half-way",
        "A feature is half decided at noise sqrt(3 lambda), lambda its variance.",
        "the order in which features emerge",
        Agreement(where=HALF),
        confirmatory=False,
    ),
    _claim(
        "half-way-gaussian",
        "The same for Gaussian features.",
        "the order in which features emerge, restricted to Gaussian data",
        Agreement(where={**HALF, "shape": "normal"}, tolerance=1e-8),
    ),
    _claim(
        "larger-variance-earlier",
        "Of two features that of the larger variance is decided earlier.",
        "outline first, details later",
        Signed("lead", 1, ORDER),
        confirmatory=False,
    ),
    _claim(
        "larger-variance-earlier-gaussian",
        "The same for two Gaussian features.",
        "outline first, details later, restricted to Gaussian data",
        Signed("lead", 1, {**ORDER, "pair": "normal before normal"}),
    ),
    _claim(
        "larger-variance-earlier-one-shape",
        "Among features of one shape, at one rank, the larger the variance the earlier.",
        "derived here: a change of scale",
        Monotone("exact", "variance", "rising", HALF),
    ),
    _claim(
        "early-perturbations",
        "The earlier a perturbation (VP, of one size), the more it changes the image.",
        "early perturbations change more",
        Monotone("exact", "t", "rising", {**PUSH, "schedule": "vp"}),
    ),
    _claim(
        "early-perturbations-large-variance",
        "The same along Gaussian features of variance above 1.",
        "early perturbations change more, restricted",
        Monotone("exact", "t", "rising",
                 {**PUSH, "schedule": "vp", "shape": "normal", "variance": 4.0}),
    ),
    _claim(
        "late-perturbations-edm",
        "In EDM's variables it is the other way round: the later a perturbation of one size, the "
        "more it changes a Gaussian feature.",
        "derived here",
        Monotone("exact", "t", "falling", {**PUSH, "schedule": "edm", "shape": "normal"}),
    ),
    _claim(
        "early-perturbations-relative",
        "A perturbation in proportion to the noise changes more the earlier it is.",
        "derived here",
        Monotone("relative", "t", "rising", PUSH),
    ),
    _claim(
        "perturbation-formula",
        "A perturbation of x_t changes x_0 by sqrt(lambda/(sigma^2 + lambda alpha^2)) times it.",
        "the effect of perturbations",
        Agreement(where=PUSH),
        confirmatory=False,
    ),
    _claim(
        "perturbation-formula-gaussian",
        "The same for Gaussian features.",
        "the effect of perturbations, restricted to Gaussian data",
        Agreement(where={**PUSH, "shape": "normal"}, tolerance=1e-8),
    ),
    _claim(
        "explained-grows",
        "The share of the score that a Gaussian explains grows with the noise, whatever the data.",
        "the early phase is Gaussian",
        Monotone("exact", "noise", "rising", SCORE),
    ),
    _claim(
        "explained-at-2-sd",
        "At noise of 2 standard deviations of the data a Gaussian explains 99 % of the score.",
        "the early phase is Gaussian",
        Agreement(where={**SCORE, "noise": 2.0}, tolerance=0.01),
    ),
    _claim(
        "score-rate",
        "The unexplained share is (k3^2/(2 S^8) + k4^2/(6 S^10)) S^2 to a tenth, at noise of 8 "
        "standard deviations.",
        "derived here: the expansion of Edgeworth",
        Agreement("unexplained", "leading", where={**SCORE, "noise": 8.0},
                  tolerance=0.1),
    ),
    _claim(
        "early-trajectory",
        "The Gaussian closed form describes the early trajectory: the higher the noise, the "
        "smaller its error.",
        "the early phase is Gaussian",
        Monotone("state_error", "sigma", "falling", SKIPPED),
    ),
    _claim(
        "trajectory-rate",
        "The error of the state falls as sigma^-3 for two equal modes and as sigma^-2 for unequal "
        "ones: its expansion holds to a tenth at twice the distance of the modes.",
        "derived here: the expansion of Cornish and Fisher",
        Agreement("state_error", "leading", where={**SKIPPED, "sigma": 2 * SEPARATION},
                  tolerance=0.1),
    ),
    _claim(
        "skip-above-2-separations",
        "Steps at noise above twice the distance of two modes can be skipped: x_0 moves by at most "
        "1 % of its standard deviation (rms).",
        "skipping steps; the threshold derived here",
        Agreement(where={**SKIPPED, "sigma": 2 * SEPARATION}, tolerance=1e-4),
    ),
    _claim(
        "skip-above-2-separations-symmetric",
        "The same for two modes of equal weight.",
        "skipping steps; the threshold derived here",
        Agreement(where={**SKIPPED, "sigma": 2 * SEPARATION, "data": "two modes"},
                  tolerance=1e-4),
    ),
    _claim(
        "skip-30-percent",
        "The first 30 % of the steps of EDM's sampler (5 of 17, to noise 12.9) can be skipped: x_0 "
        "moves by at most 1 % of its standard deviation, for modes 1 to 64 apart.",
        "skipping 15 to 30 % of the steps",
        Agreement(where={**TELEPORT, "skip": "30 % of steps"}, tolerance=1e-4),
    ),
    *(
        _claim(
            f"skip-30-percent-{width:g}",
            f"The same for modes {width:g} apart.",
            "skipping 15 to 30 % of the steps, restricted",
            Agreement(where={**TELEPORT, "skip": "30 % of steps", "separation": width},
                      tolerance=1e-4),
            confirmatory=False,
        )
        for width in WIDTHS
    ),
    _claim(
        "two-components",
        "Two principal components explain 99 % of a trajectory.",
        "trajectories are two-dimensional",
        Agreement(where={"law": "plane"}, tolerance=0.01),
    ),
    _claim(
        "plane-of-one-feature",
        "With one feature beside directions off the data, trajectories lie exactly in a plane.",
        "trajectories are two-dimensional rotations",
        Agreement(where={"law": "plane", "features": "one"}),
    ),
    _claim(
        "low-rank",
        "The leading features suffice for the closed form: samples keep 99 % of the variance, "
        "whatever the noise that it goes to.",
        "low-rank covariances",
        Agreement(where={"law": "truncation"}, tolerance=0.01),
    ),
    _claim(
        "low-rank-high-noise",
        "The same down to noise 10, three standard deviations of the leading feature.",
        "low-rank covariances, restricted",
        Agreement(where={"law": "truncation", "sigma": 10.0}, tolerance=0.01),
    ),
)  # fmt: skip

STUDY = Study(
    name=NAME,
    title="The laws behind painters",
    question="When does the Gaussian closed form describe a trajectory, and which steps can go?",
    cells=cells,
    claims=CLAIMS,
    cells_per_job=1000,
    core_minutes=(("cpu", 0.1),),
)
