"""The laws behind Slight Corruption: the optimum, entropy, transport cost, flips, embeddings."""

import math
from itertools import product
from typing import Any

from harness.cell import Cell
from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.claims.shape import Signed
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

SOURCE = "Slight Corruption (Chen et al. 2024)"

FITS = {
    "line": ((1.0,), (0.5,)),
    "wide line": ((-2.0,), (1.3,)),
    "plane": ((1.0, 0.5), ((1.0, 0.3), (0.3, 0.6))),
    "space": ((0.9, -0.6, 0.1), (0.4, 0.9, 1.3)),
    "isotropic, 8 dimensions": ((1.0, *(0.0,) * 7), (1.0,) * 8),
}
GAMMAS = (0.1, 0.5, 1.0, 3.0)
TIMES = (0.1, 0.5, 2.0)
HORIZONS = (0.5, 2.0, 10.0)

ENTROPY_DIMENSIONS = (1, 8, 64, 512)
ENTROPY_GAMMAS = (0.03, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0)
ORDER_GAMMAS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
SMALL = 0.1
FITTED_DIMENSIONS = (1, 4, 16, 64, 256)

LINE_COUNTS = (10, 50, 200, 1000)
LINE_SCALES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 3.0, 4.0)  # gamma sqrt(n)
CLASSES = ((2, 50, 1.0), (8, 50, 1.0), (16, 100, 1.0), (64, 200, 1.0), (16, 100, 4.0))
SCALES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 14.0)
INSIDE, BEYOND = "γ ≤ 1/√n", "γ > 1/√n"

SLOPE_DIMENSIONS = (1, 2, 4, 8, 16, 64, 256)
SLOPE_COUNTS = (10, 20, 50, 100, 200, 400, 1000, 4000)

FLIPPED = ((2, 2, 1.0, 10), (16, 10, 1.0, 20), (16, 10, 1.0, 50), (16, 10, 0.5, 20))
ETAS = (0.025, 0.05, 0.075, 0.2)

POINTS = (
    (0.1, 1.2), (0.7, -0.3), (-0.4, 0.5), (0.3, 0.9), (2.1, 0.3), (1.6, -0.8),
    (2.9, 0.2), (2.4, -0.1), (-1.1, 2.8), (-0.2, 3.3), (0.4, 2.6), (-0.7, 3.1),
)  # fmt: skip
LABELS = (0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2)
RELABELLED = {
    "one in twelve": (0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2),
    "a third": (0, 1, 0, 0, 1, 2, 1, 0, 2, 2, 0, 2),
    "at random": (2, 0, 1, 0, 2, 1, 0, 1, 1, 2, 0, 2),
}

EMBEDDINGS = (512, 768, 1152)
STRENGTHS = (0.1, 0.5, 1.0, 5.0, 10.0)


def _law(name: str, shown: dict[str, Any] | None = None, **params: Any) -> Cell:
    """A point, labelled by what is shown and by its parameters that are one number or word."""
    kept = {key: at for key, at in params.items() if isinstance(at, str | int | float)}
    kept.pop("draws", None)
    return law_cell(f"slight_corruption.{name}", params, **{**kept, **(shown or {})})


def _optimum() -> list[Cell]:
    found = []
    for name, (mu, cov) in FITS.items():
        labels = {"dimension": "d = 1" if len(mu) == 1 else "d > 1", "fit": name}
        for gamma in GAMMAS:
            point = {"gamma": gamma, "mu": mu, "cov": cov}
            found += [_law("linear_network", labels, **point, t=t) for t in TIMES]
            found += [_law("sampler_output", labels, **point, horizon=T) for T in HORIZONS]
    return found


def _entropy() -> list[Cell]:
    found = [
        _law("entropy_gain", {"d": d}, gamma=gamma, mu=(1.0, *(0.0,) * (d - 1)), cov=(1.0,) * d)
        for d in ENTROPY_DIMENSIONS
        for gamma in ENTROPY_GAMMAS
    ]
    for gamma in ORDER_GAMMAS:
        labels = {"strength": "small" if gamma <= SMALL else "large"}
        for along, dimensions in (("gamma", (64,)), ("dimension", ENTROPY_DIMENSIONS)):
            found += [
                _law("entropy_order", labels, along=along, gamma=gamma, d=d, norm=1.0)
                for d in dimensions
            ]
    return found + [
        _law("expected_entropy_gain", gamma=gamma, d=d, n=1000, norm=1.0)
        for d in FITTED_DIMENSIONS
        for gamma in (0.1, 1.0)
    ]


