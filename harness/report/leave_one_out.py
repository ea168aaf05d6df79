"""The effect on the held-out loss, leaving one photograph out in turn.

An interval over replicates is conditional on the photographs. How much an effect hangs on one of
them is seen by leaving it out. With the mean loss L_q of the n_q held-out images of photograph q
(rows ``denoising_loss/<photograph>``), the loss without p is

    L_(-p) = sum_(q != p) n_q L_q / sum_(q != p) n_q,

and the effect without p is the mean over replicates of log L_(-p)(arm) - log L_(-p)(baseline).
With nothing left out, L is the held-out loss itself, the mean over all its images.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from harness.report.effect import against_of, pairs
from harness.report.layout import Layout
from harness.report.number import ABSENT, change, signed
from harness.report.results import Group, Results
from harness.report.sheet import Part
from harness.report.words import words

LOSS = "denoising_loss"
Sums = dict[str, tuple[float, int]]  # photograph: mean loss in nats, images


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
    arm, baseline = _by_photograph(group), _by_photograph(other)
    shared = sorted({*arm} & {*baseline}, key=str)
    photographs = sorted({name for sums in (*arm.values(), *baseline.values()) for name in sums})
    whole = [
        replicate
        for replicate in shared
        if all(set(side[replicate]) == set(photographs) for side in (arm, baseline))
    ]
    if len(photographs) < 2 or not whole:
        return None

    def effect(absent: str | None) -> float:
        ratios = [
            math.log(_loss(arm[r], absent)) - math.log(_loss(baseline[r], absent)) for r in whole
        ]
        return sum(ratios) / len(ratios)

    return LeftOut(effect(None), {name: effect(name) for name in photographs}, len(whole))


def _by_photograph(group: Group) -> dict[int | None, Sums]:
    """Mean loss and image count of each photograph, by replicate."""
    sums: dict[int | None, Sums] = {}
    for row in group.rows:
        loss, _, photograph = row.metric.partition("/")
        if loss == LOSS and photograph and row.value is not None and row.n:
            sums.setdefault(row.replicate, {})[photograph] = (row.value, row.n)
    return sums


def _loss(sums: Sums, absent: str | None) -> float:
    """The mean loss over the images of all photographs but one."""
    kept = [pair for photograph, pair in sums.items() if photograph != absent]
    return sum(loss * n for loss, n in kept) / sum(n for _, n in kept)


def leave_one_out(results: Results, layout: Layout) -> Part:
    """The part ``leave_one_out``: one row a cell, one column a photograph that is left out."""
    found = [(group, other, left_out(group, other)) for group, other in pairs(results, layout)]
    names = sorted({name for _, _, one in found if one for name in one.without})
    baseline = words(against_of(results, layout).baseline)
    body = []
    for group, _, one in found:
        labels = tuple(words(group.params.get(factor)) for factor in layout.rows)
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
