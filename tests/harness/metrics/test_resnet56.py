"""ResNet-56: against torch's own layers in float64, and what is refused as its weights."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from harness.data.images import Images
from harness.data.load import load
from harness.metrics.features import Features
from harness.metrics.frechet import FRECHET
from harness.metrics.resnet56 import ResNet56
from harness.problem import Problem
from harness.streams import numpy_generator

Arrays = dict[str, np.ndarray]


def images(n: int, channels: int = 3) -> np.ndarray:
    x = numpy_generator("test", n, "resnet56").uniform(-1, 1, (n, channels, 32, 32))
    return x.astype(np.float32)


class Block(nn.Module):
    """A residual block of He et al. with option A, from layers with running statistics."""

    def __init__(self, before: int, channels: int) -> None:
        super().__init__()
        self.stride = 1 if before == channels else 2
        self.conv1 = nn.Conv2d(before, channels, 3, self.stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, h: torch.Tensor) -> torch.Tensor:
        inner = self.bn2(self.conv2(self.bn1(self.conv1(h)).relu()))
        shortcut = torch.zeros_like(inner)
        margin = (inner.shape[1] - h.shape[1]) // 2
        for channel in range(h.shape[1]):
            shortcut[:, margin + channel] = h[:, channel, :: self.stride, :: self.stride]
        return (inner + shortcut).relu()


class Reference(nn.Module):
    """The whole network, unfolded."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        for stage, (before, channels) in enumerate(((16, 16), (16, 32), (32, 64)), 1):
            blocks = [Block(before, channels)] + [Block(channels, channels) for _ in range(8)]
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
        x = torch.stack([((x[:, c] + 1) / 2 - mean[c]) / std[c] for c in range(3)], 1)
        h = self.bn1(self.conv1(x)).relu()
        h = self.layer3(self.layer2(self.layer1(h)))
        pooled = nn.functional.adaptive_avg_pool2d(h, 1)[:, :, 0, 0]
        return pooled, self.linear(pooled), h


@pytest.fixture
def save(tmp_path: Path, resnet_arrays: Arrays) -> Callable[..., Path]:
    """Saves the random weights with some arrays changed; None leaves one out."""

    def write(**changes: np.ndarray | None) -> Path:
        arrays = {k: v for k, v in (resnet_arrays | changes).items() if v is not None}
        np.savez(tmp_path / "w.npz", **arrays)  # type: ignore[arg-type]
        return tmp_path / "w.npz"

    return write


def test_against_unfolded_layers_in_float64(save: Callable[..., Path]) -> None:
    """Rows, logits and maps within 1e-5 of the largest; the names are those of the layers."""
    path, x = save(), images(5)
    reference = Reference().double().eval()
    with np.load(path) as archive:
        state = {name: torch.tensor(archive[name]).double() for name in archive.files}
    missing, unexpected = reference.load_state_dict(state, strict=False)
    assert not unexpected
    assert all(name.endswith("num_batches_tracked") for name in missing)
    with torch.no_grad():
        rows, logits, maps = (each.numpy() for each in reference(torch.tensor(x).double()))
    found = ResNet56.fit(x, path)(x)
    assert found.rows.shape == (5, 64)
    for got, expected in (
        (found.rows, rows),
        (found.logits, logits),
        (found.spatial, maps[:, :7].reshape(5, 448)),
    ):
        assert np.abs(got - expected).max() < 1e-5 * np.abs(expected).max()


def test_grey_is_colour_with_equal_channels(save: Callable[..., Path]) -> None:
    x = images(3, channels=1)
    extractor = ResNet56.fit(x, save())
    assert np.array_equal(extractor(x).rows, extractor(np.repeat(x, 3, 1)).rows)