def _transport(sizes: Sizes) -> list[Cell]:
    found, draws = [], sizes.law_draws // 4  # each of a whole fit
    for d, n, norm in (*((1, n, 1.0) for n in LINE_COUNTS), *CLASSES):
        for scale in LINE_SCALES if d == 1 else SCALES:
            window = INSIDE if scale <= 1 else BEYOND
            labels = {"d": d, "gamma_root_n": scale, "window": window}
            point = {"gamma": scale / math.sqrt(n), "n": n, "norm": norm}
            line = _law("w2_gain_line", labels, **point)
            found.append(line if d == 1 else _law("w2_gain", labels, **point, d=d, draws=draws))
    found += [
        _law("w2_slope", d=d, n=n, norm=norm)
        for d in SLOPE_DIMENSIONS
        for n in SLOPE_COUNTS
        if n > d + 1
        for norm in (1.0, 4.0)
    ]
    found += [
        _law("gamma_window_line", {"d": 1}, n=n, norm=norm)
        for n in LINE_COUNTS
        for norm in (0.5, 1.0, 2.0)
    ]
    found += [_law("gamma_window", d=d, n=n, norm=norm, draws=draws) for d, n, norm in CLASSES]
    return found


def _interventions(sizes: Sizes) -> list[Cell]:
    draws = max(2, sizes.law_draws // 10)  # data sets, each of n samples
    found = [
        _law("label_flips", eta=eta, classes=k, separation=a, d=d, n=n, draws=draws)
        for d, k, a, n in FLIPPED
        for eta in ETAS
    ]
    found += [
        _law("marginal_moments", {"moved": name}, x=POINTS, labels=LABELS, relabelled=new)
        for name, new in RELABELLED.items()
    ]
    grid = product(("uniform", "gaussian"), STRENGTHS, EMBEDDINGS)
    return found + [_law("cep_noise", kind=kind, gamma=gamma, d=d) for kind, gamma, d in grid]


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid."""
    return [*_optimum(), *_entropy(), *_transport(sizes), *_interventions(sizes)]


def _agree(law: str, tolerance: float = 1e-9, **where: str) -> Agreement:
    return Agreement("exact", "printed", where={"law": law, **where}, tolerance=tolerance)


RULES = (
    (
        "corrupted-optimum-line",
        "Lemma 2 gives the least loss of the linear network under corrupted conditions, for d = 1.",
        "lemma 2",
        _agree("linear_network", dimension="d = 1"),
    ),
    (
        "corrupted-optimum",
        "Lemma 2 gives the least loss of the linear network under corrupted conditions, for d > 1.",
        "lemma 2",
        _agree("linear_network", dimension="d > 1"),
    ),
    (
        "corrupted-output-line",
        "Lemma 4 gives the law of what the sampler generates (its total variance), for d = 1.",
        "lemma 4",
        _agree("sampler_output", dimension="d = 1"),
    ),
    (
        "corrupted-output",
        "Lemma 4 gives the law of what the sampler generates (its total variance), for d > 1.",
        "lemma 4",
        _agree("sampler_output", dimension="d > 1"),
    ),
    (
        "corruption-raises-entropy",
        "Corrupted conditions raise the entropy of what is generated for a class.",
        "theorem 1",
        Signed("exact", 1, {"law": "entropy_gain"}),
    ),
    (
        "entropy-gain-order-dimension",
        "The entropy gain is Theta(gamma^2 d) for a mean of constant length: its exponent in d is "
        "1, within 10 %.",
        "theorem 1",
        _agree("entropy_order", 0.1, along="dimension"),
    ),
    (
        "entropy-gain-order-small-gamma",
        "Restricted here to gamma <= 0.1: the exponent of the gain in gamma is 2, within 10 %.",
        "theorem 1, restricted",
        _agree("entropy_order", 0.1, along="gamma", strength="small"),
    ),
    (
        "corruption-lowers-w2-line",
        "Corrupted conditions lower W2 to the class for gamma = O(1/sqrt n); here for gamma <= "
        "1/sqrt n, d = 1.",
        "theorem 2",
        Signed("exact", 1, {"law": "w2_gain_line", "window": INSIDE}),
    ),
    (
        "corruption-lowers-w2",
        "Corrupted conditions lower W2 to the class for gamma = O(1/sqrt n); here for gamma <= "
        "1/sqrt n, d > 1.",
        "theorem 2",
        Signed("exact", 1, {"law": "w2_gain", "window": INSIDE}),
    ),
    (
        "w2-slope-bound",
        "The printed lower bound 2 d/n + (sqrt(n/(n-1)) - 1)(d^2/n + d |mu|^2) of the gain over "
        "gamma^2 holds at the true optimum, for gamma -> 0.",
        "theorem 2 with the constants of its proof",
        BoundHolds("printed", "exact", where={"law": "w2_slope"}),
    ),
    (
        "w2-slope-bound-of-lemma",
        "The same lower bound holds for the gain that the printed lemma 4 would give.",
        "theorem 2 with the constants of its proof",
        BoundHolds("printed", "printed_lemma", where={"law": "w2_slope"}),
    ),
    (
        "w2-slope-order",
        "Corrected here: at the true optimum the gain is at least 2 d gamma^2/n for gamma -> 0.",
        "theorem 2, corrected",
        BoundHolds("mean_term", "exact", where={"law": "w2_slope"}),
    ),
    (
        "flips-lower-w2",
        "Slight corruption of the labels, up to 7.5 % of them flipped, lowers W2 class by class.",
        "theorem 2, read for flipped labels",
        Signed("exact", 1, {"law": "label_flips"}, "void"),
    ),
    (
        "flips-raise-entropy",
        "Flipped labels raise the entropy of what is generated for a class.",
        "theorem 1, read for flipped labels",
        Signed("entropy_gain", 1, {"law": "label_flips"}),
    ),
)
EXPLORED = (
    (
        "entropy-gain-order-gamma",
        "The entropy gain is Theta(gamma^2 d): its exponent in gamma is 2, within 10 %, always.",
        "theorem 1",
        _agree("entropy_order", 0.1, along="gamma"),
    ),
    (
        "relabelling-changes-marginals",
        "Flipped labels change the marginal mean or covariance of what the linear model "
        "generates, without which its FID cannot change.",
        "section 3, in the model of section 4",
        Signed("exact", 1, {"law": "marginal_moments"}),
    ),
    (
        "cep-gaussian-notation",
        "CEP-G perturbs with N(0, gamma/sqrt d I), the second argument a covariance as elsewhere.",
        "the definition of CEP",
        _agree("cep_noise", kind="gaussian"),
    ),
    (
        "strong-corruption-lowers-w2",
        "Not claimed by the paper: corrupted conditions lower W2 beyond gamma = 1/sqrt n too.",
        "theorem 2 without its condition",
        Signed("exact", 1, {"law": "w2_gain", "window": BEYOND}),
    ),
    (
        "w2-window-constant",
        "Read here with the constant of gamma = O(1/sqrt n) as one, on the line: gamma = 1/sqrt n "
        "lowers W2 whatever the length of the mean.",
        "the condition of theorem 2",
        BoundHolds("printed", "exact", where={"law": "gamma_window_line"}),
    ),
    (
        "cep-uniform-notation",
        "CEP-U as printed has the standard deviation gamma/sqrt(3 d) in each coordinate.",
        "the definition of CEP",
        _agree("cep_noise", kind="uniform"),
    ),
)

STUDY = Study(
    name="slight_corruption_laws",
    title="The laws behind Slight Corruption",
    question="Do corrupted conditions raise the entropy and lower W2 of a class, and do flips?",
    cells=cells,
    cells_per_job=1000,
    core_minutes=(("cpu", 0.2),),
    claims=tuple(
        Claim(
            id=name,
            statement=statement,
            source=f"{SOURCE}, {where}",
            study="slight_corruption_laws",
            rule=rule,
            regime="paper",
            confirmatory=confirmatory,
        )
        for confirmatory, rules in ((True, RULES), (False, EXPLORED))
        for name, statement, where, rule in rules
    ),
)
