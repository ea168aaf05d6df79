"""Folders of scenes in the published form, and the command that they go through."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness.cli import main
from harness.geneval.prompt import Prompt
from harness.scenes.captions import prompt_of
from harness.scenes.world import World
from harness.streams import numpy_generator
from harness.t2i.drawing import pictures
from harness.t2i.drawing import scenes as arranged

CAPTIONS = (
    "a circle", "a square and a triangle", "two squares", "a red circle",
    "a circle left of a square", "a blue square and a green triangle",
)  # fmt: skip


def _write(root: Path, prompts: Sequence[Prompt], images: int = 2, order: Any = None) -> Path:
    laid = arranged(prompts, images, World(), numpy_generator("test", 0, "t2i"))
    levels = [pictures(own, World()) for own in laid]
    for number, prompt in enumerate(prompts):
        place = root / f"{number:05}"
        (place / "samples").mkdir(parents=True)
        (place / "metadata.jsonl").write_text(json.dumps(prompt.config()))
        for i, picture in enumerate(levels[number if order is None else order[number]]):
            Image.fromarray(picture).save(place / "samples" / f"{i:04}.png")
    return root


@pytest.fixture
def write() -> Callable[..., Path]:
    """write(root, prompts, images=2, order=None): prompts with their scenes, or with others'."""
    return _write


@pytest.fixture
def prompts() -> list[Prompt]:
    """One prompt of each task."""
    return [prompt_of(caption) for caption in CAPTIONS]


@pytest.fixture
def scenes(tmp_path: Path, prompts: list[Prompt]) -> Path:
    """One prompt of each task with two images each, as drawn."""
    return _write(tmp_path / "scenes", prompts)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """run(*arguments, status=0): run ``patina geneval``; what it printed, errors last."""

    def geneval(*arguments: object, status: int = 0) -> str:
        got = main(["geneval", *map(str, arguments)])
        said = capsys.readouterr()
        assert got == status, said.err
        return said.out + said.err

    return geneval


@pytest.fixture
def noise() -> Callable[..., np.ndarray]:
    """noise(height, width, seed=0): a picture of noise, uint8 [H, W, 3]."""

    def draw(height: int, width: int, seed: int = 0) -> np.ndarray:
        stream = numpy_generator("test", seed, "noise")
        return stream.integers(0, 256, (height, width, 3), np.uint8)

    return draw
