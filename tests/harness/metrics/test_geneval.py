"""The stage that scores scenes: the renderer is right, other captions are right by chance alone."""

import json
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from harness.cell import Upstream, part
from harness.geneval.results import read_results
from harness.geneval.vocabulary import TASKS
from harness.metrics.geneval import SCORES, GenEval, evaluate
from harness.problem import Problem
from harness.sample.rendering import Rendering, draw
from harness.scenes.captions import SCENES
from harness.scenes.suite import Suite

SUITE = Suite(120)
WORLD = part("scenes", size=24, layout="grid", count=600)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rendered")
    draw(Rendering(WORLD, SUITE), 2, {}, folder, "cpu", lambda share: None)
    return folder


def scores(folder: Path, pairing: str, out: Path, images: str = "render") -> dict[str, list[float]]:
    upstream = {images: Upstream(None, folder)}
    evaluate(GenEval(SUITE, pairing), 2, upstream, out, "cpu", lambda share: None)
    rows = json.loads((out / "measurements.json").read_text())
    return {name: [r["value"] for r in rows if r["metric"] == name] for name in SCORES}


def test_the_renderer_is_the_ceiling(rendered: Path, tmp_path: Path) -> None:
    found = scores(rendered, "own", tmp_path)
    assert min(found["geneval"]) > 0.995
    assert all(abs(gap) < 0.01 for gap in found["binding_gap"])
    results = read_results(tmp_path / "results-0.jsonl", SCENES)
    assert len(results) == SUITE.count
    right = [r.correct for r in results if r.tag == "colors"]
    assert np.mean(right) == found["geneval/colors"][0]


def test_shuffled_captions_are_right_by_chance(rendered: Path, tmp_path: Path) -> None:
    """An image of one of n captions of its task answers another image's with its closed-form rate.

    single_object: 3 captions that exclude each other, 40 images each: (40 - 1)/(120 - 1) of the
    other images have the same caption. colors: 24 captions, 5 images each, 4/119.
    """
    found = scores(rendered, "task", tmp_path)
    for task, rate in (("single_object", 39 / 119), ("colors", 4 / 119)):
        for value in found[f"geneval/{task}"]:
            assert abs(value - rate) < 4 * sqrt(rate * (1 - rate) / 120), task


def test_pairings_have_no_fixed_point_and_keep_to_their_task() -> None:
    rng = np.random.default_rng(0)
    order = np.arange(SUITE.count)
    for pairing in ("task", "any"):
        against = GenEval(SUITE, pairing).against(rng)
        assert sorted(against) == list(order)
        assert (against != order).all()
        same = against // SUITE.images == order // SUITE.images
        assert same.all() == (pairing == "task")
    assert (GenEval(SUITE).against(rng) == order).all()


def test_the_score_is_the_mean_of_the_tasks(rendered: Path, tmp_path: Path) -> None:
    found = scores(rendered, "any", tmp_path)
    for k in (0, 1):
        means = {task: found[f"geneval/{task}"][k] for task in TASKS}
        assert found["geneval"][k] == pytest.approx(sum(means.values()) / 6)
        gap = means["single_object"] + means["colors"] - means["position"] - means["color_attr"]
        assert found["binding_gap"][k] == pytest.approx(gap / 2)


def test_samples_that_are_no_numbers_have_diverged(rendered: Path, tmp_path: Path) -> None:
    images = load_file(rendered / "samples.safetensors")["samples"].copy()
    images[1, 5, 0, 0, 0] = np.nan
    (tmp_path / "in").mkdir()
    save_file({"samples": images}, tmp_path / "in" / "samples.safetensors")
    found = scores(tmp_path / "in", "own", tmp_path, "sample")
    assert found["geneval"][0] > 0.99
    assert found["geneval"][1] is None


def test_an_unknown_pairing_names_the_known_ones() -> None:
    with pytest.raises(Problem, match="own, task, any"):
        GenEval(SUITE, "none")
