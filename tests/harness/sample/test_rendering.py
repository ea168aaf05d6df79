"""The stage ``render``: the suite in the world of its dataset, other places for each replicate."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from harness.cell import part
from harness.geneval.rules import Rules, judge
from harness.sample.rendering import Rendering, draw
from harness.scenes.captions import SCENES
from harness.scenes.detector import detect
from harness.scenes.suite import Suite
from harness.scenes.world import World

SUITE = Suite(6)


def rendered(folder: Path, replicates: int = 2, **dataset: object) -> np.ndarray:
    folder.mkdir(exist_ok=True)
    shares: list[float] = []
    asked = Rendering(part("scenes", **dataset), SUITE)
    draw(asked, replicates, {}, folder, "cpu", shares.append)
    assert shares == [(k + 1) / replicates for k in range(replicates)]
    return load_file(folder / "samples.safetensors")["samples"]


@pytest.mark.parametrize("dataset", [{}, {"size": 32, "layout": "free", "count": 600}])
def test_every_image_shows_its_prompt_in_every_replicate(
    dataset: dict[str, object], tmp_path: Path
) -> None:
    images = rendered(tmp_path, **dataset)
    size = dataset.get("size", 24)
    assert images.shape == (2, SUITE.count, 3, size, size)
    assert images.dtype == np.float32
    for each in images:
        found = detect(each, [str(i) for i in range(SUITE.count)])
        for prompt, seen in zip(SUITE.prompts, found, strict=True):
            assert judge(prompt, seen, Rules(), SCENES).correct


def test_the_world_is_that_of_the_dataset() -> None:
    for given in ({}, {"size": 40}, {"layout": "free"}, {"size": 48, "layout": "free"}):
        assert Rendering(part("scenes", count=600, **given), SUITE).world == World(**given)
    assert Rendering(part("scenes"), SUITE).entries() == ["harness.data.scenes:scenes"]


def test_replicates_differ_and_a_replicate_is_the_same_alone(tmp_path: Path) -> None:
    both = rendered(tmp_path / "both")
    assert not {x.tobytes() for x in both[0]} & {x.tobytes() for x in both[1]}
    assert np.array_equal(rendered(tmp_path / "alone", 1), both[:1])
