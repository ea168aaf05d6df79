"""A loop once more: the same loop by other streams, and nothing else that differs."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from harness.cell import Cell, Stage, Upstream, factors, part
from harness.data.load import load
from harness.metrics import loop_again
from harness.metrics.loop_again import FROM, Again, repeat
from harness.metrics.measurement import Measurement
from harness.metrics.trajectory import chain
from harness.problem import Problem
from harness.run import shard
from harness.run.key import stage_keys
from harness.run.progress import Progress
from harness.sample.sampling import Sampling
from harness.train.condition import Condition
from harness.train.generation import material
from harness.train.loop import fit
from harness.train.self_consuming import Loop
from harness.train.training import Training

PARTS = 20  # of digits: 69 images each
TRAINING = Training(
    dataset=part("digits"),
    pool="oracle",
    network=part("mlp", width=16, blocks=1),
    objective=part("denoising"),
    images=192,
    batch=32,
    warmup=32,
    condition=Condition("label"),
)
SAMPLING = Sampling(80, part("heun", steps=3))
MEASUREMENT = Measurement(("fd_random_conv", "denoising_loss"), ("random_conv",), 20)
LOOP = Loop(1.0)


def plain(generations: int = 2, loop: Loop | None = LOOP) -> Cell:
    stages = chain(generations, TRAINING, SAMPLING, MEASUREMENT, PARTS, loop)
    return Cell(factors(generations=generations), stages, 2)


def again(generations: int = 2) -> Cell:
    first, *_, last, _ = plain(generations).stages
    return replace(plain(generations), stages=(first, Stage("again", Again(last.params))))


def run(cache: Path, cell: Cell) -> list[dict[str, Any]]:
    progress = Progress("study", [cell], lambda c: False, 1, io.StringIO())
    return shard.run_cell(cell, cache, "cpu", progress)


def folder(cache: Path, cell: Cell, at: int) -> Path:
    return cache / cell.stages[at].name / list(stage_keys(cell, "cpu").values())[at]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache after a loop, and after that loop once more."""
    made = tmp_path_factory.mktemp("cache")
    run(made, plain())
    run(made, again())
    return made


def test_rows_are_those_of_the_loop_and_only_the_first_generation_is_shared(cache: Path) -> None:
    own, other = ({(r["metric"], r["replicate"]): r for r in run(cache, c)}
                  for c in (again(), plain()))  # fmt: skip
    assert own.keys() == other.keys()
    for (metric, k), row in own.items():
        same = metric.endswith("/0")
        assert (row == other[metric, k]) == same, metric
        if "/" not in metric:
            assert row == {**own[f"{metric}/2", k], "metric": metric}
            assert row["value"] != own[f"{metric}/1", k]["value"]
    assert len(list((cache / "generation").iterdir())) == 3


def test_a_generation_differs_in_its_streams_alone(cache: Path, tmp_path: Path) -> None:
    """The first one after the shared one, by hand: same material, streams numbered from 100."""
    run(cache, again(1))
    images = load("digits").train
    before = load_file(folder(cache, plain(), 0) / "samples.safetensors")
    materials = [
        material(TRAINING, images, k, PARTS, 1, LOOP, before["samples"][k], before["labels"][k])
        for k in range(2)
    ]
    assert [len(each.pixels) for each in materials] == [69 + 69] * 2
    training = replace(TRAINING, copy=FROM + 1)
    fit(training, images, materials, tmp_path, "cpu", lambda share: None)
    found = folder(cache, again(1), 1)
    assert (found / "weights.safetensors").read_bytes() == (
        tmp_path / "weights.safetensors"
    ).read_bytes()
    left = {path.name for path in found.iterdir()}
    assert {"weights.safetensors", "samples.safetensors", "measurements.json"} <= left
    assert not any(path.is_dir() for path in found.iterdir())  # the generations between are gone


def test_a_later_generation_is_trained_on_its_own_loop(cache: Path) -> None:
    ends = [folder(cache, plain(), 2), folder(cache, again(), 1), folder(cache, again(1), 1)]
    run(cache, again(1))
    samples = [load_file(end / "samples.safetensors")["samples"] for end in ends]
    for a, b in ((0, 1), (1, 2), (0, 2)):
        assert not np.array_equal(samples[a], samples[b])


def test_it_counts_its_progress_by_generation(cache: Path, tmp_path: Path) -> None:
    first = Upstream(again().stages[0].params, folder(cache, plain(), 0))
    seen: list[float] = []
    asked = again().stages[1].params
    repeat(asked, 2, {"generation": first}, tmp_path, "cpu", seen.append)
    assert seen == [0.5, 1.0]
    rows = json.loads((tmp_path / "measurements.json").read_text())
    kept = json.loads((folder(cache, again(), 1) / "measurements.json").read_text())
    assert rows == kept


def test_what_stands_before_it_is_generation_0_or_it_is_refused(tmp_path: Path) -> None:
    asked = again().stages[1].params
    for upstream, got in (
        ({}, "none"),
        ({"generation": Upstream(plain().stages[1].params, tmp_path)}, "generation 1"),
    ):
        with pytest.raises(Problem, match=rf"generation 0 of a loop once more; got {got}"):
            repeat(asked, 2, upstream, tmp_path, "cpu", lambda share: None)
    assert not list(tmp_path.iterdir())


def test_a_loop_that_cannot_be_run_once_more_is_refused() -> None:
    last = plain().stages[-2].params
    fresh = replace(last, loop=Loop(1.0, real="fresh"))
    for each in (plain().stages[0].params, fresh, replace(last, number=loop_again.FROM)):
        with pytest.raises(Problem, match="a loop once more"):
            Again(each)
    assert Again(replace(last, number=loop_again.FROM - 1)).entries() == last.entries()
    assert Again(last).named_parts() == last.named_parts()
