"""The stage of Gaussian loops: rows beside their laws, one a generation and one for the end."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from harness.problem import Problem
from harness.train.gaussian_loop import SCORES, GaussianLoop, readings, simulate
from theory.loops.finite_loop import FiniteLoop

LAW = FiniteLoop()


def asked(**changes: Any) -> GaussianLoop:
    return GaussianLoop(**{"n": 20, "generations": 3, "ratio": 0.5, "chains": 20_000, **changes})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"gamma": 0.5},
        {"gamma": "full", "bias": 1.0},
        {"gamma": 1.0, "bias": -0.5, "ratio": 2.0},
        {"real": "fresh"},
        {"real": "fresh", "gamma": 0.5, "far": (-2.0, 0.5)},
    ],
)
def test_every_simulated_row_is_the_law_s(given: dict[str, Any]) -> None:
    one = asked(**given)
    point = {"lambda": one.ratio, "gamma": one.gamma, "n": 20, "real": one.real, "bias": one.bias}
    gamma = math.inf if one.gamma == "full" else one.gamma
    factor = one.ratio / (1 + one.ratio) / (1 + gamma)
    promise = one.ratio / (1 - one.ratio) / (1 + gamma) if one.ratio < 1 else 9.0
    for t, values in enumerate(readings(one)):
        here = {**point, "generations": t}
        assert values["error_exact"].value == LAW.exact(here).value
        assert values["error_real_only"].value == 1 / 20
        for name in ("error", "variance", "gap"):
            exact, found = values[f"{name}_exact"].value, values[name]
            assert abs(found.value - exact) <= 4 * found.standard_error + 1e-12, (t, name)
        assert values["gap_exact"].value == pytest.approx(abs(one.far[0]) * factor**t, rel=1e-12)
        assert values["gap_void"].value == (promise >= 1)
        if promise < 1:
            bound = abs(one.far[0]) * promise**t
            assert values["gap_printed"].value == pytest.approx(bound, rel=1e-12)
        assert ("gap_printed" in values) == (promise < 1)
        beside = LAW.sharper(here)
        for name, other in (
            ("error_added", "added_by_correction"),
            ("error_saved", "saved_by_fresh"),
        ):
            assert (name in values) == (other in beside)
            if name in values:
                assert values[name].value == pytest.approx(beside[other].value, rel=1e-12)
        assert ("error_at_most" in values) == (gamma == 0)
        if gamma == 0:
            assert values["error_at_most"].value == pytest.approx(1.5 / 20, rel=1e-12)


def test_the_speed_up_is_measured_against_loops_without_correction() -> None:
    for t, values in enumerate(readings(asked(gamma=0.5))):
        found, promised = values["speed_up"], values["speed_up_promised"].value
        assert promised == 1.5**t
        assert abs(found.value - promised) <= 4 * found.standard_error
        assert found.standard_error < 0.05 * promised
    assert "speed_up" not in readings(asked())[-1]
    assert "speed_up" not in readings(asked(gamma="full"))[-1]


def test_rows_are_by_generation_and_the_last_one_stands_without_a_number(tmp_path: Path) -> None:
    simulate(asked(gamma=1.0, chains=50), 1, {}, tmp_path, "cpu", lambda share: None)
    rows = json.loads((tmp_path / "measurements.json").read_text())
    value = {row["metric"]: row for row in rows}
    assert len(value) == len(rows)
    for name in ("error", "gap", "gap_printed", "speed_up"):
        assert {f"{name}/{t}" for t in range(4)} <= set(value)
        assert value[name] == {**value[f"{name}/3"], "metric": name}
        assert value[name]["value"] != value[f"{name}/1"]["value"]
    assert {name.partition("/")[0] for name in value} <= set(SCORES)
    assert value["gap"]["tier"] == "tolerance"
    assert value["gap"]["n"] == 50
    assert value["gap_exact"]["tier"] == "exact"
    assert {row["replicate"] for row in rows} == {None}
    again = tmp_path / "again"
    again.mkdir()
    simulate(asked(gamma=1.0, chains=50), 1, {}, again, "cpu", lambda share: None)
    assert (again / "measurements.json").read_bytes() == (
        tmp_path / "measurements.json"
    ).read_bytes()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ratio": -0.5}, "lambda=-0.5"),
        ({"ratio": math.nan}, "give a number above 0"),
        ({"gamma": -1.0}, "gamma=-1.0"),
        ({"gamma": math.inf}, "or full"),
        ({"generations": 0}, "generations=0"),
        ({"generations": True}, "whole number from 1"),
        ({"n": 1}, "n=1"),
        ({"real": "none"}, "no real samples"),
        ({"real": "old"}, "choose from fixed, fresh, none"),
        ({"bias": 0.5}, "give a gamma above 0"),
        ({"far": (0.0, 1.0)}, "mean other than 0"),
        ({"far": (1.0, 0.0)}, "variance above 0"),
    ],
)
def test_what_makes_no_loop_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(Problem, match=message):
        asked(**given)


def test_a_lambda_of_no_sample_is_refused() -> None:
    with pytest.raises(Problem, match="larger lambda"):
        readings(asked(ratio=0.04))
