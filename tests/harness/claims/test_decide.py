"""Deciding a set of claims: names, order, studies apart, and the sentence."""

import math

import numpy as np
import pytest

from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim, Rule
from harness.claims.decide import decide_all
from harness.claims.paired import PairedEffect
from harness.claims.reading import Reading
from harness.problem import Problem
from harness.records.record import Record

NOISE = np.array([-1.0, 1, -1, 1, -1, 1, -1, 1]) * 0.01
LOSS = Reading("loss", "lower")


def _claim(rule: Rule, name: str = "c", study: str = "s") -> Claim:
    return Claim(name, "statement", "source", study, rule, "here")


def _table(rows, **params: object) -> list[Record]:
    return rows("clean", np.ones(8), **params) + rows("gated", np.exp(NOISE - 0.2), **params)


def test_a_name_that_a_complete_study_has_not_is_refused_with_a_hint(rows) -> None:
    table = _table(rows, blur=0.4)
    for rule, named in [
        (PairedEffect((Reading("los", "lower"),), "gated", "clean"), r"metric 'los'.*'loss'"),
        (PairedEffect((LOSS,), "gated", "clean", ({"blurr": 1},)), r"factor 'blurr'.*'blur'"),
        (PairedEffect((LOSS,), {"sampler": "heun"}, "clean"), "known ones are arm, blur"),
        (BoundHolds("loss", "bound"), "metric 'bound'"),
    ]:
        with pytest.raises(Problem, match=named):
            decide_all([_claim(rule)], table)
        failed = [*table, *rows("other", [math.nan], blur=0.4)]
        verdict = decide_all([_claim(rule)], failed)[0]
        assert verdict.word == "not resolved here"
        with pytest.raises(Problem):
            decide_all([_claim(rule)], failed, complete=True)


def test_a_study_without_rows_is_not_resolved(rows) -> None:
    rule = PairedEffect((LOSS,), "gated", "clean")
    found = decide_all([_claim(rule, study="other")], _table(rows))
    assert found[0].word == "not resolved here"
    assert "the study other has no rows" in found[0].reason


def test_studies_are_decided_apart_and_verdicts_stand_in_the_order_of_the_claims(rows) -> None:
    rule = PairedEffect((LOSS,), "gated", "clean")
    table = _table(rows) + _table(rows, study="t")
    claims = [_claim(rule, name, study) for name, study in (("1", "s"), ("2", "t"), ("3", "s"))]
    found = decide_all(claims, table)
    assert [(one.claim, one.study) for one in found] == [("1", "s"), ("2", "t"), ("3", "s")]
    assert {one.numbers["tests_in_family"] for one in found} == {1}  # 1 and 3 test one hypothesis
    with pytest.raises(Problem, match="two claims"):
        decide_all([claims[0], claims[0]], table)


def test_the_sentence_names_place_scale_effect_interval_p_and_pairs(rows) -> None:
    rule = PairedEffect((LOSS,), "gated", "clean", ({"dataset": "photos"},))
    table = _table(rows, dataset="photos", network="mlp") + _table(rows, dataset="digits")
    found = decide_all([_claim(rule)], table, scale="cpu")[0]
    assert (found.place, found.scale) == ("photos, mlp", "cpu")
    assert found.reason == (
        "photos, mlp at cpu scale: gated against clean: loss at dataset=photos -18.1 % "
        "(95 %: -18.9 % to -17.4 %, p < 0.0001, 8 pairs); a single test, intervals unadjusted."
    )
    assert 100 * math.expm1(found.low) == pytest.approx(-18.9, abs=0.05)


def test_the_order_of_the_rows_does_not_matter(rows) -> None:
    rule = PairedEffect((LOSS,), "gated", "clean")
    table = _table(rows)
    assert decide_all([_claim(rule)], table) == decide_all([_claim(rule)], table[::-1])


def test_the_sentence_says_over_how_many_contrasts_a_variance_was_pooled(rows) -> None:
    table = _table(rows, dataset="photos") + _table(rows, dataset="digits")
    where = ({"dataset": "photos"}, {"dataset": "digits"})
    rule = PairedEffect((LOSS,), "gated", "clean", where)
    (found,) = decide_all([_claim(rule)], table)
    (pool,) = found.pools
    assert pool.pooled
    told = "intervals unadjusted, variances pooled over contrasts of the study: loss over 2."
    assert found.reason.endswith(told)
    wild = rows("clean", np.ones(8), dataset="digits")
    wild += rows("gated", np.exp(40 * NOISE - 0.2), dataset="digits")
    other = [row for row in table if row.params["dataset"] == "photos"] + wild
    (apart,) = decide_all([_claim(rule)], other)
    assert not apart.pools[0].pooled
    assert apart.reason.endswith("Holm over 2 tests, intervals unadjusted.")
