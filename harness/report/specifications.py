"""How much the claims of a study hang on choices, and what a verdict on each costs.

One row a confirmatory claim about two arms, from its specification curve
(``harness.claims.specification``): how many choices there are, how many of them give the claim its
direction, how many intervals exclude no effect, and how often a single run would have. Then the
compute to a verdict: the core-minutes that the cells of the claim's own tests took (a stage that
cells share counts once), how many replicates more would find the effect that was seen with 80 %
power, and the core-minutes that these would take at the same price.
"""

from collections.abc import Mapping
from typing import Any

from harness.claims.paired import PairedEffect
from harness.claims.specification import Curve, Specification, curve
from harness.report.layout import Layout
from harness.report.number import ABSENT, plain, share
from harness.report.provenance import cost
from harness.report.results import Results
from harness.report.sheet import Part
from harness.studies import STUDIES

HEADER = (
    "claim", "choices", "its direction", "resolved for", "against", "single runs", "core-minutes",
    "replicates more", "core-minutes more",
)  # fmt: skip


def headline(study: str) -> tuple[tuple[str, PairedEffect], ...]:
    """The confirmatory claims of a study about two arms, with their rules."""
    claims = STUDIES[study].claims if study in STUDIES else ()
    return tuple(
        (claim.id, claim.rule)
        for claim in claims
        if claim.confirmatory and isinstance(claim.rule, PairedEffect)
    )


def curves(results: Results) -> list[Curve]:
    """The specification curve of each headline claim that has numbers."""
    found = [curve(name, rule, results.records) for name, rule in headline(results.study)]
    return [one for one in found if one.specifications]


def specifications(results: Results, layout: Layout) -> Part:
    """The part ``specifications`` of a study's table."""
    del layout
    verdicts = {line["id"]: line["verdict"] for line in results.claims}
    found = curves(results)
    return Part(
        name="specifications",
        caption="The headline claims under every choice of metric, condition, photograph and "
        "replicate: how many choices, the share of them with the claimed direction (single runs "
        "apart), how many of their 95 % intervals exclude 0 on either side, and the share of "
        "single runs with the claimed direction. Then core-minutes spent on the claim's own cells, "
        "and what would find the effect that was seen with 80 % power.",
        header=HEADER,
        labels=1,
        body=tuple(_row(one, results, verdicts.get(one.claim, {})) for one in found),
        tidy=tuple(_tidy(one, spec) for one in found for spec in one.specifications),
    )


def _row(one: Curve, results: Results, verdict: Mapping[str, Any]) -> tuple[str, ...]:
    runs = [spec for spec in one.specifications if spec.data == "one replicate"]
    minutes, replicates = spent(one, results)
    needed = verdict.get("replicates_needed")
    more = None if needed is None or not replicates else needed * minutes / replicates
    return (
        one.claim,
        str(len(one.specifications) - len(runs)),
        ABSENT if one.agree is None else share(one.agree, 1),
        str(one.resolved_for),
        str(one.resolved_against),
        ABSENT if one.one_run is None else share(one.one_run, 1),
        plain(minutes),
        ABSENT if needed is None else str(needed),
        plain(more),
    )


def spent(one: Curve, results: Results) -> tuple[float, int]:
    """Core-minutes of the cells that a claim's own tests read, and the most replicates of any."""
    cells = {cell for spec in one.specifications if spec.planned for cell in spec.cells}
    runs = [run for run in results.runs if run["cell_id"] in cells]
    own = Results(results.study, results.scale, (), runs)
    return cost(own).minutes, max((spec.n for spec in one.specifications), default=0)


def _tidy(one: Curve, spec: Specification) -> dict[str, Any]:
    return {
        "claim": one.claim,
        "metric": spec.metric,
        "condition": spec.condition,
        "data": spec.data,
        "left": spec.left,
        "unit": spec.unit,
        "effect": spec.effect,
        "low": spec.low,
        "high": spec.high,
        "n": spec.n,
        "agrees": spec.agrees,
        "planned": spec.planned,
        "cell_id": spec.cells[0],
        "cell_id_against": spec.cells[1],
    }
