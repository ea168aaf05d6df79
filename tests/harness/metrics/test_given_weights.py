"""The stage that takes a user's file of weights into a cell."""

import hashlib
from pathlib import Path

import pytest

from harness.metrics.given_weights import GivenWeights, take
from harness.problem import Problem


def test_the_very_file_is_taken_and_no_other(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "weights.npz"
    path.write_bytes(b"weights")
    monkeypatch.setenv("PATINA_RESNET56", str(path))
    sha256 = hashlib.sha256(b"weights").hexdigest()
    out = tmp_path / "out"
    out.mkdir()
    take(GivenWeights("resnet56", sha256), 1, {}, out, "cpu", lambda share: None)
    assert (out / "weights").read_bytes() == b"weights"
    path.write_bytes(b"others")
    with pytest.raises(Problem, match="give the file that the study was made with"):
        take(GivenWeights("resnet56", sha256), 1, {}, out, "cpu", lambda share: None)
    path.unlink()
    with pytest.raises(Problem, match="put the file there"):
        take(GivenWeights("resnet56", sha256), 1, {}, out, "cpu", lambda share: None)
