"""The stage ``render``: scenes of a suite drawn by the renderer, the sampler that makes no error.

What the scorer gives these is the ceiling of every model of scenes. The places and free colours of
replicate k are drawn from a stream of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from harness.cell import Part, Upstream
from harness.data import DATASETS
from harness.scenes.render import render
from harness.scenes.suite import Suite
from harness.scenes.world import World, arrange
from harness.streams import numpy_generator


@dataclass(frozen=True)
class Rendering:
    """Parameters of the stage ``render``; dataset: scenes, whose size and layout it has."""

    dataset: Part
    suite: Suite

    def entries(self) -> list[str]:
        return [DATASETS.entry(self.dataset.name)]

    @property
    def world(self) -> World:
        given = self.dataset.kwargs()
        return World(**{name: given[name] for name in ("size", "layout") if name in given})


def draw(
    rendering: Rendering,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``samples`` float32 [K, N, 3, S, S] in the folder ``out``."""
    world, drawn = rendering.world, []
    for k in range(replicates):
        stream = numpy_generator(str(rendering.dataset), k, "render")
        drawn.append(render(arrange(rendering.suite.prompts, world, stream), world))
        progress((k + 1) / replicates)
    save_file({"samples": np.stack(drawn)}, out / "samples.safetensors")
