"""The tests of a claim that a table shows beside its verdict: those that decided it.

A verdict's own numbers are those of one test of its first reading, and the word of a claim that
needs several readings can come from another. A table that shows one test shows

    not resolved          the least resolved test among those that stand in the way
    seen, equivalent      the weakest of those that the word needs
    reversed              one that reversed it, the clearest
    metric-dependent      for each direction one test, the clearest

where a claim is met by some of its conditions (the quantifier ``some``) the clearest test of a
reading stands for the reading. A shut gate decides alone: no test does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.claims.verdict import WORDS

SEEN, REVERSED, EQUIVALENT, UNRESOLVED = "seen", "reversed", "equivalent", "unresolved"
OUTCOMES = {word: outcome for words in WORDS.values() for outcome, word in words.items()}
SAME = ("effect", "low", "high", "p_holm")  # what a verdict copies from a test
SHUT = "the gate is shut"


def shut(verdict: Mapping[str, Any]) -> bool:
    """Whether a gate decided the verdict, so that no test did."""
    return SHUT in verdict["reason"]


def own(verdict: Mapping[str, Any]) -> int | None:
    """The place of the test whose numbers are the verdict's own; None where it is none of them."""
    for at, test in enumerate(verdict["conditions"]):
        if verdict["effect"] is not None and all(test[key] == verdict[key] for key in SAME):
            return at
    return None


def deciding(rule: Mapping[str, Any], verdict: Mapping[str, Any]) -> tuple[int, ...]:
    """The places, among the verdict's tests, of those that decided it; () where none is measured.

    rule, verdict: of one line of ``claims.jsonl``. Two places for a metric-dependent one.
    """
    tests = verdict["conditions"]
    outcomes: list[str] = [OUTCOMES[test["word"]] for test in tests]
    measured = [at for at, test in enumerate(tests) if test["effect"] is not None]
    if not measured or shut(verdict):
        return ()
    settled = _settled(rule, tests, outcomes)
    if verdict["outcome"] == "split":
        found = [one for one in (SEEN, REVERSED, EQUIVALENT) if one in settled.values()]
        of = [
            _clearest(tests, [at for at in match if settled[tests[at]["metric"]] == one])
            for one in found
            for match in [_with(measured, outcomes, one)]
        ]
        return tuple(sorted(at for at in of if at is not None))
    if verdict["outcome"] == UNRESOLVED and UNRESOLVED in settled.values():
        measured = [at for at in measured if settled[tests[at]["metric"]] == UNRESOLVED]
    chosen = _one(rule, verdict, outcomes, measured)
    if chosen is None:
        chosen = own(verdict)
    return () if chosen is None else (chosen,)


def _one(
    rule: Mapping[str, Any], verdict: Mapping[str, Any], outcomes: list[str], measured: list[int]
) -> int | None:
    """The test that decided a verdict of one outcome."""
    tests, outcome, some = verdict["conditions"], verdict["outcome"], rule.get("quantifier")
    match = _with(measured, outcomes, outcome)
    if rule["kind"] == "Equivalence" or outcome == EQUIVALENT:  # by its margin, as the rule chose
        return own(verdict) if own(verdict) in match else _weakest(tests, match)
    if outcome == SEEN and some == "some":
        metrics = dict.fromkeys(tests[at]["metric"] for at in match)
        of = [_clearest(tests, [at for at in match if tests[at]["metric"] == m]) for m in metrics]
        return _weakest(tests, [at for at in of if at is not None])
    if outcome == REVERSED and some != "some":
        return _clearest(tests, match)
    if outcome == UNRESOLVED:  # where no test is, one that is equivalent keeps "each" from seen
        match = match or _with(measured, outcomes, EQUIVALENT)
        return _clearest(tests, match) if some == "some" else _weakest(tests, match)
    return _weakest(tests, match)


def _settled(
    rule: Mapping[str, Any], tests: Sequence[Mapping[str, Any]], outcomes: Sequence[str]
) -> dict[str, str]:
    """The outcome of each reading over its conditions, as ``harness.claims.paired`` settles it.

    A reading that is equivalent with some of its tests resolved within the margin is unresolved
    here: nothing in a test says that it is both.
    """
    some = rule.get("quantifier") == "some"
    settled = {}
    for metric in dict.fromkeys(test["metric"] for test in tests):
        own = [one for one, test in zip(outcomes, tests) if test["metric"] == metric]
        settled[metric] = EQUIVALENT if set(own) == {EQUIVALENT} else UNRESOLVED
        for one in (REVERSED, SEEN):
            enough = any if some == (one == SEEN) else all
            if enough(outcome == one for outcome in own):
                settled[metric] = one
    return settled


def _with(measured: Sequence[int], outcomes: Sequence[str], wanted: str) -> list[int]:
    return [at for at in measured if outcomes[at] == wanted]


def _p(test: Mapping[str, Any]) -> float:
    """The p of a test after Holm; 1 where there is none, as of a single replicate."""
    return 1.0 if test["p_holm"] is None else float(test["p_holm"])


def _strength(test: Mapping[str, Any]) -> tuple[float, float]:
    """What orders tests from the clearest on: p after Holm, and by itself where these are equal."""
    alone = test.get("p_value")
    return _p(test), 1.0 if alone is None else float(alone)


def _clearest(tests: Sequence[Mapping[str, Any]], places: Sequence[int]) -> int | None:
    return min(places, key=lambda at: _strength(tests[at]), default=None)


def _weakest(tests: Sequence[Mapping[str, Any]], places: Sequence[int]) -> int | None:
    return max(places, key=lambda at: _strength(tests[at]), default=None)
