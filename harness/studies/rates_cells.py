"""The points at which the study ``rates_laws`` evaluates the laws of rates and of Girsanov."""

from typing import Any

from harness.cell import Cell
from harness.scale import Sizes
from harness.theorem import law_cell

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
