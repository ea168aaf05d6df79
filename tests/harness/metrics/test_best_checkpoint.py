"""The best checkpoint: the least score of each replicate, on samples that nothing reports."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from harness.cell import Upstream, part
from harness.metrics import best_checkpoint as stage
from harness.metrics.best_checkpoint import Choice, best_of, choose
from harness.metrics.measure import measure
from harness.metrics.measurement import Measurement
from harness.problem import Problem
from harness.run import STAGES
from harness.sample.draw import draw
from harness.sample.sampling import Sampling
from harness.train.loop import train
from harness.train.training import Training

TRAINING = Training(
    dataset=part("digits"),
    pool="clean",
    network=part("mlp", width=16, blocks=1),
    objective=part("denoising"),
    images=2048,
    batch=128,
    rate=4e-3,
    warmup=256,
    checkpoints=3,
)
SAMPLER = part("heun", steps=4)
CHOICE = Choice(128, sampler=SAMPLER)


def quiet(share: float) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    train(TRAINING, 2, {}, folder, "cpu", quiet)
    return folder


@given(st.lists(st.lists(st.floats(0, 9), min_size=3, max_size=3), min_size=1, max_size=6))
def test_the_least_score_is_chosen_for_each_replicate_alone(scores: list[list[float]]) -> None:
    table = np.array(scores)
    for k, at in enumerate(best_of(table)):
        assert table[at, k] == table[:, k].min()
        assert (table[:at, k] > table[at, k]).all()


def test_samples_that_are_not_finite_are_chosen_only_where_there_is_nothing_else() -> None:
    nan = float("nan")
    assert best_of(np.array([[nan, 2.0, nan], [3.0, nan, nan]])).tolist() == [1, 0, 1]


def test_chosen_weights_and_rows_are_those_of_the_least_score(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = np.array([[3.0, 1.0], [1.0, 2.0], [2.0, 3.0]])
    asked: list[int] = []

    def scores(choice: Any, replicates: int, upstream: Any, at: int, device: str) -> np.ndarray:
        asked.append(at)
        return np.asarray(table[at - 1])

    monkeypatch.setattr(stage, "_scores", scores)
    choose(CHOICE, 2, {"train": Upstream(TRAINING, trained)}, tmp_path, "cpu", quiet)
    assert asked == [1, 2, 3]
    made = load_file(tmp_path / "weights.safetensors")
    first, second = (load_file(trained / f"weights-{i}.safetensors") for i in (1, 2))
    own = [name for name in made if not name.startswith("basis.")]
    assert any((first[name] != second[name]).any() for name in own)
    for name in own:
        assert np.array_equal(made[name][0], second[name][0])
        assert np.array_equal(made[name][1], first[name][1])
    rows = json.loads((tmp_path / "measurements.json").read_text())
    found = {(row["metric"], row["replicate"]): row["value"] for row in rows}
    assert found["chosen_checkpoint", 0] == pytest.approx(2 / 3)
    assert found["chosen_checkpoint", 1] == pytest.approx(1 / 3)
    assert [found[f"choice/{share}", 0] for share in ("0.333", "0.667", "1")] == [3.0, 1.0, 2.0]


def test_the_choice_and_what_is_reported_are_drawn_from_different_noise(
    trained: Path, tmp_path: Path
) -> None:
    upstream = {"train": Upstream(TRAINING, trained)}
    for name, copy in (("chosen", stage.COPY), ("reported", 0)):
        (tmp_path / name).mkdir()
        sampling = Sampling(16, SAMPLER, copy=copy)
        draw(sampling, 2, upstream, tmp_path / name, "cpu", quiet)
    one, other = (
        load_file(tmp_path / name / "samples.safetensors")["samples"]
        for name in ("chosen", "reported")
    )
    assert np.isclose(one, other).mean() < 0.01
    assert Sampling(16).copy == 0


def test_the_stage_scores_its_own_samples_and_the_next_one_draws_from_what_it_chose(
    trained: Path, tmp_path: Path
) -> None:
    """End to end, against the reading of each checkpoint by hand."""
    from harness.data.load import load
    from harness.metrics import EXTRACTORS, METRICS

    upstream = {"train": Upstream(TRAINING, trained)}
    (tmp_path / "choose").mkdir()
    choose(CHOICE, 2, upstream, tmp_path / "choose", "cpu", quiet)
    rows = json.loads((tmp_path / "choose" / "measurements.json").read_text())
    truth = load("digits").train.pixels
    extract = EXTRACTORS["random_conv"].fit(truth, None)
    scores = np.empty((3, 2))
    for i in range(3):
        folder = tmp_path / str(i)
        folder.mkdir()
        sampling = Sampling(128, SAMPLER, copy=1, checkpoint=i + 1)
        draw(sampling, 2, upstream, folder, "cpu", quiet)
        samples = load_file(folder / "samples.safetensors")["samples"]
        for k in range(2):
            pair = extract(samples[k]), extract(truth)
            scores[i, k] = METRICS["fd"](*pair, np.random.default_rng(0)).value
    found = [row["value"] for row in rows if row["metric"].startswith("choice/")]
    assert found == pytest.approx(scores.T.ravel().tolist())
    best = scores.argmin(0)
    assert [row["value"] for row in rows if row["metric"] == "chosen_checkpoint"] == [
        pytest.approx((at + 1) / 3) for at in best
    ]
    chosen = {**upstream, "choose": Upstream(CHOICE, tmp_path / "choose")}
    reported = Sampling(16, SAMPLER)
    (tmp_path / "best").mkdir()
    draw(reported, 2, chosen, tmp_path / "best", "cpu", quiet)
    drawn = load_file(tmp_path / "best" / "samples.safetensors")["samples"]
    for k, at in enumerate(best):
        folder = tmp_path / f"by hand {k}"
        folder.mkdir()
        draw(replace(reported, checkpoint=int(at) + 1), 2, upstream, folder, "cpu", quiet)
        by_hand = load_file(folder / "samples.safetensors")["samples"]
        assert np.array_equal(drawn[k], by_hand[k])


def test_the_denoising_loss_is_that_of_the_chosen_weights(trained: Path, tmp_path: Path) -> None:
    for name in ("choose", "sample", "chosen", "by hand", "end"):
        (tmp_path / name).mkdir()
    best = np.array([0, 1])
    stage.keep(trained, best, 3, tmp_path / "choose" / "weights.safetensors")
    draw(Sampling(64, SAMPLER), 2, {"train": Upstream(TRAINING, trained)}, tmp_path / "sample",
         "cpu", quiet)  # fmt: skip
    sampled = {"sample": Upstream(Sampling(64, SAMPLER), tmp_path / "sample")}
    end = {**sampled, "train": Upstream(TRAINING, trained)}
    chosen = {**end, "choose": Upstream(CHOICE, tmp_path / "choose")}
    by_hand = {**sampled, "train": Upstream(TRAINING, tmp_path / "choose")}
    losses = {}
    for name, upstream in (("chosen", chosen), ("by hand", by_hand), ("end", end)):
        asked = Measurement(("denoising_loss",), ("random_conv",), 32)
        measure(asked, 2, upstream, tmp_path / name, "cpu", quiet)
        rows = json.loads((tmp_path / name / "measurements.json").read_text())
        losses[name] = [row["value"] for row in rows if row["metric"] == "denoising_loss"]
    assert losses["chosen"] == losses["by hand"]
    assert all(a != b for a, b in zip(losses["chosen"], losses["end"]))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"by": "spectrum_distance"}, "without an extractor"),
        ({"by": "fd_trained_digits"}, "without an extractor"),
        ({"by": "coverage_random_conv"}, "more is better"),
    ],
)
def test_what_cannot_be_chosen_by_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(Problem, match=message):
        Choice(10, **asked)


def test_a_training_that_keeps_its_end_alone_leaves_no_choice(tmp_path: Path) -> None:
    upstream = {"train": Upstream(replace(TRAINING, checkpoints=1), tmp_path)}
    with pytest.raises(Problem, match="keeps its end alone"):
        choose(CHOICE, 2, upstream, tmp_path, "cpu", quiet)
    assert STAGES["choose"] is choose
