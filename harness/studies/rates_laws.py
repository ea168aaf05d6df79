"""The laws of statistical rates and of Girsanov: what is tight, what is loose, what is void."""

from typing import Any

from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone
from harness.studies.rates_cells import cells
from harness.studies.study import Study

STUDY_NAME = "rates_laws"
CHEN = "Sampling is as easy as learning the score (S. Chen et al. 2023, arXiv 2209.11215)"
BENTON = "Nearly d-linear convergence bounds (Benton et al. 2024, arXiv 2308.03686)"
ZHANG = "Minimax optimality of score-based diffusion models (Zhang et al. 2024, arXiv 2402.15602)"
SUBSPACE = "Score approximation on low-dimensional data (M. Chen et al. 2023, arXiv 2302.07194)"
OVERVIEW = "An Overview of Diffusion Models (M. Chen et al. 2024, arXiv 2404.07771)"


def _bound(law: str, bound: str = "printed", **where: str | float) -> BoundHolds:
    void = "void" if bound == "printed" else ""
    return BoundHolds("exact", bound, void, {"law": law, **where})


def _claim(id: str, statement: str, source: str, rule: Any, confirmatory: bool = True) -> Claim:
    return Claim(
        id=f"rates-{id}",
        statement=statement,
        source=source,
        study=STUDY_NAME,
        rule=rule,
        regime="paper",
        confirmatory=confirmatory,
    )


def _slope(along: str, space: str) -> Agreement:
    where = {"law": "kernel_score_slope", "along": along, "space": space}
    return Agreement(where=where, tolerance=0.1)


def _latent(off: float) -> Agreement:
    return Agreement("by_latent", "latent_only", where={"law": "latent_dimension", "off": off})


