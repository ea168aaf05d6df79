"""The classifier: its network against torch's layers, its training, and that both are one thing."""

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch import nn

from harness.cell import part
from harness.data.images import Images
from harness.data.load import load
from harness.metrics import classifier
from harness.metrics.classifier import (
    Classifier,
    classes_of,
    forward,
    levels,
    rate_at,
    shapes,
    train_classifier,
)
from harness.metrics.trained import DIGITS
from harness.problem import Problem
from harness.streams import torch_generator

SHORT = Classifier(part("digits"), steps=3, batch=16, rate=1e-3, width=8)


def trained(params: Classifier, out: Path, replicates: int = 1) -> dict:
    """The summary that training leaves in a folder."""
    out.mkdir(exist_ok=True)
    shares: list[float] = []
    train_classifier(params, replicates, {}, out, "cpu", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert {p.name for p in out.iterdir()} == {"weights.safetensors", "classifier.json"}
    return json.loads((out / "classifier.json").read_text())


def sha(folder: Path) -> str:
    return hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("shape", "pairs", "last"),
    [((1, 8, 8), 2, 4), ((3, 16, 16), 3, 4), ((3, 32, 32), 4, 4), ((1, 4, 4), 1, 4)],
    ids=str,
)
def test_against_the_layers_of_torch(shape, pairs, last) -> None:
    draw = torch_generator("test", 0, "classifier")
    weights = {
        name: torch.randn(size, generator=draw, dtype=torch.float64)
        for name, size in shapes(shape, 5, 6).items()
    }
    layers: list[nn.Module] = []
    for level in range(levels(shape)):
        layers += [nn.AvgPool2d(2)] if level else []
        for number in (1, 2):
            kernel = weights[f"level{level}.conv{number}.weight"]
            conv = nn.Conv2d(kernel.shape[1], kernel.shape[0], 3, padding=1).double()
            conv.weight.data, conv.bias.data = kernel, weights[f"level{level}.conv{number}.bias"]
            layers += [conv, nn.ReLU()]
    x = torch.randn(4, *shape, generator=draw, dtype=torch.float64)
    with torch.no_grad():
        maps = nn.Sequential(*layers)(x)
        pooled = maps.flatten(2).mean(2)
        logits = pooled @ weights["linear.weight"].T + weights["linear.bias"]
    assert levels(shape) == pairs
    assert maps.shape == (4, 64, last, last)
    for found, expected in zip(forward(x, weights), (pooled, logits, maps)):
        assert torch.allclose(found, expected, rtol=1e-9)


def test_digits_are_told_apart(tmp_path: Path) -> None:
    """The row's own recipe; 359 held-out images, four standard errors are 0.036 at 0.97."""
    summary = trained(DIGITS.recipe((1, 8, 8)), tmp_path / "digits")
    assert summary["held_out"]["accuracy"] > 0.97
    assert summary["held_out"]["images"] == 359
    images = load("digits").held_out
    extractor = DIGITS.fit(images.pixels, tmp_path / "digits" / "weights.safetensors")
    logits = extractor(images.pixels).logits
    assert summary["held_out"]["accuracy"] == (logits.argmax(1) == images.labels).mean()


def test_photographs_are_told_apart_by_their_patches(tmp_path: Path) -> None:
    """After 150 steps half again as often as by chance: 0.174 of 1,472, spread 0.010."""
    params = Classifier(part("photos", side=8, channels=1), 150, 64, 5e-3, 16)
    summary = trained(params, tmp_path / "photos")
    counts = np.bincount(load("photos").held_out.source)
    assert summary["held_out"]["chance"] == counts.max() / counts.sum()
    assert summary["held_out"]["accuracy"] > 1.5 * summary["held_out"]["chance"]


def test_the_first_loss_is_that_of_knowing_nothing(tmp_path: Path) -> None:
    """The linear layer starts at zero, so every class has the same probability."""
    curve = trained(SHORT, tmp_path / "short")["curve"]
    assert curve[0]["loss"] == pytest.approx(math.log(10), rel=1e-6)
    assert curve[0]["images"] == 16
    assert curve[-1]["images"] == 48


