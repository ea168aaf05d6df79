"""A formula is what it says: each word by a case made for it."""

import math

import pytest

from harness.claims.claim import Claim
from harness.claims.decide import decide_all
from harness.claims.formula import Agreement
from harness.claims.verdict import Verdict
from harness.records.record import Record


def _verdict(rule: Agreement, table: list[Record]) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "paper")], table)[0]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("excess", "word"), [(0.9e-9, "supported"), (1.1e-9, "contradicted")])
def test_exact_values_agree_to_a_billionth(law, excess, word, sign) -> None:
    table = law("exact", [3.0, 2.0]) + law("printed", [3.0 * (1 + sign * excess), 2.0])
    found = _verdict(Agreement(), table)
    assert found.word == word
    assert found.effect == pytest.approx(excess, rel=1e-6)


def test_one_cell_that_differs_contradicts_and_the_worst_is_named(law) -> None:
    table = law("exact", [1.0, 2.0, 4.0]) + law("printed", [1.0, 2.2, 8.0])
    found = _verdict(Agreement(), table)
    assert found.word == "contradicted"
    assert found.numbers["cells_broken"] == 2
    assert "fails in 2 of 3 cells, worst at cell=2: 8 against 4" in found.reason


def test_a_sign_that_differs_contradicts_and_two_zeros_agree(law) -> None:
    assert _verdict(Agreement(), law("exact", [0.0]) + law("printed", [0.0])).word == "supported"
    found = _verdict(Agreement(), law("exact", [1e-3]) + law("printed", [-1e-3]))
    assert found.word == "contradicted"


@pytest.mark.parametrize(("value", "word"), [(1.039, "supported"), (1.041, "contradicted")])
def test_a_monte_carlo_value_is_allowed_4_standard_errors(law, value, word) -> None:
    table = law("exact", [value], [0.01]) + law("printed", [1.0])
    found = _verdict(Agreement(), table)
    assert found.word == word
    if word == "supported":
        assert f"{0.04 / 1.039:.2g} would have been seen" in found.reason


def test_what_would_not_be_seen_is_not_resolved(law) -> None:
    table = law("exact", [1.0, 1.0], [0.01, 0.03]) + law("printed", [1.0, 1.0])
    found = _verdict(Agreement(), table)
    assert found.word == "not resolved"
    assert "1 would not show a difference of 0.1, but one of 0.12" in found.reason
    assert _verdict(Agreement(resolution=0.2), table).word == "supported"
    blind = law("exact", [5.0], [10.0]) + law("printed", [0.0])
    assert _verdict(Agreement(), blind).word == "not resolved"
    seen = law("exact", [0.02], [0.01]) + law("printed", [0.0])
    assert _verdict(Agreement(), seen).word == "not resolved"
    assert _verdict(Agreement(scale=1.0), seen).word == "supported"


def test_void_cells_say_nothing_and_all_void_is_void(law) -> None:
    table = law("exact", [1.0, 2.0]) + law("printed", [1.0, 9.0]) + law("void", [0, 1])
    found = _verdict(Agreement(metric_void="void"), table)
    assert (found.word, found.void_fraction) == ("supported", 0.5)
    assert _verdict(Agreement(), table).word == "contradicted"
    table = law("exact", [1.0]) + law("printed", [9.0]) + law("void", [1])
    assert _verdict(Agreement(metric_void="void"), table).word == "void"


def test_without_numbers_nothing_is_decided(law) -> None:
    found = _verdict(Agreement(), law("exact", [math.nan]) + law("printed", [1.0]))
    assert found.word == "not resolved"


def test_a_condition_selects_the_cells(law) -> None:
    table = law("exact", [1.0, 1.0]) + law("printed", [1.0, 2.0])
    assert _verdict(Agreement(where={"cell": 0}), table).word == "supported"
    assert _verdict(Agreement(where={"cell": 1}), table).word == "contradicted"
