r"""The stage ``token_loss``: what a trained token model is worth before anything is drawn.

``token_loss/<head>``, the mean over held-out images of the loss of an image, with orders, masks and
noise drawn from one stream of the replicate, so that it is a number of the weights alone; several
``rounds`` of them. Its standard error is over images, with the network held fixed. The unit is the
head's:

    cross_entropy   nats a token; under a causal order the image's exact negative log-likelihood,
                    over its tokens
    diffusion       1: a denoising error, weighted so that what knows nothing but the marginal mean
                    and variance scores about 1 (``harness.tokens.diffusion``)
    squared         1: in variances of a number of a token

What is averaged differs by order too: causally every token given those before it, masked the
hidden ones given the rest, under another law of how many those are. So losses rank the sizes of one
arm; between heads they have no common unit, between orders no common meaning.

Beside it stand, of each replicate,

    ceiling_fd_random_conv     the Frechet distance of held-out images that were made tokens and
                               back, as many as are drawn, to what ``measure`` holds samples
                               against: what no model of these tokens can be expected to beat
    ceiling_geneval            the GenEval score of the same, under their own captions (scenes)
    reconstruction_error       their mean squared error, a pixel
    parameters                 of the model
    training_flops             operations of the training
    sampling_flops             operations of drawing an image as the cell does

all operations counted as products (``harness.tokens.model``).
"""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from harness.cell import Upstream
from harness.data.images import Images
from harness.metrics.estimate import mean
from harness.metrics.geneval import _of_replicate
from harness.metrics.measure import _of_samples, _shared, _thinned
from harness.scenes.captions import prompt_of
from harness.streams import torch_generator
from harness.theorem import row
from harness.tokens.manner import Manner
from harness.tokens.model import Model
from harness.tokenwise.checkpoint import restore
from harness.tokenwise.counting import TRAINING, costs, parameters
from harness.tokenwise.loss import LIKENESS, UNITS, TokenLoss, loss_of
from harness.tokenwise.pipeline import Pipeline, drawn, loaded
from harness.tokenwise.training import TokenTraining

BATCH = 256  # images at a time


def measure(
    asked: TokenLoss,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` in the folder ``out``."""
    trained = upstream["train_tokens"]
    training: TokenTraining = trained.params
    images = loaded(training.dataset)
    held_out = _thinned(images.held_out, asked.held_out)
    model, pipelines = restore(trained.folder / "weights.safetensors", device)
    losses = held_out_losses(model, pipelines, training, held_out, asked.rounds, device)
    name, rows = training.head.name, []
    for k, own in enumerate(losses):
        unit, finite = UNITS.get(name, "1"), bool(np.isfinite(own).all())
        value, error, n = mean(own) if finite else (float("nan"), None, len(own))
        rows.append(
            row(k, loss_of(name), value, unit, standard_error=error, higher_is_better=False, n=n)
        )
    progress(0.5)
    manner = upstream["sample_tokens"].params.manner if "sample_tokens" in upstream else None
    counted = _costs(training, images, parameters(model), manner)
    for k in range(replicates):
        rows += [row(k, each, value, "1", tier="exact") for each, value in counted.items()]
    as_many = upstream["sample_tokens"].params.count if manner is not None else None
    rows += _ceilings(training, pipelines, images, _thinned(images.held_out, as_many))
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))
    progress(1.0)


@torch.no_grad()
def held_out_losses(
    model: Model,
    pipelines: list[Pipeline],
    training: TokenTraining,
    held_out: Images,
    rounds: int,
    device: str,
) -> np.ndarray:
    """The loss of each image, float64 [K, N], the mean over rounds."""
    tokens = torch.as_tensor(np.stack([each.encode(held_out.pixels) for each in pipelines]))
    told = None
    if training.condition is not None:
        told = torch.as_tensor(training.condition.tokens(held_out))
    streams = [
        torch_generator(str(training.dataset), k, "held-out tokens", device)
        for k in range(len(pipelines))
    ]
    found = np.zeros((len(pipelines), held_out.count))
    for _ in range(rounds):
        for start in range(0, held_out.count, BATCH):
            x = tokens[:, start : start + BATCH].to(device)
            condition = None
            if told is not None:
                own = told[start : start + BATCH].to(device)
                condition = own.expand(len(pipelines), *own.shape)
            loss = model(x, condition, streams)  # [K, B]
            found[:, start : start + x.shape[1]] += loss.double().cpu().numpy() / rounds
    return found


def _costs(
    training: TokenTraining, images: Images, weights: int, manner: Manner | None
) -> dict[str, float]:
    """What each replicate costs."""
    one = costs(training, images.shape, images.classes, manner or Manner())
    found = {
        "parameters": float(weights),
        "training_flops": float(TRAINING * one.loss * training.images),
    }
    return found if manner is None else {**found, "sampling_flops": float(one.sample)}


def _ceilings(
    training: TokenTraining, pipelines: list[Pipeline], images: Images, held_out: Images
) -> list[dict[str, Any]]:
    """What is left of held-out images by tokens alone, of each replicate: the same of all where
    fitting the tokeniser draws nothing."""
    truth = _shared(training.dataset, LIKENESS.extractors, ())
    rows: list[dict[str, Any]] = []
    for k, each in enumerate(pipelines):
        if k and not drawn(training):
            rows += [{**one, "replicate": k} for one in rows if one["replicate"] == 0]
            continue
        made = each.decode(each.encode(held_out.pixels))
        error = np.square(made - held_out.pixels, dtype=np.float64).mean((1, 2, 3))
        rows.append(
            row(k, "reconstruction_error", float(error.mean()), "1", higher_is_better=False,
                standard_error=float(error.std(ddof=1) / len(error) ** 0.5), n=len(error))
        )  # fmt: skip
        found = _of_samples(LIKENESS, str(training.dataset), k, made, None, truth, None, images)
        rows += [{**one, "metric": f"ceiling_{one['metric']}"} for one in found]
        if training.dataset.name == "scenes":
            assert held_out.labels is not None
            prompts = [prompt_of(held_out.classes[label]) for label in held_out.labels]
            with TemporaryDirectory() as folder:
                judged = _of_replicate(k, made, prompts, Path(folder))
            rows += [
                {**one, "metric": "ceiling_geneval"} for one in judged if one["metric"] == "geneval"
            ]
    return rows
