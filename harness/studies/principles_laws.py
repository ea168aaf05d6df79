"""The laws behind The Principles of Diffusion Models: one field in five parameterisations."""

import math

from harness.cell import Cell
from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.scale import Sizes
from harness.studies.study import Study
from harness.theorem import law_cell

SOURCE = "The Principles of Diffusion Models (Lai et al. 2025)"

PATHS = ("vp", "ou", "ve", "linear")
KINDS = ("data", "noise", "score", "v", "velocity")
NAMES = {"data": "x0", "noise": "eps", "score": "score", "v": "v", "velocity": "velocity"}
MIXTURE = {
    "weights": [0.3, 0.5, 0.2],
    "means": [[-1.0, 0.5], [1.0, 0.0], [0.5, -2.0]],
    "variances": [0.04, 0.25, 0.1],
    "at": [0.4, -0.3],
}
PAIR = "0.3*normal(-1,0.3)+0.7*normal(1,0.3)"
LEARNT = "0.35*normal(-1,0.3)+0.65*normal(1,0.35)"
TIMES = {"vp": (0.05, 0.5, 1.0), "linear": (0.05, 0.5, 1.0), "ou": (0.05, 3.0), "ve": (0.05, 20.0)}
RATIOS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)  # noise to signal, sigma / alpha
ERRORS = (
    ("noise", "data"),
    ("v", "data"),
    ("velocity", "data"),
    ("data", "noise"),
    ("v", "noise"),
    ("velocity", "noise"),
    ("noise", "score"),
    ("data", "score"),
)
STEPS = (0.02, 0.05, 0.1, 0.2, 0.4)


def time(path: str, ratio: float) -> float:
    """When sigma / alpha is ``ratio``, to nine digits, so that it reads the same everywhere."""
    exact = {
        "vp": 2 / math.pi * math.atan(ratio),
        "ou": 0.5 * math.log1p(ratio**2),
        "ve": ratio,
        "linear": ratio / (1 + ratio),
    }
    return float(f"{exact[path]:.9g}")


def cells(sizes: Sizes) -> list[Cell]:
    """Every law at every point of its grid."""
    grid = [
        law_cell(
            "principles.conversion",
            {**MIXTURE, "path": path, "time": at, "source": source, "target": target},
            path=path,
            time=at,
            source=NAMES[source],
            target=NAMES[target],
        )
        for path in PATHS
        for at in TIMES[path]
        for source in KINDS
        for target in KINDS
        if source != target
    ]
    grid += [
        law_cell(
            "principles.probability_flow",
            {**MIXTURE, "path": path, "time": at},
            path=path,
            time=at,
        )
        for path in PATHS
        for at in (
            *(time(path, ratio) for ratio in RATIOS),
            *((1.0,) if path in ("vp", "linear") else ()),  # no signal is left
        )
    ]
    pair = {"p": PAIR, "q": LEARNT}
    grid += [
        law_cell(
            "principles.amplification",
            {**pair, "path": path, "time": time(path, ratio), "source": source, "target": target},
            path=path,
            ratio=ratio,
            source=NAMES[source],
            target=NAMES[target],
        )
        for path in ("vp", "ve", "linear")
        for source, target in ERRORS
        for ratio in RATIOS
    ]
    grid += [
        law_cell(
            "principles.precision",
            {
                "p": PAIR,
                "path": "vp",
                "time": time("vp", ratio),
                "source": source,
                "target": target,
                "precision": precision,
                "draws": sizes.law_draws,
            },
            path="vp",
            ratio=ratio,
            source=NAMES[source],
            target=NAMES[target],
            precision=precision,
        )
        for precision in ("float32", "float16")
        for source, target in (("noise", "data"), ("data", "noise"), ("v", "data"), ("v", "noise"))
        for ratio in RATIOS
    ]
    grid += [
        law_cell(
            "principles.loss_weight",
            {**pair, "path": path, "time": time(path, ratio), "kind": kind},
            path=path,
            ratio=ratio,
            kind=NAMES[kind],
        )
        for path in ("vp", "linear")
        for kind in KINDS
        for ratio in RATIOS
    ]
    grid += [
        law_cell(
            "principles.views",
            {**pair, "path": path, "start": time(path, 0.2), "end": time(path, 3.0), "kind": kind},
            path=path,
            kind=NAMES[kind],
        )
        for path in PATHS
        for kind in KINDS
    ]
    grid += [
        law_cell(
            "principles.euler_step",
            {"p": PAIR, "path": path, "start": 0.8, "end": round(0.8 - step, 6), "at": 0.4},
            path=path,
            step=step,
        )
        for path in PATHS
        for step in STEPS
    ]
    return grid


