"""Forms side by side: the right one is marked, and what must be known is said."""

import numpy as np
import pytest

from harness.problem import Problem
from harness.scaling.cautions import notes
from harness.scaling.choice import compare
from harness.scaling.points import Points

from .made_up import TRUTH, law, sizes

HOLDS = {"power": ("power_with_floor", "broken_power"), "two_powers": ("two_powers_with_floor",)}


def noisy(name: str, noise: float = 0.01, seed: int = 1) -> Points:
    x = np.repeat(sizes(name), 2, axis=0)
    z = np.random.default_rng(seed).standard_normal(len(x))
    return Points.of(x, law(name, x) * np.exp(noise * z))


@pytest.mark.parametrize("name", TRUTH)
def test_points_of_a_form_choose_it(name) -> None:
    """By AICc, or one that holds it; a form that cannot follow the points is far behind."""
    found = compare(noisy(name), count=100)
    allowed = {name, *HOLDS.get(name, ())}
    assert found.chosen in allowed
    row = found.rows[name]
    best = found.rows[found.chosen].fit.aicc
    assert row.fit.aicc - best < 6
    assert all(found.rows[n].fit.aicc - best > 10 for n in found.rows if n not in allowed)
    assert row.held_out.error < 0.03
    for i, (parameter, value) in enumerate(TRUTH[name].items()):
        for low, high in (row.bootstrap[i], row.profile[i]):
            assert low < row.fit.parameters[parameter] < high
            assert low / 1.2 < value < high * 1.2


def test_a_floor_that_is_not_there_is_said_and_its_interval_goes_to_zero() -> None:
    found = compare(noisy("power"), ["power_with_floor", "power"], count=100)
    assert found.rows["power_with_floor"].profile[0][0] < 1e-3
    assert found.chosen == "power"
    assert "power_with_floor: these points show no floor" in " ".join(notes(found))


def test_a_form_draws_the_same_whatever_stands_beside_it() -> None:
    points = noisy("power")
    alone = compare(points, ["power"], count=100).rows["power"]
    beside = compare(points, count=100).rows["power"]
    assert alone.bootstrap == beside.bootstrap
    assert compare(points, ["power"], count=100, seed=1).rows["power"].bootstrap != alone.bootstrap


def test_predictions_have_their_interval_and_are_flagged_beyond_ten_times() -> None:
    points = noisy("power_with_floor")
    found = compare(points, ["power_with_floor"], count=200)
    top = float(points.x.max())
    near = found.predict("power_with_floor", [10 * top])
    assert not near.far
    assert near.reach == pytest.approx(10)
    assert found.predict("power_with_floor", [10.01 * top]).far
    expected = law("power_with_floor", np.array([[10 * top]]))[0]
    assert near.low < expected < near.high
    assert near.low < near.value < near.high
    inside = found.predict("power_with_floor", [top / 2])
    assert inside.reach == 1
    assert inside.high - inside.low < near.high - near.low
    with pytest.raises(Problem, match=r"2 values at 1,2; give N"):
        found.predict("power_with_floor", [1, 2])
    with pytest.raises(Problem, match="above 0"):
        found.predict("power_with_floor", [-1])


def test_correlations_are_those_of_the_draws() -> None:
    found = compare(noisy("two_powers"), ["two_powers"], count=150)
    row = found.rows["two_powers"]
    drawn = row.fit.form.printed(row.replicates.theta, row.fit.frame)
    np.testing.assert_allclose(row.correlation, np.corrcoef(drawn.T), atol=1e-10)


def test_without_points_enough_for_aicc_the_others_decide() -> None:
    x = np.geomspace(1, 100, 5)
    found = compare(Points.of(x, 1 + 3 / x**0.5), count=100)
    assert found.rows["power_with_floor"].fit.aicc is None  # 5 points, 3 parameters and a scale
    assert found.chosen == "power"


def test_disagreement_and_few_runs_are_noted() -> None:
    x = np.repeat(sizes("power_with_floor"), 2, axis=0)
    y = law("power_with_floor", x) * np.exp(0.01 * np.random.default_rng(1).standard_normal(24))
    y[-4:] = law("power", x[-4:]) * y[-5] / law("power", x[-5:-4])
    found = compare(Points.of(x, y, ["a", "b"] * 12), count=100)
    said = " ".join(notes(found))
    assert "leave 1 degrees of freedom" in said
    assert (found.chosen == found.continues) == ("not settled" not in said)


def test_variables_that_hardly_move_apart_are_noted() -> None:
    n = np.geomspace(1e4, 1e7, 12)
    wide = np.random.default_rng(0).standard_normal(12)
    for spread, told in ((0.05, True), (1.5, False)):
        x = np.stack([n, 20 * n * np.exp(spread * wide)], 1)
        found = compare(Points.of(x, law("two_powers", x), names=("N", "D")), ["two_powers"], 50)
        said = [note for note in notes(found) if "N and D hardly move apart" in note]
        assert len(said) == told
        assert all(
            "logarithms is 0.9998" in note or "logarithms is 0.9999" in note for note in said
        )
