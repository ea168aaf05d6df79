"""What a sentence says of tests that resolve little: within a margin, and with too few pairs."""

import numpy as np

from harness.claims.claim import Claim, Rule
from harness.claims.decide import decide_all
from harness.claims.paired import Equivalence, PairedEffect
from harness.claims.reading import Reading
from harness.claims.verdict import Verdict

NOISE = np.array([-1.0, 1, -1, 1, -1, 1, -1, 1]) * 0.01
WIDE = 30 * NOISE
LOSS = Reading("loss", "lower", margin=0.05)
BLURS = ({"blur": 0.4}, {"blur": 0.8})


def _verdict(rule: Rule, table: list) -> Verdict:
    return decide_all([Claim("c", "x", "y", "s", rule, "here")], table)[0]


def _study(rows, *effects: float, noise: np.ndarray = NOISE) -> list:
    """Clean rows of 1 and an arm whose log-ratio is the effect plus noise, one a condition."""
    table = []
    for where, effect in zip(BLURS, effects):
        table += rows("clean", np.ones(len(noise)), **where)
        table += rows("gated", np.exp(effect + noise), **where)
    return table


def test_an_effect_that_is_resolved_and_within_the_margin_is_said_to_be_both(rows) -> None:
    rule = Equivalence((LOSS,), "gated", "clean", BLURS[:1])
    resolved, nothing = (_verdict(rule, _study(rows, effect)) for effect in (0.03, 0.001))
    assert resolved.outcome == nothing.outcome == "equivalent"
    assert "pairs, resolved and within the margin)" in resolved.reason
    assert "pairs, within the margin)" in nothing.reason


def test_so_few_pairs_over_so_many_tests_are_said_to_decide_nothing(rows) -> None:
    """Three pairs find 3.3 standard deviations in a single test, and 15 over twenty."""
    three = 2 * NOISE[:3]
    arms = [f"arm {i}" for i in range(20)]
    table = rows("clean", np.ones(3), blur=0.4)
    for i, arm in enumerate(arms):
        table += rows(arm, np.exp(-0.045 + three * (1 + i * (i < 2) * 9)), blur=0.4)
    claims = [
        Claim(arm, "x", "y", "s", PairedEffect((LOSS,), arm, "clean"), "here") for arm in arms
    ]
    alone, many = decide_all(claims[:1], table)[0], decide_all(claims, table)[0]
    assert alone.outcome == many.outcome == "unresolved"
    assert "ould not be decided" not in alone.reason
    assert " Could not be decided with 3 pairs over 20 tests: found in 80 % are " in many.reason
    sd = many.conditions[0].sd
    assert f"{many.smallest_resolvable / sd:.3g} standard deviations of a pair." in many.reason


def test_of_no_difference_it_is_said_that_it_could_only_be_refuted(rows) -> None:
    rule = Equivalence((LOSS,), "gated", "clean", BLURS)
    wide = _verdict(rule, _study(rows, 0.0, 0.0, noise=WIDE))
    assert " Could only be refuted with 8 pairs: where it holds exactly" in wide.reason
    near = _verdict(rule, _study(rows, 0.0, 0.045))  # eight pairs are enough, and it is too near
    assert near.outcome == "unresolved"
    assert "Could" not in near.reason
    one = Equivalence((LOSS,), "gated", "clean", BLURS[:1])
    open_one = _verdict(one, _study(rows, 0.028, noise=3.5 * NOISE))
    assert open_one.outcome == "unresolved"
    assert open_one.p_value is not None
    assert open_one.p_value > 0.05
    assert "Could" not in open_one.reason  # what is equal would be found so within .043


def test_of_a_verdict_that_is_resolved_nothing_of_the_kind_is_said(rows) -> None:
    """Two readings that differ decide it, and a third with too few pairs stands first."""
    three = 2 * NOISE[:3]
    table = []
    for metric, effect in (("loss", -0.03), ("a", -1.0), ("b", 1.0)):
        table += rows("clean", np.ones(3), metric) + rows("gated", np.exp(effect + three), metric)
    readings = tuple(Reading(metric, "lower", 0.01) for metric in ("loss", "a", "b"))
    found = _verdict(PairedEffect(readings, "gated", "clean"), table)
    assert found.outcome == "split"
    assert found.conditions[0].word == "not resolved here"
    assert "Could" not in found.reason
