r"""The stage ``linear``: the paper's own network, linear and separate by class and time, by SGD.

In the theory of Chen et al. (2024, section 4.1) the noising is the Ornstein-Uhlenbeck process,
``x_t = r x_0 + s eps``, r = exp(-t), s^2 = 1 - r^2, and the network is

.. math::  \epsilon_\theta(x_t, y) = W_t^y x_t + V_t^y c(y),

c(y) the one-hot code of the class, trained on :math:`|\epsilon_\theta - \epsilon|^2` under
:math:`c(y) + \gamma \xi`, xi standard normal and fresh at each visit. Its minimiser is known
(``theory.slight_corruption.linear_network``): printed by the paper, and corrected there. Here the
network is trained, so that it says itself which of the two it goes to.

**The same denoiser.** This project's denoisers see ``x_sigma = x_0 + sigma eps``. With sigma = s/r
that is x_t / r, and an estimate of eps is one of x_0, ``D(x, sigma) = x - sigma eps``: the linear
denoisers of class y are those of the form above, with W r in the place of W. Units are those of the
classes' deviation, in which the paper's classes are N(mu, I).

**Training.** Plain stochastic gradient steps at a constant rate, from 0, on batches with fresh
images, noise and xi for every class and level; what is kept is the mean of the weights over the
last three quarters of the steps (Polyak and Juditsky 1992), whose error is that of least squares
on as many samples, of the order 1 / (steps x batch), whatever the rate. Each pair of class and
level has a network of its own; all of them, and all replicates, are one batched product. The
columns of V for the codes of other classes see noise alone, and nothing at a clean code.

Levels are geometric in sigma; between them and beyond, see ``harness.metrics.linear_flow``. The
schedule, the levels and the mean are ours; the paper analyses the minimiser alone.

Source: Chen et al., Slight Corruption in Pre-training Data Makes Better Diffusion Models, NeurIPS
2024, section 4 and appendix A.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from harness.cell import Part, Upstream
from harness.data.gaussian_mixture import law
from harness.data.load import load
from harness.problem import Problem
from harness.streams import torch_generator
from harness.train.training import Training

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from theory.mixture import Mixture

LEVELS = tuple(np.geomspace(0.1, 12.8, 8).tolist())  # sigma, in deviations of the classes
KEPT = 0.75  # share of the steps that the weights are averaged over
BLOCK = 20  # steps that are drawn at once

Array = NDArray[np.float64]


@final
@dataclass(frozen=True)
class PerClassLinear:
    """Parameters of the stage ``linear``.

    training: the images, their classes and what is told of them; its network and its length do not
    matter. noise: gamma of the theory, the deviation of each coordinate of the code. Raises
    ``Problem`` for images that are not a labelled mixture of one deviation.
    """

    training: Training
    noise: float = 0.0
    steps: int = 1000
    batch: int = 32
    rate: float = 0.05

    def __post_init__(self) -> None:
        require_classes(self.training)
        require_noise(self.noise)
        for name in ("steps", "batch"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise Problem(f"{name}={value!r}", "none", "give a whole number from 1")
        if not 0 < self.rate < math.inf:
            raise Problem(f"rate={self.rate}", "no step", "give a rate above 0")

    def entries(self) -> list[str]:
        return self.training.entries()


def require_noise(noise: float) -> None:
    """Refuse a deviation of the code's noise that is none."""
    if not 0 <= noise < math.inf:
        raise Problem(f"noise={noise} on a class's code", "no deviation", "give 0 or more")


def require_classes(training: Training) -> None:
    """Refuse a training whose classes are not Gaussians of one stated deviation."""
    given, asked = training.dataset.kwargs(), f"the law of each class of {training.dataset}"
    if training.dataset.name != "gaussian_mixture" or not given.get("labelled"):
        raise Problem(asked, "no labelled mixture", "use gaussian_mixture with labelled=True")
    if not {"weights", "means", "deviation"} <= set(given):
        raise Problem(asked, "one that is not stated", "give its weights, means and deviation")
    if not isinstance(given["deviation"], int | float):
        got = f"deviation={given['deviation']}"
        raise Problem(asked, got, "give one deviation, which is the unit")
    if training.condition is None:
        raise Problem(asked, "condition=None", 'tell the class, by Condition("label")')
    moved = training.relabelling
    if training.pool != "clean" or (moved is not None and moved.redrawn):
        got = f"the pool {training.pool!r}, {moved}"
        raise Problem(asked, got, "use the pool 'clean', relabelled once if at all")


def true_law(dataset: Part) -> "Mixture":
    """The classes of a labelled mixture, in units of their deviation: N(mu_k, I)."""
    from theory.mixture import Mixture

    given = dataset.kwargs()
    found = law(given["weights"], given["means"], given["deviation"])
    return Mixture(found.weights, found.means / given["deviation"], np.array(1.0))


