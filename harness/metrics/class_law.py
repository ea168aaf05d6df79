r"""The stage ``class_law``: what is generated for each class, against the class that is true.

Images are of a labelled ``gaussian_mixture``, so that the law of each class is known, N(mu_k, I) in
units of its deviation. ``of`` says what generates:

    optimum, printed, free   closed forms on the same images (``harness.metrics.class_gaussians``)
    linear                   the networks of the stage ``linear``, by their own probability flow
                             (``harness.metrics.linear_flow``), and how far they are from both
                             lemmas (``harness.metrics.lemma_distance``)
    network                  the denoiser of the stage ``train``, by the moments of its samples

**Samples without a floor.** Moments of N samples add about d (d + 5) / 4N to W2^2, more than what
is to be seen. A conditional denoiser of a Gaussian class is nearly affine, and so is its
sampler; it is therefore given starting noise whose mean is 0 and whose covariance is I in each
class, exactly (moment matching; Barraquand 1995). Of an affine sampler the moments of what comes
out are then those of its law, exactly, for any N > d; of another, what is not affine is left with
its sampling error. The starting noise of a replicate is the same in every arm.

Rows: the readings of ``class_gaussians``, and with noise on the code ``scaled_gain`` of ``optimum``
and ``printed``, and the rows of ``lemma_distance`` of these and of ``linear``.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from harness.cell import Part, Upstream, part
from harness.data.gaussian_mixture import names
from harness.metrics import class_gaussians
from harness.metrics.class_gaussians import Gaussians
from harness.metrics.lemma_distance import lemma_distance, networks
from harness.problem import Problem
from harness.sample import SAMPLERS
from harness.sample.chosen_guidance import require_guidance
from harness.theorem import row
from harness.train.per_class_linear import (
    LEVELS,
    require_classes,
    require_noise,
    told_points,
    true_law,
)
from harness.train.training import Training

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Array = NDArray[np.float64]

CLOSED = ("optimum", "printed", "free")
STAGE = {"linear": "linear", "network": "train"}  # what stands before it
KINDS = (*CLOSED, *STAGE)
UNITS = {"class_entropy": "nats", "class_w2_squared": "class variances"}
UNITS["scaled_gain"] = UNITS["class_w2_squared"]
LOWER = ("class_w2_squared", "parameter_error")
SCORES = (
    "class_w2_squared",
    "class_w2_squared/mean",
    "class_w2_squared/spread",
    "class_entropy",
    "mean_kept",
    "scaled_gain",
    "parameter_error",
    "parameter_error/printed",
    "toward_printed",
)


@final
@dataclass(frozen=True)
class ClassLaw:
    """Parameters of the stage ``class_law``.

    of: one of ``KINDS``. Of a closed form, training: the images and what is told of them; noise:
    the deviation of each coordinate of the code. Of a network, count: samples of each class, more
    than d; sampler and guidance: how they are drawn. What does not concern ``of`` stays as it is.
    """

    of: str
    training: Training | None = None
    noise: float = 0.0
    count: int = 256
    sampler: Part = field(default_factory=lambda: part("heun"))
    guidance: float = 0.0

    def __post_init__(self) -> None:
        if self.of not in KINDS:
            raise Problem(
                f"the class law of {self.of!r}", "no such", f"choose from {', '.join(KINDS)}"
            )
        closed = self.of in CLOSED
        if closed != (self.training is not None):
            got = "no training" if closed else "a training, which the stage before has"
            raise Problem(
                f"the class law of {self.of!r}", got, "give closed forms one, and no other"
            )
        if self.training is not None:
            require_classes(self.training)
        require_noise(self.noise)
        if self.noise and not closed:
            got = "a network that was trained"
            raise Problem(f"noise={self.noise} on a code", got, "give it to the training")
        require_guidance("samples of a class at guidance", self.guidance)
        if type(self.count) is not int or self.count < 1:
            raise Problem(f"count={self.count!r}", "none", "give a whole number from 1")

    def entries(self) -> list[str]:
        found = [] if self.training is None else self.training.entries()
        return [*found, SAMPLERS.entry(self.sampler.name)] if self.of == "network" else found


def evaluate(
    asked: ClassLaw,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` in the folder ``out``."""
    training, noise = _trained(asked, upstream)
    points = told_points(training, replicates)
    fit, true = class_gaussians.fitted(points), true_law(training.dataset).means
    counts = np.array([[len(x) for x in own] for own in points], float)
    found: dict[str, Array] = {}
    if asked.of == "network":
        law = _sampled(asked, training, upstream["train"].folder, replicates, device, progress)
    elif asked.of == "linear":
        law, found = _linear(upstream["linear"].folder, fit, noise)
    else:
        law, found = _closed(asked.of, fit, true, counts, noise)
    found = {**_readings(law, fit, true), **found}
    samples = asked.count * len(true) if asked.of == "network" else None
    rows = [
        _row(k, metric, values[k], samples, asked.of)
        for k in range(replicates)
        for metric, values in found.items()
    ]
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


