"""The stage ``sample``: draw images from the trained stack of a cell.

A conditional denoiser is asked for a caption, or a class, an image: those of a suite, or those of
random training images. Beside the images stand the classes that were asked for, by their number
among the classes of the dataset; -1 for a caption that is the name of none.

Where a stage before has chosen the guidance of each replicate, that is what the samples are drawn
at, from other streams than those that it was chosen by.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from harness.cell import Part, Upstream
from harness.data.load import load
from harness.nets.checkpoint import restore
from harness.nets.preconditioning import Denoiser
from harness.problem import Problem
from harness.sample import SAMPLERS
from harness.sample.chosen_guidance import ChosenGuidance
from harness.sample.guidance import Guided
from harness.sample.sampling import Sampling
from harness.scenes.captions import captions
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

    And ``labels`` int64 [K, N], the classes asked for, where the denoiser is conditional.

    The starting noise of replicate k is the same for every arm, and so are its captions where the
    denoiser is conditional: those of the suite, or those of random training images.
    """
    trained = upstream["train"]
    label = str(trained.params.dataset)
    folder = upstream.get("choose", trained).folder
    denoiser = restore(folder / _weights(sampling, trained.params.checkpoints), device)
    sampler = SAMPLERS.make(sampling.sampler)
    streams = [
        torch_generator(label, k, f"sample {sampling.copy}", device) for k in range(replicates)
    ]
    asked = _asked(sampling, denoiser, trained.params, replicates)
    weight = _guidance(sampling, upstream, replicates)
    batches = []
    for start in range(0, sampling.count, sampling.batch):
        size = (min(sampling.batch, sampling.count - start), *denoiser.shape)
        noise = torch.stack([torch.randn(size, generator=g, device=device) for g in streams])
        denoise: Callable[[Tensor, Tensor], Tensor] = denoiser
        if asked is not None:
            tokens = asked[0][:, start : start + size[0]].to(device)
            denoise = Guided(denoiser, tokens, weight)
        batches.append(sampler(denoise, noise).cpu())  # [K, B, C, H, W]
        progress(min(1.0, (start + size[0]) / sampling.count))
    labels = {} if asked is None else {"labels": asked[1].contiguous()}
    made = {"samples": torch.cat(batches, dim=1), **labels}
    save_file(made, out / "samples.safetensors")


def _weights(sampling: Sampling, checkpoints: int) -> str:
    """The file of the weights to sample from, of a training that kept so many checkpoints."""
    if sampling.checkpoint in (None, checkpoints):
        return "weights.safetensors"
    if sampling.checkpoint > checkpoints:
        got = f"a training that keeps {checkpoints}"
        raise Problem(f"checkpoint {sampling.checkpoint}", got, "choose an earlier one")
    return f"weights-{sampling.checkpoint}.safetensors"


def _guidance(
    sampling: Sampling, upstream: dict[str, Upstream], replicates: int
) -> float | Sequence[float]:
    """The guidance asked for, or that which the stage ``guide`` chose for each replicate."""
    if "guide" not in upstream:
        return sampling.guidance
    guide, fix = upstream["guide"], "leave it to the choice, or drop the stage 'guide'"
    names = list(upstream)
    if "choose" in names[names.index("guide") :]:
        got = "a guidance that was chosen at other weights"
        raise Problem("samples of chosen weights", got, "put 'choose' before 'guide'")
    for name in ("guidance", "checkpoint"):
        if (given := getattr(sampling, name)) not in (0, None):
            raise Problem(f"{name}={given} of the samples", "a guidance that was chosen", fix)
    if guide.params.sampler != sampling.sampler:
        got = f"a guidance that was chosen with {guide.params.sampler}"
        raise Problem(f"samples by {sampling.sampler}", got, "give both stages one sampler")
    chosen = ChosenGuidance.read(guide.folder, replicates)
    if chosen.copy == sampling.copy:
        got = "the streams that the guidance was chosen by"
        raise Problem(f"samples of copy={sampling.copy}", got, "give them another copy")
    return chosen.weights


def _asked(
    sampling: Sampling, denoiser: Denoiser, training: object, replicates: int
) -> tuple[Tensor, Tensor] | None:
    """The captions to draw, int64 [K, N, T], and their classes, int64 [K, N].

    None where the denoiser takes no captions.
    """
    if denoiser.words is None:
        if sampling.guidance or sampling.suite:
            got = "a denoiser without a condition"
            raise Problem("samples of captions", got, "train it with a condition")
        return None
    dataset = training.dataset  # type: ignore[attr-defined]
    if sampling.suite is not None:
        prompts = [prompt.prompt for prompt in sampling.suite.prompts]
        number = {name: k for k, name in enumerate(_classes(dataset))}
        labels = torch.tensor([number.get(prompt, -1) for prompt in prompts])
        tokens = torch.as_tensor(denoiser.words.tokens(prompts))
        return tokens.expand(replicates, -1, -1), labels.expand(replicates, -1)
    images, chosen = load(dataset.name, **dataset.kwargs()).train, []
    assert images.labels is not None  # or the training would have refused it
    for k in range(replicates):
        stream = numpy_generator(str(dataset), k, f"captions {sampling.copy}")
        chosen.append(images.labels[stream.integers(images.count, size=sampling.count)])
    classes = np.stack(chosen)  # [K, N]
    tokens = torch.as_tensor(denoiser.words.tokens(images.classes)[classes])
    return tokens, torch.as_tensor(classes)


def _classes(dataset: Part) -> tuple[str, ...]:
    """The names of the classes of a dataset; those of scenes without drawing one."""
    return (
        captions() if dataset.name == "scenes" else load(dataset.name, **dataset.kwargs()).classes
    )