def _step(path: str, paper: bool) -> Claim:
    """That an Euler step is a DDIM step on one path."""
    return Claim(
        id=f"principles-euler-is-ddim-{path}",
        statement=f"An Euler step of the velocity is a DDIM step of the noise on the path {path}.",
        source=f"{SOURCE}, one velocity field; the discrete statement derived here",
        study="principles_laws",
        rule=Agreement("exact", "printed", "", {"law": "euler_step", "path": path}),
        regime="paper",
        confirmatory=paper,
    )


STUDY = Study(
    name="principles_laws",
    title="The laws behind The Principles of Diffusion Models",
    question="Are noise, data, score, v and velocity one parameterisation, and where does their "
    "equivalence end in practice?",
    cells=cells,
    cells_per_job=1000,
    core_minutes=(("cpu", 0.3),),
    claims=(
        Claim(
            id="principles-parameterisations-agree",
            statement="Data, noise, score, v and velocity predictions of a mixture give each other "
            "exactly, on every path.",
            source=f"{SOURCE}, equivalence of the parameterisations",
            study="principles_laws",
            rule=Agreement("exact", "printed", "void", {"law": "conversion"}),
            regime="paper",
        ),
        Claim(
            id="principles-one-flow",
            statement="The marginal velocity of conditional flow matching is the velocity of the "
            "probability flow.",
            source=f"{SOURCE}; Song et al. 2021, equation 13; Lipman et al. 2023, theorem 1",
            study="principles_laws",
            rule=Agreement("exact", "printed", "void", {"law": "probability_flow"}),
            regime="paper",
        ),
        Claim(
            id="principles-one-divergence",
            statement="The variational, the score and the flow loss, each with its weight, "
            "integrate to one difference of relative entropies, on every path.",
            source=f"{SOURCE}; Song et al. 2021 (maximum likelihood), theorem 2",
            study="principles_laws",
            rule=Agreement("exact", "printed", "", {"law": "views"}),
            regime="paper",
        ),
        Claim(
            id="principles-loss-weights",
            statement="The plain loss in a prediction is the variational bound with the weight "
            "D_k^2 sigma / (alpha D_u).",
            source="Kingma and Gao 2023; in determinants derived here",
            study="principles_laws",
            rule=Agreement("exact", "printed", "", {"law": "loss_weight"}),
            regime="paper",
        ),
        Claim(
            id="principles-errors-scale",
            statement="An error in one prediction is an error |D_j / D_k| times as large in "
            "another that is converted from it.",
            source="derived here",
            study="principles_laws",
            rule=Agreement("exact", "printed", "void", {"law": "amplification"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="principles-noise-is-enough",
            statement="A reading of the equivalence, which the source does not claim: a data "
            "prediction converted from noise errs no more than the noise prediction.",
            source="derived here",
            study="principles_laws",
            rule=BoundHolds(
                "exact",
                "source_error",
                "",
                {"law": "amplification", "source": "eps", "target": "x0"},
            ),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="principles-v-is-stable",
            statement="A data prediction converted from v errs no more than v, at any noise level "
            "of a variance-preserving path.",
            source="Salimans and Ho 2022, section 4; derived here",
            study="principles_laws",
            rule=BoundHolds(
                "exact",
                "source_error",
                "",
                {"law": "amplification", "source": "v", "target": "x0", "path": "vp"},
            ),
            regime="paper",
        ),
        Claim(
            id="principles-velocity-is-stable",
            statement="A data prediction converted from the velocity errs no more than the "
            "velocity, at any noise level of the linear path.",
            source="derived here",
            study="principles_laws",
            rule=BoundHolds(
                "exact",
                "source_error",
                "",
                {"law": "amplification", "source": "velocity", "target": "x0", "path": "linear"},
            ),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="principles-rounding",
            statement="Rounding errors of a conversion in float32 and float16 lie within four "
            "rounding units of the size of its terms.",
            source="derived here, after Higham 2002",
            study="principles_laws",
            rule=BoundHolds("exact", "printed", "void", {"law": "precision"}),
            regime="paper",
            confirmatory=False,
        ),
        *(_step(path, path in ("linear", "vp")) for path in ("linear", "ve", "vp", "ou")),
    ),
)
