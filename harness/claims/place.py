"""The place of a verdict: the data and the network of the rows that its rule reads, in words.

A study may hold cells of several data sets; a claim speaks of some of them. Its place is that of
the rows that its rule selects, arm and baseline at each condition, and of no others.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.claims.claim import Rule
from harness.claims.contrast import select
from harness.claims.fitted import Fits
from harness.claims.ordering import Ordering
from harness.claims.paired import Equivalence, PairedEffect
from harness.claims.ranking import Ranking
from harness.claims.switching import Switch
from harness.records.record import Record

LONGEST = 8  # values that a list is written out with; a longer one is told by its shape


def place(rule: Rule, rows: Sequence[Record], datasets: Mapping[str, str]) -> str:
    """Data set and network of the rows that a rule reads: ``photos (side 8), mlp``.

    datasets: in words, by cell. Where no cell has one, the factor ``dataset`` says it, if any does.
    """
    chosen = used(rule, rows)
    of = sorted({datasets[row.cell_id] for row in chosen if datasets.get(row.cell_id)})
    named = of or _levels(chosen, "dataset"), _levels(chosen, "network")
    return ", ".join(" and ".join(names) for names in named if names)


def used(rule: Rule, rows: Sequence[Record]) -> list[Record]:
    """The rows that a rule reads."""
    if isinstance(rule, PairedEffect | Equivalence):
        return [
            row
            for reading in rule.metrics
            for where in rule.conditions
            for arm in (rule.arm, rule.baseline)
            for row in select(rows, reading.metric, where, arm)
        ]
    if isinstance(rule, Fits | Switch):
        return [row for curve in rule.curves for row in curve.rows(rows)]
    if isinstance(rule, Ranking | Ordering):
        return rule.rows(rows)
    return [row for metric in rule.named()[0] for row in select(rows, metric, rule.where)]


def _levels(rows: Sequence[Record], factor: str) -> list[str]:
    return sorted({str(row.params[factor]) for row in rows if factor in row.params})


def named(dataset: Mapping[str, Any]) -> str:
    """A data set of a configuration in words: ``photos (channels 1, side 8)``.

    A list of more than ``LONGEST`` values is told by its shape: ``means 1×64``.
    """
    params = ", ".join(f"{key} {_short(x)}" for key, x in dataset.items() if key != "name")
    return f"{dataset['name']} ({params})" if params else str(dataset["name"])


def _short(value: Any) -> str:
    """A value as text; of a long list its shape, of a short one its values."""
    if not isinstance(value, list):
        return str(value)
    shape = [len(value)]
    first = value[0] if value else None
    while isinstance(first, list):
        shape.append(len(first))
        first = first[0] if first else None
    if len(shape) > 1 or shape[0] > LONGEST:
        return "×".join(str(length) for length in shape)
    return " and ".join(str(each) for each in value) or "none"
