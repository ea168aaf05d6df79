"""Evidence: the tests of a claim about trained arms, as rows, as numbers and as a sentence."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from harness.claims.effects import Estimate, Pool
from harness.claims.family import Family
from harness.claims.power import (
    LEVEL,
    equivalence_power,
    power,
    replicates_needed,
    smallest_margin,
    smallest_resolvable,
)
from harness.claims.reading import Finding
from harness.claims.verdict import Condition, Outcome, Regime, Verdict, word

# Standard deviations of a pair. Three replicates find effects from 3.3 on in a single test: a
# family that asks for more has too few of them.
WIDEST = 3.5


def verdict(
    outcome: Outcome,
    regime: Regime,
    head: str,
    tests: Sequence[Finding],
    family: Family,
    *,
    hangs_on: Finding,
    equivalence: bool = False,
    outcomes: Mapping[str, Outcome] | None = None,
) -> Verdict:
    """The verdict with everything that it rests on.

    head: how the sentence begins. hangs_on: the test whose numbers stand for the verdict.
    equivalence: the claim is that there is no difference, so that what could have been resolved
    is a margin. outcomes: of each reading, where the sentence should name them.
    """
    # A test without a margin is one of a difference, whatever the claim is of.
    margins = [test for test in tests if equivalence and test.reading.margin]
    rows = {
        id(test): _condition(test, regime, family, test in margins, len(margins)) for test in tests
    }
    main = rows[id(hangs_on)]
    copied = ("effect", "low", "high", "p_value", "p_holm", "unit")
    summary: dict[str, Any] = {name: getattr(main, name) for name in copied}
    resolvable = ("smallest_resolvable", "replicates_needed")
    summary |= {name: getattr(main, name) for name in resolvable}
    pools: dict[Any, Pool] = {
        test.contrast.kind: family.pools[test.contrast.kind] for test in tests
    }
    return Verdict(
        word=word(outcome, regime),
        outcome=outcome,
        regime=regime,
        reason=sentence(head, tests, family, outcomes or {})
        + (
            _undecidable(hangs_on, main, family, hangs_on in margins)
            if outcome == "unresolved"
            else ""
        ),
        conditions=tuple(rows.values()),
        pools=tuple(pools.values()),
        numbers={"tests_in_family": family.tests, "level": family.level},
        **summary,
    )


def _condition(
    test: Finding, regime: Regime, family: Family, equivalence: bool, tests: int
) -> Condition:
    """One row of a verdict that rests on so many tests."""
    contrast, e = test.contrast, test.estimate
    outcome = test.outcome
    if equivalence:
        outcome = "equivalent" if test.within else "unresolved"
        outcome = "reversed" if test.beyond(tests) else outcome
    dropped = contrast.dropped
    row = Condition(
        condition=contrast.condition,
        metric=contrast.metric,
        unit=contrast.unit,
        word=word(outcome, regime),
        dropped=dropped if contrast.problem is None else (contrast.problem, *dropped),
    )
    if e is None:
        return row
    fields = {name: getattr(row, name) for name in ("condition", "metric", "unit", "word")}
    smallest, needed = _resolvable(e, test, family, equivalence)
    return Condition(
        **fields,
        dropped=row.dropped,
        n=e.n,
        effect=e.effect,
        low=e.low,
        high=e.high,
        low90=e.low90,
        high90=e.high90,
        p_value=e.p,
        p_holm=test.p_holm,
        sd=e.sd,
        df=e.df,
        smallest_resolvable=smallest,
        replicates_needed=needed,
    )


def _resolvable(
    e: Estimate, test: Finding, family: Family, equivalence: bool
) -> tuple[float | None, int | None]:
    """What n replicates could have resolved, and how many more the observed effect needs."""
    if e.sd is None or e.df is None:
        return None, None
    sd, effect, margin, level = e.sd, e.effect, test.reading.margin, family.level
    if equivalence:

        def within(n: int, df: float) -> float:
            return equivalence_power(effect, margin, sd, n, df, LEVEL)

        needed = replicates_needed(within, e.n, e.df) if abs(effect) < margin else None
        return smallest_margin(sd, e.n, e.df, LEVEL), needed

    def found(n: int, df: float) -> float:
        return power(effect, sd, n, df, level)

    needed = replicates_needed(found, e.n, e.df) if effect else None
    return smallest_resolvable(sd, e.n, e.df, level), needed


def _undecidable(test: Finding, row: Condition, family: Family, equivalence: bool) -> str:
    """That so few pairs over so many tests could not decide, where they could not; else "".

    Of no difference: that it could not be found, at the margin that was declared.
    """
    smallest, sd = row.smallest_resolvable, row.sd
    if not smallest or not sd or test.direction or test.within:
        return ""  # another test, or no test at all, stands in the way
    amounts = amount(smallest, test.contrast.scale, test.contrast.unit)
    if equivalence:
        if smallest <= test.reading.margin:
            return ""
        told = f"where it holds exactly, it is found to in 80 % within {amounts} or more"
        return f" Could only be refuted with {row.n} pairs: {told}."
    if smallest <= WIDEST * sd:
        return ""
    tests = f"{family.tests} tests" if family.tests != 1 else "a single test"
    return (
        f" Could not be decided with {row.n} pairs over {tests}: found in 80 % are effects from "
        f"{amounts} on, {smallest / sd:.3g} standard deviations of a pair."
    )


def sentence(
    head: str, tests: Sequence[Finding], family: Family, outcomes: Mapping[str, Outcome]
) -> str:
    """One sentence, built from the numbers."""
    parts = [shown(test) for test in tests]
    readings = ", ".join(f"{metric} {outcome}" for metric, outcome in outcomes.items())
    tail = f" ({readings})" if len(outcomes) > 1 else ""
    count = f"Holm over {family.tests} tests" if family.tests != 1 else "a single test"
    shared = _shared(tests, family)
    return f"{head}{tail}: {'; '.join(parts)}; {count}, intervals unadjusted{shared}."


def _shared(tests: Sequence[Finding], family: Family) -> str:
    """Of which readings the variance is that of several contrasts of the study, else ""."""
    pools = {test.contrast.kind: family.pools[test.contrast.kind] for test in tests}
    told = [
        f"{pool.metric} over {pool.contrasts}"
        for pool in pools.values()
        if pool.pooled and pool.contrasts > 1
    ]
    return f", variances pooled over contrasts of the study: {', '.join(told)}" if told else ""


def shown(test: Finding) -> str:
    """A test as words: metric, effect, interval, Holm's p and the number of pairs."""
    contrast, e = test.contrast, test.estimate
    where = f"{contrast.metric} at {contrast.condition}"
    if e is None:
        return f"{where} not measured ({contrast.problem})"
    effect = amount(e.effect, contrast.scale, contrast.unit)
    if e.low is None or e.high is None:
        return f"{where} {effect} from one replicate, which gives no interval"
    low, high = (amount(x, contrast.scale, contrast.unit) for x in (e.low, e.high))
    p = 1.0 if test.p_holm is None else test.p_holm
    p_text = "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"
    inside = ", within the margin" if test.within else ""
    inside = ", resolved and within the margin" if inside and test.direction else inside
    left_out = f", {len(contrast.dropped)} without a partner" if contrast.dropped else ""
    return f"{where} {effect} (95 %: {low} to {high}, {p_text}, {e.n} pairs{inside}{left_out})"


def amount(effect: float, scale: str, unit: str) -> str:
    """An effect as text: a log-ratio as a change in per cent, a difference in its unit."""
    if scale == "log_ratio":
        return f"{100 * math.expm1(effect):+.3g} %"
    return f"{effect:+.3g} {'' if unit == '1' else unit}".rstrip()
