"""A gain that grows or shrinks: there must be one, and the steps must not contradict the slope."""

import numpy as np
import pytest

from harness.claims.claim import Claim
from harness.claims.curve import Curve
from harness.claims.decide import decide_all
from harness.claims.fitted import Slope
from harness.claims.verdict import Verdict
from harness.problem import Problem

SIZES = (1, 2, 4, 8, 16, 32)
EFFECT = Curve("loss", "n", "gated", "clean", "difference")
SHRINKS = Slope(EFFECT, "higher", gain="lower")
GROWS = Slope(EFFECT, "lower", gain="lower")


def table(rows, effects, noise: float = 0.01, runs: int = 6, seed: int = 0) -> list:
    """Effects at the sizes, of which runs differ independently by ``noise``."""
    g = np.random.default_rng(seed)
    return [
        row
        for n, effect in zip(SIZES, effects)
        for arm, values in (("clean", np.ones(runs)),
                            ("gated", 1 + effect + noise * g.normal(size=runs)))
        for row in rows(arm, values, n=n)
    ]  # fmt: skip


def verdict(made: list, rule: Slope) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "here")], made)[0]


def test_a_gain_that_shrinks_is_seen_and_one_that_grows_reversed(rows) -> None:
    shrinks = table(rows, np.linspace(-0.5, -0.1, 6))
    grows = table(rows, np.linspace(-0.1, -0.5, 6))
    assert verdict(shrinks, SHRINKS).outcome == "seen"
    assert verdict(grows, SHRINKS).outcome == "reversed"
    assert verdict(grows, GROWS).outcome == "seen"
    assert verdict(shrinks, GROWS).outcome == "reversed"


def test_a_gain_of_what_should_be_high_is_read_on_that_side(rows) -> None:
    score = table(rows, np.linspace(0.5, 0.1, 6))
    assert verdict(score, Slope(EFFECT, "lower", gain="higher")).outcome == "seen"
    assert verdict(score, Slope(EFFECT, "higher", gain="higher")).outcome == "reversed"
    assert verdict(score, SHRINKS).outcome == "unresolved"


@pytest.mark.parametrize("rule", [SHRINKS, GROWS])
@pytest.mark.parametrize("ends", [(0.1, 0.5), (0.5, 0.1)])
def test_of_harm_alone_no_gain_shrinks_or_grows(rows, rule, ends) -> None:
    found = verdict(table(rows, np.linspace(*ends, 6)), rule)
    assert found.outcome == "unresolved"
    rises = ends[0] < ends[1]
    at, whose = "1" if rises else "32", "would be largest by the slope"
    if rises == (rule is SHRINKS):  # as the claim has it
        whose = "is claimed to be largest"
    assert f"; at {at}, where the gain {whose}, there is harm" in found.reason
    assert found.effect == pytest.approx(0.1, abs=0.02)


def test_a_gain_that_turns_into_harm_shrinks_and_does_not_grow(rows) -> None:
    turns = table(rows, np.linspace(-0.5, 0.3, 6))
    assert verdict(turns, SHRINKS).outcome == "seen"
    assert verdict(turns, GROWS).outcome == "reversed"
    back = table(rows, np.linspace(0.3, -0.5, 6))
    assert verdict(back, GROWS).outcome == "seen"
    assert verdict(back, SHRINKS).outcome == "reversed"


def test_a_gain_that_starts_at_none_is_not_said_to_go_the_other_way(rows) -> None:
    """Nothing grows to harm where no gain was: neither word of a gain that grows."""
    found = verdict(table(rows, np.linspace(0, 0.5, 6)), GROWS)
    assert found.outcome == "unresolved"
    assert "at 1, where the gain would be largest by the slope, there is none" in found.reason


