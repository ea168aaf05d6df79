"""Claims about arms: each word is reached by a case made for it, and not beside it."""

import math

import numpy as np
import pytest

from harness.claims.claim import Claim, Rule
from harness.claims.decide import decide_all
from harness.claims.gate import Gate
from harness.claims.paired import Equivalence, PairedEffect
from harness.claims.power import power, smallest_resolvable
from harness.claims.reading import Reading
from harness.claims.verdict import Regime, Verdict
from harness.problem import Problem
from harness.records.record import Record

NOISE = np.array([-1.0, 1, -1, 1, -1, 1, -1, 1]) * 0.01
LOSS = Reading("loss", "lower", margin=0.05)
FD = Reading("fd", "lower", margin=0.05)
BLURS = ({"blur": 0.4}, {"blur": 0.8})


def _verdict(
    rule: Rule, table: list[Record], regime: Regime = "here", confirmatory: bool = True
) -> Verdict:
    claim = Claim("c", "gated beats clean", "paper", "s", rule, regime, confirmatory)
    return decide_all([claim], table)[0]


def _study(
    rows, *effects: float, metric: str = "loss", arm: str = "gated", noise: np.ndarray = NOISE
) -> list[Record]:
    """Clean rows of 1 and one arm whose log-ratio is the effect plus noise, one a condition."""
    table = []
    for where, effect in zip(BLURS, effects):
        table += rows("clean", np.ones(len(noise)), metric, **where)
        table += rows(arm, np.exp(effect + noise), metric, **where)
    return table


WIDE = 30 * NOISE  # an error of 0.11: neither resolved nor within 0.05


@pytest.mark.parametrize(
    ("quantifier", "effects", "outcome"),
    [
        ("each", (-0.2, -0.3), "seen"),
        ("each", (-0.2, 0.3), "reversed"),
        ("each", (0.2, 0.3), "reversed"),
        ("each", (-0.2, 0.0), "unresolved"),
        ("each", (0.001, -0.001), "equivalent"),
        ("some", (-0.2, 0.3), "seen"),
        ("some", (-0.2, 0.0), "seen"),
        ("some", (0.0, 0.3), "unresolved"),
        ("some", (0.2, 0.3), "reversed"),
        ("some", (0.0, 0.0), "equivalent"),
        ("mean", (-0.4, 0.1), "seen"),
        ("mean", (-0.1, 0.4), "reversed"),
        ("mean", (-0.3, 0.3), "equivalent"),
    ],
)
def test_the_quantifier_decides_over_conditions(rows, quantifier, effects, outcome) -> None:
    rule = PairedEffect((LOSS,), "gated", "clean", BLURS, quantifier)
    assert _verdict(rule, _study(rows, *effects)).outcome == outcome
    swapped = PairedEffect((Reading("loss", "higher", 0.05),), "gated", "clean", BLURS, quantifier)
    mirrored = _verdict(swapped, _study(rows, *(-effect for effect in effects)))
    assert mirrored.outcome == outcome


@pytest.mark.parametrize("quantifier", ["each", "some", "mean"])
def test_noise_is_not_resolved(rows, quantifier) -> None:
    rule = PairedEffect((LOSS,), "gated", "clean", BLURS, quantifier)
    found = _verdict(rule, _study(rows, 0.02, -0.02, noise=WIDE))
    assert found.word == "not resolved here"
    assert found.smallest_resolvable > 0.1


@pytest.mark.parametrize(
    ("effects", "here", "paper"),
    [
        ((-0.2, -0.2), "mechanism seen", "supported"),
        ((0.2, 0.2), "mechanism reversed", "contradicted"),
        ((0.0, 0.0), "equivalent here", "equivalent"),
        ((-0.2, 0.0), "not resolved here", "not resolved"),
    ],
)
def test_the_regime_chooses_the_word(rows, effects, here, paper) -> None:
    rule = PairedEffect((LOSS,), "gated", "clean", BLURS)
    table = _study(rows, *effects)
    assert _verdict(rule, table).word == here
    assert _verdict(rule, table, "paper").word == paper


