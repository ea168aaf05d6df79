"""Files of weights that are broken, hostile or of another network."""

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from harness.metrics import weights
from harness.metrics.weights import read_npz, read_safetensors, require_arrays
from harness.problem import Problem

FIX = "give another"


class Bomb:
    """What runs when a pickle is read."""

    def __reduce__(self) -> tuple:
        return pytest.fail, ("the pickle was run",)


def npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, a=np.arange(3.0), b=np.zeros((2, 2), np.float32))
    return file.getvalue()


def npy_in_zip(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.npy", content)
    return file.getvalue()


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


HUGE = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
PICKLED = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        npz()[:-30],
        npz()[:100] + b"\xff" * 20 + npz()[120:],
        pickle.dumps(Bomb()),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }"),
        npy_in_zip(header(PICKLED) + pickle.dumps(np.array([Bomb()]))),
        npy_in_zip(header(HUGE)),
        npy_in_zip(header("{" * 400)),
        npy_in_zip(b""),
    ],
    ids=["empty", "magic", "cut", "damaged", "pickle", "npy", "object", "huge", "header", "hollow"],
)
def test_an_npz_that_is_none_is_a_problem_and_runs_nothing(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(content)
    with pytest.raises(Problem, match=r"w\.npz; got a file that does not read.*give another"):
        read_npz(path, FIX)


def test_arrays_beyond_the_largest_are_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A megabyte of zeros packs into a kilobyte; what counts is what it would unpack to."""
    np.savez_compressed(tmp_path / "w.npz", a=np.zeros(1 << 17))
    assert (tmp_path / "w.npz").stat().st_size < 1 << 12
    assert read_npz(tmp_path / "w.npz", FIX)["a"].shape == (1 << 17,)
    monkeypatch.setattr(weights, "LARGEST", 1 << 20)
    with pytest.raises(Problem, match="bytes of arrays"):
        read_npz(tmp_path / "w.npz", FIX)


def test_a_safetensors_file_gives_its_arrays_and_metadata(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"a": np.arange(3, dtype=np.float32)}, path, metadata={"k": "v"})
    arrays, metadata = read_safetensors(path, FIX)
    assert arrays["a"].tolist() == [0, 1, 2]
    assert metadata == {"k": "v"}
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Problem, match=r"w\.safetensors; got a file that does not read"):
        read_safetensors(path, FIX)
    with pytest.raises(Problem, match="no such file; give another"):
        read_safetensors(tmp_path, FIX)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": np.zeros(3)}, "'b' missing"),
        ({}, "'a' and 1 more missing"),
        ({"a": np.zeros(3), "b": np.zeros((2, 2)), "c": np.zeros(1)}, "'c' unexpected"),
        ({"a": np.zeros((3, 1)), "b": np.zeros((2, 2))}, r"shape \(3, 1\), not \(3,\)"),
        ({"a": np.array([0, np.inf, 0]), "b": np.zeros((2, 2))}, "'a' of float64, not all finite"),
        ({"a": np.zeros(3, complex), "b": np.zeros((2, 2))}, "'a' of complex128"),
        ({"a": np.array(["x", "y", "z"]), "b": np.zeros((2, 2))}, "'a' of <U1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arrays_that_do_not_fit_are_named(arrays: dict, message: str) -> None:
    with pytest.raises(Problem, match=message):
        require_arrays("weights", arrays, {"a": (3,), "b": (2, 2)}, FIX)


def test_arrays_that_fit_come_as_float32_in_the_order_asked_for() -> None:
    given = {"b": np.full((2, 2), 0.1), "a": np.arange(3, dtype=np.float16)}
    found = require_arrays("weights", given, {"a": (3,), "b": (2, 2)}, FIX)
    assert list(found) == ["a", "b"]
    assert all(array.dtype == np.float32 for array in found.values())
    assert np.abs(found["b"] - 0.1).max() < 1e-8
