"""Loops in stages: what each generation trains on and leaves, resuming, sharing, and refusals."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from harness.cell import Cell, Upstream, factors, part
from harness.data.load import load
from harness.metrics import trajectory
from harness.metrics.measurement import Measurement
from harness.metrics.trajectory import Generation, Trajectory, chain, end, generate
from harness.problem import Problem
from harness.run import shard
from harness.run.key import stage_keys
from harness.run.progress import Progress
from harness.sample.sampling import Sampling
from harness.train import processes
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
LOOP = Loop(0.5, 1.0, part("centres", count=2))


def loop(generations: int = 3, asked: Loop | None = LOOP) -> Cell:
    stages = chain(generations, TRAINING, SAMPLING, MEASUREMENT, PARTS, asked)
    return Cell(factors(generations=generations), stages, 2)


def run(cache: Path, cell: Cell) -> list[dict[str, Any]]:
    progress = Progress("study", [cell], lambda c: False, 1, io.StringIO())
    return shard.run_cell(cell, cache, "cpu", progress)


def folder(cache: Path, cell: Cell, number: int) -> Path:
    key = list(stage_keys(cell, "cpu").values())[number]
    return cache / "generation" / key


def files(cache: Path) -> dict[str, bytes]:
    """Every file of every stage but those with clocks, by its place in the cache."""
    found = sorted(path for path in cache.glob("*/*/*") if path.name != "done.json")
    return {str(path.relative_to(cache)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache after a whole loop."""
    made = tmp_path_factory.mktemp("cache")
    run(made, loop())
    return made


def test_rows_are_by_generation_and_the_trajectory_ends_with_the_last(cache: Path) -> None:
    rows = run(cache, loop())
    numbers = [f"/{k}" for k in range(4)] + [""]
    names = [f"{metric}{k}" for k in numbers for metric in MEASUREMENT.metrics]
    assert sorted({each["metric"] for each in rows}) == sorted(names)
    assert len(rows) == 2 * len(names)
    value = {(each["metric"], each["replicate"]): each for each in rows}
    for metric in MEASUREMENT.metrics:
        for k in range(2):
            assert value[metric, k] == {**value[f"{metric}/3", k], "metric": metric}
            assert len({value[f"{metric}/{t}", k]["value"] for t in range(4)}) == 4
    assert all(each["status"] == "ok" for each in rows)


def test_a_generation_is_trained_on_the_samples_of_the_one_before(
    cache: Path, tmp_path: Path
) -> None:
    images = load("digits").train
    before = load_file(folder(cache, loop(), 1) / "samples.safetensors")
    assert before["samples"].shape == (2, 80, 1, 8, 8)
    given = (PARTS, 2, LOOP)
    materials = [
        material(TRAINING, images, k, *given, before["samples"][k], before["labels"][k])
        for k in range(2)
    ]
    assert [len(each.pixels) for each in materials] == [69 + 34] * 2
    training = replace(TRAINING, copy=2)
    fit(training, images, materials, tmp_path, "cpu", lambda share: None)
    found = folder(cache, loop(), 2) / "weights.safetensors"
    assert found.read_bytes() == (tmp_path / "weights.safetensors").read_bytes()
    starts = [load_file(folder(cache, loop(), t) / "samples.safetensors") for t in range(4)]
    for a, b in pairwise(starts):  # streams of its own in each
        assert not np.array_equal(a["labels"], b["labels"])


def test_a_killed_loop_goes_on_with_its_generation_to_the_same_bytes(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def stopping(at: int) -> Callable[..., None]:
        def stage(asked: Generation, replicates: int, upstream: Any, out: Path, *rest: Any) -> None:
            made.append(asked.number)
            generate(asked, replicates, upstream, out, *rest)
            if asked.number == at:
                (out / "samples.safetensors").write_bytes(b"half")
                raise KeyboardInterrupt

        return stage

    monkeypatch.setattr(shard, "STAGES", {"generation": stopping(2), "trajectory": end})
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, loop())
    left = files(tmp_path)
    assert {path.split("/")[0] for path in left} == {"generation"}
    assert left.items() < files(cache).items()
    monkeypatch.setattr(shard, "STAGES", {"generation": stopping(-1), "trajectory": end})
    rows = run(tmp_path, loop())
    assert made == [0, 1, 2, 2, 3]
    assert files(tmp_path) == files(cache)
    assert rows == run(cache, loop())


