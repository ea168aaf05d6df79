"""The laws of statistical rates and of Girsanov: what is tight, what is loose, what is void."""

from typing import Any

from harness.cell import Cell
from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

STUDY_NAME = "rates_laws"
CHEN = "Sampling is as easy as learning the score (S. Chen et al. 2023, arXiv 2209.11215)"
BENTON = "Nearly d-linear convergence bounds (Benton et al. 2024, arXiv 2308.03686)"
ZHANG = "Minimax optimality of score-based diffusion models (Zhang et al. 2024, arXiv 2402.15602)"
SUBSPACE = "Score approximation on low-dimensional data (M. Chen et al. 2023, arXiv 2302.07194)"
OVERVIEW = "An Overview of Diffusion Models (M. Chen et al. 2024, arXiv 2404.07771)"

PAIRS = {
    "normals": ("normal(1,0.7)", "normal(1.3,0.9)"),
    "modes": (
        "0.5*normal(-1.5,0.5) + 0.5*normal(1.5,0.5)",
        "0.4*normal(-1.2,0.55) + 0.6*normal(1.6,0.5)",
    ),
    "narrow in wide": ("normal(0,0.2)", "normal(0.5,1.5)"),
    "one mode of two": ("normal(2,0.3)", "0.5*normal(-2,0.3) + 0.5*normal(2,0.3)"),
}
SHIFTS = (0.1, 0.3, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
DATA: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "narrow": ((0.1,), (0.0,)),
    "wide": ((4.0,), (0.0,)),
    "shifted": ((1.0,), (1.0,)),
    "both": ((4.0, 0.1), (1.0, -0.5)),
}
HORIZONS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0)
LONGER = (0.1, 0.3, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)
STEPS = (100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000)
KAPPAS = (0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002)
COUNTS = (1, 4, 16, 64, 256, 1024, 4096)


def _cell(law: str, given: dict[str, Any], **labels: str | int | float) -> Cell:
    return law_cell(f"rates.{law}", given, **labels)


def _girsanov() -> list[Cell]:
    given: dict[str, Any]
    labels: dict[str, Any]
    grid = [
        _cell("path_identity", {"p": p, "q": q, "horizon": t}, pair=pair, horizon=t)
        for pair, (p, q) in PAIRS.items()
        for t in (0.1, 0.5, 1.0, 3.0)
    ]
    pairs = {**PAIRS, **{f"shift {s:g}": ("normal(0,1)", f"normal({s!r},1)") for s in SHIFTS}}
    for pair, (p, q) in pairs.items():
        shift = float(pair.split()[1]) if pair.startswith("shift") else -1.0
        grid.append(_cell("pinsker", {"p": p, "q": q}, pair=pair, shift=shift))
    for sampler in ("sde", "ode"):
        for variance in (0.1, 1.0, 10.0):
            for horizon in LONGER:
                given = {"epsilon": 0.1, "horizon": horizon, "variance": variance}
                late = "yes" if horizon >= 5 else "no"
                labels = {"sampler": sampler, "variance": variance, "horizon": horizon}
                given["sampler"] = sampler
                grid.append(_cell("constant_error", given, late=late, **labels))
    for law in ("initialisation_kl", "initialisation_w2"):
        for data, (variances, means) in DATA.items():
            for sampler in ("sde", "ode"):
                for horizon in HORIZONS:
                    late = "yes" if horizon >= 4 else "no"
                    given = {
                        "variances": variances,
                        "means": means,
                        "horizon": horizon,
                    }
                    given["sampler"] = sampler
                    labels = {"sampler": sampler, "horizon": horizon, "late": late}
                    grid.append(_cell(law, given, data=data, **labels))
    return grid


def _convergence() -> list[Cell]:
    grid = []
    given: dict[str, Any]
    labels: dict[str, Any]
    for variance in (0.01, 0.1, 1.0, 4.0):
        for dimension in (1, 64):
            for steps in STEPS:
                given = {
                    "variance": variance,
                    "dimension": dimension,
                    "steps": steps,
                }
                grid.append(_cell("chen_bound", {**given, "horizon": 4.0}, **given))
    for dimension in (4, 64):
        spectrum = [float(i) ** -2 for i in range(1, dimension + 1)]
        scaled = tuple(dimension * value / sum(spectrum) for value in spectrum)
        kinds = {
            "N(0, I)": ((1.0,) * dimension, (0.0,) * dimension),
            "N(2, I)": ((1.0,) * dimension, (2.0,) * dimension),
            "spectrum": (scaled, (0.0,) * dimension),
        }
        for data, (variances, means) in kinds.items():
            for kappa in KAPPAS:
                given = {"variances": variances, "means": means, "kappa": kappa}
                given |= {"horizon": 4.0, "stop": 0.01}
                labels = {"data": data, "dimension": dimension, "kappa": kappa}
                grid.append(_cell("benton_bound", given, **labels))
    return grid


def _rates(datasets: int) -> list[Cell]:
    grid = []
    given: dict[str, Any]
    labels: dict[str, Any]
    for dimension in (1, 4, 16, 64, 256):
        for n in COUNTS:
            given = {"dimension": dimension, "n": n}
            grid.append(_cell("parametric_tv", given, **given))
            many = "yes" if n >= 16 * dimension else "no"
            grid.append(_cell("parametric_slope", given, many=many, **given))
    for dimension, floor in ((1, "count"), (2, "kernel"), (3, "kernel")):
        line, n = dimension == 1, 800 if dimension == 1 else 400
        more = (1600,) if line else ()
        points = [(count, 0.25, "n") for count in (50, 100, 200, 400, 800, *more)]
        noises = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8) if line else (0.05, 0.1, 0.2, 0.4, 0.8)
        points += [(n, t, "t") for t in noises]
        for count, t, along in points:
            given = {"n": count, "t": t, "dimension": dimension, "floor": floor}
            labels = {"dimension": dimension, "floor": floor, "n": count, "t": t}
            given |= {"datasets": datasets}
            grid.append(_cell("kernel_score", given, along=along, **labels))
    for dimension in (1, 2, 3):
        space = "line" if dimension == 1 else "space"
        for floor in ("count", "kernel"):
            for along, n, n_end, t, t_end in (
                ("n", 50, 800, 0.25, 0.25),
                ("t", 400, 400, 0.05, 0.8),
            ):
                given = {
                    "n": n,
                    "n_end": n_end,
                    "t": t,
                    "t_end": t_end,
                    "dimension": dimension,
                }
                given |= {"floor": floor, "datasets": datasets}
                labels = {"dimension": dimension, "floor": floor, "along": along, "space": space}
                grid.append(_cell("kernel_score_slope", given, **labels))
    grid += [
        _cell("kernel_tv", {"n": n, "t": t, "datasets": datasets}, n=n, t=t)
        for n in (50, 200, 800)
        for t in (0.001, 0.01, 0.1, 1.0)
    ]
    for latent in (1, 2, 8):
        for ambient in (8, 16, 32, 64):
            for off in (0.0, 0.3):
                if off and ambient == latent:
                    continue
                given = {
                    "latent": latent,
                    "ambient": ambient,
                    "n": 400,
                    "t": 0.2,
                    "off": off,
                }
                labels = {"latent": latent, "ambient": ambient, "off": off}
                grid.append(_cell("latent_dimension", {**given, "datasets": datasets}, **labels))
    return grid


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid."""
    return _girsanov() + _convergence() + _rates(sizes.law_datasets)


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
