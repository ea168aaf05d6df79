"""The points at which the laws of self-consuming loops are evaluated."""

from typing import Any

from harness.cell import Cell
from harness.scale import Sizes
from harness.theorem import law_cell

LAMBDAS = (
    0.05,
    0.1,
    0.25,
    0.4,
    0.45,
    0.49,
    0.5,
    0.55,
    0.6,
    0.65,
    0.75,
    0.8,
    1.0,
    1.5,
    2.0,
    4.0,
    8.0,
)
GAMMAS = (0.0, 0.1, 0.3, 1.0, 5.0)
FULL = "full"
SPREADS = (0.5, 1.0, 1.7, 3.0, 5.0)  # of Gaussian data under a logistic model of spread 1.8
COORDINATES = ("precision", "log_variance", "deviation", "variance")
STARTS = {"near": (0.01, 1.01), "far": (2.0, 4.0)}  # mean and variance; the data have 0 and 1
PATHS = ((0.1, 0.0), (0.1, 1.0), (0.25, 0.0), (0.25, 1.0), (0.4, 0.0), (0.4, 5.0), (4.0, 1.0))
GENERATIONS = (1, 2, 3, 5, 10, 20)

REAL = 50
RATIOS = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
STRENGTHS = (0.0, 0.1, 0.3, 1.0, 5.0, FULL)
BIASES = (0.1, 0.3, 1.0)
LONG = (1, 3, 10, 30, 100, 300)

COLLAPSING = (5, 10, 50, 100, 1000)
COLLAPSE_GENERATIONS = (1, 2, 5, 10, 20, 35, 50, 70, 100, 150, 200, 300, 500)
SAMPLED = (1.0, 0.9, 0.5)  # variance of samples by that of the model
FRESH = (0, 10, 50, 90)  # of 100 samples in a generation
BESIDE = (0, 25, 100, 300, 900, 9900)  # synthetic samples beside 100 fresh ones

TOY_GAMMAS = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 5.0)
TOY_GENERATIONS = (5, 20, 100, 500)


def _law(name: str, shown: dict[str, Any] | None = None, /, **params: Any) -> Cell:
    """A point, labelled by its parameters and by what is shown; None hides a parameter."""
    labels = {key: at for key, at in params.items() if key != "chains"} | (shown or {})
    labels = {key: at for key, at in labels.items() if at is not None}
    return law_cell(f"loops.{name}", params, **labels)


def _contractions() -> list[Cell]:
    found = [
        _law(
            "contraction",
            {"regime": "within" if lam < (1 + gamma) / (2 + gamma) else "beyond"},
            **{"lambda": lam, "gamma": gamma},
        )
        for gamma in GAMMAS
        for lam in LAMBDAS
    ]
    found += [
        _law("misspecified", **{"lambda": lam, "gamma": gamma, "spread": spread})
        for spread in SPREADS
        for gamma in (0.0, 1.0)
        for lam in (0.1, 0.25, 0.4, 1.0, 2.0, 4.0)
    ]
    found += [
        _law(
            "parameterisation",
            {"epsilon": None},
            **{"lambda": lam, "gamma": gamma, "coordinate": how, "radius": radius, "epsilon": 0.1},
        )
        for how in COORDINATES
        for radius in (0.0, 3.0)
        for gamma in (0.0, 1.0)
        for lam in (0.1, 0.2, 0.4)
    ]
    return found + [
        _law(
            "gaussian_iteration",
            {
                "start": start,
                "mean": None,
                "variance": None,
                "coordinates": None,
                "coordinate": how,
            },
            **{"lambda": lam, "gamma": gamma, "mean": mean, "variance": variance},
            generations=generations,
            coordinates=how,
        )
        for how in ("moments", "natural")
        for start, (mean, variance) in STARTS.items()
        for lam, gamma in PATHS
        for generations in GENERATIONS
    ]


def _errors(sizes: Sizes) -> list[Cell]:
    draws, loops = sizes.law_draws, max(100, sizes.law_draws // 10)
    found = [
        _law(
            "stationary_error",
            {"corrected": "no" if gamma == 0 else "yes"},
            **{"lambda": lam, "gamma": gamma, "n": n, "chains": draws},
        )
        for n, ratios in ((REAL, RATIOS), (500, (0.1, 1.0, 8.0)))
        for gamma in STRENGTHS
        for lam in ratios
    ]
    found += [
        _law(
            "biased_corrector",
            **{"lambda": lam, "gamma": gamma, "bias": bias, "spread": spread},
            n=REAL,
            chains=draws,
        )
        for lam in (0.2, 1.0, 4.0)
        for bias, spread in (*((bias, 1.0) for bias in BIASES), (0.3, 0.5))
        for gamma in STRENGTHS[1:]
    ]
    return found + [
        _law("synthetic_only", n=REAL, gamma=gamma, generations=t, regime=regime, chains=loops)
        for regime in ("replace", "accumulate")
        for gamma in (0.0, 0.1, 1.0, FULL)
        for t in LONG
    ]


def _spreads(sizes: Sizes) -> list[Cell]:
    loops = max(100, sizes.law_draws // 10)
    found = [
        _law("collapse", n=n, generations=t, estimator=estimator, chains=loops)
        for estimator, counts in (("unbiased", COLLAPSING), ("maximum_likelihood", (10, 50)))
        for n in counts
        for t in COLLAPSE_GENERATIONS
    ]
    found += [
        _law(
            "sampling_bias",
            {"synthetic": None, "sampling": "fair" if bias == 1 else "biased"},
            fresh=fresh,
            synthetic=100 - fresh,
            sampling_bias=bias,
            generations=t,
            chains=loops,
        )
        for fresh in FRESH
        for bias in SAMPLED
        for t in (1, 5, 10, 20)
    ]
    return found + [
        _law("fresh_data", fresh=100, synthetic=synthetic, chains=sizes.law_draws)
        for synthetic in BESIDE
    ]


def _toy(sizes: Sizes) -> list[Cell]:
    chains = max(10, sizes.law_datasets // 10)
    return [
        _law("toy", gamma=gamma, generations=t, corrector=corrector, chains=chains)
        for corrector, gammas in (("released", TOY_GAMMAS), ("ideal", (0.0,)))
        for gamma in gammas
        for t in TOY_GENERATIONS
    ]


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid."""
    return _contractions() + _errors(sizes) + _spreads(sizes) + _toy(sizes)