def test_loops_share_the_generations_that_they_have_in_common() -> None:
    def keys(generations: int, asked: Loop | None) -> list[str]:
        return list(stage_keys(loop(generations, asked), "cpu").values())

    whole = keys(3, LOOP)
    assert keys(2, LOOP)[:3] == whole[:3]
    assert keys(0, None)[0] == whole[0]
    for other in (Loop(0.5), replace(LOOP, gamma=0.5), replace(LOOP, real="fresh")):
        assert [a == b for a, b in zip(keys(3, other), whole)] == [True] + [False] * 4
    first, second = loop(1).stages[:2]
    parts = second.params.named_parts()
    assert part("centres", count=2) in [each for _, each in parts]
    assert set(first.params.entries()) < set(second.params.entries())
    assert [each for each in second.params.entries() if "centres" in each]


def test_a_replicate_that_has_diverged_stays_so_and_leaves_the_other_alone(
    cache: Path, tmp_path: Path
) -> None:
    arrays = load_file(folder(cache, loop(), 0) / "samples.safetensors")
    arrays["samples"][1, 3] = np.nan
    before, out = tmp_path / "before", tmp_path / "out"
    for each in (before, out):
        each.mkdir()
    save_file(arrays, before / "samples.safetensors")
    first, second = (stage.params for stage in loop().stages[:2])
    upstream = {"generation": Upstream(first, before)}
    generate(second, 2, upstream, out, "cpu", lambda share: None)
    rows = json.loads((out / "measurements.json").read_text())
    whole = json.loads((folder(cache, loop(), 1) / "measurements.json").read_text())
    assert [each for each in rows if each["replicate"] == 0] == [
        each for each in whole if each["replicate"] == 0
    ]
    assert {each["status"] for each in rows if each["replicate"] == 1} == {"diverged"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"number": -1}, "number=-1"),
        ({"number": 1.0}, "whole number from 0"),
        ({"parts": 0}, "parts=0"),
        ({"loop": None}, "generation 1; got no loop"),
        ({"number": 0}, "generation 0; got a loop"),
        ({"training": replace(TRAINING, pool="clean")}, "pool 'oracle'"),
        ({"training": replace(TRAINING, condition=None)}, "condition=None"),
        ({"training": replace(TRAINING, copy=1)}, "leave both 0"),
        ({"sampling": replace(SAMPLING, copy=2)}, "leave both 0"),
    ],
)
def test_what_makes_no_generation_is_refused(changes: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {
        "number": 1,
        "training": TRAINING,
        "sampling": SAMPLING,
        "measurement": MEASUREMENT,
        "parts": PARTS,
        "loop": LOOP,
    }
    with pytest.raises(Problem, match=message):
        Generation(**{**given, **changes})


@pytest.mark.parametrize(
    ("generations", "asked", "message"),
    [
        (0, LOOP, "generations=0"),
        (-2, LOOP, "1 or more"),
        (True, LOOP, "generations=True"),
        (2, None, "the loop None"),
        (PARTS, replace(LOOP, real="fresh"), r"20 generations on fresh images; got 20 parts"),
    ],
)
def test_a_loop_of_no_generations_is_refused(
    generations: int, asked: Loop | None, message: str
) -> None:
    with pytest.raises(Problem, match=message):
        loop(generations, asked)
    assert len(loop(PARTS - 1, replace(LOOP, real="fresh")).stages) == PARTS + 1


def test_generations_out_of_order_data_without_classes_and_torchrun_are_refused(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _, third = (stage.params for stage in loop().stages[:3])
    given = (2, {"generation": Upstream(first, folder(cache, loop(), 0))}, tmp_path, "cpu", print)
    with pytest.raises(Problem, match=r"generation 2; got generation 0 before it"):
        generate(third, *given)
    with pytest.raises(Problem, match=r"got none before it; put the generations in order"):
        generate(third, 2, {}, tmp_path, "cpu", print)
    with pytest.raises(Problem, match="no generation"):
        end(Trajectory(), 2, {}, tmp_path, "cpu", print)
    photos = part("photos", side=8, channels=1)
    nameless = replace(first, training=replace(TRAINING, dataset=photos))
    with pytest.raises(Problem, match=r"a loop on 'photos'; got no classes"):
        generate(nameless, *given)
    monkeypatch.setattr(processes, "count", lambda: 2)
    with pytest.raises(Problem, match=r"got 2 processes; run this study without torchrun"):
        generate(first, *given)
    assert trajectory.TRAINED < 1
