import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness.cli import main
from harness.streams import numpy_generator

Save = Callable[..., Path]


@pytest.fixture(scope="session")
def x() -> np.ndarray:
    """Twelve colour pictures of 6 x 5 pixels, ``[N, H, W, C]``."""
    return np.random.default_rng(0).integers(0, 256, (12, 6, 5, 3), np.uint8)


def encode(picture: np.ndarray, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, kind, **options)
    return out.getvalue()


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    """A picture ``[H, W]`` or ``[H, W, C]`` as the bytes of a file."""
    return encode


@pytest.fixture(scope="session")
def save() -> Callable[..., Path]:
    """Write files given as name -> bytes, or name -> picture: a folder, or a .zip."""

    def write(path: Path, files: dict[str, Any], **options: Any) -> Path:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path, "w", **options) as archive:
                for name, data in files.items():
                    archive.writestr(name, data if isinstance(data, bytes) else encode(data))
            return path
        path.mkdir(exist_ok=True)
        for name, data in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data if isinstance(data, bytes) else encode(data))
        return path

    return write


def _levels(n: int, seed: int, side: int = 8, channels: int = 1, blur: bool = False) -> np.ndarray:
    draw = numpy_generator("test", seed, "pictures")
    x = draw.normal(size=(n, channels, side, side))
    for axis in (2, 3):
        x = x + np.roll(x, 1, axis) * (1 + blur)
    return np.clip(128 + 40 * x, 0, 255).astype(np.uint8)


def _folder(path: Path, x: np.ndarray, suffix: str = "png") -> Path:
    path.mkdir(parents=True)
    for i, each in enumerate(x):
        picture = each[0] if len(each) == 1 else np.moveaxis(each, 0, -1)
        Image.fromarray(picture).save(path / f"{i:05}.{suffix}")
    return path


@pytest.fixture
def levels() -> Callable[..., np.ndarray]:
    """levels(n, seed, side=8, channels=1, blur=False): smooth pictures [n, C, side, side]."""
    return _levels


@pytest.fixture
def folder() -> Callable[..., Path]:
    """folder(path, levels, suffix="png"): pictures as files."""
    return _folder


@pytest.fixture
def sets(tmp_path: Path) -> tuple[Path, Path]:
    """Ninety pictures of one law and a hundred of another."""
    return _folder(tmp_path / "a", _levels(90, 1, blur=True)), _folder(
        tmp_path / "b", _levels(100, 2)
    )


@pytest.fixture
def run() -> Callable[..., dict[str, Any]]:
    """run(folder, *arguments, status=0): run ``patina evaluate``; what it wrote to r.json there."""

    def evaluate(place: Path, *arguments: object, status: int = 0) -> dict[str, Any]:
        out, cache = place / "r.json", place / "cache"
        given = [str(each) for each in arguments]
        got = main(["evaluate", *given, "--out", str(out), "--cache", str(cache), "--quiet"])
        assert got == status
        return json.loads(out.read_text()) if out.exists() else {}

    return evaluate
