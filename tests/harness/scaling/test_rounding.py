"""No interval says more than the digits of the losses, or than what sets runs apart."""

import numpy as np
import pytest

from harness.scaling.cautions import between_runs, notes
from harness.scaling.choice import compare, missed
from harness.scaling.command import as_json, table
from harness.scaling.fit import fit
from harness.scaling.points import Points
from harness.scaling.rounding import deviations, unit

from .made_up import law, sizes

X = np.repeat(np.geomspace(1e4, 3e6, 8), 2)[:, None]


@pytest.mark.parametrize(
    ("y", "expected"),
    [([2.5, 2.51, 3.0], 0.01), ([120.0, 3000.0], 10.0), ([1.0, 2e-7], 1e-7), ([4.0], 1.0)],
)
def test_the_unit_is_the_finest_place_that_a_number_needs(y, expected) -> None:
    assert unit(np.array(y)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["power", "exponential", "two_powers_with_floor"])
def test_rounding_moves_parameters_by_the_deviation_stated(name) -> None:
    """Least squares of 400 roundings; a standard deviation so found is within 1 / sqrt(800)."""
    x, step = sizes(name), 1e-3
    y = np.round(law(name, x), 3)
    stated = deviations(fit(name, x, y, 1.0), Points.of(x, y))
    rng = np.random.default_rng(1)
    moved = np.array(
        [
            fit(name, x, law(name, x) + step * rng.uniform(-0.5, 0.5, len(x)), 1.0, 1).printed
            for _ in range(400)
        ]
    )
    np.testing.assert_allclose(moved.std(0), stated, rtol=4 / np.sqrt(800))


def test_points_on_a_law_have_no_interval_and_rounded_ones_have_an_honest_one() -> None:
    exact = compare(Points.of(X, law("power", X)), ["power"], count=100)
    assert exact.rows["power"].bootstrap == exact.rows["power"].profile == (None, None)
    assert "narrower than the losses' rounding" in " ".join(notes(exact))
    assert "none" in table(exact, [])
    told = as_json(exact, [], 1e-3)["forms"]["power"]["parameters"]["alpha"]
    assert told["bootstrap_95"] is None
    x = np.geomspace(1e4, 3e6, 16)[:, None]
    rounded = compare(Points.of(x, np.round(law("power", x), 2)), ["power"], count=200)
    for low, high in (rounded.rows["power"].bootstrap[1], rounded.rows["power"].profile[1]):
        assert low < 0.21 < high
    assert notes(rounded) == []


def near_copies(between: float, within: float, seed: int = 1) -> Points:
    """Two runs a size that differ by so much, about means that are so far from the law."""
    rng = np.random.default_rng(seed)
    off = np.repeat(between * rng.standard_normal(8), 2) + within * rng.standard_normal(16)
    return Points.of(X, law("power", X) * np.exp(off))


def test_runs_that_hardly_differ_give_no_interval() -> None:
    found = compare(near_copies(0.02, 1e-6), ["power"], count=100)
    row = found.rows["power"]
    assert row.misses
    assert row.bootstrap == (None, None)
    assert None not in row.profile
    assert "near copies of each other, or the form is wrong" in " ".join(notes(found))
    assert "! misses the means of runs" in table(found, [])
    assert not compare(near_copies(0, 0.02), ["power"], count=100).rows["power"].misses


def test_how_far_a_law_misses_is_the_ratio_of_two_spreads() -> None:
    """Of pure noise its square times the runs of a size is F of 8 - 2 and 8, of mean 8 / 6."""
    ratios = []
    for seed in range(60):
        points = near_copies(0, 0.02, seed)
        ratios.append(missed(fit("power", points.x, points.y, 1.0), points))
    assert np.mean(np.square(ratios)) == pytest.approx(8 / 6 / 2, rel=0.35)
    lone = Points.of(sizes("power"), law("power", sizes("power")))
    assert missed(fit("power", lone.x, lone.y), lone) == 0


def test_the_share_between_runs() -> None:
    """Of effects of standard deviation 2 and noise of 1: 4 / 5; of lone points none."""
    rng = np.random.default_rng(1)
    run = np.repeat(np.arange(400), 8)
    points = Points.of(np.tile(np.arange(1.0, 9), 400), np.ones(3200), run)
    effects = rng.standard_normal(400)
    effects *= 2 / effects.std(ddof=1)
    off = effects[run] + rng.standard_normal(3200)
    assert between_runs(points, off) == pytest.approx(0.8, abs=0.012)  # 4 times 0.003
    assert between_runs(points, rng.standard_normal(3200)) < 0.02
    lone = Points.of(np.arange(1.0, 9), np.ones(8))
    assert between_runs(lone, rng.standard_normal(8)) == 0


def test_sweeps_that_differ_as_wholes_are_said() -> None:
    x = np.tile(np.geomspace(1e4, 3e6, 8), 2)[:, None]
    y = np.repeat([1.0, 2.0], 8) + 40 * x[:, 0] ** -0.35
    said = " ".join(notes(compare(Points.of(x, y, ["a"] * 8 + ["b"] * 8), count=100)))
    assert "of what the law leaves lies between runs" in said
    assert "--delta" in said
    assert "told from a constant" not in said
    assert "leave 1 degrees of freedom" in said
