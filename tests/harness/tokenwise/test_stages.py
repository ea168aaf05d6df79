"""Token models as stages: what one leaves the next, paired by construction, and what is counted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from harness.cell import Cell, Stage, factors, part
from harness.data.load import load
from harness.metrics.geneval import GenEval
from harness.metrics.measurement import Measurement
from harness.problem import Problem
from harness.run.shard import run_cell
from harness.scenes.suite import Suite
from harness.tokens.model import Model
from harness.tokenwise import loop
from harness.tokenwise.checkpoint import restore
from harness.tokenwise.draw import draw
from harness.tokenwise.loss import TokenLoss, loss_of
from harness.tokenwise.pipeline import fitted, loaded
from harness.tokenwise.reading import measure
from harness.tokenwise.sampling import TokenSampling
from harness.train.condition import Condition

from .arms import ARMS, DIGITS, rows_of, trained, training

SCENES = part("scenes", size=24, layout="grid", count=120)


@pytest.mark.parametrize("arm", list(ARMS))
@pytest.mark.parametrize("order", ["raster", "random", "masked"])
def test_every_arm_is_trained_drawn_measured_and_read(arm: str, order: str, tmp_path: Path) -> None:
    stages = (
        Stage("train_tokens", training(arm, order)),
        Stage("token_loss", TokenLoss(20, 1)),
        Stage("sample_tokens", TokenSampling(12, guidance=0.5, steps=2)),
        Stage("measure", Measurement(("high_frequency_error",), ())),
    )

    class Quiet:
        def of(self, *_: Any) -> Any:
            return lambda share: None

    rows = run_cell(Cell(factors(arm=arm), stages, 2), tmp_path, "cpu", Quiet())  # type: ignore[arg-type]
    assert {row["status"] for row in rows} == {"ok"}
    names = {row["metric"] for row in rows}
    head = ARMS[arm]["head"].name
    assert {loss_of(head), "ceiling_fd_random_conv", "parameters", "high_frequency_error"} <= names
    (made,) = tmp_path.glob("sample_tokens/*/samples.safetensors")
    arrays = load_file(made)
    assert arrays["samples"].shape == (2, 12, 1, 8, 8)
    assert arrays["labels"].shape == (2, 12)
    assert np.abs(arrays["samples"]).max() <= 1
    if arm == "codes":  # every patch is a code's
        _, pipelines = restore(next(tmp_path.glob("train_tokens/*/weights.safetensors")), "cpu")
        for own, images in zip(pipelines, arrays["samples"]):
            assert np.array_equal(own.decode(own.encode(images)), images)


def test_scenes_are_drawn_for_a_suite_and_judged(tmp_path: Path) -> None:
    suite = Suite(2)
    asked = training(
        dataset=SCENES, tokeniser=part("patches", patch=4), condition=Condition("caption", 0.1)
    )
    sampling = TokenSampling(suite.count, suite=suite, steps=2)

    class Quiet:
        def of(self, *_: Any) -> Any:
            return lambda share: None

    stages = (
        Stage("train_tokens", asked),
        Stage("token_loss", TokenLoss(None, 1)),
        Stage("sample_tokens", sampling),
        Stage("geneval", GenEval(suite)),
    )
    rows = run_cell(Cell(factors(a=1), stages, 1), tmp_path, "cpu", Quiet())  # type: ignore[arg-type]
    found = {row["metric"]: row for row in rows}
    assert found["geneval"]["n"] == suite.count
    assert found["ceiling_geneval"]["value"] == 1.0  # patches lose nothing


def test_images_are_drawn_for_the_class_that_stands_beside_them(
    tmp_path: Path, monkeypatch
) -> None:
    """In batches of 3, the last one of 1; tokens that say the class decode to it."""
    upstream = trained(training(), tmp_path)
    asked: list[torch.Tensor] = []
    real = Model.draw

    def spied(self: Model, told: Any, *given: Any) -> torch.Tensor:
        asked.append(told)
        return real(self, told, *given)

    monkeypatch.setattr(Model, "draw", spied)
    draw(TokenSampling(7, steps=2, batch=3), 2, upstream, tmp_path, "cpu", lambda share: None)
    labels = load_file(tmp_path / "samples.safetensors")["labels"]
    images = load("digits")
    words = Condition("label").words(images).tokens(images.classes)
    assert [each.shape[1] for each in asked] == [3, 3, 1]
    assert np.array_equal(torch.cat(asked, 1).numpy(), words[labels])
    assert not np.array_equal(labels[0], labels[1])


def test_arms_of_a_replicate_share_their_codes_and_replicates_do_not(tmp_path: Path) -> None:
    codes = [fitted(training("codes"), k).state()["tokeniser.centres"] for k in range(2)]
    source = fitted(training("quantised"), 1).state()["source.centres"]
    assert np.array_equal(codes[1], source)
    assert not np.array_equal(codes[0], codes[1])


def test_quantised_patches_hold_what_the_codes_do_and_no_more() -> None:
    pixels = loaded(DIGITS).held_out.pixels[:30]
    quantised, codes = fitted(training("quantised"), 0), fitted(training("codes"), 0)
    assert np.allclose(
        quantised.decode(quantised.encode(pixels)), codes.decode(codes.encode(pixels)), atol=1e-5
    )
    tokens = quantised.encode(pixels).reshape(-1, 4).round(4)
    assert len(np.unique(tokens, axis=0)) <= 8


def test_the_tokeniser_sees_no_held_out_image() -> None:
    images = load("digits")
    made = fitted(training(), 0).state()["tokeniser.mean"]
    cut = images.train.pixels.reshape(-1, 4, 2, 4, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 4)
    assert np.allclose(made, cut.mean(0), atol=1e-6)


def test_a_diverged_copy_is_rows_and_the_others_go_on(tmp_path: Path, monkeypatch) -> None:
    real = loop.build

    def spoiled(*given: Any) -> Any:
        model = real(*given)
        with torch.no_grad():
            model.network.place[1] = float("nan")
        return model

    monkeypatch.setattr(loop, "build", spoiled)
    upstream = trained(training("codes", "random"), tmp_path / "t")
    assert json.loads((tmp_path / "t/training.json").read_text())["curve"][-1]["loss"][1] is None
    measure(TokenLoss(20, 1), 2, upstream, tmp_path, "cpu", lambda share: None)
    losses = [r for r in rows_of(tmp_path) if r["metric"] == loss_of("cross_entropy")]
    assert [row["status"] for row in losses] == ["ok", "diverged"]
    draw(TokenSampling(5), 2, upstream, tmp_path, "cpu", lambda share: None)
    samples = load_file(tmp_path / "samples.safetensors")["samples"]
    assert np.isfinite(samples[0]).all()
    assert np.isnan(samples[1]).any()


def test_a_file_of_other_weights_is_named(tmp_path: Path) -> None:
    (tmp_path / "weights.safetensors").write_bytes(b"nothing")
    with pytest.raises(Problem, match=r"weights\.safetensors"):
        restore(tmp_path / "weights.safetensors", "cpu")


def test_samples_of_a_model_without_a_condition_have_no_labels(tmp_path: Path) -> None:
    upstream = trained(training(condition=None), tmp_path)
    draw(TokenSampling(7, steps=2, batch=3), 2, upstream, tmp_path, "cpu", lambda share: None)
    arrays = load_file(tmp_path / "samples.safetensors")
    assert set(arrays) == {"samples"}
    assert arrays["samples"].shape == (2, 7, 1, 8, 8)
    with pytest.raises(Problem, match="train it with a condition"):
        draw(TokenSampling(7, guidance=1.0), 2, upstream, tmp_path, "cpu", lambda share: None)