STUDY = Study(
    name=STUDY_NAME,
    title="The laws of statistical rates and of Girsanov",
    question="What do errors of the score, the start and the step cost, and do bounds say so?",
    cells=cells,
    cells_per_job=2000,
    core_minutes=(("cpu", 0.4),),
    claims=(
        _claim(
            "girsanov-equality",
            "For a consistent score, that of some forward process, Girsanov's bound is an "
            "equality: the accumulated error of the score and the entropy at T are KL(p_0||q_0).",
            f"{CHEN}, section 5; the equality derived here",
            Agreement(where={"law": "path_identity"}),
        ),
        _claim(
            "girsanov-bound",
            "A constant, inconsistent error epsilon of the score costs the SDE at most epsilon^2 "
            "T nats.",
            f"{CHEN}, section 5, Girsanov's theorem",
            _bound("constant_error", sampler="sde"),
        ),
        _claim(
            "girsanov-constant-equality",
            "For a constant, inconsistent error, too, Girsanov's bound is the error of the "
            "samples (rates-girsanov-equality, beyond consistent scores).",
            f"{CHEN}, section 5, read as an estimate and not as a bound",
            Agreement(where={"law": "constant_error", "sampler": "sde"}),
            confirmatory=False,
        ),
        _claim(
            "girsanov-loosens",
            "From T = 5 on the bound for a constant error loosens with T without end, as the SDE "
            "forgets early errors.",
            "derived here",
            Monotone(
                "printed/exact",
                "horizon",
                "rising",
                {"law": "constant_error", "sampler": "sde", "late": "yes"},
            ),
            confirmatory=False,
        ),
        _claim(
            "girsanov-ode",
            "The bound epsilon^2 T holds for the ODE sampler as well.",
            "not claimed by the theorem, which speaks of the SDE; asked here",
            _bound("constant_error", "girsanov", sampler="ode"),
            confirmatory=False,
        ),
        _claim(
            "pinsker",
            "The total variation is at most the root of half the relative entropy.",
            f"{CHEN}, section 5, Pinsker's inequality",
            _bound("pinsker"),
        ),
        _claim(
            "start",
            "A start from N(0, I) at T costs at most e^{-2T} KL(p_0||N(0, I)) nats.",
            f"{CHEN}, Theorem 2, its first term before Pinsker's inequality",
            _bound("initialisation_kl"),
        ),
        _claim(
            "sde-forgets",
            "The SDE's output is nearer the data than the ODE's, in W2, after the same wrong "
            "start.",
            "derived here, for normal data",
            BoundHolds("sde", "ode", where={"law": "initialisation_w2"}),
        ),
        _claim(
            "start-leading",
            "From T = 4 on the W2 error of the start is its leading term, e^{-2T} for the ODE and "
            "e^{-4T} for the SDE on centred data, to 1 %.",
            "derived here, for normal data",
            Agreement(where={"law": "initialisation_w2", "late": "yes"}, tolerance=0.01),
            confirmatory=False,
        ),
        _claim(
            "chen",
            "The convergence theorem in total variation, constants one, holds for isotropic "
            "normal data.",
            f"{CHEN}, Theorem 2",
            _bound("chen_bound"),
        ),
        _claim(
            "chen-loosens",
            "Its bound loosens with the number of steps: its order in the step, 1/2, is below "
            "the sampler's.",
            "derived here, for isotropic normal data",
            Monotone("printed/exact", "steps", "rising", {"law": "chen_bound"}),
            confirmatory=False,
        ),
        _claim(
            "benton",
            "The convergence theorem in relative entropy, constants one, holds for normal data "
            "with unit covariance.",
            f"{BENTON}, Theorem 1",
            _bound("benton_bound"),
        ),
        _claim(
            "benton-spectrum",
            "Its terms bound the error of normal data with a spectrum of mean variance 1 as well "
            "(outside its assumption).",
            f"{BENTON}, Theorem 1, without Cov = I",
            _bound("benton_bound", "terms", data="spectrum"),
            confirmatory=False,
        ),
        _claim(
            "parametric",
            "The total variation of a normal with a fitted mean is at most sqrt(d / (4n)).",
            f"{OVERVIEW}: Girsanov, then Pinsker",
            _bound("parametric_tv"),
        ),
        _claim(
            "parametric-slope",
            "Its slope in the number of samples is -1/2, to 1 %, at every n.",
            f"{OVERVIEW}: the parametric rate",
            Agreement(where={"law": "parametric_slope"}, tolerance=0.01),
        ),
        _claim(
            "parametric-slope-many",
            "The same for at least 16 samples a dimension (a restricted form of "
            "rates-parametric-slope).",
            f"{OVERVIEW}: the parametric rate",
            Agreement(where={"law": "parametric_slope", "many": "yes"}, tolerance=0.01),
            confirmatory=False,
        ),
        _claim(
            "kernel-n",
            "From 50 to 800 samples on the line the squared error of the kernel score shows its "
            "rate 1/n: the slope is -1 to 10 %, the room left for the logarithms of the theorem.",
            f"{ZHANG}, main theorem",
            _slope("n", "line"),
            confirmatory=False,
        ),
        _claim(
            "kernel-n-space",
            "The same in two and three dimensions.",
            f"{ZHANG}, main theorem",
            _slope("n", "space"),
            confirmatory=False,
        ),
        _claim(
            "kernel-t",
            "From t = 0.05 to 0.8 on the line it shows its rate t^{-3/2}, to 10 %.",
            f"{ZHANG}, main theorem",
            _slope("t", "line"),
            confirmatory=False,
        ),
        _claim(
            "kernel-t-space",
            "The same of t^{-(d+2)/2} in two and three dimensions.",
            f"{ZHANG}, main theorem",
            _slope("t", "space"),
            confirmatory=False,
        ),
        _claim(
            "kernel-tv",
            "The total variation of the law that is generated from it is at most n^{-1/2} "
            "t^{-1/4} on the line, constants and logarithms one.",
            f"{ZHANG}, corollary on the generated law",
            _bound("kernel_tv"),
        ),
        _claim(
            "latent",
            "For data in a subspace the error of the score depends on the latent dimension alone: "
            "it is that of the latent problem, whatever the ambient dimension.",
            f"{SUBSPACE}, for a fitted covariance",
            _latent(0.0),
        ),
        _claim(
            "latent-noise",
            "The same with noise of deviation 0.3 off the subspace (beyond the theorem).",
            "asked here",
            _latent(0.3),
            confirmatory=False,
        ),
        _claim(
            "latent-bound",
            "The error of the score is within the printed rate, constants and logarithms one.",
            f"{SUBSPACE}, Theorem 2",
            _bound("latent_dimension"),
        ),
    ),
)
