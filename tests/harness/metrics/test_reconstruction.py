"""The attack finds nothing where nothing is remembered, and everything where all is."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from torch import Tensor

from harness.cell import Upstream, part
from harness.metrics import advantage, reconstruction
from harness.metrics.advantage import Side
from harness.metrics.attack import EXTRACTED, SCORES, Attack, metric
from harness.metrics.likeness import reconstruct
from harness.metrics.reconstruction import attack, chosen, seen
from harness.nets.checkpoint import build, save
from harness.train.material import collect
from harness.train.training import Training

from .attacked import CLEAN, DIGITS, FEW, IMPERFECT, SMALL, TRAIN

Rows = dict[tuple[str, int], dict[str, Any]]


class Empirical:
    """E[x0 | x] for the images [n, C, H, W] of each copy, each as likely: all is remembered."""

    words = None

    def __init__(self, known: Sequence[np.ndarray]) -> None:
        self.known = torch.tensor(np.stack(known)).flatten(2)  # [K, n, d]

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        square = torch.cdist(x.flatten(2), self.known) ** 2  # [K, B, n]
        weight = torch.softmax(-square / (2 * sigma[:, :, None] ** 2), dim=2)
        return (weight @ self.known).view_as(x)


def linear(folder: Path, scales: Sequence[float] = (0.5, 0.5)) -> Path:
    """A stack in a checkpoint that knows of the data no more than one scale a copy."""
    init = [torch.Generator().manual_seed(k) for k in range(len(scales))]
    denoiser = build(SMALL, (1, 8, 8), init)
    denoiser.scales[:] = torch.tensor(scales)[:, None, None, None, None]
    for parameter in denoiser.network.outward.parameters():
        parameter.data.zero_()
    save(denoiser, SMALL, folder / "weights.safetensors")
    return folder


def measured(
    out: Path, asked: Attack, training: Training, folder: Path, samples: np.ndarray | None = None
) -> Rows:
    """The rows of two replicates by metric and replicate; progress rises to 1."""
    shares: list[float] = []
    upstream = {"train": Upstream(training, folder)}
    if samples is not None:
        (out / "samples").mkdir()
        save_file({"samples": samples}, out / "samples" / "samples.safetensors")
        upstream["sample"] = Upstream(None, out / "samples")
    attack(asked, 2, upstream, out, "cpu", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    rows = json.loads((out / "measurements.json").read_text())
    found = {(row["metric"], row["replicate"]): row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> Callable[[Training, bool], None]:
    """Let the stage find a denoiser that remembers what two replicates saw, or its originals."""

    def plant(training: Training, originals: bool) -> None:
        known = [collect(training, TRAIN, k).pixels for k in (0, 1)]
        if originals:
            known = [TRAIN.pixels[seen(training, TRAIN, k)] for k in (0, 1)]
        monkeypatch.setattr(reconstruction.checkpoint, "restore", lambda *_: Empirical(known))

    return plant


@pytest.mark.parametrize("sigma", [0.5, 2.0])
def test_an_exact_denoiser_of_a_gaussian_gives_nothing_away(sigma: float) -> None:
    """Both sides are draws of the law; the error is 2 s² (1 - s/sqrt(s² + sigma²)) a pixel."""
    scale, n = 0.4, 1500

    def gaussian(x: Tensor, level: Tensor) -> Tensor:
        return x * scale**2 / (scale**2 + level[:, :, None, None, None] ** 2)

    asked = Attack(levels=(sigma,), sampler=part("heun", steps=40), inpainter=None)
    sides = []
    for seed in (1, 2):
        streams = [torch.Generator().manual_seed(seed)]
        images = scale * torch.randn(1, n, 1, 3, 3, generator=streams[0])
        got = reconstruct(asked, gaussian, images, streams)[sigma]
        sides.append(Side(got.error[0], np.arange(n)))
    area = advantage.auc(*sides)
    assert area.standard_error is not None
    assert abs(area.value - 0.5) < 4 * area.standard_error
    expected = 2 * scale**2 * (1 - scale / sqrt(scale**2 + sigma**2))
    for side in sides:
        error = side.scores.std(ddof=1) / sqrt(n)
        assert abs(side.scores.mean() - expected) < 4 * error + 1e-3 * sigma


def test_a_box_of_a_gaussian_is_filled_with_a_draw_of_its_own() -> None:
    """Pixels that are independent: the fill has the law's variance, the error twice that."""
    scale, n = 0.4, 3000

    def gaussian(x: Tensor, level: Tensor) -> Tensor:
        return x * scale**2 / (scale**2 + level[:, :, None, None, None] ** 2)

    asked = Attack(levels=(1.0,), inpainter=part("repaint", steps=60, resamplings=2))
    streams = [torch.Generator().manual_seed(1)]
    images = scale * torch.randn(1, n, 1, 4, 4, generator=streams[0])
    got = reconstruct(asked, gaussian, images, streams)["box"]
    bias = 0.1 * scale**2  # of the ladder's steps, which draw a little less than they should
    assert abs(got.error.mean() - 2 * scale**2) < 4 * got.error.std() / sqrt(n) + bias
    assert abs(got.cosine.mean()) < 4 * got.cosine.std() / sqrt(n)


