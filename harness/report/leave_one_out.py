"""The effect on the held-out loss, leaving one photograph out in turn.

How much an effect hangs on one photograph is seen by leaving it out. With the loss L_(-p) without
p (``harness.claims.photographs``) the effect without p is the mean over replicates of
log L_(-p)(arm) - log L_(-p)(baseline).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from harness.claims.photographs import LOSS, by_photograph, photographs, shared, without
from harness.report.effect import against_of, pairs
from harness.report.layout import Layout
from harness.report.number import ABSENT, change, signed
from harness.report.results import Group, Results
from harness.report.setup import levels_of
from harness.report.sheet import Part
from harness.report.words import words


@final
@dataclass(frozen=True)
class LeftOut:
    """Log-ratios of the loss: with all photographs, and without each; n: pairs of replicates."""

    everything: float
    without: dict[str, float]
    n: int

    @property
    def keeps_sign(self) -> bool:
        """Whether no single photograph turns the effect round."""
        return all(value * self.everything > 0 for value in self.without.values())


def left_out(group: Group, other: Group) -> LeftOut | None:
    """The effect of a cell against another without each photograph; None without two of them."""
    arm, baseline = by_photograph(group.rows), by_photograph(other.rows)
    names, whole = sorted(photographs(arm, baseline)), shared(arm, baseline)
    if len(names) < 2 or not whole:
        return None

    def effect(absent: str | None) -> float:
        ratios = [
            math.log(without(arm[r], absent)) - math.log(without(baseline[r], absent))
            for r in whole
        ]
        return sum(ratios) / len(ratios)

    return LeftOut(effect(None), {name: effect(name) for name in names}, len(whole))


def leave_one_out(results: Results, layout: Layout) -> Part:
    """The part ``leave_one_out``: one row a cell, one column a photograph that is left out."""
    found = [(group, other, left_out(group, other)) for group, other in pairs(results, layout)]
    names = sorted({name for _, _, one in found if one for name in one.without})
    baseline = words(against_of(results, layout).baseline)
    body = []
    for group, _, one in found:
        labels = tuple(words(levels_of(results, group).get(factor)) for factor in layout.rows)
        body.append((*labels, *_texts(one, names)))
    tidy = [
        {
            **group.params,
            "against": other.params.get("arm"),
            "metric": LOSS,
            "unit": "log ratio",
            "left_out": name or "",
            "effect": value,
            "n": one.n,
            "cell_id": group.cell_id,
            "cell_id_against": other.cell_id,
        }
        for group, other, one in found
        if one
        for name, value in ((None, one.everything), *one.without.items())
    ]
    return Part(
        name="leave one out",
        caption=f"Held-out loss against {baseline} in per cent: with every photograph (all), and "
        "without the one that heads the column.",
        header=(*layout.rows, "all", *(words(name) for name in names), "sign kept"),
        labels=len(layout.rows),
        body=tuple(body),
        tidy=tuple(tidy),
        cells=tuple(group.cell_id for group, _, _ in found),
    )


def _texts(one: LeftOut | None, names: Sequence[str]) -> tuple[str, ...]:
    if one is None:
        return (ABSENT,) * (len(names) + 2)
    without = (one.without.get(name) for name in names)  # of data that hold such a photograph
    changes = [change(value) for value in (one.everything, *without)]
    return (*(signed(value, 2) for value in changes), "yes" if one.keeps_sign else "no")
