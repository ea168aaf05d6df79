"""A run under a second name is no run."""

import numpy as np
import pytest

from harness.problem import Problem
from harness.scaling.cautions import notes
from harness.scaling.choice import compare
from harness.scaling.copies import copied, repeated
from harness.scaling.points import Points
from harness.scaling.read import read

from .made_up import law

X = np.geomspace(1e4, 3e6, 6)


def sweep(seed: int, digits: int = 9) -> np.ndarray:
    z = np.random.default_rng(seed).standard_normal(6)
    return np.round(law("power", X[:, None]) * np.exp(0.02 * z), digits)


def test_whole_runs_are_copies_and_points_that_agree_by_rounding_are_not() -> None:
    one, other = sweep(1), sweep(2)
    label = np.repeat(list("abcd"), 6)
    points = Points.of(np.tile(X, 4), np.r_[one, other, one, one], label)
    assert copied(points) == [0, 2, 3]
    assert repeated(points) == (12, 18)
    backwards = Points.of(np.r_[X, X[::-1]], np.r_[one, one[::-1]], label[:12])
    assert copied(backwards) == [0, 1]
    mixed = one.copy()
    mixed[0] = other[0]
    assert copied(Points.of(np.tile(X, 2), np.r_[one, mixed], label[:12])) == []
    coarse = Points.of(np.repeat(X, 2), np.repeat(one, 2) + np.tile([0, 0, 0, 0.1], 3))
    assert copied(coarse) == []
    assert copied(Points.of(X, one)) == []


def test_a_sweep_whose_replicates_never_differ_is_of_copies_whatever_their_names() -> None:
    assert copied(Points.of(np.tile(X, 2), np.tile(sweep(1), 2))) == [
        run for i in range(6) for run in (i, i + 6)
    ]
    pair = Points.of([1.0, 2, 3, 3], [4.0, 3, 2, 2])
    assert copied(pair) == []  # one that agrees: by rounding, perhaps


def test_a_file_with_copies_is_refused_by_the_names_of_runs(tmp_path) -> None:
    path = tmp_path / "points.csv"
    rows = [f"{x},{y},r{i}" for i in range(20) for x, y in zip(X, sweep(1))]
    path.write_text("\n".join(["N,loss,run", *rows]) + "\n")
    with pytest.raises(Problem, match=r"in r0, r1, r2, r3 and 16 more: duplicated; .*once"):
        read(path, ["N"], "loss", "run")
    path.write_text("\n".join(["N,loss,run", *rows[:6], *rows[-6:]]) + "\n")
    with pytest.raises(Problem, match="to the last digit in r0, r19: duplicated"):
        read(path, ["N"], "loss", "run")


def test_copies_of_some_of_the_points_are_said() -> None:
    """Three sweeps, of which each is there four times as points of runs of their own."""
    y = np.concatenate([sweep(seed) for seed in (1, 2, 3)] * 4)
    said = notes(compare(Points.of(np.tile(X, 12), y), ["power"], count=100))
    assert "54 of 72 points equal another of their size to the last digit" in " ".join(said)
    coarse = np.concatenate([sweep(seed, 0) for seed in range(12)])
    assert "last digit" not in " ".join(
        notes(compare(Points.of(np.tile(X, 12), coarse), ["power"], count=100))
    )
