"""Floors of curves, and exponents where the points ask for one: by known truth."""

import numpy as np
import pytest

from harness.claims import fitting
from harness.claims.claim import Claim
from harness.claims.curve import Curve, Values, drawn
from harness.claims.decide import decide_all
from harness.claims.fitted import Exponent, Floor, Steeper
from harness.claims.floor import lead, level
from harness.claims.verdict import Verdict
from harness.problem import Problem

SIZES = np.array([20.0, 40, 80, 160, 320, 640])
REAL, SAMPLES = Curve("error", "n", "real"), Curve("error", "n", "samples")


def grid(rows, arm: str, law, noise: float = 0.03, runs: int = 6, seed: int = 1) -> list:
    g = np.random.default_rng(seed)
    own = g.normal(size=runs)
    return [
        row
        for n in SIZES
        for row in rows(
            arm, law(n) * np.exp(noise * (own + g.normal(size=runs))), "error", n=float(n)
        )
    ]


def free(n: float) -> float:
    return float(6 * n**-0.8)


def floored(n: float) -> float:
    return float(0.07 + 8 * n**-0.95)


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bootstrap stands beside the verdict."""
    monkeypatch.setattr(fitting, "drawn", lambda *asked: drawn(*asked, count=40))


def verdict(made: list, rule) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "here")], made)[0]


def test_a_floor_is_seen_where_there_is_one_and_not_where_there_is_none(rows) -> None:
    made = grid(rows, "samples", floored) + grid(rows, "real", free, seed=2)
    found = verdict(made, Floor(SAMPLES))
    assert found.outcome == "seen"
    assert found.numbers["floor"] == pytest.approx(0.07, abs=0.01)
    assert found.numbers["aicc_lead"] > 10
    assert found.low < 0.07 < found.high  # type: ignore[operator]
    none = verdict(made, Floor(REAL))
    assert none.outcome == "unresolved"
    assert none.numbers["aicc_lead"] < 10


def test_the_higher_of_two_floors(rows) -> None:
    made = grid(rows, "samples", floored) + grid(rows, "real", free, seed=2)
    found = verdict(made, Floor(SAMPLES, REAL))
    assert found.outcome == "seen"
    assert len(found.conditions) == 2
    own, apart = found.conditions
    assert found.effect == apart.effect  # the weaker of the two, which decides
    means = [found.numbers[f"{mark}floor_of_runs"] for mark in ("", "other_")]
    assert own.effect == pytest.approx(means[0])
    assert apart.effect == pytest.approx(means[0] - means[1])  # type: ignore[operator]
    for mark, mean in zip(("", "other_"), means):
        law = found.numbers[f"{mark}floor"]
        told = f"floor {law:.3g} by the fit to all points, {mean:.3g} by the mean over runs"
        assert told in found.reason
    assert found.numbers["other_floor"] < found.numbers["floor"] / 2  # type: ignore[operator]
    turned = verdict(made, Floor(REAL, SAMPLES))
    assert turned.outcome == "reversed"
    assert turned.effect == pytest.approx(-apart.effect)  # type: ignore[operator]
    same = grid(rows, "samples", floored) + grid(rows, "real", floored, seed=3)
    assert verdict(same, Floor(SAMPLES, REAL)).outcome == "unresolved"


def test_a_lower_floor_is_reversed_where_the_other_is_one_that_the_points_ask_for(rows) -> None:
    made = grid(rows, "samples", lambda n: 0.02 + 8 * n**-0.95) + grid(
        rows, "real", lambda n: 0.2 + 8 * n**-0.95, seed=2
    )
    assert verdict(made, Floor(SAMPLES, REAL)).outcome == "reversed"


def test_a_floor_is_not_seen_by_its_runs_alone(rows, monkeypatch: pytest.MonkeyPatch) -> None:
    made = grid(rows, "samples", floored)
    monkeypatch.setattr("harness.claims.floor.CLEAR", 1e9)
    made += grid(rows, "real", free, seed=2)
    assert verdict(made, Floor(REAL, SAMPLES)).outcome == "unresolved"
    found = verdict(made, Floor(SAMPLES))
    assert found.outcome == "unresolved"
    assert "a law without a floor is not out of question" in found.reason


def test_an_exponent_of_a_law_that_is_rejected_gives_no_word(rows) -> None:
    """One exponent, .95, with a floor and without: the law without a floor takes it for a smaller
    one, by far."""
    made = grid(rows, "samples", floored) + grid(rows, "real", lambda n: 8 * n**-0.95, seed=2)
    for rule in (Steeper(REAL, SAMPLES), Steeper(SAMPLES, REAL), Exponent(SAMPLES, high=0.8)):
        found = verdict(made, rule)
        assert found.outcome == "unresolved"
        assert found.p_value is not None
        assert found.p_value < 0.05
        assert "rejected for error of samples: one with a floor of 0.07" in found.reason
        assert "rejected for error of real" not in found.reason
    assert verdict(made, Exponent(REAL, 0.85, 1.05)).outcome == "seen"
    with_floors = verdict(made, Steeper(REAL, SAMPLES, form="power_with_floor"))
    assert with_floors.outcome == "unresolved"
    assert "rejected" not in with_floors.reason
    assert with_floors.conditions[0].metric.startswith("difference of exponents (power_with_floor)")


def test_exponents_with_floors_are_told_apart(rows) -> None:
    made = grid(rows, "samples", lambda n: 0.05 + 2 * n**-0.6, 0.005) + grid(
        rows, "real", lambda n: 0.05 + 9 * n**-1.1, 0.005, seed=2
    )
    found = verdict(made, Steeper(REAL, SAMPLES, form="power_with_floor"))
    assert found.outcome == "seen"
    assert found.effect == pytest.approx(0.5, abs=0.1)
    one, two = (found.numbers[f"{mark}exponent_of_runs"] for mark in ("", "other_"))
    assert found.effect == pytest.approx(one - two)  # type: ignore[operator]
    assert f"by the fit to all points ({one:.3g} by the mean over runs, 95 %: " in found.reason
    assert f"({two:.3g} by the mean over runs" in found.reason


def test_a_curve_without_a_floor_is_rarely_given_one(rows) -> None:
    """20 studies of each noise: 5 % of false words at most, beyond chance of 1 in 1,000."""
    for noise in (0.05, 0.15):
        seen = 0
        for seed in range(20):
            g = np.random.default_rng(seed)
            law = 6 * SIZES**-0.85
            values = Values(SIZES, law * np.exp(noise * g.normal(size=(6, 6))))
            seen += lead(values) >= 10 and level(values) > 0
        assert seen <= 5


def test_what_has_no_floor_of_a_metric_is_refused(rows) -> None:
    with pytest.raises(Problem, match="without a baseline"):
        Floor(Curve("error", "n", "samples", "real"))
    with pytest.raises(Problem, match="one curve twice"):
        Floor(REAL, REAL)
    few = [row for row in grid(rows, "real", free) if row.params["n"] < 320]
    assert "4 distinct sizes" in verdict(few, Floor(REAL)).reason
    made = grid(rows, "samples", floored)
    assert verdict(made, Floor(SAMPLES, REAL)).outcome == "unresolved"
