"""Known damages: what each metric sees, before any network is trained.

The training images are cut at random into two halves. One half is damaged and stands in for the
samples, the other is the truth. With no damage the distance of the two halves is the floor of a
metric: an unpaired effect below it cannot be seen at this size. Beside the corruptions stand:

    regions      no damage, but the halves hold different regions of the photographs: what the
                 choice of the clean subset alone can do
    gaussian     a Gaussian field with the half's own mean and covariance: the right power spectrum
                 and nothing else
    memorised    a tenth of the half, repeated
    noise        white noise of standard deviation 0.05 on every image: an underfit network
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from harness.cell import Part, Upstream
from harness.corrupt import CORRUPTIONS
from harness.data import DATASETS
from harness.data.load import load
from harness.data.subset import clean_subset
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator

FAILURES = ("none", "regions", "gaussian", "memorised", "noise")
NOISE = 0.05


@dataclass(frozen=True)
class Damage:
    """Parameters of the stage ``damage``: a corruption, or one of the failures."""

    dataset: Part
    corruption: Part | None = None
    failure: str = "none"

    def __post_init__(self) -> None:
        if self.failure not in FAILURES:
            raise Problem(
                f"the failure {self.failure!r}", "no such one", f"choose from {', '.join(FAILURES)}"
            )

    def entries(self) -> list[str]:
        rows = [DATASETS.entry(self.dataset.name)]
        return rows + ([CORRUPTIONS.entry(self.corruption.name)] if self.corruption else [])


def damage(
    params: Damage,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``samples`` and ``truth``, float32 [K, N/2, C, H, W], in the folder ``out``."""
    label = str(params.dataset)
    train = load(params.dataset.name, **params.dataset.kwargs()).train
    samples, truth = [], []
    for k in range(replicates):
        stream = numpy_generator(label, k, "halves")
        if params.failure == "regions":
            half = clean_subset(train, 0.5, stream)
        else:
            half = stream.permutation(train.count) < train.count // 2
        size = min(int(half.sum()), int((~half).sum()))
        samples.append(_damaged(params, train.pixels[half][:size], k))
        truth.append(train.pixels[~half][:size])
        progress((k + 1) / replicates)
    save_file({"samples": np.stack(samples), "truth": np.stack(truth)}, out / "samples.safetensors")


def _damaged(params: Damage, pixels: np.ndarray, replicate: int) -> np.ndarray:
    """One half, float32 [N, C, H, W], after its damage."""
    label = str(params.dataset)
    generator = numpy_generator(label, replicate, f"damage {params.failure}")
    if params.corruption is not None:
        import torch

        corruption = CORRUPTIONS[params.corruption.name](**params.corruption.kwargs())
        stream = torch_generator(label, replicate, "damage")
        return corruption(torch.tensor(pixels), stream).numpy()
    if params.failure == "noise":
        return pixels + np.float32(NOISE) * generator.standard_normal(pixels.shape, np.float32)
    if params.failure == "memorised":
        kept = generator.choice(len(pixels), max(1, len(pixels) // 10), replace=False)
        return pixels[generator.choice(kept, len(pixels))]
    if params.failure == "gaussian":
        flat = pixels.reshape(len(pixels), -1).astype(np.float64)
        values, vectors = np.linalg.eigh(np.cov(flat.T))
        white = generator.standard_normal(flat.shape) * np.sqrt(np.maximum(values, 0))
        return (flat.mean(0) + white @ vectors.T).astype(np.float32).reshape(pixels.shape)
    return pixels
