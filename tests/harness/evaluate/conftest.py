import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

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
