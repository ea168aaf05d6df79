"""Which tests a table shows beside a verdict: those that decided it, by the rule of the claim."""

from typing import Any

import pytest

from harness.claims.decide import decide_all
from harness.claims.verdict import WORDS
from harness.records.publish import published
from harness.report.deciding import OUTCOMES, deciding, own
from harness.run.code import ROOT
from harness.studies import STUDIES

EACH: dict[str, Any] = {"kind": "PairedEffect", "quantifier": "each"}
SOME: dict[str, Any] = {"kind": "PairedEffect", "quantifier": "some"}
ALIKE: dict[str, Any] = {"kind": "Equivalence"}
SHORT = {"s": "seen", "r": "reversed", "e": "equivalent", "u": "unresolved", "m": "split"}


def verdict(outcome: str, *tests: str, hangs: int = 0, reason: str = "") -> dict[str, Any]:
    """A verdict on tests such as ``a s .01``: metric, outcome, p after Holm (-: unmeasured)."""
    conditions = []
    for at, text in enumerate(tests):
        metric, short, p = text.split()
        number = None if p == "-" else float(p)
        word = WORDS["here"][SHORT[short]]  # type: ignore[index]
        conditions.append(
            {"metric": metric, "word": word, "p_holm": number, "p_value": number}
            | dict.fromkeys(("effect", "low", "high"), None if number is None else float(at))
        )
    main = {key: conditions[hangs][key] for key in ("effect", "low", "high", "p_holm")}
    return {"outcome": SHORT[outcome], "reason": reason, "conditions": conditions, **main}


@pytest.mark.parametrize(
    ("rule", "given", "shown"),
    [
        (EACH, verdict("s", "a s .01", "a s .03", "b s .02"), (1,)),  # the weakest of all it needs
        (EACH, verdict("u", "a s .01", "b u .3", "b u .6"), (2,)),  # not the seen one
        (EACH, verdict("u", "a s .01", "a e .4"), (1,)),  # equivalent stands in the way as well
        (EACH, verdict("u", "a e .9", "a s .01", "b r .01", "b u .2"), (0,)),  # b is reversed
        (EACH, verdict("m", "a s .01", "a r .02", "b e .5"), (1, 2)),  # a is reversed, as b is not
        (EACH, verdict("m", "a s .01", "a u .5", "b s .03", "c r .02"), (2, 3)),  # a is open
        (EACH, verdict("u", "a u -", "b u .3"), (1,)),  # what was not measured has no number
        (EACH, verdict("u", "a u -"), ()),
        (EACH, verdict("r", "a r .04", "a u .2", "a r .01"), (2,)),  # one is enough
        (EACH, verdict("m", "a s .03", "a s .01", "b r .02", "c u .9"), (1, 2)),
        (EACH, verdict("m", "a e .3", "b r .02", "b u .9"), (0, 1)),
        (EACH, verdict("m", "a s .03", "b e .5", "b e .2"), (0, 2)),
        (SOME, verdict("s", "a u .3", "a s .04", "a s .01", "b s .02"), (3,)),
        (SOME, verdict("u", "a u .3", "a u .6"), (0,)),  # the nearest: one would have been enough
        (SOME, verdict("r", "a r .01", "a r .03"), (1,)),  # all are needed
        (ALIKE, verdict("u", "a u .01", "a u .9", "a e .5", hangs=1), (1,)),
        (ALIKE, verdict("r", "a e .5", "a r .02", "a r .01", hangs=1), (1,)),  # the rule's own
        (ALIKE, verdict("e", "a e .5", "a e .9", hangs=0), (0,)),
        (EACH, verdict("u", "a s .01", reason="the gate is shut, 2.1; x"), ()),
    ],
)
def test_the_test_beside_a_verdict_is_one_that_decided_it(
    rule: dict[str, Any], given: dict[str, Any], shown: tuple[int, ...]
) -> None:
    assert deciding(rule, given) == shown


def test_of_equal_p_after_holm_the_p_alone_decides() -> None:
    given = verdict("u", "a u 1", "b u 1")
    given["conditions"][1]["p_value"] = 0.2
    given["conditions"][0]["p_value"] = 0.1
    assert deciding(EACH, given) == (1,)


@pytest.mark.parametrize("study", ["ambient_loss", "condition_flips", "fluid_grid"])
def test_what_is_published_is_shown_by_tests_of_its_own_word(study: str) -> None:
    """No verdict stands beside a test that says something else, where a test of its word exists."""
    claims = STUDIES[study].claims
    rows = published(ROOT / "results", "cpu", study)
    checked = 0  # an unmeasured claim has no test to show
    for claim, found in zip(claims, decide_all(claims, rows, "cpu")):
        line, rule = found.config(), claim.config()["rule"]
        words = [OUTCOMES[test["word"]] for test in line["conditions"]]
        shown = deciding(rule, line)
        if line["outcome"] == "split":
            assert len({words[at] for at in shown}) == 2
        elif line["outcome"] in words and shown:
            assert {words[at] for at in shown} == {line["outcome"]}, claim.id
        checked += bool(shown)
        assert own(line) is None or line["effect"] is not None
    assert checked