def test_the_names_of_a_parallel_checkpoint_are_known(
    tmp_path: Path, save: Callable[..., Path], resnet_arrays: Arrays
) -> None:
    other = {f"module.{name}": array for name, array in resnet_arrays.items()}
    other["module.bn1.num_batches_tracked"] = np.array(7)
    np.savez(tmp_path / "other.npz", **other)  # type: ignore[arg-type]
    x = images(2)
    assert ResNet56.fit(x, tmp_path / "other.npz").hash == ResNet56.fit(x, save()).hash


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("layer2.0.conv1.weight", None, r"'layer2\.0\.conv1\.weight' missing"),
        ("layer2.9.conv1.weight", np.zeros(3, np.float32), "conv1.weight' unexpected"),
        ("linear.bias", np.zeros(100, np.float32), r"shape \(100,\), not \(10,\)"),
        ("bn1.bias", np.full(16, np.nan, np.float32), "'bn1.bias' of float32, not all finite"),
        ("bn1.bias", np.zeros(16, np.int64), "'bn1.bias' of int64"),
        ("bn1.running_var", -np.ones(16, np.float32), "negative variance in 'bn1.running_var'"),
        ("linear.bias", np.array([{}] * 10), "does not read"),  # pickled objects
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_arrays_are_named(name, array, message, save: Callable[..., Path]) -> None:
    path = save(**{name: array})
    with pytest.raises(Problem, match=message) as caught:
        ResNet56.fit(images(2), path)
    assert str(path) in str(caught.value)
    assert "--weights FILE" in str(caught.value)


def test_a_state_of_another_network_is_refused(save: Callable[..., Path]) -> None:
    state = ResNet56.fit(images(2), save()).state()
    del state["layer3.8.conv2.bias"]
    with pytest.raises(Problem, match=r"state of resnet56.*missing"):
        ResNet56.restore(state)


def test_where_weights_are_looked_for(
    tmp_path: Path, save: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file given before the environment's, that before the cache's; none says all three."""
    x, good = images(2), save()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("PATINA_RESNET56", "PATINA_DATA"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Problem, match=r"PATINA_RESNET56 is not set, and no .*resnet56\.npz"):
        ResNet56.fit(x)
    cached = tmp_path / "cache" / "patina" / "resnet56.npz"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(good.read_bytes())
    assert ResNet56.fit(x).hash == ResNet56.fit(x, good).hash
    monkeypatch.setenv("PATINA_RESNET56", str(tmp_path / "absent.npz"))
    with pytest.raises(Problem, match=r"absent\.npz; got no such file"):
        ResNet56.fit(x)
    assert ResNet56.fit(x, good).hash


def test_another_size_says_which_to_give(save: Callable[..., Path]) -> None:
    with pytest.raises(Problem, match="28 x 32 pixels; give --size 32"):
        ResNet56.fit(images(2)[:, :, :28], save())


@pytest.fixture(scope="module")
def measured() -> tuple[Images, Features]:
    """1,000 test images of cifar10-jpeg75 and their features under the real weights."""
    data = Path(os.environ["PATINA_DATA"])
    path = data / "cifar10-jpeg75" / "test.npz"
    found = load("npz", path=path, held_out_fraction=0.0, limit=1000)
    weights = data / "cifar10-resnet56" / "weights.npz"
    return found, ResNet56.fit(found.pixels, weights)(found.pixels)


@pytest.mark.devdata
def test_top_1_on_recompressed_cifar10(measured: tuple[Images, Features]) -> None:
    """83.20 % of all 10,000 (93.62 % of the clean ones): four standard errors of a binomial."""
    found, features = measured
    assert features.logits is not None
    top = (features.logits.argmax(1) == found.labels).mean()
    assert abs(top - 0.8320) < 4 * np.sqrt(0.832 * 0.168 / found.count)


@pytest.mark.devdata
def test_half_against_half_is_the_bias_of_a_frechet_distance(
    measured: tuple[Images, Features],
) -> None:
    """Of order 1/n: 0.061 at 5,000 a side, 0.60 at 500, with 0.093 as the spread of 40 draws."""
    _, features = measured
    draw = numpy_generator("test", 0, "halves")
    order = draw.permutation(1000)
    distance = FRECHET(features.take(order[:500]), features.take(order[500:]), draw).value
    assert abs(distance - 0.60) < 4 * 0.093