@pytest.mark.parametrize(
    ("loss", "fd", "fd_noise", "outcome"),
    [
        (-0.2, -0.2, NOISE, "seen"),
        (0.2, 0.2, NOISE, "reversed"),
        (0.0, 0.0, NOISE, "equivalent"),
        (-0.2, 0.2, NOISE, "split"),
        (-0.2, 0.0, NOISE, "split"),
        (-0.2, -0.02, WIDE, "unresolved"),
    ],
)
def test_co_primary_readings_agree_differ_or_are_not_resolved(
    rows, loss, fd, fd_noise, outcome
) -> None:
    rule = PairedEffect((LOSS, FD), "gated", "clean", BLURS[:1])
    table = _study(rows, loss) + _study(rows, fd, metric="fd", noise=fd_noise)
    found = _verdict(rule, table)
    assert found.outcome == outcome
    assert found.effect == pytest.approx(loss)  # the first reading stands for the verdict
    assert "loss" in found.reason
    assert "fd" in found.reason


@pytest.mark.parametrize(
    ("effects", "outcome"),
    [
        ((0.0, 0.01), "equivalent"),
        ((0.0, 0.2), "reversed"),
        ((-0.2, 0.0), "reversed"),
        ((0.0, 0.045), "unresolved"),  # resolved, and inside the margin but for its interval
    ],
)
def test_equivalence_needs_every_interval_within_the_margin(rows, effects, outcome) -> None:
    rule = Equivalence((LOSS,), "gated", "clean", BLURS)
    found = _verdict(rule, _study(rows, *effects))
    assert found.outcome == outcome
    worst = max(effects, key=abs)
    assert found.effect == pytest.approx(worst)


def test_equivalence_within_noise_is_not_resolved_and_says_what_margin_would_be(rows) -> None:
    rule = Equivalence((LOSS,), "gated", "clean", BLURS)
    found = _verdict(rule, _study(rows, 0.0, 0.0, noise=WIDE))
    assert found.outcome == "unresolved"
    assert found.smallest_resolvable > 0.05
    assert found.replicates_needed > 0


def test_the_number_beside_a_broken_equivalence_is_that_of_a_test_that_broke_it(rows) -> None:
    """One reading is beyond its margin; the interval of another reaches farther, resolved in
    nothing."""
    rule = Equivalence((LOSS, FD), "gated", "clean", BLURS[:1])
    table = [
        *_study(rows, 0.2),
        *_study(rows, 0.1, metric="fd", noise=np.array([-1.0, 1, -1, 1, -1, 1, -1, 1])),
    ]
    found = _verdict(rule, table)
    assert found.outcome == "reversed"
    assert found.effect == pytest.approx(0.2)
    assert found.p_holm is not None
    assert found.p_holm < 0.05


def test_a_difference_within_noise_of_the_margin_is_no_difference_beyond_it(rows) -> None:
    rule = Equivalence((Reading("loss", "lower", margin=0.5),), "gated", "clean", BLURS[:1])
    assert _verdict(rule, _study(rows, -0.2)).outcome == "equivalent"


def test_holm_over_the_study_takes_what_one_test_would_give(rows) -> None:
    half = 0.0107 * 2.365 / math.sqrt(8) * 1.1  # just beyond its own 95 % interval
    claims = [
        Claim(
            f"c{index}",
            "x",
            "y",
            "s",
            PairedEffect((LOSS,), "gated", "clean", ({"blur": where["blur"]},)),
            "here",
            confirmatory,
        )
        for index, (where, confirmatory) in enumerate(zip(BLURS, (True, True)))
    ]
    table = _study(rows, -half, 0.0, noise=NOISE * 1.0)
    alone = decide_all(claims[:1], [row for row in table if row.params["blur"] == 0.4])[0]
    both = decide_all(claims, table)
    assert alone.outcome == "seen"
    assert both[0].p_value < 0.05 <= both[0].p_holm
    assert both[0].high < 0  # the interval is unadjusted: it excludes 0, and the word does not
    assert both[0].outcome != "seen"


def test_an_exploratory_claim_leaves_the_family_alone_and_is_marked(rows) -> None:
    rule = PairedEffect((LOSS,), "gated", "clean", BLURS[:1])
    other = PairedEffect((LOSS,), "gated", "clean", BLURS[1:])
    claims = [
        Claim("a", "x", "y", "s", rule, "here"),
        Claim("b", "x", "y", "s", other, "here", False),
    ]
    first, second = decide_all(claims, _study(rows, -0.2, -0.2))
    assert first.numbers["tests_in_family"] == second.numbers["tests_in_family"] == 1
    assert first.p_holm == first.p_value
    assert second.reason.startswith("exploratory")


def test_one_replicate_gives_an_effect_and_no_word(rows) -> None:
    rule = PairedEffect((LOSS,), "gated", "clean", BLURS[:1])
    found = _verdict(rule, _study(rows, -0.2, noise=np.zeros(1)))
    assert found.word == "not resolved here"
    assert found.effect == pytest.approx(-0.2)
    assert found.low is None
    assert found.p_holm is None
    assert "one replicate" in found.reason


