"""Telling: what a denoiser is told of its images in a step of its training.

Without a perturbation that is their tokens, and the network embeds them. With one they are embedded
here, and what they embed to is moved (``harness.corrupt.perturbation``); the gradient goes through
to an embedding that is learned, as it does in the network.
"""

import torch
from torch import Tensor

from harness.nets.preconditioning import Denoiser
from harness.train.condition import Condition


class Telling:
    """Conditions of a denoiser's stack, as the perturbation of its training leaves them.

    classes: the names of all classes; their mean is what a label is smoothed to, all alike. width:
    d of an embedded condition, 0 where none is perturbed.
    """

    width = 0

    def __init__(
        self, denoiser: Denoiser, condition: Condition | None, classes: tuple[str, ...]
    ) -> None:
        self.denoiser = denoiser
        self.perturbation = None if condition is None else condition.perturbed()
        if self.perturbation is not None:
            assert denoiser.words is not None
            tokens = torch.as_tensor(denoiser.words.tokens(classes), device=denoiser.scales.device)
            self.classes = tokens.expand(len(denoiser.scales), -1, -1)  # [K, C, T]
            self.width = denoiser.embed(self.classes[:, :1]).shape[-1]

    def __call__(self, told: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """What the network is told, nothing or one tensor, from what was drawn.

        told: nothing, tokens [K, B, T], or these and what was drawn to perturb them [K, B, T, d].
        """
        if self.perturbation is None:
            return told
        tokens, *drawn = told
        moved = drawn[0] if drawn else None
        return (self.perturbation(self.denoiser.embed(tokens), moved, self._mean),)

    def _mean(self) -> Tensor:
        """The mean of what the classes embed to, [K, 1, T, d]."""
        return self.denoiser.embed(self.classes).mean(1, keepdim=True)
