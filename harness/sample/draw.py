"""The stage ``sample``: draw images from the trained stack of a cell."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from harness.cell import Upstream
from harness.data.load import load
from harness.nets.checkpoint import restore
from harness.nets.preconditioning import Denoiser
from harness.problem import Problem
from harness.sample import SAMPLERS
from harness.sample.guidance import Guided
from harness.sample.sampling import Sampling
from harness.streams import numpy_generator, torch_generator


def draw(
    sampling: Sampling,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``samples`` float32 [K, N, C, H, W] in the folder ``out``.

    The starting noise of replicate k is the same for every arm, and so are its captions where the
    denoiser is conditional: those of the suite, or those of random training images.
    """
    trained = upstream["train"]
    label = str(trained.params.dataset)
    folder = upstream.get("choose", trained).folder
    denoiser = restore(folder / _weights(sampling, trained.params.checkpoints), device)
    sampler = SAMPLERS[sampling.sampler.name](**sampling.sampler.kwargs())
    streams = [
        torch_generator(label, k, f"sample {sampling.copy}", device) for k in range(replicates)
    ]
    tokens = _tokens(sampling, denoiser, trained.params, replicates)
    batches = []
    for start in range(0, sampling.count, sampling.batch):
        size = (min(sampling.batch, sampling.count - start), *denoiser.shape)
        noise = torch.stack([torch.randn(size, generator=g, device=device) for g in streams])
        denoise: Callable[[Tensor, Tensor], Tensor] = denoiser
        if tokens is not None:
            asked = tokens[:, start : start + size[0]].to(device)
            denoise = Guided(denoiser, asked, sampling.guidance)
        batches.append(sampler(denoise, noise).cpu())  # [K, B, C, H, W]
        progress(min(1.0, (start + size[0]) / sampling.count))
    save_file({"samples": torch.cat(batches, dim=1)}, out / "samples.safetensors")


def _weights(sampling: Sampling, checkpoints: int) -> str:
    """The file of the weights to sample from, of a training that kept so many checkpoints."""
    if sampling.checkpoint in (None, checkpoints):
        return "weights.safetensors"
    if sampling.checkpoint > checkpoints:
        got = f"a training that keeps {checkpoints}"
        raise Problem(f"checkpoint {sampling.checkpoint}", got, "choose an earlier one")
    return f"weights-{sampling.checkpoint}.safetensors"


def _tokens(
    sampling: Sampling, denoiser: Denoiser, training: object, replicates: int
) -> Tensor | None:
    """The captions to draw, int64 [K, N, T]; None where the denoiser takes none."""
    if denoiser.words is None:
        if sampling.guidance or sampling.suite:
            got = "a denoiser without a condition"
            raise Problem("samples of captions", got, "train it with a condition")
        return None
    if sampling.suite is not None:
        captions = [prompt.prompt for prompt in sampling.suite.prompts]
        return torch.as_tensor(denoiser.words.tokens(captions)).expand(replicates, -1, -1)
    dataset = training.dataset  # type: ignore[attr-defined]
    images, chosen = load(dataset.name, **dataset.kwargs()).train, []
    assert images.labels is not None  # or the training would have refused it
    for k in range(replicates):
        stream = numpy_generator(str(dataset), k, f"captions {sampling.copy}")
        chosen.append(images.labels[stream.integers(images.count, size=sampling.count)])
    return torch.as_tensor(denoiser.words.tokens(images.classes)[np.stack(chosen)])