def test_where_harm_is_resolved_it_is_not_said_that_nothing_could_be_decided(rows) -> None:
    found = verdict(table(rows, np.linspace(0.5, 0.1, 6), runs=3), SHRINKS)
    assert found.smallest_resolvable > 3.5 * found.conditions[2].sd  # type: ignore[operator]
    assert "there is harm" in found.reason
    assert "Could not" not in found.reason


def test_a_gain_that_is_not_resolved_where_it_is_to_be_largest_is_none(rows) -> None:
    made = table(rows, np.linspace(0, 0.5, 6))
    found = verdict(made, SHRINKS)
    assert found.outcome == "unresolved"
    assert "there is none that is resolved" in found.reason
    assert verdict(made, Slope(EFFECT, "higher")).outcome == "seen"  # of the effect itself


def test_a_curve_with_a_peak_has_no_trend(rows) -> None:
    """Its line falls from .2 to -.1, its gain is largest at 8 and shrinks from there on."""
    made = table(rows, (0.2, 0.2, 0.1, -0.4, -0.3, -0.1))
    for rule in (Slope(EFFECT, "lower"), Slope(EFFECT, "higher")):
        found = verdict(made, rule)
        assert found.outcome == "unresolved"
        assert found.numbers["steps_against"] == 2
        for words in ("highest at ", "lowest at 8", "step from 8 to 16 +0.", "step from 16 to 32"):
            assert words in found.reason
        assert "step from 4 to 8" not in found.reason


def test_a_step_the_other_way_that_is_not_resolved_takes_no_word(rows) -> None:
    made = table(rows, (-0.5, -0.4, -0.3, -0.33, -0.2, -0.1), noise=0.02)
    assert EFFECT.values(made).y.mean(0)[3] < EFFECT.values(made).y.mean(0)[2]
    found = verdict(made, SHRINKS)
    assert found.outcome == "seen"
    assert "no trend" not in found.reason


def test_steps_rarely_take_a_word_from_a_line(rows) -> None:
    """80 studies of a line with a flat step: Holm over steps lets noise through in 5 % at most."""
    effects = (-0.5, -0.4, -0.3, -0.3, -0.2, -0.1)
    words = [verdict(table(rows, effects, 0.03, seed=s), SHRINKS).outcome for s in range(80)]
    assert words.count("seen") >= 80 - 4 - 4 * (80 * 0.05 * 0.95) ** 0.5


def test_without_a_gain_words_fall_in_the_rate_that_is_stated(rows) -> None:
    """80 studies of a slope that is there and a gain that is not: seen in 2.5 % by chance."""
    effects = np.linspace(0, 0.5, 6)
    words = [verdict(table(rows, effects, 0.03, seed=s), SHRINKS).outcome for s in range(80)]
    assert words.count("seen") <= 2 + 4 * (80 * 0.025) ** 0.5
    assert words.count("reversed") == 0


def test_a_gain_brings_two_tests_and_a_digest_only_where_it_is_used(rows) -> None:
    made = table(rows, np.linspace(-0.5, -0.1, 6))
    old = Slope(EFFECT, "higher")
    assert [len(rule.planned(made)) for rule in (old, SHRINKS)] == [1, 3]
    plain, new = (Claim("c", "x", "y", "s", r, "here").config()["rule"] for r in (old, SHRINKS))
    assert set(plain) == {"kind", "curve", "better", "margin"}
    assert new["gain"] == "lower"
    assert verdict(made, SHRINKS).numbers["tests_in_family"] == 3


def test_what_is_no_gain_is_refused(rows) -> None:
    with pytest.raises(Problem, match="lower or higher"):
        Slope(EFFECT, "lower", gain="large")  # type: ignore[arg-type]
    with pytest.raises(Problem, match="baseline"):
        Slope(Curve("loss", "n", "clean"), "lower", gain="lower")
    few = [row for row in table(rows, np.linspace(-0.5, -0.1, 6)) if row.params["n"] < 4]
    assert "where a slope needs 3" in verdict(few, SHRINKS).reason
