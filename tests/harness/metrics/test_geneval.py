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
from harness.sample.sampling import Sampling
from harness.scenes.captions import SCENES
from harness.scenes.suite import Suite

SUITE = Suite(120)
WORLD = part("scenes", size=24, layout="grid", count=600)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rendered")
    draw(Rendering(WORLD, SUITE), 2, {}, folder, "cpu", lambda share: None)
    return folder


def left(folder: Path, images: np.ndarray) -> None:
    """Samples [K, N, 3, S, S] as a stage leaves them."""
    folder.mkdir()
    save_file({"samples": np.ascontiguousarray(images)}, folder / "samples.safetensors")


def scores(folder: Path, pairing: str, out: Path, images: str = "render") -> dict[str, list[float]]:
    upstream = {images: Upstream(Rendering(WORLD, SUITE), folder)}
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


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_have_diverged_and_say_so_in_every_row(
    value: float, rendered: Path, tmp_path: Path
) -> None:
    images = load_file(rendered / "samples.safetensors")["samples"].copy()
    images[1, 5, 0, 0, 0] = value
    left(tmp_path / "in", images)
    found = scores(tmp_path / "in", "own", tmp_path, "sample")
    assert found["geneval"][0] > 0.99
    rows = json.loads((tmp_path / "measurements.json").read_text())
    lost = [r for r in rows if r["replicate"] == 1]
    assert [r["metric"] for r in lost] == list(SCORES)
    for each in lost:
        assert each["value"] is each["standard_error"] is None
        assert (each["status"], each["reason"]) == ("diverged", "the samples are not finite")
    assert not (tmp_path / "results-1.jsonl").exists()


def test_standard_errors_are_binomial_with_the_suite_held_fixed(
    rendered: Path, tmp_path: Path
) -> None:
    """Over images, however often a caption is repeated; the tasks are independent."""
    scores(rendered, "task", tmp_path)
    rows = json.loads((tmp_path / "measurements.json").read_text())
    for k in (0, 1):
        found = {r["metric"]: r for r in rows if r["replicate"] == k}
        of = {task: found[f"geneval/{task}"] for task in TASKS}
        variance = {t: r["value"] * (1 - r["value"]) / 120 for t, r in of.items()}
        assert sorted(variance.values())[1] > 0
        assert all(of[t]["standard_error"] == pytest.approx(sqrt(variance[t])) for t in TASKS)
        mean, gap = found["geneval"], found["binding_gap"]
        assert mean["standard_error"] == pytest.approx(sqrt(sum(variance.values())) / 6)
        bound = ("single_object", "colors", "position", "color_attr")
        expected = sqrt(sum(variance[t] for t in bound)) / 2
        assert gap["standard_error"] == pytest.approx(expected)
        assert {r["n"] for r in of.values()} == {120}
        assert (mean["n"], gap["n"]) == (720, 480)
        assert {r["higher_is_better"] for r in (mean, *of.values())} == {True}
        assert gap["higher_is_better"] is None


def test_a_pairing_is_that_of_its_replicate_and_the_same_for_all_images(
    rendered: Path, tmp_path: Path
) -> None:
    """So that the floors of two guidances are paired, and those of two replicates are not."""
    images = load_file(rendered / "samples.safetensors")["samples"]
    left(tmp_path / "in", images[::-1].copy())
    told = {}
    for name, folder in (("one", rendered), ("other", tmp_path / "in")):
        (tmp_path / name).mkdir()
        scores(folder, "task", tmp_path / name)
        for k in (0, 1):
            found = read_results(tmp_path / name / f"results-{k}.jsonl", SCENES)
            told[name, k] = [each.metadata for each in found]
    assert told["one", 0] == told["other", 0]
    assert told["one", 1] == told["other", 1]
    assert told["one", 0] != told["one", 1]
    assert sorted(told["one", 0]) == sorted(told["one", 1])


def test_every_replicate_is_judged_by_its_own_images(rendered: Path, tmp_path: Path) -> None:
    images = load_file(rendered / "samples.safetensors")["samples"].copy()
    images[1] = -1  # nothing is there
    left(tmp_path / "in", images)
    found = scores(tmp_path / "in", "own", tmp_path)
    assert found["geneval"][0] > 0.99
    assert found["geneval"][1] == 0


def test_samples_are_cut_to_the_range_of_a_file(rendered: Path, tmp_path: Path) -> None:
    images = 2 * load_file(rendered / "samples.safetensors")["samples"]
    verdicts = []
    for name, given in (("wide", images), ("cut", np.clip(images, -1, 1))):
        left(tmp_path / f"in {name}", given)
        (tmp_path / name).mkdir()
        scores(tmp_path / f"in {name}", "own", tmp_path / name)
        verdicts.append((tmp_path / name / "results-0.jsonl").read_bytes())
    assert verdicts[0] == verdicts[1]


def test_a_single_object_is_there_by_chance_as_often_as_the_suite_shows_it(
    rendered: Path, tmp_path: Path
) -> None:
    """Against any caption; an image of a circle and a square has a circle, too."""
    found = scores(rendered, "any", tmp_path)
    shown = [{wanted.klass for wanted in prompt.include} for prompt in SUITE.prompts]
    rate = np.mean([shape in shapes for shape in SCENES.classes for shapes in shown])
    for value in found["geneval/single_object"]:
        assert abs(value - rate) < 4 * sqrt(rate * (1 - rate) / 120)


def test_an_unknown_pairing_names_the_known_ones() -> None:
    with pytest.raises(Problem, match="own, task, any"):
        GenEval(SUITE, "none")


def test_one_image_of_a_task_has_no_other_to_be_judged_by() -> None:
    with pytest.raises(Problem, match="1 image a task"):
        GenEval(Suite(1), "task")
    assert sorted(GenEval(Suite(1), "any").against(np.random.default_rng(0))) == list(range(6))


@pytest.mark.parametrize(
    "drawn",
    [Rendering(WORLD, Suite(120, 1)), Rendering(WORLD, Suite(60)), Sampling(SUITE.count)],
    ids=["other captions", "fewer", "captions of the training"],
)
def test_images_of_another_suite_are_not_judged(
    drawn: Rendering | Sampling, rendered: Path, tmp_path: Path
) -> None:
    """As many images under other captions would be given a score, and a wrong one."""
    upstream = {"sample": Upstream(drawn, rendered)}
    with pytest.raises(Problem, match="the suite that they were drawn for"):
        evaluate(GenEval(SUITE), 2, upstream, tmp_path, "cpu", lambda share: None)


def test_progress_ends_at_one(rendered: Path, tmp_path: Path) -> None:
    shares: list[float] = []
    upstream = {"render": Upstream(Rendering(WORLD, SUITE), rendered)}
    evaluate(GenEval(SUITE), 2, upstream, tmp_path, "cpu", shares.append)
    assert shares == [0.5, 1]
