"""A verdict: the word that a rule gives to a claim, and the numbers that it gives it for.

A rule ends in one of six outcomes; the word for it depends on the regime of the claim. In the
paper's own regime (a law, or its own data, networks and scale) a claim can be supported or
contradicted. Outside it a small experiment can only show whether the mechanism acts here.

    outcome      in the paper's regime   here
    seen         supported               mechanism seen
    reversed     contradicted            mechanism reversed
    equivalent   equivalent              equivalent here
    unresolved   not resolved            not resolved here
    split        metric-dependent        metric-dependent
    void         void                    void

``split``: the co-primary readings are resolved and differ. ``void``: a bound that says nothing
which is not true anyway. Intervals are unadjusted 95 % and 90 % ones; a word about a trained
effect follows the p-values after Holm, so that an interval can exclude 0 where the word is
``not resolved``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, final

from harness.claims.effects import Pool
from harness.problem import Problem

Regime = Literal["paper", "here"]
Outcome = Literal["seen", "reversed", "equivalent", "unresolved", "split", "void"]

WORDS: dict[Regime, dict[Outcome, str]] = {
    "paper": {
        "seen": "supported",
        "reversed": "contradicted",
        "equivalent": "equivalent",
        "unresolved": "not resolved",
        "split": "metric-dependent",
        "void": "void",
    },
    "here": {
        "seen": "mechanism seen",
        "reversed": "mechanism reversed",
        "equivalent": "equivalent here",
        "unresolved": "not resolved here",
        "split": "metric-dependent",
        "void": "void",
    },
}

EVERY_WORD = tuple(dict.fromkeys(word for words in WORDS.values() for word in words.values()))
"""Every word of a verdict, those of the paper's own regime first."""


def word(outcome: Outcome, regime: Regime) -> str:
    """The word of an outcome in a regime."""
    if regime not in WORDS:
        raise Problem(f"the regime {regime!r}", "no such regime", f"known are {', '.join(WORDS)}")
    return WORDS[regime][outcome]


def every(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome of a claim that needs all of these: seen if all are, reversed if one is."""
    if "reversed" in outcomes:
        return "reversed"
    return "seen" if set(outcomes) == {"seen"} else "unresolved"


@final
@dataclass(frozen=True, kw_only=True)
class Condition:
    """One test of a verdict: a metric at one condition, or at the mean of several.

    effect, low, high (95 %), low90, high90: in ``unit``, arm against baseline; null where no
    replicate is paired (all) or just one (the intervals). p_value: two-sided, of no effect; p_holm:
    after Holm. n: pairs. sd: of one pair's effect, with df degrees of freedom (pooled or its own).
    dropped: the replicates left out, and why.
    """

    condition: str
    metric: str
    unit: str
    word: str
    n: int = 0
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    low90: float | None = None
    high90: float | None = None
    p_value: float | None = None
    p_holm: float | None = None
    sd: float | None = None
    df: float | None = None
    smallest_resolvable: float | None = None
    replicates_needed: int | None = None
    dropped: tuple[str, ...] = ()


@final
@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The word for one claim and what it rests on.

    effect to replicates_needed: those of the test that the word hangs on, among ``conditions`` of
    the first reading: the weakest where every condition is needed, the strongest where one is
    enough. low, high: the unadjusted 95 % interval, in ``unit``; for a share, Wilson's.
    smallest_resolvable: the smallest true effect found with 80 % power at the level that Holm asks
    of the first test of the family. replicates_needed: how many more would find the effect that
    was observed. void_fraction: the share of cells in which a bound says nothing. numbers: what
    else the rule counted. place, scale: where it was tried.
    """

    word: str
    outcome: Outcome
    regime: Regime
    reason: str
    claim: str = ""
    study: str = ""
    confirmatory: bool = True
    place: str = ""
    scale: str = ""
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    p_holm: float | None = None
    unit: str = ""
    smallest_resolvable: float | None = None
    replicates_needed: int | None = None
    conditions: tuple[Condition, ...] = ()
    pools: tuple[Pool, ...] = ()
    void_fraction: float | None = None
    numbers: Mapping[str, float | int | str | None] = field(default_factory=dict)

    def config(self) -> dict[str, Any]:
        """The verdict as plain data."""
        return asdict(self)


def unresolved(regime: Regime, reason: str, **rest: Any) -> Verdict:
    """A verdict without a result, and why."""
    outcome: Outcome = "unresolved"
    return Verdict(
        word=word(outcome, regime), outcome=outcome, regime=regime, reason=reason, **rest
    )