def test_a_denoiser_that_knows_scales_alone_gives_nothing_away(tmp_path: Path) -> None:
    asked = Attack(count=150, levels=(0.5, 2.0), sampler=part("heun", steps=30))
    found = measured(tmp_path, asked, CLEAN, linear(tmp_path, (0.5, 0.8)))
    for k, scale in ((0, 0.5), (1, 0.8)):
        sides = chosen(asked, CLEAN, DIGITS, k)
        for place in asked.places:
            for kind, right in (("auc", 0.5), ("auc_calibrated", 0.5), ("ratio", 1.0)):
                row = found[metric(kind, place), k]
                assert abs(row["value"] - right) < 4 * row["standard_error"], (kind, place)
        for level in asked.levels:
            factor = scale / sqrt(scale**2 + level**2)
            for name, side in zip(("seen", "unseen"), sides):
                power = np.square(side.pixels.astype(float)).mean()
                expected = (1 - factor) ** 2 * power + (factor * level) ** 2
                row = found[metric(f"error_{name}", level), k]
                assert abs(row["value"] - expected) < 4 * row["standard_error"], (name, level)


def test_what_is_remembered_is_restored_and_the_fewer_the_surer(tmp_path: Path, remembered) -> None:
    """The mean over two replicates; that other replicates saw an image too hides it from them."""
    asked = Attack(levels=(0.5, 1.5), count=60, inpainter=part("repaint", steps=8, resamplings=2))
    means = {}
    for few in (10, 400):
        training = replace(IMPERFECT, clean_fraction=few / TRAIN.count)
        remembered(training, True)
        rows = measured(tmp_path, asked, training, tmp_path)
        found = {name: (rows[name, 0]["value"] + rows[name, 1]["value"]) / 2 for name, _ in rows}
        assert found["attack_auc/0.5"] > 0.95
        assert found["attack_ratio/0.5"] < 0.05
        assert found["attack_over_.99_seen/0.5"] > 0.9
        assert found["attack_over_.99_excess/0.5"] > 0.9
        means[few] = found
    few, many = means.values()
    assert few["attack_auc_calibrated/0.5"] > 0.98 > many["attack_auc_calibrated/0.5"] > 0.8
    assert few["attack_auc/1.5"] > 0.75 > many["attack_auc/1.5"] > 0.55
    assert few["attack_auc/box"] > 0.75 > many["attack_auc/box"] > 0.6


