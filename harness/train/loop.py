"""The training loop: K replicates of one cell as a stack, sigma first, then an admissible image.

Each replicate has its own streams (init, sigma, index, noise), so a copy in a stack sees the
numbers that it would see alone, and two arms of one replicate see the same ones.
"""

import json
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from harness.cell import Upstream
from harness.data.load import load
from harness.nets.checkpoint import build, save
from harness.objectives import OBJECTIVES
from harness.streams import torch_generator
from harness.train.material import Material, gather
from harness.train.pool import Pool
from harness.train.training import Training

ADAM = {"betas": (0.9, 0.99), "eps": 1e-8}
REPORTS = 40  # points on the loss curve that is kept


def rate_at(seen: int, training: Training) -> float:
    """Learning rate after ``seen`` images: linear warm-up, constant, then 1/sqrt(images)."""
    warm = min(1.0, (seen + training.batch) / max(training.warmup, 1))
    return training.rate * warm / max(1.0, seen / training.constant) ** 0.5


def train(
    training: Training,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Train; leave the averaged weights and a summary in the folder ``out``."""
    label, batch = str(training.dataset), training.batch
    images = load(training.dataset.name, **training.dataset.kwargs()).train
    objective = OBJECTIVES[training.objective.name](**training.objective.kwargs())
    materials = [gather(training, images, k) for k in range(replicates)]
    init = [torch_generator(label, k, f"init {training.copy}", device) for k in range(replicates)]
    words = None if training.condition is None else training.condition.words(images)
    denoiser = build(training.network, images.shape, init, training.basis, words)
    for k, material in enumerate(materials):
        scales = denoiser.basis.measure(k, material.pixels[material.clean], training.per_mode)
        denoiser.scales[k, 0] = torch.as_tensor(scales, dtype=torch.float32)
    draws = [_Draws(m, objective.buffer, training, k, device) for k, m in enumerate(materials)]

    parameters: list[Tensor] = list(denoiser.parameters())
    averages = [p.detach().clone() for p in parameters]
    optimiser = torch.optim.Adam(parameters, fused=True, **ADAM)  # type: ignore[arg-type]
    steps = training.images // batch
    curve: list[dict[str, object]] = []
    for step in range(steps):
        seen = step * batch
        optimiser.param_groups[0]["lr"] = rate_at(seen, training)
        x0, sigma, sigma_min, noise, frozen, *tokens = (
            torch.stack(each) for each in zip(*[draw() for draw in draws])
        )
        level, floor = sigma[:, :, None, None, None], sigma_min[:, :, None, None, None]
        xt, target = objective.pair(x0, level, floor, noise, frozen)
        error = denoiser.weighted_error(xt, target, sigma, *tokens)  # [K, B]
        loss = error.mean(1) / x0[0, 0].numel()  # [K]: the copies share nothing, so sum them
        optimiser.zero_grad(set_to_none=True)
        loss.sum().backward()
        optimiser.step()
        halflife = max(training.ema * (seen + batch), 1.0)
        torch._foreach_lerp_(averages, parameters, 1 - 0.5 ** (batch / halflife))
        if step % max(1, steps // REPORTS) == 0 or step == steps - 1:
            curve.append({"images": seen + batch, "loss": loss.tolist()})
            progress((step + 1) / steps)
    for p, average in zip(parameters, averages):
        p.data.copy_(average)
    save(denoiser, training.network, out / "weights.safetensors", training.basis)
    (out / "training.json").write_text(json.dumps(_summary(materials, curve), indent=1))


class _Draws:
    """An endless row of batches for one replicate: sigma first, then an admissible image."""

    def __init__(
        self, material: Material, buffer: float, training: Training, replicate: int, device: str
    ) -> None:
        label = str(training.dataset)
        self.streams = {
            name: torch_generator(label, replicate, f"{name} {training.copy}", device)
            for name in ("sigma", "index", "noise", "dropout")
        }
        self.training, self.device = training, device
        self.pool = Pool(material.levels, buffer, device)
        self.pixels = torch.tensor(material.pixels, device=device)
        self.sigma_min = torch.as_tensor(material.levels[:, 0].copy(), device=device)
        self.tokens = None if material.tokens is None else torch.tensor(material.tokens).to(device)
        frozen = torch_generator(label, replicate, f"frozen {training.copy}", device)
        self.frozen = torch.randn(self.pixels.shape, generator=frozen, device=device)

    def __call__(self) -> tuple[Tensor, ...]:
        """x0, sigma, sigma_min, noise, the image's own noise and, for a condition, its tokens."""
        t, size = self.training, (self.training.batch,)
        normal = torch.randn(size, generator=self.streams["sigma"], device=self.device)
        sigma = (t.log_sigma_mean + t.log_sigma_std * normal).exp()  # [B]
        uniform = torch.rand(size, generator=self.streams["index"], device=self.device)
        index = self.pool.draw(sigma, uniform)  # [B]
        x0 = self.pixels[index]  # [B, C, H, W]
        noise = torch.randn(x0.shape, generator=self.streams["noise"], device=self.device)
        # An image drawn below its sigma_min was admitted from above, by its sigma_max: it counts
        # as clean there, so its annotation is zero.
        floor = self.sigma_min[index]
        floor = torch.where(floor < sigma, floor, 0.0)
        drawn = (x0, sigma, floor, noise, self.frozen[index])
        if self.tokens is None or t.condition is None:
            return drawn
        uniform = torch.rand(size, generator=self.streams["dropout"], device=self.device)
        told = uniform >= t.condition.dropout
        return (*drawn, self.tokens[index] * told[:, None])  # [B, T]


def _summary(materials: list[Material], curve: list[dict[str, object]]) -> dict[str, object]:
    """What the report shows of a training: pools, annotations and the loss curve."""
    annotated = [m.levels[~m.clean, 0] for m in materials]
    return {
        "clean_images": [int(m.clean.sum()) for m in materials],
        "corrupted_images": [int((~m.clean).sum()) for m in materials],
        "sigma_min": [float(a.mean()) if a.size else None for a in annotated],
        "curve": curve,
    }
