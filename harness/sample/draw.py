"""The stage ``sample``: draw images from the trained stack of a cell."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file

from harness.cell import Upstream
from harness.nets.checkpoint import restore
from harness.sample import SAMPLERS
from harness.sample.sampling import Sampling
from harness.streams import torch_generator


def draw(
    sampling: Sampling,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``samples`` float32 [K, N, C, H, W] in the folder ``out``.

    The starting noise of replicate k is the same for every arm.
    """
    trained = upstream["train"]
    label = str(trained.params.dataset)
    denoiser = restore(trained.folder / "weights.safetensors", device)
    sampler = SAMPLERS[sampling.sampler.name](**sampling.sampler.kwargs())
    streams = [
        torch_generator(label, k, f"sample {sampling.copy}", device) for k in range(replicates)
    ]
    shape = tuple(denoiser.scales.shape[2:])
    batches = []
    for start in range(0, sampling.count, sampling.batch):
        size = (min(sampling.batch, sampling.count - start), *shape)
        noise = torch.stack([torch.randn(size, generator=g, device=device) for g in streams])
        batches.append(sampler(denoiser, noise).cpu())  # [K, B, C, H, W]
        progress(min(1.0, (start + size[0]) / sampling.count))
    save_file({"samples": torch.cat(batches, dim=1)}, out / "samples.safetensors")
