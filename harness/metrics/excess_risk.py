"""The stage ``excess``: what denoisers lose to the best one, by parts, where laws are known.

The clean law and the imperfect one are mixtures on the line (``gaussian_mixture``); what is
measured, and how it is split, stands in ``harness.metrics.mixture_risk``. ``of`` says whose risk:

    network      trained by this stage, ``copies`` of it on each data set
    optimum      the posterior mean of the same samples, those admitted at that noise
    population   that of the law of the admitted samples: exact, no data set

The stage trains its networks itself, since the split needs all data sets and copies of an arm at
once; it neither samples nor keeps a checkpoint beyond its own folder. Data sets are drawn without
replacement from the pool of the dataset, so that they are all but independent where that is large:
variances are low by the share of the pool that a data set takes. Network and optimum of one arm see
the same data sets, and so do arms, as far as their pools allow.

Rows, a replicate being the mean over ``datasets`` data sets of its own:

    excess/<sigma>                     the excess risk, in squared units of the images
    bias/, variance/<sigma>            its split
    trainings/<sigma>                  the third part, of networks with two copies or more
    departure/<sigma>                  mean squared distance of a network from the optimum of its
                                       data; where it sees all of the pool, from the population's
    excess, bias, ...                  the integral of each over sigma^2, d ln sigma, in nats
    relative/below, relative/above     the excess risk at ``level`` / 2 and at 2 ``level``, in units
                                       of v / n1, which n1 clean samples have at large noise

The integral is a trapezoid over every second level of the denoising loss. The optimum's own split
tells what a network that reached its training's minimum would have: with E the excess of the
optimum, that of a network is ``E + departure + 2 E(K - D_p)(D - K)``, and falls below E where the
last term, the mean agreement of the network's departure with the optimum's error, is negative
enough: where to depart from the optimum is to undo its error.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.cell import Part, Upstream
from harness.data.gaussian_mixture import law
from harness.data.load import load
from harness.problem import Problem
from harness.theorem import row
from harness.train.training import Training

if TYPE_CHECKING:
    from harness.metrics.mixture_risk import Array, Place
    from harness.nets.preconditioning import Denoiser
    from harness.train.material import Material
    from theory.mixture import Mixture

SIGMAS = tuple(np.geomspace(0.02, 20.0, 13).tolist())
NAMES = tuple(f"{sigma:.4g}" for sigma in SIGMAS)
FACTOR = 2.0  # by which the places below and above lie off the level
KINDS = ("network", "optimum", "population")
PARTS = ("excess", "bias", "variance", "trainings", "departure")
SCORES = (
    *PARTS,
    *(f"{part}/{name}" for part in PARTS for name in NAMES),
    "relative/below",
    "relative/above",
)


@dataclass(frozen=True)
class Excess:
    """Parameters of the stage ``excess``; level: a noise level that a law gives, None for none."""

    training: Training
    of: str = "network"
    datasets: int = 1
    copies: int = 2
    level: float | None = None

    def __post_init__(self) -> None:
        if self.of not in KINDS:
            fix = f"choose from {', '.join(KINDS)}"
            raise Problem(f"the excess risk of {self.of!r}", "no such denoiser", fix)
        for name in ("datasets", "copies"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise Problem(f"{name}={value!r}", "none", "give a whole number from 1")
        if self.level is not None and not 0 < self.level < np.inf:
            raise Problem(f"level={self.level}", "no noise level", "give one above 0, or None")
        for part in (self.training.dataset, self.training.other):
            if part is not None and not (
                part.name == "gaussian_mixture"
                and {"weights", "means", "deviation"} <= set(part.kwargs())
            ):
                fix = "use gaussian_mixture, and give its weights, means and deviation"
                raise Problem(f"an excess risk on {part}", "a law that is not stated", fix)
        if self.of == "optimum" and self.training.pool == "oracle":
            fix = "ask for the population's: it sees all there are"
            raise Problem("the optimum of the pool 'oracle'", "a kernel a sample", fix)
        if self.training.corruption is not None:
            fix = "give the imperfect images as another mixture"
            raise Problem(f"the corruption {self.training.corruption}", "no mixture", fix)

    def entries(self) -> list[str]:
        return self.training.entries()


def law_of(dataset: Part) -> "Mixture":
    """The law of the images of a dataset ``gaussian_mixture``."""
    given = dataset.kwargs()
    return law(given["weights"], given["means"], given["deviation"])


def places(asked: Excess) -> dict[str, float]:
    """Noise levels by the name that their rows have."""
    found = dict(zip(NAMES, SIGMAS))
    if asked.level is not None:
        found |= {"below": asked.level / FACTOR, "above": asked.level * FACTOR}
    return found


def evaluate(
    asked: Excess,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` in the folder ``out``, and the networks in folders of it."""
    from harness.metrics import mixture_risk
    from harness.train.material import gather

    training, sets = asked.training, asked.datasets * replicates
    networks = _trained(asked, sets, out, device, progress) if asked.of == "network" else []
    images = load(training.dataset.name, **training.dataset.kwargs()).train
    count = 1 if asked.of == "population" else sets
    materials = [gather(training, images, k) for k in range(count)]
    p = law_of(training.dataset)
    unit = float(p.covariance[0, 0]) / materials[0].clean.sum()
    curves: dict[str, dict[str, Array]] = {}
    for name, sigma in places(asked).items():
        at = mixture_risk.place(p, sigma)
        target = _target(asked, materials, sigma, at)  # [J, G]
        found = _denoised(networks, at, sigma) if networks else target[None]  # [C, J, G]
        parts = mixture_risk.split(found, at)  # by part, each [J]
        if networks:
            parts["departure"] = mixture_risk.squared(found - target, at).mean(axis=0)
        if name not in NAMES:
            parts = {"relative": parts["excess"] / unit}
        curves[name] = parts
    rows = _rows(curves, replicates, asked)
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


