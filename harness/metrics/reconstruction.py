"""The stage ``attack``: images that a model saw, and others, restored by it and compared.

What is measured stands in ``harness.metrics.attack``. The images of a replicate are drawn from
those that it saw. The noise is one draw for each image, the same at every level and for every arm;
what fills the box is drawn for each of the two sides, in batches. A conditional denoiser is asked
under its null caption: the attacker knows none.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file
from torch import Tensor

from harness.cell import Upstream, part
from harness.data.images import Images
from harness.data.load import load
from harness.metrics import advantage
from harness.metrics.advantage import Side
from harness.metrics.attack import COSINES, EXTRACTED, SHARES, Attack, metric
from harness.metrics.estimate import Estimate
from harness.metrics.extraction import extraction
from harness.metrics.likeness import Likeness, restorations
from harness.nets import checkpoint
from harness.problem import Problem
from harness.sample.restoring import Denoise
from harness.streams import numpy_generator, torch_generator
from harness.theorem import row
from harness.train.material import collect
from harness.train.training import Training

NOTHING = part("gaussian_noise", sigma=1e-60)  # zero in float32
SIDES = ("seen", "unseen")
Reading = Callable[[Side, Side], Estimate]


def _over(threshold: float) -> Reading:
    return lambda seen, _: seen.above(threshold).mean()


def _excess_over(threshold: float) -> Reading:
    return lambda seen, unseen: advantage.excess(seen.above(threshold), unseen.above(threshold))


# By kind: what of the restorations is read, and how the two sides are.
READINGS: dict[str, tuple[str, Reading]] = {
    "auc": ("error", advantage.auc),
    "auc_calibrated": ("relative", advantage.auc),
    "ratio": ("error", advantage.ratio),
    "error_seen": ("error", lambda seen, _: seen.mean()),
    "error_unseen": ("error", lambda _, unseen: unseen.mean()),
    "cosine_seen": ("cosine", lambda seen, _: seen.mean()),
    "cosine_unseen": ("cosine", lambda _, unseen: unseen.mean()),
    **{f"{share}_seen": ("cosine", _over(c)) for share, c in zip(SHARES, COSINES)},
    **{f"{share}_excess": ("cosine", _excess_over(c)) for share, c in zip(SHARES, COSINES)},
}
BETTER = {
    "auc": False,
    "auc_calibrated": False,
    "ratio": True,
    "error_unseen": False,
    "cosine_unseen": True,
}  # of the others neither


def seen(training: Training, train: Images, replicate: int, targets: str = "all") -> np.ndarray:
    """Which of the N training images a replicate saw in some form: bool ``[N]``.

    The pool is drawn anew, under a corruption that changes no pixel, and its images are looked up.
    An image that equals a seen one counts as seen; one of another dataset is no training image.
    """
    if training.corruption is not None:
        training = replace(training, corruption=NOTHING)
    made = collect(training, train, replicate)
    wanted = {"all": np.ones_like(made.clean), "clean": made.clean, "imperfect": ~made.clean}
    # Adding zero makes a -0 0, as that corruption may.
    known = {image.tobytes() for image in made.pixels[wanted[targets]] + np.float32(0)}
    return np.array([image.tobytes() in known for image in train.pixels + np.float32(0)])


def chosen(asked: Attack, training: Training, images: Images, k: int) -> list[Images]:
    """The images that replicate k is attacked with, seen ones and others, in a random order.

    Raises ``Problem`` where there are fewer than 2 of either.
    """
    train, turn = images.train, numpy_generator(str(training.dataset), k, "attack images")
    sides = [(train, seen(training, train, k, asked.targets), f"targets={asked.targets!r}")]
    if asked.control == "unseen":
        sides.append((train, ~seen(training, train, k), "control='unseen'"))
    else:
        sides.append((images, images.test, "control='held_out'"))
    found = []
    for source, mask, what in sides:
        index = turn.permutation(np.flatnonzero(mask))[: asked.count]
        if len(index) < 2:
            got = f"{len(index)} such images"
            fix = "choose other targets, or the control 'held_out'"
            raise Problem(f"an attack with {what} on the pool {training.pool!r}", got, fix)
        found.append(source.part(index))
    return found


def attack(
    asked: Attack,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` in the folder ``out``."""
    trained = upstream["train"]
    training, label = trained.params, str(trained.params.dataset)
    images = load(training.dataset.name, **training.dataset.kwargs())
    denoise = _without_caption(checkpoint.restore(trained.folder / "weights.safetensors", device))
    sides = list(zip(*(chosen(asked, training, images, k) for k in range(replicates))))
    groups, found = [], []
    for name, side in zip(SIDES, sides):

        def streams(name: str = name) -> list[torch.Generator]:
            return [torch_generator(label, k, f"attack {name}", device) for k in range(replicates)]

        count = min(each.count for each in side)  # a stack has as many in each copy
        pixels = np.stack([each.pixels[:count] for each in side])  # [K, n, C, H, W]
        found.append(restorations(asked, denoise, torch.tensor(pixels, device=device), streams))
        groups.append([each.region[:count] for each in side])
        progress(len(found) / 2)
    rows: list[dict[str, Any]] = []
    for place in asked.places:
        for k in range(replicates):
            pair = [likeness[place].of(k) for likeness in found]
            rows += _rows(k, place, pair, [of_side[k] for of_side in groups])
    if "sample" in upstream:
        samples = load_file(upstream["sample"].folder / "samples.safetensors")["samples"]
        for k, others in enumerate(sides[1]):
            known = images.train.pixels[seen(training, images.train, k, asked.targets)]
            rows += _extracted(k, samples[k], known, others)
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


def _without_caption(denoiser: Any) -> Denoise:
    """The denoiser as a function of images and levels alone."""
    if denoiser.words is None:
        return denoiser

    def told_nothing(x: Tensor, sigma: Tensor) -> Tensor:
        tokens = torch.zeros(*x.shape[:2], denoiser.words.length, dtype=torch.long, device=x.device)
        return denoiser(x, sigma, tokens)

    return told_nothing


def _rows(
    k: int, place: float | str, pair: list[Likeness], groups: list[np.ndarray]
) -> list[dict[str, Any]]:
    """The rows of replicate k at a level, or of the box; pair, groups: of seen and unseen."""
    rows = []
    for kind, (field, reading) in READINGS.items():
        values = [getattr(each, field) for each in pair]
        if values[0] is None:
            continue
        name, found = metric(kind, place), Estimate(float("nan"), None, len(values[0]))
        if all(np.isfinite(each).all() for each in values):
            found = reading(*(Side(each, group) for each, group in zip(values, groups)))
        rows.append(_row(k, name, found, BETTER.get(kind)))
    return rows


def _extracted(
    k: int, samples: np.ndarray, known: np.ndarray, others: Images
) -> list[dict[str, Any]]:
    """The rows of replicate k's samples ``[N, C, H, W]``, against the images that it saw."""
    if not np.isfinite(samples).all():
        return [row(k, name, float("nan"), "1") for name in EXTRACTED]
    found = extraction(samples, known, others.pixels, others.region)
    better = {"extracted": False}
    return [_row(k, name, found[name], better.get(name)) for name in EXTRACTED]


def _row(k: int, name: str, found: Estimate, better: bool | None) -> dict[str, Any]:
    return row(
        k,
        name,
        found.value,
        "1",
        standard_error=found.standard_error,
        higher_is_better=better,
        n=found.n,
    )
