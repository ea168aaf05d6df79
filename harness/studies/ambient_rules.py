"""The rules of Ambient Diffusion Omni: from which noise level on, and up to which crop."""

from typing import Any

from harness.cell import Cell
from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone, Signed
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

SOURCE = "Ambient Diffusion Omni (Daras et al. 2025)"

PAIRS = (
    ("normal(0,1)", "normal(1,1)"),
    ("normal(0,1)", "normal(0,0.5)"),
    ("beta(2,2)", "beta(4,4)"),
    ("beta(2,5)", "beta(5,2)"),
)
LEVELS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
EPSILONS = (0.01, 0.02, 0.03, 0.05, 0.07, 0.1)

BLURS = (0.4, 0.6, 0.8, 1.0)
EXPONENTS = (2.0, 2.4)

MAP_LEVELS = (0.05, 0.15, 0.2, 0.35, 0.55, 0.7, 0.95)
BEYOND = (2.0, 5.0, 20.0, 80.0)

ORDERS = (
    ("beta(2,5)", "beta(5,2)", 1),
    ("beta(2,2)", "beta(8,8)", 2),
    ("0.2*atoms(2)+0.8*atoms(-0.5)", "normal(0,1)", 3),
    ("atoms(-1,1)", "normal(0,1)", 4),
)
SLOPE_LEVELS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0)

SWITCHING = (("beta(4,4)", (25, 100, 400, 1600)), ("beta(8,8)", (25, 100, 400)))
SHARE = 9  # biased samples for one clean sample

DIAMETER = 110.85125168440815  # of [-1, 1]^3072
IMAGE_LEVELS = (3.0, 10.0, 30.0, 56.0, 80.0)
DISTANCES = (1.0, 0.3, 0.1, 0.04)


def _law(name: str, labels: dict[str, Any] | None = None, **params: Any) -> Cell:
    shown = {key: value for key, value in params.items() if key not in ("datasets", "n2")}
    return law_cell(f"ambient.{name}", params, **{**shown, **(labels or {})})


