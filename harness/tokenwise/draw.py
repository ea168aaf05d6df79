"""The stage ``sample_tokens``: images drawn token by token from the trained stack of a cell."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from harness.cell import Upstream
from harness.sample.draw import _asked
from harness.streams import torch_generator
from harness.tokenwise.checkpoint import restore
from harness.tokenwise.sampling import TokenSampling


def draw(
    sampling: TokenSampling,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``samples`` float32 [K, N, C, H, W] in ``out``; with a condition ``labels`` int64
    [K, N] too, the classes asked for, -1 for a caption that is the name of none.

    What is asked for is the same for every arm, and the same as of a denoiser.
    """
    trained = upstream["train_tokens"]
    model, pipelines = restore(trained.folder / "weights.safetensors", device)
    streams = [
        torch_generator(str(trained.params.dataset), k, f"token sample {sampling.copy}", device)
        for k in range(replicates)
    ]
    asked = _asked(sampling, model, trained.params, replicates)  # type: ignore[arg-type]
    batches = []
    for start in range(0, sampling.count, sampling.batch):
        size = min(sampling.batch, sampling.count - start)
        told = None if asked is None else asked[0][:, start : start + size].to(device)
        tokens = model.draw(told, size, streams, sampling.manner).cpu().numpy()  # [K, B, T, ...]
        batches.append(np.stack([each.decode(own) for each, own in zip(pipelines, tokens)]))
        progress(min(1.0, (start + size) / sampling.count))
    labels = {} if asked is None else {"labels": asked[1].contiguous()}
    samples = torch.as_tensor(np.concatenate(batches, axis=1))
    save_file({"samples": samples, **labels}, out / "samples.safetensors")