def test_one_network_whatever_the_replicates_threads_and_global_state(tmp_path: Path) -> None:
    trained(SHORT, tmp_path / "a")
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    try:
        torch.manual_seed(5)
        torch.set_num_threads(threads % 2 + 1)
        before = torch.get_rng_state()
        trained(SHORT, tmp_path / "b", replicates=4)
        assert torch.get_num_threads() == threads % 2 + 1
        assert torch.equal(torch.get_rng_state(), before)
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(state)
    assert sha(tmp_path / "a") == sha(tmp_path / "b")
    other = Classifier(part("digits"), steps=3, batch=16, rate=2e-3, width=8)
    trained(other, tmp_path / "c")
    assert sha(tmp_path / "a") != sha(tmp_path / "c")


def test_the_header_says_what_the_network_is_of(tmp_path: Path) -> None:
    trained(SHORT, tmp_path / "a")
    with safe_open(tmp_path / "a" / "weights.safetensors", framework="np") as file:
        header = json.loads(file.metadata()["classifier"])
        found = {name: file.get_tensor(name).shape for name in file.keys()}  # noqa: SIM118
    assert header["shape"] == [1, 8, 8]
    assert header["classes"] == list("0123456789")
    assert header["dataset"] == {"name": "digits"}
    assert header["width"] == 8
    assert header["seed"] > 0
    assert found == shapes((1, 8, 8), 10, 8)


def test_initial_kernels_have_the_variance_of_he() -> None:
    draw = torch_generator("test", 0, "init")
    kernels = classifier._initial("", (64, 32, 3, 3), draw).numpy()
    n, variance = kernels.size, 2 / (9 * 32)
    assert abs(kernels.mean()) < 4 * math.sqrt(variance / n)
    assert abs(kernels.var() - variance) < 4 * variance * math.sqrt(2 / n)


def test_the_rate_rises_for_50_steps_and_falls_as_half_a_cosine() -> None:
    params = Classifier(part("digits"), 1000, 64, 3e-3, 8)
    assert rate_at(0, params) == pytest.approx(3e-3 / 50)
    assert rate_at(24, params) == pytest.approx(1.5e-3, rel=0.002)
    assert rate_at(250, params) == pytest.approx(3e-3 * (1 + math.sqrt(0.5)) / 2)
    assert rate_at(500, params) == pytest.approx(1.5e-3)
    assert rate_at(999, params) < 1e-7


def test_what_cannot_be_trained_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.zeros((4, 1, 8, 8), np.float32)
    images = Images.unrelated("plain", pixels, np.arange(4) > 2, None, (), "", "")
    with pytest.raises(Problem, match=r"'plain'.*neither labels nor more than one source"):
        classes_of(images)
    for name, value in (("steps", 0), ("batch", -1), ("rate", math.nan), ("width", 0)):
        with pytest.raises(Problem, match=name):
            Classifier(**{**vars(SHORT), name: value})
    with pytest.raises(Problem, match="1 x 64"):
        levels((1, 1, 64))
    with pytest.raises(FloatingPointError, match="lower its rate"):
        trained(Classifier(part("digits"), 40, 16, 1e30, 8), tmp_path / "wild")
    assert not list((tmp_path / "wild").iterdir())


def test_images_are_learned_as_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No augmentation: every image that the network sees is one of the training images."""
    seen: list[torch.Tensor] = []
    real: Callable = classifier.forward

    def watched(x: torch.Tensor, weights: dict) -> tuple:
        if x.shape[0] == 16:
            seen.append(x.detach().clone())
        return real(x, weights)

    monkeypatch.setattr(classifier, "forward", watched)
    trained(SHORT, tmp_path / "a")
    train = {image.tobytes() for image in load("digits").train.pixels}
    shown = torch.cat(seen[:3]).numpy()
    assert len(shown) == 48
    assert all(image.tobytes() in train for image in shown)
    assert len({image.tobytes() for image in shown}) > 40
