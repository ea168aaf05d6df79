"""Weights: the arrays of a network in a file, read without executing anything that stands in it.

A file of weights comes from elsewhere, so nothing in it is trusted. Two formats are read, neither
of which can hold code: ``.npz`` without pickled objects, and safetensors. What comes out is checked
against the network that is to be built: every array by name and shape, of finite floats. What is
missing, what is too much and what has another shape are said with the file's name.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np

from harness.problem import Problem

Shapes = Mapping[str, tuple[int, ...]]
LARGEST = 1 << 30  # bytes that the arrays of one file may have
T = TypeVar("T")


def read_npz(path: Path, fix: str) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` file. Raises ``Problem``, with ``fix``, where it does not read."""

    def read() -> dict[str, np.ndarray]:
        with path.open("rb") as file:
            if file.read(4) != b"PK\x03\x04":
                raise ValueError("no .npz file")
        with np.load(path, allow_pickle=False) as archive:
            size = sum(entry.file_size for entry in archive.zip.infolist())
            if size > LARGEST:
                raise ValueError(f"{size} bytes of arrays")
            arrays = {name: archive[name] for name in archive.files}
            if not all(isinstance(array, np.ndarray) for array in arrays.values()):
                raise ValueError("members that are no arrays")
            return arrays

    return _read(path, fix, read)


def read_safetensors(path: Path, fix: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays of a safetensors file, and its metadata. Raises ``Problem`` as ``read_npz``."""
    from safetensors import safe_open

    def read() -> tuple[dict[str, np.ndarray], dict[str, str]]:
        with safe_open(path, framework="np") as file:
            names = file.keys()
            return {name: file.get_tensor(name) for name in names}, file.metadata() or {}

    return _read(path, fix, read)


def _read(path: Path, fix: str, read: Callable[[], T]) -> T:
    if not path.is_file():
        raise Problem(f"the weights {path}", "no such file", fix)
    try:
        return read()
    except Exception as error:  # a broken file can raise nearly anything
        got = f"a file that does not read ({type(error).__name__}: {error})"
        raise Problem(f"the weights {path}", got, fix) from error


def require_arrays(
    what: str, arrays: Mapping[str, np.ndarray], shapes: Shapes, fix: str
) -> dict[str, np.ndarray]:
    """The arrays as float32, in the order of ``shapes``.

    Raises ``Problem`` for one that is missing, unexpected, of another shape, or not finite floats.
    """
    missing = [name for name in shapes if name not in arrays]
    unexpected = [name for name in arrays if name not in shapes]
    for names, word in ((missing, "missing"), (unexpected, "unexpected")):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise Problem(what, f"{names[0]!r}{more} {word}", fix)
    found = {}
    for name, shape in shapes.items():
        array = np.asarray(arrays[name])
        if array.shape != tuple(shape):
            raise Problem(what, f"{name!r} of shape {array.shape}, not {tuple(shape)}", fix)
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise Problem(what, f"{name!r} of {array.dtype}, not all finite floats", fix)
        found[name] = np.ascontiguousarray(array, np.float32)
    return found