def _trained(asked: ClassLaw, upstream: dict[str, Upstream]) -> tuple[Training, float]:
    """The training behind a law, and the noise on the code of a linear network or a closed form."""
    if asked.training is not None:
        return asked.training, asked.noise
    params = upstream[STAGE[asked.of]].params
    if asked.of == "linear":
        return params.training, params.noise
    require_classes(params)
    if asked.guidance and not params.condition.dropout:
        got = "a denoiser that was never told nothing"
        raise Problem(f"guidance={asked.guidance}", got, "train it with dropout")
    return params, 0.0


def _closed(
    of: str, fit: Gaussians, true: Array, counts: Array, noise: float
) -> tuple[Gaussians, dict[str, Array]]:
    """A closed form; of a linear one also its gain and its distances."""
    if of == "free":
        return class_gaussians.free(fit, counts, noise), {}
    law: Gaussians = getattr(class_gaussians, of)(fit, noise)
    if not noise:
        return law, {}
    sigmas = np.array(LEVELS)
    gain = class_gaussians.scaled_gain(law, fit, true, counts, noise)
    own = networks(fit, law.covariance, noise, sigmas)
    return law, {"scaled_gain": gain, **lemma_distance(*own, fit, noise, sigmas)}


def _linear(folder: Path, fit: Gaussians, noise: float) -> tuple[Gaussians, dict[str, Array]]:
    """The law of trained linear networks, NaN of those that diverged, and their distances."""
    from safetensors.numpy import load_file

    from harness.metrics.linear_flow import generated

    kept = load_file(folder / "linear.safetensors")
    weight, code = (kept[name].astype(float) for name in ("weight", "code"))
    bias = np.einsum("rklak->rkla", code)  # V c at the clean code of class k
    finite = np.isfinite(weight).all((1, 2, 3, 4)) & np.isfinite(bias).all((1, 2, 3))
    sigmas, law = np.array(LEVELS), Gaussians(*(np.full_like(each, np.nan) for each in fit))
    if finite.any():
        law.mean[finite], law.covariance[finite] = generated(weight[finite], bias[finite], sigmas)
    return law, lemma_distance(weight, bias, fit, noise, sigmas)


def _readings(law: Gaussians, fit: Gaussians, true: Array) -> dict[str, Array]:
    """The readings [R], NaN of replicates whose law is not finite."""
    finite = np.isfinite(law.mean).all((1, 2)) & np.isfinite(law.covariance).all((1, 2, 3))
    safe = Gaussians(*(np.where(np.isfinite(own), own, other) for own, other in zip(law, fit)))
    found = class_gaussians.readings(safe, fit, true)
    return {name: np.where(finite, values, np.nan) for name, values in found.items()}


def _sampled(
    asked: ClassLaw,
    training: Training,
    folder: Path,
    replicates: int,
    device: str,
    progress: Callable[[float], None],
) -> Gaussians:
    """The moments of samples of each class, in units of its deviation."""
    import torch

    from harness.nets.checkpoint import restore
    from harness.sample.guidance import Guided
    from harness.streams import torch_generator

    denoiser = restore(folder / "weights.safetensors", device)
    sampler = SAMPLERS.make(asked.sampler)
    label, given = str(training.dataset), training.dataset.kwargs()
    streams = [torch_generator(label, k, "class law") for k in range(replicates)]
    classes = names(len(given["weights"]))
    assert denoiser.words is not None
    means, spreads = [], []
    for k, tokens in enumerate(denoiser.words.tokens(classes)):
        size = (asked.count, denoiser.shape[-1])
        noise = torch.stack([matched(size, stream) for stream in streams]).float().to(device)
        told = torch.as_tensor(tokens, device=device).expand(replicates, asked.count, -1)
        made = sampler(Guided(denoiser, told, asked.guidance), noise[:, :, None, None])
        x = made.flatten(2).double().cpu().numpy() / given["deviation"]  # [R, N, d]
        means.append(x.mean(1))
        centred = x - means[-1][:, None]
        spreads.append(np.swapaxes(centred, 1, 2) @ centred / asked.count)
        progress((k + 1) / len(classes))
    return Gaussians(np.stack(means, 1), np.stack(spreads, 1))


def matched(size: tuple[int, int], generator: "torch.Generator") -> "Tensor":
    """Noise float64 [N, d] whose mean is exactly 0 and whose biased covariance is exactly I."""
    import torch

    count, d = size
    if count <= d:
        fix = f"give more than {d}"
        raise Problem("matched noise", f"{count} draws in {d} dimensions", fix)
    z = torch.randn(size, generator=generator, dtype=torch.float64)
    z = z - z.mean(0)
    factor = torch.linalg.cholesky(z.T @ z / count)
    return torch.linalg.solve_triangular(factor, z.T, upper=False).T


def _row(replicate: int, metric: str, value: float, samples: int | None, of: str) -> dict[str, Any]:
    name = metric.partition("/")[0]
    return row(
        replicate,
        metric,
        value,
        UNITS.get(name, "1"),
        higher_is_better=False if name in LOWER else None,
        n=samples,
        tier="exact" if of in CLOSED else "tolerance",
    )
