"""The laws behind painters: closed-form trajectories, the order of features, skipped steps."""

from harness.claims.claim import Claim, Rule
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone, Signed
from harness.studies.painters_cells import SEPARATION, WIDTHS, cells
from harness.studies.study import Study

NAME = "painters_laws"
SOURCE = "Diffusion Models Generate Images Like Painters (Wang and Vastola 2023)"


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
