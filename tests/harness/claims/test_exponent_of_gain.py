"""An exponent of a gain: there must be one to fall."""

import numpy as np
import pytest

from harness.claims import fitting
from harness.claims.claim import Claim
from harness.claims.curve import Curve, drawn
from harness.claims.decide import decide_all
from harness.claims.fitted import Exponent
from harness.claims.verdict import Verdict
from harness.problem import Problem

SIZES = np.array([10.0, 20, 40, 80, 160, 320])
EFFECT = Curve("loss", "n", "gated", "clean", "difference")
FALLS = Exponent(EFFECT, 0.75, 1.25, gain="lower")


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bootstrap stands beside the verdict."""
    monkeypatch.setattr(fitting, "drawn", lambda *asked: drawn(*asked, count=40))


def table(rows, effects, noise: float = 0.003, runs: int = 6) -> list:
    g = np.random.default_rng(4)
    return [
        row
        for n, effect in zip(SIZES, effects)
        for arm, values in (("clean", np.ones(runs)),
                            ("gated", 1 + effect + noise * g.normal(size=runs)))
        for row in rows(arm, values, n=n)
    ]  # fmt: skip


def verdict(made: list, rule: Exponent) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "here")], made)[0]


def power(alpha: float, scale: float) -> np.ndarray:
    return np.asarray(scale * (SIZES / SIZES[0]) ** -alpha)


def test_a_gain_that_falls_as_claimed_is_seen_and_one_that_falls_otherwise_reversed(rows) -> None:
    found = verdict(table(rows, power(1, -0.4)), FALLS)
    assert found.outcome == "seen"
    assert found.numbers["tests_in_family"] == 3
    words = [one.word for one in found.conditions]
    assert words == ["equivalent here", "mechanism seen", "mechanism seen"]
    for alpha in (0.2, 2.0):
        other = verdict(table(rows, power(alpha, -0.4)), FALLS)
        assert other.outcome == "reversed"
        assert "where the gain" not in other.reason


@pytest.mark.parametrize("alpha", [1.0, 0.03, 2.0])
def test_a_harm_is_no_gain_whatever_its_exponent(rows, alpha) -> None:
    made = table(rows, power(alpha, 0.4))
    found = verdict(made, FALLS)
    assert found.outcome == "unresolved"
    assert "; " not in found.reason.split("at 10, where the gain is claimed to be largest")[0]
    assert "at 10, where the gain is claimed to be largest, there is harm" in found.reason
    assert found.effect == pytest.approx(0.4, abs=0.02)
    assert verdict(made, Exponent(EFFECT, 0.75, 1.25, gain="higher")).outcome != "unresolved"
    assert verdict(made, Exponent(EFFECT, 0.75, 1.25)).outcome != "unresolved"


def test_a_gain_that_grows_must_be_there_at_the_largest_size(rows) -> None:
    grows = verdict(table(rows, power(-0.5, -0.02)), FALLS)
    assert grows.outcome == "reversed"
    harm = verdict(table(rows, power(-0.5, 0.02)), FALLS)
    assert harm.outcome == "unresolved"
    assert "at 320, where the gain would be largest by the law, there is harm" in harm.reason


def test_a_gain_that_is_claimed_to_grow_is_largest_at_the_largest_size(rows) -> None:
    rule = Exponent(EFFECT, high=-0.2, gain="lower")
    assert verdict(table(rows, power(-0.5, -0.02)), rule).outcome == "seen"
    harm = verdict(table(rows, power(-0.5, 0.02)), rule)
    assert "at 320, where the gain is claimed to be largest, there is harm" in harm.reason
    falls = verdict(table(rows, power(0.5, 0.4)), rule)
    assert "at 10, where the gain would be largest by the law, there is harm" in falls.reason


def test_where_there_is_no_exponent_its_reason_stands_alone(rows) -> None:
    found = verdict(table(rows, np.zeros(6), 0.01), FALLS)
    assert found.outcome == "unresolved"
    assert "claimed to be largest" not in found.reason
    few = [row for row in table(rows, power(1, -0.4)) if row.params["n"] < 160]
    assert "4 distinct sizes" in verdict(few, FALLS).reason


def test_the_digest_has_the_gain_only_where_it_is_used() -> None:
    plain, new = (
        Claim("c", "x", "y", "s", rule, "here").config()["rule"]
        for rule in (Exponent(EFFECT, 0.75, 1.25), FALLS)
    )
    assert set(plain) == {"kind", "curve", "low", "high", "form"}
    assert new["gain"] == "lower"


def test_what_is_no_gain_is_refused() -> None:
    with pytest.raises(Problem, match="lower or higher"):
        Exponent(EFFECT, 0.75, 1.25, gain="large")  # type: ignore[arg-type]
    with pytest.raises(Problem, match="baseline"):
        Exponent(Curve("loss", "n", "clean"), 0.75, 1.25, gain="lower")