def _trained(
    asked: Excess, sets: int, out: Path, device: str, progress: Callable[[float], None]
) -> list["Denoiser"]:
    """The copies, each a stack of a network a data set, trained in folders of their own."""
    from harness.nets.checkpoint import restore
    from harness.train.loop import train

    found = []
    for copy in range(asked.copies):
        folder = out / f"copy-{copy}"
        folder.mkdir()

        def share(done: float, copy: int = copy) -> None:
            progress((copy + done) / asked.copies)

        train(replace(asked.training, copy=copy), sets, {}, folder, device, share)
        found.append(restore(folder / "weights.safetensors", device))
    return found


def _denoised(networks: list["Denoiser"], at: "Place", sigma: float) -> "Array":
    """The networks' denoisers at the points of a place, [C, J, G]."""
    import torch

    found = []
    for net in networks:
        stack, device = len(net.scales), net.scales.device
        x = torch.tensor(at.points, dtype=torch.float32, device=device)
        x = x[None, :, None, None, None].expand(stack, -1, 1, 1, 1)  # [J, G, 1, 1, 1]
        with torch.no_grad():
            denoised = net(x, torch.full((stack, len(at.points)), sigma, device=device))
        found.append(denoised[:, :, 0, 0, 0].double().cpu().numpy())
    return np.stack(found)


def _target(asked: Excess, materials: list["Material"], sigma: float, at: "Place") -> "Array":
    """The optimum of each data set at the points of a place, or the population's denoiser [J, G].

    The latter for ``population``, and where a data set is all of the pool.
    """
    from harness.metrics.mixture_risk import Setting, kernel_mean
    from harness.objectives import OBJECTIVES

    training = asked.training
    buffer = OBJECTIVES[training.objective.name](**training.objective.kwargs()).buffer
    seen = [m.part((m.levels[:, 0] * buffer < sigma) | (m.levels[:, 1] > sigma)) for m in materials]
    if asked.of == "population" or training.pool == "oracle":
        clean = seen[0].clean
        p = law_of(training.dataset)
        q = p if training.other is None else law_of(training.other)
        admitted = Setting(p, q, int(clean.sum()), int((~clean).sum())).law
        return admitted.denoise(at.points[:, None], sigma).T  # [1, G]
    samples = [each.pixels.reshape(-1).astype(float) for each in seen]
    return np.stack([kernel_mean(at.points, each, sigma) for each in samples])


def _rows(
    curves: dict[str, dict[str, "Array"]], replicates: int, asked: Excess
) -> list[dict[str, Any]]:
    """The rows of all replicates, from contributions [J] by noise level and part."""
    exact, square = asked.of == "population", np.square(SIGMAS)
    means = {  # [replicates], of the data sets of each
        f"{part}/{name}": np.broadcast_to(values, max(values.size, replicates))
        .reshape(replicates, -1)
        .mean(axis=1)
        for name, parts in curves.items()
        for part, values in parts.items()
    }
    for part in next(iter(curves.values())):
        curve = np.array([means[f"{part}/{name}"] for name in NAMES])  # [S, replicates]
        means[part] = np.trapezoid(curve / square[:, None], np.log(SIGMAS), axis=0)
    return [
        row(
            k,
            metric,
            values[k],
            _unit(metric),
            higher_is_better=False if metric.startswith(("excess", "relative")) else None,
            n=None if exact else asked.datasets,
            tier="exact" if exact else "tolerance",
        )
        for k in range(replicates)
        for metric, values in means.items()
    ]


def _unit(metric: str) -> str:
    if "/" not in metric:
        return "nats"
    return "1" if metric.startswith("relative") else "squared units"
