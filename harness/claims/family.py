"""The family of tests of a study: shared variances, and one adjustment over all its claims.

Every confirmatory claim of a study brings its planned tests, one for each reading and condition.
Holm's adjustment runs over all of them together, so the chance that any confirmatory word of the
study is false through noise is at most 5 %. A test that could not be made (a failed cell, a single
replicate) stays in the count with p = 1: what is missing never eases what is left. Two claims that
rest on the same contrast test one hypothesis, which counts once. An exploratory claim is adjusted
over its own tests alone, and marked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from harness.claims.contrast import Contrast, Kind
from harness.claims.effects import Estimate, Pool, estimate, pooled_sd
from harness.claims.power import LEVEL
from harness.records.holm import holm

Pools = Mapping[Kind, Pool]


@final
@dataclass(frozen=True)
class Family:
    """pools: by kind of contrast; adjusted: Holm's p-value by key of contrast; tests: how many."""

    pools: Pools
    adjusted: Mapping[tuple[str, ...], float]
    tests: int

    @property
    def level(self) -> float:
        """The level of the first, strictest step of Holm's procedure."""
        return LEVEL / max(1, self.tests)

    def estimate(self, contrast: Contrast) -> Estimate | None:
        return estimate(contrast, self.pools[contrast.kind])

    def p_holm(self, contrast: Contrast) -> float | None:
        return self.adjusted.get(contrast.key)


def pool(contrasts: Sequence[Contrast]) -> Pools:
    """The pool of each kind among a study's contrasts."""
    kinds: dict[Kind, list[Contrast]] = {}
    for one in contrasts:
        kinds.setdefault(one.kind, []).append(one)
    return {kind: pooled_sd(members) for kind, members in kinds.items()}


def family(planned: Sequence[Contrast], pools: Pools) -> Family:
    """The family of planned tests, adjusted together."""
    tests = {one.key: one for one in planned}
    estimates = {key: estimate(one, pools[one.kind]) for key, one in tests.items()}
    p = {key: e.p for key, e in estimates.items() if e is not None and e.p is not None}
    adjusted = holm(list(p.values()), tests=len(tests))
    return Family(pools, dict(zip(p, adjusted)), len(tests))