def _datasets(sizes: Sizes, n1: int) -> int:
    """Fewer data sets where each is large."""
    return max(40, sizes.law_datasets * 200 // max(200, n1))


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid."""
    grid = [_law("classifier_mean", p=p, q=q, sigma=sigma) for p, q in PAIRS for sigma in LEVELS]
    grid += [
        _law("threshold_rule", p=p, q=q, epsilon=epsilon) for p, q in PAIRS for epsilon in EPSILONS
    ]
    grid += [
        _law("annotation_level", exponent=exponent, width=width, epsilon=0.05)
        for exponent in EXPONENTS
        for width in BLURS
    ]
    grid += [
        _law("annotation_level", exponent=2.4, width=0.6, epsilon=epsilon)
        for epsilon in EPSILONS
        if epsilon != 0.05
    ]
    grid += [
        _law("crop_size", {"range": span}, exponent=exponent, sigma=sigma, reading=reading)
        for exponent in EXPONENTS
        for reading in ("absolute", "relative")
        for span, levels in (("map", MAP_LEVELS), ("beyond", BEYOND))
        for sigma in levels
    ]
    grid += [
        _law("noise_slope", {"order": order}, p=p, q=q, sigma=sigma)
        for p, q, order in ORDERS
        for sigma in SLOPE_LEVELS
    ]
    grid += [
        _law(
            "switching_law",
            p="beta(2,2)",
            q=q,
            n1=n1,
            n2=SHARE * n1,
            datasets=_datasets(sizes, n1),
        )
        for q, counts in SWITCHING
        for n1 in counts
    ]
    grid += [
        _law("dobrushin_coefficient", diameter=DIAMETER, sigma=sigma) for sigma in IMAGE_LEVELS
    ]
    grid += [
        _law(
            "bound_switch",
            n1=5000,
            n2=45_000,
            lipschitz_clean=10.0,
            lipschitz_biased=10.0,
            tv=tv,
            diameter=DIAMETER,
        )
        for tv in DISTANCES
    ]
    return grid


def _claim(id: str, statement: str, source: str, rule: Any, confirmatory: bool = True) -> Claim:
    return Claim(id, statement, source, "ambient_rules", rule, "paper", confirmatory)


STUDY = Study(
    name="ambient_rules",
    title="The rules of Ambient Diffusion Omni",
    question="Do the classifier's threshold, the crop and the crossing of the bounds give the "
    "noise levels that the theory says they give?",
    cells=cells,
    cells_per_job=1000,
    core_minutes=(("cpu", 0.2),),
    claims=(
        _claim(
            "threshold-is-first-tv",
            "The threshold 1/2 - epsilon on the optimal classifier's mean probability of clean "
            "accepts corrupted data from the first noise level on at which TV(P_sigma, Q_sigma) "
            "<= epsilon (to 5 %).",
            f"{SOURCE}, sections 3.1 and 4",
            Agreement(where={"law": "threshold_rule"}, tolerance=0.05),
        ),
        _claim(
            "classifier-tracks-tv",
            "The optimal classifier's mean probability of clean over corrupted data tracks total "
            "variation: it is 1/2 - TV (to 5 %).",
            f"{SOURCE}, section 4",
            Agreement(where={"law": "classifier_mean"}, tolerance=0.05),
            confirmatory=False,
        ),
        _claim(
            "classifier-is-vincze-le-cam",
            "Corrected: that mean probability is 1/2 - VC/4, VC the distance of Vincze and Le Cam.",
            "derived here",
            Agreement(metric_formula="identity", where={"law": "classifier_mean"}),
        ),
        _claim(
            "threshold-level-at-most",
            "Corrected: the threshold accepts no later than where TV falls to 2 epsilon.",
            "derived here",
            BoundHolds("exact", "at_most", where={"law": "threshold_rule"}),
        ),
        _claim(
            "threshold-level-at-least",
            "Corrected: the threshold accepts no earlier than where TV falls to sqrt(2 epsilon).",
            "derived here",
            BoundHolds("at_least", "exact", where={"law": "threshold_rule"}),
        ),
        _claim(
            "accuracy-tracks-tv",
            "Corrected: a threshold on the optimal classifier's accuracy, (1 + epsilon)/2, accepts "
            "from the first noise level on at which TV <= epsilon.",
            "derived here",
            Agreement("printed", "accuracy_rule", where={"law": "threshold_rule"}),
            confirmatory=False,
        ),
        _claim(
            "annotation-is-first-tv",
            "On Gaussian images with a power-law spectrum the threshold accepts blurred images "
            "from the first noise level on at which their total variation is epsilon (to 5 %).",
            f"{SOURCE}, sections 3.1 and 4",
            Agreement(where={"law": "annotation_level"}, tolerance=0.05),
        ),
        _claim(
            "crop-grows-with-noise",
            "The crop from which the optimal denoiser comes within 1e-3 of the whole image grows "
            "with the noise.",
            f"{SOURCE}, section 3.2",
            Monotone("exact", "sigma", "rising", {"law": "crop_size", "reading": "absolute"}),
        ),
        _claim(
            "crop-grows-within-map",
            "Restricted: it does at the noise levels of the paper's map, up to 1.",
            f"{SOURCE}, section 3.2",
            Monotone(
                "exact",
                "sigma",
                "rising",
                {"law": "crop_size", "reading": "absolute", "range": "map"},
            ),
        ),
        _claim(
            "relative-crop-grows-within-map",
            "Restricted, and with a tolerance relative to the error: it does at the noise levels "
            "of the paper's map, up to 1.",
            "derived here",
            Monotone(
                "exact",
                "sigma",
                "rising",
                {"law": "crop_size", "reading": "relative", "range": "map"},
            ),
            confirmatory=False,
        ),
        _claim(
            "crop-map-suffices",
            "A crop of the paper's map is large enough at its noise level, on a Gaussian field "
            "with a power-law spectrum.",
            f"{SOURCE}, section 3.2 and the map of its released code",
            BoundHolds("exact", "printed", "void", {"law": "crop_size", "reading": "absolute"}),
            confirmatory=False,
        ),
        _claim(
            "bound-says-something-of-images",
            "Theorem 4.2 says something of laws of images of 3 x 32 x 32 pixels at the noise "
            "levels in use, up to 80: D / (2 sigma) < 1.",
            f"{SOURCE}, theorem 4.2, read at the size of its own images",
            Signed("room", 1, {"law": "dobrushin_coefficient"}),
            confirmatory=False,
        ),
        _claim(
            "bound-crossing-is-error-crossing",
            "The noise level at which the printed bounds with the constants of their proofs cross "
            "is that at which the errors cross (to 10 %).",
            f"{SOURCE}, section 4",
            Agreement(where={"law": "switching_law"}, tolerance=0.1),
            confirmatory=False,
        ),
        _claim(
            "bound-crossing-scales-as-error-crossing",
            "The crossing of the bounds grows with the number of clean samples at the rate of the "
            "crossing of the errors (exponents to 10 %).",
            f"{SOURCE}, section 4",
            Agreement("leading_growth", "growth", where={"law": "switching_law"}, tolerance=0.1),
            confirmatory=False,
        ),
        _claim(
            "more-clean-data-raise-the-switch",
            "More clean data, with biased data in proportion and of the same mean, raise the noise "
            "level from which on the biased data help.",
            "derived here",
            Monotone("exact", "n1", "rising", {"law": "switching_law", "q": "beta(4,4)"}),
        ),
        _claim(
            "square-root-law",
            "At 400 clean samples that level is pi phi(1) w |dVar| sqrt(n1) / s (to 10 %).",
            "derived here",
            Agreement(
                metric_formula="leading",
                where={"law": "switching_law", "n1": 400},
                tolerance=0.1,
            ),
        ),
        _claim(
            "square-root-law-few",
            "The same at 25 clean samples, where the level is not far above the spread.",
            "derived here",
            Agreement(
                metric_formula="leading",
                where={"law": "switching_law", "n1": 25},
                tolerance=0.1,
            ),
            confirmatory=False,
        ),
        _claim(
            "tv-falls-as-the-bound",
            "At large noise total variation falls as the printed bound does, as 1/sigma (slope at "
            "noise 10, to 5 %).",
            f"{SOURCE}, theorem 4.2 read as a rate",
            Agreement(where={"law": "noise_slope", "sigma": 10.0}, tolerance=0.05),
        ),
        _claim(
            "tv-falls-by-the-first-moment",
            "Corrected: it falls as sigma to minus the order of the first moment in which the laws "
            "differ.",
            "derived here",
            Agreement(
                metric_formula="first_moment",
                where={"law": "noise_slope", "sigma": 10.0},
                tolerance=0.05,
            ),
        ),
    ),
)
