"""The stage ``measure``: every metric of a cell, replicate by replicate.

Samples are compared with the *truth*: the uncorrupted training part of the dataset, the law that
every arm is after, of which an arm has seen some images clean, some corrupted and some not at all.
The denoising loss and the nearest-neighbour ratio use the held-out images, which no arm has seen.
A replicate whose samples are not finite has diverged; its rows say so. Samples of a conditional
denoiser come with the class that each was asked for: it is what their features call their labels.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from harness.cell import Part, Upstream
from harness.data.images import Images
from harness.data.load import load
from harness.metrics import METRICS
from harness.metrics.measurement import Measurement
from harness.metrics.told_classes import require_told
from harness.metrics.truth import Truth, weights_of
from harness.problem import Problem
from harness.streams import numpy_generator
from harness.theorem import row
from harness.train.material import collect


def measure(
    measurement: Measurement,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` in the folder ``out``."""
    source = upstream.get("sample") or upstream["damage"]
    arrays = load_file(source.folder / "samples.safetensors")
    origin = (upstream.get("train") or upstream["damage"]).params
    images = load(origin.dataset.name, **origin.dataset.kwargs())
    rows: list[dict[str, Any]] = []
    extractors = measurement.extractors
    weights = weights_of(extractors, upstream)
    _require_asked(measurement, "labels" in arrays, weights, images)
    shared = None
    if "truth" not in arrays:
        shared = _shared(origin.dataset, extractors, tuple(weights.items()))
    for k in range(replicates):
        samples = arrays["samples"][k]  # [N, C, H, W]
        asked = arrays["labels"][k] if "labels" in arrays else None  # [N]
        truth = shared or Truth(arrays["truth"][k], arrays["truth_groups"][k], extractors, weights)
        seen = None
        if "train" in upstream:
            material = collect(upstream["train"].params, images.train, k)
            seen = material.pixels[material.clean] if material.clean.any() else material.pixels
        elif "damage" in upstream:
            seen = truth.pixels
        rows += _of_samples(
            measurement, str(origin.dataset), k, samples, asked, truth, seen, images
        )
        progress((k + 1) / replicates)
    if "denoising_loss" in measurement.metrics:
        held_out = _thinned(images.held_out, measurement.held_out)
        trained = upstream.get("choose", upstream["train"]).folder / "weights.safetensors"
        rows += _of_denoiser(upstream["train"], trained, replicates, held_out, device)
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


@lru_cache(maxsize=1)  # cells of one job are of one dataset
def _shared(
    dataset: Part, extractors: tuple[str, ...], weights: tuple[tuple[str, Path], ...]
) -> Truth:
    """The training part of a dataset as the truth."""
    images = load(dataset.name, **dataset.kwargs()).train
    return Truth(images.pixels, images.groups, extractors, dict(weights))


def _require_asked(
    measurement: Measurement, labelled: bool, weights: dict[str, Path], images: Images
) -> None:
    """Refuse readings by class of samples without classes, and those by another classifier."""
    for each in measurement.readings:
        if each.instance.needs == "labels" and not labelled:
            fix = "train it with a condition, or leave the reading out"
            raise Problem(f"the reading {each.name}", "samples that were asked for no class", fix)
        if each.metric == "class_accuracy" and each.extractor is not None:
            require_told(each.name, each.extractor, weights.get(each.extractor), images)


def _thinned(images: Images, count: int | None) -> Images:
    """About ``count`` of the images, evenly over their order; all of them for None."""
    if count is None or count >= images.count:
        return images
    return images.part(np.linspace(0, images.count - 1, count).astype(np.int64))


def _of_samples(
    measurement: Measurement,
    dataset: str,
    k: int,
    samples: np.ndarray,
    asked: np.ndarray | None,
    truth: Truth,
    seen: np.ndarray | None,
    images: Images,
) -> list[dict[str, Any]]:
    """The rows of one replicate's samples; asked: the class of each, ``[N]``, or None."""
    readings = [each for each in measurement.readings if each.metric != "denoising_loss"]
    if not np.isfinite(samples).all():
        return [
            row(k, measurement.called(each), float("nan"), each.instance.unit) for each in readings
        ]
    features = {name: truth.of(name, samples, asked) for name in truth.extract}
    rows = []
    for each in readings:
        metric, name = each.instance, measurement.called(each)
        generator = numpy_generator(dataset, k, f"metric {each.name}")
        try:
            if each.extractor is not None:
                pair = features[each.extractor], truth.features[each.extractor]
                estimate = metric(*pair, generator)
            elif metric.needs == "train_images":
                if seen is None:
                    continue
                estimate = metric(samples, images.held_out.pixels, seen, generator)
            else:
                estimate = metric(samples, truth.pixels, generator)
        except (Problem, np.linalg.LinAlgError, FloatingPointError) as error:
            # Samples that a metric refuses, such as collapsed ones: this replicate has diverged,
            # and the others have not.
            rows.append({**row(k, name, float("nan"), metric.unit), "reason": str(error)})
            continue
        rows.append(
            row(
                k,
                name,
                estimate.value,
                metric.unit,
                standard_error=estimate.standard_error,
                higher_is_better=metric.higher_is_better,
                n=estimate.n,
            )
        )
    return rows


def _of_denoiser(
    trained: Upstream, weights: Path, replicates: int, held_out: Images, device: str
) -> list[dict[str, Any]]:
    """The denoising loss of each replicate, its curve over sigma, and its mean by photograph."""
    import torch

    from harness.metrics.denoising_loss import denoising_curve
    from harness.metrics.estimate import Estimate
    from harness.nets.checkpoint import restore
    from harness.nets.preconditioning import Denoiser
    from harness.streams import torch_generator

    loss, condition = METRICS["denoising_loss"], trained.params.condition
    tokens = None if condition is None else condition.tokens(held_out)
    rows = []
    for k in range(replicates):
        denoiser = restore(weights, device, copy=k)

        def denoise(*given: torch.Tensor, net: Denoiser = denoiser) -> torch.Tensor:
            return net(*(each[None] for each in given))[0]

        noise = torch_generator(str(trained.params.dataset), k, "held-out noise", device)
        clean = torch.tensor(held_out.pixels, device=device)
        curve = denoising_curve(denoise, clean, loss.sigmas, noise, condition=tokens)  # [S, N]
        if not np.isfinite(curve).all():
            rows.append(row(k, "denoising_loss", float("nan"), loss.unit))
            continue
        estimate = loss(curve)
        readings = {"denoising_loss": estimate}
        for source, value in loss.by_group(curve, held_out.source).items():
            readings[f"denoising_loss/{held_out.sources[int(source)]}"] = value
        for level, errors in zip(loss.sigmas, curve):
            error = float(errors.std(ddof=1) / len(errors) ** 0.5)
            readings[f"denoising_error/{level:.4g}"] = Estimate(errors.mean(), error, len(errors))
        rows += [
            row(k, name, value.value, loss.unit, standard_error=value.standard_error,
                higher_is_better=False, n=value.n)
            for name, value in readings.items()
        ]  # fmt: skip
    return rows
