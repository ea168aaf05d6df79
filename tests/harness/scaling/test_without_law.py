"""Points that follow no law: a comparison ends with numbers or None, and never with a warning."""

import numpy as np
import pytest

from harness.problem import Problem
from harness.scaling.cautions import notes
from harness.scaling.choice import compare
from harness.scaling.command import table
from harness.scaling.huber import aicc, loss
from harness.scaling.level import level
from harness.scaling.points import Points

from .made_up import law, sizes


@pytest.mark.parametrize("seed", range(5))
def test_points_without_a_law_are_fitted_without_a_fault(seed) -> None:
    """Noise, a rising loss, a step, huge units: numbers or None, never a warning."""
    rng = np.random.default_rng(seed)
    x = np.geomspace(1e3, 1e9, 7)
    y = [
        np.exp(rng.standard_normal(7)),
        x**0.3,
        np.where(x > 1e6, 1.0, 1e3),
        1e200 / x,
        1 + 1e-9 * rng.standard_normal(7),
    ][seed]
    found = compare(Points.of(x, y), count=100)
    assert set(found.rows) == {"power_with_floor", "power", "broken_power", "exponential"}
    assert found.chosen in found.rows
    for row in found.rows.values():
        assert np.isfinite(row.correlation).all()
        assert np.isfinite(row.fit.total)


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (np.full(8, 2.5), "got 2.5 everywhere; nothing falls, so these points hold no law"),
        (np.r_[2.51, np.full(7, 2.5)], "got 2.5 to 2.51, one step of the last digit"),
        (1 + 1e5 * np.geomspace(10, 1000, 8) ** -60, "got 1 everywhere"),
    ],
)
def test_a_loss_that_does_not_change_is_refused(y, said) -> None:
    with pytest.raises(Problem, match=said):
        compare(Points.of(np.geomspace(10, 1000, 8), y), count=100)
    two = np.stack([np.geomspace(10, 1000, 8), np.geomspace(7, 90, 8)[[3, 1, 0, 6, 4, 7, 2, 5]]], 1)
    with pytest.raises(Problem, match=said):
        compare(Points.of(two, y), count=100)


def test_a_constant_has_the_aicc_of_one_parameter() -> None:
    """By least squares: the variance about the mean."""
    z = 0.1 * np.random.default_rng(1).standard_normal(12)
    points = Points.of(np.geomspace(1, 100, 12), np.exp(z))
    assert level(points, 100.0) == pytest.approx(
        aicc(float((z - z.mean()) @ (z - z.mean())) / 2, 12, 1, 100.0), rel=1e-6
    )
    absolute = float(loss(z - np.median(z), 1e-6).sum())
    assert level(points, 1e-6) == pytest.approx(aicc(absolute, 12, 1, 1e-6), abs=1e-3)


def test_noise_is_no_law_and_a_law_is_one() -> None:
    x = np.repeat(sizes("power"), 2, axis=0)
    z = 0.02 * np.random.default_rng(3).standard_normal(len(x))
    noise = notes(compare(Points.of(x, np.exp(z)), ["power"], count=100))
    assert "no law that can be told from a constant" in " ".join(noise)
    assert "power: the interval of alpha holds 0: nothing is seen to fall" in " ".join(noise)
    seen = notes(compare(Points.of(x, law("power", x) * np.exp(z)), ["power"], count=100))
    assert seen == []
    rising = notes(compare(Points.of(x, np.exp(z) / law("power", x)), ["power"], count=100))
    assert rising == ["power: alpha is below 0: nothing falls there, the loss rises"]


def steep(noise: float) -> Points:
    """Only the smallest size is above the floor: no exponent is too large."""
    x = np.geomspace(10, 1000, 8)
    z = np.random.default_rng(9).standard_normal(8)
    return Points.of(x, (1 + 1e59 * x**-60.0) * np.exp(noise * z))


def test_a_form_at_a_bound_bears_no_mark_and_its_exponent_is_open() -> None:
    found = compare(steep(0.01), ["power_with_floor", "power"], count=100)
    row = found.rows["power_with_floor"]
    assert row.fit.aicc < found.rows["power"].fit.aicc - 5
    assert not row.sound
    assert row.at_bound == ("alpha",)
    assert row.bootstrap[2][1] is None
    assert row.profile[2][1] is None
    assert found.chosen == found.marked == "power"
    said = " ".join(notes(found))
    assert "power_with_floor has the least AICc and is not marked: alpha open, at a bound" in said
    assert "alpha lies at a bound of the grid and is open there" in said
    alone = compare(steep(0.01), ["power_with_floor"], count=100)
    assert alone.marked is None
    assert alone.chosen == "power_with_floor"
    assert "no form came to a sound end, so none is marked" in " ".join(notes(alone))
    shown = table(alone, [])
    assert "* " not in shown
    assert "! alpha open, at a bound" in shown


def test_a_steep_exponent_that_the_points_hold_is_sound() -> None:
    x = np.repeat(np.geomspace(10, 1000, 8), 2)
    z = 0.01 * np.random.default_rng(2).standard_normal(16)
    found = compare(Points.of(x, (1 + 1e5 / x**4) * np.exp(z)), ["power_with_floor"], count=100)
    assert found.marked == "power_with_floor"
    assert found.rows["power_with_floor"].fit.parameters["alpha"] == pytest.approx(4, abs=0.05)


def test_a_break_at_the_end_of_its_range_is_open_there() -> None:
    x = np.repeat(sizes("power"), 2, axis=0)
    y = np.where(x[:, 0] > x.min(), 1.0, 1.05) * (x[:, 0] / 1e4) ** -0.1
    z = 0.01 * np.random.default_rng(2).standard_normal(len(x))
    row = compare(Points.of(x, y * np.exp(z)), ["broken_power"], count=100).rows["broken_power"]
    assert row.at_bound == ("N0",)
    assert not row.sound
    assert row.profile[3][0] == row.bootstrap[3][0] == 0  # ln N0 has no lower end


def test_ends_of_a_break_lie_between_the_sizes_or_are_open() -> None:
    """Of a power law, draws put the break at the ends of its range, where no interval ends."""
    x = np.repeat(sizes("power"), 2, axis=0)
    z = 0.02 * np.random.default_rng(3).standard_normal(len(x))
    points = Points.of(x, law("power", x) * np.exp(z))
    row = compare(points, ["broken_power"], count=200).rows["broken_power"]
    inner = np.unique(x)[1:-1]
    ends = [row.bootstrap[3], row.profile[3]]
    assert (0.0, None) in ends
    for low, high in ends:
        assert low == 0 or low > inner[0] * (1 + 1e-6)
        assert high is None or high < inner[-1] * (1 - 1e-6)
