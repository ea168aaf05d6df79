"""The drawing: an endless row of batches for one replicate, every draw from a stream of its own.

Streams are named (sigma, index, noise, ...) and belong to a replicate and not to an arm: two arms
of one replicate see the same noise levels, the same noise and, where their pools allow it, the same
images. A stream that only some objectives need is opened beside these, and moves none of them.

With a condition an image comes with the tokens that the denoiser is told of it, and where they are
perturbed once they are embedded, with what is drawn for that.
"""

import numpy as np
import torch
from torch import Tensor

from harness.objectives.objective import Objective
from harness.streams import torch_generator
from harness.train.levels import Levels
from harness.train.material import Material
from harness.train.pool import Pool
from harness.train.training import Training

STREAMS = (
    "sigma",
    "index",
    "noise",
    "dropout",
    "fresh",
    "extra level",
    "extra noise",
    "perturbation",
    "redraw",
)


class Drawing:
    """Batches of a replicate's material, as the training and its objective ask for them.

    width: d of an embedded condition, where it is perturbed.
    """

    def __init__(
        self,
        material: Material,
        objective: Objective,
        training: Training,
        replicate: int,
        device: str,
        width: int = 0,
    ) -> None:
        label = str(training.dataset)
        self.streams = {
            name: torch_generator(label, replicate, f"{name} {training.copy}", device)
            for name in STREAMS
        }
        self.material, self.objective, self.training = material, objective, training
        self.device = device
        self.law = Levels(training.log_sigma_mean, training.log_sigma_std)
        self.pool = Pool(material.levels, objective.buffer, device)
        self.pixels = torch.tensor(material.pixels, device=device)
        self.sigma_min = torch.as_tensor(material.levels[:, 0].copy(), device=device)
        self.tokens = None if material.tokens is None else torch.tensor(material.tokens).to(device)
        self.redraw = None if material.redraw is None else material.redraw.to(device)
        self.labels = None if material.labels is None else torch.tensor(material.labels).to(device)
        frozen = torch_generator(label, replicate, f"frozen {training.copy}", device)
        self.frozen = torch.randn(self.pixels.shape, generator=frozen, device=device)
        self.width, self.kept = width, None
        self.perturbation = None if training.condition is None else training.condition.perturbed()
        if self.perturbation is not None and self.perturbation.fixed:
            own = torch_generator(label, replicate, f"fixed perturbation {training.copy}", device)
            self.kept = self._perturbing(len(self.pixels), own)

    def clean_alone(self) -> None:
        """From now on draw none but the images that count as clean, at every level."""
        levels = self.material.levels.copy()
        levels[~self.material.clean] = np.inf, 0.0
        self.pool = Pool(levels, self.objective.buffer, self.device)

    def normal(self, stream: str, shape: tuple[int, ...]) -> Tensor:
        """Standard normals of a stream."""
        return torch.randn(shape, generator=self.streams[stream], device=self.device)

    def below(self, limit: Tensor) -> Tensor:
        """Noise levels below the limits [B], from the law of the training truncated to them."""
        normal = self.normal("extra level", tuple(limit.shape))
        return self.law.truncated(normal, torch.full_like(limit, torch.inf), limit)

    def told(self, index: Tensor) -> Tensor:
        """The tokens [B, T] of the images [B], before any is replaced by the null caption.

        They are the images' own, or drawn anew where the images are relabelled at each visit.
        """
        assert self.tokens is not None
        if self.redraw is None or self.labels is None:
            return self.tokens[index]
        return self.redraw(self.labels[index], self.streams["redraw"])

    def moved(self, index: Tensor) -> Tensor | None:
        """What is drawn, [B, T, d], to perturb the conditions of the images [B]; None for nothing.

        The same at each visit of an image where the perturbation is fixed.
        """
        if self.kept is not None:
            return self.kept[index]
        return self._perturbing(len(index), self.streams["perturbation"])

    def _perturbing(self, count: int, generator: torch.Generator) -> Tensor | None:
        """What is drawn to perturb so many conditions, [count, T, d]; None for nothing."""
        if self.perturbation is None or self.tokens is None:
            return None
        return self.perturbation.draw((count, self.tokens.shape[1], self.width), generator)

    def __call__(self) -> tuple[Tensor, ...]:
        """x0, sigma, sigma_min, noise and the image's own noise.

        With a condition its tokens too, and what is drawn to perturb it, where something is.
        """
        t, size = self.training, (self.training.batch,)
        normal = self.normal("sigma", size)
        uniform = torch.rand(size, generator=self.streams["index"], device=self.device)
        first = self.pool.level_first if t.draw == "sigma" else self.pool.image_first
        sigma, index = first(self.law, normal, uniform)  # [B], [B]
        x0 = self.pixels[index]  # [B, C, H, W]
        noise = self.normal("noise", tuple(x0.shape))
        # An image drawn below its sigma_min was admitted from above, by its sigma_max: it counts
        # as clean there, so its annotation is zero.
        floor = self.sigma_min[index]
        floor = torch.where(floor < sigma, floor, 0.0)
        fresh = self.objective.fresh
        frozen = self.normal("fresh", tuple(x0.shape)) if fresh else self.frozen[index]
        drawn = (x0, sigma, floor, noise, frozen)
        if self.tokens is None or t.condition is None:
            return drawn
        uniform = torch.rand(size, generator=self.streams["dropout"], device=self.device)
        told = self.told(index) * (uniform >= t.condition.dropout)[:, None]  # [B, T]
        moved = self.moved(index)
        return (*drawn, told) if moved is None else (*drawn, told, moved)
