"""What tests of metrics share: random weights, a small torch-fidelity, a linear denoiser."""

import dataclasses
import hashlib
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from harness.cell import canonical
from harness.metrics import classifier, pretrained, resnet56
from harness.streams import numpy_generator

from .linear_guidance import upstream as upstream

Arrays = dict[str, np.ndarray]
CLASSIFIERS = {
    "trained_digits": ("digits", (1, 8, 8), 10),
    "trained_photos": ("photos", (1, 8, 8), 7),
    "trained_textures": ("textures", (1, 8, 8), 3),
    "trained_cifar10": ("cifar10", (3, 32, 32), 10),
}


def drawn(shapes: dict[str, tuple[int, ...]]) -> Arrays:
    """Arrays of these shapes: He's normal kernels, moments and shifts that are not trivial."""
    draw = numpy_generator("test", 0, "weights")
    arrays = {}
    for name, shape in shapes.items():
        if len(shape) > 1:
            arrays[name] = draw.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
        elif name.endswith(("running_var", ".weight")):
            arrays[name] = draw.uniform(0.5, 1.0, shape)
        else:
            arrays[name] = draw.normal(0, 0.1, shape)
    return {name: array.astype(np.float32) for name, array in arrays.items()}


@pytest.fixture(scope="session")
def resnet_arrays() -> Arrays:
    """Random weights of the ResNet-56, under their names."""
    return drawn(resnet56.shapes())


@pytest.fixture
def classifier_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes random weights of a classifier in its format, with any entry of the header changed."""

    def write(name: str, drawn_for: tuple[int, int, int] | None = None, **changes: Any) -> Path:
        dataset, usual, classes = CLASSIFIERS[name]
        shape = drawn_for or usual
        header = {"dataset": {"name": dataset}, "shape": list(shape)} | changes
        path = tmp_path / f"{name}.safetensors"
        arrays = drawn(classifier.shapes(shape, classes, 8))
        save_file(arrays, path, metadata={"classifier": canonical(header)})
        return path

    return write


class Network(torch.nn.Module):
    """One linear layer a head on 4×4 means of the levels, with the manners of torch-fidelity."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(1)
        self.layers = torch.nn.ParameterList(
            torch.randn(48, size, generator=draw) / 48**0.5 for size in sizes
        )
        self.seen: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        assert x.dtype == torch.uint8
        assert x.shape[1] == 3
        self.seen.append(x)
        pooled = torch.nn.functional.adaptive_avg_pool2d((x.float() - 128) / 128, 4).flatten(1)
        return tuple(pooled @ layer for layer in self.layers)


@pytest.fixture
def torch_fidelity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> types.ModuleType:
    """A module with torch-fidelity's way to make an extractor, and files of weights it knows."""
    sizes = {"2048": 20, "logits_unbiased": 12, "dinov2": 16, "clip": 14}
    package, utils = types.ModuleType("torch_fidelity"), types.ModuleType("torch_fidelity.utils")
    utils.calls = []  # type: ignore[attr-defined]

    def create_feature_extractor(
        name: str, list_features: list[str], cuda: bool = True, **kwargs: Any
    ) -> Network:
        utils.calls.append((name, tuple(list_features), kwargs))  # type: ignore[attr-defined]
        print("Creating feature extractor")
        network = Network(tuple(sizes[head] for head in list_features))
        return network.cuda() if cuda else network

    utils.create_feature_extractor = create_feature_extractor  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch_fidelity", package)
    monkeypatch.setitem(sys.modules, "torch_fidelity.utils", utils)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    (tmp_path / "cache" / "patina").mkdir(parents=True)
    for attribute in ("INCEPTION", "CLIP"):
        row = getattr(pretrained, attribute)
        content = f"the weights of {row.name}".encode()
        known = dataclasses.replace(row.weights, sha256=hashlib.sha256(content).hexdigest())
        monkeypatch.setattr(pretrained, attribute, dataclasses.replace(row, weights=known))
        (tmp_path / "cache" / "patina" / known.file).write_bytes(content)
    return utils


@pytest.fixture
def weights_for(
    resnet_arrays: Arrays,
    classifier_file: Callable[..., Path],
    torch_fidelity: types.ModuleType,
    tmp_path: Path,
) -> Callable[[str], Path | None]:
    """The file of weights that an extractor is given; None for one that needs no file."""

    def make(name: str) -> Path | None:
        if name in CLASSIFIERS:
            return classifier_file(name)
        if name == "resnet56":
            np.savez(tmp_path / "resnet56.npz", **resnet_arrays)  # type: ignore[arg-type]
            return tmp_path / "resnet56.npz"
        return None

    return make