def test_a_memory_of_noisy_images_is_found_out_and_does_not_give_the_originals(
    tmp_path: Path, remembered
) -> None:
    """What comes back is the noisy image: its error is the variance of its noise."""
    remembered(IMPERFECT, False)
    asked = Attack(levels=(0.5,), inpainter=None)
    found = measured(tmp_path, asked, IMPERFECT, tmp_path)
    for k in (0, 1):
        error = found["attack_error_seen/0.5", k]
        assert error["n"] == FEW
        assert abs(error["value"] - 0.3**2) < 4 * error["standard_error"]
        assert found["attack_auc/0.5", k]["value"] > 0.95
        assert found["attack_over_.99_seen/0.5", k]["value"] == 0


def test_every_reading_is_named_and_arms_are_given_the_same(tmp_path: Path) -> None:
    """Two arms with one pool differ in nothing that the attack draws."""
    folder = linear(tmp_path)
    first = measured(tmp_path, Attack(count=10), IMPERFECT, folder)
    assert {name for name, _ in first} | set(EXTRACTED) == set(SCORES)
    other = replace(IMPERFECT, corruption=part("gaussian_noise", sigma=0.1), copy=3)
    assert measured(tmp_path, Attack(count=10), other, folder) == first
    assert first["attack_auc/1", 0]["value"] != first["attack_auc/1", 1]["value"]
    assert first["attack_auc/1", 0]["higher_is_better"] is False
    assert first["attack_ratio/1", 0]["higher_is_better"] is True


def test_batches_and_further_levels_change_no_restoration(tmp_path: Path) -> None:
    folder = linear(tmp_path)
    asked = Attack(levels=(1.0,), inpainter=None, calibrated=False, count=25)
    first = measured(tmp_path, asked, IMPERFECT, folder)
    pieces = measured(tmp_path, replace(asked, batch=7, levels=(0.5, 1.0)), IMPERFECT, folder)
    for at, row in first.items():
        assert pieces[at]["value"] == pytest.approx(row["value"], rel=1e-5), at


def test_samples_are_compared_with_the_originals_of_what_was_seen(tmp_path: Path) -> None:
    folder = linear(tmp_path)
    copies = np.stack([TRAIN.pixels[seen(IMPERFECT, TRAIN, k)] for k in (0, 1)])
    fresh = TRAIN.pixels[~seen(IMPERFECT, TRAIN, 1)][:FEW]
    copies[1, : FEW // 3] = fresh[: FEW // 3]
    found = measured(tmp_path, Attack(count=10), IMPERFECT, folder, copies)
    assert found["extracted", 0]["value"] == 1
    assert found["extracted", 1]["value"] == pytest.approx(2 / 3)
    assert found["extracted_ratio", 0]["value"] == 0
    assert found["extracted_over_.99", 1]["value"] == pytest.approx(2 / 3)
    assert {name for name, _ in found} == set(SCORES)


def test_a_replicate_that_diverged_is_its_own_rows(tmp_path: Path) -> None:
    samples = np.zeros((2, 4, 1, 8, 8), np.float32)
    samples[0, 0] = np.nan
    folder = linear(tmp_path, (0.5, float("nan")))
    found = measured(tmp_path, Attack(count=10), IMPERFECT, folder, samples)
    for (name, k), row in found.items():
        diverged = k == (0 if name in EXTRACTED else 1) or "calibrated" in name
        assert (row["value"] is None) == (row["status"] == "diverged") == diverged, name


def test_a_conditional_denoiser_is_asked_under_its_null_caption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Conditional:
        words = type("Words", (), {"length": 3})

        def __call__(self, x: Tensor, sigma: Tensor, tokens: Tensor) -> Tensor:
            assert tokens.shape == (*x.shape[:2], 3)
            assert not tokens.any()
            return x / (1 + sigma[:, :, None, None, None] ** 2)

    monkeypatch.setattr(reconstruction.checkpoint, "restore", lambda *_: Conditional())
    found = measured(tmp_path, Attack(count=4), IMPERFECT, tmp_path)
    assert found["attack_error_seen/1", 0]["value"] > 0
