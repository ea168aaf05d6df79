"""Signs and slopes of laws: each word by a case made for it."""

import math

import pytest

from harness.claims.claim import Claim, Rule
from harness.claims.decide import decide_all
from harness.claims.shape import Monotone, Signed
from harness.claims.verdict import Verdict
from harness.problem import Problem
from harness.records.record import Record, measured


def _verdict(rule: Rule, table: list[Record]) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "paper")], table)[0]


def curve(values, errors=None, data="a", metric="kl") -> list[Record]:
    """One cell a step, at t = 10, 2, 3, ... so that text and number would sort differently."""
    times = [2, 3, 10, 20, 100][: len(values)]
    return [
        measured(
            value,
            None if errors is None else errors[i],
            study="s",
            cell_id=f"{data}{t}",
            params={"t": t, "data": data},
            metric=metric,
            unit="nats",
            tier="exact" if errors is None else "tolerance",
        )
        for i, (t, value) in enumerate(zip(times, values))
    ]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sign_holds_in_every_cell_or_not(law, sign) -> None:
    rule = Signed("gain", sign)
    assert _verdict(rule, law("gain", [sign * 0.1, sign * 3.0])).word == "supported"
    found = _verdict(rule, law("gain", [sign * 0.1, -sign * 0.2]))
    assert found.word == "contradicted"
    assert "worst at cell=1" in found.reason


def test_a_value_of_zero_has_no_sign(law) -> None:
    assert _verdict(Signed("gain"), law("gain", [1.0, 0.0])).word == "contradicted"


def test_a_sign_is_resolved_at_four_standard_errors(law) -> None:
    for values, word in (
        ([0.41, 0.5], "supported"),
        ([0.39, 0.5], "not resolved"),
        ([-0.39, 0.5], "not resolved"),
        ([-0.41, 0.5], "contradicted"),
    ):
        assert _verdict(Signed("gain"), law("gain", values, [0.1, 0.1])).word == word


def test_void_cells_are_left_out_of_a_sign(law) -> None:
    table = law("gain", [1.0, -1.0]) + law("void", [0, 1])
    assert _verdict(Signed("gain", metric_void="void"), table).word == "supported"
    table = law("gain", [-1.0]) + law("void", [1])
    assert _verdict(Signed("gain", metric_void="void"), table).word == "void"
    assert _verdict(Signed("gain"), law("gain", [math.nan])).word == "not resolved"


@pytest.mark.parametrize(
    ("values", "falling", "rising"),
    [
        ([4.0, 3.0, 3.0, 1.0], "supported", "contradicted"),
        ([1.0, 2.0, 3.0], "contradicted", "supported"),
        ([1.0, 3.0, 2.0], "contradicted", "contradicted"),
        ([2.0, 2.0 * (1 + 0.9e-9), 1.0], "supported", "contradicted"),
    ],
)
def test_a_curve_falls_or_rises_at_every_step(values, falling, rising) -> None:
    assert _verdict(Monotone("kl", "t", "falling"), curve(values)).word == falling
    assert _verdict(Monotone("kl", "t", "rising"), curve(values)).word == rising


def test_curves_are_told_apart_by_the_other_factors() -> None:
    table = curve([3.0, 1.0], data="a") + curve([9.0, 8.0], data="b")
    found = _verdict(Monotone("kl", "t"), table)
    assert found.word == "supported"
    assert (found.numbers["curves"], found.numbers["steps"]) == (2, 2)
    table = curve([3.0, 1.0], data="a") + curve([8.0, 9.0], data="b")
    found = _verdict(Monotone("kl", "t"), table)
    assert found.word == "contradicted"
    assert "from data=b t=2 (8) to t=3 (9)" in found.reason
    assert _verdict(Monotone("kl", "t", where={"data": "a"}), table).word == "supported"


def test_a_step_within_its_error_is_not_resolved() -> None:
    for second, word in ((0.4, "supported"), (0.5, "not resolved"), (1.5, "not resolved")):
        found = _verdict(Monotone("kl", "t"), curve([1.0, second], [0.1, 0.1]))
        assert found.word == word
    assert _verdict(Monotone("kl", "t"), curve([1.0, 1.6], [0.1, 0.1])).word == "contradicted"
    wide = curve([1.0, 2.0, 3.0, 4.0], [9.0] * 4)
    assert _verdict(Monotone("kl", "t"), wide).word == "not resolved"


def test_a_curve_that_never_moves_neither_falls_nor_rises() -> None:
    for direction in ("falling", "rising"):
        assert _verdict(Monotone("kl", "t", direction), curve([1.0] * 3)).word == "contradicted"


def test_no_curve_decides_nothing_and_two_values_at_one_place_are_refused() -> None:
    assert _verdict(Monotone("kl", "t"), curve([1.0])).word == "not resolved"
    other = {"study": "s", "cell_id": "other", "unit": "nats", "tier": "exact", "metric": "kl"}
    double = [*curve([1.0, 2.0]), measured(3.0, None, params={"t": 3, "data": "a"}, **other)]
    with pytest.raises(Problem, match="two cells at one place"):
        _verdict(Monotone("kl", "t"), double)