def told_points(training: Training, replicates: int) -> list[list[Array]]:
    """What each replicate's network learns each class from: points [n_k, d] by replicate and class.

    In units of the classes' deviation; by the class that is told, which after a relabelling is not
    always the class that it is.
    """
    from harness.train.material import gather

    images = load(training.dataset.name, **training.dataset.kwargs()).train
    unit = training.dataset.kwargs()["deviation"]
    found = []
    for k in range(replicates):
        made = gather(training, images, k)
        points = made.pixels.reshape(len(made.pixels), -1).astype(float) / unit
        assert made.told is not None
        found.append([points[made.told == c] for c in range(len(images.classes))])
        for name, own in zip(images.classes, found[-1]):
            if not len(own):
                fix = "take more images, or fewer wrong labels"
                raise Problem(f"what the network of the class {name!r} learns", "no image", fix)
    return found


def fit(
    asked: PerClassLinear,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``linear.safetensors`` in the folder ``out``.

    weight: float32 [R, K, L, d, d], ``W x`` with x a column; code: float32 [R, K, L, d, K], V; by
    replicate, class and level.
    """
    from safetensors.torch import save_file

    label, copy = str(asked.training.dataset), asked.training.copy
    points = told_points(asked.training, replicates)
    streams = [torch_generator(label, k, f"linear {copy}", device) for k in range(replicates)]
    found = descend(points, streams, asked.noise, asked.steps, asked.batch, asked.rate, progress)
    d = points[0][0].shape[1]
    weights = found.transpose(-1, -2).cpu()  # [R, K, L, d, d + K]
    made = {"weight": weights[..., :d].contiguous(), "code": weights[..., d:].contiguous()}
    save_file(made, out / "linear.safetensors")


def descend(
    points: Sequence[Sequence[Array]],
    streams: Sequence["torch.Generator"],
    noise: float,
    steps: int,
    batch: int,
    rate: float,
    progress: Callable[[float], None] = lambda share: None,
    sigmas: Sequence[float] = LEVELS,
) -> "Tensor":
    """Averaged weights [R, K, L, d + K, d] of ``eps = [x_t, c] Theta``; rows are features.

    points: those told as each class, [n_k, d], by replicate and class; a generator a replicate.
    """
    import torch

    replicates, classes, d = len(points), len(points[0]), points[0][0].shape[1]
    device = streams[0].device
    sigma = torch.tensor(sigmas, device=device)[:, None, None]  # [L, 1, 1]
    r, s = torch.rsqrt(1 + sigma**2), sigma * torch.rsqrt(1 + sigma**2)
    rows = torch.tensor(np.concatenate([x for own in points for x in own]), dtype=torch.float32)
    counts = torch.tensor([[len(x) for x in own] for own in points])  # [R, K]
    first = (counts.flatten().cumsum(0) - counts.flatten()).view_as(counts)
    rows, counts, first = (each.to(device) for each in (rows, counts, first))
    code = torch.eye(classes, device=device)[:, None, None]  # [K, 1, 1, K]

    def batches(count: int) -> Iterator[tuple["Tensor", "Tensor"]]:
        """Of each of the next steps the features [P, B, d + K] and the noise [P, B, d]."""
        shape = (count, classes, len(sigmas), batch)
        uniform = [torch.rand(shape, generator=g, device=device) for g in streams]
        normal = [torch.randn((*shape, d + classes), generator=g, device=device) for g in streams]
        for u, each in zip(torch.stack(uniform, 1), torch.stack(normal, 1)):  # [R, K, L, B, ..]
            of = counts[:, :, None, None]
            index = first[:, :, None, None] + torch.minimum((u * of).long(), of - 1)
            eps, xi = each[..., :d], each[..., d:]
            features = torch.cat([r * rows[index] + s * eps, code + noise * xi], -1)
            yield features.flatten(0, 2), eps.flatten(0, 2)

    theta = torch.zeros(replicates * classes * len(sigmas), d + classes, d, device=device)
    total, kept = torch.zeros_like(theta), math.ceil(KEPT * steps)
    for start in range(0, steps, BLOCK):
        for step, (features, eps) in enumerate(batches(min(BLOCK, steps - start)), start):
            error = torch.baddbmm(eps, features, theta, beta=-1)  # [P, B, d]
            fall = torch.bmm(features.transpose(1, 2), error)  # [P, d + K, d], half the gradient
            theta = theta - 2 * rate / batch * fall
            if step >= steps - kept:
                total += theta
        progress(min(1.0, (start + BLOCK) / steps))
    return (total / kept).unflatten(0, (replicates, classes, len(sigmas)))
