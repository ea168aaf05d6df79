"""Deciding: the rules of all claims of a study, applied to its records together."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.claims.claim import Claim
from harness.claims.contrast import Contrast
from harness.claims.family import Family, family, pool
from harness.claims.place import place
from harness.claims.verdict import Verdict, unresolved
from harness.problem import Problem
from harness.records.record import Record


def decide_all(
    claims: Iterable[Claim],
    rows: Iterable[Record],
    scale: str = "",
    complete: bool | None = None,
    datasets: Mapping[str, str] | None = None,
) -> list[Verdict]:
    """The verdicts on claims, in their order, from the records of their studies.

    The variances of a study's contrasts are pooled and the tests of its confirmatory claims are
    adjusted together, each study alone. scale, and datasets by cell: named in the verdicts that
    rest on them. complete: whether every cell of the studies has been measured; by default,
    whether the study has rows and all are ok.

    What was not measured makes a verdict ``not resolved`` and never an error. Errors: a
    :class:`Problem` for a claim that names a metric or a factor which a complete study has not,
    for two claims with one id, and for a condition that several cells answer to.
    """
    claims, rows = list(claims), list(rows)
    ids = [claim.id for claim in claims]
    for name in ids:
        if ids.count(name) > 1:
            raise Problem(f"the claim {name}", "two claims of that id", "give each its own id")
    verdicts: dict[str, Verdict] = {}
    for study in dict.fromkeys(claim.study for claim in claims):
        members = [claim for claim in claims if claim.study == study]
        own = [row for row in rows if row.study == study]
        whole = bool(own) and all(row.ok for row in own) if complete is None else complete
        if whole:
            _check_names(members, own)
        for claim, verdict in zip(members, _decide_study(members, own)):
            verdicts[claim.id] = _place(claim, verdict, own, scale, datasets or {})
    return [verdicts[name] for name in ids]


def _decide_study(claims: Sequence[Claim], rows: Sequence[Record]) -> list[Verdict]:
    """The verdicts on the claims of one study."""
    if not rows:
        return [unresolved(c.regime, f"the study {c.study} has no rows.") for c in claims]
    planned = {claim.id: claim.rule.planned(rows) for claim in claims}
    beside = [one for claim in claims for one in claim.rule.beside(rows)]
    every: list[Contrast] = [one for tests in planned.values() for one in tests]
    pools = pool([*every, *beside])
    tests = [one for claim in claims if claim.confirmatory for one in planned[claim.id]]
    together = family(tests, pools)

    def of(claim: Claim) -> Family:
        return together if claim.confirmatory else family(planned[claim.id], pools)

    return [claim.rule.decide(rows, claim.regime, of(claim)) for claim in claims]


def _place(
    claim: Claim,
    verdict: Verdict,
    rows: Sequence[Record],
    scale: str,
    datasets: Mapping[str, str],
) -> Verdict:
    """The verdict with its claim, and the dataset, network and scale that it speaks of."""
    tried = place(claim.rule, rows, datasets)
    where = " at ".join(part for part in (tried, f"{scale} scale" if scale else "") if part)
    mark = "" if claim.confirmatory else "exploratory; "
    return replace(
        verdict,
        claim=claim.id,
        study=claim.study,
        confirmatory=claim.confirmatory,
        place=tried,
        scale=scale,
        reason=f"{mark}{where}: {verdict.reason}" if where else f"{mark}{verdict.reason}",
    )


def _check_names(claims: Sequence[Claim], rows: Sequence[Record]) -> None:
    """Refuse a claim that speaks of a metric or a factor which no row of its study has."""
    known = (
        {row.metric for row in rows},
        {name for row in rows for name in row.params},
    )
    for claim in claims:
        for kind, names, there in zip(("metric", "factor"), claim.rule.named(), known):
            for name in sorted(names - there):
                close = difflib.get_close_matches(name, there, n=1)
                hint = f"did you mean {close[0]!r}? " if close else ""
                raise Problem(
                    f"the {kind} {name!r} in the claim {claim.id}",
                    f"no row of {claim.study} that has it",
                    f"{hint}the known ones are {', '.join(sorted(there))}",
                )