def test_a_missing_arm_or_metric_is_not_resolved_and_says_so(rows) -> None:
    table = _study(rows, -0.2) + rows("all", [math.nan], blur=0.4)  # not complete: a failure
    for rule in (
        PairedEffect((LOSS,), "oracle", "clean", BLURS[:1]),
        PairedEffect((LOSS, FD), "gated", "clean", BLURS[:1]),
        Equivalence((FD,), "gated", "clean", BLURS[:1]),
    ):
        found = _verdict(rule, table)
        assert found.word == "not resolved here"
        assert "no rows of" in found.reason


def test_a_condition_carries_its_numbers_and_what_was_dropped(rows) -> None:
    table = _study(rows, -0.2)
    table = [row for row in table if not (row.params["arm"] == "gated" and row.replicate == 3)]
    (row,) = _verdict(PairedEffect((LOSS,), "gated", "clean", BLURS[:1]), table).conditions
    assert (row.condition, row.metric, row.n, row.df) == ("blur=0.4", "loss", 7, 6)
    assert row.dropped == ("replicate 3: gated has no row",)
    assert row.low < row.low90 < row.effect < row.high90 < row.high
    assert row.replicates_needed == 0
    assert row.word == "mechanism seen"


def test_what_could_be_resolved_is_at_the_level_of_the_family(rows) -> None:
    generator = np.random.default_rng(2)
    table = _study(rows, -0.1, -0.1, noise=generator.normal(0, 0.2, 5))
    (one, two) = _verdict(PairedEffect((LOSS,), "gated", "clean", BLURS), table).conditions
    assert one.smallest_resolvable == smallest_resolvable(one.sd, 5, one.df, 0.025)
    n = 5 + one.replicates_needed
    for count, enough in ((n, True), (n - 1, False)):
        df = one.df * (count - 1) / 4
        assert (power(one.effect, one.sd, count, df, 0.025) >= 0.8) is enough
    assert two.replicates_needed == one.replicates_needed  # the same numbers at both


GATE = Gate("oracle", "hf", 0.9, 1.1, LOSS, "clean")


@pytest.mark.parametrize(
    ("ratio", "ceiling", "n", "named"),
    [
        (1.0, -0.3, 8, None),
        (0.8, -0.3, 8, "hf of 0.8, and the gate asks for 0.9 to 1.1"),
        (1.2, -0.3, 8, "hf of 1.2"),
        (1.0, 0.3, 8, "does not beat clean on loss"),
        (1.0, 0.0, 8, "does not beat clean on loss"),
        (1.0, -0.3, 1, "one replicate gives no interval"),
        (None, -0.3, 8, "has no hf"),
        (1.0, None, 8, "no rows of loss"),
    ],
)
def test_a_gate_that_is_shut_leaves_no_word(rows, ratio, ceiling, n, named) -> None:
    table = _study(rows, -0.2)
    if ratio is not None:
        table += rows("oracle", ratio + NOISE, "hf", blur=0.4)
    if ceiling is not None:
        table += rows("oracle", np.exp(ceiling + NOISE[:n]), blur=0.4)
    for rule in (
        PairedEffect((LOSS,), "gated", "clean", BLURS[:1], gate=GATE),
        Equivalence((Reading("loss", "lower", 1.0),), "gated", "clean", BLURS[:1], gate=GATE),
    ):
        found = _verdict(rule, table + rows("x", [math.nan]))
        if named is None:
            assert found.outcome in ("seen", "equivalent")
        else:
            assert found.word == "not resolved here"
            assert named in found.reason
            assert found.effect == pytest.approx(-0.2)  # the numbers stand all the same


def test_a_rule_that_makes_no_sense_is_refused() -> None:
    for make in (
        lambda: PairedEffect((), "a", "b"),
        lambda: PairedEffect((LOSS,), "a", "b", ()),
        lambda: PairedEffect((LOSS, LOSS), "a", "b"),
        lambda: PairedEffect((LOSS,), "a", "b", quantifier="most"),  # type: ignore[arg-type]
        lambda: Equivalence((Reading("loss", "lower"),), "a", "b"),
        lambda: Reading("loss", "smaller"),  # type: ignore[arg-type]
        lambda: Reading("loss", "lower", margin=-1.0),
    ):
        with pytest.raises(Problem):
            make()
