"""A trained stack whose guided samples have a law in closed form.

Data are N(0, S^2) on one pixel under either of two classes. A stub stands in for the trained stack:
it believes N(0, TAU^2) under a class and N(0, V^2) under none, so that the flow is linear and the
samples at w are N(0, (TAU (TAU / V)^w)^2) in closed form: right at w = 1.
"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import Tensor

from harness.cell import Upstream, part
from harness.data.images import Images
from harness.data.words import Words
from harness.metrics import best_guidance as stage
from harness.metrics.best_guidance import GuidanceChoice, guide
from harness.sample import draw as drawing
from harness.sample.chosen_guidance import ChosenGuidance
from harness.sample.draw import draw
from harness.sample.sampling import Sampling
from harness.streams import numpy_generator
from harness.train.condition import Condition

S, TAU, V = 0.1, 0.2, 0.4
GRID = (0.0, 0.5, 1.0, 1.5, 2.0)
SAMPLER = part("heun", steps=24, sigma_max=5.0)
DATA = part("digits")  # the name of the streams; what is loaded is a stub as well
ASKED = SimpleNamespace(dataset=DATA, checkpoints=1, condition=Condition("label"))


class Stub:
    """E[x0 | x] where every class is N(0, TAU^2), and all of them N(0, V^2)."""

    shape, words = (1, 1, 1), Words.of(("a", "b"), whole=True)

    def __call__(self, x: Tensor, sigma: Tensor, tokens: Tensor) -> Tensor:
        spread = torch.where(tokens[:, :, :1, None, None] > 0, TAU, V) ** 2  # [K, B, 1, 1, 1]
        level = sigma[:, :, None, None, None] ** 2
        return x * (spread / (spread + level))


def gaussian(*_: Any, **__: Any) -> Images:
    draw = numpy_generator("test", 0, "guidance data")
    pixels = S * draw.standard_normal((1400, 1, 1, 1))
    return Images.unrelated(
        "normal", pixels.astype(np.float32), np.arange(1400) >= 1200,
        np.arange(1400) % 2, ("a", "b"), "", "",
    )  # fmt: skip


@pytest.fixture
def upstream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Upstream]:
    monkeypatch.setattr(drawing, "restore", lambda path, device: Stub())
    for module in (drawing, stage):
        monkeypatch.setattr(module, "load", gaussian)
    return {"train": Upstream(ASKED, tmp_path)}


def quiet(share: float) -> None:
    """No progress."""


def run(
    choice: GuidanceChoice, replicates: int, upstream: dict[str, Upstream], out: Path
) -> tuple[np.ndarray, dict[tuple[str, int], dict[str, Any]]]:
    """What was chosen, and the rows by name and replicate."""
    out.mkdir(exist_ok=True)
    guide(choice, replicates, upstream, out, "cpu", quiet)
    rows = json.loads((out / "measurements.json").read_text())
    found = {(row["metric"], row["replicate"]): row for row in rows}
    assert len(found) == len(rows) == replicates * (1 + len(choice.grid))
    return np.array(ChosenGuidance.read(out, replicates).weights), found


def reported(
    out: Path, choice: GuidanceChoice, chosen_in: Path, copy: int, count: int, replicates: int,
    upstream: dict[str, Upstream],
) -> np.ndarray:  # fmt: skip
    """The samples of the next stage, [K, N]."""
    out.mkdir()
    after = {**upstream, "guide": Upstream(choice, chosen_in)}
    draw(Sampling(count, SAMPLER, copy=copy), replicates, after, out, "cpu", quiet)
    return load_file(out / "samples.safetensors")["samples"].reshape(replicates, count)
